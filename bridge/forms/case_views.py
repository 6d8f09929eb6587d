"""What the page of a submission shows, in words: made of a `CasePage`, shown by the templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from bridge.forms.fields import say
from bridge.forms.schema import Form, OpenForm, State
from bridge.forms.words import TABLES, Words
from bridge.formstore import CasePage, PageEntry, PageFile
from bridge.html import paragraphs, room_html
from bridge.model import Reach

STATES: Mapping[str, str] = {"locked": "held", "discarded": "refused"}
"""The states that citizens read as another one."""

OVER = frozenset({"refused", "withdrawn", "forgotten"})
"""States in which nothing of a submission is worked on any more, and will not be."""

UNREAD = frozenset({"unconfirmed", "held", "refused"})
"""States of a submission that has not become a case."""

SOON = 600_000
"""ms within which a mail counts as being on its way."""


@dataclass(frozen=True, slots=True)
class Link:
    """A file: `href` None is one that is only named; `plain` is its name and size."""

    label: str
    plain: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that happened.  `html` is clean; `when` is in words, `at` for machines.

    `bare`: there is only its heading.
    """

    kind: str
    who: str
    when: str
    at: str
    html: str
    files: tuple[Link, ...]
    waiting: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What became of the mail that asks to confirm an address, and whether another may be asked for."""

    lines: tuple[str, ...]
    again: bool


@dataclass(frozen=True, slots=True)
class Case:
    """The page of one submission, in the words of one language."""

    reference: str
    heading: tuple[str, str]  # what stands before and after the reference
    title: str
    state: str
    state_name: str
    state_text: str
    sent_on: str
    sent_at: str
    entries: tuple[Shown, ...]
    letter: Letter | None
    reach: str
    by: Literal["", "mail", "page"]  # what they may choose instead
    writes: bool
    changes: Literal["", "open", "closed"]
    withdraws: bool
    at_once: bool  # nobody has read it: erasing needs nobody's decision


@dataclass(frozen=True, slots=True)
class Here:
    """Where a page is looked at: its words, its address, its form and the form's state, where it is
    known still, and `now` in ms."""

    words: Words
    address: str
    opened: OpenForm | None
    form_state: State | None
    now: int

    @property
    def form(self) -> Form | None:
        return self.opened.form if self.opened else None

    @property
    def timezone(self) -> str:
        return self.form.timezone if self.form else "UTC"

    def moment(self, at: int) -> str:
        return self.words.moment(at, self.timezone)

    def iso(self, at: int) -> str:
        """For `<time datetime>`."""
        return datetime.fromtimestamp(at // 1000, ZoneInfo(self.timezone)).isoformat()


def case(page: CasePage, here: Here) -> Case:
    """Everything the page shows."""
    words, state = here.words, state_of(page)
    return Case(
        reference=page.reference,
        heading=_around(words("case.title", reference=page.reference), page.reference),
        title=say(here.form.title, words.language) if here.form else page.title,
        state=state,
        state_name=words(f"case.state.{state}"),
        state_text=words(f"case.state.{state}.text"),
        sent_on=words("case.sent_on", moment=here.moment(page.created)),
        sent_at=here.iso(page.created),
        entries=tuple(s for s in (shown(e, here) for e in page.entries) if s is not None),
        letter=letter(page, here),
        reach=_reach(page, here),
        by=_other_way(page, state),
        writes=state != "forgotten",
        changes=_changes(state, here),
        withdraws=state not in OVER,
        at_once=state in UNREAD or (state == "withdrawn" and not _was_read(page)),
    )


def state_of(page: CasePage) -> str:
    """The state in a citizen's words; a case that is closed because they wanted it is `withdrawn`."""
    state = STATES.get(page.state, page.state)
    steps = [e.text for e in page.entries if e.kind == "step" and e.text in ENDS]
    if state == "closed" and steps and steps[-1] == WITHDRAWN:
        return "withdrawn"
    return state


WITHDRAWN = "step_withdrawn"
ENDS = frozenset({WITHDRAWN, "step_reopened"})


def shown(entry: PageEntry, here: Here) -> Shown | None:
    """One entry in words; None for a step that these pages have no words for."""
    words = here.words
    if entry.kind == "step":
        if entry.text not in TABLES[words.language]:
            return None
        who, html = words(entry.text), ""
    elif entry.kind == "reply":
        who, html = _staff(entry, words), _reply(entry)
    else:
        who = words("case.log.you" if entry.kind == "words" else "case.log.changed")
        html = paragraphs(entry.text)
    return Shown(
        kind=entry.kind,
        who=who,
        when=here.moment(entry.at),
        at=here.iso(entry.at),
        html=html,
        files=tuple(_file(f, here) for f in entry.files),
        waiting=entry.waiting,
    )


def letter(page: CasePage, here: Here) -> Letter | None:
    """What is said of the confirmation mail; None where there is nothing to confirm."""
    confirm = here.form.confirm if here.form else "after"
    if not page.address or page.confirmed or page.reach != Reach.UNCONFIRMED or confirm == "none":
        return None
    words = here.words
    later = page.letter == "waiting" and page.letter_at > here.now + SOON
    key = page.letter if page.letter in ("sent", "failed") else "waiting" if later else "soon"
    values = {"address": page.address, "button": words("case.confirm.button")}
    lines = [words(f"case.mail.{key}", moment=here.moment(page.letter_at), **values)]
    if key == "sent":
        lines.append(words("case.mail.sent.none"))
    if key != "failed":
        waits = page.state == "unconfirmed" or (page.state == "received" and confirm == "before")
        lines.append(words("case.mail.before" if waits else "case.mail.after"))
    return Letter(tuple(lines), again=key in ("sent", "failed"))


def masked(address: str) -> str:
    """An address that only who knows it recognises: `a…@home.example`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _staff(entry: PageEntry, words: Words) -> str:
    if entry.who and entry.organisation:
        return words("case.log.of", who=entry.who, organisation=entry.organisation)
    return entry.who or entry.organisation or words("case.log.staff")


def _reply(entry: PageEntry) -> str:
    """Through the allow-list once more: no headings of staff's among those of the page."""
    return room_html(entry.html) if entry.html else paragraphs(entry.text)


def _file(file: PageFile, here: Here) -> Link:
    values = {"name": file.name, "size": here.words.size(file.size)}
    plain = here.words("case.log.file", **values)
    if not file.id:
        return Link(plain, plain, None)
    return Link(here.words("case.log.download", **values), plain, f"{here.address}/file/{file.id}")


def _around(text: str, part: str) -> tuple[str, str]:
    before, _, after = text.partition(part)
    return before, after


def _was_read(page: CasePage) -> bool:
    """Whether it has become a case: then the citizen's words are among what happened."""
    return any(e.kind != "step" and not e.waiting for e in page.entries)


def _reach(page: CasePage, here: Here) -> str:
    way = page.reach if page.address and page.reach != Reach.NONE else Reach.PAGE.value
    if way == Reach.UNCONFIRMED and (page.confirmed or (here.form and here.form.confirm == "none")):
        way = Reach.MAIL.value  # as soon as there is a case
    return here.words(f"case.choice.reach.{way}", address=page.address or "")


def _other_way(page: CasePage, state: str) -> Literal["", "mail", "page"]:
    if not page.address or state in OVER:
        return ""
    return "mail" if page.reach == Reach.PAGE else "page"


def _changes(state: str, here: Here) -> Literal["", "open", "closed"]:
    if state in OVER or state == "closed":
        return ""
    return "open" if here.form_state in ("open", "full") else "closed"
