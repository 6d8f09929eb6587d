"""What the tests of the pages would find: each fault that they look for is made once."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.checks import faults
from tests.browser.chromium import window
from tests.browser.stage import conversation, stage
from tests.browser.states import State, at
from tests.forms.site import site
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

HIDDEN_FOCUS = """
const sheet = new CSSStyleSheet()
sheet.replaceSync('textarea:focus { outline: none !important; box-shadow: none !important }')
document.adoptedStyleSheets = [sheet]"""
COVER = """
const cover = document.createElement('div')
cover.style.cssText = 'position: fixed; inset: 0; background: #fff'
document.body.append(cover)"""
LONG = "const b = document.querySelector('.main'); b.style.whiteSpace = 'nowrap'; b.append(' with much more')"

MADE = (
    ("document.documentElement.lang = 'de'", "its language is de"),
    ("document.documentElement.dir = 'rtl'", "its direction is rtl"),
    ("document.body.append(document.createElement('h1'))", "2 headings of the first level"),
    ("document.title = 'Error: here'", "its title is 'Error: here'"),
    ("document.activeElement.blur()", "the focus is not on .banner"),
    ("document.querySelector('h1').style.color = '#ccc'", "color-contrast"),
    ("document.querySelector('label').remove()", "label (critical)"),
    ("document.querySelector('.main').tabIndex = 1", "tabindex (serious)"),
    ("document.querySelector('textarea').style.minWidth = '400px'", "wider than 320 px: 4"),
    ("document.querySelector('.state').style.minWidth = '19em'", "with text of 200 %"),
    (LONG, "with more space between letters"),
    (HIDDEN_FOCUS, "does not show that it has the focus"),
    (COVER, "is hidden while it has the focus"),
    ("document.querySelector('.skip').onkeydown = e => e.preventDefault()", "the focus is elsewhere"),
)


@pytest.mark.parametrize(("made", "told"), MADE, ids=[told for _, told in MADE])
async def test_a_fault_is_found(browser: Browser, made: str, told: str) -> None:
    async with stage(browser, "en") as s:
        await s.go(f"{s.case(*conversation('en'))}?done=write")
        await s.page.wait_for_function("() => document.activeElement.matches('.banner')")
        await s.page.evaluate(f"() => {{ {made} }}")
        found = await faults(s, State("case-written", at(""), ".banner"))
    assert told in "\n".join(found)


COMPLAINTS = (
    ("<img src='http://pictures.example/a.png'>", "a request to another host"),
    ("<img src='/static/none.png'>", "404: "),
    ("<p style='color: red'>Red</p>", "console: "),
    ("<iframe srcdoc='<script>1</script>'></iframe>", "console: "),
)


@pytest.mark.parametrize(("html", "told"), COMPLAINTS, ids=[html for html, _ in COMPLAINTS])
async def test_a_window_complains(browser: Browser, html: str, told: str) -> None:
    """Of what no page of ours may hold."""
    async with site() as s:
        with pytest.raises(AssertionError, match=told):
            async with window(browser, s.browser.root) as (page, watch):
                await page.goto(watch.root)
                await page.evaluate("html => { document.body.innerHTML += html }", html)
                await until(lambda: watch.complaints, what=told)
