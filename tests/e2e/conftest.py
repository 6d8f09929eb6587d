"""The town that the tests of this folder share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.place import Place


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """One consultation, one officer with nio in its desk; Element and the operator come when called."""
    place = Place(tmp_path_factory.mktemp("town"))
    async with place:
        yield place
