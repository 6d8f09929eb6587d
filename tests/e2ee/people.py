"""Machines that talk to each other over the fake homeserver, and a room for them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.e2ee.core import ShareWith
from bridge.e2ee.cross_signing import CrossSigning
from bridge.e2ee.errors import Notice
from bridge.e2ee.machine import Machine
from bridge.e2ee.outbound import Encrypted, Rotation
from bridge.e2ee.rows import SecretRow
from bridge.e2ee.signing import SigningKey
from bridge.e2ee.store import CryptoStore, MemoryStore
from bridge.model import Json
from bridge.points import Probe, quiet
from tests.e2ee.fake_homeserver import FakeApi, FakeHomeserver

ROOM = "!desk:alder.example"
BOT = "@folkmoot_bot:alder.example"
OFFICER = "@officer:birch.example"
CLERK = "@clerk:alder.example"
PICKLE_KEY = bytes(range(32))


class Time:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@dataclass
class World:
    """One homeserver, rooms with members, and a clock."""

    server: FakeHomeserver = field(default_factory=FakeHomeserver)
    time: Time = field(default_factory=Time)
    rooms: dict[str, dict[str, int]] = field(default_factory=dict)
    numbers: Any = field(default_factory=itertools.count)

    async def members(self, room_id: str) -> Mapping[str, int]:
        return dict(self.rooms.get(room_id, {}))

    def join(self, user_id: str, room_id: str = ROOM) -> None:
        self.rooms.setdefault(room_id, {})[user_id] = self.time.now

    def leave(self, user_id: str, room_id: str = ROOM) -> None:
        del self.rooms[room_id][user_id]

    def event(self, sender: str, content: Json | Encrypted, room_id: str = ROOM) -> Json:
        """The event as a homeserver would hand it over."""
        number = next(self.numbers)
        return {
            "type": "m.room.encrypted",
            "event_id": f"$event{number}",
            "sender": sender,
            "room_id": room_id,
            "origin_server_ts": self.time.now + number,
            "content": content.content if isinstance(content, Encrypted) else content,
        }


@dataclass
class Person:
    """A device with its store; `restart` gives the same device a new process."""

    world: World
    user_id: str
    store: MemoryStore
    api: FakeApi
    machine: Machine
    notices: list[Notice]
    keys: list[tuple[str, str]]
    options: dict[str, Any]

    async def restart(self, probe: Probe = quiet) -> Person:
        self.store.probe = probe
        return await person(self.world, self.user_id, store=self.store, probe=probe, **self.options)

    async def sync(self) -> int:
        """Until there is nothing new."""
        total = 0
        while count := await self.machine.sync_once(0):
            total += count
        return total

    async def say(self, body: str, room_id: str = ROOM) -> Json:
        """Encrypt a text and make it an event."""
        content = {"msgtype": "m.text", "body": body}
        encrypted = await self.machine.encrypt(room_id, "m.room.message", content)
        return self.world.event(self.user_id, encrypted, room_id)

    async def read(self, event: Json) -> str:
        """The body of an event."""
        decrypted = await self.machine.decrypt(event)
        body: str = decrypted.content["body"]
        return body


def make(
    world: World,
    user_id: str,
    *,
    store: CryptoStore | None = None,
    probe: Probe = quiet,
    share_with: ShareWith = "cross_signed",
    strangers: frozenset[str] = frozenset(),
    rotation: Rotation | None = None,
) -> Person:
    """A machine that has not started."""
    store = store or MemoryStore(probe)
    memory = store if isinstance(store, MemoryStore) else MemoryStore()
    api = world.server.api(user_id, probe)
    notices: list[Notice] = []
    keys: list[tuple[str, str]] = []

    async def notify(notice: Notice) -> None:
        notices.append(notice)

    machine = Machine(
        api,
        store,
        user_id,
        PICKLE_KEY,
        members=world.members,
        may_have_keys=lambda room_id, user: user not in strangers,
        notify=notify,
        on_key=lambda room_id, session_id: keys.append((room_id, session_id)),
        use_device=api.use_device,
        share_with=share_with,
        rotation=rotation,
        clock=world.time,
    )
    options = {"share_with": share_with, "strangers": strangers, "rotation": rotation}
    return Person(world, user_id, memory, api, machine, notices, keys, options)


async def person(world: World, user_id: str, **options: Any) -> Person:
    """A machine that has started, its recovery key kept."""
    made = make(world, user_id, **options)
    if await made.machine.start() is not None:
        await made.machine.recovery_key_kept()
    return made


async def fresh_login(world: World, user_id: str, **options: Any) -> Person:
    """A device of a user whose identity exists elsewhere: not cross-signed."""
    made = make(world, user_id, **options)
    real = CrossSigning.bootstrap
    try:
        CrossSigning.bootstrap = _no_identity  # type: ignore[method-assign]
        await made.machine.start()
    finally:
        CrossSigning.bootstrap = real  # type: ignore[method-assign]
    return made


async def _no_identity(self: CrossSigning, server: Json) -> str | None:
    return None


def identity(world: World, user_id: str) -> dict[str, SigningKey]:
    """A new cross-signing identity for the user, as their homeserver would publish it."""
    keys = {usage: SigningKey.generate() for usage in ("master", "self_signing", "user_signing")}
    published: Json = {}
    for usage, key in keys.items():
        public: Json = {"user_id": user_id, "usage": [usage], "keys": {f"ed25519:{key.public}": key.public}}
        master = keys["master"]
        public["signatures"] = {user_id: {f"ed25519:{master.public}": master.sign(public)}}
        published[f"{usage}_key"] = public
    world.server.users[user_id].cross_signing = published
    world.server.list_changed(user_id)
    return keys


def sign_device(world: World, user_id: str, device_id: str, keys: dict[str, SigningKey]) -> None:
    """What the owner's client does when they verify the new device."""
    device = world.server.users[user_id].devices[device_id].keys
    assert device is not None
    key = keys["self_signing"]
    device["signatures"][user_id][f"ed25519:{key.public}"] = key.sign(device)
    world.server.list_changed(user_id)


def sealed_secrets(store: MemoryStore) -> list[bytes]:
    return [row.sealed for row in store.rows.get(SecretRow, {}).values() if isinstance(row, SecretRow)]
