"""The databases that the tests of this wing run on, and a ledger at home on each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import database_url, postgres
from tests.ledger.home import Home

__all__ = ["database_url", "home", "postgres"]


@pytest.fixture
async def home(database_url: str, tmp_path: Path) -> AsyncIterator[Home]:
    """A ledger that has just been opened for the first time."""
    home = await Home(database_url, tmp_path).open()
    yield home
    await home.close()
