"""The endpoint: who may push, what becomes an arrival, what may never fail a transaction for ever."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bridge.appservice.http import Endpoint, Listener
from bridge.channel import Arrival
from bridge.errors import Retry
from bridge.model import Json, Source

HS_TOKEN = "hs-token-hs-token-hs-token-hs-token"
BOT = "@folkmoot_bot:alder.example"
AUTH = {"Authorization": f"Bearer {HS_TOKEN}"}


def event(kind: str = "m.room.encrypted", **more: object) -> Json:
    return {
        "type": kind,
        "event_id": "$e1",
        "room_id": "!r:alder.example",
        "sender": "@officer:birch.example",
        "origin_server_ts": 1,
        "content": {"ciphertext": "…"},
        **more,
    }


class Ledger:
    """Takes arrivals as the ledger does: one per key."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.arrivals: list[Arrival] = []
        self.observed: list[Json] = []
        self.full = False

    async def accept(self, arrivals: Sequence[Arrival]) -> list[bool]:
        if self.full:
            raise Retry("full")
        fresh = [arrival.key not in self.keys for arrival in arrivals]
        self.keys.update(arrival.key for arrival in arrivals)
        self.arrivals += [arrival for arrival, new in zip(arrivals, fresh, strict=True) if new]
        return fresh

    async def observe(self, found: Json) -> None:
        self.observed.append(found)


class Pusher:
    """The homeserver's side."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def put(self, body: Any, headers: dict[str, str] | None = None, path: str = "t1") -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.url}/_matrix/app/v1/transactions/{path}"
        async with self.session.put(url, data=data, headers=AUTH if headers is None else headers) as answer:
            await answer.json()  # every answer is JSON
            return answer.status


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def endpoint(ledger: Ledger) -> Endpoint:
    return Endpoint(HS_TOKEN, BOT, ledger.accept, ledger.observe)


@pytest_asyncio.fixture
async def pusher(endpoint: Endpoint) -> AsyncIterator[Pusher]:
    listener = Listener(endpoint, "127.0.0.1", 0)
    await listener.start()
    async with aiohttp.ClientSession() as session:
        yield Pusher(f"http://127.0.0.1:{listener.port}", session)
    await listener.stop()


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, "t1", 401),
        ({}, f"t1?access_token={HS_TOKEN}", 401),
        ({"Authorization": HS_TOKEN}, "t1", 401),
        ({"Authorization": "Bearer wrong"}, "t1", 403),
        ({"Authorization": f"Bearer {HS_TOKEN} "}, "t1", 200),  # HTTP trims
        ({"Authorization": f"Bearer {HS_TOKEN}x"}, "t1", 403),
        ({"Authorization": "Bearer "}, "t1", 401),
        ({"Authorization": "Bearer wröng"}, "t1", 403),
        (AUTH, "t1", 200),
    ],
)
async def test_only_the_header_lets_in(
    pusher: Pusher, ledger: Ledger, headers: dict[str, str], path: str, status: int
) -> None:
    assert await pusher.put({"events": [event()]}, headers, path) == status
    assert len(ledger.arrivals) == (1 if status == 200 else 0)
    assert len(ledger.observed) == len(ledger.arrivals)


async def test_an_event_arrives_once(pusher: Pusher, ledger: Ledger, endpoint: Endpoint) -> None:
    for path in ("t1", "t1", "t2"):
        assert await pusher.put({"events": [event()]}, path=path) == 200
    (arrival,) = ledger.arrivals
    assert (arrival.source, arrival.kind, arrival.key, arrival.meta) == (Source.MATRIX, "event", "$e1", {})
    assert json.loads(arrival.raw) == event()
    assert endpoint.duplicates == 2


async def test_a_ledger_that_is_full_makes_the_homeserver_repeat(pusher: Pusher, ledger: Ledger) -> None:
    ledger.full = True
    assert await pusher.put({"events": [event()]}) == 503
    ledger.full = False
    assert await pusher.put({"events": [event()]}) == 200
    assert len(ledger.arrivals) == 1


@pytest.mark.parametrize(
    ("found", "relevant"),
    [
        (event(), True),
        (event("m.room.message"), True),
        (event("m.room.redaction"), True),
        (event("m.room.member", state_key="@x:y"), True),
        (event("m.room.member", state_key=BOT, sender=BOT), True),
        (event(sender=BOT), False),
        (event("m.room.redaction", sender=BOT), False),
        (event("m.room.message", state_key=""), False),
        (event("m.reaction"), False),
        (event("m.room.encryption", state_key=""), False),
        (event("m.room.tombstone", state_key=""), False),
        (event("m.room.server_acl", state_key=""), False),
    ],
)
async def test_what_is_of_interest(pusher: Pusher, ledger: Ledger, found: Json, relevant: bool) -> None:
    assert await pusher.put({"events": [found]}) == 200
    assert len(ledger.arrivals) == int(relevant)
    assert ledger.observed == [found]


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        7,
        "event",
        [],
        {},
        event(event_id=None),
        event(event_id=""),
        event(event_id="$" + "x" * 255),
        event(event_id="$\ud800"),
        event(event_id="$\x00"),
        event(event_id=["$e"]),
        event(room_id=3),
        event(sender={}),
        event(content=[]),
        event(content=None),
        event(origin_server_ts="now"),
        event("m.room.member", state_key=None),
        event("m.room.member"),
    ],
)
async def test_garbage_is_left_out_and_counted(
    pusher: Pusher, ledger: Ledger, endpoint: Endpoint, garbage: object
) -> None:
    assert await pusher.put({"events": [garbage, event(event_id="$good")]}) == 200
    assert [arrival.key for arrival in ledger.arrivals] == ["$good"]
    assert endpoint.skipped == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 200_000, 400),
        ([], 400),
        ({}, 400),
        ({"events": {}}, 400),
    ],
)
async def test_a_body_that_is_no_transaction(
    pusher: Pusher, ledger: Ledger, body: object, status: int
) -> None:
    assert await pusher.put(body) == status
    assert not ledger.arrivals


async def test_nothing_is_unpacked(pusher: Pusher) -> None:
    assert await pusher.put(b"\x1f\x8b", {**AUTH, "Content-Encoding": "gzip"}) == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_matrix/app/v1/users/@folkmoot_x:alder.example", 404),
        ("GET", "/_matrix/app/v1/rooms/%23folkmoot_x:alder.example", 404),
        ("POST", "/_matrix/app/v1/ping", 200),
        ("GET", "/", 404),
        ("DELETE", "/_matrix/app/v1/ping", 404),
    ],
)
async def test_the_other_paths(pusher: Pusher, method: str, path: str, status: int) -> None:
    for headers, wanted in ((AUTH, status), ({}, 401)):
        async with pusher.session.request(method, pusher.url + path, json={}, headers=headers) as answer:
            assert answer.status == wanted
            assert isinstance(await answer.json(), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("type", "event_id", "room_id", "sender", "content", "origin_server_ts", "state_key")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)) | JSON, max_size=4))
async def test_no_event_raises(events: list[Any]) -> None:
    """Any JSON in a transaction is taken or left out; what is taken can be stored under its key."""
    ledger = Ledger()
    endpoint = Endpoint(HS_TOKEN, BOT, ledger.accept, ledger.observe)
    for found in events:
        arrival = await endpoint._arrival(found)
        if arrival is not None:
            arrival.key.encode("utf-8")
            assert "\x00" not in arrival.key
