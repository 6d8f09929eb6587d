"""Opening the page of a submission: the address leads to it, or to a page that says that it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from bridge.forms import words as texts
from bridge.forms.case_views import Here
from bridge.forms.parts import Parts
from bridge.forms.words import Words
from bridge.formstore import CasePage

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Look:
    """A request for a page that is there; `languages` are those it can be shown in, `here` what it is
    seen with.  `path` is its address on this site."""

    request: web.Request
    page: CasePage
    languages: Sequence[str]
    here: Here

    @property
    def words(self) -> Words:
        return self.here.words

    @property
    def path(self) -> str:
        return self.here.address

    def back(self, **query: str) -> web.HTTPSeeOther:
        """A redirect to the page itself, in the language that was asked for."""
        lang = self.request.query.get("lang")
        kept = {"lang": lang} if lang in self.languages and lang is not None else {}
        query = kept | query
        return web.HTTPSeeOther(f"{self.path}?{urlencode(query)}" if query else self.path)


Looked = Callable[[Look], Awaitable[web.StreamResponse]]


def opening(parts: Parts, handler: Looked) -> Handler:
    """A handler for an address below /t/{token}: a token that opens nothing gives a page of status 404."""

    async def opened(request: web.Request) -> web.StreamResponse:
        page = await parts.store.page(request.match_info["token"])
        return gone(parts, request) if page is None else await handler(await look(parts, request, page))

    return opened


def gone(parts: Parts, request: web.Request) -> web.Response:
    """The page for a token that is not known, or no longer."""
    return parts.render.told(request, "case.gone", 404)


async def look(parts: Parts, request: web.Request, page: CasePage) -> Look:
    """`page` as `request` sees it: in the language that it asks for, else in the page's own."""
    opened = parts.forms().get(page.form)
    languages = parts.spoken(opened) if opened else tuple(texts.TABLES)
    wanted = request.query.get("lang")
    words = Words(texts.choose(wanted, page.language, languages))
    state = await parts.state(opened) if opened else None
    address = f"{parts.render.base}/t/{request.match_info['token']}"
    return Look(request, page, languages, Here(words, address, opened, state, int(parts.clock() * 1000)))
