"""Mailings: what waits for a yes, which rows of the outbox belong to one, and who wants none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "mailings",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mailings"),
    )
    op.create_index("ix_mailings_event_id", "mailings", ["event_id"])
    op.create_index("ix_mailings_slug", "mailings", ["slug", "code"])
    op.add_column("outbox", sa.Column("mailing", sa.BigInteger(), nullable=True))
    op.create_index("ix_outbox_mailing", "outbox", ["mailing"])
    none: sa.Column[bool] = sa.Column("no_mailings", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("participants", none)
    op.add_column("participants", sa.Column("leave_mac", sa.LargeBinary(), nullable=True))
    op.create_index("ix_participants_leave_mac", "participants", ["leave_mac"], unique=True)
