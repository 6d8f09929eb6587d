"""What was posted, held against the form: clean answers, or words that say what to mend.

    posted values + files ──check──> Checked ──submission──> FormIn ──pack──> bytes
                                        └ carry: the same again, for the draft

`check` never raises for what a stranger sent: every fault becomes an answer's `error`, and what was
written is kept beside it.  What is accepted is carried in a form that says the same in every
language: dates and numbers in ASCII digits, options by their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bridge.forms import attached, chosen, dated, written
from bridge.forms.answer import Answer, Checked, replaced, together
from bridge.forms.conditions import asked
from bridge.forms.fields import (
    MAX_FILES_MB,
    MEGABYTE,
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
)
from bridge.forms.said import YES
from bridge.forms.schema import Form
from bridge.forms.words import Words
from bridge.formstore import DraftFile, Values

__all__ = ["YES", "Answer", "Checked", "Files", "applying", "check", "check_one", "replaced", "together"]

Files = Mapping[str, Sequence[DraftFile]]
"""The files of a draft, by the question they answer."""


def applying(form: Form, values: Values, files: Files) -> tuple[Field, ...]:
    """The questions that are asked of somebody who has answered this."""
    names = {question: [f.name for f in sent] for question, sent in files.items()}
    return asked(form, {**values, **names})


def check(form: Form, values: Values, files: Files, words: Words) -> Checked:
    """The answers in `values` and `files` to the questions that are asked, with errors in `words`."""
    earlier: dict[str, Sequence[DraftFile]] = {}
    answers = []
    for question in applying(form, values, files):
        answer = check_one(question, values, {**earlier, question.id: files.get(question.id, ())}, words)
        if answer.files:
            earlier[question.id] = answer.files
        answers.append(answer)
    return Checked(tuple(answers))


def check_one(question: Field, values: Values, files: Files, words: Words) -> Answer:
    """The answer to one question, with its error in `words`.

    The files of other questions in `files` count towards the limit of all together.  A file that was
    cut off because it was too large stands there with as many bytes as had come.
    """
    match question:
        case RadiosField() | SelectField() | CheckboxesField():
            return chosen.options(question, values, words)
        case RankingField():
            return chosen.ranking(question, values, words)
        case AgreementField():
            return chosen.agreement(question, values, words)
        case FileField():
            others = sum(f.size for name, sent in files.items() if name != question.id for f in sent)
            room = MAX_FILES_MB * MEGABYTE - others
            return attached.files(question, files.get(question.id, ()), room, words)
        case _:
            return _typed(question, values, words)


_Typed = TextField | LongTextField | NumberField | DateField | EmailField | PhoneField | AddressField


def _typed(question: _Typed, values: Values, words: Words) -> Answer:
    match question:
        case TextField() | LongTextField():
            answer = written.text(question, values, words)
        case NumberField():
            answer = written.number(question, values, words)
        case DateField():
            answer = dated.day(question, values, words)
        case EmailField():
            answer = written.email(question, values, words)
        case PhoneField():
            answer = written.phone(question, values, words)
        case AddressField():
            answer = written.address(question, values, words)
    return answer
