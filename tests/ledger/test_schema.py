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
from bridge.ledger import crypto_tables, schema, tables
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
    assert tables.inbox in metadata.sorted_tables
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
