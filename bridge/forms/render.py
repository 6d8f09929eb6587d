"""How a page is made of a template, and how a fault becomes a page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files as package_files
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp_jinja2
import jinja2
from aiohttp import hdrs, web

from bridge.forms import words as texts
from bridge.forms.fields import MAX_FILES_MB
from bridge.forms.settings import FormsSettings
from bridge.forms.words import Words

KINDS = {
    403: "foreign",
    404: "gone",
    405: "gone",
    408: "slow",
    410: "expired",
    413: "large",
    429: "often",
    500: "fault",
    503: "busy",
}
"""The words of a fault's page by its status; others are `strange`."""

PLAIN_THEME = "-"
"""The theme of pages that belong to no form."""

STATIC = {
    "folkmoot.css": "text/css",
    "folkmoot.svg": "image/svg+xml",
}
"""The files that the pages load, with their types."""

WIDGET = "altcha.js"
"""The script of the proof of work, where there is one."""


class Renderer:
    """Makes pages in the look of `settings`.  `base` is what every link begins with."""

    def __init__(self, settings: FormsSettings) -> None:
        self._settings = settings
        self.base = urlsplit(settings.public_url).path.rstrip("/")
        folder = package_files("bridge.forms") / "static"
        self.static = {name: (folder / name).read_bytes() for name in STATIC}
        if settings.altcha is not None:
            self.static[WIDGET] = settings.altcha
        look = hashlib.sha256(b"".join(self.static.values()))
        look.update(repr((settings.colour, settings.logo and settings.logo.data)).encode())
        self._style = look.hexdigest()[:12]

    def setup(self, app: web.Application) -> None:
        """Make the templates known to `app`."""
        aiohttp_jinja2.setup(
            app,
            loader=jinja2.PackageLoader("bridge.forms"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(
        self,
        request: web.Request,
        template: str,
        words: Words,
        languages: Sequence[str],
        *,
        status: int = 200,
        private: bool = False,
        **context: Any,
    ) -> web.Response:
        """The page that `template` makes of `context`, with the choice of `languages`.

        `private`: it shows what somebody wrote or what only they may open, so nothing stores it.
        `theme` in the context is the form whose colours it has, by default that of the address.
        """
        context = {
            "theme": request.match_info.get("form") or PLAIN_THEME,
            **context,
            "words": words,
            "languages": [(x, texts.named(x), self._here(request, x)) for x in languages],
            "organisation": self._settings.organisation,
            "logo": self._settings.logo is not None,
            "base": self.base,
            "here": self._here(request),
            "style": self._style,
        }
        response: web.Response = aiohttp_jinja2.render_template(template, request, context, status=status)
        response.headers[hdrs.CACHE_CONTROL] = "no-store" if private else "private, no-cache"
        response.headers[hdrs.CONTENT_LANGUAGE] = words.language
        if status in (429, 503):
            response.headers[hdrs.RETRY_AFTER] = "60"
        return response

    def message(self, request: web.Request, status: int) -> web.Response:
        """The page for a fault: its kind, and what to do about it."""
        return self.told(request, KINDS.get(status, "strange"), status)

    def told(self, request: web.Request, kind: str, status: int) -> web.Response:
        """A page of the words `{kind}.title` and `{kind}.text`, in the best language there is."""
        words, languages = self.languages(request, ())
        posted = request.method == hdrs.METH_POST
        return self.page(
            request,
            "message.html",
            words,
            () if posted else languages,  # a link to the same address would ask for another page
            status=status,
            private=posted,
            theme=PLAIN_THEME,
            kind=kind,
            mb=MAX_FILES_MB,
        )

    def languages(self, request: web.Request, offered: Sequence[str]) -> tuple[Words, Sequence[str]]:
        """The words for `request`, and the languages to choose from (all there are for none)."""
        known = list(dict.fromkeys(offered)) or list(texts.TABLES)
        accepted = request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
        return Words(texts.choose(request.query.get("lang"), accepted, known)), known

    def _here(self, request: web.Request, language: str = "") -> str:
        """The address of `request` as a browser knows it, or that of the same page in `language`."""
        kept = {k: v for k, v in request.query.items() if k == "from" and v == "check"}
        query = urlencode(kept | ({"lang": language} if language else {}))
        path = "/" + request.rel_url.raw_path.lstrip("/")  # two slashes would name another host
        return f"{self.base}{path}?{query}" if query else f"{self.base}{path}"
