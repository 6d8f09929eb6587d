"""The machine's own Chromium for the tests of the pages, and windows of it that watch what happens in them.

Nothing is ever downloaded.  A window fails its test for a request to another host, for anything the
browser's console complains of (a breach of the Content-Security-Policy among it), and for a picture or
style sheet that is not there.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    async_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome")
WIDE, NARROW = 1280, 320
"""CSS pixels; 320 is what WCAG 2.2 asks for (1.4.10)."""

DEADLINE = 20_000
"""Milliseconds for a step."""


def chromium() -> str | None:
    """The browser of this machine, as scripts/test looks for it; None when there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


LEFT = "net::ERR_ABORTED"
"""The page was left before it was loaded, or turned out to be a download."""


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    """The browser at `path`, without a screen."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Watch:
    """What a window's pages asked for and complained of; `root` is the only place they may ask."""

    root: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        wanted, ours = urlsplit(request.url), urlsplit(self.root)
        if wanted.scheme not in ("data", "about") and wanted.netloc != ours.netloc:
            self.complaints.append(f"a request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self.complaints.append(f"not loaded: {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status}: {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        """A page of an error's status is one of ours, though the console calls it a failure."""
        where, page = message.location.get("url"), message.page
        told = message.text.startswith("Failed to load resource") and page is not None and where == page.url
        if message.type in ("error", "warning") and not told:
            self.complaints.append(f"console: {message.text}")


@asynccontextmanager
async def window(
    browser: Browser, root: str, *, width: int = WIDE, language: str = "en", scripts: bool = True
) -> AsyncIterator[tuple[Page, Watch]]:
    """A fresh window for the pages at `root`; at its end there must be nothing to complain of.

    `scripts`: whether the browser runs any.
    """
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        locale=language,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    context.set_default_timeout(DEADLINE)
    watch = Watch(root)
    watch.over(context)
    try:
        yield await context.new_page(), watch
    finally:
        await context.close()
    assert not watch.complaints, "\n".join(watch.complaints)
