"""What a citizen does on the page of their submission.

Every act becomes an arrival.  Its key is made of the one-time number `_once` that the page carried, the
act and what it says: a second click is a duplicate, and other words are another act.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from typing import Protocol, get_args

from aiohttp import web

from bridge.forms.body import Posted, Reading
from bridge.forms.case_arrival import accepted
from bridge.forms.case_look import Look, gone, look
from bridge.forms.case_views import case
from bridge.forms.case_write import Writing
from bridge.forms.parts import Parts
from bridge.forms.said import first
from bridge.forms.submit import pack_page
from bridge.forms.tokens import View
from bridge.forms.visit import TURN
from bridge.inbound import PageAct, PageIn

BUTTONS: dict[str, PageAct] = {
    act: act for act in get_args(PageAct) if act in ("by_mail", "by_page", "remind", "withdraw", "erase")
}
"""Acts that are only a button."""

DONE = frozenset({*get_args(PageAct), "revoke"})
"""What the page can say was done, by `?done=`."""

REMEMBERED = 1000
"""So many new addresses are remembered for the second click of a double one."""


class Show(Protocol):
    """Shows the page itself: `CasePages.show`."""

    def __call__(
        self,
        look: Look,
        *,
        status: int = 200,
        told: str = "",
        once: str = "",
        writing: Writing | None = None,
    ) -> web.Response: ...


class CaseActs:
    """Does what is posted to the page; `show` shows it again where something has to be mended."""

    def __init__(self, parts: Parts, show: Show) -> None:
        self._parts, self._show = parts, show
        self._new = OrderedDict[str, str]()
        self._one_by_one = asyncio.Lock()

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Ends in a redirect, or in the page with what has to be mended."""
        parts = self._parts
        page = await parts.store.page(request.match_info["token"])
        if page is None:
            return await self._elsewhere(request)
        seen = await look(parts, request, page)
        writing = Writing(parts.store, page, seen.words, request.query.get("draft", ""))
        with parts.reader.request() as reading:
            values = await reading.read(request, writing.take)
            await writing.read(values)
            nonce = self._nonce(seen, values)
            if nonce is None:
                return self._show(seen, status=422, told="late", writing=writing)
            do = first(values, "_do")
            if do == "write":
                return await self._write(seen, first(values, "_once"), nonce, writing, reading)
            return await self._other(seen, values, nonce, do)

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        """A second click on "new address" comes to the old one; anything else finds nothing."""
        values = await self._parts.reader.values(request)
        token = self._new.get(first(values, "_once")) if first(values, "_do") == "revoke" else None
        if token is None:
            return gone(self._parts, request)
        raise web.HTTPSeeOther(f"{self._parts.render.base}/t/{token}?done=revoke")

    async def _other(self, seen: Look, values: Posted, nonce: bytes, do: str) -> web.StreamResponse:
        once = first(values, "_once")
        if do in BUTTONS:
            return await self._do(seen, PageIn(seen.page.id, BUTTONS[do]), nonce, once)
        if do == "language":
            language = first(values, "language")
            if language not in seen.languages:
                raise web.HTTPBadRequest
            return await self._do(seen, PageIn(seen.page.id, "language", language=language), nonce, once)
        if do == "change":
            return await self._change(seen)
        if do == "revoke":
            return await self._revoke(seen, once)
        raise web.HTTPBadRequest

    async def _write(
        self, seen: Look, once: str, nonce: bytes, writing: Writing, reading: Reading
    ) -> web.StreamResponse:
        writing.check()
        if not case(seen.page, seen.here).writes:
            raise seen.back()
        if writing.faults:
            return self._show(seen, status=422, writing=writing, once=once)
        act = PageIn(seen.page.id, "write", text=writing.text, attachments=await writing.attachments(reading))
        if not await self._accepted(seen, act, nonce):
            return self._show(seen, status=503, told="retry", writing=writing, once=once)
        await writing.done()
        raise seen.back(done="write")

    async def _do(self, seen: Look, act: PageIn, nonce: bytes, once: str) -> web.StreamResponse:
        if not await self._accepted(seen, act, nonce):
            return self._show(seen, status=503, told="retry", once=once)
        raise seen.back(done=act.act, **({"lang": act.language} if act.language else {}))

    async def _accepted(self, seen: Look, act: PageIn, nonce: bytes) -> bool:
        said = hashlib.sha256(pack_page(act)).hexdigest()
        return await accepted(self._parts, seen.page, act, nonce.hex(), said)

    async def _change(self, seen: Look) -> web.StreamResponse:
        """A draft with the answers as they are, on its last page."""
        page, opened, language = seen.page, seen.here.opened, seen.words.language
        if opened is None or case(page, seen.here).changes != "open":
            raise seen.back()
        values = {**page.values, TURN: [str(page.turn)]}
        token = await self._parts.store.begin(page.form, language, changes=page.id, values=values)
        raise web.HTTPSeeOther(f"{self._parts.render.base}/f/{page.form}/d/{token}/check?lang={language}")

    async def _revoke(self, seen: Look, once: str) -> web.StreamResponse:
        async with self._one_by_one:
            token = self._new.get(once)
            if token is None:
                token = self._new[once] = await self._parts.store.revoke(seen.page.id)
                while len(self._new) > REMEMBERED:
                    self._new.popitem(last=False)
        raise web.HTTPSeeOther(f"{self._parts.render.base}/t/{token}?done=revoke")

    def _nonce(self, seen: Look, values: Posted) -> bytes | None:
        """The number that was issued for this page, None when it was not or is too old."""
        form, now = f"page {seen.page.id}", self._parts.clock()
        view: View | None = self._parts.tokens.read(form, first(values, "_once"), now)
        return view.nonce if view else None
