"""Migrations: from nothing, never backwards, and what they make is what the tables say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.errors import Refuse
from bridge.ledger import crypto_tables, page_tables, schema, tables
from bridge.ledger.engine import open_engine
from bridge.ledger.metadata import metadata


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(database_url)
    yield engine
    await engine.dispose()


async def test_a_fresh_database_is_migrated_and_a_second_start_changes_nothing(engine: AsyncEngine) -> None:
    assert await schema.migrate(engine) is None
    assert await schema.migrate(engine) == schema.expected()
    async with engine.connect() as conn:
        names = await conn.run_sync(lambda c: set(sa.inspect(c).get_table_names()))
    assert names == {*metadata.tables, "alembic_version"}


async def test_migrations_make_what_the_tables_say(engine: AsyncEngine) -> None:
    assert {tables.inbox, page_tables.drafts} <= set(metadata.sorted_tables)
    assert set(crypto_tables.TABLES.values()) <= set(metadata.sorted_tables)
    await schema.migrate(engine)

    def differences(conn: sa.Connection) -> Any:
        return compare_metadata(MigrationContext.configure(conn), metadata)

    async with engine.connect() as conn:
        found = await conn.run_sync(differences)
    assert found == [], "draft the missing step: python -m tests.ledger.new_migration NUMBER 'What changes'"


async def test_a_newer_schema_is_refused_and_left_alone(engine: AsyncEngine) -> None:
    await schema.migrate(engine)
    async with engine.begin() as conn:
        await conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refuse, match=r"schema 9999.*newer Folkmoot"):
        await schema.migrate(engine)
    async with engine.connect() as conn:
        assert await conn.run_sync(schema.found) == "9999"


async def test_a_migration_that_fails_leaves_nothing_behind(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await conn.execute(sa.text("CREATE TABLE participants (mine INTEGER)"))  # in the way of ours
    with pytest.raises(sa.exc.DBAPIError):
        await schema.migrate(engine)
    async with engine.connect() as conn:
        assert await conn.run_sync(lambda c: sa.inspect(c).get_table_names()) == ["participants"]


async def test_a_database_of_the_second_schema_keeps_what_it_holds(engine: AsyncEngine) -> None:
    """Answers that went out are answers, and edits of head lines are remembered as events."""
    said = (
        "INSERT INTO messages (id, case_id, participant_id, inward, at) VALUES "
        "(1, 5, 7, TRUE, 1), (2, 5, 7, FALSE, 2)"
    )
    posted = (
        "INSERT INTO outbox (id, target, kind, lane, room, priority, state, not_before, created, tries, "
        "case_id, event_id, done_at) VALUES "
        "(1, 'matrix', 'head', 'case:5', '!r', 0, 'done', 0, 0, 0, 5, '$root', 10), "
        "(2, 'matrix', 'head', 'case:5', '!r', 0, 'done', 0, 0, 0, 5, '$edit', 11), "
        "(3, 'matrix', 'head', 'case:5', '!r', 0, 'ready', 0, 0, 0, 5, NULL, NULL)"
    )
    root = (
        "INSERT INTO events (event_id, room_id, case_id, kind, sender, ts, threaded) "
        "VALUES ('$root', '!r', 5, 'head', '', 10, TRUE)"
    )

    def second(conn: sa.Connection) -> None:
        command.upgrade(schema.config(conn), "0002")
        conn.execute(sa.text("INSERT INTO participants (id, language) VALUES (7, 'de')"))
        conn.execute(
            sa.text(
                "INSERT INTO cases (id, reference, slug, participant_id, channel, status, room_id, opened) "
                "VALUES (5, 'PARK-7F3K-9Q', 'park', 7, 'email', 'closed', '!r', 1)"
            )
        )
        for statement in (said, posted, root):
            conn.execute(sa.text(statement))

    async with engine.begin() as conn:
        await conn.run_sync(second)
    assert await schema.migrate(engine) == "0002"
    async with engine.connect() as conn:
        person = (await conn.execute(sa.select(tables.participants))).one()
        case = (await conn.execute(sa.select(tables.cases))).one()
        kinds = (await conn.execute(sa.select(tables.messages.c.kind).order_by(tables.messages.c.id))).all()
        events = (await conn.execute(sa.select(tables.events).order_by(tables.events.c.ts))).all()
    assert person.reach == "mail"
    assert (case.page_id, case.closed_at, case.retention_days) == (None, None, None)
    assert [k for (k,) in kinds] == ["words", "reply"]
    assert [(e.event_id, e.case_id, e.kind, e.ts, e.threaded) for e in events] == [
        ("$root", 5, "head", 10, True),
        ("$edit", 5, "head", 11, True),
    ]


async def test_people_of_the_third_schema_have_not_ended_any_mailings(engine: AsyncEngine) -> None:
    def third(conn: sa.Connection) -> None:
        command.upgrade(schema.config(conn), "0003")
        people = "INSERT INTO participants (id, language, bounces) VALUES (7, 'de', 1), (8, 'en', 0)"
        conn.execute(sa.text(people))

    async with engine.begin() as conn:
        await conn.run_sync(third)
    assert await schema.migrate(engine) == "0003"
    async with engine.connect() as conn:
        rows = (await conn.execute(sa.select(tables.participants).order_by(tables.participants.c.id))).all()
    assert [(r.id, r.language, r.bounces, r.no_mailings, r.leave_mac) for r in rows] == [
        (7, "de", 1, False, None),
        (8, "en", 0, False, None),
    ]


async def test_a_database_of_the_first_schema_keeps_what_it_holds(engine: AsyncEngine) -> None:
    def first(conn: sa.Connection) -> None:
        command.upgrade(schema.config(conn), "0001")
        conn.execute(sa.text("INSERT INTO participants (id, language) VALUES (7, 'de')"))

    async with engine.begin() as conn:
        await conn.run_sync(first)
    assert await schema.migrate(engine) == "0001"
    async with engine.connect() as conn:
        row = (await conn.execute(sa.select(tables.participants))).one()
    assert (row.id, row.language, row.bounces) == (7, "de", 0)
