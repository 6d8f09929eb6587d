"""Which questions apply, by what was answered before them.

show_if: {part: [meadow, paths]}     one of these was chosen
show_if: {part: meadow, dog: true}   this was chosen, and the other was answered
show_if: {dog: false}                it was not answered (or not asked)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from bridge.forms.fields import (
    CheckboxesField,
    Field,
    RadiosField,
    SelectField,
)
from bridge.forms.lines import Path
from bridge.forms.told import Wrong

OF_VALUES = ("radios", "checkboxes", "select")
"""The types of questions whose values a condition may name."""


class Asks(Protocol):
    """A form, as far as conditions care."""

    @property
    def questions(self) -> tuple[Field, ...]: ...


def asked(form: Asks, answered: Mapping[str, Sequence[str]]) -> tuple[Field, ...]:
    """The questions that apply, in order.

    `answered`: values by the question's id, or by the names of its inputs as they were posted (parts
    are `<id>--…`); of a file whatever stands for it, such as its name.  What is blank, or no option
    of its question, is not answered; neither is a question that does not apply itself.
    """
    given: dict[str, list[str]] = {}
    for name, values in answered.items():
        given.setdefault(name.partition("--")[0], []).extend(v for v in values if v.strip())
    applies: list[Field] = []
    answers: dict[str, Sequence[str]] = {}
    for question in form.questions:
        if all(_holds(wanted, answers.get(name, ())) for name, wanted in (question.show_if or {}).items()):
            applies.append(question)
            answers[question.id] = _known(question, given.get(question.id, ()))
    return tuple(applies)


def _known(question: Field, values: Sequence[str]) -> Sequence[str]:
    if isinstance(question, RadiosField | CheckboxesField | SelectField):
        options = {o.value for o in question.options}
        return [v for v in values if v in options]
    return values


def _holds(wanted: bool | str | Sequence[str], answers: Sequence[str]) -> bool:
    if isinstance(wanted, bool):
        return wanted is bool(answers)
    return bool({wanted} & set(answers) if isinstance(wanted, str) else set(wanted) & set(answers))


# ------------------------------------------------------------------ what is wrong with them


def faults(questions: Sequence[tuple[Path, Mapping[str, Any]]]) -> Iterator[Wrong]:
    """What is wrong with the conditions of `questions` (as they stand in the file, with their places)."""
    ids = [question.get("id") for _, question in questions]
    for i, (path, question) in enumerate(questions):
        condition = question.get("show_if")
        for name, wanted in condition.items() if isinstance(condition, Mapping) else ():
            place = (*path, "show_if", name)
            if name not in ids:
                yield place, "names no question of this form", "write the id of an earlier question"
            elif name not in ids[:i]:
                yield (
                    place,
                    "names a question that is not asked before",
                    "name an earlier question, or move this",
                )
            else:
                yield from _wanted(place, questions[ids.index(name)][1], wanted)


def _wanted(place: Path, question: Mapping[str, Any], wanted: Any) -> Iterator[Wrong]:
    values = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(values, list):
        return
    if question.get("type") not in OF_VALUES:
        remedy = "write true (it was answered) or false (it was not)"
        yield place, "names a value, but that question has no options", remedy
        return
    options = question.get("options")
    known = [o.get("value") for o in options if isinstance(o, Mapping)] if isinstance(options, list) else []
    for value in values:
        if isinstance(value, str) and value not in known:
            listed = ", ".join(str(v) for v in known)
            yield place, f"names {value[:40]}, which is no option of that question", f"write one of {listed}"
