"""The contract of a crypto store: the same suite on the twin in memory and on the SQL store."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.e2ee.rows import KINDS, AccountRow, OutboundRow, Row, SecretRow, SharedRow, StartRow, UserRow
from bridge.e2ee.store import Changes, CryptoStore, MemoryStore
from bridge.ledger.crypto_store import SqlCryptoStore
from bridge.ledger.crypto_tables import TABLES
from bridge.ledger.engine import open_engine
from bridge.ledger.metadata import metadata
from bridge.ledger.writer import Writer
from bridge.points import Point
from tests.databases import Postgres
from tests.e2ee.people import BOT, OFFICER, ROOM, World, person

Open = Callable[[str], Awaitable[CryptoStore]]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a store for an owner; a second opening sees what the first stored."""
    if request.param == "memory":
        stores: dict[str, MemoryStore] = {}

        async def open_memory(owner: str) -> CryptoStore:
            return stores.setdefault(owner, MemoryStore())

        yield open_memory
        return
    url = f"sqlite+aiosqlite:///{tmp_path}/crypto.db"
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.create())
    engine = open_engine(url)
    async with engine.begin() as conn:
        await conn.run_sync(lambda c: metadata.create_all(c, list(TABLES.values())))
    writer = Writer(engine)
    writer.start()

    async def open_sql(owner: str) -> CryptoStore:
        return SqlCryptoStore(writer, owner)

    yield open_sql
    await writer.stop()
    await engine.dispose()


def sample(kind: type[Row], text: str) -> Row:
    """A row with every field filled."""
    values: dict[str, Any] = {}
    for f in dataclasses.fields(kind):
        match str(f.type):
            case "int":
                values[f.name] = 2**40
            case "bool":
                values[f.name] = True
            case "bytes":
                values[f.name] = b"\0\xff" + text.encode()
            case "Json":
                values[f.name] = {"@a:b": 3, text: 0}
            case _:
                values[f.name] = f"{f.name} {text}"
    return kind(**values)


def put(*rows: Row) -> Changes:
    changes = Changes()
    changes.put(*rows)
    return changes


@pytest.mark.parametrize("kind", KINDS)
async def test_rows_read_back_are_replaced_and_dropped(opened: Open, kind: type[Row]) -> None:
    store = await opened("@bot:a")
    one, two = sample(kind, "one"), sample(kind, "zwei ü")
    await store.commit(Point.CRYPTO_OLM, put(one, two))
    again = await opened("@bot:a")
    assert sorted(await again.load(kind), key=repr) == sorted([one, two], key=repr)
    name = kind.KEY[0]
    assert await again.load(kind, **{name: getattr(one, name)}) == [one]
    assert await again.load(kind, **{name: [getattr(one, name), "x"]}) == [one]
    assert await again.load(kind, **{name: []}) == []
    other = [f.name for f in dataclasses.fields(kind) if f.name not in kind.KEY and str(f.type) == "str"]
    changed = dataclasses.replace(one, **{other[0]: "changed"}) if other else one
    changes = put(changed)
    changes.drop(two)
    await store.commit(Point.CRYPTO_OLM, changes)
    assert await again.load(kind) == [changed]


async def test_none_and_flags(opened: Open) -> None:
    store = await opened("@bot:a")
    row = UserRow("@x:y", dirty=False, pinned=None)
    await store.commit(Point.CRYPTO_DEVICES, put(row, dataclasses.replace(row, user_id="@z:y", dirty=True)))
    assert await store.load(UserRow, dirty=False) == [row]


async def test_owners_do_not_see_each_other(opened: Open) -> None:
    one, two = await opened("@one:a"), await opened("@two:a")
    await one.commit(Point.CRYPTO_OLM, put(OutboundRow("!r", "one", "p")))
    await two.commit(Point.CRYPTO_OLM, put(OutboundRow("!r", "two", "p")))
    changes = Changes()
    changes.drop(OutboundRow("!r", "", ""))
    await two.commit(Point.CRYPTO_OLM, changes)
    assert [row.session_id for row in await one.load(OutboundRow)] == ["one"]


async def test_a_failing_rider_leaves_nothing_and_harms_nobody(opened: Open) -> None:
    store = await opened("@bot:a")

    def refuse(_: Any) -> None:
        raise RuntimeError("no")

    rides: list[int] = []
    good = store.submit(Point.ENCRYPTED, put(OutboundRow("!a", "s", "1")), lambda _: rides.append(1))
    bad = store.submit(Point.ENCRYPTED, put(OutboundRow("!b", "s", "2")), refuse)
    late = store.submit(Point.ENCRYPTED, put(OutboundRow("!a", "s", "3")))
    results = await asyncio.gather(good, bad, late, return_exceptions=True)
    assert [type(r) for r in results] == [type(None), RuntimeError, type(None)]
    assert [(row.room_id, row.pickle) for row in await store.load(OutboundRow)] == [("!a", "3")]
    assert rides


async def test_commits_happen_in_the_order_of_submission(opened: Open) -> None:
    store = await opened("@bot:a")
    futures = [store.submit(Point.ENCRYPTED, put(OutboundRow("!a", "s", str(n)))) for n in range(200)]
    await asyncio.gather(*futures)
    assert [row.pickle for row in await store.load(OutboundRow)] == ["199"]


async def test_a_cancelled_caller_undoes_nothing(opened: Open) -> None:
    store = await opened("@bot:a")
    task = asyncio.create_task(store.commit(Point.ENCRYPTED, put(OutboundRow("!a", "s", "1"))))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await store.commit(Point.ENCRYPTED, put(OutboundRow("!b", "s", "1")))
    assert len(await store.load(OutboundRow)) == 2


async def test_many_rows(opened: Open) -> None:
    store = await opened("@bot:a")
    rows = [SharedRow("s", f"@u{n}:b", "D", "k", n) for n in range(1500)]
    await store.commit(Point.CRYPTO_SHARED, put(*rows))
    assert len(await store.load(SharedRow, session_id="s")) == 1500
    assert len(await store.load(SharedRow, user_id=[f"@u{n}:b" for n in range(900)])) == 900


def test_the_last_word_counts() -> None:
    first, second = Changes(), Changes()
    row = OutboundRow("!a", "s", "1")
    first.put(row)
    second.drop(row)
    first.merge(second)
    assert (list(first.puts()), list(first.drops())) == ([], [(OutboundRow, ("!a",))])
    first.put(row)
    assert (list(first.puts()), list(first.drops())) == ([(OutboundRow, [row])], [])
    assert first
    assert not Changes()


@pytest.mark.parametrize("kind", KINDS)
def test_tables_have_the_fields_of_their_rows(kind: type[Row]) -> None:
    table = TABLES[kind]
    assert [c.name for c in table.columns] == ["owner", *(f.name for f in dataclasses.fields(kind))]
    assert {c.name for c in table.primary_key} == {"owner", *kind.KEY}
    assert {c.name for c in table.columns if c.nullable} == {
        f.name for f in dataclasses.fields(kind) if "None" in str(f.type)
    }


def test_nothing_secret_is_shown() -> None:
    shown = [AccountRow("u", "d", "SECRET"), SecretRow("n", b"SECRET"), StartRow("s", "r", "SECRET")]
    assert all("SECRET" not in repr(row) for row in shown)


async def test_sixteen_encryptions_at_once_share_commits(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/crypto.db")
    async with engine.begin() as conn:
        await conn.run_sync(lambda c: metadata.create_all(c, list(TABLES.values())))
    writer = Writer(engine)
    writer.start()
    world = World()
    bot = await person(world, BOT, store=SqlCryptoStore(writer, BOT))
    await person(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    await bot.say("warm")
    commits, requests = writer.commits, len(world.server.requests)
    reads = 0
    real = writer.read

    async def counted(query: Callable[[Any], Any]) -> Any:
        nonlocal reads
        reads += 1
        return await real(query)

    writer.read = counted  # type: ignore[method-assign]
    riders: list[int] = []
    results = await asyncio.gather(
        *(
            bot.machine.encrypt(
                ROOM, "m.room.message", {"body": "x"}, also=lambda e: lambda _: riders.append(e.index)
            )
            for _ in range(16)
        )
    )
    assert sorted(r.index for r in results) == list(range(1, 17))
    assert riders == sorted(riders) != []
    assert writer.commits - commits <= 2
    assert (reads, len(world.server.requests)) == (0, requests)
    writer.read = real  # type: ignore[method-assign]
    again = await person(world, BOT, store=SqlCryptoStore(writer, BOT))
    assert (await again.machine.encrypt(ROOM, "m.room.message", {"body": "x"})).index == 17
    await writer.stop()
    await engine.dispose()
