"""Megolm out: one session a room, turned over when somebody may no longer read on.

Source: Client-Server API, "m.megolm.v1.aes-sha2".

    encrypt ─> who lacks the key? ─> share ─> ratchet ─> one commit: ratchet + the caller's change

While nothing changed about members and devices, `encrypt` touches neither network nor
database before its commit.  The room's lock orders the commits; it is not held while they
reach the disk.  A commit that fails costs an index: the ratchet in memory never goes back.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import vodozemac

from bridge.channel import Also
from bridge.e2ee.core import MEGOLM, Core, Members, compact
from bridge.e2ee.devices import Devices
from bridge.e2ee.keys import Keys
from bridge.e2ee.rows import DeviceRow, InboundRow, OutboundRow, SharedRow, StartRow
from bridge.e2ee.sharing import Gift, Sharing
from bridge.e2ee.store import Changes
from bridge.errors import Retry
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)
_ROUNDS = 8  # preparations before a room that never comes to rest is put off


@dataclass(frozen=True, slots=True)
class Encrypted:
    """The content of an `m.room.encrypted` event, ready to be sent as it is."""

    content: Json = field(repr=False)
    session_id: str
    index: int


@dataclass(slots=True)
class Current:
    """The session a room is written with.  `shared` by device; `settled`: all members have it."""

    row: OutboundRow
    session: vodozemac.GroupSession
    shared: dict[tuple[str, str], SharedRow]
    settled: tuple[int, frozenset[str]] | None = None


@dataclass(slots=True)
class Room:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    row: OutboundRow | None = None
    current: Current | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a session is turned over: after so many messages, or so many ms."""

    messages: int = 1000
    period: int = 86_400_000


class Outbound:
    """All rooms' outbound sessions.  `start`s are those of the last 30 days, by session ID."""

    def __init__(
        self,
        core: Core,
        keys: Keys,
        devices: Devices,
        sharing: Sharing,
        *,
        members: Members,
        may_have_keys: Callable[[str, str], bool],
        history_shared: Callable[[str], bool],
        rotation: Rotation,
    ) -> None:
        self._core = core
        self._keys = keys
        self._devices = devices
        self._sharing = sharing
        self._members = members
        self._may_have_keys = may_have_keys
        self.history_shared = history_shared
        self._rotation = rotation
        self._rooms: defaultdict[str, Room] = defaultdict(Room)
        self.starts: dict[str, StartRow] = {}

    async def load(self) -> None:
        """Read which sessions there are; their ratchets are opened at first use."""
        self.starts = {row.session_id: row for row in await self._core.store.load(StartRow)}
        self._rooms.clear()
        for row in await self._core.store.load(OutboundRow):
            self._rooms[row.room_id].row = row

    # ------------------------------------------------------------ encrypting

    async def encrypt(
        self,
        room_id: str,
        event_type: str,
        content: Json,
        also: Callable[[Encrypted], Also] | None = None,
    ) -> Encrypted:
        """Encrypt for the room's members; the ratchet and `also(encrypted)` are in one commit.

        Raises `MatrixError` when a key could not be shared, `Retry`, or what `also` raised.
        """
        room = self._rooms[room_id]
        async with room.lock:
            current = await self._ready(room_id, room)
            index = current.session.message_index
            plain = compact({"room_id": room_id, "type": event_type, "content": content})
            ciphertext = current.session.encrypt(plain).to_base64()
            pickle = current.session.pickle(self._core.pickle_key)
            current.row = room.row = replace(current.row, pickle=pickle)
            encrypted = Encrypted(self._content(ciphertext, current, content), current.row.session_id, index)
            changes = Changes()
            changes.put(current.row)
            done = self._core.store.submit(
                Point.ENCRYPTED, changes, None if also is None else also(encrypted)
            )
        await asyncio.shield(done)
        return encrypted

    def _content(self, ciphertext: str, current: Current, content: Json) -> Json:
        out: Json = {
            "algorithm": MEGOLM,
            "ciphertext": ciphertext,
            "session_id": current.row.session_id,
            # both are deprecated, and nio's schema wants them
            "sender_key": self._keys.curve25519,
            "device_id": self._core.device_id,
        }
        if "m.relates_to" in content:
            out["m.relates_to"] = content["m.relates_to"]
        return out

    async def recipients(self, room_id: str) -> frozenset[str]:
        """The joined members who may have the room's keys, ourselves among them."""
        members: Mapping[str, int] = await self._members(room_id)
        return frozenset(u for u in members if u == self._core.user_id or self._may_have_keys(room_id, u))

    def people(self) -> set[str]:
        """Everybody who may read one of the sessions of the last 30 days."""
        return {user_id for start in self.starts.values() for user_id in start.entitled}

    async def _ready(self, room_id: str, room: Room) -> Current:
        """The room's session, with everybody who may have it; turned over where it must be."""
        for _ in range(_ROUNDS):
            people = await self.recipients(room_id)
            current = room.current or await self._open(room)
            if (
                current is not None
                and current.settled == (self._devices.version, people)
                and not self._must_rotate(current)
            ):
                return current
            await self._devices.refresh(people)
            version = self._devices.version
            if current is None or self._must_rotate(current) or self._lost(current.shared, people):
                current = await self._rotate(room_id, room, people)
            await self._entitle(current, people)
            await self._share(current, people)
            if not self._invalid(current):
                current.settled = (version, people)
        raise Retry("the members of the room change too quickly to share a key with them", after=1)

    async def _open(self, room: Room) -> Current | None:
        if room.row is None or room.row.session_id not in self.starts:
            return None
        rows = await self._core.store.load(SharedRow, session_id=room.row.session_id)
        session = vodozemac.GroupSession.from_pickle(room.row.pickle, self._core.pickle_key)
        room.current = Current(room.row, session, {(r.user_id, r.device_id): r for r in rows})
        return room.current

    def _invalid(self, current: Current) -> bool:
        start = self.starts.get(current.row.session_id)
        return start is None or start.invalid

    def _must_rotate(self, current: Current) -> bool:
        if self._invalid(current):
            return True
        age = self._core.clock() - self.starts[current.row.session_id].created
        full = current.session.message_index >= self._rotation.messages
        return full or not 0 <= age < self._rotation.period

    def _lost(self, shared: Mapping[tuple[str, str], SharedRow], people: frozenset[str]) -> bool:
        """Whether somebody has the key who may not read on: gone, removed, or no longer trusted."""
        return any(not self._may_read(row, people) for row in shared.values() if row.withheld is None)

    def _may_read(self, row: SharedRow, people: frozenset[str]) -> bool:
        device = self._devices.get(row.user_id, row.device_id)
        return (
            row.user_id in people
            and device is not None
            and device.curve25519 == row.sender_key
            and self._devices.withheld_code(device) is None
        )

    async def _rotate(self, room_id: str, room: Room, people: frozenset[str]) -> Current:
        changes = Changes()
        if (old := room.current) is not None and self._lost(old.shared, people):
            self._invalidate(old.row.session_id, changes)
        session = vodozemac.GroupSession()
        now, pickle = self._core.clock(), session.pickle(self._core.pickle_key)
        inbound = vodozemac.InboundGroupSession(session.session_key).pickle(self._core.pickle_key)
        row = OutboundRow(room_id, session.session_id, pickle)
        entitled = dict.fromkeys(sorted(people - {self._core.user_id}), 0)
        start = StartRow(session.session_id, room_id, pickle, now, entitled=entitled)
        ours = InboundRow(
            room_id,
            session.session_id,
            self._keys.curve25519,
            self._keys.ed25519,
            inbound,
            shared_history=self.history_shared(room_id),
            received=now,
        )
        changes.put(row, start, ours)
        await self._core.store.commit(Point.CRYPTO_OLM, changes)
        self.starts[start.session_id] = start
        room.row, room.current = row, Current(row, session, {})
        return room.current

    async def _entitle(self, current: Current, people: frozenset[str]) -> None:
        """Note from which index on people who were not there before may read."""
        start = self.starts[current.row.session_id]
        new = people - start.entitled.keys() - {self._core.user_id}
        if new:
            index = current.session.message_index
            entitled = {**start.entitled, **dict.fromkeys(sorted(new), index)}
            await self._put_start(replace(start, entitled=entitled))

    async def _share(self, current: Current, people: frozenset[str]) -> None:
        start = self.starts[current.row.session_id]
        key, index = current.session.session_key.to_base64(), current.session.message_index
        gifts: list[Gift] = []
        refused: list[tuple[Gift, str]] = []
        for device in (d for u in sorted(people) for d in self._devices.of(u)):
            gift = Gift(device, start, index, key)
            code = self._devices.withheld_code(device)
            if code is not None:
                self._devices.refused(device)
            known = current.shared.get(device.key_pair)
            if code is None and self._wants(device, known):
                gifts.append(gift)
            elif code is not None and (known is None or known.withheld != code):
                refused.append((gift, code))
        noted = await self._sharing.withhold(refused) if refused else []
        for row in noted + await self._sharing.give(gifts, history=self.history_shared(start.room_id)):
            self.noted(row)

    def _wants(self, device: DeviceRow, known: SharedRow | None) -> bool:
        if known is None or known.sender_key != device.curve25519:
            return True
        return known.withheld is not None and device.retry_at <= self._core.clock()

    def noted(self, row: SharedRow) -> None:
        """A device got, or did not get, the key of a session."""
        start = self.starts.get(row.session_id)
        room = self._rooms.get(start.room_id) if start else None
        if room and room.current and room.current.row.session_id == row.session_id:
            known = room.current.shared.get((row.user_id, row.device_id))
            if known is None or known.withheld is not None or row.withheld is None:
                room.current.shared[row.user_id, row.device_id] = row

    # ------------------------------------------------------------ turning over

    def _invalidate(self, session_id: str, changes: Changes) -> None:
        start = self.starts.get(session_id)
        if start is not None and not start.invalid:
            self.starts[session_id] = replace(start, invalid=True)
            changes.put(self.starts[session_id])

    async def left(self, room_id: str, user_id: str) -> None:
        """Somebody left or was banned: nothing more goes out with a session they had."""
        changes = Changes()
        for start in [s for s in self.starts.values() if s.room_id == room_id and user_id in s.entitled]:
            self._invalidate(start.session_id, changes)
        if changes:
            await self._core.store.commit(Point.CRYPTO_OLM, changes)

    async def discard(self, room_id: str | None = None) -> None:
        """Turn over the sessions of a room, or of all rooms."""
        changes = Changes()
        for start in [s for s in self.starts.values() if room_id in (None, s.room_id)]:
            self._invalidate(start.session_id, changes)
        if changes:
            await self._core.store.commit(Point.CRYPTO_OLM, changes)

    async def still_good(self, room_id: str, session_id: str) -> bool:
        """Whether what was encrypted with the session may still be sent.

        False once somebody has its key who may not read on.  Asks for device lists that changed.
        Raises `MatrixError`.
        """
        start = self.starts.get(session_id)
        if start is None or start.invalid or start.room_id != room_id:
            return False
        people = await self.recipients(room_id)
        current = self._rooms[room_id].current
        if current is not None and current.row.session_id == session_id:
            if current.settled == (self._devices.version, people):
                return not self._invalid(current)
            shared = current.shared
        else:
            rows = await self._core.store.load(SharedRow, session_id=session_id)
            shared = {(r.user_id, r.device_id): r for r in rows}
        await self._devices.refresh(people)
        if self._lost(shared, people):
            changes = Changes()
            self._invalidate(session_id, changes)
            if changes:
                await self._core.store.commit(Point.CRYPTO_OLM, changes)
            return False
        return not self.starts[session_id].invalid

    async def _put_start(self, start: StartRow) -> None:
        self.starts[start.session_id] = replace(start, invalid=self.starts[start.session_id].invalid)
        changes = Changes()
        changes.put(self.starts[start.session_id])
        await self._core.store.commit(Point.CRYPTO_OLM, changes)
