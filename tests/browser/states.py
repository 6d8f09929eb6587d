"""The catalogue: every state of every page, in every language that it has.  Tests and screenshots use it.

    question-part-wrong    a name says where it is and what is special, so that a person finds its picture

A state is brought about by what a person would do, as far as that changes what the page is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bridge.forms.body import BodyReader
from tests.browser.stage import Stage

LANGUAGES = ("en", "ar")
"""One that is written from the left, one from the right."""


@dataclass(frozen=True, slots=True)
class State:
    """`focus`: what holds the focus once the page has come, a selector; "" for nothing.

    `fault`: its title says that something has to be mended.  `reader`: limits of the pages for it.
    """

    name: str
    reach: Callable[[Stage], Awaitable[None]]
    focus: str = ""
    fault: bool = False
    reader: Callable[[], BodyReader] | None = None


SUMMARY, BANNER = ".summary", ".banner"


def at(path: str) -> Callable[[Stage], Awaitable[None]]:
    """Just an address."""

    async def reach(s: Stage) -> None:
        await s.go(path)

    return reach


def catalogue() -> Sequence[State]:
    """All of them, in the order in which somebody meets them."""
    from tests.browser import states_case, states_fault, states_form  # noqa: PLC0415 – they need `State`

    return (*states_form.STATES, *states_case.STATES, *states_fault.STATES)
