"""How a transaction is run: on PostgreSQL statement by statement, on SQLite as a whole in a thread.

With SQLite every awaited statement costs several hops between two threads, more than the
statement itself; so a whole transaction is one hop, on a plain engine of its own.  What runs
in a transaction must therefore be safe to run beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.ledger.engine import WRITES, prepare_sqlite

T = TypeVar("T")
_READERS = 3


class Runner(Protocol):
    """Runs transactions; raises what the work or the database raises."""

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Begin, run `work`, commit."""
        ...

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Run `query` on a connection of its own and roll back."""
        ...

    async def checkpoint(self) -> bool:
        """Nothing of what was overwritten is left beside the database; False: somebody reads still."""
        ...

    async def close(self) -> None: ...


class Awaiting:
    """For PostgreSQL: on the asynchronous engine itself."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**WRITES)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        async with self._writing.begin() as conn:
            return await conn.run_sync(work)

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        async with self._engine.connect() as conn:
            return await conn.run_sync(query)

    async def checkpoint(self) -> bool:
        """The server's own log is its operator's."""
        return True

    async def close(self) -> None:
        """The engine belongs to whoever opened it."""


class Threads:
    """For SQLite: one thread writes, few read."""

    def __init__(self, engine: AsyncEngine) -> None:
        url = engine.url.set(drivername="sqlite+pysqlite")
        self._engine = prepare_sqlite(sa.create_engine(url, pool_size=_READERS + 1, max_overflow=0))
        self._writing = self._engine.execution_options(**WRITES)
        self._writer = ThreadPoolExecutor(1, "ledger-write")
        self._readers = ThreadPoolExecutor(_READERS, "ledger-read")

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        def transact() -> T:
            with self._writing.begin() as conn:
                return work(conn)

        return await asyncio.get_running_loop().run_in_executor(self._writer, transact)

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        def look() -> T:
            with self._engine.connect() as conn:
                return query(conn)

        return await asyncio.get_running_loop().run_in_executor(self._readers, look)

    async def checkpoint(self) -> bool:
        """The write-ahead log goes into the database and is cut to nothing."""

        def cut() -> bool:
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                (busy, *_) = cursor.fetchone() or (1,)
                cursor.close()
            finally:
                connection.close()
            return not busy

        return await asyncio.get_running_loop().run_in_executor(self._writer, cut)

    async def close(self) -> None:
        def end() -> None:
            self._writer.shutdown()
            self._readers.shutdown()
            self._engine.dispose()

        await asyncio.to_thread(end)


def runner_for(engine: AsyncEngine) -> Runner:
    """The runner for the engine's database."""
    return Threads(engine) if engine.dialect.name == "sqlite" else Awaiting(engine)
