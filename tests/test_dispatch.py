"""The dispatcher: every item and row meets its fate, in order, once, also when the process dies."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bridge import dispatch
from bridge.casework.settings import Settings
from bridge.channel import Arrival, Item, Outgoing
from bridge.dispatch import Dispatcher
from bridge.errors import Broken, KeyMissing, Refuse, Retry
from bridge.inbound import ApplyIn, FormIn, Inbound, RoomUnreadable
from bridge.ledger.ledger import Ledger
from bridge.ledger.tables import cases, inbox, outbox
from bridge.ledger.writer import Unreachable
from bridge.model import Source
from tests.fakes import FakeChannel, World
from tests.ledger.home import CLERK, DESK, PARK, START, Clock, Home, mail_in, said
from tests.ledger.people import arrival, draft_of, form_in
from tests.waiting import until


@dataclass(slots=True)
class Running(Clock):
    """A clock that runs, and can be put forward."""

    began: float = field(default_factory=time.monotonic)

    def __call__(self) -> float:
        return self.now + time.monotonic() - self.began


@dataclass(slots=True)
class Bridge:
    """A home, its dispatcher, and the world around it."""

    home: Home
    world: World
    dispatcher: Dispatcher | None = None
    key_came: asyncio.Event = field(default_factory=asyncio.Event)
    refreshed: int = 0
    _task: asyncio.Task[None] | None = None
    _sent: int = 0

    @property
    def running(self) -> Dispatcher:
        assert self.dispatcher is not None
        return self.dispatcher

    async def start(self) -> None:
        async def refresh() -> None:
            self.refreshed += 1

        await self.home.open()
        channels = {source: FakeChannel(source, self.world) for source in Source}
        self.key_came = asyncio.Event()
        self.dispatcher = Dispatcher(self.home.ledger, channels, self.key_came, refresh)
        self._task = asyncio.create_task(self.dispatcher.run())

    async def stop(self) -> None:
        """End it as a crash does: what is under way is cut off."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and (error := self._task.exception()) is not None:
            raise error
        self._task = None
        await self.home.close()

    def says(self, inbound: Inbound, source: Source = Source.MATRIX, **meta: Any) -> Arrival:
        """An arrival that is read as `inbound`."""
        self._sent += 1
        key = f"key-{self._sent}"
        self.world.script[key] = inbound
        raw, kind = b"{}", "test"
        if source is Source.EMAIL:
            meta = {"rcpt": "park-2027@x", "mail_from": getattr(inbound, "from_address", None), **meta}
        elif source is Source.MATRIX:
            kind, raw = "event", f'{{"room_id": "{DESK}", "sender": "{CLERK}"}}'.encode()
        return Arrival(source, kind, key, raw, {"says": key, **meta})

    async def accept(self, inbound: Inbound, source: Source = Source.MATRIX, **meta: Any) -> None:
        assert await self.running.accept([self.says(inbound, source, **meta)]) == [True]

    async def quiet(self, deadline: float = 20) -> None:
        """Until everything has met its fate."""

        async def nothing_waits() -> bool:
            numbers = await self.home.ledger.numbers()
            waiting = ('inbox_rows{state="new"}', 'outbox_rows{state="ready"}')
            return not any(numbers.get(name) for name in waiting)

        await until(nothing_waits, deadline, "nothing waits any more")

    async def provision(self) -> None:
        await self.accept(ApplyIn(PARK, "digest"), Source.COMMAND)
        await self.quiet()

    async def case(self, address: str) -> tuple[str, str]:
        """A new case from this address: its root, and the token of its mails."""
        await self.accept(mail_in(address=address, message_id=f"<in-{address}>"), Source.EMAIL)
        await self.quiet()
        head = next(a for a in reversed(self.world.arrived) if a.kind == "head")
        ack = next(a for a in reversed(self.world.arrived) if a.payload.get("to") == address)
        return head.event_id, ack.payload["token"]


@asynccontextmanager
async def bridge_on(url: str, folder: Path) -> AsyncIterator[Bridge]:
    world = World()
    settings = Settings(undo_seconds=0.05)
    home = Home(url, folder, Running(START), settings, world.probe)
    bridge = Bridge(home, world)
    await bridge.start()
    try:
        yield bridge
    finally:
        await bridge.stop()


@pytest.fixture
async def anywhere(migrated_url: str, tmp_path: Path) -> AsyncIterator[Bridge]:
    """A running bridge on each database, its consultation provisioned."""
    async with bridge_on(migrated_url, tmp_path) as bridge:
        await bridge.provision()
        yield bridge


@pytest.fixture
async def bridge(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Bridge]:
    """The same on SQLite only: for what does not depend on the database."""
    async with bridge_on(migrated_sqlite, tmp_path) as bridge:
        await bridge.provision()
        yield bridge


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backoff in milliseconds, also where the ledger says how long."""
    defer = Ledger.defer

    async def soon(ledger: Ledger, item: Item, after: float, error: str, *, parked: bool = False) -> None:
        await defer(ledger, item, after if parked else min(after, 0.01), error, parked=parked)

    monkeypatch.setattr(Ledger, "defer", soon)
    monkeypatch.setattr(dispatch, "POLL", 0.05)
    monkeypatch.setattr(dispatch, "backoff", lambda tries, most=0.0: 0.01)
    monkeypatch.setattr(dispatch, "AGAIN", 0.02)
    monkeypatch.setattr(dispatch, "FAULT_MS", 20)


def once(bridge: Bridge, error: BaseException, kind: str, times: int = 1) -> None:
    """The next `times` readings ("read") or deliveries of `kind` raise `error`."""
    left = times

    def trouble(what: Item | Outgoing) -> BaseException | None:
        nonlocal left
        if left and (kind == "read" if isinstance(what, Item) else what.kind == kind):
            left -= 1
            return error
        return None

    bridge.world.trouble = trouble


# ------------------------------------------------------------------ order


async def test_every_lane_keeps_its_order_under_random_delays(anywhere: Bridge) -> None:
    bridge, people = anywhere, [f"citizen{n}@example.org" for n in range(4)]
    threads = {address: await bridge.case(address) for address in people}
    bridge.world.slowest = 0.02
    shuffled = [(address, n) for n in range(6) for address in people]
    wanted = {address: [f"{address} {n}" for n in range(6)] for address in people}
    for address, n in shuffled:
        mail = mail_in(f"{address} {n}", address=address, token=threads[address][1], message_id=None)
        await bridge.accept(mail, Source.EMAIL)
        await bridge.accept(said(f"{address} {n}", threads[address][0]))
    await bridge.quiet()
    words = bridge.world.by_case("words").values()
    assert sorted(w[1:] for w in words) == sorted(wanted.values())
    for address in people:
        answers = [t for t in bridge.world.texts("mail", to=address) if t.startswith("citizen")]
        assert answers == wanted[address]
    assert bridge.world.most_at_once > 1  # and yet they do not wait for each other
    assert max(bridge.world.attempts.values()) == 1
    assert bridge.running.backlog() == 0


async def test_nothing_overtakes_when_there_is_more_than_fits(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "READS", 1)
    monkeypatch.setattr(dispatch, "POLL", 0.1)
    _, token = await bridge.case("ada@example.org")

    def mail(text: str) -> Arrival:
        return bridge.says(mail_in(text, token=token, message_id=None), Source.EMAIL)

    texts = [f"{n:03}" for n in range(30)]
    assert await bridge.running.accept([mail(text) for text in texts]) == [True] * len(texts)
    await until(lambda: len(bridge.world.texts("words")) > 4)  # there is room again
    assert await bridge.running.accept([mail("last")]) == [True]
    await bridge.quiet()
    assert bridge.world.texts("words")[1:] == [*texts, "last"]


async def test_a_slow_reading_holds_only_its_own_lane(bridge: Bridge) -> None:
    gate = asyncio.Event()
    channel = bridge.running._channels[Source.EMAIL]
    read = channel.read

    async def slow(item: Item) -> Inbound | None:
        if item.meta["mail_from"] == "slow@example.org" and not item.meta.get("last"):
            await gate.wait()
        return await read(item)

    channel.read = slow  # type: ignore[method-assign]
    await bridge.accept(mail_in("first", address="slow@example.org"), Source.EMAIL)
    await bridge.accept(mail_in("second", address="slow@example.org"), Source.EMAIL, last=True)
    await bridge.accept(mail_in("other", address="quick@example.org"), Source.EMAIL)
    await until(lambda: bridge.world.texts("words") == ["other"])
    gate.set()
    await bridge.quiet()
    assert bridge.world.texts("words") == ["other", "first", "second"]


# ------------------------------------------------------------------ fates of items


async def test_an_item_that_must_wait_is_read_again(bridge: Bridge) -> None:
    once(bridge, Retry("the scanner is down", 0.01), "read", 3)
    await bridge.accept(mail_in(), Source.EMAIL)
    await bridge.quiet()
    assert len(bridge.world.texts("words")) == 1
    assert (await bridge.home.all(inbox))[-1].tries == 3


async def test_a_refused_item_is_final_and_quiet(bridge: Bridge) -> None:
    once(bridge, Refuse("not for us"), "read")
    await bridge.accept(mail_in(), Source.EMAIL)
    await bridge.quiet()
    row = (await bridge.home.all(inbox))[-1]
    assert (row.state, row.reason) == ("refused", "not for us")
    assert bridge.world.texts("tell") == []


async def test_a_broken_item_is_told_to_the_operators(bridge: Bridge) -> None:
    once(bridge, Broken("two parsers disagree"), "read")
    await bridge.accept(mail_in(), Source.EMAIL)
    await bridge.quiet()
    (told,) = bridge.world.texts("tell")
    assert "two parsers disagree" in told
    assert bridge.running.counts["broken"] == 1


async def test_our_own_fault_is_bounded_and_its_text_goes_nowhere(
    bridge: Bridge, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    once(bridge, ZeroDivisionError("canary"), "read", 1000)
    await bridge.accept(mail_in(), Source.EMAIL)
    await bridge.quiet()
    (told,) = bridge.world.texts("tell")
    assert "ZeroDivisionError" in told and "canary" not in told + caplog.text
    assert bridge.running.counts["faults"] == dispatch.OUR_FAULTS
    assert (await bridge.home.all(inbox))[-1].state == "broken"


async def test_a_passing_fault_of_ours_leaves_no_trace(bridge: Bridge, quick: None) -> None:
    once(bridge, ZeroDivisionError(), "read", dispatch.OUR_FAULTS - 1)
    await bridge.accept(mail_in(), Source.EMAIL)
    await bridge.quiet()
    assert len(bridge.world.texts("words")) == 1 and bridge.world.texts("tell") == []


async def test_a_parked_item_holds_no_lane_and_wakes_when_a_key_comes(bridge: Bridge) -> None:
    root, _ = await bridge.case("ada@example.org")
    once(bridge, KeyMissing("session"), "read")
    await bridge.accept(said("the first, without its key", root))
    await until(lambda: bridge.running.counts["parked"] == 1)
    await bridge.accept(said("the second", root))
    await until(lambda: bridge.world.texts("mail")[1:] == ["the second"])
    began = time.monotonic()
    bridge.key_came.set()
    await until(lambda: len(bridge.world.texts("mail")) == 3)
    assert time.monotonic() - began < dispatch.KEY_WAIT - 1
    assert bridge.world.texts("mail")[2] == "the first, without its key"


async def test_a_key_that_comes_while_the_ledger_is_away_is_not_forgotten(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = await bridge.case("ada@example.org")
    once(bridge, KeyMissing("session"), "read")
    await bridge.accept(said("hello", root))
    await until(lambda: bridge.running.counts["parked"] == 1)
    looked = 0

    async def away(*_: object, **__: object) -> Any:
        nonlocal looked
        looked += 1
        raise Unreachable("away")

    with monkeypatch.context() as patch:
        patch.setattr(bridge.home.ledger, "waiting_items", away)
        bridge.key_came.set()
        await until(lambda: looked >= 2)
    await until(lambda: "hello" in bridge.world.texts("mail"), 3)


async def test_staff_hear_of_a_missing_key_once_and_the_event_stays_parked(bridge: Bridge) -> None:
    root, _ = await bridge.case("ada@example.org")
    message = said("hello", root)
    arrival = bridge.says(message)
    key = arrival.meta["says"]
    bridge.world.script[key] = RoomUnreadable(DESK, message.event_id, CLERK, root)
    assert await bridge.running.accept([arrival]) == [True]
    await until(lambda: len(bridge.world.texts("notice")) == 1)

    async def parked() -> bool:
        row = (await bridge.home.all(inbox))[-1]
        return (row.state, row.told) == ("parked", True)

    await until(parked)
    bridge.world.script[key] = message
    bridge.key_came.set()
    await until(lambda: "hello" in bridge.world.texts("mail"))
    assert len(bridge.world.texts("notice")) == 1


async def test_a_request_of_another_process_is_seen_within_a_second(bridge: Bridge) -> None:
    before = bridge.refreshed
    request = bridge.says(ApplyIn(replace(PARK, title="Another"), "digest 2"), Source.COMMAND)
    (item,) = await bridge.home.ledger.accept([request])  # past the dispatcher
    assert item is not None

    async def outcome() -> Any:
        return await bridge.home.ledger.result(item.id)

    assert await until(outcome, 2) == {"slug": "park-2027", "changed": ["created"]}
    await until(lambda: bridge.refreshed >= before + 2)  # when it is stored, and when its rooms are there


# ------------------------------------------------------------------ fates of rows


async def test_a_delivery_that_must_wait_is_repeated_and_holds_its_lane(bridge: Bridge) -> None:
    once(bridge, Retry("the homeserver is down", 0.02), "head", 3)
    await bridge.accept(mail_in(), Source.EMAIL)
    await bridge.quiet()
    assert [a.kind for a in bridge.world.arrived if a.kind in ("head", "words")] == ["head", "words"]
    head = next(a for a in bridge.world.arrived if a.kind == "head")
    assert bridge.world.attempts[head.id] == 4
    assert bridge.running.counts["postponed"] == 3


async def test_a_mail_that_is_refused_is_shown_to_staff(bridge: Bridge) -> None:
    root, _ = await bridge.case("ada@example.org")
    once(bridge, Refuse("550 no such mailbox"), "mail")
    await bridge.accept(said("Yes.", root))
    await bridge.quiet()
    assert [a.payload["mark"] for a in bridge.world.arrived if a.kind == "mark"] == ["⏳", "⚠️"]
    assert "550 no such mailbox" in bridge.world.texts("notice")[-1]


async def test_a_mail_is_given_up_after_days_not_tries(bridge: Bridge) -> None:
    root, _ = await bridge.case("ada@example.org")
    once(bridge, Retry("451 greylisted", 0.01), "mail", 1_000_000)
    await bridge.accept(said("Yes.", root))
    await until(lambda: bridge.running.counts["postponed"] > 12)
    assert bridge.running.counts["failed"] == 0
    bridge.home.clock.now += dispatch.MAIL_DAYS * 86_400
    await bridge.quiet()
    assert "451 greylisted" in bridge.world.texts("notice")[-1]


async def test_staff_hear_once_that_a_mail_is_late(bridge: Bridge) -> None:
    root, _ = await bridge.case("ada@example.org")
    once(bridge, Retry("451 greylisted", 0.01), "mail", dispatch.LATE_TRIES + 5)
    await bridge.accept(said("Yes.", root))
    await bridge.quiet()
    [late] = [text for text in bridge.world.texts("notice") if "not gone out yet" in text]
    assert "451 greylisted" in late and "UTC" in late
    assert [a.payload["mark"] for a in bridge.world.arrived if a.kind == "mark"] == ["⏳", "✉️"]


@pytest.mark.parametrize("error", [Broken("will never work"), ZeroDivisionError("canary")])
async def test_a_broken_row_frees_its_lane_and_is_told(bridge: Bridge, quick: None, error: Exception) -> None:
    root, _ = await bridge.case("ada@example.org")
    once(bridge, error, "mark", 1 if isinstance(error, Broken) else dispatch.OUR_FAULTS)
    await bridge.accept(said("Yes.", root))
    await bridge.quiet()
    (told,) = bridge.world.texts("tell")
    assert "canary" not in told
    assert "Yes." in bridge.world.texts("mail")
    marks = [a.payload["mark"] for a in bridge.world.arrived if a.kind == "mark"]
    assert marks == ["✉️"]  # the first never came, the lane went on
    assert [r.state for r in await bridge.home.all(outbox, kind="mark")] == ["broken", "done"]


async def test_what_was_delivered_is_not_sent_again_because_the_ledger_was_away(
    bridge: Bridge, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = await bridge.case("ada@example.org")
    delivered, away = bridge.home.ledger.delivered, 5

    async def sometimes(*args: Any) -> Any:
        nonlocal away
        if away:
            away -= 1
            raise Unreachable("away")
        return await delivered(*args)

    monkeypatch.setattr(bridge.home.ledger, "delivered", sometimes)
    await bridge.accept(said("Yes.", root))
    await bridge.quiet()
    assert away == 0
    assert max(bridge.world.attempts.values()) == 1


async def test_a_fault_in_the_ledger_itself_loses_no_lane(
    bridge: Bridge, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = await bridge.case("ada@example.org")
    outgoing, faults = bridge.home.ledger.outgoing, 3

    async def sometimes(*args: Any) -> Any:
        nonlocal faults
        if faults:
            faults -= 1
            raise ZeroDivisionError
        return await outgoing(*args)

    monkeypatch.setattr(bridge.home.ledger, "outgoing", sometimes)
    await bridge.accept(said("Yes.", root))
    await bridge.quiet()
    assert "Yes." in bridge.world.texts("mail")


async def test_a_row_that_does_not_open_is_broken_and_the_lane_goes_on(bridge: Bridge) -> None:
    root, _ = await bridge.case("ada@example.org")
    once(bridge, Retry("down", 0.2), "mail")
    await bridge.accept(said("Yes.", root))
    await until(lambda: bridge.running.counts["postponed"] == 1)
    (waiting,) = [r for r in await bridge.home.all(outbox, kind="mail") if r.state == "ready"]
    await bridge.home.change(outbox, waiting.id, payload=b"spoilt")
    await bridge.accept(said("And more.", root))
    await bridge.quiet()
    assert bridge.world.texts("mail")[1:] == ["And more."]
    assert (await bridge.home.one(outbox, id=waiting.id)).state == "broken"
    assert "⚠️" in [a.payload["mark"] for a in bridge.world.arrived if a.kind == "mark"]


async def test_an_error_in_the_loop_itself_ends_the_process(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(*_: object, **__: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(bridge.home.ledger, "waiting_items", wrong)
    bridge.key_came.set()
    task = bridge._task
    assert task is not None
    await asyncio.wait([task], timeout=5)
    assert isinstance(task.exception(), ExceptionGroup)
    bridge._task = None
    await bridge.home.close()


@pytest.mark.parametrize("turns", range(6))
async def test_it_ends_also_when_it_is_just_waking(bridge: Bridge, turns: int) -> None:
    """A cancellation `turns` steps of the event loop after a wake-up is not lost."""
    task = bridge._task
    assert task is not None
    bridge.running._rows_wake.set()
    bridge.key_came.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    assert await asyncio.wait([task], timeout=5) == ({task}, set())


# ------------------------------------------------------------------ death and restart


PEOPLE = ("ada@example.org", "bob@example.org")
STEPS = 80  # of an undisturbed story at least: see `test_the_story_is_long_enough`
DONE = {"provision": 1, "head": 4, "words": 2, "mail": 4, "mark": 4, "unmark": 2}


async def story(bridge: Bridge, *deaths: int) -> None:
    """A consultation, two citizens' mails, two answers.

    The process dies after `deaths[0]` steps, once started again after `deaths[1]` …  Its peers send
    again what was not taken, as mail servers and homeservers do.
    """
    left, died = list(deaths), 0
    bridge.world.revive(left.pop(0) if left else None)

    async def living() -> bool:
        """Buries and starts again a dead process."""
        nonlocal died
        if not bridge.world.dead.is_set():
            return True
        died += 1
        await bridge.stop()
        bridge.world.revive()
        await bridge.start()
        bridge.world.revive(left.pop(0) if left else None)
        return False

    async def taken(arrival: Arrival) -> bool:
        if await living():
            try:
                await bridge.running.accept([arrival])
            except Unreachable:
                return False
            return True
        return False

    async def over() -> bool:
        numbers = await bridge.home.ledger.numbers()
        waiting = ('inbox_rows{state="new"}', 'outbox_rows{state="ready"}')
        return await living() and not any(numbers.get(name) for name in waiting)

    def root(address: str) -> str | None:
        heads = (a for a in bridge.world.arrived if a.kind == "head" and a.payload["name"] == address)
        return next((a.event_id for a in heads), None)

    async def answered(address: str) -> bool:
        return await living() and root(address) is not None

    apply = bridge.says(ApplyIn(PARK, "digest"), Source.COMMAND)
    await until(lambda: taken(apply))
    for address in PEOPLE:
        mail = bridge.says(mail_in(f"from {address}", address=address, name=address), Source.EMAIL)
        await until(lambda mail=mail: taken(mail))  # type: ignore[misc]
    for address in PEOPLE:
        await until(lambda address=address: answered(address))  # type: ignore[misc]
        answer = bridge.says(said(f"to {address}", root(address)))
        await until(lambda answer=answer: taken(answer))  # type: ignore[misc]
    await until(over)
    assert died == len(deaths)


def assert_told(world: World) -> None:
    """Nothing is lost, nothing came twice, everything in its place and order."""
    kinds = {kind: sum(a.kind == kind for a in world.arrived) for kind in {a.kind for a in world.arrived}}
    assert kinds == DONE
    for address in PEOPLE:
        assert world.texts("words", name=address) == [f"from {address}"]
        acknowledgement, answer = world.texts("mail", to=address)
        assert answer == f"to {address}" != acknowledgement
        heads = [a for a in world.arrived if a.kind == "head" and a.payload["name"] == address]
        assert [h.payload["root"] for h in heads] == [None, heads[0].event_id]
        assert heads[1].payload["status"] == "answered"
    marks: dict[str, list[str]] = {}
    for a in world.arrived:
        if a.kind == "mark":
            marks.setdefault(a.payload["event_id"], []).append(a.payload["mark"])
    assert list(marks.values()) == [["⏳", "✉️"]] * 2
    by_event = {a.event_id: a.payload["mark"] for a in world.arrived if a.kind == "mark"}
    assert [by_event[a.payload["event_id"]] for a in world.arrived if a.kind == "unmark"] == ["⏳"] * 2


@pytest.fixture
async def fresh(migrated_sqlite: str, tmp_path: Path, quick: None) -> AsyncIterator[Bridge]:
    """A running bridge with nothing in it."""
    async with bridge_on(migrated_sqlite, tmp_path) as bridge:
        yield bridge


async def test_the_story_is_long_enough(fresh: Bridge) -> None:
    await story(fresh)
    assert_told(fresh.world)
    assert fresh.world.steps > STEPS
    assert max(fresh.world.attempts.values()) == 1


@pytest.mark.parametrize("step", range(1, STEPS, 6))
async def test_a_death_at_any_step_loses_nothing_and_doubles_nothing(fresh: Bridge, step: int) -> None:
    await story(fresh, step)
    assert_told(fresh.world)


@pytest.mark.parametrize("seed", range(3))
async def test_many_deaths_lose_nothing_and_double_nothing(
    migrated_url: str, tmp_path: Path, quick: None, seed: int
) -> None:
    dice = random.Random(seed)
    async with bridge_on(migrated_url, tmp_path) as bridge:
        await story(bridge, *(dice.randint(1, 16) for _ in range(5)))
        assert_told(bridge.world)


async def test_a_restart_finds_what_waits_and_what_is_parked(bridge: Bridge) -> None:
    root, _ = await bridge.case("ada@example.org")
    trouble = bridge.world.trouble
    once(bridge, KeyMissing("session"), "read")
    await bridge.accept(said("parked", root))
    await until(lambda: bridge.running.counts["parked"] == 1)
    once(bridge, Retry("down", 0.3), "mail")
    await bridge.accept(said("waiting", root))
    await until(lambda: bridge.running.counts["postponed"] == 1)
    await bridge.stop()
    bridge.world.trouble = trouble
    await bridge.start()
    assert (await bridge.home.ledger.numbers())['inbox_rows{state="parked"}'] == 1
    await until(lambda: "waiting" in bridge.world.texts("mail"))
    bridge.key_came.set()
    await until(lambda: "parked" in bridge.world.texts("mail"))
    assert len(await bridge.home.all(cases)) == 1


async def test_what_is_accepted_before_the_start_waits_its_turn(migrated_sqlite: str, tmp_path: Path) -> None:
    """Rows that waited go first, also when an edge is quicker than the dispatcher's own start."""
    async with bridge_on(migrated_sqlite, tmp_path) as bridge:
        await bridge.provision()
        _, token = await bridge.case("ada@example.org")
        once(bridge, Retry("down", 0.1), "words")
        await bridge.accept(mail_in("one", token=token, message_id=None), Source.EMAIL)
        await until(lambda: bridge.running.counts["postponed"] == 1)
        await bridge.stop()
        await bridge.start()  # its task has not run yet
        await bridge.accept(mail_in("two", token=token, message_id=None), Source.EMAIL)
        await bridge.quiet()
        assert bridge.world.texts("words")[1:] == ["one", "two"]


# ------------------------------------------------------------------ pages


def test_what_is_done_on_one_page_keeps_its_order() -> None:
    def lane(kind: str, key: str) -> str:
        return dispatch.lane_of(Item(1, Source.FORM, kind, b"", {}, key=key))

    assert lane("page", "page:7:aa") == lane("page", "page:7:bb") == "page:7"
    assert lane("page", "page:71:aa") == "page:71"
    assert lane("submission", "form:aa") == lane("resume", "resume:bb") == "item 1"


async def submitted(bridge: Bridge, **more: Any) -> FormIn:
    """A form that was sent, and has become a case."""
    form = form_in(page=bridge.home.store.id(), **more)
    bridge.world.script["the form"] = form
    sent = replace(arrival(bridge.home, form, await draft_of(bridge.home)), meta={"says": "the form"})
    assert await bridge.running.accept([sent]) == [True]
    await bridge.quiet()
    return form


async def test_an_answer_for_a_page_is_delivered_there(anywhere: Bridge) -> None:
    bridge = anywhere
    form = await submitted(bridge)
    (head,) = [a for a in bridge.world.arrived if a.kind == "head"]
    await bridge.accept(said("We like it.", head.event_id))
    await bridge.quiet()
    (mail,) = [a for a in bridge.world.arrived if a.kind == "mail"]
    assert mail.payload["to"] is None
    page = await bridge.home.store.page(bridge.home.store.page_token(form.page))
    assert page is not None and page.entries[-1].text == "We like it."


async def test_what_the_housekeeping_forgets_is_redacted(bridge: Bridge) -> None:
    await submitted(bridge, retention_days=1)
    (case,) = await bridge.home.all(cases)
    await bridge.home.change(cases, case.id, status="closed", closed_at=1)
    await bridge.running.tidy()
    await bridge.quiet()
    redacted = {a.payload["event_id"] for a in bridge.world.arrived if a.kind == "redact"}
    assert case.root in redacted and len(redacted) >= 2
    assert bridge.running.backlog() == 0
