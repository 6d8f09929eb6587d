"""A crash at every commit and every request: no ratchet turns back, nothing readable is lost.

The story is played with a machine that dies at the n-th point, for every n; after the restart
the step is repeated, as the house would.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.channel import Also
from bridge.e2ee.errors import CannotDecrypt
from bridge.e2ee.outbound import Encrypted
from bridge.e2ee.signing import unb64
from bridge.e2ee.store import MemoryStore
from bridge.model import Json
from bridge.points import Phase, Point
from tests.e2ee.people import BOT, OFFICER, ROOM, Person, World, fresh_login, identity, person, sign_device


class Crash(Exception):
    pass


@dataclass
class Bomb:
    """Raises at the n-th call; `at` says where that was."""

    fuse: int
    at: tuple[Point, Phase] | None = None
    calls: int = 0

    def __call__(self, point: Point, phase: Phase) -> None:
        self.calls += 1
        if self.calls == self.fuse:
            self.at = point, phase
            raise Crash


@dataclass
class Ledger:
    """Ciphertexts whose commit happened: exactly those may ever be sent."""

    pending: list[Encrypted] = field(default_factory=list)
    stored: list[Encrypted] = field(default_factory=list)

    def keep(self, encrypted: Encrypted) -> Also:
        return lambda _: self.pending.append(encrypted)

    def settle(self, committed: bool) -> None:
        if committed:
            self.stored += self.pending
        self.pending.clear()


class Story:
    """The steps, each safe to repeat."""

    def __init__(self, bomb: Bomb) -> None:
        self.world = World()
        self.bomb = bomb
        self.store = MemoryStore(bomb)
        self.ledger = Ledger()
        self.bot: Person
        self.answers: list[Json] = []
        self.read: list[str] = []
        self.crashed = 0

    async def step(self, act: Callable[[], Awaitable[object]]) -> None:
        """`act`, and once more after a crash; a machine that met one is never used again."""
        try:
            await act()
            assert self.bomb.at is None or self.crashed, "a crash was swallowed"
        except Crash:
            self.crashed += 1
            point, phase = self.bomb.at or (Point.PING, "before")
            self.ledger.settle(committed=(point, phase) == (Point.ENCRYPTED, "after"))
            await self.start()
            await act()
        self.ledger.settle(committed=True)

    async def start(self) -> None:
        self.bot = await person(self.world, BOT, store=self.store, probe=self.bomb)

    async def say(self, text: str) -> None:
        content = {"msgtype": "m.text", "body": text}
        await self.bot.machine.encrypt(ROOM, "m.room.message", content, also=self.ledger.keep)

    async def receive(self) -> None:
        await self.bot.sync()
        for event in self.answers:
            await self.bot.machine.decrypt(event)

    async def discard(self) -> None:
        await self.bot.machine.discard()

    async def tick(self) -> None:
        await self.bot.machine.tick()

    async def play(self) -> tuple[Person, Person]:
        world = self.world
        officer = await person(world, OFFICER)
        keys = identity(world, "@late:birch.example")
        late = await fresh_login(world, "@late:birch.example")
        world.rooms = {ROOM: {BOT: 0, OFFICER: 0, "@late:birch.example": 0}}
        await self.step(self.start)
        await self.step(lambda: self.say("one"))
        await self.step(lambda: self.say("two"))
        self.answers.append(await officer.say("good day"))
        await self.step(self.receive)
        await self.step(self.discard)
        await self.step(lambda: self.say("three"))
        sign_device(world, "@late:birch.example", late.machine.device_id, keys)
        await self.step(self.receive)
        await self.step(self.tick)
        world.leave(OFFICER)
        await self.step(lambda: self.bot.machine.membership(ROOM, OFFICER, "leave"))
        await self.step(lambda: self.say("four"))
        await officer.sync()
        await late.sync()
        return officer, late


def ratchets(world: World) -> list[tuple[bytes, int, bytes]]:
    """Ratchet key, chain index and body of every Olm message that reached an inbox."""
    found: list[tuple[bytes, int, bytes]] = []
    for user in world.server.users.values():
        for device in user.devices.values():
            for event in device.history:
                for part in event["content"].get("ciphertext", {}).values():
                    body = unb64(part["body"])
                    fields = protobuf(body)
                    if part["type"] == 0:
                        fields = protobuf(fields[4])
                    found.append((fields[1], int.from_bytes(fields[2]), body))
    return found


def protobuf(body: bytes) -> dict[int, bytes]:
    """The fields of an Olm message: a version byte, then tags with varints or byte strings."""
    fields: dict[int, bytes] = {}
    at = 1
    while at < len(body):
        tag = body[at]
        number, at = 0, at + 1
        for shift in range(0, 70, 7):
            number |= (body[at] & 0x7F) << shift
            at += 1
            if not body[at - 1] & 0x80:
                break
        if tag & 7 == 2:
            fields[tag >> 3], at = body[at : at + number], at + number
        else:
            fields[tag >> 3] = number.to_bytes(10)
        if tag >> 3 == 4:
            break  # what follows is the MAC
    return fields


def assert_nothing_used_twice(story: Story) -> None:
    used: dict[tuple[str, int], str] = {}
    for encrypted in story.ledger.stored:
        ciphertext = encrypted.content["ciphertext"]
        assert used.setdefault((encrypted.session_id, encrypted.index), ciphertext) == ciphertext
    bodies: dict[tuple[bytes, int], bytes] = {}
    for key, index, body in ratchets(story.world):
        assert bodies.setdefault((key, index), body) == body
    assert len(story.world.server.claimed) == len(set(story.world.server.claimed))


async def assert_all_readable(story: Story, officer: Person, late: Person) -> None:
    bodies = {"one", "two", "three"}
    for reader, expected in ((officer, bodies), (late, bodies | {"four"})):
        seen = set()
        for encrypted in story.ledger.stored:
            event = story.world.event(BOT, encrypted)
            try:
                seen.add(await reader.read(event))
            except CannotDecrypt:
                assert reader is officer, "the late signer was a member all the time"
        assert seen == expected
    assert [await story.bot.read(event) for event in story.answers] == ["good day"]


async def test_the_story_itself() -> None:
    story = Story(Bomb(0))
    officer, late = await story.play()
    assert len(story.ledger.stored) == 4
    await assert_all_readable(story, officer, late)
    assert_nothing_used_twice(story)
    assert len(ratchets(story.world)) == 7


async def test_a_crash_at_every_point() -> None:
    whole = Story(Bomb(0))
    await whole.play()
    visited: set[tuple[Point, Phase]] = set()
    for fuse in range(1, whole.bomb.calls + 1):
        story = Story(Bomb(fuse))
        officer, late = await story.play()
        assert story.crashed == 1
        assert story.bomb.at is not None
        visited.add(story.bomb.at)
        assert_nothing_used_twice(story)
        await assert_all_readable(story, officer, late)
    points = {point for point, _ in visited}
    assert points >= {
        Point.CRYPTO_ACCOUNT,
        Point.CRYPTO_SYNC,
        Point.CRYPTO_DEVICES,
        Point.CRYPTO_OLM,
        Point.CRYPTO_SHARED,
        Point.CRYPTO_REPLAY,
        Point.ENCRYPTED,
        Point.SYNC,
        Point.PUT_DEVICE,
        Point.KEYS_UPLOAD,
        Point.KEYS_QUERY,
        Point.KEYS_CLAIM,
        Point.SIGNING_UPLOAD,
        Point.SIGNATURES_UPLOAD,
        Point.SEND_TO_DEVICE,
        Point.ACCOUNT_DATA,
    }
    assert {(point, phase) for point in points for phase in ("before", "after")} == visited


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_sync_that_cannot_be_stored_comes_again(when: Phase) -> None:
    """The same process goes on: what is in memory must not be ahead of the store."""
    world = World()
    failing = False

    def probe(point: Point, phase: Phase) -> None:
        if failing and (point, phase) == (Point.CRYPTO_SYNC, when):
            raise Crash

    bot = await person(world, BOT, store=MemoryStore(probe), probe=probe)
    officer = await person(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    events = [await officer.say("one")]
    failing = True
    for _ in range(2):
        with pytest.raises(Crash):
            await bot.machine.sync_once(0)
        await officer.machine.discard()
        events.append(await officer.say("more"))
    failing = False
    await bot.sync()
    assert [await bot.read(e) for e in events] == ["one", "more", "more"]


async def test_an_encryption_that_cannot_be_stored_skips_its_index() -> None:
    world = World()
    failing = False

    def probe(point: Point, phase: Phase) -> None:
        if failing and point is Point.ENCRYPTED:
            raise Crash

    bot = await person(world, BOT, store=MemoryStore(probe))
    officer = await person(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    first = await bot.machine.encrypt(ROOM, "m.room.message", {"body": "a"})
    failing = True
    with pytest.raises(Crash):
        await bot.machine.encrypt(ROOM, "m.room.message", {"body": "b"})
    failing = False
    third = await bot.machine.encrypt(ROOM, "m.room.message", {"body": "c"})
    assert (first.index, third.index) == (0, 2)
    await officer.sync()
    assert await officer.read(world.event(BOT, third)) == "c"


ACTIONS = ["bot says", "officer says", "bot syncs", "officer syncs", "bot restarts", "officer restarts"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*ACTIONS, "rotate", "tick", "a day"]), max_size=25))
async def test_whatever_happens_in_whatever_order(actions: list[str]) -> None:
    world = World()
    people = {"bot": await person(world, BOT), "officer": await person(world, OFFICER)}
    world.join(BOT)
    world.join(OFFICER)
    said: list[tuple[str, Json, str]] = []
    for number, action in enumerate(actions):
        who = action.split(" ", maxsplit=1)[0]
        match action.split()[-1]:
            case "says":
                said.append((who, await people[who].say(str(number)), str(number)))
            case "syncs":
                await people[who].sync()
            case "restarts":
                people[who] = await people[who].restart()
            case "rotate":
                await people["bot"].machine.discard()
            case "tick":
                await people["bot"].machine.tick()
            case "day":
                world.time.now += 86_400_000
    for someone in people.values():
        await someone.sync()
    indices = set()
    for who, event, text in said:
        reader = people["officer" if who == "bot" else "bot"]
        decrypted = await reader.machine.decrypt(event)
        assert (decrypted.content["body"], decrypted.trusted) == (text, True)
        indices.add(event["content"]["ciphertext"])
    assert len(indices) == len(said)
