"""Forms: answers on their way, citizens' pages, how an answer reaches somebody, how long a case is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _drafts()
    _pages()
    op.add_column("acknowledgements", sa.Column("source", sa.Text(), server_default="email", nullable=False))
    op.add_column("cases", sa.Column("page_id", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("closed_at", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("retention_days", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("kind", sa.Text(), server_default="words", nullable=False))
    op.add_column("participants", sa.Column("reach", sa.Text(), server_default="mail", nullable=False))
    op.execute("UPDATE messages SET kind = 'reply' WHERE NOT inward")
    _edits()


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=True),
        sa.Column("sent", sa.Text(), nullable=True),
        sa.Column("page", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.UniqueConstraint("code_mac", name="uq_drafts_code_mac"),
        sa.UniqueConstraint("mac", name="uq_drafts_mac"),
    )
    op.create_index("ix_drafts_touched", "drafts", ["touched"])
    op.create_table(
        "draft_files",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("info", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft_files"),
    )
    op.create_index("ix_draft_files_draft_id", "draft_files", ["draft_id"])


def _pages() -> None:
    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("confirm_mac", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("arrival", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("letter", sa.BigInteger(), nullable=True),
        sa.Column("letter_state", sa.Text(), nullable=False),
        sa.Column("letter_at", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
        sa.UniqueConstraint("confirm_mac", name="uq_pages_confirm_mac"),
        sa.UniqueConstraint("mac", name="uq_pages_mac"),
    )
    op.create_index("ix_pages_case_id", "pages", ["case_id"])
    op.create_index("ix_pages_form", "pages", ["form"])


def _edits() -> None:
    """Edits of head lines were not remembered as events; whoever is forgotten has them redacted too."""
    op.execute(
        "INSERT INTO events (event_id, room_id, case_id, kind, sender, ts, threaded) "
        "SELECT event_id, room, case_id, 'head', '', done_at, TRUE FROM outbox "
        "WHERE kind = 'head' AND state = 'done' AND event_id IS NOT NULL AND case_id IS NOT NULL "
        "AND event_id NOT IN (SELECT event_id FROM events)"
    )
