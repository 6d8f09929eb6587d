"""A form in a frame of a municipality's own site: filled in there, and sent into the whole window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from playwright.async_api import Browser, FrameLocator, Page, expect

from bridge.demo.ports import free_port
from tests.browser.chromium import DEADLINE
from tests.browser.stage import FORM, forms, whole_draft
from tests.forms.site import Site, settings, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

START = f"/f/{FORM.id}?lang=en"
PAGE = '<!DOCTYPE html><html lang="en"><title>Alder City</title><iframe title="A form" src="{}"></iframe>'


@asynccontextmanager
async def embedding(allowed: str = "") -> AsyncIterator[tuple[Site, int]]:
    """The pages, and a port on which a site may show them in a frame; only the one at `allowed`, if given."""
    known, port = forms(), free_port()
    chosen = replace(settings(), embed=(allowed or f"http://localhost:{port}",))
    async with site(forms=lambda: known, chosen=chosen) as s:
        yield s, port


@asynccontextmanager
async def municipality(port: int, address: str) -> AsyncIterator[str]:
    """A site of its own that shows the page at `address` in a frame; its address."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE.format(address), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "localhost", port).start()
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def framed(browser: Browser, s: Site, port: int, path: str) -> AsyncIterator[tuple[Page, FrameLocator]]:
    """A window that shows the municipality's site, with the page at `path` in the frame."""
    context = await browser.new_context()
    context.set_default_timeout(DEADLINE)
    try:
        async with municipality(port, s.browser.root + path) as address:
            page = await context.new_page()
            await page.goto(address)
            yield page, page.frame_locator("iframe")
    finally:
        await context.close()


async def test_it_is_answered_in_the_frame(browser: Browser) -> None:
    async with embedding() as (s, port), framed(browser, s, port, START) as (_, frame):
        await frame.locator("button.start").click()
        await frame.locator('[value="meadow"]').check()
        await frame.locator(".main").click()
        await expect(frame.locator("h1")).to_have_text("What is your idea?")
        await frame.locator("textarea").fill("Shade")
        await frame.locator(".main").click()
        await expect(frame.locator("h1")).to_have_text("What would make you come more often?")
        (draft,) = s.store.drafts.values()
        assert draft.values["idea"] == ["Shade"]


async def test_it_is_sent_into_the_whole_window(browser: Browser) -> None:
    """What comes then is only for whoever sent it, and no frame of another site may show it."""
    async with embedding() as (s, port):
        path = f"{await whole_draft(s.store, 'en')}/check"
        async with framed(browser, s, port, path) as (page, frame):
            await frame.locator('[value="send"]').click()
            await expect(page.locator("h1")).to_have_text("Your answers have been sent")
            assert page.url.startswith(f"{s.browser.root}/t/") and len(s.sent) == 1


async def test_on_other_sites_nothing_is_shown(browser: Browser) -> None:
    allowed = "https://www.alder.example"
    async with embedding(allowed) as (s, port), framed(browser, s, port, START) as (_, frame):
        assert await frame.locator("body").count() == 1
        assert await frame.locator("button.start").count() == 0
        assert "Your idea" not in await frame.locator("body").inner_text()
