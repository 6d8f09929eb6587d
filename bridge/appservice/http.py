"""The application service's own address, where the homeserver pushes events.

    PUT  /_matrix/app/v1/transactions/{id}   token, size, JSON -> observe -> accept (commit) -> 200
    GET  /_matrix/app/v1/users|rooms/{name}  404: nothing is made because somebody asked for it
    POST /_matrix/app/v1/ping                200: answers our own ping

The homeserver sends one transaction at a time, and repeats it with the same ID until it gets
a 200.  So a 200 comes only after the commit, and nothing inside a transaction may fail it for
ever: an entry that makes no sense is counted and left out.  Repeats are harmless because an
arrival's key is its event ID.  Source: Application Service API, "Pushing events".

A Synapse that ends between storing a transaction and sending it forgets to send it: after its
start only newer ones come, until some transaction fails (seen with 1.163).  So we `hold` when
we start and when it was away: one transaction is refused, and with its repetition come all
that are owed, in their order.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeGuard

from aiohttp import web

from bridge.channel import Accept, Arrival
from bridge.errors import Retry
from bridge.model import Json, Source

log = logging.getLogger(__name__)

_LARGEST = 64 * 1024 * 1024  # bytes; 100 events of 64 KiB, each with what it replaces, stay below
_CONTENT = frozenset({"m.room.encrypted", "m.room.message", "m.room.redaction"})
_MEMBER = "m.room.member"
_LONGEST_ID = 255  # Client-Server API, "Size limits"


class Endpoint:
    """The HTTP application.

    `observe` sees every well-formed event before it is accepted, and may raise `Retry`.

    `bot` is our own user: what it sent comes back, and only its memberships are of interest.
    `skipped` counts entries that were no events, `duplicates` those that came again.
    """

    def __init__(
        self, hs_token: str, bot: str, accept: Accept, observe: Callable[[Json], Awaitable[None]]
    ) -> None:
        self.skipped = 0
        self.duplicates = 0
        self._token = hs_token.encode()
        self._bot = bot
        self._accept = accept
        self._observe = observe
        self._held: asyncio.Event | None = None
        self._pushed = asyncio.Event()

    def hold(self) -> None:
        """Refuse every transaction from now on; the homeserver keeps them."""
        self._held = asyncio.Event()

    async def release(self, timeout: float) -> bool:
        """Take transactions again once one was refused (True), or after `timeout` seconds (False)."""
        refused = self._held is None or await _within(timeout, self._held)
        self._held = None
        self._pushed.clear()
        return refused

    async def pushed(self, timeout: float) -> bool:
        """Whether a transaction was taken since the `release`, or is within `timeout` seconds."""
        return await _within(timeout, self._pushed)

    def app(self) -> web.Application:
        """The aiohttp application; every path asks for the token first."""
        app = web.Application(client_max_size=_LARGEST, middlewares=[self._door])
        app.router.add_put("/_matrix/app/v1/transactions/{id}", self._transaction)
        app.router.add_post("/_matrix/app/v1/ping", self._ping)
        app.router.add_get("/_matrix/app/v1/users/{name}", self._unknown)
        app.router.add_get("/_matrix/app/v1/rooms/{name}", self._unknown)
        app.router.add_route("*", "/{path:.*}", self._unrecognised)
        return app

    @web.middleware
    async def _door(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not given.startswith("Bearer "):
            return _error(401, "M_UNAUTHORIZED", "the Authorization header is missing")
        if not hmac.compare_digest(given.removeprefix("Bearer ").encode("utf-8", "replace"), self._token):
            return _error(403, "M_FORBIDDEN", "wrong token")
        if request.headers.get("Content-Encoding", "identity") != "identity":
            return _error(415, "M_UNKNOWN", "nothing is unpacked here")
        return await handler(request)

    async def _transaction(self, request: web.Request) -> web.Response:
        if self._held is not None:
            self._held.set()
            return _error(503, "M_UNKNOWN", "not yet")
        try:
            body: Any = json.loads(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return _error(413, "M_TOO_LARGE", "the transaction is too large")
        except (ValueError, RecursionError):
            return _error(400, "M_NOT_JSON", "not JSON")
        events = body.get("events") if isinstance(body, dict) else None
        if not isinstance(events, list):
            return _error(400, "M_BAD_JSON", "events must be a list")
        try:
            await self.take(events)
        except Retry as error:
            log.warning("a transaction waits: %s", error.reason)
            return _error(503, "M_UNKNOWN", "cannot be stored now")
        self._pushed.set()
        return web.json_response({})

    async def take(self, events: Sequence[object]) -> int:
        """Accepts what is of interest; how many of them were new.  Raises `Retry`."""
        found = [await self._arrival(event) for event in events]
        arrivals = [arrival for arrival in found if arrival is not None]
        fresh = await self._accept(arrivals) if arrivals else []
        self.duplicates += len(fresh) - sum(fresh)
        return sum(fresh)

    async def _arrival(self, event: object) -> Arrival | None:
        """What of `event` goes into the inbox; None for what is of no interest.  Raises `Retry`."""
        if not _well_formed(event):
            self.skipped += 1
            return None
        await self._observe(event)
        if event["type"] == _MEMBER:
            if not isinstance(event.get("state_key"), str):
                self.skipped += 1
                return None
        elif event["type"] not in _CONTENT or "state_key" in event or event["sender"] == self._bot:
            return None
        return Arrival(Source.MATRIX, "event", event["event_id"], json.dumps(event).encode())

    async def _ping(self, request: web.Request) -> web.Response:
        return web.json_response({})

    async def _unknown(self, request: web.Request) -> web.Response:
        return _error(404, "M_NOT_FOUND", "no such user or room")

    async def _unrecognised(self, request: web.Request) -> web.Response:
        return _error(404, "M_UNRECOGNIZED", "no such path")


async def _within(timeout: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(timeout):
            return await event.wait()
    except TimeoutError:
        return False


def _well_formed(event: object) -> TypeGuard[Json]:
    """Whether `event` has what every event has, in the right types and sizes.

    Its ID must be printable ASCII, as every room version makes them: it becomes a database key.
    """
    return (
        isinstance(event, dict)
        and all(
            isinstance(event.get(key), str) and 0 < len(event[key]) <= _LONGEST_ID
            for key in ("type", "event_id", "room_id", "sender")
        )
        and event["event_id"].isascii()
        and event["event_id"].isprintable()
        and isinstance(event.get("content"), dict)
        and isinstance(event.get("origin_server_ts"), int)
    )


def _error(status: int, errcode: str, error: str) -> web.Response:
    return web.json_response({"errcode": errcode, "error": error}, status=status)


class Listener:
    """An `Endpoint` on a TCP port; port 0 takes a free one, told by `port` afterwards."""

    def __init__(self, endpoint: Endpoint, host: str, port: int) -> None:
        self.host = host
        self.port = port
        # No access log: the paths hold event and transaction IDs, and there would be many lines.
        self._runner = web.AppRunner(endpoint.app(), access_log=None, shutdown_timeout=5)

    async def start(self) -> None:
        """Listens.  Raises OSError when the address is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        addresses: Sequence[Any] = self._runner.addresses
        self.port = addresses[0][1]

    async def stop(self) -> None:
        """Stops listening; a request that is being answered has five seconds."""
        await self._runner.cleanup()
