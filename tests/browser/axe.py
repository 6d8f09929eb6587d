"""axe-core's rules of accessibility on a page: `python -m tests.browser.axe` installs it."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.element.install import install_modules

HERE = Path(__file__).parent

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice")
"""The size of targets is among the rules only when `wcag22aa` is named."""

_RUN = "async tags => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations"


@cache
def script() -> str:
    """axe-core, installed where it was not yet.  Raises `NotInstallable`."""
    install_modules(HERE, "the test of the pages' accessibility")
    return (HERE / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


async def axe(page: Page) -> list[str]:
    """What the page violates, a text for each element; [] when all is well.

    The script comes by way of the debugger: the page's own policy stays as strict as it is.
    """
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(script())
    found = await page.evaluate(_RUN, list(TAGS))
    return [_told(rule, node) for rule in found for node in rule["nodes"]]


def _told(rule: dict[str, Any], node: dict[str, Any]) -> str:
    why = "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
    return f"{rule['id']} ({rule['impact']}): {json.dumps(node['target'])} {node['html'][:200]} – {why}"


if __name__ == "__main__":
    script()
    sys.stdout.write(f"{HERE / 'node_modules'}\n")
