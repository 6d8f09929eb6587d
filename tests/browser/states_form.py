"""States from the list of forms to the moment before sending."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bridge.errors import Retry
from tests.browser.stage import FORM, Stage, good, of
from tests.browser.states import BANNER, SUMMARY, State, at

WRONG: Mapping[str, Mapping[str, Sequence[str]]] = {
    "part": {},
    "spot": {"spot": ["The entrance at Mill Bridge, on the side of the old lime trees there"]},
    "idea": {"idea": [" "]},
    "wishes": {"wishes": ["shade", "benches", "lights"]},
    "order": {"order--trees": ["1"], "order--water": ["1"]},
    "district": {},
    "width": {"width": ["wide"]},
    "day": {"day--day": ["31"], "day--month": ["4"], "day--year": ["2027"]},
    "name": {"name": ["A" * 81]},
    "email": {"email": ["ada@home"]},
    "phone": {"phone": ["ring me"]},
    "home": {"home--street": ["1 Mill Lane"], "home--town": ["Alder"]},
    "publish": {},
}
"""What cannot be taken as an answer, by question."""

CLOSES = FORM.closes_at.timestamp() if FORM.closes_at else 0.0
"""Seconds since 1970."""

Reach = Callable[[Stage], Awaitable[None]]


def _empty(question: str) -> Reach:
    async def reach(s: Stage) -> None:
        await s.question(question)

    return reach


def _wrong(question: str) -> Reach:
    async def reach(s: Stage) -> None:
        await s.question(question)
        await s.fill(WRONG[question])
        await s.press("continue")

    return reach


def _filled(question: str) -> Reach:
    async def reach(s: Stage) -> None:
        await s.go(f"{await s.draft()}/q/{question}?from=check")
        assert await s.page.locator("h1").count() and of(question, good(s.language))

    return reach


async def _files_wrong(s: Stage) -> None:
    await s.question("photos")
    notes: list[Any] = [{"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}]
    await s.page.set_input_files('input[type="file"]', notes)
    await s.press("continue")


async def _files_added(s: Stage) -> None:
    await s.question("photos")
    await s.photos("the bench at the mill.png", "sketch.png")
    await s.press("add")


async def _start_expired(s: Stage) -> None:
    await s.go(f"/f/{FORM.id}?lang={s.language}")
    s.site.clock.now += 25 * 3600
    await s.press("start")


async def _check(s: Stage) -> None:
    await s.go(f"{await s.draft(leave=('width', 'phone'))}/check")


async def _check_retry(s: Stage) -> None:
    await _check(s)
    s.site.ledger.fail = [Retry("the ledger is locked", 5)]
    await s.press("send")


async def _check_closed_meanwhile(s: Stage) -> None:
    """The form's last day ended while the last page was open."""
    s.site.clock.now = CLOSES - 3600
    await _check(s)
    s.site.clock.now += 2 * 3600
    await s.press("send")


async def _change(s: Stage) -> None:
    await s.go(s.case())
    await s.press("change")


async def _unchanged(s: Stage) -> None:
    await _change(s)
    await s.press("send")


async def _save(s: Stage) -> None:
    await s.question("idea")
    await s.press("save")


async def _saved(s: Stage) -> None:
    await _save(s)
    await s.press("save")


async def _saved_wrong(s: Stage) -> None:
    await _saved(s)
    await s.fill({"email": ["ada@home"]})
    await s.press("mail")


async def _saved_mailed(s: Stage) -> None:
    await _saved(s)
    await s.fill({"email": ["ada@home.example"]})
    await s.press("mail")


async def _return_missing(s: Stage) -> None:
    await s.go(f"/f/{FORM.id}/return?lang={s.language}")
    await s.press("return")


async def _return_wrong(s: Stage) -> None:
    await s.go(f"/f/{FORM.id}/return?lang={s.language}")
    await s.fill({"code": ["ABCD EFGH 0123"]})
    await s.press("return")


async def _return_link(s: Stage) -> None:
    token = (await s.draft(before="idea")).rpartition("/")[2]
    code = await s.site.store.keep(s.site.store.tokens[token])
    await s.go(f"/f/{FORM.id}/return/{code}?lang={s.language}")


def _shut(form: str) -> Reach:
    async def reach(s: Stage) -> None:
        await s.go(f"/f/{form}?lang={s.language}")

    return reach


async def _none_open(s: Stage) -> None:
    s.site.clock.now += 200 * 86_400
    s.site.store.counted["early"] = 1
    await s.go("/")


QUESTIONS = [
    state
    for q in FORM.questions
    for state in (
        (
            State(f"question-{q.type}-{q.id}-empty", _empty(q.id)),
            State(f"question-{q.type}-{q.id}-wrong", _wrong(q.id), SUMMARY, fault=True),
            State(f"question-{q.type}-{q.id}-filled", _filled(q.id)),
        )
        if q.id != "photos"
        else (
            State("question-file-photos-empty", _empty(q.id)),
            State("question-file-photos-wrong", _files_wrong, SUMMARY, fault=True),
            State("question-file-photos-filled", _files_added),
        )
    )
]

STATES = (
    State("list", at("/")),
    State("list-nothing-open", _none_open),
    State("start", _shut(FORM.id)),
    State("start-too-old", _start_expired, BANNER),
    State("shut-early", _shut("early")),
    State("shut-closed", _shut("closed")),
    State("shut-full", _shut("full")),
    *QUESTIONS,
    State("check", _check),
    State("check-not-stored", _check_retry, BANNER),
    State("check-form-closed-meanwhile", _check_closed_meanwhile),
    State("check-change", _change),
    State("check-nothing-changed", _unchanged, BANNER),
    State("save", _save),
    State("saved", _saved),
    State("saved-wrong-address", _saved_wrong, SUMMARY, fault=True),
    State("saved-link-mailed", _saved_mailed),
    State("return", at(f"/f/{FORM.id}/return")),
    State("return-code-missing", _return_missing, SUMMARY, fault=True),
    State("return-code-wrong", _return_wrong, SUMMARY, fault=True),
    State("return-by-link", _return_link),
)
