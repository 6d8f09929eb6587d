"""What every request and every answer of the pages goes through."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bridge.forms.body import Busy

_log = logging.getLogger(__name__)

POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would send "Origin: null" with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "folkmoot",
}


class Guard:
    """Turns faults into pages by `message(request, status)`, and adds the headers.

    Logs hold the kind of a fault only: paths and exception texts may hold what people wrote.
    """

    def __init__(self, message: Callable[[web.Request, int], web.Response], *, secure: bool) -> None:
        self._message, self._secure = message, secure

    @property
    def middleware(self) -> Middleware:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        return guarded

    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
                return self._message(request, 415)
            return await handler(request)
        except web.HTTPException as answer:
            if answer.status < 400:
                raise
            return self._message(request, answer.status)
        except Busy:
            return self._message(request, 503)
        except Exception as error:  # noqa: BLE001 – the person gets a page, we get the kind of fault
            _log.error("a page failed: %s", type(error).__name__)
            return self._message(request, 500)

    async def headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """For `on_response_prepare`."""
        response.headers.update(HEADERS)
        if self._secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"


def foreign(request: web.Request, public_url: str) -> bool:
    """Whether another site's page made the browser send this POST.

    The pages have no cookies, so such a POST has no more power than one from anywhere; it is
    refused all the same.  `Sec-Fetch-Site` decides where a browser sends it, else `Origin`.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is not None and urlsplit(origin).netloc not in (request.host, urlsplit(public_url).netloc)
