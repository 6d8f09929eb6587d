"""matrix-nio as the laboratory needs it: each timeline event in its wire form and decrypted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nio import AsyncClient, AsyncClientConfig, MegolmEvent
from nio.store import SqliteStore

from bridge.model import Json

SYNC_TIMEOUT = 10_000  # milliseconds
SYNC_FILTER: Json = {"room": {"timeline": {"limit": 500}}, "presence": {"types": []}}
_RETRY_AT_MOST = 0.5  # seconds between two tries while the homeserver is away


class ListeningClient(AsyncClient):  # type: ignore[misc]  # nio has no types
    """An `AsyncClient` that reports (room ID, wire event, decrypted event or None) of each timeline event."""

    report: Callable[[str, Json, Json | None], None]

    def _handle_timeline_event(self, event: Any, room_id: str, room: Any, encrypted_rooms: set[str]) -> Any:
        # nio's callbacks get either the wire or the decrypted event; only here both are at hand
        decrypted = super()._handle_timeline_event(event, room_id, room, encrypted_rooms)
        self.report(room_id, event.source, decrypted.source if decrypted else None)
        return decrypted

    def decrypt_later(self, room_id: str, wire: Json) -> Json | None:
        """Another try at an event whose key was missing; None while it still is."""
        event = MegolmEvent.from_dict({**wire, "room_id": room_id})
        if not isinstance(event, MegolmEvent) or self.olm is None:
            return None
        event.room_id = room_id
        decrypted = self.olm.decrypt_event(event, room_id)
        source: Json | None = decrypted.source if decrypted else None
        return source

    async def housekeeping(self) -> None:
        """What a client owes after a sync: its keys, others' keys, sessions, answers."""
        if self.should_upload_keys:
            await self.keys_upload()
        if self.should_query_keys:
            await self.keys_query()
        if self.should_claim_keys:
            await self.keys_claim(self.get_users_for_key_claiming())
        await self.send_to_device_messages()

    async def freshen_session(self, room_id: str) -> None:
        """Discards the room's Megolm session when some device of a member does not have it.

        nio skips, for good, a device whose one-time key could not be claimed, and one that it
        came to know after it shared.
        """
        if self.should_query_keys:
            await self.keys_query()
        session = self.olm.outbound_group_sessions.get(room_id)
        if session is None or not session.shared:
            return
        has_it = session.users_shared_with | session.users_ignored
        for user in self.rooms[room_id].users:
            for device in self.device_store.active_user_devices(user):
                if (user, device.id) not in has_it and device.id != self.device_id:
                    self.invalidate_outbound_session(room_id)
                    return


def listening_client(url: str, directory: Path) -> ListeningClient:
    """A client whose store lies in `directory`."""
    # nio warns of each event it cannot read; here that is seen in `Officer.seen`
    logging.getLogger("nio").setLevel(logging.CRITICAL)
    config = AsyncClientConfig(
        store=SqliteStore,
        encryption_enabled=True,
        store_sync_tokens=True,
        max_timeout_retry_wait_time=_RETRY_AT_MOST,
    )
    directory.mkdir(parents=True, exist_ok=True)
    return ListeningClient(url, store_path=str(directory), config=config)
