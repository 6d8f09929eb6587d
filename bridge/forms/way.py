"""The way through a form: which questions apply to a draft, which are passed, and what comes next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bridge.forms import conditions
from bridge.forms.fields import Field, FileField
from bridge.forms.schema import Form
from bridge.formstore import Draft, DraftFile, Values


@dataclass(frozen=True, slots=True)
class Way:
    """`asked` are the questions that apply, in order.

    A draft that changes what was sent asks for no files, and has passed what was answered then.
    """

    asked: tuple[Field, ...]
    draft: Draft

    def find(self, name: str) -> Field | None:
        """The question that applies and has this ID."""
        return next((q for q in self.asked if q.id == name), None)

    def passed(self, question: Field) -> bool:
        if question.id in self.draft.seen:
            return True
        return self.draft.changes is not None and (not question.required or self._has(question))

    def _has(self, question: Field) -> bool:
        return any(any(values) for values in of(question, self.draft.values).values())

    def first_open(self) -> Field | None:
        """The first question that was not passed."""
        return next((q for q in self.asked if not self.passed(q)), None)

    def open_before(self, question: Field) -> Field | None:
        """A question that has to be answered before this one."""
        first = self.first_open()
        if first is None or self.asked.index(first) >= self.asked.index(question):
            return None
        return first

    def before(self, question: Field) -> Field | None:
        """The question above this one."""
        place = self.asked.index(question)
        return self.asked[place - 1] if place else None

    def after(self, question: Field) -> Field | None:
        """The question below this one."""
        return next(iter(self.asked[self.asked.index(question) + 1 :]), None)

    def newly_asked(self, known: Collection[str]) -> Field | None:
        """The first question to be answered before all can be checked: one that was not passed, or
        that applies now and was neither asked among `known` nor seen earlier."""
        for question in self.asked:
            if not self.passed(question):
                return question
            if question.id not in known and question.id not in self.draft.seen:
                return question
        return None


def way(form: Form, draft: Draft) -> Way:
    """The way of `draft` through `form`."""
    asked = conditions.asked(form, {**draft.values, **names(draft.files)})
    if draft.changes is not None:
        asked = tuple(q for q in asked if not isinstance(q, FileField))
    return Way(asked, draft)


def of(question: Field, values: Values) -> dict[str, Sequence[str]]:
    """The values of the inputs of `question`."""
    return {k: v for k, v in values.items() if k == question.id or k.startswith(f"{question.id}--")}


def by_question(files: Sequence[DraftFile]) -> dict[str, list[DraftFile]]:
    """The files of a draft by the question they were added to."""
    found: dict[str, list[DraftFile]] = {}
    for file in files:
        found.setdefault(file.question, []).append(file)
    return found


def names(files: Sequence[DraftFile]) -> dict[str, list[str]]:
    """Their names, by question."""
    return {question: [f.name for f in of_one] for question, of_one in by_question(files).items()}
