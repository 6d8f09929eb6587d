"""Answers that are a day: three inputs, of which the month may be a name."""

from __future__ import annotations

import re
from datetime import date

from bridge.forms.answer import Answer, answered, label, missing, posted
from bridge.forms.fields import DATE_PARTS, DateField
from bridge.forms.months import month_number
from bridge.forms.said import ascii_digits, real_date
from bridge.forms.words import Words
from bridge.formstore import Values

_ORDINAL = re.compile(r"(\d{1,2}) ?(?:\.|st|nd|rd|th|er)", re.IGNORECASE)
_YEAR = re.compile(r"[1-9]\d{3}")
_LONGEST = 40  # characters of a part that are kept to be mended


def day(question: DateField, values: Values, words: Words) -> Answer:
    parts = {p: posted(values, f"{question.id}--{p}")[:_LONGEST].strip() for p in DATE_PARTS}
    if not any(parts.values()):
        return _answer(question, {}, words, missing(question, words), DATE_PARTS[0])
    lacking = [p for p in DATE_PARTS if not parts[p]]
    if lacking:
        said = words.listed([words(f"error.date.{p}") for p in lacking], every=True)
        error = words("error.date.lacks", label=label(question, words), parts=said)
        return _answer(question, parts, words, error, lacking[0])
    read = _read(parts)
    if read["year"].isdigit() and not _YEAR.fullmatch(read["year"]):
        error = words("error.date.year4", label=label(question, words))
        return _answer(question, parts, words, error, "year")
    found = real_date(**read)
    if found is None:
        wrong = next((p for p in DATE_PARTS if not read[p].isdigit()), DATE_PARTS[0])
        return _answer(question, parts, words, words("error.date.real", label=label(question, words)), wrong)
    carry = {"day": str(found.day), "month": str(found.month), "year": str(found.year)}
    return _answer(question, carry, words, _bounds(question, found, words), DATE_PARTS[0])


def _answer(
    question: DateField, parts: dict[str, str], words: Words, error: str | None, anchor: str
) -> Answer:
    carry = tuple((f"{question.id}--{p}", v) for p, v in parts.items())
    return answered(question, carry, words, error=error, anchor=f"{question.id}--{anchor}")


def _read(parts: dict[str, str]) -> dict[str, str]:
    """The parts as numbers, as far as they are any."""
    number = ascii_digits(parts["day"])
    ordinal = _ORDINAL.fullmatch(number)
    month = month_number(parts["month"].rstrip("."))
    return {"day": ordinal[1] if ordinal else number, "month": month, "year": ascii_digits(parts["year"])}


def _bounds(question: DateField, found: date, words: Words) -> str | None:
    name, earliest, latest = label(question, words), question.earliest, question.latest
    low, high = earliest is not None and found < earliest, latest is not None and found > latest
    if (low or high) and earliest and latest:
        since, until = words.date(earliest), words.date(latest)
        return words("error.date.between", label=name, earliest=since, latest=until)
    if low and earliest:
        return words("error.date.earliest", label=name, earliest=words.date(earliest))
    return words("error.date.latest", label=name, latest=words.date(latest)) if high and latest else None
