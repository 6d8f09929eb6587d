"""Sending exactly once: whatever was stored by an earlier attempt, one event and no index twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.appservice.client import Client
from bridge.appservice.engine import Encrypting
from bridge.appservice.send import Gate, Sender
from bridge.channel import Also
from bridge.e2ee.api import MatrixError
from bridge.e2ee.outbound import Encrypted
from bridge.errors import Broken, Retry
from bridge.model import Json
from tests.appservice.bridge_at import Row
from tests.appservice.homeserver import FakeHomeserver

ROOM = "!r:alder.example"
HOUR = 3600 * 1000
CONTENT: Json = {"msgtype": "m.text", "body": "x"}


class FakeEngine(Encrypting):
    """Numbers its ciphertexts; `good` answers `still_good`, one after another, then True."""

    def __init__(self) -> None:
        self.index = -1
        self.good: list[bool] = []
        self.failing: Exception | None = None

    async def encrypt(
        self,
        room_id: str,
        event_type: str,
        content: Json,
        *,
        also: Callable[[Encrypted], Also] | None = None,
    ) -> Encrypted:
        if self.failing is not None:
            raise self.failing
        self.index += 1
        encrypted = Encrypted({"ciphertext": f"c{self.index}"}, "session", self.index)
        assert also is not None
        also(encrypted)(None)  # the commit
        return encrypted

    async def still_good(self, room_id: str, session_id: str) -> bool:
        return self.good.pop(0) if self.good else True


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def sender(client: Client, engine: FakeEngine, clock: Clock) -> Sender:
    return Sender(client, engine, Gate(client), clock)


@pytest.fixture
def row() -> Row:
    return Row("notice", {}, id=7)


def sent(homeserver: FakeHomeserver) -> list[str]:
    return [event["content"]["ciphertext"] for event in homeserver.events]


async def test_the_ciphertext_is_stored_before_it_is_sent(
    homeserver: FakeHomeserver, sender: Sender, row: Row
) -> None:
    homeserver.refuse("/send/", 502)
    with pytest.raises(Retry):
        await sender.send(row.out(), ROOM, CONTENT)
    assert (row.progress["content"], row.progress["n"]) == ({"ciphertext": "c0"}, 0)
    await sender.send(row.out(), ROOM, CONTENT)
    assert sent(homeserver) == ["c0"]
    assert homeserver.transactions() == ["fm7.0", "fm7.0"]


async def test_a_lost_answer_is_asked_for_again(homeserver: FakeHomeserver, sender: Sender, row: Row) -> None:
    first = await sender.send(row.out(), ROOM, CONTENT)
    assert await sender.send(row.out(), ROOM, CONTENT) == first
    assert sent(homeserver) == ["c0"]


async def test_encryption_is_looked_up_once_a_room(
    homeserver: FakeHomeserver, sender: Sender, engine: FakeEngine
) -> None:
    for number in range(3):
        await sender.send(Row("notice", {}, id=number).out(), ROOM, CONTENT)
    assert sum("/state/" in path for path in homeserver.asked) == 1
    assert len(homeserver.asked) == 4  # nothing else is asked for a send


@pytest.mark.parametrize("state", [None, {}, {"algorithm": "m.megolm.v2"}])
async def test_nothing_goes_into_a_room_that_is_not_encrypted(
    homeserver: FakeHomeserver, sender: Sender, engine: FakeEngine, row: Row, state: Json | None
) -> None:
    homeserver.state.clear()
    if state is not None:
        homeserver.state["m.room.encryption/"] = state
    with pytest.raises(Broken, match="not encrypted"):
        await sender.send(row.out(), ROOM, CONTENT)
    assert (engine.index, homeserver.events) == (-1, [])


async def test_a_room_whose_encryption_changed_is_looked_at_again(
    homeserver: FakeHomeserver, client: Client, engine: FakeEngine, clock: Clock, row: Row
) -> None:
    gate = Gate(client)
    await gate.check(ROOM)
    homeserver.state.clear()
    await gate.check(ROOM)
    gate.doubt(ROOM)
    with pytest.raises(Broken):
        await gate.check(ROOM)


async def test_a_session_that_turned_over_before_the_put_is_not_used(
    homeserver: FakeHomeserver, sender: Sender, engine: FakeEngine, row: Row
) -> None:
    engine.good = [False]
    await sender.send(row.out(), ROOM, CONTENT)
    assert sent(homeserver) == ["c1"]
    assert homeserver.transactions() == ["fm7.1"]


async def test_members_without_rest_put_the_row_off(sender: Sender, engine: FakeEngine, row: Row) -> None:
    engine.good = [False] * 10
    with pytest.raises(Retry, match="members"):
        await sender.send(row.out(), ROOM, CONTENT)


@pytest.mark.parametrize("why", ["old", "turned over", "the clock jumped back"])
@pytest.mark.parametrize("arrived", [True, False])
async def test_before_another_ciphertext_we_look_for_the_first(
    homeserver: FakeHomeserver,
    sender: Sender,
    engine: FakeEngine,
    clock: Clock,
    row: Row,
    why: str,
    arrived: bool,
) -> None:
    if not arrived:
        homeserver.refuse("/send/", 502)
        with pytest.raises(Retry):
            await sender.send(row.out(), ROOM, CONTENT)
    else:
        await sender.send(row.out(), ROOM, CONTENT)
    for number in range(150):  # more than a page
        homeserver.add("m.room.encrypted", {"ciphertext": f"other{number}"}, f"$o{number}", clock.now)
    match why:
        case "old":
            clock.now += 21 * HOUR
        case "the clock jumped back":
            clock.now -= HOUR
        case _:
            engine.good = [False]
    await sender.send(row.out(), ROOM, CONTENT)
    ours = [c for c in sent(homeserver) if c.startswith("c")]
    assert ours == (["c0"] if arrived else ["c1"])


async def test_the_search_ends_where_older_events_begin(
    homeserver: FakeHomeserver, sender: Sender, clock: Clock, row: Row
) -> None:
    clock.now = 100 * HOUR
    homeserver.refuse("/send/", 502)
    with pytest.raises(Retry):
        await sender.send(row.out(), ROOM, CONTENT)
    for number in range(1000):
        homeserver.add("m.room.encrypted", {"ciphertext": "other"}, f"$o{number}", 50 * HOUR)
    clock.now += 21 * HOUR
    await sender.send(row.out(), ROOM, CONTENT)
    assert sum(path.endswith("/messages") for path in homeserver.asked) == 1


@pytest.mark.parametrize(("status", "errcode"), [(403, "M_FORBIDDEN"), (413, "M_TOO_LARGE")])
async def test_a_refused_event_is_encrypted_once_more_and_then_broken(
    homeserver: FakeHomeserver, sender: Sender, row: Row, status: int, errcode: str
) -> None:
    homeserver.refuse("/send/", status, errcode)
    await sender.send(row.out(), ROOM, CONTENT)
    assert sent(homeserver) == ["c1"]
    other = Row("notice", {}, id=8)
    for _ in range(2):
        homeserver.refuse("/send/", status, errcode)
    with pytest.raises(Broken, match=errcode):
        await sender.send(other.out(), ROOM, CONTENT)
    assert homeserver.transactions() == ["fm7.0", "fm7.1", "fm8.0", "fm8.1"]
    # and it stays so, also after a restart
    homeserver.refuse("/send/", status, errcode)
    with pytest.raises(Broken, match=errcode):
        await sender.send(other.out(), ROOM, CONTENT)


@pytest.mark.parametrize(
    ("failure", "wanted"),
    [(MatrixError(0, "", ""), Retry), (MatrixError(403, "M_FORBIDDEN", ""), Broken), (Retry("full"), Retry)],
)
async def test_what_fails_before_the_commit_leaves_nothing(
    homeserver: FakeHomeserver,
    sender: Sender,
    engine: FakeEngine,
    row: Row,
    failure: Exception,
    wanted: type[Exception],
) -> None:
    engine.failing = failure
    with pytest.raises(wanted):
        await sender.send(row.out(), ROOM, CONTENT)
    assert (row.progress, homeserver.events) == ({}, [])


async def test_what_was_stored_before_stays_in_the_progress(sender: Sender, row: Row) -> None:
    row.progress = {"file": {"url": "mxc://alder.example/m0"}}
    await sender.send(row.out(), ROOM, CONTENT, {"more": 1})
    assert row.progress["file"] == {"url": "mxc://alder.example/m0"} and row.progress["more"] == 1
