"""Answers on their way: sealed under a key of their own, every step one small commit.

The key lies wrapped in the row and goes when the draft is sent or has become too old; its files go
with it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from bridge.errors import Broken
from bridge.formstore import DRAFT_HOURS, KEPT_DAYS, Draft, DraftFile, Sink, Values
from bridge.ledger import streams, tokens
from bridge.ledger.files import Files
from bridge.ledger.keys import Keys
from bridge.ledger.page_tables import draft_files, drafts
from bridge.ledger.streams import Incoming
from bridge.ledger.tables import DAY_MS
from bridge.ledger.writer import Unreachable, Writer
from bridge.points import Point
from bridge.vault import Key

T = TypeVar("T")
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What the store of the pages shares with the rest of the ledger; `now` in ms since 1970."""

    writer: Writer
    keys: Keys
    files: Files
    ids: Callable[[], int]
    now: Callable[[], int]


def too_old(now: int) -> sa.ColumnElement[bool]:
    """Whether nobody has touched a draft for too long."""
    return sa.or_(
        sa.and_(drafts.c.kept, drafts.c.touched < now - KEPT_DAYS * DAY_MS),
        sa.and_(sa.not_(drafts.c.kept), drafts.c.touched < now - DRAFT_HOURS * _HOUR_MS),
    )


def drop(conn: sa.Connection, which: sa.ColumnElement[bool]) -> list[str]:
    """Forget these drafts and their files; the names of what lies on the disk."""
    mine = sa.select(drafts.c.id).where(which)
    names = drop_files(conn, draft_files.c.draft_id.in_(mine))
    conn.execute(sa.delete(drafts).where(which))
    return names


def drop_files(conn: sa.Connection, which: sa.ColumnElement[bool]) -> list[str]:
    """Forget these files of drafts; the names of what lies on the disk."""
    names = list(conn.execute(sa.select(draft_files.c.file).where(which)).scalars())
    conn.execute(sa.delete(draft_files).where(which))
    return names


def end(conn: sa.Connection, draft: int, reference: str, page: int, now: int) -> list[str]:
    """The draft was sent: only where it led to is left.  The names of its files on the disk."""
    values = {"sent": reference, "page": page, "touched": now, "data": None, "wrapped_key": None}
    conn.execute(sa.update(drafts).where(drafts.c.id == draft).values(**values))
    return drop_files(conn, draft_files.c.draft_id == draft)


class _Sink:
    """Implements `bridge.formstore.Sink`."""

    def __init__(self, parts: Parts, draft: int, file: Incoming) -> None:
        self._parts, self._draft, self._file = parts, draft, file

    async def write(self, data: bytes) -> None:
        await self._file.write(data)

    async def keep(self, question: str, name: str, mime: str) -> DraftFile:
        await self._file.end()
        incoming, row = self._file, self._parts.ids()
        info = {
            "question": question,
            "name": name,
            "mime": mime,
            "digest": incoming.digest,
            "key": incoming.key.hex(),
        }

        def work(conn: sa.Connection) -> None:
            key = _key(conn, self._parts.keys, self._draft)
            sealed = key.seal(json.dumps(info).encode(), f"draft_files/{row}/info")
            values = {"id": row, "draft_id": self._draft, "size": incoming.size, "file": incoming.name}
            conn.execute(sa.insert(draft_files), {**values, "info": sealed})
            _touch(conn, self._draft, self._parts.now())

        incoming.wanted = True
        try:
            await self._parts.writer.write(Point.PAGES, work)
        except Unreachable:  # perhaps it is stored after all; else the next start sweeps the file
            raise
        except Exception:
            incoming.wanted = False
            raise
        return DraftFile(row, question, name, mime, incoming.size, incoming.digest)


class Drafts:
    """The half of `bridge.formstore.Store` that keeps drafts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def id(self) -> int:
        return self._parts.ids()

    async def _write(self, work: Callable[[sa.Connection], T]) -> T:
        return await self._parts.writer.write(Point.PAGES, work)

    async def begin(self, form: str, language: str, *, changes: int | None = None, values: Values) -> str:
        """The answers of a draft that changes a page were all passed once."""
        token, row, now = tokens.new_token(), self._parts.ids(), self._parts.now()
        key, wrapped = self._parts.keys.new()
        seen = [] if changes is None else list(dict.fromkeys(name.partition("--")[0] for name in values))
        stored = {
            "id": row,
            "mac": self._parts.keys.draft_mac(token),
            "wrapped_key": wrapped,
            "form": form,
            "language": language,
            "data": _sealed(key, row, values, seen),
            "created": now,
            "touched": now,
            "kept": False,
            "changes": changes,
        }
        await self._write(lambda conn: conn.execute(sa.insert(drafts), stored))
        return token

    async def draft(self, token: str) -> Draft | None:
        return await self._parts.writer.read(
            lambda conn: self._found(conn, drafts.c.mac == self._parts.keys.draft_mac(token))
        )

    def _found(self, conn: sa.Connection, which: sa.ColumnElement[bool]) -> Draft | None:
        living = sa.not_(too_old(self._parts.now()))
        row = conn.execute(sa.select(drafts).where(which, living)).one_or_none()
        if row is None:
            return None
        values, seen, files = _opened(conn, self._parts.keys, row)
        return Draft(
            id=row.id,
            form=row.form,
            language=row.language,
            values=values,
            seen=seen,
            files=files,
            created=row.created,
            touched=row.touched,
            kept=row.kept,
            changes=row.changes,
            sent=row.sent,
            page=row.page,
        )

    async def save(self, draft: int, values: Values, seen: Sequence[str], language: str) -> None:
        """Raises `Broken` when it was sent or is gone."""

        def work(conn: sa.Connection) -> None:
            data = _sealed(_key(conn, self._parts.keys, draft), draft, values, seen)
            mine = sa.update(drafts).where(drafts.c.id == draft)
            conn.execute(mine.values(data=data, language=language, touched=self._parts.now()))

        await self._write(work)

    @asynccontextmanager
    async def receive(self, draft: int) -> AsyncIterator[Sink]:
        async with streams.incoming(self._parts.files) as file:
            yield _Sink(self._parts, draft, file)

    async def drop_file(self, draft: int, file: int) -> None:
        which = sa.and_(draft_files.c.draft_id == draft, draft_files.c.id == file)
        self._parts.files.discard(await self._write(lambda conn: drop_files(conn, which)))

    async def read_file(self, draft: int, file: int) -> bytes:
        """Raises `Broken` when it is gone, or is not what was sealed."""

        def query(conn: sa.Connection) -> tuple[str, bytes]:
            row = conn.execute(
                sa.select(draft_files).where(draft_files.c.draft_id == draft, draft_files.c.id == file)
            ).one_or_none()
            if row is None:
                raise Broken("a file of a draft is gone")
            info = _info(_key(conn, self._parts.keys, draft), row)
            return row.file, bytes.fromhex(info["key"])

        return await streams.read(self._parts.files, *await self._parts.writer.read(query))

    async def keep(self, draft: int) -> str:
        """Raises `Broken` when it was sent or is gone."""
        code = tokens.new_code()

        def work(conn: sa.Connection) -> None:
            _key(conn, self._parts.keys, draft)
            mac, now = self._parts.keys.code_mac(code), self._parts.now()
            mine = sa.update(drafts).where(drafts.c.id == draft)
            conn.execute(mine.values(kept=True, code_mac=mac, touched=now))

        await self._write(work)
        return code

    async def resume(self, code: str) -> tuple[str, str] | None:
        """Reads the code as people type it."""
        token = tokens.new_token()

        def work(conn: sa.Connection) -> str | None:
            row = self._of_code(conn, code)
            if row is None:
                return None
            new = {"mac": self._parts.keys.draft_mac(token), "code_mac": None, "touched": self._parts.now()}
            conn.execute(sa.update(drafts).where(drafts.c.id == row.id).values(**new))
            return str(row.form)

        form = await self._write(work)
        return None if form is None else (form, token)

    async def peek(self, code: str) -> str | None:
        """Reads the code as people type it."""
        row = await self._parts.writer.read(lambda conn: self._of_code(conn, code))
        return None if row is None else row.form

    def _of_code(self, conn: sa.Connection, code: str) -> Any:
        """ID and form of the draft, None when there is none."""
        mac = self._parts.keys.code_mac(tokens.read_code(code))
        living = sa.not_(too_old(self._parts.now()))
        return conn.execute(
            sa.select(drafts.c.id, drafts.c.form).where(drafts.c.code_mac == mac, living)
        ).one_or_none()


def _key(conn: sa.Connection, keys: Keys, draft: int) -> Key:
    wrapped = conn.execute(sa.select(drafts.c.wrapped_key).where(drafts.c.id == draft)).scalar_one_or_none()
    if wrapped is None:
        raise Broken("a draft was sent already, or is gone")
    return keys.unwrap(wrapped)


def _touch(conn: sa.Connection, draft: int, now: int) -> None:
    conn.execute(sa.update(drafts).where(drafts.c.id == draft).values(touched=now))


def _sealed(key: Key, draft: int, values: Values, seen: Sequence[str]) -> bytes:
    data = {"values": {name: list(posted) for name, posted in values.items()}, "seen": list(seen)}
    return key.seal(json.dumps(data).encode(), f"drafts/{draft}/data")


def _opened(
    conn: sa.Connection, keys: Keys, row: sa.Row[Any]
) -> tuple[Values, tuple[str, ...], tuple[DraftFile, ...]]:
    """What is in a draft; nothing once it was sent."""
    if row.wrapped_key is None:
        return {}, (), ()
    key = keys.unwrap(row.wrapped_key)
    data = json.loads(key.open(row.data, f"drafts/{row.id}/data"))
    found = conn.execute(
        sa.select(draft_files).where(draft_files.c.draft_id == row.id).order_by(draft_files.c.id)
    )
    return data["values"], tuple(data["seen"]), tuple(_file(key, one) for one in found)


def _file(key: Key, row: sa.Row[Any]) -> DraftFile:
    info = _info(key, row)
    return DraftFile(row.id, info["question"], info["name"], info["mime"], row.size, info["digest"])


def _info(key: Key, row: sa.Row[Any]) -> dict[str, str]:
    info: dict[str, str] = json.loads(key.open(row.info, f"draft_files/{row.id}/info"))
    return info
