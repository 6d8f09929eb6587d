"""Mail that can be trusted: who vouched for a sender, what is held back, what came back, originals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
    )
    op.create_index("ix_files_case_id", "files", ["case_id"])
    op.create_table(
        "held_mails",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_held_mails"),
    )
    op.create_index("ix_held_mails_slug", "held_mails", ["slug", "state"])
    op.create_table(
        "mail_traffic",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("address_mac", sa.LargeBinary(), nullable=True),
        sa.Column("network_mac", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mail_traffic"),
    )
    op.create_index("ix_mail_traffic_at", "mail_traffic", ["at"])
    op.add_column("blobs", sa.Column("original", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("trust", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("origin", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("origin", sa.BigInteger(), nullable=True))
    bounces = sa.Column("bounces", sa.Integer(), server_default="0", nullable=False)
    op.add_column("participants", bounces)
