"""What is wrong between the parts of a form, where each of them may be right by itself.

Looked for in the raw data, so that it is found together with what is wrong within the parts, in one
reading; it therefore trusts nothing to be of the right kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any

from pydantic_core import PydanticCustomError

from bridge.forms import conditions, opening
from bridge.forms.fields import FILE_TYPES
from bridge.forms.lines import Path
from bridge.forms.told import Wrong

MOST_QUESTIONS = 100

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_REACHES = ("email", "phone", "address")
_YES = ("true", "yes", "on", "1", "y", "t")

Raw = Mapping[str, Any]
Questions = Sequence[tuple[Path, Raw]]


def faults(raw: Raw) -> list[Wrong]:
    """All that is wrong between the parts of the form `raw`, as it stands in its file."""
    questions = list(_questions(raw))
    found = [*_shape(raw, questions), *_languages(raw), *_twice(questions), *_personal(raw, questions)]
    found += [*_named(raw, questions), *conditions.faults(questions)]
    for path, question in questions:
        found += [*_options(path, question), *_ranges(path, question), *_file_types(path, question)]
    return found + list(_times(raw))


def _questions(raw: Raw) -> Iterator[tuple[Path, Raw]]:
    lists: list[tuple[Path, Any]] = [(("questions",), raw.get("questions"))]
    sections = raw.get("sections")
    for i, section in enumerate(sections if isinstance(sections, list) else ()):
        if isinstance(section, dict):
            lists.append((("sections", i, "questions"), section.get("questions")))
    for path, questions in lists:
        for i, question in enumerate(questions if isinstance(questions, list) else ()):
            if isinstance(question, dict):
                yield (*path, i), question


def _shape(raw: Raw, questions: Questions) -> Iterator[Wrong]:
    if "questions" in raw and "sections" in raw:
        yield (
            ("sections",),
            "stands beside questions",
            "put every question into a section, or remove the sections",
        )
    elif not raw.get("questions") and not raw.get("sections"):
        key = "sections" if "sections" in raw else "questions"
        yield (key,), "is missing", "add questions:, or sections: that have questions"
    if len(questions) > MOST_QUESTIONS:
        what = f"are {len(questions)} questions in all"
        yield questions[MOST_QUESTIONS][0], what, f"ask at most {MOST_QUESTIONS}; nobody answers more"
    sections = raw.get("sections")
    if isinstance(sections, list) and len(sections) > 1:
        for i, section in enumerate(sections):
            if isinstance(section, dict) and "title" not in section:
                yield ("sections", i, "title"), "is missing", "give each section a title"


def _languages(raw: Raw) -> Iterator[Wrong]:
    title = raw.get("title")
    for key in title if isinstance(title, dict) else ():
        if not _LANGUAGE.fullmatch(key):
            yield ("title", key), "is not the code of a language", "write one such as en, de, fr or ar"
    if title == {}:
        yield ("title",), "has no language", "write one such as {en: Your idea}"


def _twice(questions: Questions) -> Iterator[Wrong]:
    """IDs and roles, of which there is one each."""
    seen: dict[tuple[str, str], Path] = {}
    for path, question in questions:
        for key in ("id", "role"):
            value = question.get(key)
            if isinstance(value, str) and seen.setdefault((key, value), path) != path:
                yield (*path, key), f"{value[:40]} is used twice", "use it for one question"


# ------------------------------------------------------------------ who somebody is


def _true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in _YES)


def _says_who(question: Raw) -> bool:
    """As `fields.is_personal`, of raw data."""
    return (
        question.get("type") in _REACHES
        or question.get("role") is not None
        or _true(question.get("personal"))
        or _true(question.get("birthday"))
    )


def _personal(raw: Raw, questions: Questions) -> Iterator[Wrong]:
    ids = [str(q.get("id"))[:40] for _, q in questions if _says_who(q)]
    if not ids or raw.get("anonymous") == "required":
        return
    privacy = raw.get("privacy")
    asked = f"but {', '.join(ids[:3])} {'asks' if len(ids) == 1 else 'ask'} who somebody is"
    if privacy is None:
        remedy = "add it, with purpose, notice, version and retention_days"
        yield ("privacy",), f"is missing, {asked}", remedy
    elif isinstance(privacy, dict) and privacy.get("retention_days") is None:
        remedy = "say for how many days after its end a case is kept"
        yield ("privacy", "retention_days"), f"is missing, {asked}", remedy


def _named(raw: Raw, questions: Questions) -> Iterator[Wrong]:
    """`anonymous` against what is asked."""
    if raw.get("anonymous") == "required":
        for path, question in questions:
            if _says_who(question):
                yield path, "asks who somebody is, but anonymous is required", "remove one of the two"
    if raw.get("anonymous") == "no" and not any(_certain(q) for _, q in questions):
        remedy = "ask with role: name or role: address, required: true and without show_if"
        yield ("anonymous",), "is no, but no name or address is required", remedy


def _certain(question: Raw) -> bool:
    return (
        isinstance(question.get("role"), str)
        and _true(question.get("required"))
        and question.get("show_if") is None
    )


# ------------------------------------------------------------------ within one question


def _options(path: Path, question: Raw) -> Iterator[Wrong]:
    options = question.get("options")
    values: set[str] = set()
    looks: dict[tuple[str, str], str] = {}
    for i, option in enumerate(options if isinstance(options, list) else ()):
        if not isinstance(option, dict):
            continue
        place = (*path, "options", i)
        value = option.get("value")
        if isinstance(value, str):
            if value.casefold() in values:
                yield (*place, "value"), f"{value[:40]} is used twice", "use it for one option"
            values.add(value.casefold())
        if _true(option.get("alone")) and question.get("type") != "checkboxes":
            yield (*place, "alone"), "is for checkboxes only", "remove it: here only one can be chosen"
        yield from _alike((*place, "label"), option.get("label"), looks)


def _alike(place: Path, label: Any, seen: dict[tuple[str, str], str]) -> Iterator[Wrong]:
    for language, text in (label if isinstance(label, dict) else {"": label}).items():
        if isinstance(text, str) and text.strip():
            other = seen.setdefault((language, _look(text)), text)
            if other is not text:
                yield place, f"looks like another option: {text[:60]}", "use other words for one of them"


def _look(text: str) -> str:
    """What people see of a label at a glance: no case, no blanks, no punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if unicodedata.category(c)[0] in "LMNS") or plain.strip()


def _ranges(path: Path, question: Raw) -> Iterator[Wrong]:
    for kind, low, high in (("number", "least", "most"), ("date", "earliest", "latest")):
        if question.get("type") == kind and _above(question.get(low), question.get(high)):
            yield (*path, high), f"is below {low}", "exchange the two"
    options = question.get("options")
    count = len(options) if isinstance(options, list) else None
    if question.get("type") == "checkboxes" and _above(question.get("most"), count):
        yield (*path, "most"), "is more than there are options", f"write at most {count}"


def _above(a: Any, b: Any) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a > b
    return isinstance(a, int | float) and isinstance(b, int | float) and a > b


def _file_types(path: Path, question: Raw) -> Iterator[Wrong]:
    types = question.get("types")
    for i, kind in enumerate(types if isinstance(types, list) else ()):
        if isinstance(kind, str) and kind not in FILE_TYPES:
            yield (*path, "types", i), f"{kind[:60]} is not known", f"use some of {', '.join(FILE_TYPES)}"


def _times(raw: Raw) -> Iterator[Wrong]:
    """Closing before opening, as far as both can be read; what cannot is said elsewhere."""
    opens, closes = raw.get("opens"), raw.get("closes")
    if opens is None or closes is None:
        return
    try:
        first, last = opening.moment(opens), opening.moment(closes)
    except PydanticCustomError:
        return
    where = _zone(raw.get("timezone"))
    if opening.at(last, where, closes=True) <= opening.at(first, where, closes=False):
        yield ("closes",), "is before opens", "exchange the two, or mend the year"


def _zone(name: Any) -> tzinfo:
    try:
        return opening.zone(name) if isinstance(name, str) else UTC
    except PydanticCustomError:
        return UTC  # good enough to compare
