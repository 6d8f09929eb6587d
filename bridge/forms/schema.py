"""What a form is: read from YAML, checked whole, frozen.

`load` either gives a form that can be shown in every one of its languages, or raises
`FormFaults` with *all* faults: the file, the line, the key path, what is wrong and what to do.

A label is a language map (`{en: Your name, de: Ihr Name}`); the languages of the form's
title are the form's languages, and every other label must have the same.  A plain string
stands for the one language of a form whose title is plain too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field as Key
from pydantic import StringConstraints, ValidationError

from bridge.forms import older, opening, sound
from bridge.forms.fields import PLAIN, EmailField, Field, FileField, Strict, Text, TextField, is_personal
from bridge.forms.lines import Source, Unreadable, read
from bridge.forms.opening import Moment, ZoneName
from bridge.forms.theme import Colour
from bridge.forms.told import Fault, FormFaults, Wrong, dotted, follows, wrong

__all__ = ["Fault", "Form", "FormFaults", "OpenForm", "Section", "State", "load", "parse", "state"]

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Question = Annotated[Field, Key(discriminator="type")]


class Privacy(Strict):
    """What citizens must know before they say who they are."""

    purpose: Text = Key(description="What the data are used for, and on what legal basis")
    notice: Text = Key(description="The whole privacy notice; blank lines part its paragraphs")
    version: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = Key(
        description="Change it whenever the notice changes: it is kept with each submission"
    )
    retention_days: int | None = Key(
        None, ge=1, le=36500, description="So many days after a case was closed it is forgotten"
    )


class Theme(Strict):
    """The form's own colours, instead of those of the installation."""

    colour: Colour = Key(
        description='Of the head and of buttons, such as "#1d4f63"; white text must be readable on it'
    )


class Section(Strict):
    """Questions that belong together; without a title when the form has no sections."""

    title: Text | None = Key(None, description="Stands above the questions and on the check page")
    questions: tuple[Question, ...] = Key(min_length=1, max_length=sound.MOST_QUESTIONS)


class Form(Strict):
    """A form as citizens see it.

    `intro` stands on its start page, `next_steps` and `contact` on the confirmation.  Blank lines in
    them part paragraphs.
    """

    id: Slug = Key(description="Its name in addresses and in the consultation; chosen for good")
    title: Text = Key(description="Its languages are the languages of the form")
    intro: Text | None = Key(None, description="What the form is for; stands on the start page")
    minutes: int | None = Key(None, ge=1, le=240, description="So long it takes to answer")
    opens: Moment | None = Key(
        None, description="From then on it takes answers; a day alone: from its beginning"
    )
    closes: Moment | None = Key(
        None, description="From then on it takes none; a day alone: after the end of that day"
    )
    timezone: ZoneName = Key("UTC", description="Of opens and closes, such as Europe/Berlin")
    most: int | None = Key(None, ge=1, description="So many submissions, and the form is full")
    anonymous: Literal["allowed", "required", "no"] = Key(
        "allowed", description="required: nothing asks who somebody is; no: a name or an address is required"
    )
    confirm: Literal["none", "before", "after"] = Key(
        "before",
        description="Whether an e-mail address is confirmed before staff see the case, after, or never",
    )
    privacy: Privacy | None = Key(None, description="Needed as soon as a question is personal")
    next_steps: Text | None = Key(None, description="What happens next, and when")
    contact: Text | None = Key(None, description="Where to turn to with questions")
    theme: Theme | None = Key(None, description="Colours of this form")
    alone: tuple[Question, ...] = Key(
        (),
        alias="questions",
        max_length=sound.MOST_QUESTIONS,
        description="The questions of a short form without sections",
    )
    parts: tuple[Section, ...] = Key((), alias="sections", max_length=30, description="Instead of questions")

    @property
    def sections(self) -> tuple[Section, ...]:
        """The questions in their sections; one without a title for a form that has none."""
        return self.parts or (Section(title=None, questions=self.alone),)

    @property
    def questions(self) -> tuple[Field, ...]:
        """All questions in order."""
        return self.alone or tuple(q for section in self.parts for q in section.questions)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the labels in the order of the title; () for a form of plain strings."""
        return tuple(x for x in self.title if x != PLAIN)

    @property
    def name_field(self) -> TextField | None:
        return next((f for f in self.questions if isinstance(f, TextField) and f.role), None)

    @property
    def address_field(self) -> EmailField | None:
        return next((f for f in self.questions if isinstance(f, EmailField) and f.role), None)

    @property
    def file_fields(self) -> tuple[FileField, ...]:
        return tuple(f for f in self.questions if isinstance(f, FileField))

    @property
    def personal(self) -> tuple[Field, ...]:
        """The questions whose answers say who somebody is."""
        return tuple(f for f in self.questions if is_personal(f))

    @property
    def zone(self) -> tzinfo:
        """The time zone of `opens_at` and `closes_at`."""
        return opening.zone(self.timezone)

    @property
    def opens_at(self) -> datetime | None:
        """The first moment at which it takes answers, in `zone`."""
        return None if self.opens is None else opening.at(self.opens, self.zone, closes=False)

    @property
    def closes_at(self) -> datetime | None:
        """The first moment at which it takes none any more, in `zone`."""
        return None if self.closes is None else opening.at(self.closes, self.zone, closes=True)

    @property
    def last_day(self) -> date | None:
        """The last day on which it takes answers, where `closes` is a day alone."""
        return self.closes if not isinstance(self.closes, datetime) else None


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that takes answers now, for the consultation `slug` called `consultation`.

    `languages` are the consultation's, the first being its default.
    """

    form: Form
    slug: str
    languages: tuple[str, ...]
    consultation: str


State = Literal["open", "early", "closed", "full"]


def state(form: Form, now: float, count: int) -> State:
    """Whether it takes answers at `now` (seconds since 1970) after `count` submissions."""
    if form.closes_at is not None and now >= form.closes_at.timestamp():
        return "closed"
    if form.opens_at is not None and now < form.opens_at.timestamp():
        return "early"
    return "full" if form.most is not None and count >= form.most else "open"


# ------------------------------------------------------------------ reading


_YAML = (
    "mend the line: indent with blanks, no tabs; quotes around a text with “: ” or “#” in it, and inside "
    "{ } around one with a comma or a ? too"
)


def load(path: Path) -> Form:
    """The form in the YAML file `path`.  Raises `FormFaults`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = (error.strerror if isinstance(error, OSError) else None) or "is not UTF-8 text"
        raise FormFaults([Fault(str(path), "", what, "check the path, and that it can be read")]) from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Form:
    """The form in `text`; `file` is named in faults.  Raises `FormFaults`."""
    try:
        source = read(text)
    except Unreadable as error:
        raise FormFaults([Fault(file, "", error.what, _YAML, error.line)]) from None
    if not isinstance(source.data, dict):
        raise FormFaults([Fault(file, "", "is not a form", "begin with id:, title: and questions:")])
    raw, outdated = older.brought_up(source.data)
    form, found = _validated(raw)
    found += [*outdated, *_repeated(source), *sound.faults(raw)]
    if form is None or found:
        raise FormFaults(_placed(file, source, found))
    return form


def _validated(raw: dict[str, Any]) -> tuple[Form | None, list[Wrong]]:
    title = raw.get("title")
    context = {"languages": tuple(title) if isinstance(title, dict) else ()}
    try:
        return Form.model_validate(raw, context=context), []
    except ValidationError as error:
        told = [e for e in error.errors(include_url=False) if not follows(e)]
        return None, [wrong(e, Form) for e in told]


def _repeated(source: Source) -> Iterator[Wrong]:
    for path in source.repeated:
        yield path, "stands twice", "remove one of the two"


def _placed(file: str, source: Source, found: list[Wrong]) -> list[Fault]:
    """`found` with their lines, in the order of the file, none twice."""
    faults: dict[tuple[str, str], Fault] = {}
    for path, what, remedy in found:
        there = older.place(source.data, path)
        fault = Fault(file, dotted(there), what, remedy, source.line(there))
        faults.setdefault((fault.path, what), fault)
    return sorted(faults.values(), key=lambda fault: fault.line or 0)
