"""States of the page of a submission, from its confirmation to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bridge.errors import Retry
from bridge.formstore import Mailed, PageEntry
from tests.browser.stage import HOUR, PLAN, SENT, Stage, conversation
from tests.browser.states import BANNER, SUMMARY, State, at

Reach = Callable[[Stage], Awaitable[None]]

UNCONFIRMED = {"state": "unconfirmed", "reach": "unconfirmed", "confirmed": False}


async def _sent(s: Stage) -> None:
    """Truly sent; the mail that asks to confirm the address is on its way."""
    await s.go(f"{await s.draft()}/check")
    await s.press("send")


async def _sent_page_only(s: Stage) -> None:
    await s.go(f"{await s.draft(leave=('email',))}/check")
    await s.press("send")


def _case(**changes: Any) -> Reach:
    async def reach(s: Stage) -> None:
        await s.go(s.case(**changes))

    return reach


async def _messages(s: Stage) -> None:
    s.site.store.page_files[7, PLAN.id] = (PLAN, b"%PDF-1.7 plan")
    await s.go(s.case(*conversation(s.language, waiting=True), state="answered"))


def _ended(state: str, *steps: str) -> Reach:
    async def reach(s: Stage) -> None:
        told = (PageEntry(SENT + (90 + i) * HOUR, "step", step) for i, step in enumerate(steps))
        await s.go(s.case(*conversation(s.language), *told, state=state))

    return reach


async def _written(s: Stage) -> None:
    await s.go(s.case(*conversation(s.language)))
    await s.page.fill("#text", "Thank you")
    await s.press("write")


async def _nothing_written(s: Stage) -> None:
    await s.go(s.case(*conversation(s.language)))
    await s.press("write")


async def _wrong_file(s: Stage) -> None:
    await s.go(s.case(*conversation(s.language)))
    await s.page.fill("#text", "See what I drew.")
    strange: list[Any] = [
        {"name": "sketch.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"picture" * 20},
        {"name": "sketch.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ" * 50},
    ]
    await s.page.set_input_files("#files", strange)
    await s.press("write")


async def _late(s: Stage) -> None:
    await s.go(s.case(*conversation(s.language)))
    await s.page.fill("#text", "Thank you")
    s.site.clock.now += 25 * 3600
    await s.press("write")


async def _not_stored(s: Stage) -> None:
    await s.go(s.case(*conversation(s.language)))
    await s.page.fill("#text", "Thank you")
    s.site.ledger.fail = [Retry("the ledger is locked", 5)]
    await s.press("write")


def _ask(what: str, **changes: Any) -> Reach:
    async def reach(s: Stage) -> None:
        await s.go(f"{s.case(**changes)}/ask/{what}")

    return reach


def _asked(what: str, do: str) -> Reach:
    async def reach(s: Stage) -> None:
        await s.go(f"{s.case()}/ask/{what}")
        await s.press(do)

    return reach


async def _by_page(s: Stage) -> None:
    await s.go(s.case())
    await s.press("by_page")


async def _confirm(s: Stage) -> None:
    s.case(**UNCONFIRMED)
    await s.go(s.confirming())


async def _confirmed(s: Stage) -> None:
    await _confirm(s)
    await s.press("confirm")


async def _confirmed_before(s: Stage) -> None:
    s.case()
    await s.go(s.confirming())


def _leaving(*, left: bool) -> Reach:
    """The link at the end of a mailing."""

    async def reach(s: Stage) -> None:
        s.site.store.mailings["link"] = Mailed(7, "Riverside Park 2027", s.language, "mail", left)
        await s.go("/u/link")

    return reach


async def _not_left(s: Stage) -> None:
    await _leaving(left=False)(s)
    s.site.ledger.fail = [Retry("the ledger is locked")]
    await s.press("leave")


async def _all_data(s: Stage) -> None:
    """The download to read, opened as a file."""
    path = s.case(*conversation(s.language))
    async with s.site.browser.session.get(f"{s.watch.root}{path}/data.html?lang={s.language}") as answer:
        await s.page.set_content(await answer.text())


STATES = (
    State("sent-confirm-address", _sent),
    State("sent-page-only", _sent_page_only),
    State("case-confirm-mail-sent", _case(**UNCONFIRMED, letter="sent")),
    State("case-confirm-mail-waiting", _case(**UNCONFIRMED, letter="waiting", letter_at=SENT + 300 * HOUR)),
    State("case-confirm-mail-failed", _case(**UNCONFIRMED, letter="failed")),
    State("case-held", _case(state="held")),
    State("case-received", _case(state="received")),
    State("case-open", _case()),
    State("case-open-page-only", _case(reach="page", address=None, confirmed=False)),
    State("case-messages-both-ways", _messages),
    State("case-closed", _ended("closed")),
    State("case-withdrawn", _ended("closed", "step_withdrawn")),
    State("case-refused", _case(state="refused")),
    State("case-written", _written, BANNER),
    State("case-nothing-written", _nothing_written, SUMMARY, fault=True),
    State("case-wrong-file", _wrong_file, SUMMARY, fault=True),
    State("case-page-too-old", _late, BANNER),
    State("case-not-stored", _not_stored, BANNER),
    State("case-by-page-now", _by_page, BANNER),
    State("case-ask-withdraw", _ask("withdraw")),
    State("case-withdrawal-sent", _asked("withdraw", "withdraw"), BANNER),
    State("case-ask-erase", _ask("erase")),
    State("case-ask-erase-at-once", _ask("erase", **UNCONFIRMED)),
    State("case-erasure-asked", _asked("erase", "erase"), BANNER),
    State("case-ask-new-address", _ask("address")),
    State("case-new-address", _asked("address", "revoke"), BANNER),
    State("case-all-data", _all_data),
    State("confirm", _confirm),
    State("confirm-done", _confirmed, BANNER),
    State("confirm-before", _confirmed_before),
    State("mailings-end", _leaving(left=False)),
    State("mailings-ended", _leaving(left=True)),
    State("mailings-not-ended", _not_left, BANNER),
    State("mailings-gone", at("/u/AAAAAAAAAAAAAAAAAAAAAA")),
)
