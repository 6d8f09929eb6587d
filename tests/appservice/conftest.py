"""What the tests of this wing share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bridge.appservice.client import Client
from tests.appservice.homeserver import BOT, TOKEN, FakeHomeserver, running


@pytest_asyncio.fixture
async def homeserver() -> AsyncIterator[FakeHomeserver]:
    """A fresh one for each test."""
    async with running() as fake:
        yield fake


@pytest_asyncio.fixture
async def client(homeserver: FakeHomeserver) -> AsyncIterator[Client]:
    """Ours, as a device of the bot."""
    ours = Client(homeserver.url, TOKEN, BOT)
    ours.use_device("DEV")
    yield ours
    await ours.close()
