"""A member of staff with an ordinary Matrix client (matrix-nio), encrypted, driven by code.

    officer = Officer(lab.birch.url, "officer", "secret", directory)
    await officer.start()
    await officer.cross_sign()
    head = await officer.wait_for(lambda e: e.body.startswith("PARK-"))
    await officer.reply_in_thread(head.room_id, head.event_id, "We are on it.")

It joins what it is invited to and encrypts for every device of a room's members.  nio cannot
cross-sign: `cross_sign` does it with our own keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from nio import RoomSendResponse, SyncResponse
from nio.crypto import decrypt_attachment, encrypt_attachment

from bridge.demo.cross_signing import CrossSigning
from bridge.demo.listening import SYNC_FILTER, SYNC_TIMEOUT, ListeningClient, listening_client
from bridge.demo.matrix import Door
from bridge.demo.scrolling import Gaps
from bridge.demo.seen import Seen
from bridge.e2ee.api import MatrixError
from bridge.model import Json

_JOIN_TIMEOUT = 30.0  # seconds, a join over federation
_ROOM_DEADLINE = 20.0  # seconds until a joined room is known as encrypted
_PAUSE = 0.5  # seconds after a sync that failed
_SHARES = 5  # sessions that may be dropped while they are shared
_NO_KEY = "its key has not come"


class Officer:
    """One device of one user; `seen` holds every event of its rooms, by event ID, as they came."""

    def __init__(
        self, url: str, localpart: str, password: str, directory: Path, *, auto_join: bool = True
    ) -> None:
        self.url = url
        self.localpart = localpart
        self.directory = directory
        self.user_id = ""
        self.device_id = ""
        self.token = ""
        self.seen: dict[str, Seen] = {}
        self.identity: CrossSigning | None = None
        self.door = Door(url)
        self._password = password
        self._auto_join = auto_join
        self._client: ListeningClient | None = None
        self._loop: asyncio.Task[None] | None = None
        self._unread: dict[str, tuple[str, Json]] = {}
        self._changed = asyncio.Condition()
        self._synced = asyncio.Event()
        self._gaps = Gaps(self.door, time.monotonic)
        self._sending = asyncio.Lock()
        self._turn_over: set[str] = set()

    # ------------------------------------------------------------------ life

    async def start(self) -> None:
        """Logs in (the first time) and syncs; returns after the first sync, with its keys uploaded.

        After `stop` it goes on as the same device, from its store.
        """
        if self._loop is not None:
            return
        if not self.token:
            await self._login()
        client = listening_client(self.url, self.directory)
        client.report = self._take
        client.restore_login(self.user_id, self.device_id, self.token)
        self._client = client
        first = await client.sync(timeout=0, sync_filter=SYNC_FILTER, full_state=True)
        if not isinstance(first, SyncResponse):
            await self.stop()
            raise MatrixError(0, "", "the first sync failed")
        self._gaps.note(first.rooms.join)
        await self._after_sync(client)
        await self._chores(client)
        self._loop = asyncio.get_running_loop().create_task(self._run(client))

    async def stop(self) -> None:
        """Ends the client; the device stays."""
        loop, self._loop = self._loop, None
        while loop is not None and not loop.done():
            loop.cancel()  # nio may take one for a failed request and go on
            await asyncio.wait([loop], timeout=1)
        client, self._client = self._client, None
        if client is not None:
            await client.close()
            client.store.database.close()
        await self.door.close()

    async def __aenter__(self) -> Officer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def new_device(self, directory: Path | None = None) -> Officer:
        """A second device of the same user, started and not signed; `cross_sign` signs it."""
        place = directory or self.directory / f"device-{uuid.uuid4().hex[:8]}"
        other = Officer(self.url, self.localpart, self._password, place, auto_join=self._auto_join)
        other.identity = self.identity
        await other.start()
        return other

    # ------------------------------------------------------------------ identity

    @property
    def ed25519(self) -> str:
        """The device's signing key, unpadded base64."""
        key: str = self._running.olm.account.identity_keys["ed25519"]
        return key

    async def cross_sign(self, password: str = "") -> CrossSigning:
        """Signs this device, and uploads the user's identity before, unless this object has one.

        `password` confirms the upload; the one it logged in with, when empty.
        """
        if self.identity is None:
            return await self.replace_identity(password)
        await self.identity.sign_device(self.door, self.token, self.device_id, self.ed25519)
        return self.identity

    async def replace_identity(self, password: str = "", *, sign: bool = True) -> CrossSigning:
        """Uploads new cross-signing keys in place of the old ones; signs this device when `sign`."""
        identity = CrossSigning.generate(self.user_id)
        await identity.upload(self.door, self.token, password or self._password)
        self.identity = identity
        if sign:
            await identity.sign_device(self.door, self.token, self.device_id, self.ed25519)
        return identity

    # ------------------------------------------------------------------ seeing

    @property
    def joined(self) -> set[str]:
        """The rooms it is in, as far as synced."""
        return set(self._running.rooms)

    def encrypted(self, room_id: str) -> bool:
        """Whether it knows the room as encrypted."""
        room = self._running.rooms.get(room_id)
        return room is not None and bool(room.encrypted)

    async def wait_for(self, predicate: Callable[[Seen], object], deadline: float = 20) -> Seen:
        """The first event, old or new, for which `predicate` is true.

        An event whose key comes late is asked about again then.  Raises AssertionError after
        `deadline` seconds, with what was seen instead.
        """
        await self._until(lambda: self._first(predicate) is not None, deadline, "no such event")
        found = self._first(predicate)
        if found is None:
            raise AssertionError("the event was there and is not any more")
        return found

    async def wait_joined(self, room_id: str, deadline: float = 20) -> None:
        """Until it is in the room."""
        await self._until(lambda: room_id in self.joined, deadline, f"not in {room_id}")

    # ------------------------------------------------------------------ doing

    async def join(self, room_id: str, via: list[str] | None = None) -> str:
        """Joins by ID or alias, also a restricted room through its space; returns when synced."""
        servers = "&".join(f"{key}={quote(name)}" for name in via or [] for key in ("via", "server_name"))
        path = f"/_matrix/client/v3/join/{quote(room_id, safe='')}" + (f"?{servers}" if servers else "")
        answer = await self.door.request("POST", path, {}, token=self.token, timeout=_JOIN_TIMEOUT)
        joined: str = answer["room_id"]
        await self.wait_joined(joined)
        return joined

    async def send(self, room_id: str, content: Json, event_type: str = "m.room.message") -> str:
        """Any encrypted event; `m.relates_to` goes into the content and, as always, onto the wire."""
        await self._until(lambda: self.encrypted(room_id), _ROOM_DEADLINE, f"{room_id} is not encrypted")
        client = self._running
        async with self._sending:
            if room_id in self._turn_over:
                self._turn_over.discard(room_id)
                client.invalidate_outbound_session(room_id)
            answer = await self._shared_and_sent(client, room_id, event_type, content)
        if not isinstance(answer, RoomSendResponse):
            raise MatrixError(0, str(answer.status_code or ""), str(answer.message))
        event_id: str = answer.event_id
        return event_id

    async def _shared_and_sent(self, client: ListeningClient, room_id: str, kind: str, content: Json) -> Any:
        for _ in range(_SHARES - 1):
            await client.freshen_session(room_id)
            with contextlib.suppress(KeyError):  # nio drops a session that it shares when a device comes
                return await client.room_send(room_id, kind, content, ignore_unverified_devices=True)
        await client.freshen_session(room_id)
        return await client.room_send(room_id, kind, content, ignore_unverified_devices=True)

    async def say(self, room_id: str, text: str) -> str:
        """A text outside any thread."""
        return await self.send(room_id, {"msgtype": "m.text", "body": text})

    async def reply_in_thread(self, room_id: str, root: str, text: str, latest: str = "") -> str:
        """A text in the thread of `root`, as most clients send it; `latest` is the thread's last event."""
        relation = {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": latest or root},
        }
        return await self.send(room_id, {"msgtype": "m.text", "body": text, "m.relates_to": relation})

    async def edit(self, room_id: str, target: str, text: str) -> str:
        """Replaces the text of a message."""
        content = {
            "msgtype": "m.text",
            "body": f"* {text}",
            "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": target},
        }
        return await self.send(room_id, content)

    async def redact(self, room_id: str, target: str) -> str:
        """Removes an event; the redaction's event ID."""
        return await self._put(room_id, f"redact/{quote(target, safe='')}", {})

    async def react(self, room_id: str, target: str, key: str) -> str:
        """A reaction; never encrypted."""
        relation = {"rel_type": "m.annotation", "event_id": target, "key": key}
        return await self.send_plain(room_id, {"m.relates_to": relation}, "m.reaction")

    async def send_plain(self, room_id: str, content: Json, event_type: str = "m.room.message") -> str:
        """An event in the clear, whatever the room."""
        return await self._put(room_id, f"send/{quote(event_type, safe='')}", content)

    async def send_file(
        self,
        room_id: str,
        name: str,
        mime: str,
        data: bytes,
        *,
        relates: Json | None = None,
        caption: str = "",
    ) -> str:
        """An encrypted file with an optional relation and caption."""
        ciphertext, keys = encrypt_attachment(data)
        uri = await self.door.upload(ciphertext, token=self.token)
        kind = mime.partition("/")[0]
        content: Json = {
            "msgtype": f"m.{kind}" if kind in ("image", "audio", "video") else "m.file",
            "body": caption or name,
            "filename": name,
            "file": {**keys, "url": uri},
            "info": {"mimetype": mime, "size": len(data)},
        }
        if relates is not None:
            content["m.relates_to"] = relates
        return await self.send(room_id, content)

    async def download(self, file_info: Json) -> bytes:
        """The decrypted bytes behind an event's `content["file"]`; nio raises when its digest is wrong."""
        ciphertext = await self.door.download(file_info["url"], token=self.token)
        plain: bytes = decrypt_attachment(
            ciphertext, file_info["key"]["k"], file_info["hashes"]["sha256"], file_info["iv"]
        )
        return plain

    def rotate(self, room_id: str) -> None:
        """The next message of the room opens a new Megolm session."""
        self._turn_over.add(room_id)  # while a send shares the session nio must not lose it

    # ------------------------------------------------------------------ inside

    @property
    def _running(self) -> Any:
        if self._client is None:
            raise RuntimeError(f"officer {self.localpart} is not started")
        return self._client

    async def _login(self) -> None:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.localpart},
            "password": self._password,
            "initial_device_display_name": "officer",
        }
        answer = await self.door.request("POST", "/_matrix/client/v3/login", body)
        self.user_id, self.device_id = answer["user_id"], answer["device_id"]
        self.token = answer["access_token"]

    async def _run(self, client: ListeningClient) -> None:
        """Syncs and does its chores side by side: a peer that is away must not keep it from seeing."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sync(client))
            group.create_task(self._keep_house(client))

    async def _sync(self, client: ListeningClient) -> None:
        while True:
            answer = await client.sync(timeout=SYNC_TIMEOUT, sync_filter=SYNC_FILTER)
            if isinstance(answer, SyncResponse):
                self._gaps.note(answer.rooms.join)
                await self._after_sync(client)
            else:
                await asyncio.sleep(_PAUSE)

    async def _after_sync(self, client: ListeningClient) -> None:
        for room_id, wire in list(self._unread.values()):
            decrypted = client.decrypt_later(room_id, wire)
            if decrypted is not None:
                self._take(room_id, wire, decrypted)
        self._synced.set()
        async with self._changed:
            self._changed.notify_all()

    async def _keep_house(self, client: ListeningClient) -> None:
        while True:
            await self._synced.wait()
            self._synced.clear()
            await self._chores(client)

    async def _chores(self, client: ListeningClient) -> None:
        await client.housekeeping()
        await self._scroll_back(client)
        if self._auto_join:
            for room_id in list(client.invited_rooms):
                await self._accept(room_id)

    async def _scroll_back(self, client: ListeningClient) -> None:
        try:
            missed = await self._gaps.fill(self.token, self.seen)
        except MatrixError:
            return  # the homeserver is away: the gap stays open, the next sync is followed by another look
        for room_id, wire in missed:
            encrypted = wire["type"] == "m.room.encrypted"
            self._take(room_id, wire, client.decrypt_later(room_id, wire) if encrypted else None)
        if missed:
            async with self._changed:
                self._changed.notify_all()

    async def _accept(self, room_id: str) -> None:
        path = f"/_matrix/client/v3/join/{quote(room_id, safe='')}"
        # a refusal may be a link that is cut: the invitation stays and is tried after the next sync
        with contextlib.suppress(MatrixError):
            await self.door.request("POST", path, {}, token=self.token, timeout=_JOIN_TIMEOUT)

    def _take(self, room_id: str, wire: Json, decrypted: Json | None) -> None:
        encrypted = wire.get("type") == "m.room.encrypted" and "ciphertext" in wire.get("content", {})
        plain = decrypted if decrypted is not None else wire
        fault = _NO_KEY if encrypted and decrypted is None else ""
        if fault:
            self._unread[wire["event_id"]] = (room_id, wire)
        else:
            self._unread.pop(wire["event_id"], None)
        self.seen[wire["event_id"]] = Seen(
            room_id=room_id,
            event_id=wire["event_id"],
            sender=wire["sender"],
            type=plain["type"],
            content={} if fault else plain.get("content", {}),
            wire=wire.get("content", {}),
            encrypted=encrypted,
            fault=fault,
            timestamp=wire["origin_server_ts"],
            state_key=wire.get("state_key"),
            redacts=wire.get("redacts") or wire.get("content", {}).get("redacts"),
        )

    def _first(self, predicate: Callable[[Seen], object]) -> Seen | None:
        return next((event for event in self.seen.values() if predicate(event)), None)

    async def _put(self, room_id: str, verb: str, content: Json) -> str:
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/{verb}/{uuid.uuid4().hex}"
        answer = await self.door.request("PUT", path, content, token=self.token)
        event_id: str = answer["event_id"]
        return event_id

    async def _until(self, condition: Callable[[], bool], deadline: float, what: str) -> None:
        try:
            async with asyncio.timeout(deadline), self._changed:
                await self._changed.wait_for(lambda: self._broken() or condition())
        except TimeoutError:
            told = [(e.sender, e.type, e.fault or e.body) for e in self.seen.values() if e.state_key is None]
            raise AssertionError(f"{what} within {deadline} s; {self.user_id} saw {told}") from None
        if self._loop is not None and self._loop.done():
            self._loop.result()

    def _broken(self) -> bool:
        return self._loop is not None and self._loop.done()
