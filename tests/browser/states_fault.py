"""States in which something went wrong that is nobody's answer: each is a page that says what to do."""

from __future__ import annotations

import tempfile

from aiohttp import web

from bridge.errors import Retry
from bridge.forms.body import BodyReader, Limits, Posted
from bridge.forms.network import MISSES
from tests.browser.stage import FORM, Stage
from tests.browser.states import State, at

FOREIGN = (
    '<!DOCTYPE html><form method="post" action="{}"><button name="_do" value="start">Win</button></form>'
)


class Impatient(BodyReader):
    """For whom every sender is too slow."""

    async def values(self, request: web.Request) -> Posted:
        raise web.HTTPRequestTimeout


async def _too_large(s: Stage) -> None:
    """More than the pages take at all: they answer before all of it has come."""
    await s.question("photos")
    with tempfile.NamedTemporaryFile(suffix=".png") as film:
        film.truncate(Limits().body + 1)
        await s.page.set_input_files('input[type="file"]', film.name)
        await s.press("continue")


async def _too_often(s: Stage) -> None:
    for _ in range(MISSES):
        await s.site.browser.get("/t/nothing")
    await s.go("/t/nothing")


async def _busy(s: Stage) -> None:
    path = await s.draft(before="idea")
    s.site.store.fail = [Retry("the ledger is locked", 5)]
    await s.go(f"{path}/q/idea")


async def _broken(s: Stage) -> None:
    path = await s.draft(before="idea")
    s.site.store.fail = [RuntimeError("of a test")]
    await s.go(f"{path}/q/idea")


async def _foreign(s: Stage) -> None:
    await s.page.set_content(FOREIGN.format(f"{s.watch.root}/f/{FORM.id}"))
    await s.press("start")


async def _strange(s: Stage) -> None:
    await s.question("idea")
    await s.page.evaluate("() => { document.forms[0].enctype = 'text/plain' }")
    await s.press("continue")


async def _slow(s: Stage) -> None:
    await s.question("idea")
    await s.press("continue")


STATES = (
    State("fault-not-found", at("/nowhere")),
    State("fault-draft-expired", at(f"/f/{FORM.id}/d/AAAAAAAAAAAAAAAAAAAAAA/check")),
    State("fault-page-gone", at("/t/AAAAAAAAAAAAAAAAAAAAAA")),
    State("fault-confirm-gone", at("/c/AAAAAAAAAAAAAAAAAAAAAA")),
    State("fault-too-large", _too_large),
    State("fault-too-often", _too_often),
    State("fault-busy", _busy),
    State("fault-broken", _broken),
    State("fault-from-another-site", _foreign),
    State("fault-unreadable", _strange),
    State("fault-too-slow", _slow, reader=Impatient),
)
