"""Answers that are typed: text, e-mail address, telephone number, number, postal address."""

from __future__ import annotations

import re
from decimal import Decimal

from bridge.forms.answer import Answer, answered, label, missing, posted
from bridge.forms.fields import (
    ADDRESS_PARTS,
    AddressField,
    EmailField,
    LongTextField,
    NumberField,
    PhoneField,
    TextField,
)
from bridge.forms.numerals import kept_number, read_number
from bridge.forms.said import ascii_digits
from bridge.forms.words import Words
from bridge.formstore import Values

LONGEST_LINE = 200
"""Characters of a part of an address, and of a telephone number."""


def text(question: TextField | LongTextField, values: Values, words: Words) -> Answer:
    given = posted(values, question.id, lines=isinstance(question, LongTextField))
    error = missing(question, words) if not given else None
    if len(given) > question.max_length:
        error = _long(label(question, words), question.max_length, len(given), words)
    return answered(question, ((question.id, given),), words, error=error)


def _long(name: str, most: int, number: int, words: Words) -> str:
    return words("error.long", label=name, max=most, number=number)


# ------------------------------------------------------------------ addresses and numbers to reach somebody

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def email_address(text: str) -> str | None:
    """`text` as an address a mail can be sent to (RFC 5321, ASCII, dotted domain), or None.

    A domain in other letters is put into its ASCII form (IDNA 2003).
    """
    local, at, domain = text.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    good = (
        at
        and len(local) <= 64
        and len(local) + len(ascii_domain) < 254
        and _LOCAL.fullmatch(local)
        and len(labels) > 1
        and all(_LABEL.fullmatch(x) for x in labels)
        and not labels[-1].isdigit()
    )
    return f"{local}@{ascii_domain}" if good else None


def email(question: EmailField, values: Values, words: Words) -> Answer:
    given = "".join(posted(values, question.id).split())
    address = email_address(given)
    error = missing(question, words) if not given else None
    if given and address is None:
        error = words("error.email")
    return answered(question, ((question.id, address or given),), words, error=error)


_NUMBER_SIGNS = re.compile(r"[\d+()\[\]./*# \u2010-\u2015\u2212-]+")
_EXTENSION = re.compile(
    r"\b(extension|ext|x|durchwahl|dw|app(arat)?|poste|تحويلة|فرعي|داخلي)\b\.?|(?<=\d)x(?=\d)", re.IGNORECASE
)
_FEWEST_DIGITS, _MOST_DIGITS = 3, 25


def phone(question: PhoneField, values: Values, words: Words) -> Answer:
    """Kept as it was written: how numbers look in other countries is not ours to say."""
    given = posted(values, question.id)
    plain = _EXTENSION.sub(" ", ascii_digits(given))
    digits = sum(c.isdigit() for c in plain)
    good = len(given) <= LONGEST_LINE and _NUMBER_SIGNS.fullmatch(plain) is not None
    error = missing(question, words) if not given else None
    if given and not (good and _FEWEST_DIGITS <= digits <= _MOST_DIGITS):
        error = words("error.phone")
    return answered(question, ((question.id, given),), words, error=error)


def address(question: AddressField, values: Values, words: Words) -> Answer:
    """A required one needs all parts but `extra`; one that is optional may have gaps."""
    parts = {part: posted(values, f"{question.id}--{part}") for part in ADDRESS_PARTS}
    error, anchor = None, ADDRESS_PARTS[0]
    lacking = [part for part in ADDRESS_PARTS if part != "extra" and not parts[part]]
    if not any(parts.values()):
        error = missing(question, words)
    elif question.required and lacking:
        said = words.listed([words(f"error.address.{part}") for part in lacking], every=True)
        error, anchor = words("error.address.lacks", label=label(question, words), parts=said), lacking[0]
    else:
        for part in (part for part in ADDRESS_PARTS if len(parts[part]) > LONGEST_LINE):
            error, anchor = _long(label(question, words), LONGEST_LINE, len(parts[part]), words), part
            break
    carry = tuple((f"{question.id}--{part}", value) for part, value in parts.items())
    return answered(question, carry, words, error=error, anchor=f"{question.id}--{anchor}")


# ------------------------------------------------------------------ numbers


def number(question: NumberField, values: Values, words: Words) -> Answer:
    given = posted(values, question.id)
    if not given:
        return answered(question, (), words, error=missing(question, words))
    found = read_number(given, tuple((question.unit or {}).values()), words.language)
    error = _no_number(question, words) if found is None else _bounds(question, found, words)
    if found is None or error:
        kept = ((question.id, given),)
        return Answer(question, given, kept, error=error, anchor=question.id)
    typed = ((question.id, words.number(found, grouped=False)),)
    return answered(question, ((question.id, kept_number(found)),), words, typed=typed)


def _no_number(question: NumberField, words: Words) -> str:
    if not question.decimals:
        return words("error.number.whole", label=label(question, words))
    return words("error.number", label=label(question, words), sample=words.number(Decimal("12.5")))


def _bounds(question: NumberField, found: Decimal, words: Words) -> str | None:
    name = label(question, words)
    least = None if question.least is None else Decimal(str(question.least))
    most = None if question.most is None else Decimal(str(question.most))
    if -int(found.normalize().as_tuple().exponent) > question.decimals:
        kind = "error.number.decimals" if question.decimals else "error.number.whole"
        return words(kind, label=name, decimals=question.decimals)
    low, high = least is not None and found < least, most is not None and found > most
    if (low or high) and least is not None and most is not None:
        return words("error.number.between", label=name, least=least, most=most)
    if low and least is not None:
        return words("error.number.least", label=name, least=least)
    return words("error.number.most", label=name, most=most) if high and most is not None else None
