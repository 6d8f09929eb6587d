"""Opening a database: SQLite durable in WAL, or PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bridge.errors import Refuse

WRITES = {"folkmoot_writes": True}
"""Execution options of a transaction that writes."""


def open_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite://` or `postgresql+asyncpg://`.

    SQLite: WAL with `synchronous=FULL` (a commit survives a power cut), `secure_delete` (what
    is forgotten is overwritten), and BEGIN IMMEDIATE where the options `WRITES` are set: a
    transaction that reads first could not become a writing one while another process writes.
    """
    if not sa.make_url(url).drivername.startswith("sqlite"):
        try:
            return create_async_engine(url, pool_size=8, max_overflow=0, pool_pre_ping=True)
        except ModuleNotFoundError as missing:
            raise Refuse(
                f"database: PostgreSQL needs {missing.name}, which is not installed: "
                "pip install '.[postgres]' in the checkout"
            ) from None
    engine = create_async_engine(url, pool_size=6, max_overflow=0)
    prepare_sqlite(engine.sync_engine)
    return engine


def prepare_sqlite(engine: sa.Engine) -> sa.Engine:
    """Every connection of `engine` durable, every transaction begun as `open_engine` says."""

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions behind our back
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
            "busy_timeout=5000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("folkmoot_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
