"""The whole journey in a browser that runs no scripts, and by a program that is no browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import NARROW, window
from tests.browser.journey import MESSAGE, QUESTIONS, given, the_acts, the_submission
from tests.browser.stage import FORM, Stage, forms, stage
from tests.forms.site import PNG, Page, site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_browser_without_scripts_comes_back_finishes_and_writes_on(browser: Browser) -> None:
    async with stage(browser, "en", width=NARROW, scripts=False) as s:
        await s.go("/")
        await s.page.click("text=Your idea for Riverside Park")
        await s.press("start")
        half = QUESTIONS.index("order")
        for question in QUESTIONS[:half]:
            await _answer(s, question)
        await s.press("save")
        await s.press("save")
        code = await s.page.inner_text(".panel .letters")
        async with window(browser, s.watch.root, width=NARROW, scripts=False) as (page, watch):
            other = Stage(s.site, page, watch, "en")
            await other.go(f"/f/{FORM.id}/return")
            await other.fill({"code": [code.lower()]})
            await other.press("return")
            for question in QUESTIONS[half:]:
                await _answer(other, question)
            other.site.clock.now += 600
            await other.press("send")
            sent = the_submission(s.site)
            assert sent.reference in await page.inner_text(".panel")
            await page.click("text=Open the page of your submission")
            await other.fill({"text": [MESSAGE]})
            await page.set_input_files("#files", _picture("back-rest.png"))
            await other.press("write")
            await page.click("text=Withdraw the submission")
            await other.press("withdraw")
            assert "Your submission has been withdrawn." in await page.inner_text(".banner")
            written, withdrawn = the_acts(s.site)
            assert (written.act, written.text, withdrawn.act) == ("write", MESSAGE, "withdraw")
            assert [a.data for a in written.attachments] == [PNG]


async def _answer(s: Stage, question: str) -> None:
    assert s.page.url.endswith(f"/q/{question}"), s.page.url
    if question == "photos":
        await s.photos("bench.png")
    else:
        await s.fill(given(question))
    await s.press("continue")


def _picture(name: str) -> list[Any]:
    return [{"name": name, "mimeType": "image/png", "buffer": PNG}]


async def test_a_program_without_a_browser_gets_through() -> None:
    """Only what HTML says: forms, their values, links.  No cookie is ever set, no header is needed."""
    known = forms()
    async with site(forms=lambda: known) as s:
        seen: list[Page] = []

        async def step(page: Page) -> Page:
            assert page.status == 200, page.text()
            assert "Set-Cookie" not in page.headers
            seen.append(page)
            return page

        page = await step(await s.browser.get(f"/f/{FORM.id}"))
        page = await step(await s.browser.submit(page, "start"))
        for question in QUESTIONS[: QUESTIONS.index("order")]:
            values = {k: list(v) for k, v in given(question).items()}
            page = await step(await s.browser.submit(page, "continue", **values))
        page = await step(await s.browser.submit(page, "save"))
        page = await step(await s.browser.submit(page, "save"))
        code = re.sub(r"\s", "", page.text("p.letters"))
        page = await step(await s.browser.get(f"/f/{FORM.id}/return"))
        page = await step(await s.browser.submit(page, "return", code=code))
        for question in QUESTIONS[QUESTIONS.index("order") :]:
            values = {k: list(v) for k, v in given(question).items()}
            files = [("photos", "bench.png", "image/png", PNG)] if question == "photos" else []
            page = await step(await s.browser.submit(page, "continue", files, **values))
        s.clock.now += 600
        page = await step(await s.browser.submit(page, "send"))
        reference = the_submission(s).reference
        assert reference in page.text() and "Nobody reads your submission before that." in page.text()
        page = await step(await s.browser.get(page.url.removesuffix("/sent")))
        page = await step(await s.browser.submit(page, "write", text=MESSAGE))
        assert [(a.act, a.text) for a in the_acts(s)] == [("write", MESSAGE)]
        assert not any(tag == "script" for page in seen for tag, _ in page.tags)
