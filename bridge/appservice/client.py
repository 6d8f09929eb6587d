"""Every request to the homeserver, through one door.

    request, upload, send, …  ->  _through(point, …)  ->  probe "before", mautrix's transport, probe "after"

We speak as the application service on behalf of the bot's user and, once the device exists,
of its device (`user_id` and `device_id` in the query; Application Service API, "Identity
assertion").  A send that names the device is idempotent for 24 hours.  Nothing is repeated
here: the ledger does that, and `fate` tells it whether to.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession
from mautrix.api import APIPath, Method, Path, PathBuilder
from mautrix.errors import MatrixConnectionError
from mautrix.types import EventID, RoomID, UserID

from bridge.appservice.registration import ID
from bridge.appservice.transport import TooLarge, Transport, read_capped, refusal
from bridge.e2ee.api import MatrixError
from bridge.errors import Broken, Fate, Retry
from bridge.model import Json
from bridge.points import Point, Probe, quiet

_TIMEOUT = 60.0  # seconds a request may take as a whole
_TRANSFER_TIMEOUT = 300.0  # the same for a file
_ANONYMOUS = frozenset({Point.REGISTER, Point.PING})  # asked by the application service itself
_WITHOUT_DEVICE = frozenset({Point.PUT_DEVICE})  # before it, the device may not exist


def fate(error: MatrixError) -> Fate:
    """What to do with a delivery that met `error`.

    No answer, 5xx, 408 and every rate limit: again.  401: the registration is being changed,
    again after a minute.  Any other refusal will be the same next time.
    """
    if error.status in {0, 408} or error.status >= 500:
        return Retry("the homeserver does not answer", error.retry_after)
    if error.status == 429 or error.errcode == "M_LIMIT_EXCEEDED":
        return Retry("the homeserver asks us to wait", error.retry_after)
    if error.status == 401:
        return Retry("the homeserver does not accept the bridge's token: folkmoot check says why", 60)
    return Broken(f"the homeserver refused: {error.status} {error.errcode}".rstrip())


class Client:
    """The bot's client-server requests to the homeserver at `url`; an `Api` for the machine.

    `use_device` says from when on we speak as a device.  `close` at the end.
    """

    def __init__(
        self,
        url: str,
        token: str,
        user_id: str,
        *,
        probe: Probe = quiet,
    ) -> None:
        self.user_id = UserID(user_id)
        self.device_id = ""
        self._url = url
        self._token = token
        self._probe = probe
        self._transport: Transport | None = None

    @property
    def server_name(self) -> str:
        """The homeserver's name, as in our own user ID."""
        return self.user_id.partition(":")[2]

    def use_device(self, device_id: str) -> None:
        """Name this device of the bot in every request from now on; it must exist."""
        self.device_id = device_id

    # -------------------------------------------------------------------------------- the door

    async def _through(
        self,
        point: Point,
        method: str,
        path: PathBuilder | str,
        content: Json | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = _TIMEOUT,
    ) -> Json:
        """`_exchange` for the many answers that are a JSON object."""
        answer = await self._exchange(point, method, path, content, query=query, timeout=timeout)
        if not isinstance(answer, dict):
            raise MatrixError(0, "", f"the answer to {point} is not a JSON object")
        return answer

    async def _exchange(
        self,
        point: Point,
        method: str,
        path: PathBuilder | str,
        content: Json | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = _TIMEOUT,
    ) -> Any:
        """One request, probed.  Raises `MatrixError`; status 0 when there was no answer in time."""
        headers = {"Content-Type": "application/octet-stream"} if isinstance(content, bytes) else {}
        self._probe(point, "before")
        try:
            async with asyncio.timeout(timeout):
                answer = await self._open().request(
                    Method(method), path, content, headers=headers, query_params=self._query(point, query)
                )
        except (MatrixConnectionError, ClientError, TimeoutError, TooLarge, OSError) as error:
            raise MatrixError(0, "", f"no answer to {point}: {type(error).__name__}") from error
        self._probe(point, "after")
        return answer

    def _query(self, point: Point, query: Mapping[str, str] | None) -> dict[str, str]:
        asked = dict(query or {})
        if point not in _ANONYMOUS:
            asked["user_id"] = self.user_id
            if self.device_id and point not in _WITHOUT_DEVICE:
                asked["device_id"] = self.device_id
        return asked

    def _open(self) -> Transport:
        if self._transport is None:
            self._transport = Transport(self._url, self._token, ClientSession())
        return self._transport

    async def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.session.close()

    # -------------------------------------------------------------------------------- for the machine

    async def request(
        self,
        point: Point,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = _TIMEOUT,
    ) -> Json:
        """See `bridge.e2ee.api.Api`."""
        return await self._through(point, method, path, body, query=query, timeout=timeout)

    async def upload(self, data: bytes) -> str:
        """See `bridge.e2ee.api.Api`: create and put in one go."""
        mxc = await self.media_create()
        await self.media_put(mxc, data)
        return mxc

    # -------------------------------------------------------------------------------- ourselves

    async def register(self) -> None:
        """Makes the bot's account; nothing when it exists (login type `m.login.application_service`)."""
        localpart = self.user_id[1:].partition(":")[0]
        body = {"type": "m.login.application_service", "username": localpart, "inhibit_login": True}
        try:
            await self._through(Point.REGISTER, "POST", Path.v3.register, body)
        except MatrixError as error:
            if error.errcode != "M_USER_IN_USE":
                raise

    async def ping(self, transaction: str) -> float:
        """Asks the homeserver to call us; its round trip in ms.  Refused when it cannot reach us."""
        answer = await self._through(
            Point.PING, "POST", Path.v1.appservice[ID].ping, {"transaction_id": transaction}
        )
        return float(answer.get("duration_ms", 0))

    async def set_name(self, name: str) -> None:
        """The bot's display name; no request when it has it already."""
        try:
            profile = await self._through(Point.READ_ROOM, "GET", Path.v3.profile[self.user_id])
        except MatrixError as error:
            if error.status != 404:
                raise
            profile = {}
        if profile.get("displayname") != name:
            path = Path.v3.profile[self.user_id].displayname
            await self._through(Point.STATE, "PUT", path, {"displayname": name})

    # -------------------------------------------------------------------------------- rooms

    async def default_room_version(self) -> str:
        """What the server makes when asked for nothing (`m.room_versions`)."""
        answer = await self._through(Point.READ_ROOM, "GET", Path.v3.capabilities)
        return str(answer.get("capabilities", {}).get("m.room_versions", {}).get("default", "1"))

    async def create_room(self, body: Json) -> RoomID:
        """Has no transaction ID: give it a `room_alias_name` and expect M_ROOM_IN_USE."""
        answer = await self._through(Point.CREATE_ROOM, "POST", Path.v3.createRoom, body)
        return RoomID(answer["room_id"])

    async def resolve(self, alias: str) -> RoomID | None:
        """The room behind an alias, None when nobody has taken it."""
        try:
            answer = await self._through(Point.READ_ROOM, "GET", Path.v3.directory.room[alias])
        except MatrixError as error:
            if error.status == 404:
                return None
            raise
        return RoomID(answer["room_id"])

    async def state(self, room_id: str) -> list[Json]:
        """All state events of a room we are in."""
        answer = await self._exchange(Point.READ_ROOM, "GET", Path.v3.rooms[room_id].state)
        return [event for event in answer if isinstance(event, dict)]

    async def state_of(self, room_id: str, kind: str, key: str = "") -> Json | None:
        """The content of one state event, None when there is none."""
        try:
            return await self._through(Point.READ_ROOM, "GET", Path.v3.rooms[room_id].state[kind][key])
        except MatrixError as error:
            if error.status == 404:
                return None
            raise

    async def put_state(self, room_id: str, kind: str, content: Json, key: str = "") -> EventID:
        """Sets one state event."""
        path = Path.v3.rooms[room_id].state[kind][key]
        return EventID((await self._through(Point.STATE, "PUT", path, content))["event_id"])

    async def invite(self, room_id: str, user_id: str) -> None:
        """Invites; the homeserver refuses with 403 when they are in already."""
        await self._through(Point.INVITE, "POST", Path.v3.rooms[room_id].invite, {"user_id": user_id})

    async def joined_rooms(self) -> list[str]:
        """The rooms we are in."""
        answer = await self._through(Point.READ_ROOM, "GET", Path.v3.joined_rooms)
        return [room_id for room_id in answer.get("joined_rooms", []) if isinstance(room_id, str)]

    async def members(self, room_id: str) -> list[Json]:
        """The `m.room.member` events of those who are joined."""
        answer = await self._through(
            Point.READ_ROOM, "GET", Path.v3.rooms[room_id].members, query={"membership": "join"}
        )
        return [event for event in answer.get("chunk", []) if isinstance(event, dict)]

    async def event(self, room_id: str, event_id: str) -> Json:
        """One event of a room we are in."""
        return await self._through(Point.READ_ROOM, "GET", Path.v3.rooms[room_id].event[event_id])

    async def messages(
        self, room_id: str, *, start: str = "", limit: int = 100, only: Json | None = None
    ) -> tuple[list[Json], str]:
        """A page backwards from `start` (or the end): newest first, and where to go on ("" at the end).

        `only` is a RoomEventFilter.
        """
        query = {"dir": "b", "limit": str(limit)}
        if start:
            query["from"] = start
        if only is not None:
            query["filter"] = json.dumps(only)
        answer = await self._through(Point.READ_ROOM, "GET", Path.v3.rooms[room_id].messages, query=query)
        events = [event for event in answer.get("chunk", []) if isinstance(event, dict)]
        return events, str(answer.get("end") or "")

    # -------------------------------------------------------------------------------- events

    async def send(self, room_id: str, kind: str, content: Json, transaction: str) -> EventID:
        """Sends an event; the same `transaction` from this device within 24 hours sends it once."""
        path = Path.v3.rooms[room_id].send[kind][transaction]
        return EventID((await self._through(Point.SEND, "PUT", path, content))["event_id"])

    async def redact(self, room_id: str, event_id: str, transaction: str) -> EventID:
        """Redacts an event, without a reason; idempotent like `send`."""
        path = Path.v3.rooms[room_id].redact[event_id][transaction]
        return EventID((await self._through(Point.REDACT, "PUT", path, {}))["event_id"])

    # -------------------------------------------------------------------------------- media

    async def media_create(self) -> str:
        """An mxc URI without content; unused it expires after a day (asynchronous uploads)."""
        answer = await self._through(Point.MEDIA_CREATE, "POST", f"/{APIPath.MEDIA}/v1/create", {})
        return str(answer["content_uri"])

    async def media_put(self, mxc: str, data: bytes) -> None:
        """Fills an mxc URI; one that has content already is left as it is.

        Raises `MatrixError`: 404 when it is unknown or has expired, 413 when the file is too large.
        """
        server, media = Transport.parse_mxc_uri(mxc)
        path = f"/{APIPath.MEDIA}/v3/upload/{quote(server, safe='')}/{quote(media, safe='')}"
        try:
            await self._through(Point.MEDIA_PUT, "PUT", path, data, timeout=_TRANSFER_TIMEOUT)
        except MatrixError as error:
            if error.errcode != "M_CANNOT_OVERWRITE_MEDIA":
                raise

    async def media_get(self, mxc: str, cap: int) -> bytes:
        """The bytes behind an mxc URI, at most `cap` (authenticated media).

        Raises `MatrixError`, status 413 when there are more.
        """
        try:
            server, media = Transport.parse_mxc_uri(mxc)
        except ValueError as error:
            raise MatrixError(404, "M_NOT_FOUND", "not an mxc URI") from error
        url = Path.v1.media.download[server][media]
        query = {"timeout_ms": "20000", "allow_remote": "true"}
        try:
            return await self._raw(Point.MEDIA_GET, url, query, cap, _TRANSFER_TIMEOUT)
        except TooLarge as error:
            raise MatrixError(413, "M_TOO_LARGE", "the file is larger than allowed") from error

    async def _raw(
        self, point: Point, path: PathBuilder, query: Mapping[str, str], cap: int, timeout: float
    ) -> bytes:
        """The door for a file.  Raises `MatrixError`, `TooLarge`."""
        transport = self._open()
        getting = transport.session.get(
            transport.address(path),
            params=self._query(point, query),
            headers={"Authorization": f"Bearer {self._token}"},
            allow_redirects=False,
        )
        self._probe(point, "before")
        try:
            async with asyncio.timeout(timeout), getting as response:
                if response.status != 200:
                    raise refusal(response.status, await read_capped(response, 64 * 1024))
                body = await read_capped(response, cap)
        except (ClientError, TimeoutError, OSError) as error:
            raise MatrixError(0, "", f"no answer to {point}: {type(error).__name__}") from error
        self._probe(point, "after")
        return body
