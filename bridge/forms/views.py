"""What the templates show: one `Question` a field, with the IDs that tie label, hint and error."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bridge.forms.fields import (
    FILE_TYPES,
    CheckboxField,
    ChoiceField,
    ChoicesField,
    DateField,
    EmailField,
    Field,
    FileField,
    LongTextField,
    TextField,
    say,
)
from bridge.forms.schema import Form
from bridge.forms.submit import KEPT, PARTS, REMOVE, YES, Answer, Checked
from bridge.forms.words import Words


@dataclass(frozen=True, slots=True)
class Choice:
    """A radio button or checkbox."""

    id: str
    value: str
    label: str
    hint: str | None
    checked: bool


@dataclass(frozen=True, slots=True)
class Input:
    """A part of a date."""

    id: str
    label: str
    value: str
    autocomplete: str
    size: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was added on an earlier page."""

    id: str
    value: str
    label: str
    remove: str


@dataclass(frozen=True, slots=True)
class Question:
    """One field as the page shows it."""

    id: str
    type: str
    label: str
    hints: tuple[str, ...]
    optional: bool
    error: str | None
    value: str = ""
    choices: tuple[Choice, ...] = ()
    inputs: tuple[Input, ...] = ()
    kept: tuple[Kept, ...] = ()
    autocomplete: str = ""
    accept: str = ""
    multiple: bool = False
    adding: str = ""
    kept_name: str = ""
    remove_name: str = ""

    @property
    def described(self) -> str:
        """The value of `aria-describedby`, or ""."""
        ids = [f"{self.id}-hint"] if self.hints else []
        ids += [f"{self.id}-error"] if self.error else []
        return " ".join([*ids, f"{self.id}-adding"] if self.adding else ids)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the check page."""

    id: str
    anchor: str
    label: str
    text: str


def questions(
    form: Form, checked: Checked | None, words: Words, *, errors: Collection[str]
) -> list[Question]:
    """All fields, with what was answered, and the errors of the fields whose IDs are in `errors`."""
    answers: Mapping[str, Answer] = {a.field.id: a for a in checked.answers} if checked else {}
    return [_question(f, answers.get(f.id, Answer(f, "", ())), words, f.id in errors) for f in form.fields]


def rows(checked: Checked, words: Words) -> list[Row]:
    return [
        Row(a.field.id, a.anchor, say(a.field.label, words.language), a.text or words("check.none"))
        for a in checked.answers
    ]


def paragraphs(text: Mapping[str, str] | None, language: str) -> list[str]:
    """The paragraphs of a text of the form, parted by blank lines."""
    if text is None:
        return []
    return [p.strip() for p in say(text, language).split("\n\n") if p.strip()]


def _question(f: Field, answer: Answer, words: Words, errors: bool) -> Question:
    language = words.language
    own = [say(f.hint, language)] if f.hint else []
    question = Question(
        id=f.id,
        type=f.type,
        label=say(f.label, language),
        hints=(*own, *_hints(f, words)),
        optional=not f.required,
        error=answer.error if errors else None,
        value=next(iter(answer.values(f.id)), ""),
        choices=_choices(f, answer.values(f.id), language),
        inputs=_inputs(f, answer, words),
        autocomplete=_autocomplete(f),
    )
    return _with_files(question, f, answer, words) if isinstance(f, FileField) else question


def _hints(f: Field, words: Words) -> Sequence[str]:
    match f:
        case LongTextField():
            return [words("text.limit", number=f.max_length)]
        case ChoicesField():
            return [words("choices.hint")]
        case DateField():
            return [words("date.hint")] if f.hint is None else []
        case FileField():
            types = words.listed([FILE_TYPES[t] for t in f.types])
            return [words.count("files.hint", f.max_files, mb=f.max_mb, types=types)]
        case _:
            return []


def _autocomplete(f: Field) -> str:
    if isinstance(f, TextField) and f.role:
        return "name"
    return "email" if isinstance(f, EmailField) and f.role else ""


def _choices(f: Field, chosen: Sequence[str], language: str) -> tuple[Choice, ...]:
    match f:
        case ChoiceField() | ChoicesField():
            return tuple(
                Choice(
                    f.id if i == 0 else f"{f.id}-{i + 1}",
                    o.value,
                    say(o.label, language),
                    say(o.hint, language) if o.hint else None,
                    o.value in chosen,
                )
                for i, o in enumerate(f.options)
            )
        case CheckboxField():
            return (Choice(f.id, YES, say(f.label, language), None, YES in chosen),)
        case _:
            return ()


def _inputs(f: Field, answer: Answer, words: Words) -> tuple[Input, ...]:
    if not isinstance(f, DateField):
        return ()
    return tuple(
        Input(
            f"{f.id}--{part}",
            words(f"date.{part}"),
            next(iter(answer.values(f"{f.id}--{part}")), ""),
            f"bday-{part}" if f.birthday else "",
            4 if part == "year" else 2,
        )
        for part in PARTS
    )


def _with_files(question: Question, f: FileField, answer: Answer, words: Words) -> Question:
    kept = tuple(
        Kept(
            f"{f.id}{REMOVE}-{i + 1}",
            u.kept,
            words("files.kept", name=u.name),
            words("files.remove", name=u.name),
        )
        for i, u in enumerate(answer.uploads)
    )
    adding = words("files.replace" if f.max_files == 1 else "files.add") if kept else ""
    return Question(
        id=question.id,
        type=question.type,
        label=question.label,
        hints=question.hints,
        optional=question.optional,
        error=question.error,
        kept=kept,
        accept=",".join(f.types),
        multiple=f.max_files > 1,
        adding=adding,
        kept_name=f.id + KEPT,
        remove_name=f.id + REMOVE,
    )
