"""A form in a few lines that a clerk understands, and what could be better about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bridge.forms.fields import PLAIN, Field, RadiosField, SelectField, say
from bridge.forms.schema import Form, state
from bridge.forms.words import TABLES

MANY_QUESTIONS = 40
MANY_RADIOS = 12


def lines(form: Form) -> list[str]:
    """What the form is, in English, with its own words in its first language."""
    language = next(iter(form.title))
    said = [f"{say(form.title, language)} ({form.id})", _counted(form)]
    for section in form.sections:
        if section.title is not None:
            said.append(f"  {say(section.title, language)}")
        said += [f"    {_question(question, language)}" for question in section.questions]
    said.append(f"Languages: {', '.join(form.languages) or 'that of the consultation'}")
    said.append(f"Open: {_open(form)}")
    return [*said, f"Personal: {_personal(form, language)}"]


def document(form: Form) -> dict[str, Any]:
    """The same as JSON data."""
    return {
        "id": form.id,
        "title": form.title if form.languages else form.title[PLAIN],
        "languages": list(form.languages),
        "sections": len(form.parts),
        "questions": [_entry(q, q in form.personal) for q in form.questions],
        "opens": form.opens_at.isoformat() if form.opens_at else None,
        "closes": form.closes_at.isoformat() if form.closes_at else None,
        "most": form.most,
        "anonymous": form.anonymous,
        "confirm": form.confirm,
        "retention_days": form.privacy.retention_days if form.privacy else None,
    }


def _entry(question: Field, personal: bool) -> dict[str, Any]:
    return {
        "id": question.id,
        "type": question.type,
        "required": question.required,
        "sometimes": question.show_if is not None,
        "personal": personal,
    }


def _counted(form: Form) -> str:
    questions = form.questions
    sometimes = sum(q.show_if is not None for q in questions)
    parts = [_number(len(form.parts), "section")] if form.parts else []
    parts.append(_number(len(questions), "question"))
    parts.append(f"{sum(q.required for q in questions)} required")
    return ", ".join([*parts, f"{sometimes} asked only sometimes"] if sometimes else parts)


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _question(question: Field, language: str) -> str:
    marks = [question.type.replace("_", " ")]
    marks += ["required"] if question.required else []
    marks += [f"only if {_condition(question)}"] if question.show_if else []
    return f"{say(question.label, language)} [{', '.join(marks)}]"


def _condition(question: Field) -> str:
    held = []
    for name, wanted in (question.show_if or {}).items():
        if isinstance(wanted, bool):
            held.append(f"{name} is {'answered' if wanted else 'not answered'}")
        else:
            held.append(f"{name} is {wanted if isinstance(wanted, str) else ' or '.join(wanted)}")
    return " and ".join(held)


def _open(form: Form) -> str:
    said = [f"from {_when(form.opens_at, form)}"] if form.opens_at else []
    if form.closes_at:
        said.append(
            f"until {f'the end of {form.last_day}' if form.last_day else _when(form.closes_at, form)}"
        )
    text = " ".join(said) or "as long as its consultation"
    return f"{text}, for at most {_number(form.most, 'submission')}" if form.most else text


def _when(moment: datetime, form: Form) -> str:
    return f"{moment:%Y-%m-%d %H:%M} ({form.timezone})"


def _personal(form: Form, language: str) -> str:
    if not form.personal or form.privacy is None:
        return "nothing; the form is anonymous" if form.anonymous == "required" else "nothing"
    asked = "; ".join(say(q.label, language) for q in form.personal)
    kept = f"erased {_number(form.privacy.retention_days or 0, 'day')} after the case is closed"
    return f"{asked} – {kept}{_CONFIRMED[form.confirm] if form.address_field else ''}"


_CONFIRMED = {
    "before": "; the e-mail address is confirmed before staff see the case",
    "after": "; staff see the case before the e-mail address is confirmed",
    "none": "; the e-mail address is never confirmed",
}


# ------------------------------------------------------------------ what could be better


def warnings(form: Form, now: float) -> list[str]:
    """What is no fault and still worth a thought at `now` (seconds since 1970), a sentence each."""
    over = ["closes is in the past: nobody can answer"] if state(form, now, 0) == "closed" else []
    return [*over, *_about_length(form), *_about_people(form), *_about_words(form)]


def _about_length(form: Form) -> Iterator[str]:
    if len(form.questions) > MANY_QUESTIONS:
        yield f"{len(form.questions)} questions: after some {MANY_QUESTIONS} most people give up"
    for question in form.questions:
        if isinstance(question, RadiosField) and len(question.options) > MANY_RADIOS:
            yield f"{question.id} has {len(question.options)} options: type: select is easier to use"
        if isinstance(question, SelectField) and len(question.options) <= 5:
            yield f"{question.id} has only {len(question.options)} options: type: radios is easier to use"


def _about_people(form: Form) -> Iterator[str]:
    named = [f for f in (form.name_field, form.address_field) if f and f.required and not f.show_if]
    if named and form.anonymous == "allowed" and "anonymous" in form.model_fields_set:
        yield f"anonymous is allowed, but {named[0].id} is required: nobody can stay anonymous"
    if "confirm" in form.model_fields_set and form.address_field is None:
        yield "confirm has no effect: no question has role: address"
    if form.address_field is not None and form.confirm == "none":
        yield "confirm is none: whoever writes somebody else's address sends them mails"


def _about_words(form: Form) -> Iterator[str]:
    unknown = [x for x in form.languages if x not in TABLES]
    if unknown:
        yield f"the pages have no words of their own in {', '.join(unknown)}: they will not be shown in it"
    if form.next_steps is None:
        yield "next_steps is missing: people want to know what happens next, and when"
    if form.contact is None:
        yield "contact is missing: people want to know whom to ask"
    labels = [next(iter(q.label.values())) for q in form.questions]
    for label in dict.fromkeys(x for x in labels if labels.count(x) > 1):
        yield f"two questions are called “{label}”: nobody can tell them apart when they check their answers"
