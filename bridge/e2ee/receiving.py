"""One /sync: everything it brings and its token in a single commit.

Source: Client-Server API, "/sync", "Extensions to /sync" of the end-to-end encryption module.

    to-device event ─> own changes ─┐
    to-device event ─> own changes ─┼─> one commit with `next_batch` ─> then the follow-ups
    device lists ───────────────────┘

An event that cannot be handled loses its own changes and nobody else's.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.e2ee.core import Core, mapping, text
from bridge.e2ee.devices import Devices
from bridge.e2ee.inbound import Inbound
from bridge.e2ee.keys import KEY_KIND, Keys
from bridge.e2ee.olm import Olm, Wedged
from bridge.e2ee.requests import Asked, Requests
from bridge.e2ee.store import Changes
from bridge.model import Json
from bridge.points import Point

log = logging.getLogger(__name__)

FILTER = json.dumps(
    {
        "room": {"rooms": []},
        "presence": {"not_types": ["*"]},
        "account_data": {"not_types": ["*"]},
    },
    separators=(",", ":"),
)


@dataclass(slots=True)
class Received:
    """What is to be done after the commit."""

    events: int = 0
    keys: list[tuple[str, str]] = field(default_factory=list)
    wedged: dict[tuple[str, str], None] = field(default_factory=dict)
    asked: dict[Asked, None] = field(default_factory=dict)
    servers: set[str] = field(default_factory=set)
    one_time_keys: int | None = None
    fallback_used: bool = False
    lists_changed: bool = False


class Receiving:
    """Asks for what is new and stores it."""

    def __init__(
        self,
        core: Core,
        keys: Keys,
        devices: Devices,
        olm: Olm,
        inbound: Inbound,
        requests: Requests,
        on_key: Callable[[str, str], None],
    ) -> None:
        self._core = core
        self._keys = keys
        self._devices = devices
        self._olm = olm
        self._inbound = inbound
        self._requests = requests
        self._on_key = on_key
        self._stale = False

    async def fetch(self, timeout_ms: int) -> Json:
        """The next response, waiting up to `timeout_ms` for something new.  Raises `MatrixError`.

        Nothing new moves the token in memory only: to ask again from the stored one is harmless.
        """
        query = {"filter": FILTER, "timeout": str(timeout_ms), "set_presence": "offline"}
        if self._keys.row.sync_token is not None:
            query["since"] = self._keys.row.sync_token
        return await self._core.api.request(
            Point.SYNC, "GET", "/_matrix/client/v3/sync", query=query, timeout=timeout_ms / 1000 + 60
        )

    async def store(self, response: Json) -> Received:
        """Commit all of it; when that fails nothing of it has happened."""
        received, changes = Received(), Changes()
        async with self._core.olm_lock:
            await self._reload()
            self._stale = True  # until it is committed, account and ratchets in memory are ahead
            try:
                self._lists(response, received, changes)
                events = mapping(response, "to_device").get("events")
                for event in events if isinstance(events, list) else []:
                    await self._event(event, received, changes)
                row = self._keys.saved(sync_token=text(response, "next_batch"))
                if changes or received.events:
                    changes.put(row)
                    await self._core.store.commit(Point.CRYPTO_SYNC, changes)
                self._keys.row = row
                self._stale = False
            finally:
                if self._stale:
                    self._olm.forget()
        for room_id, session_id in received.keys:
            self._inbound.forget(room_id, session_id)
            self._on_key(room_id, session_id)
        return received

    async def _reload(self) -> None:
        """After a failed commit: back to what is stored, where no key of the batch is used up."""
        if self._stale:
            self._olm.forget()
            await self._keys.load()
            self._stale = False

    def _lists(self, response: Json, received: Received, changes: Changes) -> None:
        changed = mapping(response, "device_lists").get("changed")
        users = [u for u in changed if isinstance(u, str)] if isinstance(changed, list) else []
        self._devices.mark_dirty(users, changes)
        received.lists_changed = bool(users)
        count = mapping(response, "device_one_time_keys_count").get(KEY_KIND, 0)
        received.one_time_keys = count if isinstance(count, int) else None
        unused = response.get("device_unused_fallback_key_types")
        received.fallback_used = isinstance(unused, list) and KEY_KIND not in unused

    async def _event(self, event: Any, received: Received, changes: Changes) -> None:
        received.events += 1
        try:
            kind, sender = text(event, "type"), text(event, "sender")
            content = mapping(event, "content")
            received.servers.add(sender.partition(":")[2])
            if kind == "m.room.encrypted":
                await self._encrypted(sender, content, received, changes)
            elif kind == "m.room_key.withheld":
                self._inbound.withheld(content, changes)
            elif kind == "m.room_key_request" and (asked := self._requests.read(sender, content)):
                received.asked[asked] = None
        except Wedged as error:
            log.warning("to-device message: %s", error)
            received.wedged[sender, text(content, "sender_key")] = None
        except (ValueError, OverflowError, RecursionError) as error:
            log.warning("a to-device message was ignored: %s", type(error).__name__)

    async def _encrypted(self, sender: str, content: Json, received: Received, changes: Changes) -> None:
        ratchet = Changes()
        sender_key, plain = await self._olm.decrypt(sender, content, ratchet)
        changes.merge(ratchet)  # the message is used up, whatever is inside
        inner = Changes(changes)
        payload = self._olm.open_payload(sender, sender_key, plain)
        found: tuple[str, str] | None = None
        if payload.kind == "m.room_key":
            found = await self._inbound.receive(payload, inner)
        elif payload.kind == "m.forwarded_room_key":
            found = await self._requests.forwarded(payload, inner)
        changes.merge(inner)
        if found is not None:
            received.keys.append(found)
