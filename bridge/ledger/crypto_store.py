"""The crypto store on the ledger's writer: a row of the machine is a row of its table."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from bridge.channel import Also
from bridge.e2ee.rows import Row
from bridge.e2ee.store import Changes, Key, Wanted
from bridge.ledger.crypto_tables import TABLES
from bridge.ledger.sql import upsert
from bridge.ledger.writer import Writer
from bridge.points import Point

R = TypeVar("R", bound=Row)
_PART = 500  # rows of one statement


class SqlCryptoStore:
    """A `bridge.e2ee.store.CryptoStore` for the device of `owner`, the bot's Matrix user ID."""

    def __init__(self, writer: Writer, owner: str) -> None:
        self._writer = writer
        self._owner = owner

    def submit(self, point: Point, changes: Changes, also: Also | None = None) -> asyncio.Future[None]:
        puts = [(TABLES[kind], [self._values(row) for row in rows]) for kind, rows in changes.puts()]
        drops = [self._at(kind, key) for kind, key in changes.drops()]

        def change(conn: sa.Connection) -> None:
            for table, rows in puts:
                for start in range(0, len(rows), _PART):
                    upsert(conn, table, rows[start : start + _PART])
            for table, where in drops:
                conn.execute(sa.delete(table).where(*where))
            if also is not None:
                also(conn)

        return self._writer.submit(point, change)

    async def commit(self, point: Point, changes: Changes, also: Also | None = None) -> None:
        await asyncio.shield(self.submit(point, changes, also))

    async def load(self, kind: type[R], **where: Wanted) -> list[R]:
        table = TABLES[kind]
        names = [field.name for field in dataclasses.fields(kind)]
        query = sa.select(*(table.c[name] for name in names)).where(table.c.owner == self._owner)
        for name, wanted in where.items():
            query = query.where(_fits(table.c[name], wanted))

        def read(conn: sa.Connection) -> Sequence[sa.Row[Any]]:
            return conn.execute(query).all()

        make = cast(Callable[..., R], kind)
        return [make(*row) for row in await self._writer.read(read)]

    def _values(self, row: Row) -> dict[str, Any]:
        values = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
        return {"owner": self._owner, **values}

    def _at(self, kind: type[Row], key: Key) -> tuple[sa.Table, list[sa.ColumnElement[bool]]]:
        table = TABLES[kind]
        where = [table.c[name] == value for name, value in zip(kind.KEY, key, strict=True)]
        return table, [table.c.owner == self._owner, *where]


def _fits(column: sa.Column[Any], wanted: Wanted) -> sa.ColumnElement[bool]:
    if isinstance(wanted, str | int):
        return column == wanted
    return column.in_(list(wanted))
