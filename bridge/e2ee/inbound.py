"""Megolm in: room keys that arrive, events that are read, and how far each may be trusted.

Source: Client-Server API, "m.megolm.v1.aes-sha2" (with its rules against replay).

A room key is kept per device that gave it: somebody who passes another's key off as their own
neither replaces the true one nor uses up its indices.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import vodozemac

from bridge.e2ee.core import MEGOLM, Core, mapping, text
from bridge.e2ee.devices import Devices
from bridge.e2ee.errors import CannotDecrypt, MissingKey
from bridge.e2ee.keys import Keys
from bridge.e2ee.olm import Payload
from bridge.e2ee.rows import InboundRow, ReplayRow, WithheldRow
from bridge.e2ee.store import Changes
from bridge.errors import Retry
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)
_OPEN = 2000  # sessions and indices kept in memory
_AGAIN = 60_000  # ms before a user is asked again for a device that their list lacks
_HISTORY = ("shared_history", "m.shared_history", "org.matrix.msc3061.shared_history")

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What was inside.  `content` is exactly the ciphertext's; relations of the wire are not mixed in.

    `device_id` is the sender's device, None when unknown.  `trusted`: that device is signed under
    the sender's pinned identity, and the key came from it.
    """

    type: str
    content: Json = field(repr=False)
    sender: str
    device_id: str | None
    trusted: bool
    session_id: str


class Recent(OrderedDict[K, V], Generic[K, V]):
    """The last `_OPEN` entries."""

    def keep(self, key: K, value: V) -> None:
        self[key] = value
        self.move_to_end(key)
        while len(self) > _OPEN:
            self.popitem(last=False)


class Inbound:
    """Reads events of one device's rooms."""

    def __init__(self, core: Core, keys: Keys, devices: Devices) -> None:
        self._core = core
        self._keys = keys
        self._devices = devices
        self._sessions: Recent[tuple[str | int, ...], tuple[str, vodozemac.InboundGroupSession]] = Recent()
        self._rows: Recent[tuple[str, str], list[InboundRow]] = Recent()
        self._seen: Recent[tuple[str | int, ...], ReplayRow] = Recent()
        self._looked: dict[str, int] = {}

    # ------------------------------------------------------------ keys that come

    async def receive(self, payload: Payload, changes: Changes) -> tuple[str, str] | None:
        """Take a `m.room_key`; its room and session, when it is of use.  Raises ValueError."""
        content = payload.content
        if content.get("algorithm") != MEGOLM:
            return None
        session = vodozemac.InboundGroupSession(vodozemac.SessionKey(text(content, "session_key")))
        return await self.take(payload, session, changes)

    async def take(
        self, payload: Payload, session: vodozemac.InboundGroupSession, changes: Changes
    ) -> tuple[str, str] | None:
        """Keep `session` as a key of the device that sent `payload`, unless a better one is there."""
        content = payload.content
        room_id, session_id = text(content, "room_id"), text(content, "session_id")
        if session.session_id != session_id:
            raise ValueError("the key is not of the session it names")
        row = InboundRow(
            room_id,
            session_id,
            payload.sender_key,
            payload.signing_key,
            session.pickle(self._core.pickle_key),
            session.first_known_index,
            any(content.get(name) is True for name in _HISTORY),
            self._core.clock(),
        )
        known = await changes.load_one(self._core.store, row)
        if known is None or self._better(session, known):
            changes.put(row)
            changes.drop(WithheldRow(room_id, session_id, ""))
        return room_id, session_id

    def _better(self, session: vodozemac.InboundGroupSession, known: InboundRow) -> bool:
        """Whether the same ratchet is known from an earlier index on now."""
        if session.first_known_index >= known.first_index:
            return False
        old = vodozemac.InboundGroupSession.from_pickle(known.pickle, self._core.pickle_key)
        here, there = session.export_at(known.first_index), old.export_at(known.first_index)
        return here is not None and there is not None and here.to_base64() == there.to_base64()

    def withheld(self, content: Any, changes: Changes) -> None:
        """Somebody says why we do not get a key.  Raises ValueError."""
        if isinstance(content, dict) and "session_id" in content:
            row = WithheldRow(
                text(content, "room_id"), text(content, "session_id"), text(content, "code")[:255]
            )
            changes.put(row)

    def forget(self, room_id: str, session_id: str) -> None:
        """The rows of this session changed in the store: read them again."""
        self._rows.pop((room_id, session_id), None)

    # ------------------------------------------------------------ events that come

    async def decrypt(self, event: Mapping[str, Any]) -> Decrypted:
        """Read one `m.room.encrypted` event.

        Raises `MissingKey`, `CannotDecrypt` (malformed, replayed, for another room), `Retry` when the
        sender's server must be asked first and does not answer, `MatrixError` when ours does not.
        """
        try:
            room_id, event_id, sender = text(event, "room_id"), text(event, "event_id"), text(event, "sender")
            content = mapping(event, "content")
            session_id, ciphertext = text(content, "session_id"), text(content, "ciphertext")
            message = vodozemac.MegolmMessage.from_base64(ciphertext)
            ts = event.get("origin_server_ts")
        except ValueError as error:
            raise CannotDecrypt("the encrypted event is malformed") from error
        if content.get("algorithm") != MEGOLM or not isinstance(ts, int) or isinstance(ts, bool):
            raise CannotDecrypt("the encrypted event is malformed")
        row = await self._key_for(room_id, session_id, sender)
        try:
            result = self._session(row).decrypt(message)
        except ValueError as error:
            if message.message_index() < row.first_index:
                raise MissingKey(session_id, "the key begins later") from error
            raise CannotDecrypt("the message does not belong to its session") from error
        kind, inner = _open_payload(result.plaintext, room_id)
        device_id, trusted = await self._trust(sender, row)
        await self._refuse_replay(ReplayRow(session_id, row.sender_key, result.message_index, event_id, ts))
        return Decrypted(kind, inner, sender, device_id, trusted, session_id)

    async def _key_for(self, room_id: str, session_id: str, sender: str) -> InboundRow:
        """The key that a device of the sender gave us, if there is one; else any."""
        rows = self._rows.get((room_id, session_id))
        if rows is None:
            rows = await self._core.store.load(InboundRow, room_id=room_id, session_id=session_id)
            if not rows:
                codes = await self._core.store.load(WithheldRow, room_id=room_id, session_id=session_id)
                raise MissingKey(session_id, codes[0].code if codes else None)
            rows.sort(key=lambda row: row.received)
            self._rows.keep((room_id, session_id), rows)
        if len(rows) > 1 and sender != self._core.user_id:
            await self._devices.refresh([sender])
        return next((row for row in rows if self._belongs(sender, row)), rows[0])

    def _belongs(self, sender: str, row: InboundRow) -> bool:
        if row.sender_key == self._keys.curve25519:
            return sender == self._core.user_id
        return self._devices.by_curve25519(sender, row.sender_key) is not None

    def _session(self, row: InboundRow) -> vodozemac.InboundGroupSession:
        cached = self._sessions.get(row.key)
        if cached is None or cached[0] != row.pickle:
            session = vodozemac.InboundGroupSession.from_pickle(row.pickle, self._core.pickle_key)
            cached = (row.pickle, session)
            self._sessions.keep(row.key, cached)
        return cached[1]

    async def _refuse_replay(self, row: ReplayRow) -> None:
        if (known := self._seen.get(row.key)) is None:
            stored = await self._core.store.load(
                ReplayRow,
                session_id=row.session_id,
                sender_key=row.sender_key,
                message_index=row.message_index,
            )
            known = self._seen.get(row.key) or (stored[0] if stored else None)
        if known is not None and known != row:
            raise CannotDecrypt("another event has used this message's index: it is a replay")
        if known is None:
            changes = Changes()
            changes.put(row)
            self._seen.keep(row.key, row)
            try:
                await self._core.store.commit(Point.CRYPTO_REPLAY, changes)
            except BaseException:
                self._seen.pop(row.key, None)
                raise

    async def _trust(self, sender: str, row: InboundRow) -> tuple[str | None, bool]:
        if row.sender_key == self._keys.curve25519:
            ours = sender == self._core.user_id
            return (self._core.device_id, True) if ours else (None, False)
        await self._devices.refresh([sender])
        if not self._devices.known(sender):
            raise Retry("the sender's server does not answer for their devices", after=30)
        device = self._devices.by_curve25519(sender, row.sender_key)
        if device is None and self._core.clock() - self._looked.get(sender, -_AGAIN) >= _AGAIN:
            self._looked[sender] = self._core.clock()
            self._devices.mark_dirty([sender], Changes())
            await self._devices.refresh([sender])
            device = self._devices.by_curve25519(sender, row.sender_key)
        if device is None and self._devices.dirty([sender]):
            raise Retry("the sender's server does not answer for their devices", after=30)
        if device is None or device.ed25519 != row.signing_key:
            return None, False
        return device.device_id, self._devices.trusted(device)


def _open_payload(plain: bytes, room_id: str) -> tuple[str, Json]:
    try:
        payload = json.loads(plain)
        kind, content = text(payload, "type"), payload.get("content")
    except (ValueError, RecursionError) as error:
        raise CannotDecrypt("what was encrypted is malformed") from error
    if payload.get("room_id") != room_id:
        raise CannotDecrypt("the message was encrypted for another room")
    if not isinstance(content, dict):
        raise CannotDecrypt("what was encrypted is malformed")
    return kind, content
