"""The tables of the forms: answers on their way, and the pages on which citizens see their cases."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.ledger.metadata import metadata
from bridge.ledger.tables import Id, Ms, Sealed

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("mac", Sealed, nullable=False, unique=True),  # a keyed digest of the token
    sa.Column("code_mac", Sealed, nullable=True, unique=True),  # of the code that opens it once
    sa.Column("wrapped_key", Sealed, nullable=True),  # NULL: sent
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("data", Sealed, nullable=True),  # values, and the questions that were passed
    sa.Column("created", Ms, nullable=False),
    sa.Column("touched", Ms, nullable=False, index=True),
    sa.Column("kept", sa.Boolean, nullable=False),  # saved to come back to
    sa.Column("changes", Id, nullable=True),  # the page whose answers it changes
    sa.Column("sent", sa.Text, nullable=True),  # the reference under which it was sent
    sa.Column("page", Id, nullable=True),  # the page that came of it
)

draft_files = sa.Table(
    "draft_files",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("draft_id", Id, nullable=False, index=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("file", sa.Text, nullable=False),  # sealed piece by piece: see `pieces`
    sa.Column("info", Sealed, nullable=False),  # question, name, type, digest, and the file's key
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("mac", Sealed, nullable=True, unique=True),  # of the token; NULL: forgotten
    sa.Column("turn", sa.Integer, nullable=False),  # how often the token was revoked
    sa.Column("confirm_mac", Sealed, nullable=True, unique=True),  # of the token in the mail
    sa.Column("confirmed", sa.Boolean, nullable=False),  # the address was shown to be theirs
    sa.Column("arrival", sa.Text, nullable=False),  # the key of the submission in the inbox
    sa.Column("form", sa.Text, nullable=False, index=True),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("created", Ms, nullable=False),
    sa.Column("case_id", Id, nullable=True, index=True),
    sa.Column("letter", Id, nullable=True),  # the outbox row of the newest letter that was written for it
    sa.Column("letter_state", sa.Text, nullable=False),  # "" | waiting | sent | failed
    sa.Column("letter_at", Ms, nullable=False),
    sa.Column("wrapped_key", Sealed, nullable=True),  # NULL: forgotten
    sa.Column("data", Sealed, nullable=True),  # address, title, receipt, values
)
