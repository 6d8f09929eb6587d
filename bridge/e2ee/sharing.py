"""Handing room keys to devices: who gets one, who is told why not, who is tried again.

Sources: Client-Server API, "m.room_key", "m.room_key.withheld"; MSC3061 (shared_history).
"Shared" is noted only after the request succeeded: a crash in between shares once more.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import vodozemac

from bridge.e2ee import to_device
from bridge.e2ee.core import MEGOLM, Core
from bridge.e2ee.devices import Devices
from bridge.e2ee.keys import Keys
from bridge.e2ee.olm import Olm
from bridge.e2ee.rows import DeviceRow, SharedRow, StartRow
from bridge.e2ee.store import Changes
from bridge.e2ee.to_device import ToDevice, batches
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)
NO_OLM = "m.no_olm"
_FIRST_RETRY = 30_000
_LAST_RETRY = 3_600_000


@dataclass(frozen=True, slots=True)
class Gift:
    """The key of a session from `index` on, for one device."""

    device: DeviceRow
    start: StartRow
    index: int
    session_key: str

    def shared(self, withheld: str | None = None) -> SharedRow:
        d = self.device
        return SharedRow(self.start.session_id, d.user_id, d.device_id, d.curve25519, self.index, withheld)


class Sharing:
    """Sends keys and refusals, and notes what became of them."""

    def __init__(self, core: Core, keys: Keys, devices: Devices, olm: Olm) -> None:
        self._core = core
        self._keys = keys
        self._devices = devices
        self._olm = olm
        self._told_no_olm: set[str] = set()

    def key_at(self, start: StartRow, index: int) -> str:
        """The session's key from `index` on, made from its start.  A Megolm ratchet turns forward only."""
        session = vodozemac.GroupSession.from_pickle(start.pickle, self._core.pickle_key)
        for _ in range(index):
            session.encrypt(b"")
        return session.session_key.to_base64()

    async def give(self, gifts: Sequence[Gift], *, history: bool) -> list[SharedRow]:
        """Send these keys; what is noted about each.  Raises `MatrixError`; then some may have gone out.

        `history`: the room's history is shared with later members (MSC3061).
        """
        if not gifts:
            return []
        lacking = await self._olm.ensure([g.device for g in gifts])
        ready = [g for g in gifts if g.device.curve25519 not in lacking]
        noted: list[SharedRow] = []
        for batch in batches((n, g.device) for n, g in enumerate(ready)):
            part = [ready[n] for n in batch]
            contents = await self._olm.encrypt(
                [ToDevice(g.device, "m.room_key", _room_key(g, history)) for g in part]
            )
            sendable = [(g, c) for g, c in zip(part, contents, strict=True) if c is not None]
            await to_device.send(self._core, "m.room.encrypted", [(g.device, c) for g, c in sendable])
            rows = [g.shared() for g, _ in sendable]
            await self._note(rows)
            noted += rows
            self._told_no_olm.difference_update(g.device.curve25519 for g, _ in sendable)
        without = [g for g in gifts if g.device.curve25519 in lacking]
        return noted + await self.withhold([(g, NO_OLM) for g in without])

    async def withhold(self, refused: Sequence[tuple[Gift, str]]) -> list[SharedRow]:
        """Tell devices why they get no key, and note it.  Raises `MatrixError`."""
        speak = [(g, code) for g, code in refused if not self._told(g, code)]
        for batch in batches((n, g.device) for n, (g, _) in enumerate(speak)):
            part = [speak[n] for n in batch]
            messages = [(g.device, self._refusal(g, code)) for g, code in part]
            await to_device.send(self._core, "m.room_key.withheld", messages)
        rows = [g.shared(code) for g, code in refused]
        changes = Changes()
        for gift, code in refused:
            if code == NO_OLM:
                self._told_no_olm.add(gift.device.curve25519)
                self.owe(gift.device, changes)
        await self._note(rows, changes)
        return rows

    def _told(self, gift: Gift, code: str) -> bool:
        return code == NO_OLM and gift.device.curve25519 in self._told_no_olm

    def _refusal(self, gift: Gift, code: str) -> Json:
        content = {"algorithm": MEGOLM, "sender_key": self._keys.curve25519, "code": code}
        if code != NO_OLM:
            content |= {"room_id": gift.start.room_id, "session_id": gift.start.session_id}
        return content

    def owe(self, device: DeviceRow, changes: Changes) -> None:
        """The device is to be tried again, each time after twice as long."""
        now = self._core.clock()
        row = self._devices.get(*device.key_pair)
        if row is not None and (row.caught_up or row.retry_at <= now):
            wait = min(_LAST_RETRY, _FIRST_RETRY * 2 ** min(row.tries, 10))
            row = replace(row, caught_up=False, tries=row.tries + 1, retry_at=now + wait)
            self._devices.put(row, changes)

    async def _note(self, rows: Sequence[SharedRow], changes: Changes | None = None) -> None:
        changes = changes or Changes()
        changes.put(*rows)
        if changes:
            await self._core.store.commit(Point.CRYPTO_SHARED, changes)


def _room_key(gift: Gift, history: bool) -> Json:
    content: Json = {
        "algorithm": MEGOLM,
        "room_id": gift.start.room_id,
        "session_id": gift.start.session_id,
        "session_key": gift.session_key,
    }
    if history:
        # never "m.shared_history" beside these two: Element's engine reads all three as one
        # field and drops the whole key
        content["shared_history"] = content["org.matrix.msc3061.shared_history"] = True
    return content
