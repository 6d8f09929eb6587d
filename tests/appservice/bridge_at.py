"""The Matrix channel with a real machine and a ledger in memory, against a real homeserver."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bridge.appservice.channel import MatrixChannel
from bridge.appservice.engine import Engine, Hooks
from bridge.appservice.registration import Registration
from bridge.appservice.settings import MatrixSettings
from bridge.channel import Also, Arrival, Item, Outgoing
from bridge.e2ee.machine import Machine
from bridge.e2ee.store import MemoryStore
from bridge.errors import KeyMissing, Retry
from bridge.inbound import Inbound
from bridge.model import Json, RoomKind
from tests.waiting import until

_PICKLE_KEY = b"k" * 32
_ids = itertools.count(1)


@dataclass
class MemoryLedger:
    """What of a bridge outlives its process: crypto rows, arrivals, rooms, the recovery key."""

    store: MemoryStore = field(default_factory=MemoryStore)
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    accepted: list[list[bool]] = field(default_factory=list)
    rooms: dict[RoomKind, str] = field(default_factory=dict)
    recovery_keys: list[str] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)  # who may have no keys
    refusing: bool = False

    async def accept(self, arrivals: Sequence[Arrival]) -> list[bool]:
        if self.refusing:
            raise Retry("the test says so")
        fresh = [arrival.key not in self.arrivals for arrival in arrivals]
        self.arrivals.update({arrival.key: arrival for arrival in arrivals})
        self.accepted.append(fresh)
        return fresh

    def item(self, key: str) -> Item:
        arrival = self.arrivals[key]
        return Item(1, arrival.source, arrival.kind, arrival.raw, arrival.meta)

    async def remember_room(self, room_id: str, kind: RoomKind) -> None:
        self.rooms[kind] = room_id

    async def keep_recovery_key(self, key: str) -> None:
        self.recovery_keys.append(key)


@dataclass
class Row:
    """An outbox row; `progress` is what a crash leaves of an attempt."""

    kind: str
    payload: Json
    blobs: dict[int, bytes] = field(default_factory=dict)
    progress: Json = field(default_factory=dict)
    id: int = field(default_factory=lambda: next(_ids))
    saves: int = 0

    def out(self) -> Outgoing:
        def keep(progress: Json) -> Also:
            return lambda _connection: self._store(progress)

        async def save(progress: Json) -> None:
            self._store(progress)

        async def load(blob: int) -> bytes:
            return self.blobs[blob]

        return Outgoing(self.id, self.kind, self.payload, self.progress, 0, 0, keep, save, load)

    def _store(self, progress: Json) -> None:
        self.progress = json.loads(json.dumps(progress))
        self.saves += 1


class Bridge:
    """A running channel; `deliver` and `read` as the dispatcher does them."""

    def __init__(self, channel: MatrixChannel, ledger: MemoryLedger) -> None:
        self.channel = channel
        self.ledger = ledger

    async def deliver(self, kind: str, **payload: object) -> Json:
        row = Row(kind, payload)
        return (await self.channel.deliver(row.out())).facts

    async def arrived(self, event_id: str, deadline: float = 20) -> Item:
        await until(lambda: event_id in self.ledger.arrivals, deadline, f"{event_id} pushed")
        return self.ledger.item(event_id)

    async def read(self, event_id: str, deadline: float = 20) -> Inbound | None:
        """What the event is, once its key is there."""
        item = replace(await self.arrived(event_id, deadline), received=2**62)

        async def attempt() -> list[Inbound | None]:
            try:
                return [await self.channel.read(item)]
            except KeyMissing:
                return []

        return (await until(attempt, deadline, f"{event_id} readable"))[0]


@asynccontextmanager
async def bridge_at(
    url: str,
    registration: Registration,
    port: int,
    ledger: MemoryLedger,
    *,
    operators: tuple[str, ...] = (),
    room_version: str | None = None,
) -> AsyncIterator[Bridge]:
    """The bridge, ready; stopped at the end as a process is, with nothing said to anybody."""
    settings = MatrixSettings(
        url=url,
        server_name=registration.server_name,
        as_token=registration.as_token,
        hs_token=registration.hs_token,
        listen_host="127.0.0.1",
        listen_port=port,
        alias_secret=b"a" * 32,
        operators=operators,
        room_version=room_version,
    )

    def make(hooks: Hooks) -> Engine:
        return Machine(
            hooks.api,
            ledger.store,
            hooks.user_id,
            _PICKLE_KEY,
            members=hooks.members,
            notify=hooks.notify,
            may_have_keys=lambda room_id, user_id: user_id not in ledger.strangers,
            on_key=hooks.on_key,
            use_device=hooks.use_device,
        )

    channel = MatrixChannel(
        settings, make, on_recovery_key=ledger.keep_recovery_key, on_room=ledger.remember_room
    )
    serving = asyncio.create_task(channel.serve(ledger.accept))
    try:
        await until(lambda: channel.ready or serving.done(), 60, "the channel is ready")
        if serving.done():
            await serving
        yield Bridge(channel, ledger)
    finally:
        serving.cancel()
        await asyncio.wait([serving])
