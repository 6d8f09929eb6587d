"""What every state of every page is held to: WCAG 2.2 AA as far as a machine can tell.

structure   language and direction, one heading of the first level, a title that says what is wrong,
            the focus on what has to be read first
axe         no rule is violated, wide and narrow
reflow      nothing is wider than a window of 320 px, nor with text of 200 %, nor with the spacing of
            WCAG 1.4.12
keyboard    Tab reaches every control once and in order; each shows that it has the focus, and nothing
            hides it (WCAG 2.1.1, 2.4.3, 2.4.7, 2.4.11)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from playwright.async_api import Page

from tests.browser.axe import axe
from tests.browser.chromium import NARROW, WIDE
from tests.browser.stage import Stage
from tests.browser.states import State

_HEAD = """async focus => ({
  lang: document.documentElement.lang,
  dir: document.documentElement.dir,
  headings: document.querySelectorAll('h1').length,
  title: document.title,
  focused: await settled(() => !focus || document.activeElement.matches(focus)),
  seen: getComputedStyle(document.querySelector('h1')).direction,
})"""

_SETTLED = """() => {
  window.settled = async held => {
    for (let frames = 0; frames < 120 && !held(); frames++) await new Promise(requestAnimationFrame)
    return held()
  }
}"""

_WIDER = """() => {
  const width = document.documentElement.clientWidth
  const told = [...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect()
    return box.width && !e.closest('.hidden, .trap, .skip') && (box.right > width + 1 || box.left < -1)
  }).map(e => e.outerHTML.slice(0, 120))
  const whole = document.documentElement.scrollWidth
  return whole > width ? [`${whole} px`, ...told] : told
}"""

_SPACED = """() => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }`)
  document.adoptedStyleSheets = [sheet]
}"""

_CONTROLS = """() => {
  const shown = e => e.tabIndex >= 0 && !e.disabled && e.getClientRects().length
  const radio = e => e.type === 'radio'
  const group = e => [...document.querySelectorAll(`input[name="${e.name}"]`)]
  const first = e => (group(e).find(r => r.checked) || group(e)[0]) === e
  const look = e => (({outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor, borderColor}) =>
    JSON.stringify([outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor, borderColor])
  )(getComputedStyle(e))
  window.look = look
  window.controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(e => e.type !== 'hidden' && shown(e) && (!radio(e) || first(e)))
  document.activeElement.blur()
  window.before = controls.map(look)
  return controls.map(e => e.outerHTML.slice(0, 120))
}"""

_FOCUSED = """i => {
  const e = document.activeElement, box = e.getBoundingClientRect()
  if (e !== controls[i]) return `the focus is elsewhere: ${e.outerHTML.slice(0, 120)}`
  if (look(e) === before[i]) return 'does not show that it has the focus'
  const at = [box.left + Math.min(box.width / 2, 20), box.top + Math.min(box.height / 2, 20)]
  const top = document.elementFromPoint(...at)
  if (!top || !(e.contains(top) || top.contains(e))) return 'is hidden while it has the focus'
  return ''
}"""


async def faults(s: Stage, state: State) -> list[str]:
    """All that is wrong with the page that the stage shows; [] when all is well."""
    return [fault async for fault in _faults(s, state)]


async def _faults(s: Stage, state: State) -> AsyncIterator[str]:
    for fault in await _structure(s, state):
        yield fault
    for width in (WIDE, NARROW):
        await _resize(s.page, width)
        for violated in await axe(s.page):
            yield f"at {width} px: {violated}"
    for wide in await s.page.evaluate(_WIDER):
        yield f"wider than {NARROW} px: {wide}"
    for fault in await keyboard(s.page):
        yield fault
    await s.page.evaluate(_SPACED)
    for wide in await s.page.evaluate(_WIDER):
        yield f"wider than {NARROW} px with more space between letters and words: {wide}"
    await s.page.evaluate("() => { document.adoptedStyleSheets = [] }")
    await _resize(s.page, WIDE // 2)
    await s.page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    for wide in await s.page.evaluate(_WIDER):
        yield f"wider than {WIDE // 2} px with text of 200 %: {wide}"


async def _resize(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})


async def _structure(s: Stage, state: State) -> Sequence[str]:
    await s.page.evaluate(_SETTLED)  # a browser gives the focus when it first paints
    head = await s.page.evaluate(_HEAD, state.focus)
    direction = "rtl" if s.language == "ar" else "ltr"
    prefix = {"en": "Error: ", "ar": "خطأ: "}[s.language]
    held = {
        f"its language is {head['lang']}": head["lang"] == s.language,
        f"its direction is {head['dir']}": head["dir"] == head["seen"] == direction,
        f"it has {head['headings']} headings of the first level": head["headings"] == 1,
        f"its title is {head['title']!r}": bool(head["title"])
        and state.fault == head["title"].startswith(prefix),
        f"the focus is not on {state.focus}": head["focused"],
    }
    return [fault for fault, good in held.items() if not good]


async def keyboard(page: Page) -> Sequence[str]:
    """What Tab does not reach in order, or reaches without showing it; the first such fault."""
    controls: list[str] = await page.evaluate(_CONTROLS)
    await page.evaluate("() => controls[0].focus()")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Shift+Tab")  # on the first one again, and it came by the keyboard
    for i, control in enumerate(controls):
        if i:
            await page.keyboard.press("Tab")
        if fault := await page.evaluate(_FOCUSED, i):
            return [f"{fault}: {control}"]
    return []
