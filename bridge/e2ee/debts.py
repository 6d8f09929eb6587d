"""Keys that somebody may have and did not get: late signers, and devices that had no one-time key.

Once a device is signed under its owner's pinned identity it gets the key of every session of
the last 30 days in which the owner was a member, from the later of the session's start and the
owner's join; never more.  A device that lacked an Olm session is tried again with backoff.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from bridge.e2ee.core import Core
from bridge.e2ee.devices import Devices
from bridge.e2ee.olm import Olm
from bridge.e2ee.outbound import Outbound
from bridge.e2ee.rows import DeviceRow, OutboundRow, SharedRow, StartRow
from bridge.e2ee.sharing import NO_OLM, Gift, Sharing
from bridge.e2ee.store import Changes
from bridge.points import Point

log = logging.getLogger(__name__)
KEPT = 30 * 86_400_000  # ms for which the start of a session is kept


class Debts:
    """Settles what is owed; safe to call at any time, and cheap when nothing is due."""

    def __init__(self, core: Core, devices: Devices, olm: Olm, sharing: Sharing, outbound: Outbound) -> None:
        self._core = core
        self._devices = devices
        self._olm = olm
        self._sharing = sharing
        self._outbound = outbound
        self._lock = asyncio.Lock()

    def heard_from(self, server: str) -> None:
        """The server answers again: what we owe its devices is due now."""
        changes = Changes()
        for device in self._devices.all():
            if device.tries and not device.caught_up and device.user_id.partition(":")[2] == server:
                self._olm.heard_from(device.curve25519)
                self._devices.put(replace(device, retry_at=0), changes)

    async def settle(self) -> None:
        """Send every key that is due.  Raises `MatrixError`; the rest stays owed."""
        async with self._lock:
            now = self._core.clock()
            due = [
                device
                for device in self._devices.all()
                if not device.caught_up
                and device.retry_at <= now
                and self._devices.withheld_code(device) is None
            ]
            if due:
                await self._settle(due, now)

    async def _settle(self, due: list[DeviceRow], now: int) -> None:
        keys: dict[tuple[str, int], str] = {}
        gifts = {device.key_pair: await self._owed(device, now, keys) for device in due}
        lacking = await self._olm.ensure([d for d in due if gifts[d.key_pair]])
        ready = [d for d in due if d.curve25519 not in lacking]
        for history, part in self._by_history(g for d in ready for g in gifts[d.key_pair]).items():
            for row in await self._sharing.give(part, history=history):
                self._outbound.noted(row)
        changes = Changes()
        for device in due:
            if device.curve25519 in lacking:
                self._sharing.owe(device, changes)
            elif self._devices.get(*device.key_pair) == device:
                self._devices.put(replace(device, caught_up=True, tries=0, retry_at=0), changes)
        if changes:
            await self._core.store.commit(Point.CRYPTO_DEVICES, changes)

    async def _owed(self, device: DeviceRow, now: int, keys: dict[tuple[str, int], str]) -> list[Gift]:
        """What the device lacks; `keys` keeps what was worked out for others."""
        rows = await self._core.store.load(SharedRow, user_id=device.user_id, device_id=device.device_id)
        shared = {row.session_id: row for row in rows if row.sender_key == device.curve25519}
        gifts: list[Gift] = []
        for start in list(self._outbound.starts.values()):
            index = self._first_index(device, start, shared.get(start.session_id))
            if index is None or now - start.created >= KEPT:
                continue
            if device.user_id not in await self._outbound.recipients(start.room_id):
                continue
            if (start.session_id, index) not in keys:
                keys[start.session_id, index] = self._sharing.key_at(start, index)
                await asyncio.sleep(0)  # a thousand steps of a ratchet take some 30 ms
            gifts.append(Gift(device, start, index, keys[start.session_id, index]))
        return gifts

    def _first_index(self, device: DeviceRow, start: StartRow, known: SharedRow | None) -> int | None:
        """From where on the device is to get the session; None: it has all that it may have."""
        entitled = start.entitled.get(device.user_id)
        if entitled is None:
            return None
        index = int(entitled)
        if not self._devices.trusted(device):
            # only what it was refused for want of an Olm session
            return known.at_index if known is not None and known.withheld == NO_OLM else None
        return None if known is not None and known.withheld is None and known.at_index <= index else index

    def _by_history(self, gifts: Iterable[Gift]) -> dict[bool, list[Gift]]:
        parts: defaultdict[bool, list[Gift]] = defaultdict(list)
        for gift in gifts:
            parts[self._outbound.history_shared(gift.start.room_id)].append(gift)
        return parts

    async def purge(self) -> None:
        """Forget the starts of sessions older than 30 days, and to whom they were given."""
        now, changes = self._core.clock(), Changes()
        old = [s for s in self._outbound.starts.values() if now - s.created >= KEPT]
        if not old:
            return
        current = {row.session_id for row in await self._core.store.load(OutboundRow)}
        for start in [s for s in old if s.session_id not in current or s.invalid]:
            changes.drop(start, *await self._core.store.load(SharedRow, session_id=start.session_id))
            self._outbound.starts.pop(start.session_id, None)
        if changes:
            await self._core.store.commit(Point.CRYPTO_SHARED, changes)
