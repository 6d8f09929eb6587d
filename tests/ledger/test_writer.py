"""The writer: order, group commit, faults that stay alone, callers that go away."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.errors import Broken, Retry
from bridge.ledger.engine import open_engine
from bridge.ledger.writer import GROUP, Writer
from bridge.points import Phase, Point
from tests.databases import Postgres

notes = sa.Table(
    "notes",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("text", sa.Text, unique=True, nullable=False),
)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database_url)
    async with engine.begin() as conn:
        await conn.run_sync(notes.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
async def writer(engine: AsyncEngine) -> AsyncIterator[Writer]:
    writer = Writer(engine)
    writer.start()
    yield writer
    await writer.stop()


def note(text: str) -> Callable[[sa.Connection], str]:
    """A change that writes `text` and returns it."""

    def change(conn: sa.Connection) -> str:
        conn.execute(sa.insert(notes), {"text": text})
        return text

    return change


def written(conn: sa.Connection) -> list[str]:
    return list(conn.execute(sa.select(notes.c.text).order_by(notes.c.id)).scalars())


async def test_many_changes_keep_their_order_and_share_commits(writer: Writer) -> None:
    wanted = [f"{n:03}" for n in range(3 * GROUP)]
    results = await asyncio.gather(*(writer.write(Point.SETTLE, note(text)) for text in wanted))
    assert results == wanted
    assert await writer.read(written) == wanted
    assert writer.changes == len(wanted)
    assert writer.commits == 3


async def test_a_result_means_committed(writer: Writer, engine: AsyncEngine) -> None:
    await writer.write(Point.ACCEPT, note("here"))
    other = open_engine(engine.url.render_as_string(hide_password=False))
    async with other.connect() as conn:
        assert await conn.run_sync(written) == ["here"]
    await other.dispose()


async def test_a_change_that_fails_fails_alone(writer: Writer) -> None:
    def refuses(conn: sa.Connection) -> str:
        conn.execute(sa.insert(notes), {"text": "must go"})
        raise Broken("no")

    futures: list[asyncio.Future[str]] = [
        writer.submit(Point.SETTLE, note("a")),
        writer.submit(Point.SETTLE, refuses),
        writer.submit(Point.SETTLE, note("a")),  # breaks the unique rule: a fault of the statement
        writer.submit(Point.SETTLE, note("b")),
    ]
    first, second, third, fourth = await asyncio.gather(*futures, return_exceptions=True)
    assert (first, fourth) == ("a", "b")
    assert isinstance(second, Broken)
    assert isinstance(third, sa.exc.IntegrityError)
    assert await writer.read(written) == ["a", "b"]


async def test_a_wrong_statement_is_not_a_passing_fault(writer: Writer) -> None:
    wrong = sa.text("SELECT nothing FROM nowhere")
    with pytest.raises(sa.exc.DBAPIError):
        await writer.write(Point.SETTLE, lambda conn: conn.execute(wrong))
    with pytest.raises(sa.exc.DBAPIError):
        await writer.read(lambda conn: conn.execute(wrong))


async def test_a_cancelled_caller_does_not_undo_its_change(writer: Writer) -> None:
    caller = asyncio.create_task(writer.write(Point.ACCEPT, note("kept")))
    await asyncio.sleep(0)  # it has submitted, and waits
    caller.cancel()
    dropped = writer.submit(Point.ACCEPT, note("also kept"))
    dropped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await writer.write(Point.ACCEPT, note("after"))
    assert await writer.read(written) == ["kept", "also kept", "after"]


async def test_stop_waits_for_what_is_on_its_way_to_the_disk(engine: AsyncEngine) -> None:
    writer = Writer(engine)
    writer.start()
    begun = asyncio.Event()
    futures = [writer.submit(Point.ACCEPT, lambda _: begun.set())]
    await begun.wait()  # out of the queue, not yet committed
    await writer.stop()
    assert all(f.done() for f in futures)
    assert writer.commits == 1
    with pytest.raises(Retry, match="closed"):
        await writer.write(Point.ACCEPT, note("too late"))


async def test_points_are_visited_around_each_commit(engine: AsyncEngine) -> None:
    visited: list[tuple[Point, Phase, int]] = []

    def probe(point: Point, phase: Phase) -> None:
        visited.append((point, phase, subject.commits))

    subject = Writer(engine, probe)
    subject.start()
    await asyncio.gather(
        subject.write(Point.ACCEPT, note("a")),
        subject.write(Point.SETTLE, note("b")),
        subject.write(Point.ACCEPT, note("c")),
    )
    await subject.stop()
    assert visited == [
        (Point.ACCEPT, "before", 0),
        (Point.SETTLE, "before", 0),
        (Point.ACCEPT, "after", 1),
        (Point.SETTLE, "after", 1),
    ]


@pytest.mark.parametrize(("when", "kept"), [("before", ["b"]), ("after", ["a", "b"])])
async def test_a_probe_that_raises_is_a_crash_of_that_commit_only(
    engine: AsyncEngine, when: Phase, kept: list[str]
) -> None:
    armed = True

    def probe(point: Point, phase: Phase) -> None:
        if armed and phase == when:
            raise RuntimeError("crash")

    writer = Writer(engine, probe)
    writer.start()
    with pytest.raises(RuntimeError):
        await writer.write(Point.ACCEPT, note("a"))
    armed = False
    await writer.write(Point.ACCEPT, note("b"))
    assert await writer.read(written) == kept
    await writer.stop()


# ------------------------------------------------------------------ a database that cannot take it


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[tuple[Path, AsyncEngine, Writer]]:
    path = tmp_path / "folkmoot.db"
    engine = open_engine(f"sqlite+aiosqlite:///{path}")
    async with engine.begin() as conn:
        await conn.run_sync(notes.metadata.create_all)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def impatient(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout=50").close()

    await engine.dispose()  # connections from before the listener
    writer = Writer(engine)
    writer.start()
    yield path, engine, writer
    await writer.stop()
    await engine.dispose()


async def test_a_locked_database_is_a_retry_and_heals(sqlite: tuple[Path, AsyncEngine, Writer]) -> None:
    path, _, writer = sqlite
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retry):
            await writer.write(Point.ACCEPT, note("a"))
        assert await writer.read(written) == []  # readers are not held up
        other.execute("ROLLBACK")
    await writer.write(Point.ACCEPT, note("a"))
    assert await writer.read(written) == ["a"]


async def test_a_change_that_reads_first_is_not_disturbed_by_another_process(
    sqlite: tuple[Path, AsyncEngine, Writer],
) -> None:
    """A deferred transaction would fail here: its snapshot is old when it begins to write."""
    path, _, writer = sqlite
    errors: list[str] = []
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)) as other:

        def change(conn: sa.Connection) -> None:
            written(conn)
            try:
                other.execute("INSERT INTO notes (text) VALUES ('theirs')")
            except sqlite3.OperationalError as e:
                errors.append(str(e))
            note("ours")(conn)

        await writer.write(Point.SETTLE, change)
        assert errors == ["database is locked"]
        other.execute("INSERT INTO notes (text) VALUES ('theirs')")
    assert await writer.read(written) == ["ours", "theirs"]


async def test_a_read_only_database_is_a_retry(sqlite: tuple[Path, AsyncEngine, Writer]) -> None:
    _, _, writer = sqlite

    def read_only(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")

    sa.event.listen(sa.Engine, "begin", read_only)
    try:
        with pytest.raises(Retry):
            await writer.write(Point.ACCEPT, note("a"))
    finally:
        sa.event.remove(sa.Engine, "begin", read_only)


async def test_a_full_disk_is_a_retry(sqlite: tuple[Path, AsyncEngine, Writer]) -> None:
    _, _, writer = sqlite

    def change(conn: sa.Connection) -> None:
        conn.exec_driver_sql("PRAGMA max_page_count=1")  # as far as it goes: the present size
        conn.execute(sa.insert(notes), {"text": "x" * 1_000_000})

    with pytest.raises(Retry):
        await writer.write(Point.ACCEPT, change)


async def test_postgresql_that_goes_away_is_a_retry_and_comes_back(postgres: Postgres) -> None:
    name = postgres.create()
    engine = open_engine(postgres.url(name))
    async with engine.begin() as conn:
        await conn.run_sync(notes.metadata.create_all)
    writer = Writer(engine)
    writer.start()
    try:
        kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

        def cut_off(conn: sa.Connection) -> None:
            note("lost")(conn)
            postgres.sql(kill)
            note("lost too")(conn)

        with pytest.raises(Retry):
            await writer.write(Point.ACCEPT, cut_off)
        await writer.write(Point.ACCEPT, note("a"))

        postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        postgres.sql(kill)
        with pytest.raises(Retry):
            await writer.write(Point.ACCEPT, note("b"))
        postgres.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        postgres.sql(kill)

        postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres.sql(kill)
        with pytest.raises(Retry):
            await writer.write(Point.ACCEPT, note("b"))
        with pytest.raises(Retry):
            await writer.read(written)
        postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await writer.write(Point.ACCEPT, note("b"))
        assert await writer.read(written) == ["a", "b"]
    finally:
        await writer.stop()
        await engine.dispose()
        postgres.drop(name)


async def test_a_postgresql_that_is_not_there_is_a_retry(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql+asyncpg://nobody@/none?host={tmp_path}")
    writer = Writer(engine)
    writer.start()
    with pytest.raises(Retry):
        await writer.write(Point.ACCEPT, note("a"))
    with pytest.raises(Retry):
        await writer.read(written)
    await writer.stop()
    await engine.dispose()


async def test_an_error_whose_caller_was_cancelled_is_not_complained_of(
    writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(_: sa.Connection) -> None:
        raise Broken("no")

    caller = asyncio.create_task(writer.write(Point.SETTLE, refuses))
    await asyncio.sleep(0)  # it has submitted, and waits
    caller.cancel()
    await asyncio.wait([caller])
    await writer.write(Point.SETTLE, note("after"))
    del caller
    gc.collect()
    assert "never retrieved" not in caplog.text
