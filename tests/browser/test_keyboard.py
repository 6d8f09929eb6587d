"""The whole journey by keyboard alone: Tab, Shift+Tab, arrows, Space, Enter and letters.

Whatever is used shows before that it has the focus, and nothing hides it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.checks import keyboard
from tests.browser.journey import MESSAGE, the_acts, the_submission
from tests.browser.stage import IDEA, Stage, conversation, stage
from tests.forms.site import PNG

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST = 60
"""Controls on a page, with room to spare."""


class Hands:
    """On a keyboard, before the window of a stage."""

    def __init__(self, s: Stage) -> None:
        self.page: Page = s.page

    async def at(self, selector: str) -> bool:
        """Whether the focus is on `selector`."""
        return bool(await self.page.evaluate("s => document.activeElement.matches(s)", selector))

    async def tab(self, selector: str, *, back: bool = False) -> None:
        """Press Tab (or Shift+Tab) until the focus is on `selector`."""
        for _ in range(MOST):
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if await self.at(selector):
                return
        raise AssertionError(f"{selector} is not reached on {self.page.url}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def leave(self, key: str = "Enter") -> None:
        """Press `key`, which leads to another page."""
        async with self.page.expect_navigation():
            await self.page.keyboard.press(key)

    async def type(self, name: str, text: str) -> None:
        """Into the input `name`."""
        await self.tab(f'[name="{name}"]')
        await self.page.keyboard.insert_text(text)

    async def go_on(self, do: str = "continue") -> None:
        """By the button, reached with Tab."""
        await self.tab(f'button[name="_do"][value="{do}"]')
        await self.leave()


async def test_the_whole_journey(browser: Browser) -> None:
    async with stage(browser, "en") as s:
        hands = Hands(s)
        await s.go("/")
        await hands.tab("main a")
        await hands.leave()
        await hands.go_on("start")
        await _the_idea(hands)
        await _about_you(hands)
        await _mend_on_the_check_page(hands)
        s.site.clock.now += 600
        await hands.go_on("send")
        assert the_submission(s.site).reference in await s.page.inner_text(".panel")
        await hands.tab('main a[href^="/t/"]:not([download])')
        await hands.leave()
        await hands.type("text", MESSAGE)
        await hands.go_on("write")
        assert await hands.at(".banner")
        assert [(a.act, a.text) for a in the_acts(s.site)] == [("write", MESSAGE)]


async def _the_idea(hands: Hands) -> None:
    await hands.tab('[name="part"]')
    await hands.press("Space", "ArrowDown", "ArrowDown")
    assert await hands.at('[value="paths"]:checked')
    await hands.leave()
    await _told_what_to_mend(hands)
    await hands.type("idea", IDEA["en"])
    await hands.go_on()
    await hands.tab('[value="shade"]')
    await hands.press("Space", "Tab", "Space")
    await hands.leave()
    for place, option in (("2", "trees"), ("1", "water"), ("3", "toilets")):
        await hands.tab(f'[name="order--{option}"]')
        await hands.press(place)
    await hands.go_on()
    await hands.tab('[name="district"]')
    await hands.press("ArrowDown", "ArrowDown")
    await hands.go_on()
    await hands.type("width", "2.5")
    await hands.leave()
    for part, text in (("day", "27"), ("month", "3"), ("year", "2026")):
        await hands.type(f"day--{part}", text)
    await hands.leave()
    await _choose_files(hands)


async def _told_what_to_mend(hands: Hands) -> None:
    """Enter on an empty question: the summary has the focus, its link leads into the input."""
    await hands.tab('[name="spot"]')
    await hands.leave()
    assert await hands.at(".summary")
    await hands.tab(".summary a")
    await hands.press("Enter")
    assert await hands.at('[name="spot"]')
    await hands.page.keyboard.insert_text("Mill Bridge")
    await hands.leave()


async def _choose_files(hands: Hands) -> None:
    """Two are chosen, one after the other; one of them is taken away again."""
    for name in ("wrong.png", "bench.png"):
        await hands.tab('input[type="file"]')
        async with hands.page.expect_file_chooser() as opened:
            await hands.press("Space")
        content = PNG if name == "bench.png" else PNG * 2
        chosen: Sequence[Any] = [{"name": name, "mimeType": "image/png", "buffer": content}]
        await (await opened.value).set_files(list(chosen))
        await hands.go_on("add")
    await hands.tab('[name="_remove"]')
    await hands.leave("Space")
    assert await hands.page.inner_text(".added bdi") == "bench.png"
    await hands.go_on()


async def _about_you(hands: Hands) -> None:
    for name, text in (("name", "Ada Citizen"), ("email", "ada@home.example"), ("phone", "0123 4567890")):
        await hands.type(name, text)
        await hands.leave()
    for part, text in (("street", "1 Mill Lane"), ("postcode", "AB1 2CD"), ("town", "Alder")):
        await hands.type(f"home--{part}", text)
    await hands.leave()
    await hands.tab('[name="publish"]')
    await hands.press("Space")
    await hands.leave()


async def _mend_on_the_check_page(hands: Hands) -> None:
    """“Change” leads to the question and back; Shift+Tab leads back to a link above."""
    await hands.tab('button[value="send"]')
    await hands.tab('a[href$="/q/name?from=check"]', back=True)
    await hands.leave()
    await hands.tab('[name="name"]')
    await hands.press("Control+a")
    await hands.page.keyboard.insert_text("Ada Citizen")
    await hands.leave()
    assert hands.page.url.endswith("/check")


async def test_the_first_tab_leads_past_the_frame(browser: Browser) -> None:
    async with stage(browser, "en") as s:
        await s.question("idea")
        hands = Hands(s)
        await hands.press("Tab")
        assert await hands.at(".skip")
        box = await s.page.locator(".skip").bounding_box()
        assert box is not None and box["x"] >= 0 and box["height"] > 20
        await hands.press("Enter", "Tab")
        assert await hands.at('[name="idea"]')


async def test_in_forced_colours_the_focus_shows_too(browser: Browser) -> None:
    """As for people who chose high contrast."""
    async with stage(browser, "en") as s:
        await s.page.emulate_media(forced_colors="active")
        path = await s.draft()
        pages = (f"{path}/q/part", f"{path}/q/wishes", f"{path}/q/order", f"{path}/q/photos", f"{path}/check")
        for page in (*pages, s.case(*conversation("en"))):
            await s.go(page)
            assert await keyboard(s.page) == [], page
