"""The Olm/Megolm machine of one device: the only class the rest of the house talks to.

    start ──> sync_once, again and again ──> on_key wakes what waits for a key
    encrypt ──> still_good, just before the PUT
    decrypt ──> Decrypted | MissingKey ──> request_key

Everything that must survive is in the `CryptoStore`; caches in memory assume that no other
process drives the same device.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from bridge.channel import Also
from bridge.e2ee.api import Api, MatrixError
from bridge.e2ee.core import Clock, Core, Members, ShareWith, wall_clock
from bridge.e2ee.cross_signing import CrossSigning
from bridge.e2ee.debts import Debts
from bridge.e2ee.devices import Devices
from bridge.e2ee.errors import Notice
from bridge.e2ee.history import share_history
from bridge.e2ee.inbound import Decrypted, Inbound
from bridge.e2ee.keys import Keys
from bridge.e2ee.olm import Olm
from bridge.e2ee.outbound import Encrypted, Outbound, Rotation
from bridge.e2ee.receiving import Received, Receiving
from bridge.e2ee.requests import Requests
from bridge.e2ee.seal import Sealer
from bridge.e2ee.sharing import Sharing
from bridge.e2ee.store import Changes, CryptoStore
from bridge.errors import Retry
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)
_LOW = 25  # one-time keys on the server below which new ones are uploaded


class Machine:
    """One device of `user_id`.

    `members(room_id)` gives the joined users with the time of their join (ms since 1970);
    `may_have_keys(room_id, user_id)` is False for those who are to get none all the same.
    `use_device(device_id)` is called once the device exists, so that `api` can name it in every
    request from then on.  `notify` must commit what it is told; it may be told twice after a crash.
    `on_key` must not block.
    """

    def __init__(
        self,
        api: Api,
        store: CryptoStore,
        user_id: str,
        pickle_key: bytes,
        *,
        members: Members,
        notify: Callable[[Notice], Awaitable[None]],
        may_have_keys: Callable[[str, str], bool] = lambda room_id, user_id: True,
        on_key: Callable[[str, str], None] = lambda room_id, session_id: None,
        use_device: Callable[[str], None] = lambda device_id: None,
        history_shared: Callable[[str], bool] = lambda room_id: True,
        share_with: ShareWith = "cross_signed",
        rotation: Rotation | None = None,
        display_name: str = "Folkmoot",
        clock: Clock = wall_clock,
    ) -> None:
        core = Core(api, store, user_id, pickle_key, clock, Sealer(pickle_key))
        self._core = core
        self._notify = notify
        self._use_device = use_device
        self._display_name = display_name
        self._keys = Keys(core)
        self._cross_signing = CrossSigning(core, self._keys)
        self._devices = Devices(core, share_with)
        self._olm = Olm(core, self._keys, self._devices)
        self._sharing = Sharing(core, self._keys, self._devices, self._olm)
        self._outbound = Outbound(
            core,
            self._keys,
            self._devices,
            self._sharing,
            members=members,
            may_have_keys=may_have_keys,
            history_shared=history_shared,
            rotation=rotation or Rotation(),
        )
        self._debts = Debts(core, self._devices, self._olm, self._sharing, self._outbound)
        self._inbound = Inbound(core, self._keys, self._devices)
        self._requests = Requests(
            core, self._devices, self._olm, self._inbound, self._outbound, self._sharing
        )
        self._receiving = Receiving(
            core, self._keys, self._devices, self._olm, self._inbound, self._requests, on_key
        )

    # ------------------------------------------------------------ who we are

    @property
    def user_id(self) -> str:
        return self._core.user_id

    @property
    def device_id(self) -> str:
        """Empty before `start`."""
        return self._core.device_id

    @property
    def ed25519(self) -> str:
        """The device's fingerprint."""
        return self._keys.ed25519

    @property
    def master_key(self) -> str | None:
        """The public master key of our cross-signing identity."""
        return self._cross_signing.master

    async def start(self) -> str | None:
        """Load or create the device and its identity, and make the homeserver agree.

        Returns the recovery key while one was created and `recovery_key_kept` was not called.
        Raises `Broken` with what to do when server and store differ, `MatrixError` otherwise.
        """
        if not await self._keys.load():
            await self._keys.create()
        await self._cross_signing.load()
        await self._devices.load()
        await self._outbound.load()
        path = f"/_matrix/client/v3/devices/{quote(self.device_id, safe='')}"
        if not self._keys.row.uploaded:
            await self._core.api.request(Point.PUT_DEVICE, "PUT", path, {"display_name": self._display_name})
        self._use_device(self.device_id)
        server = await self._keys.check_server()
        if not self._keys.row.uploaded:
            await self._keys.upload(0, fallback=True)
            server = await self._keys.check_server()
        return await self._cross_signing.bootstrap(server)

    async def recovery_key_kept(self) -> None:
        """The recovery key that `start` returned is written down."""
        await self._cross_signing.kept()

    async def recover(self, recovery_key: str) -> None:
        """Before `start`: take the identity from the server's secret storage.  Raises `Broken`."""
        await self._cross_signing.recover(recovery_key)

    # ------------------------------------------------------------ receiving

    async def sync_once(self, timeout_ms: int) -> int:
        """One /sync; the number of to-device events in it.

        Raises `MatrixError` when there was no answer, `Retry` when the store could not take it: then
        the same comes again.
        """
        received = await self._receiving.store(await self._receiving.fetch(timeout_ms))
        try:
            await self._follow_up(received)
        except (MatrixError, Retry) as error:
            log.warning("after a sync, to be tried again: %s", error)
        return received.events

    async def _follow_up(self, received: Received) -> None:
        count = received.one_time_keys
        if (count is not None and count < _LOW) or received.fallback_used:
            await self._keys.upload(count, fallback=received.fallback_used)
        for user_id, sender_key in received.wedged:
            await self._olm.unwedge(user_id, sender_key)
        for asked in received.asked:
            await self._requests.answer(asked)
        for server in received.servers:
            self._debts.heard_from(server)
        if received.lists_changed or received.servers:
            await self._settle()

    async def decrypt(self, event: Mapping[str, Any]) -> Decrypted:
        """Read an `m.room.encrypted` event; the second reading of the same event succeeds too.

        Raises `MissingKey`, `CannotDecrypt`, `Retry`, `MatrixError`.
        """
        return await self._inbound.decrypt(event)

    async def request_key(self, event: Mapping[str, Any]) -> bool:
        """Ask the sender's device for the event's key again; False when the device is unknown."""
        return await self._requests.ask(event)

    # ------------------------------------------------------------ sending

    async def encrypt(
        self,
        room_id: str,
        event_type: str,
        content: Json,
        *,
        also: Callable[[Encrypted], Also] | None = None,
    ) -> Encrypted:
        """Encrypt for the members of the room; returns after the commit of ratchet and `also`.

        Raises `MatrixError` when a key could not be shared, `Retry`, or what `also` raised: then no
        event must be sent.  An index is never used twice.
        """
        return await self._outbound.encrypt(room_id, event_type, content, also)

    async def still_good(self, room_id: str, session_id: str) -> bool:
        """Just before the PUT: False when the event must be encrypted again.  Raises `MatrixError`."""
        return await self._outbound.still_good(room_id, session_id)

    async def share_history(self, room_id: str, user_id: str) -> int:
        """MSC4268: just before *we* invite the user; the number of keys sent.  Raises `MatrixError`."""
        return await share_history(self._core, self._devices, self._olm, room_id, user_id)

    async def discard(self, room_id: str | None = None) -> None:
        """Write no more with the present session of the room, or of any room."""
        await self._outbound.discard(room_id)

    # ------------------------------------------------------------ what the rooms say

    async def membership(self, room_id: str, user_id: str, membership: str) -> None:
        """A member event came.  Cheap; no request."""
        if membership in ("leave", "ban"):
            await self._outbound.left(room_id, user_id)
        elif membership == "join":
            await self.devices_changed([user_id])

    async def devices_changed(self, users: Iterable[str]) -> None:
        """Ask for these users' devices again before the next use."""
        changes = Changes()
        self._devices.mark_dirty(users, changes)
        if changes:
            await self._core.store.commit(Point.CRYPTO_DEVICES, changes)

    def heard_from(self, server: str) -> None:
        """Traffic of that server came: what we owe its devices is sent at the next `tick`."""
        self._debts.heard_from(server)

    async def confirm(self, user_id: str) -> None:
        """The operator trusts the identity that the homeserver names for this user now."""
        await self._devices.confirm(user_id)

    def pinned(self, user_id: str) -> str | None:
        """The master key pinned for this user, if any."""
        return self._devices.pinned(user_id)

    async def tick(self) -> None:
        """By a timer, every half minute or so: retries, late keys, notices, housekeeping.

        Raises `MatrixError` or `Retry`; the next tick goes on.
        """
        await self._settle()
        await self._debts.purge()

    async def _settle(self) -> None:
        await self._devices.refresh(self._outbound.people() | set(self._devices.unanswered()))
        await self._debts.settle()
        for notice in self._devices.notices():
            await self._notify(notice)
            await self._devices.told(notice)
