"""Answers that are chosen: radios, lists, checkboxes, an agreement, a ranking."""

from __future__ import annotations

from bridge.forms.answer import Answer, answered, label, missing, posted
from bridge.forms.fields import (
    AgreementField,
    CheckboxesField,
    Option,
    RadiosField,
    RankingField,
    SelectField,
    say,
)
from bridge.forms.said import YES, ascii_digits, first
from bridge.forms.words import Words
from bridge.formstore import Values


def options(question: RadiosField | SelectField | CheckboxesField, values: Values, words: Words) -> Answer:
    chosen = [v for v in values.get(question.id, ()) if v]
    taken = [o for o in question.options if o.value in chosen]
    known = {o.value for o in question.options}
    error = None
    if not chosen:
        error = missing(question, words)
    elif not known.issuperset(chosen) or (len(taken) > 1 and not isinstance(question, CheckboxesField)):
        error = words("error.option", label=label(question, words))
    elif isinstance(question, CheckboxesField):
        error = _together(question, taken, words)
    return answered(question, tuple((question.id, o.value) for o in taken), words, error=error)


def _together(question: CheckboxesField, taken: list[Option], words: Words) -> str | None:
    """What is wrong with several that were taken at once."""
    lonely = next((o for o in taken if o.alone), None)
    if lonely is not None and len(taken) > 1:
        alone = say(lonely.label, words.language)
        return words("error.alone", label=label(question, words), alone=alone)
    if question.most is not None and len(taken) > question.most:
        return words.count("error.most", question.most, label=label(question, words))
    return None


def agreement(question: AgreementField, values: Values, words: Words) -> Answer:
    if first(values, question.id) == YES:
        return answered(question, ((question.id, YES),), words)
    return answered(question, (), words, error=missing(question, words))


def ranking(question: RankingField, values: Values, words: Words) -> Answer:
    """Every option has a place of its own from 1 to their number, or none has one."""
    places = {
        o.value: ascii_digits(posted(values, f"{question.id}--{o.value}"))[:20] for o in question.options
    }
    carry = tuple((f"{question.id}--{value}", place) for value, place in places.items())
    error, wrong = None, question.options[0]
    if not any(places.values()):
        error = missing(question, words)
    else:
        error, wrong = _places(question, places, words)
    return answered(question, carry, words, error=error, anchor=f"{question.id}--{wrong.value}")


def _places(question: RankingField, places: dict[str, str], words: Words) -> tuple[str | None, Option]:
    """What is wrong with the places, and with that of which option."""
    good = [str(i + 1) for i in range(len(question.options))]
    taken: dict[str, Option] = {}
    for option in question.options:
        place, name = places[option.value], say(option.label, words.language)
        if place not in good:
            return words("error.place", option=name, places=len(good)), option
        if place in taken:
            other = say(taken[place].label, words.language)
            return words("error.place.twice", place=place, first=other, second=name), option
        taken[place] = option
    return None, question.options[0]
