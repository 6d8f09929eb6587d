"""The store of the forms on the ledger's database: implements `bridge.formstore.Store`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bridge.channel import Also
from bridge.errors import Broken
from bridge.formstore import CasePage, Mailed, NewPage, PageEntry, PageFile, Values
from bridge.inbound import PageIn
from bridge.ledger import known_mailing, timeline, tokens
from bridge.ledger import pages as on_pages
from bridge.ledger.drafts import Drafts, Parts
from bridge.ledger.page_tables import pages

ReadAct = Callable[[bytes], PageIn]
"""What somebody did on a page, from its raw bytes: `bridge.forms.submit.unpack_page`."""


class FormStore(Drafts):
    """`raw(row)` gives the bytes of a row of the inbox, `blob(id)` those of a file."""

    def __init__(
        self,
        parts: Parts,
        read_act: ReadAct,
        raw: Callable[[sa.Row[Any]], Awaitable[bytes]],
        blob: Callable[[int], Awaitable[bytes]],
    ) -> None:
        super().__init__(parts)
        self._read_act, self._raw, self._blob = read_act, raw, blob

    async def submissions(self, form: str) -> int:
        count = sa.select(sa.func.count()).select_from(pages).where(pages.c.form == form)
        return await self._parts.writer.read(lambda conn: conn.execute(count).scalar_one())

    def page_token(self, page: int, turn: int = 0) -> str:
        return tokens.page_token(self._parts.keys, page, turn)

    def with_page(self, page: NewPage) -> Also:
        return on_pages.made(self._parts.keys, page, self._parts.now)

    def with_change(self, draft: int, page: int, values: Values) -> Also:
        return on_pages.changed(self._parts.keys, draft, page, values, self._parts.now)

    async def page(self, token: str) -> CasePage | None:
        return await self._page(pages.c.mac == self._parts.keys.page_mac(token))

    async def page_to_confirm(self, token: str) -> CasePage | None:
        return await self._page(pages.c.confirm_mac == self._parts.keys.page_mac(token))

    async def _page(self, which: sa.ColumnElement[bool]) -> CasePage | None:
        keys = self._parts.keys

        def query(conn: sa.Connection) -> tuple[CasePage, list[sa.Row[Any]]] | None:
            row = conn.execute(sa.select(pages).where(which, pages.c.wrapped_key.is_not(None))).one_or_none()
            if row is None:
                return None
            return on_pages.shown(conn, keys, row), timeline.waiting(conn, row.id)

        found = await self._parts.writer.read(query)
        if found is None:
            return None
        page, acts = found
        waiting = [entry for act in acts if (entry := await self._waits(act)) is not None]
        return replace(page, entries=(*page.entries, *waiting))

    async def _waits(self, act: sa.Row[Any]) -> PageEntry | None:
        try:
            return timeline.waits(act.received, self._read_act(await self._raw(act)))
        except Broken:  # whoever settles it says so
            return None

    async def page_file(self, page: int, file: int) -> tuple[PageFile, bytes] | None:
        def query(conn: sa.Connection) -> PageFile | None:
            row = on_pages.find(conn, page)
            if row is None:
                return None
            return timeline.reply_file(conn, self._parts.keys, row.case_id, file)

        found = await self._parts.writer.read(query) if file else None
        return None if found is None else (found, await self._blob(file))

    async def mailed(self, token: str) -> Mailed | None:
        keys = self._parts.keys
        return await self._parts.writer.read(lambda conn: known_mailing.mailed(conn, keys, token))

    async def revoke(self, page: int) -> str:
        """Raises `Broken` when there is no such page any more."""
        token = await self._write(lambda conn: on_pages.revoke(conn, self._parts.keys, page))
        if token is None:
            raise Broken("a page was revoked that is gone")
        return token
