"""An answer as people read it, in any language: the page's, and that of the desk."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from bridge.forms.fields import (
    DATE_PARTS,
    AddressField,
    AgreementField,
    CheckboxesField,
    DateField,
    Field,
    FileField,
    NumberField,
    Option,
    RadiosField,
    RankingField,
    SelectField,
    say,
)
from bridge.forms.words import Words
from bridge.formstore import DraftFile, Values

YES = "yes"
"""The value of an agreement that is given."""

_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # bidi that hides an order
_BREAKS = {"\r\n": "\n", "\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"}


def clean(text: str, *, lines: bool = False) -> str:
    """`text` in NFC, trimmed, without control characters and overrides of direction; on one line unless
    `lines` says that it may have several, which then end with LF.  Cleaning twice changes nothing."""
    for found, instead in _BREAKS.items():
        text = text.replace(found, instead)
    kept = (
        c for c in text.translate(_OVERRIDES) if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
    )
    text = unicodedata.normalize("NFC", "".join(kept))
    return text.strip() if lines else " ".join(text.split())


def ascii_digits(text: str) -> str:
    """`text` with the decimal digits of every script as 0 to 9."""
    return "".join(str(unicodedata.decimal(c, c)) for c in text)


def first(values: Values, name: str) -> str:
    """The first value of an input, "" for none."""
    return next(iter(values.get(name, ())), "")


def said(question: Field, values: Values, files: Sequence[DraftFile], words: Words) -> str:
    """The answer in `values` (as `Answer.carry` has them) and `files`, "" for none.

    What is no good answer is given as it was written.
    """
    match question:
        case RadiosField() | SelectField() | CheckboxesField():
            text = _options(question.options, values.get(question.id, ()), words)
        case AgreementField():
            text = words("check.yes") if first(values, question.id) == YES else ""
        case DateField():
            text = _date(question, values, words)
        case NumberField():
            text = _number(question, first(values, question.id), words)
        case AddressField():
            text = _address(question, values)
        case RankingField():
            text = _ranking(question, values, words)
        case FileField():
            text = "\n".join(f.name for f in files)
        case _:
            text = first(values, question.id)
    return text


def _options(options: Sequence[Option], chosen: Sequence[str], words: Words) -> str:
    return "\n".join(say(o.label, words.language) for o in options if o.value in chosen)


def _date(question: DateField, values: Values, words: Words) -> str:
    parts = [first(values, f"{question.id}--{p}") for p in DATE_PARTS]
    day = real_date(*parts)
    return words.date(day) if day else " ".join(p for p in parts if p)


def real_date(day: str, month: str, year: str) -> date | None:
    """The day of the calendar, of numbers in ASCII digits, or None."""
    if not all(p.isascii() and p.isdigit() and len(p) <= 4 for p in (day, month, year)):
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _number(question: NumberField, written: str, words: Words) -> str:
    number = decimal(written)
    if number is None:
        return written
    unit = say(question.unit, words.language) if question.unit else ""
    return f"{words.number(number)}\u00a0{unit}" if unit else words.number(number)


def decimal(written: str) -> Decimal | None:
    """A number in ASCII digits with at most one point, or None."""
    digits = written.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def _address(question: AddressField, values: Values) -> str:
    street, extra, postcode, town = (
        first(values, f"{question.id}--{part}") for part in ("street", "extra", "postcode", "town")
    )
    return "\n".join(line for line in (street, extra, f"{postcode} {town}".strip()) if line)


def _ranking(question: RankingField, values: Values, words: Words) -> str:
    places: list[tuple[int, str]] = []
    for option in question.options:
        place = first(values, f"{question.id}--{option.value}")
        if place.isascii() and place.isdigit() and len(place) <= 2:
            places.append((int(place), say(option.label, words.language)))
    return "\n".join(f"{place}. {label}" for place, label in sorted(places, key=lambda p: p[0]))
