"""A picture of every state of the pages: `python -m tests.browser.screenshots FOLDER [WORD…]`.

    FOLDER/check--ar--320.png    state, language, width in CSS pixels
    FOLDER/index.html            all of them beside each other

With words, only the states whose names hold one of them; the other pictures stay.
"""

from __future__ import annotations

import asyncio
import html
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser

from tests.browser.chromium import NARROW, WIDE, chromium, launched
from tests.browser.stage import stage
from tests.browser.states import LANGUAGES, State, catalogue

WIDTHS = (NARROW, WIDE)

_PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Folkmoot: the citizens' pages</title>
<style>
body {{ font: 1rem/1.4 sans-serif; margin: 2rem }}
section {{ border-top: 1px solid #999; margin-top: 2rem }}
.row {{ display: flex; gap: 1rem; align-items: flex-start; overflow-x: auto }}
figure {{ margin: 0 }}
img {{ border: 1px solid #999; height: 420px; width: auto }}
</style>
<h1>The citizens' pages</h1>
<p>{count} states, {pictures} pictures. Choose one to see it whole.</p>
<ol>{contents}</ol>
{sections}
</html>
"""


def name(state: State, language: str, width: int) -> str:
    """Of the file with its picture."""
    return f"{state.name}--{language}--{width}.png"


async def take(browser: Browser, folder: Path, state: State) -> None:
    """The pictures of one state."""
    for language in LANGUAGES:
        reader = state.reader and state.reader()
        async with stage(browser, language, reader=reader) as s:
            await state.reach(s)
            for width in WIDTHS:
                await s.page.set_viewport_size({"width": width, "height": 800})
                await s.page.screenshot(path=folder / name(state, language, width), full_page=True)


def index(states: Sequence[State]) -> str:
    """The page that shows all pictures."""
    return _PAGE.format(
        count=len(states),
        pictures=len(states) * len(LANGUAGES) * len(WIDTHS),
        contents="".join(f'<li><a href="#{s.name}">{s.name}</a></li>' for s in states),
        sections="\n".join(_section(s) for s in states),
    )


def _section(state: State) -> str:
    figures = [
        f'<figure><a href="{file}"><img src="{file}" alt="{state.name}" loading="lazy"></a>'
        f"<figcaption>{language}, {width} px</figcaption></figure>"
        for language in LANGUAGES
        for width in WIDTHS
        for file in [html.escape(name(state, language, width))]
    ]
    return (
        f'<section id="{state.name}"><h2>{state.name}</h2><div class="row">{"".join(figures)}</div></section>'
    )


async def pictures(browser: str, folder: Path, chosen: Sequence[State]) -> None:
    """Take those of the chosen states, saying how far it is."""
    async with launched(browser) as running:
        for number, state in enumerate(chosen, 1):
            print(f"{number:3} of {len(chosen)}  {state.name}", flush=True)
            await take(running, folder, state)


def main(folder: Path, words: Sequence[str]) -> None:
    """Ends the program when there is no browser."""
    browser, states = chromium(), catalogue()
    if browser is None:
        sys.exit("The pictures are taken by Chromium, and there is none. On Debian: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [s for s in states if not words or any(word in s.name for word in words)]
    asyncio.run(pictures(browser, folder, chosen))
    (folder / "index.html").write_text(index(states), "utf-8")
    print(folder / "index.html")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
