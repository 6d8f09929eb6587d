"""Ending the mailings to somebody, by the link at the end of each of them.

    GET  /u/{token}   a button: what looks into mails follows links, and must end nothing
    POST /u/{token}   `_do=leave`: the button; then the page that says so
                      `List-Unsubscribe=One-Click`: a mail program, which is asked nothing (RFC 8058)

Answers in somebody's own case reach them as before.  Twice is as good as once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from aiohttp import web

from bridge.channel import Arrival
from bridge.forms import words as texts
from bridge.forms.packing import pack_unsubscribe
from bridge.forms.parts import Parts
from bridge.forms.render import PLAIN_THEME
from bridge.forms.said import first
from bridge.forms.words import Words
from bridge.formstore import Mailed, leave_key
from bridge.inbound import UnsubscribeIn
from bridge.model import Source

_log = logging.getLogger(__name__)

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What the body of a mail program's POST says (RFC 8058 section 3.2)."""


class UnsubscribePages:
    """The pages below /u/."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get("/u/{token}", self._ask), web.post("/u/{token}", self._leave)]

    async def _ask(self, request: web.Request) -> web.Response:
        mailed = await self._parts.store.mailed(request.match_info["token"])
        return self._gone(request) if mailed is None else self._page(request, mailed, left=mailed.left)

    async def _leave(self, request: web.Request) -> web.Response:
        """A program gets its answer at once, and is never sent elsewhere; a person comes to the page."""
        posted = await self._parts.reader.values(request)
        name, value = ONE_CLICK
        program = first(posted, name) == value
        if not program and first(posted, "_do") != "leave":
            raise web.HTTPBadRequest
        mailed = await self._parts.store.mailed(request.match_info["token"])
        if mailed is None:
            return self._gone(request)
        if not mailed.left and not await self._accepted(mailed):
            return self._page(request, mailed, left=False, status=503)
        if program:
            return self._page(request, mailed, left=True)
        raise web.HTTPSeeOther(self._address(request))

    async def _accepted(self, mailed: Mailed) -> bool:
        """Whether the ledger has it now.  Never raises: the page says so, and programs try again."""
        arrival = Arrival(
            source=Source.FORM,
            kind="unsubscribe",
            key=leave_key(mailed.participant),
            raw=pack_unsubscribe(UnsubscribeIn(mailed.participant)),
        )
        try:
            await self._parts.accept([arrival])
        except Exception as error:  # noqa: BLE001 – see above
            _log.warning("somebody who ends their mailings could not be noted: %s", type(error).__name__)
            return False
        return True

    def _page(self, request: web.Request, mailed: Mailed, *, left: bool, status: int = 200) -> web.Response:
        spoken = tuple(texts.TABLES)
        posted = request.method == "POST"
        return self._parts.render.page(
            request,
            "unsubscribed.html" if left else "unsubscribe.html",
            Words(texts.choose(request.query.get("lang"), mailed.language, spoken)),
            () if posted else spoken,
            status=status,
            private=True,
            theme=PLAIN_THEME,
            action=self._address(request),
            title=mailed.title,
            reach=mailed.reach,
            failed=status != 200,
        )

    def _address(self, request: web.Request) -> str:
        """Of the page itself, in the language that was asked for."""
        lang = request.query.get("lang")
        path = f"{self._parts.render.base}/u/{request.match_info['token']}"
        return f"{path}?lang={lang}" if lang in texts.TABLES else path

    def _gone(self, request: web.Request) -> web.Response:
        return self._parts.render.told(request, "leave.gone", 404)
