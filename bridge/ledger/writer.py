"""One writer task, group commit.

    submit(point, change) ──> queue ──> [change, change, …] ──> COMMIT ──> every future resolves

Changes run in the order in which they were submitted.  While one commit is on its way to
the disk the next changes gather, so that many callers share one fsync.  A change that
fails fails alone: the group is rolled back and its changes run again one by one; a change
must therefore have no effect outside its connection.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.errors import Retry
from bridge.points import Point, Probe, quiet

T = TypeVar("T")
GROUP = 64  # changes in one commit at most: bounds the time a caller waits for the others


@dataclass(slots=True)
class _Job:
    point: Point
    change: Callable[[sa.Connection], Any]
    future: asyncio.Future[Any]


class Writer:
    """The only path to the database.  `write` and `submit` commit, `read` does not."""

    def __init__(self, engine: AsyncEngine, probe: Probe = quiet) -> None:
        self._engine = engine
        self._probe = probe
        self._queue: deque[_Job] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.commits = 0
        self.changes = 0

    def start(self) -> None:
        """Begin to commit; call it inside the running loop."""
        self._task = asyncio.create_task(self._run(), name="ledger-writer")

    async def stop(self) -> None:
        """Commit what was submitted, then end."""
        if self._task is None:
            return
        while self._queue:
            await asyncio.wait([self._queue[-1].future])
        self._task.cancel()
        await asyncio.wait([self._task])
        self._task = None

    def submit(self, point: Point, change: Callable[[sa.Connection], T]) -> asyncio.Future[T]:
        """Queue `change`; the future resolves with its result after the COMMIT.

        The future raises what the change raised, or `Retry` when the database could not
        take it (locked, full, read-only, connection lost).
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Job(point, change, future))
        self._wake.set()
        return future

    async def write(self, point: Point, change: Callable[[sa.Connection], T]) -> T:
        """Like `submit`, awaited.  A caller that is cancelled does not undo the change."""
        return await asyncio.shield(self.submit(point, change))

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Run `query` on a connection of its own and roll back.  Raises `Retry` as above."""
        try:
            async with self._engine.connect() as conn:
                return await conn.run_sync(query)
        except DBAPIError as e:
            raise _fate(e) from e

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                group = [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]
                if not await self._commit(group) and len(group) > 1:
                    for job in group:
                        await self._commit([job])

    async def _commit(self, group: list[_Job]) -> bool:
        """One transaction.  False when a group of several failed: the caller splits it."""
        results: list[Any] = []

        def work(conn: sa.Connection) -> None:
            for job in group:
                results.append(job.change(conn))

        points = list(dict.fromkeys(job.point for job in group))
        try:
            async with self._engine.begin() as conn:
                await conn.run_sync(work)
                for point in points:
                    self._probe(point, "before")
        except Exception as e:  # noqa: BLE001 - handed to the one who asked
            if len(group) == 1:
                error = _fate(e) if isinstance(e, DBAPIError) else e
                if not group[0].future.cancelled():
                    group[0].future.set_exception(error)
            return False
        self.commits += 1
        self.changes += len(group)
        for point in points:
            self._probe(point, "after")
        for job, result in zip(group, results, strict=True):
            if not job.future.cancelled():
                job.future.set_result(result)
        return True


def _fate(error: DBAPIError) -> Exception:
    """A database that cannot take it now is a `Retry`; a wrong statement stays what it is."""
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return Retry("the database cannot be reached or written at the moment")
    return error
