"""The table of mailings: a text that waits for somebody's yes, and for whom it was meant."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.ledger.metadata import metadata
from bridge.ledger.tables import Id, Ms, Sealed

mailings = sa.Table(
    "mailings",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("room_id", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False, index=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting | sent | dropped
    sa.Column("at", Ms, nullable=False),
    sa.Column("cases", sa.JSON, nullable=False),  # their IDs, in order
    sa.Column("content", Sealed, nullable=True),  # text, HTML, names, signature; NULL: it does not wait
    sa.Index("ix_mailings_slug", "slug", "code"),
)
