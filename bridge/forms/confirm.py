"""Confirming an e-mail address, by the link in a mail.

GET shows what would be confirmed and a button, for programs that look into mails follow links.  POST
confirms; twice is as good as once.  Then comes the page of the submission.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from bridge.forms.case_arrival import accepted
from bridge.forms.case_look import look
from bridge.forms.case_views import masked
from bridge.forms.fields import say
from bridge.forms.parts import Parts
from bridge.forms.render import PLAIN_THEME
from bridge.formstore import CasePage
from bridge.inbound import PageIn


class ConfirmPages:
    """The pages below /c/."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get("/c/{token}", self._ask), web.post("/c/{token}", self._confirm)]

    async def _ask(self, request: web.Request) -> web.Response:
        page = await self._parts.store.page_to_confirm(request.match_info["token"])
        return self._gone(request) if page is None else await self._page(request, page)

    async def _confirm(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        page = await self._parts.store.page_to_confirm(token)
        await self._parts.reader.values(request)
        if page is None:
            return self._gone(request)
        if not page.confirmed and not await accepted(self._parts, page, PageIn(page.id, "confirm"), token):
            return await self._page(request, page, status=503)
        raise web.HTTPSeeOther(f"{self._address(page)}?done=confirm")

    async def _page(self, request: web.Request, page: CasePage, *, status: int = 200) -> web.Response:
        seen = await look(self._parts, request, page)
        form = seen.here.form
        return self._parts.render.page(
            request,
            "confirm_done.html" if page.confirmed else "confirm.html",
            seen.words,
            seen.languages,
            status=status,
            private=True,
            theme=page.form if form else PLAIN_THEME,
            title=say(form.title, seen.words.language) if form else page.title,
            moment=seen.here.moment(page.created),
            address=masked(page.address or ""),
            path=self._address(page),
            failed=status != 200,
        )

    def _gone(self, request: web.Request) -> web.Response:
        return self._parts.render.told(request, "case.confirm.gone", 404)

    def _address(self, page: CasePage) -> str:
        return f"{self._parts.render.base}/t/{self._parts.store.page_token(page.id, page.turn)}"
