"""A ledger at home on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ledger.home import Home


@pytest.fixture
async def home(migrated_url: str, tmp_path: Path) -> AsyncIterator[Home]:
    """A ledger that has just been opened for the first time."""
    home = await Home(migrated_url, tmp_path).open()
    yield home
    await home.close()
