"""One process at a time drives a database: two would use a ratchet twice.

SQLite: a lock on a file beside the database; PostgreSQL: an advisory lock on a connection
of its own.  Both end with the process, however it ends, so a restart never waits.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bridge.errors import Refuse

_NAME = 0x666F6C6B  # "folk": the advisory lock's number


class Lease:
    """Held from `take` until `release` or the end of the process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._file: int | None = None
        self._conn: AsyncConnection | None = None

    async def take(self) -> None:
        """Raises `Refuse` when another process holds it."""
        if not await self._taken():
            raise Refuse("another Folkmoot process drives this database; stop it first")

    async def _taken(self) -> bool:
        if self._engine.dialect.name == "sqlite":
            return self._lock_file(f"{self._engine.url.database}.lock")
        self._conn = await self._engine.connect()
        taken = bool(await self._conn.scalar(sa.select(sa.func.pg_try_advisory_lock(_NAME))))
        await self._conn.commit()
        if not taken:
            await self._conn.close()
            self._conn = None
        return taken

    def _lock_file(self, path: str) -> bool:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            self._file = None
            return False
        return True

    async def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._conn is not None:
            try:  # the lock belongs to the server's session, which goes back into the pool
                await self._conn.execute(sa.select(sa.func.pg_advisory_unlock(_NAME)))
                await self._conn.commit()
            except DBAPIError:  # a session that is gone holds nothing
                await self._conn.invalidate()
            await self._conn.close()
            self._conn = None

    async def is_free(self) -> bool:
        """Whether nobody holds it; takes and gives it back at once."""
        taken = await self._taken()
        await self.release()
        return taken
