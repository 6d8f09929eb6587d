"""Forms in frames of other sites, in a real browser: of those that the operator names, and of no others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from playwright.async_api import Page as Tab

from tests.browser.chromium import chromium, launched
from tests.forms.a_case import put
from tests.forms.site import Site, settings, site
from tests.lacking import lacking


@asynccontextmanager
async def another_site(shown: str) -> AsyncIterator[str]:
    """A site whose only page shows an address in a frame; its origin.

    `{root}` in the address is replaced by what `?root=` says.
    """

    async def page(request: web.Request) -> web.Response:
        address = request.query["root"] + shown
        text = f'<!DOCTYPE html><title>Town</title><h1>Town</h1><iframe src="{address}" name="form"></iframe>'
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def browsing() -> AsyncIterator[Tab]:
    path = chromium()
    if path is None:
        lacking("chromium")
    async with launched(path) as browser:
        yield await browser.new_page()


async def framed(tab: Tab, town: str, s: Site) -> str:
    """What the frame of the town's page shows."""
    await tab.goto(f"{town}/?root={s.browser.root}")
    (frame,) = tab.main_frame.child_frames
    return await frame.inner_text("body")


async def test_a_form_is_filled_in_inside_a_frame_and_its_confirmation_stands_outside() -> None:
    """The page of a case is never in a frame: the last button leads out of it."""
    async with (
        another_site("/f/short") as town,
        site(chosen=replace(settings(), embed=(town,))) as s,
        browsing() as tab,
    ):
        assert "Short" in await framed(tab, town, s)
        form = tab.frame_locator("iframe")
        await form.locator("button[value=start]").click()
        await form.locator("textarea[name=idea]").fill("A bench")
        await form.locator("button.main").click()
        await form.locator("input[name=mail]").fill("")
        await form.locator("button.main").click()
        await form.locator("button[value=send]").click()
        await tab.wait_for_url(f"{s.browser.root}/t/**/sent**")
        assert len(s.sent) == 1 and not tab.main_frame.child_frames


@pytest.mark.parametrize("path", ["/f/short", "/"])
async def test_a_site_that_is_not_named_shows_nothing(path: str) -> None:
    named = replace(settings(), embed=("https://www.alder.example",))
    async with another_site(path) as town, site(chosen=named) as s, browsing() as tab:
        assert "Short" not in await framed(tab, town, s)


async def test_the_page_of_a_case_is_in_no_frame_not_even_of_a_named_site() -> None:
    async with site() as s:
        address = put(s)
    async with another_site(address) as town, site(chosen=replace(settings(), embed=(town,))) as s:
        assert put(s) == address
        async with browsing() as tab:
            assert "PARK" not in await framed(tab, town, s)
            await tab.goto(s.browser.root + address)
            assert "PARK" in await tab.inner_text("body"), "on its own it is there"
