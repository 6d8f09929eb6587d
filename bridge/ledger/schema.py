"""The schema's version: migrated at start, never backwards, refused when it is newer than we are."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.errors import Refuse


def config(conn: sa.Connection | None = None) -> Config:
    """Alembic's configuration: our steps, on `conn`."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = conn
    return made


def expected() -> str:
    """The version this program works with."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def found(conn: sa.Connection) -> str | None:
    """The version of the database, None when it is empty."""
    return MigrationContext.configure(conn).get_current_revision()


async def migrate(engine: AsyncEngine) -> str | None:
    """Bring the database to `expected()`; the version it had before.

    Raises `Refuse` when a newer program has written it.
    """

    def work(conn: sa.Connection) -> str | None:
        before = found(conn)
        known = {s.revision for s in ScriptDirectory.from_config(config()).walk_revisions()}
        if before is not None and before not in known:
            raise Refuse(
                f"the database has schema {before}, this program knows {expected()}: "
                "a newer Folkmoot has used it; install that version again"
            )
        if before != expected():
            command.upgrade(config(conn), "head")
        return before

    async with engine.begin() as conn:
        return await conn.run_sync(work)
