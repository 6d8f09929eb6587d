"""What the pages load: style sheet, icon, the colours of a form, the organisation's logo."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import hdrs, web

from bridge.forms.parts import Parts
from bridge.forms.render import PLAIN_THEME, STATIC

FOREVER = {hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable"}  # its address changes with it
BRIEFLY = {hdrs.CACHE_CONTROL: "public, max-age=300"}


class StaticFiles:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get("/static/{name}", self._static)
        yield web.get("/theme/{form}.css", self._theme)
        yield web.get("/logo", self._logo)

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = self._parts.render.static.get(name)
        if body is None:
            raise web.HTTPNotFound
        mime = STATIC.get(name, "text/javascript")
        return web.Response(body=body, content_type=mime, charset="utf-8", headers=FOREVER)

    async def _theme(self, request: web.Request) -> web.Response:
        """The colour of a form, else of the organisation; the style sheet's own for neither."""
        name = request.match_info["form"]
        opened = self._parts.forms().get(name)
        if opened is None and name != PLAIN_THEME:
            raise web.HTTPNotFound
        theme = opened.form.theme if opened else None
        colour = (theme and theme.colour) or self._parts.settings.colour
        text = f":root {{ --brand: {colour}; }}\n" if colour else ""
        return web.Response(text=text, content_type="text/css", charset="utf-8", headers=BRIEFLY)

    async def _logo(self, request: web.Request) -> web.Response:
        logo = self._parts.settings.logo
        if logo is None:
            raise web.HTTPNotFound
        return web.Response(body=logo.data, content_type=logo.mime, headers=BRIEFLY)
