"""What every request and every answer of the pages goes through.

request ── packed? foreign POST? too often? ──> handler ──> answer with the headers of its kind

kind      where                          what is special
form      /f/…                           may stand in frames of the sites of `web.embed`
private   /t/… /c/… /u/… drafts, saved   kept by nobody, found by no search engine
tracking  /t/… /c/… /u/…                 private, and never in a frame
one click /u/…                           programs POST there from anywhere (RFC 8058), many of one network
check     /f/…/check                     runs the widget of the proof of work, where there is one
file      downloads and pictures         in a sandbox, should it ever be opened as a page
"""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bridge.errors import Retry
from bridge.forms.body import Busy
from bridge.forms.network import Visitors, client, network
from bridge.forms.settings import FormsSettings

_log = logging.getLogger(__name__)

PRIVATE = re.compile(r"/[tcu](/|$)|/f/[^/]+/(d|return)(/|$)")
TRACKING = re.compile(r"/[tcu](/|$)")
GUESSED = re.compile(r"/[tc](/|$)|/f/[^/]+/(d|return)(/|$)")
ONE_CLICK = re.compile(r"/u/[^/]+")
FORM = re.compile(r"/f/[^/]+(/|$)")
CHECK = re.compile(r"/f/[^/]+/d/[^/]+/check")
START = re.compile(r"/f/[^/]+")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would send "Origin: null" with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "fullscreen"),
            *("geolocation", "gyroscope", "microphone", "midi", "payment", "usb", "xr-spatial-tracking"),
        )
    ),
    "Server": "folkmoot",
}

STALLED = 60
"""Seconds an answer may lie at a client that does not read on."""


def policy(path: str, settings: FormsSettings, *, file: bool = False) -> str:
    """The Content-Security-Policy of the page at `path` (without the path of `public_url`)."""
    if file:
        return "default-src 'none'; sandbox; frame-ancestors 'none'"
    ancestors = " ".join(settings.embed) if framed(path, settings) else "'none'"
    rules = ["default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'"]
    rules += ["base-uri 'none'", f"frame-ancestors {ancestors}"]
    if settings.altcha is not None and CHECK.fullmatch(path):
        rules += ["script-src 'self'", "worker-src 'self'"]
    return "; ".join(rules)


def framed(path: str, settings: FormsSettings) -> bool:
    """Whether the page at `path` may stand in a frame of another site."""
    return bool(settings.embed and FORM.match(path))


class Guard:
    """Refuses what no page should see, turns faults into pages by `message(request, status)`, and adds
    the headers.

    Logs hold the kind of a fault only: paths and exception texts may hold what people wrote.
    `now` is in seconds and only grows.
    """

    def __init__(
        self,
        settings: FormsSettings,
        message: Callable[[web.Request, int], web.Response],
        visitors: Visitors,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._message = settings, message
        self._visitors, self._now = visitors, now
        self._secure = settings.public_url.startswith("https:")

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
            if status := self._refused(request):
                return self._message(request, status)
            response = await handler(request)
        except web.HTTPException as answer:
            self._count(request, answer.status)
            if answer.status < 400:
                raise
            return self._message(request, answer.status)
        except (Busy, Retry):
            return self._message(request, 503)
        except Exception as error:  # noqa: BLE001 – the person gets a page, we get the kind of fault
            _log.error("a page failed: %s", type(error).__name__)
            return self._message(request, 500)
        self._count(request, response.status)
        return response

    # -------------------------------------------------------------- what is refused

    def _refused(self, request: web.Request) -> int:
        """The status of the page that says so, 0 when nothing is wrong."""
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
            return 415
        if request.method == hdrs.METH_POST and self._from_elsewhere(request):
            return 403
        return 429 if self._too_often(request) else 0

    def _from_elsewhere(self, request: web.Request) -> bool:
        """Mail programs in browsers end mailings from pages of their own."""
        return not ONE_CLICK.fullmatch(request.path) and foreign(request, self._settings.public_url)

    def _too_often(self, request: web.Request) -> bool:
        where, now = origin(request, self._settings), self._now()
        if _starts(request):
            return self._visitors.starts.over(where, now)
        return bool(GUESSED.match(request.path)) and self._visitors.misses.over(where, now)

    def _count(self, request: web.Request, status: int) -> None:
        where, now = origin(request, self._settings), self._now()
        if _starts(request) and status == 303:
            self._visitors.starts.take(where, now)
        elif GUESSED.match(request.path) and status in MISSED:
            self._visitors.misses.take(where, now)

    # -------------------------------------------------------------- headers

    async def headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """For `on_response_prepare`."""
        path = request.path
        file = hdrs.CONTENT_DISPOSITION in response.headers or response.content_type == "image/svg+xml"
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = policy(path, self._settings, file=file)
        if not framed(path, self._settings):
            response.headers["X-Frame-Options"] = "DENY"
        if PRIVATE.match(path):
            response.headers[hdrs.CACHE_CONTROL] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if self._secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        _be_read(request)


MISSED = (404, 410)
"""Answers to an address or a code that leads nowhere."""


def _starts(request: web.Request) -> bool:
    return request.method == hdrs.METH_POST and bool(START.fullmatch(request.path))


def origin(request: web.Request, settings: FormsSettings) -> str:
    """The network that `request` comes from, "" when it is not known."""
    headers = request.headers
    x_forwarded_for = headers.getall(hdrs.X_FORWARDED_FOR, [])
    forwarded = headers.getall(hdrs.FORWARDED, [])
    return network(client(request.remote or "", x_forwarded_for, forwarded, settings.proxies))


def foreign(request: web.Request, public_url: str) -> bool:
    """Whether another site's page made the browser send this POST.

    The pages have no cookies, so such a POST has no more power than one from anywhere; it is
    refused all the same.  `Sec-Fetch-Site` decides where a browser sends it, else `Origin`.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    sender = request.headers.get(hdrs.ORIGIN)
    return sender is not None and _host(sender) not in (request.host, _host(public_url))


def _host(url: str) -> str | None:
    """Host and port of an origin; None for what is none."""
    try:
        return urlsplit(url).netloc or None
    except ValueError:
        return None


def _be_read(request: web.Request) -> None:
    """Let the kernel give up a connection whose other end does not take the answer (tcp(7)); without
    that it is kept for as long as the other end says that it is still there."""
    line = request.transport.get_extra_info("socket") if request.transport else None
    if line is not None and hasattr(socket, "TCP_USER_TIMEOUT") and line.family != socket.AF_UNIX:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED * 1000)
