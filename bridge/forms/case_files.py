"""The downloads of a submission's page.

GET /t/{token}/copy.pdf        the answers on paper
GET /t/{token}/receipt.json    what the shown SHA-256 is of, octet for octet
GET /t/{token}/data.json       everything, for programs
GET /t/{token}/data.html       everything, to read
GET /t/{token}/file/{id}       a file that staff sent
GET /t/{token}/code.svg        the address of the page, for the camera of a phone
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from aiohttp import hdrs, web

from bridge.errors import Broken, Retry
from bridge.forms import qr
from bridge.forms.case_answers import answers
from bridge.forms.case_copy import copy
from bridge.forms.case_look import Look, opening
from bridge.forms.case_views import case
from bridge.forms.downloads import disposition, safe_type, whole
from bridge.forms.fields import say
from bridge.forms.parts import Parts
from bridge.forms.pdf import Printer
from bridge.forms.receipt import digest

_log = logging.getLogger(__name__)

_LAST_ID = 1 << 63

MOST_PRINTED = 20
"""So many copies are made or waited for at once; who asks for one more is asked to wait."""


class CaseFiles:
    """What can be taken home."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._printer = Printer()
        self._printing = 0

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.get("/t/{token}/copy.pdf", opening(self._parts, self._copy))
        yield web.get("/t/{token}/receipt.json", opening(self._parts, self._receipt))
        yield web.get("/t/{token}/data.json", opening(self._parts, self._data))
        yield web.get("/t/{token}/data.html", opening(self._parts, self._readable))
        yield web.get("/t/{token}/file/{id}", opening(self._parts, self._file))
        yield web.get("/t/{token}/code.svg", opening(self._parts, self._code))

    async def _copy(self, look: Look) -> web.Response:
        if self._printing >= MOST_PRINTED:
            return self._parts.render.told(look.request, "often", 429)
        printed = copy(look.page, look.here.form, self._parts.settings.organisation, look.here.timezone)
        self._printing += 1
        try:
            made = await self._printer.pdf(printed)
        except (Retry, Broken) as error:
            _log.warning("a copy could not be made: %s", error.reason)
            return self._parts.render.told(look.request, "fault", 503)
        finally:
            self._printing -= 1
        return attached(f"{look.page.reference}.pdf", "application/pdf", made)

    async def _receipt(self, look: Look) -> web.Response:
        name = f"{look.page.reference}-receipt.json"
        return attached(name, "application/json", look.page.receipt.encode())

    async def _data(self, look: Look) -> web.Response:
        return attached(f"{look.page.reference}-data.json", "application/json", whole(look.page))

    async def _readable(self, look: Look) -> web.Response:
        page, form = look.page, look.here.form
        response = self._parts.render.page(
            look.request,
            "case_data.html",
            look.words,
            look.languages,
            private=True,
            case=case(page, look.here),
            title=say(form.title, look.words.language) if form else page.title,
            moment=look.here.moment(look.here.now),
            answers=answers(page, form, look.words),
            digest=digest(page.receipt),
        )
        response.headers[hdrs.CONTENT_DISPOSITION] = disposition(f"{page.reference}-data.html")
        return response

    async def _file(self, look: Look) -> web.Response:
        number = look.request.match_info["id"]
        known = number.isascii() and number.isdigit() and int(number) < _LAST_ID
        found = await self._parts.store.page_file(look.page.id, int(number)) if known else None
        if found is None:
            raise web.HTTPNotFound
        file, data = found
        return attached(file.name, safe_type(file.name, file.mime, data), data)

    async def _code(self, look: Look) -> web.Response:
        token = look.request.match_info["token"]
        address = f"{self._parts.settings.public_url.rstrip('/')}/t/{token}"
        return web.Response(body=qr.svg(address), content_type="image/svg+xml")


def attached(name: str, mime: str, data: bytes) -> web.Response:
    """A download: saved, never shown."""
    return web.Response(
        body=data, headers={hdrs.CONTENT_TYPE: mime, hdrs.CONTENT_DISPOSITION: disposition(name)}
    )
