"""One browser for all tests of the pages that a process runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.axe import script
from tests.browser.chromium import chromium, launched
from tests.element.install import NotInstallable
from tests.lacking import lacking


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium, with axe-core at hand."""
    path = chromium()
    if path is None:
        lacking("chromium")
    try:
        await asyncio.to_thread(script)
    except NotInstallable as error:
        lacking(str(error))
    async with launched(path) as running:
        yield running
