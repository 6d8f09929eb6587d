"""The door to what the machine remembers, and its twin in memory.

A `Changes` collects rows to write and to delete; a store applies it in one commit, in the
order in which commits were submitted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar, cast

from bridge.channel import Also
from bridge.e2ee.rows import Row
from bridge.points import Point, Probe, quiet

R = TypeVar("R", bound=Row)
Key = tuple[str | int, ...]
Wanted = str | int | bool | Sequence[str]


class Changes:
    """Rows to put and to drop; the last word on a row counts.

    `base` are earlier changes of the same commit, which `load_one` sees too.
    """

    def __init__(self, base: Changes | None = None) -> None:
        self._base = base
        self._rows: dict[tuple[type[Row], Key], Row | None] = {}

    def put(self, *rows: Row) -> None:
        """Insert or replace these rows."""
        for row in rows:
            self._rows[type(row), row.key] = row

    def drop(self, *rows: Row) -> None:
        """Delete these rows, whether or not they are there."""
        for row in rows:
            self._rows[type(row), row.key] = None

    def merge(self, other: Changes) -> None:
        """Take over what `other` collected later."""
        self._rows.update(other._rows)

    async def load_one(self, store: CryptoStore, row: R) -> R | None:
        """The row of the same key as `row`, as it will be after this commit so far."""
        at = (type(row), row.key)
        if at in self._rows:
            return cast(R | None, self._rows[at])
        if self._base is not None:
            return await self._base.load_one(store, row)
        where = {name: getattr(row, name) for name in row.KEY}
        return next(iter(await store.load(type(row), **where)), None)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def puts(self) -> Iterator[tuple[type[Row], list[Row]]]:
        """The rows to put, kind by kind."""
        kinds: dict[type[Row], list[Row]] = {}
        for (kind, _), row in self._rows.items():
            if row is not None:
                kinds.setdefault(kind, []).append(row)
        yield from kinds.items()

    def drops(self) -> Iterator[tuple[type[Row], Key]]:
        """Kind and key of the rows to delete."""
        yield from (at for at, row in self._rows.items() if row is None)


class CryptoStore(Protocol):
    """Durable rows of one device."""

    def submit(self, point: Point, changes: Changes, also: Also | None = None) -> asyncio.Future[None]:
        """Queue one commit of `changes` and `also`, in the order of the calls.

        The future resolves after the commit, or raises what `also` raised or `Retry`; then nothing of
        it was stored.  `changes` must not be altered afterwards.
        """
        ...

    async def commit(self, point: Point, changes: Changes, also: Also | None = None) -> None:
        """`submit`, awaited; a cancelled caller does not undo it."""
        ...

    async def load(self, kind: type[R], **where: Wanted) -> list[R]:
        """The rows of `kind` whose fields equal `where` (a sequence: any of its members).

        Sees every commit whose future has resolved.
        """
        ...


class MemoryStore:
    """A `CryptoStore` of dictionaries, for tests.  Survives the machine that wrote it."""

    def __init__(self, probe: Probe = quiet) -> None:
        self.probe = probe
        self.rows: dict[type[Row], dict[Key, Row]] = {}
        self.commits: list[Point] = []
        self.loads = 0

    def submit(self, point: Point, changes: Changes, also: Also | None = None) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            if also is not None:
                also(None)
            self.probe(point, "before")
            self._apply(changes)
            self.commits.append(point)
            self.probe(point, "after")
        except Exception as error:  # noqa: BLE001 - handed to the one who asked
            future.set_exception(error)
        else:
            future.set_result(None)
        return future

    async def commit(self, point: Point, changes: Changes, also: Also | None = None) -> None:
        await self.submit(point, changes, also)

    async def load(self, kind: type[R], **where: Wanted) -> list[R]:
        self.loads += 1
        rows = cast(Iterable[R], self.rows.get(kind, {}).values())
        return [row for row in rows if all(_fits(getattr(row, name), value) for name, value in where.items())]

    def _apply(self, changes: Changes) -> None:
        for kind, rows in changes.puts():
            self.rows.setdefault(kind, {}).update((row.key, row) for row in rows)
        for kind, key in changes.drops():
            self.rows.get(kind, {}).pop(key, None)


def _fits(value: object, wanted: Wanted) -> bool:
    return value == wanted if isinstance(wanted, str | int) else value in wanted
