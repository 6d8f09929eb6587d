"""An answer to one question, and the answers to a form: what the checks give and the pages show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as kept

from bridge.forms.fields import Field, TextField, say
from bridge.forms.said import clean, first, said
from bridge.forms.words import Words
from bridge.formstore import DraftFile, Values

Pairs = tuple[tuple[str, str], ...]
"""Names of inputs with their values."""

MOST_KEPT = 100_000
"""Characters of one value that are kept to be mended."""


@dataclass(frozen=True, slots=True)
class Answer:
    """To one question.

    `text` is what people read in the page's language, "" when not given; `carry` says the same in
    the names and values of inputs, for the draft; `files` are those that are good.  `error` says
    what to mend, at the input with the ID `anchor`.  `typed` is what the inputs show, where that is
    not what is carried.
    """

    field: Field
    text: str = kept(repr=False)
    carry: Pairs = kept(repr=False)
    files: tuple[DraftFile, ...] = ()
    error: str | None = None
    anchor: str = ""
    typed: Pairs | None = kept(default=None, repr=False)

    def values(self, name: str) -> list[str]:
        """What the inputs called `name` show."""
        return [v for k, v in (self.carry if self.typed is None else self.typed) if k == name]


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers to the questions that were asked, in the order of the form."""

    answers: tuple[Answer, ...]

    @property
    def errors(self) -> tuple[Answer, ...]:
        return tuple(a for a in self.answers if a.error)

    @property
    def values(self) -> dict[str, list[str]]:
        """The same answers as values of inputs; files are not among them."""
        return together(pair for a in self.answers for pair in a.carry)

    def text(self, of: Field | None) -> str:
        """The answer to a question as people read it, "" where it was not asked or not answered."""
        return next((a.text for a in self.answers if of is not None and a.field.id == of.id), "")

    @property
    def digest(self) -> bytes:
        """The same for the same answers and files, in whatever language the page was."""
        said_again = [[a.field.id, a.carry, [[f.name, f.digest] for f in a.files]] for a in self.answers]
        return hashlib.sha256(json.dumps(said_again).encode()).digest()


def together(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names and values as they are posted and kept."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


def answered(
    question: Field,
    carry: Pairs,
    words: Words,
    *,
    error: str | None = None,
    anchor: str = "",
    typed: Pairs | None = None,
) -> Answer:
    """The `Answer` that `carry` is, said in the language of `words`; its empty values are left out."""
    given = tuple((k, v) for k, v in carry if v)
    text = said(question, together(given), (), words)
    return Answer(question, text, given, error=error, anchor=anchor or question.id, typed=typed)


def posted(values: Values, name: str, *, lines: bool = False) -> str:
    """The clean text of the first value of an input."""
    return clean(first(values, name)[:MOST_KEPT], lines=lines)


def label(question: Field, words: Words) -> str:
    return say(question.label, words.language)


def missing(question: Field, words: Words) -> str | None:
    """What to say of a question without an answer; None where it needs none."""
    if not question.required:
        return None
    if question.missing is not None:
        return say(question.missing, words.language)
    if isinstance(question, TextField) and question.role:
        return words("missing.name")
    kind = "any" if question.type in ("text", "long_text") else question.type
    return words(f"missing.{kind}", label=label(question, words))


def replaced(values: Values, answer: Answer) -> Values:
    """The `values` of a draft with this answer in place of an earlier one to the same question."""
    mark = f"{answer.field.id}--"
    others: Mapping[str, Sequence[str]] = {
        k: v for k, v in values.items() if k != answer.field.id and not k.startswith(mark)
    }
    return {**others, **together(answer.carry)}
