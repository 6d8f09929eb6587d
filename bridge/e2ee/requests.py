"""Asking for a room key again, and answering those who ask us.

Source: Client-Server API, "m.room_key_request", "m.forwarded_room_key".

We ask the one device that made the session, and take a forwarded key from nobody else; we
answer only a device to which we gave that very key before, with the same `m.room_key`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import vodozemac

from bridge.e2ee import to_device
from bridge.e2ee.core import MEGOLM, Core, mapping, text
from bridge.e2ee.devices import Devices
from bridge.e2ee.inbound import Inbound
from bridge.e2ee.olm import Olm, Payload
from bridge.e2ee.outbound import Outbound
from bridge.e2ee.rows import DeviceRow, RequestRow, SharedRow
from bridge.e2ee.sharing import Gift, Sharing
from bridge.e2ee.store import Changes
from bridge.points import Point

log = logging.getLogger(__name__)
_AGAIN = 60_000  # ms between two answers to one device about one session


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody's request for one of our keys."""

    user_id: str
    device_id: str
    room_id: str
    session_id: str


class Requests:
    """Both directions of `m.room_key_request`."""

    def __init__(
        self, core: Core, devices: Devices, olm: Olm, inbound: Inbound, outbound: Outbound, sharing: Sharing
    ) -> None:
        self._core = core
        self._devices = devices
        self._olm = olm
        self._inbound = inbound
        self._outbound = outbound
        self._sharing = sharing
        self._answered: dict[Asked, int] = {}

    async def ask(self, event: Mapping[str, Any]) -> bool:
        """Ask the device that sent `event` for its key once more; False when we do not know the device.

        Raises `MatrixError`.  Does nothing for an event that is malformed.
        """
        content = mapping(event, "content")
        try:
            room_id, sender = text(event, "room_id"), text(event, "sender")
            session_id = text(content, "session_id")
        except ValueError:
            return False
        await self._devices.refresh([sender])
        device = self._sender_device(sender, content)
        if device is None or self._core.is_own(device.user_id, device.device_id):
            return False
        if not await self._olm.has_session(device):
            await self._olm.unwedge(sender, device.curve25519)
        row = RequestRow(
            room_id,
            session_id,
            device.curve25519,
            sender,
            device.device_id,
            os.urandom(12).hex(),
            self._core.clock(),
        )
        changes = Changes()
        changes.put(row)
        await self._core.store.commit(Point.CRYPTO_OLM, changes)
        body = {
            "algorithm": MEGOLM,
            "room_id": room_id,
            "session_id": session_id,
            "sender_key": device.curve25519,
        }
        request = {
            "action": "request",
            "body": body,
            "request_id": row.request_id,
            "requesting_device_id": self._core.device_id,
        }
        await to_device.send(self._core, "m.room_key_request", [(device, request)])
        return True

    def _sender_device(self, sender: str, content: Mapping[str, Any]) -> DeviceRow | None:
        if isinstance(key := content.get("sender_key"), str):
            return self._devices.by_curve25519(sender, key)
        device_id = content.get("device_id")
        return self._devices.get(sender, device_id) if isinstance(device_id, str) else None

    async def forwarded(self, payload: Payload, changes: Changes) -> tuple[str, str] | None:
        """Take a `m.forwarded_room_key` that answers our own request.  Raises ValueError for any other."""
        content = payload.content
        if content.get("algorithm") != MEGOLM:
            return None
        where = {"room_id": text(content, "room_id"), "session_id": text(content, "session_id")}
        open_requests = await self._core.store.load(RequestRow, sender_key=payload.sender_key, **where)
        if not open_requests or open_requests[0].user_id != payload.sender:
            raise ValueError("a forwarded key that we did not ask for")
        if content.get("sender_key") != payload.sender_key:
            raise ValueError("a forwarded key of somebody else's session")
        if content.get("sender_claimed_ed25519_key") != payload.signing_key:
            raise ValueError("a forwarded key of somebody else's session")
        exported = vodozemac.ExportedSessionKey(text(content, "session_key"))
        session = vodozemac.InboundGroupSession.import_session(exported)
        changes.drop(open_requests[0])
        return await self._inbound.take(payload, session, changes)

    def read(self, sender: str, content: Any) -> Asked | None:
        """A request of somebody else; None when it is none (a cancellation).  Raises ValueError."""
        body = mapping(content, "body")
        if text(content, "action") != "request" or body.get("algorithm") != MEGOLM:
            return None
        return Asked(
            sender, text(content, "requesting_device_id"), text(body, "room_id"), text(body, "session_id")
        )

    async def answer(self, asked: Asked) -> None:
        """Give the key again to a device that had it, from where it had it.  Raises `MatrixError`."""
        now = self._core.clock()
        if now - self._answered.get(asked, -_AGAIN) < _AGAIN:
            return
        start = self._outbound.starts.get(asked.session_id)
        if start is None or start.room_id != asked.room_id or asked.user_id not in start.entitled:
            return
        await self._devices.refresh([asked.user_id])
        device = self._devices.get(asked.user_id, asked.device_id)
        if device is None:
            return
        rows = await self._core.store.load(
            SharedRow, session_id=asked.session_id, user_id=asked.user_id, device_id=asked.device_id
        )
        if not rows or rows[0].withheld is not None or rows[0].sender_key != device.curve25519:
            return
        if self._devices.withheld_code(device) is not None:
            return
        self._answered = {a: t for a, t in self._answered.items() if now - t < _AGAIN}
        self._answered[asked] = now
        gift = Gift(device, start, rows[0].at_index, self._sharing.key_at(start, rows[0].at_index))
        await self._sharing.give([gift], history=self._outbound.history_shared(start.room_id))
