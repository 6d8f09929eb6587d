"""The sentences the bridge itself adds to mails to citizens, in the languages it speaks.

Every function takes a BCP 47 tag and answers in the first language of it that is known, else
in English.  Times are in seconds since 1970 and are told in UTC, and say so: the same mail must
give the same octets on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")

_REFERENCES = {
    "en": "Your reference: {reference}. Please keep it in the subject when you write again.",
    "de": "Ihr Zeichen: {reference}. Bitte lassen Sie es im Betreff stehen, wenn Sie wieder schreiben.",
    "fr": "Votre référence : {reference}. Merci de la conserver dans l'objet de vos messages.",
    "ar": "رقمكم المرجعي: {reference}. يرجى إبقاؤه في سطر الموضوع عندما تكتبون إلينا من جديد.",
}
_LEAVINGS = {
    "en": "If you do not want such messages any more: {url}",
    "de": "Wenn Sie solche Nachrichten nicht mehr wünschen: {url}",
    "fr": "Si vous ne souhaitez plus recevoir ces messages : {url}",
    "ar": "إذا لم تعودوا ترغبون في مثل هذه الرسائل: {url}",
}
_ATTRIBUTIONS = {
    "en": "On {when}, {name} wrote:",
    "de": "Am {when} schrieb {name}:",
    "fr": "Le {when}, {name} a écrit :",
    "ar": "في {when} كتب {name}:",
}
_NAMELESS = {
    "en": "On {when}, you wrote:",
    "de": "Am {when} schrieben Sie:",
    "fr": "Le {when}, vous avez écrit :",
    "ar": "في {when} كتبتم:",
}
_CORRECTIONS = {
    "en": "Correction of our message of {when}:",
    "de": "Berichtigung unserer Nachricht vom {when}:",
    "fr": "Rectification de notre message du {when} :",
    "ar": "تصحيح لرسالتنا المؤرخة {when}:",
}
_UNDATED = {
    "en": "Correction of our last message:",
    "de": "Berichtigung unserer letzten Nachricht:",
    "fr": "Rectification de notre dernier message :",
    "ar": "تصحيح لرسالتنا الأخيرة:",
}
_TIMES = {
    "en": "{day} {month} {year} at {clock} (UTC)",
    "de": "{day}. {month} {year} um {clock} Uhr (UTC)",
    "fr": "{day} {month} {year} à {clock} (UTC)",
    "ar": "{day} {month} {year} الساعة {clock} (UTC)",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}

_RIGHT_TO_LEFT = frozenset({"ar"})


def tag(language: str) -> str:
    """`language` where it has the form of a tag (RFC 5646), else "en"."""
    return language if _LANGUAGE.fullmatch(language) else "en"


def right_to_left(language: str) -> bool:
    """Whether our own words in that language run from right to left."""
    return tag(language).split("-")[0].lower() in _RIGHT_TO_LEFT


def spoken(phrases: Mapping[str, str], language: str) -> str:
    """The phrase of `language`, or the English one."""
    return phrases.get(tag(language).split("-")[0].lower(), phrases["en"])


def keep_reference(language: str, reference: str) -> str:
    """What the reference is, and that it should stay in the subject."""
    return spoken(_REFERENCES, language).format(reference=reference)


def leave(language: str, url: str) -> str:
    """Where such mails are ended."""
    return spoken(_LEAVINGS, language).format(url=url)


def attribution(language: str, name: str, when: float) -> str:
    """The line above a quote: who wrote it, and when.  Without a name it was the reader."""
    phrase = spoken(_ATTRIBUTIONS if name else _NAMELESS, language)
    return phrase.format(when=moment(language, when), name=name)


def correction(language: str, when: float | None) -> str:
    """The first line of a correction; `when` is that of the message it corrects."""
    if when is None:
        return spoken(_UNDATED, language)
    return spoken(_CORRECTIONS, language).format(when=moment(language, when))


def moment(language: str, when: float) -> str:
    """Day and minute in words, such as "14 March 2027 at 15:04 (UTC)"."""
    at = datetime.fromtimestamp(int(when), UTC)
    month = spoken(_MONTHS, language).split()[at.month - 1]
    first = spoken({"en": "1", "fr": "1er"}, language)
    day = first if at.day == 1 else str(at.day)
    return spoken(_TIMES, language).format(day=day, month=month, year=at.year, clock=f"{at:%H:%M}")
