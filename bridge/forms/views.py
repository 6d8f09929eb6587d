"""What the templates show: a `Question` with the IDs that tie label, hint and error together, and the
sections of the check page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.forms.fields import (
    ADDRESS_PARTS,
    DATE_PARTS,
    FILE_TYPES,
    AddressField,
    AgreementField,
    CheckboxesField,
    DateField,
    EmailField,
    Field,
    FileField,
    LongTextField,
    NumberField,
    PhoneField,
    RadiosField,
    RankingField,
    SelectField,
    TextField,
    say,
)
from bridge.forms.said import YES, first
from bridge.forms.words import Words
from bridge.formstore import DraftFile, Values

GROUPS = ("radios", "checkboxes", "date", "address", "ranking", "agreement")
"""Types with several inputs, or whose input has a label of its own: their heading is a legend."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A radio button, a checkbox or an entry of a list."""

    id: str
    value: str
    label: str
    hint: str | None
    checked: bool
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """A part of a date or address; `wide` is a class of the style sheet."""

    id: str
    label: str
    value: str = field(repr=False)
    wide: str
    autocomplete: str = ""
    inputmode: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An option of a ranking; `value` is the place it was given, "" for none."""

    id: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Added:
    """A file that was added, with its size in words."""

    id: int
    name: str = field(repr=False)
    size: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a page shows it.  `anchor` is the input that an error leads to."""

    id: str
    type: str
    label: str
    optional: bool
    hints: tuple[str, ...] = ()
    error: str | None = None
    anchor: str = ""
    value: str = field(default="", repr=False)
    choices: tuple[Choice, ...] = ()
    inputs: tuple[Input, ...] = ()
    places: tuple[Place, ...] = ()
    added: tuple[Added, ...] = ()
    kind: str = "text"
    autocomplete: str = ""
    inputmode: str = ""
    spellcheck: bool = True
    wide: str = ""
    unit: str = ""
    rows: int = 8
    accept: str = ""
    multiple: bool = False

    @property
    def grouped(self) -> bool:
        return self.type in GROUPS

    @property
    def described(self) -> str:
        """The value of `aria-describedby`, or ""."""
        there = {"hint": self.hints, "error": self.error, "unit": self.unit, "added": self.added}
        return " ".join(f"{self.id}-{part}" for part, shown in there.items() if shown)


def question(
    asked: Field,
    values: Values,
    files: Sequence[DraftFile],
    words: Words,
    *,
    error: str | None = None,
    anchor: str = "",
) -> Question:
    """`asked` with what was written in its inputs so far, and what is to be mended."""
    language = words.language
    own = [say(asked.hint, language)] if asked.hint else []
    parts = _parts(asked, values, files, words)
    return Question(
        id=asked.id,
        type=asked.type,
        label=say(asked.label, language),
        optional=not asked.required,
        hints=(*own, *_hints(asked, words)),
        error=error,
        anchor=anchor or first_input(asked),
        value=first(values, asked.id),
        **parts,
    )


def first_input(asked: Field) -> str:
    """The ID of the question's first input: what a heading or an error leads to."""
    match asked:
        case DateField():
            return f"{asked.id}--{DATE_PARTS[0]}"
        case AddressField():
            return f"{asked.id}--{ADDRESS_PARTS[0]}"
        case RankingField():
            return f"{asked.id}--{asked.options[0].value}"
        case _:
            return asked.id


def paragraphs(text: Mapping[str, str] | None, language: str) -> list[str]:
    """The paragraphs of a text of the form, parted by blank lines."""
    if text is None:
        return []
    return [p.strip() for p in say(text, language).split("\n\n") if p.strip()]


def _parts(asked: Field, values: Values, files: Sequence[DraftFile], words: Words) -> dict[str, Any]:
    """What only questions of this type have."""
    match asked:
        case RadiosField() | CheckboxesField() | SelectField():
            return {"choices": _choices(asked, values, words.language)}
        case AgreementField():
            return {"choices": (_box(asked, values, words),)}
        case DateField() | AddressField():
            return {"inputs": _inputs(asked, values, words)}
        case RankingField():
            return {"places": _places(asked, values, words.language)}
        case FileField():
            return _file(asked, files, words)
        case _:
            return _line(asked, words)


def _line(
    asked: TextField | LongTextField | NumberField | EmailField | PhoneField, words: Words
) -> dict[str, Any]:
    """What is typed into one input."""
    match asked:
        case LongTextField():
            return {"rows": 4 if asked.max_length <= 500 else 8}
        case TextField():
            return {"autocomplete": "name", "spellcheck": False} if asked.role else {}
        case EmailField():
            known = "email" if asked.role else ""
            return {"kind": "email", "autocomplete": known, "spellcheck": False}
        case PhoneField():
            return {"kind": "tel", "autocomplete": "tel", "spellcheck": False, "wide": "size20"}
        case NumberField():
            return _number(asked, words)


def _hints(asked: Field, words: Words) -> list[str]:
    """What a question says of itself, below its own hint."""
    hints = []
    match asked:
        case LongTextField():
            hints.append(words("text.limit", number=asked.max_length))
        case CheckboxesField(most=int(most)) if most < len(asked.options):
            hints.append(words.count("choices.most", most))
        case CheckboxesField() if len(asked.options) > 1:
            hints.append(words("choices.hint"))
        case DateField(hint=None):
            hints.append(words("date.hint"))
        case RankingField():
            hints.append(words("ranking.hint", number=len(asked.options)))
        case FileField():
            types = words.listed([FILE_TYPES[t] for t in asked.types])
            hints.append(words.count("files.hint", asked.max_files, mb=asked.max_mb, types=types))
    return hints


def _box(asked: AgreementField, values: Values, words: Words) -> Choice:
    return Choice(asked.id, YES, words("agreement.box"), None, YES in values.get(asked.id, ()))


def _number(asked: NumberField, words: Words) -> dict[str, Any]:
    mode = "decimal" if asked.decimals else "numeric"
    return {
        "inputmode": mode if asked.least is not None and asked.least >= 0 else "",  # such keys have no minus
        "unit": say(asked.unit, words.language) if asked.unit else "",
        "spellcheck": False,
        "wide": "size10",
    }


def _choices(
    asked: RadiosField | CheckboxesField | SelectField, values: Values, language: str
) -> tuple[Choice, ...]:
    chosen = values.get(asked.id, ())
    return tuple(
        Choice(
            asked.id if i == 0 else f"{asked.id}-{i + 1}",
            option.value,
            say(option.label, language),
            say(option.hint, language) if option.hint else None,
            option.value in chosen,
            option.alone,
        )
        for i, option in enumerate(asked.options)
    )


def _inputs(asked: DateField | AddressField, values: Values, words: Words) -> tuple[Input, ...]:
    if isinstance(asked, AddressField):
        return _address(asked, values, words)
    return tuple(
        Input(
            name := f"{asked.id}--{part}",
            words(f"date.{part}"),
            first(values, name),
            "size4" if part == "year" else "size2",
            f"bday-{part}" if asked.birthday else "",
            "" if part == "month" else "numeric",  # a month's name is understood
        )
        for part in DATE_PARTS
    )


_POSTAL = {
    "street": ("", "address-line1"),
    "extra": ("", "address-line2"),
    "postcode": ("size10", "postal-code"),
    "town": ("size20", "address-level2"),
}


def _address(asked: AddressField, values: Values, words: Words) -> tuple[Input, ...]:
    return tuple(
        Input(name := f"{asked.id}--{part}", words(f"address.{part}"), first(values, name), *_POSTAL[part])
        for part in ADDRESS_PARTS
    )


def _places(asked: RankingField, values: Values, language: str) -> tuple[Place, ...]:
    return tuple(
        Place(name := f"{asked.id}--{option.value}", say(option.label, language), first(values, name))
        for option in asked.options
    )


def _file(asked: FileField, files: Sequence[DraftFile], words: Words) -> dict[str, Any]:
    return {
        "added": tuple(Added(f.id, f.name, words.size(f.size)) for f in files),
        "accept": ",".join(asked.types),
        "multiple": asked.max_files > 1,
    }


# ------------------------------------------------------------------ the check page


@dataclass(frozen=True, slots=True)
class Row:
    """One answer; `id` is its question, `text` "" when nothing was given."""

    id: str
    label: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """The answers of a section."""

    title: str
    rows: tuple[Row, ...]
