"""What `folkmoot check` sees of a database, of both kinds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.demo.ports import free_port
from bridge.errors import Refuse
from bridge.ledger import inspect, schema
from bridge.ledger.engine import open_engine
from bridge.ledger.tables import keyring
from bridge.vault import Vault

MASTER = bytes(range(32))


async def test_an_empty_and_a_migrated_database(database_url: str) -> None:
    expected = schema.expected()
    assert await inspect.schema(database_url, MASTER) == (None, expected)
    engine = open_engine(database_url)
    await schema.migrate(engine)
    await engine.dispose()
    assert await inspect.schema(database_url, MASTER) == (expected, expected)


async def test_another_key_than_the_one_it_is_sealed_under(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    async with engine.begin() as conn:
        wrapped = Vault(MASTER).new_key()[1]
        await conn.execute(sa.insert(keyring), {"name": "lookup", "wrapped": wrapped})
    await engine.dispose()
    expected = schema.expected()
    assert await inspect.schema(migrated_url, MASTER) == (expected, expected)
    with pytest.raises(Refuse, match="another key"):
        await inspect.schema(migrated_url, bytes(32))


async def test_looking_creates_nothing(tmp_path: Path) -> None:
    found, _ = await inspect.schema(f"sqlite+aiosqlite:///{tmp_path}/none.db", MASTER)
    assert found is None
    assert os.listdir(tmp_path) == []


async def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is a letter, and no database\n" * 100)
    with pytest.raises(Refuse, match="cannot be opened"):
        await inspect.schema(f"sqlite+aiosqlite:///{tmp_path}/text.db", MASTER)
    with pytest.raises(Refuse, match="no folder we may write in"):
        await inspect.schema(f"sqlite+aiosqlite:///{tmp_path}/none/folkmoot.db", MASTER)


async def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    url = f"postgresql+asyncpg://folkmoot:geheim@127.0.0.1:{free_port()}/folkmoot"
    with pytest.raises(Refuse, match="cannot be opened") as caught:
        await inspect.schema(url, MASTER)
    assert "geheim" not in caught.value.reason
