"""Whose devices are whose: device lists, cross-signing, and the pinned identities.

Sources: Client-Server API, "Tracking the device list for a user" and "Cross-signing".

"Cross-signed" is what a homeserver says.  So the master key of first sight is pinned; while
the homeserver names another one the user gets no keys and none of their devices counts as
signed, until an operator confirms the new one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bridge.e2ee.core import Core, ShareWith, mapping
from bridge.e2ee.errors import IdentityChanged, Notice, Unsigned
from bridge.e2ee.rows import DeviceRow, UserRow
from bridge.e2ee.signing import verify
from bridge.e2ee.store import Changes
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)
_QUERY = 250  # users in one /keys/query
_PATIENCE = 30_000  # ms before a server that did not answer is asked again


class Devices:
    """All users and devices we know, in memory and in the store.

    `version` grows with every change that may alter who gets a key.
    """

    def __init__(self, core: Core, share_with: ShareWith) -> None:
        self._core = core
        self._share_with = share_with
        self._users: dict[str, UserRow] = {}
        self._devices: dict[str, dict[str, DeviceRow]] = {}
        self._marks: dict[str, int] = {}
        self._asked: dict[str, int] = {}
        self._unsigned: dict[tuple[str, str], None] = {}
        self._lock = asyncio.Lock()
        self.version = 0

    async def load(self) -> None:
        """Read everything once."""
        self._users = {row.user_id: row for row in await self._core.store.load(UserRow)}
        self._devices = {}
        for row in await self._core.store.load(DeviceRow):
            self._devices.setdefault(row.user_id, {})[row.device_id] = row

    # ------------------------------------------------------------ looking up

    def of(self, user_id: str) -> list[DeviceRow]:
        """The user's devices as last seen, without our own."""
        known = self._devices.get(user_id, {}).values()
        return [row for row in known if not self._core.is_own(row.user_id, row.device_id)]

    def get(self, user_id: str, device_id: str) -> DeviceRow | None:
        return self._devices.get(user_id, {}).get(device_id)

    def by_curve25519(self, user_id: str, curve25519: str) -> DeviceRow | None:
        """The user's device with that identity key."""
        known = self._devices.get(user_id, {}).values()
        return next((row for row in known if row.curve25519 == curve25519), None)

    def all(self) -> list[DeviceRow]:
        return [row for user_id in self._devices for row in self.of(user_id)]

    def dirty(self, users: Iterable[str]) -> list[str]:
        """Those who were never asked about, or whose lists changed since."""
        return [u for u in users if u not in self._users or self._users[u].dirty]

    def known(self, user_id: str) -> bool:
        """Whether their server has ever answered for them."""
        return user_id in self._users

    def unanswered(self) -> list[str]:
        """Those whose server did not answer when it was last asked."""
        return self.dirty(self._asked)

    def pinned(self, user_id: str) -> str | None:
        """The user's pinned master key."""
        user = self._users.get(user_id)
        return user.pinned if user else None

    def trusted(self, device: DeviceRow) -> bool:
        """Whether the device is signed under its owner's *pinned* identity."""
        user = self._users.get(device.user_id)
        return (
            user is not None
            and user.pinned is not None
            and user.master == user.pinned
            and user.self_signing is not None
            and device.signed_by == user.self_signing
        )

    def withheld_code(self, device: DeviceRow) -> str | None:
        """None: it may have keys; otherwise the code of `m.room_key.withheld`."""
        user = self._users.get(device.user_id)
        if user is None or user.master != user.pinned:
            return "m.unverified"
        if self._share_with == "cross_signed" and not self.trusted(device):
            return "m.unverified"
        return None

    # ------------------------------------------------------------ keeping up

    def mark_dirty(self, users: Iterable[str], changes: Changes) -> None:
        """Ask again before the next use; `changes` carries the mark to the store."""
        for user_id in users:
            self._marks[user_id] = self._marks.get(user_id, 0) + 1
            self._asked.pop(user_id, None)
            if (row := self._users.get(user_id)) is not None and not row.dirty:
                self._users[user_id] = replace(row, dirty=True)
                changes.put(self._users[user_id])
                self.version += 1

    async def refresh(self, users: Iterable[str]) -> None:
        """Ask for those who are dirty.  Raises `MatrixError` when our own homeserver does not answer.

        A remote server that does not answer leaves what we know, and is asked again after 30 s.
        """
        users = sorted(set(users))
        if not self.dirty(users):
            return
        async with self._lock:
            now = self._core.clock()
            need = [u for u in self.dirty(users) if now - self._asked.get(u, -_PATIENCE) >= _PATIENCE]
            for start in range(0, len(need), _QUERY):
                await self._query(need[start : start + _QUERY], now)

    async def _query(self, users: list[str], now: int) -> None:
        marks = {u: self._marks.get(u, 0) for u in users}
        body = {"device_keys": {u: [] for u in users}, "timeout": 10_000}
        answer = await self._core.api.request(Point.KEYS_QUERY, "POST", "/_matrix/client/v3/keys/query", body)
        failed = mapping(answer, "failures")
        changes = Changes()
        kept: dict[str, tuple[UserRow, dict[str, DeviceRow]]] = {}
        for user_id in users:
            listed = mapping(answer, "device_keys").get(user_id)
            if user_id.partition(":")[2] in failed or not isinstance(listed, dict):
                self._asked[user_id] = now
                continue
            user = self._read_user(user_id, answer)
            user = replace(user, dirty=self._marks.get(user_id, 0) != marks[user_id])
            devices = self._read_devices(user, listed)
            old = self._devices.get(user_id, {})
            changes.drop(*(row for name, row in old.items() if name not in devices))
            changes.put(*(row for name, row in devices.items() if old.get(name) != row))
            if self._users.get(user_id) != user:
                changes.put(user)
            kept[user_id] = (user, devices)
        await self._adopt(kept, changes)

    async def _adopt(self, kept: dict[str, tuple[UserRow, dict[str, DeviceRow]]], changes: Changes) -> None:
        """Memory first, so that nothing noted meanwhile is lost; undone when the commit fails."""
        before = {u: (self._users.get(u), self._devices.get(u, {})) for u in kept}
        for user_id, (user, devices) in kept.items():
            self._users[user_id], self._devices[user_id] = user, devices
            self.version += 1
        if not changes:
            return
        try:
            await self._core.store.commit(Point.CRYPTO_DEVICES, changes)
        except BaseException:
            for user_id, (old, devices) in before.items():
                self._users.pop(user_id)
                if old is not None:
                    self._users[user_id] = old
                self._devices[user_id] = devices
                self.version += 1
            raise

    def _read_user(self, user_id: str, answer: Json) -> UserRow:
        old = self._users.get(user_id) or UserRow(user_id)
        master = _cross_signing_key(answer, "master_keys", user_id)
        self_signing = _cross_signing_key(answer, "self_signing_keys", user_id)
        if self_signing is not None:
            signed = mapping(answer, "self_signing_keys")[user_id]
            if master is None or not verify(signed, user_id, master, master):
                self_signing = None
        pinned = old.pinned or master
        if pinned != master:
            log.warning("the cross-signing identity of %s is not the pinned one", user_id)
        return replace(old, pinned=pinned, master=master, self_signing=self_signing)

    def _read_devices(self, user: UserRow, listed: Json) -> dict[str, DeviceRow]:
        devices: dict[str, DeviceRow] = {}
        old = self._devices.get(user.user_id, {})
        for device_id, keys in listed.items():
            row = _device(user, device_id, keys)
            if row is None:
                log.warning("the keys of device %s of %s are malformed", device_id, user.user_id)
                continue
            if (before := old.get(device_id)) is not None:
                if (before.curve25519, before.ed25519) != (row.curve25519, row.ed25519):
                    log.error("the keys of device %s of %s changed: ignored", device_id, user.user_id)
                    row = replace(before, signed_by=None)
                else:
                    row = replace(before, signed_by=row.signed_by)
            signed = user.master == user.pinned and row.signed_by is not None
            if not signed and row.caught_up and self._share_with == "cross_signed":
                row = replace(row, caught_up=False)
            if signed and (before is None or before.signed_by != row.signed_by):
                row = replace(row, caught_up=False, tries=0, retry_at=0)
            devices[device_id] = row
        return devices

    async def confirm(self, user_id: str) -> None:
        """The operator trusts the identity that the homeserver names now: pin it."""
        user = self._users.get(user_id)
        if user is None or user.master is None or user.master == user.pinned:
            return
        confirmed = replace(user, pinned=user.master, told=None)
        devices = {
            name: replace(row, caught_up=False, tries=0, retry_at=0)
            for name, row in self._devices.get(user_id, {}).items()
        }
        changes = Changes()
        changes.put(confirmed, *devices.values())
        await self._adopt({user_id: (confirmed, devices)}, changes)

    def put(self, row: DeviceRow, changes: Changes) -> None:
        """Note something about a device; forgotten when it is gone by now."""
        if self.get(row.user_id, row.device_id) is not None:
            self._devices[row.user_id][row.device_id] = row
            changes.put(row)

    # ------------------------------------------------------------ what people must be told

    def refused(self, device: DeviceRow) -> None:
        """The device got no key for want of a signature: its owner should hear of it, once."""
        self._unsigned[device.user_id, device.device_id] = None

    def notices(self) -> list[Notice]:
        """What has not been told yet."""
        changed: list[Notice] = [
            IdentityChanged(user.user_id)
            for user in self._users.values()
            if user.master not in (None, user.pinned, user.told)
        ]
        return changed + [
            Unsigned(user_id, device_id)
            for user_id, device_id in self._unsigned
            if (row := self.get(user_id, device_id)) is not None
            and not row.told
            and not self.trusted(row)
            and self._users[user_id].master == self._users[user_id].pinned
        ]

    async def told(self, notice: Notice) -> None:
        """Never say this again."""
        changes = Changes()
        if isinstance(notice, Unsigned):
            self._unsigned.pop((notice.user_id, notice.device_id), None)
            if (row := self.get(notice.user_id, notice.device_id)) is not None:
                self.put(replace(row, told=True), changes)
        elif (user := self._users.get(notice.user_id)) is not None:
            self._users[user.user_id] = replace(user, told=user.master)
            changes.put(self._users[user.user_id])
        if changes:
            await self._core.store.commit(Point.CRYPTO_DEVICES, changes)


def _cross_signing_key(answer: Json, kind: str, user_id: str) -> str | None:
    """The public key of a cross-signing key object that is what it says it is."""
    found = mapping(mapping(answer, kind), user_id)
    keys = mapping(found, "keys")
    if found.get("user_id") != user_id or len(keys) != 1:
        return None
    name, key = next(iter(keys.items()))
    return key if isinstance(key, str) and name == f"ed25519:{key}" else None


def _device(user: UserRow, device_id: str, keys: Any) -> DeviceRow | None:
    ed25519 = mapping(keys, "keys").get(f"ed25519:{device_id}")
    curve25519 = mapping(keys, "keys").get(f"curve25519:{device_id}")
    if not isinstance(ed25519, str) or not isinstance(curve25519, str):
        return None
    if keys.get("user_id") != user.user_id or keys.get("device_id") != device_id:
        return None
    if not verify(keys, user.user_id, device_id, ed25519):
        return None
    by = user.self_signing
    signed_by = by if by is not None and verify(keys, user.user_id, by, by) else None
    return DeviceRow(user.user_id, device_id, curve25519, ed25519, signed_by)
