"""One writer task, group commit.

    submit(point, change) ──> queue ──> [change, change, …] ──> COMMIT ──> every future resolves

Changes run in the order in which they were submitted.  While one commit is on its way to
the disk the next changes gather, so that many callers share one fsync.  A change that
fails fails alone: the group is rolled back and its changes run again one by one; a change
must therefore have no effect outside its connection, and (see `runners`) be safe to run in a
thread beside the event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.errors import Retry
from bridge.ledger.runners import runner_for
from bridge.points import Point, Probe, quiet

T = TypeVar("T")


class Unreachable(Retry):
    """The database could not take it now.  Where a connection broke during the COMMIT, the change
    may nevertheless be stored: who asks again must be able to stand that."""


_PASSING = ("08", "25", "40", "53", "55", "57", "58")
"""SQLSTATE classes that pass: connection, read-only, serialisation, resources, locks, shutdown, disk
(PostgreSQL, appendix A)."""
GROUP = 64  # changes in one commit at most: bounds the time a caller waits for the others


@dataclass(slots=True)
class _Job:
    point: Point
    change: Callable[[sa.Connection], Any]
    future: asyncio.Future[Any]


class Writer:
    """The only path to the database.  `write` and `submit` commit, `read` does not."""

    def __init__(self, engine: AsyncEngine, probe: Probe = quiet) -> None:
        self._runner = runner_for(engine)
        self._probe = probe
        self._queue: deque[_Job] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopped = False
        self._task: asyncio.Task[None] | None = None
        self.commits = 0
        self.changes = 0

    def start(self) -> None:
        """Begin to commit; call it inside the running loop."""
        self._task = asyncio.create_task(self._run(), name="ledger-writer")

    async def stop(self) -> None:
        """Commit what was submitted, then end."""
        self._stopped = True
        if self._task is not None:
            await self._idle.wait()
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        await self._runner.close()

    def submit(self, point: Point, change: Callable[[sa.Connection], T]) -> asyncio.Future[T]:
        """Queue `change`; the future resolves with its result after the COMMIT.

        The future raises what the change raised, or `Unreachable` when the database could not
        take it (locked, full, read-only, connection lost) or the writer has been stopped.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._stopped:
            future.set_exception(Unreachable("the ledger is closed"))
            return future
        self._queue.append(_Job(point, change, future))
        self._idle.clear()
        self._wake.set()
        return future

    async def write(self, point: Point, change: Callable[[sa.Connection], T]) -> T:
        """Like `submit`, awaited.  A caller that is cancelled does not undo the change."""
        future = self.submit(point, change)
        future.add_done_callback(_seen)
        return await asyncio.shield(future)

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Run `query` on a connection of its own and roll back.  Raises `Unreachable` as above."""
        try:
            return await self._runner.read(query)
        except (DBAPIError, PoolTimeout, OSError) as e:
            raise _fate(e) from e

    async def checkpoint(self) -> bool:
        """What was overwritten is gone from the disk too, as far as the database is a file of ours.

        False: somebody reads at this moment; to be asked again.  Raises `Unreachable` as above.
        """
        try:
            return await self._runner.checkpoint()
        except (sqlite3.Error, DBAPIError, OSError) as e:
            raise Unreachable("the database cannot be written at the moment") from e

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                group = [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]
                if not await self._commit(group) and len(group) > 1:
                    for job in group:
                        await self._commit([job])
            self._idle.set()

    async def _commit(self, group: list[_Job]) -> bool:
        """One transaction.  False when a group of several failed: the caller splits it."""
        results: list[Any] = []

        points = list(dict.fromkeys(job.point for job in group))

        def work(conn: sa.Connection) -> None:
            for job in group:
                results.append(job.change(conn))
            for point in points:
                self._probe(point, "before")

        try:
            await self._runner.write(work)
        except Exception as e:  # noqa: BLE001 - handed to the one who asked
            if len(group) == 1:
                _fail(group[0], _fate(e))
            return False
        self.commits += 1
        self.changes += len(group)
        self._tell(group, results, points)
        return True

    def _tell(self, group: list[_Job], results: list[Any], points: list[Point]) -> None:
        try:
            for point in points:
                self._probe(point, "after")
        except Exception as e:  # noqa: BLE001 - committed, but nobody learns of it: as after a crash
            for job in group:
                _fail(job, e)
            return
        for job, result in zip(group, results, strict=True):
            if not job.future.cancelled():
                job.future.set_result(result)


def _seen(future: asyncio.Future[Any]) -> None:
    """An error whose caller was cancelled is nobody's any more: asyncio need not complain of it."""
    if not future.cancelled():
        future.exception()


def _fail(job: _Job, error: Exception) -> None:
    if not job.future.cancelled():
        job.future.set_exception(error)


def _fate(error: Exception) -> Exception:
    """A database that cannot take it now is a `Retry`; everything else stays what it is."""
    if isinstance(error, OSError | PoolTimeout) or (isinstance(error, DBAPIError) and _passing(error)):
        return Unreachable("the database cannot be reached or written at the moment")
    return error


def _passing(error: DBAPIError) -> bool:
    """Whether the database, and not the statement, is what failed."""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state[:2] in _PASSING
    wrong = getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR
    return isinstance(error, OperationalError) and not wrong
