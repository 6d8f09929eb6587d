"""Drafts the next migration: `python -m tests.ledger.new_migration 0002 "What changes"`.

The draft compares the tables with a database on which the present migrations have run; read it, and
mend it by hand where a rename or a move of data is meant, before it is committed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile

import sqlalchemy as sa
from alembic import command

from bridge.ledger import schema
from bridge.ledger.engine import open_engine


async def draft(number: str, message: str) -> None:
    """Write bridge/ledger/migrations/versions/NUMBER_….py."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite+aiosqlite:///{folder}/draft.db")
        await schema.migrate(engine)

        def work(conn: sa.Connection) -> None:
            command.revision(schema.config(conn), message=message, rev_id=number, autogenerate=True)

        async with engine.begin() as conn:
            await conn.run_sync(work)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(draft(sys.argv[1], sys.argv[2]))
