"""Channels without a network: what they are given to read is scripted, what they deliver is remembered.

A `World` is the other side: homeserver, relay and the citizens.  It outlives the bridge, knows a
repeated delivery by its key (the outbox ID, as the real ones do), and lets a process die at any step.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.channel import Accept, Item, Outcome, Outgoing
from bridge.inbound import Inbound
from bridge.ledger.writer import Unreachable
from bridge.model import Json, Source
from bridge.points import Phase, Point

ROOMS = {"space": "!space:alder.example", "lobby": "!lobby:alder.example", "desk": "!desk:alder.example"}
ENCRYPTED = ("head", "words", "file", "notice", "tell")
Trouble = Callable[[Item | Outgoing], BaseException | None]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery that the other side took."""

    id: int
    kind: str
    payload: Json
    event_id: str


@dataclass(slots=True)
class World:
    """`script` holds what each item says, by the item's key in its meta data.

    `trouble` is asked before each reading and delivery for an error to raise.  `dies_at` counts the
    steps (before and after each commit and delivery) until the process is dead: a dead process
    commits nothing, delivers nothing and hears nothing.
    """

    random: random.Random = field(default_factory=lambda: random.Random(7))
    slowest: float = 0.0  # seconds of a delivery or a reading at most
    script: dict[str, Inbound] = field(default_factory=dict)
    trouble: Trouble = lambda _: None
    arrived: list[Arrived] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    readings: Counter[int] = field(default_factory=Counter)
    running: set[int] = field(default_factory=set)
    most_at_once: int = 0
    steps: int = 0
    dies_at: int | None = None
    dead: asyncio.Event = field(default_factory=asyncio.Event)

    def step(self) -> bool:
        """One step of the process; False when it is dead."""
        self.steps += 1
        if self.dies_at is not None and self.steps >= self.dies_at:
            self.dead.set()
        return not self.dead.is_set()

    def probe(self, point: Point, phase: Phase) -> None:
        """For the ledger's writer."""
        if not self.step():
            raise Unreachable("the process is dead")

    def revive(self, dies_at: int | None = None) -> None:
        self.steps, self.dies_at = 0, dies_at
        self.dead.clear()

    async def pause(self) -> None:
        if self.slowest:
            await asyncio.sleep(self.random.random() * self.slowest)

    async def alive(self) -> None:
        """Returns at once in a living process; a dead one waits here for its burial."""
        if not self.step():
            await asyncio.Event().wait()

    def texts(self, kind: str, **where: object) -> list[str]:
        """The texts of what arrived, in order."""
        return [
            a.payload["text"]
            for a in self.arrived
            if a.kind == kind and all(a.payload.get(k) == v for k, v in where.items())
        ]

    def by_case(self, kind: str) -> dict[object, list[str]]:
        """The texts of each case, in order."""
        found: dict[object, list[str]] = defaultdict(list)
        for a in self.arrived:
            if a.kind == kind:
                found[a.payload["case"]].append(a.payload["text"])
        return dict(found)


class FakeChannel:
    """One way in and out of the `world`.  Implements `bridge.channel.Channel`."""

    def __init__(self, name: Source, world: World) -> None:
        self._name = name
        self._world = world

    @property
    def name(self) -> Source:
        return self._name

    async def serve(self, accept: Accept) -> None:
        await asyncio.Event().wait()

    async def read(self, item: Item) -> Inbound | None:
        self._world.readings[item.id] += 1
        await self._world.pause()
        if (error := self._world.trouble(item)) is not None:
            raise error
        return self._world.script.get(item.meta.get("says", ""))

    async def deliver(self, out: Outgoing) -> Outcome:
        world = self._world
        await world.alive()
        assert out.id not in world.running
        world.running.add(out.id)
        world.most_at_once = max(world.most_at_once, len(world.running))
        try:
            world.attempts[out.id] += 1
            if out.kind in ENCRYPTED and not out.progress:
                await out.save({"ciphertext": "…"})  # the ratchet is committed before the homeserver is asked
            await world.pause()
            if (error := world.trouble(out)) is not None:
                raise error
            event_id = self._take(out)
            await world.alive()
        finally:
            world.running.discard(out.id)
        if out.kind == "provision":
            return Outcome({"rooms": dict(ROOMS), "changed": ["created"]})
        return Outcome({"message_id" if out.kind == "mail" else "event_id": event_id})

    def _take(self, out: Outgoing) -> str:
        """The other side knows a repeat by its key."""
        event_id = f"<{out.id:x}@consult.alder.example>" if out.kind == "mail" else f"$event-{out.id:x}"
        if all(a.id != out.id for a in self._world.arrived):
            self._world.arrived.append(Arrived(out.id, out.kind, out.payload, event_id))
        return event_id
