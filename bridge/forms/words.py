"""The pages' own words, complete in every language they are offered in.

Errors are specific and say what to do; they hold no "invalid", "please" or "sorry".  What a language
does with numbers, dates, lists and plurals comes from the Unicode CLDR by way of Babel.

    words("check.title")                          a text
    words("error.long", label=…, number=5000)   with values: numbers are written as people write them
    words.count("files.hint", 3, mb=10)         `files.hint.one`, `.two`, `.few`, … as the language needs

**Direction.**  A name, a file name or a reference may be written the other way round than the sentence
around it, and would then tear it apart.  `Words` isolates such values by U+2068 and U+2069
(UAX #9, 2.4.2) whenever it fills one in; whoever shows such a text by itself marks its element.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format, get_timezone
from babel.lists import format_list
from babel.numbers import format_decimal

from bridge.forms import (
    words_ar,
    words_case_ar,
    words_case_de,
    words_case_en,
    words_case_fr,
    words_de,
    words_en,
    words_errors_ar,
    words_errors_de,
    words_errors_en,
    words_errors_fr,
    words_fr,
    words_leaving,
)


def named(language: str) -> str:
    """A language's own name for itself, as it stands in a list of languages."""
    name = Locale.parse(language).get_language_name(language) or language
    return name[:1].upper() + name[1:]


PARTS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "en": (words_en.ENGLISH, words_case_en.ENGLISH, words_errors_en.ENGLISH, words_leaving.LEAVING["en"]),
    "de": (words_de.GERMAN, words_case_de.GERMAN, words_errors_de.GERMAN, words_leaving.LEAVING["de"]),
    "fr": (words_fr.FRENCH, words_case_fr.FRENCH, words_errors_fr.FRENCH, words_leaving.LEAVING["fr"]),
    "ar": (words_ar.ARABIC, words_case_ar.ARABIC, words_errors_ar.ARABIC, words_leaving.LEAVING["ar"]),
}
"""The tables of each language; no key stands in two of them."""

_FRENCH_MARKS = re.compile(" (?=[:;!?»])|(?<=«) ")


def _set(language: str, text: str) -> str:
    """`text` so that a French mark is never parted from its word by the end of a line."""
    return _FRENCH_MARKS.sub("\u00a0", text) if language == "fr" else text


TABLES: Mapping[str, Mapping[str, str]] = {
    language: {key: _set(language, text) for part in parts for key, text in part.items()}
    for language, parts in PARTS.items()
}
"""The texts by language and key."""

FALLBACK = "en"

ISOLATE, END_ISOLATE = "\u2068", "\u2069"

_LOCALES = {"en": "en_GB"}  # days before months
_KILOBYTE, _MEGABYTE = 1024, 1024 * 1024


@cache
def locale(language: str) -> Locale:
    """What the CLDR knows of a language of `TABLES`."""
    return Locale.parse(_LOCALES.get(language, language))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one `language` of `TABLES`; calling it gives a text with its values filled in."""

    language: str

    def __call__(self, key: str, **values: str | int | Decimal) -> str:
        return TABLES[self.language][key].format(**{k: self._filled(v) for k, v in values.items()})

    def count(self, key: str, number: int, **values: str | int | Decimal) -> str:
        """The text of `key` for so many, with `number` filled in."""
        table, category = TABLES[self.language], locale(self.language).plural_form(number)
        form = f"{key}.{category}"
        return self(form if form in table else f"{key}.other", number=number, **values)

    def number(self, number: int | Decimal, *, grouped: bool = True) -> str:
        """With the language's separators (of thousands only when `grouped`), and all decimals there are."""
        return format_decimal(
            number, locale=locale(self.language), decimal_quantization=False, group_separator=grouped
        )

    def size(self, size: int) -> str:
        """So many bytes, in kB or MB (of 1,024 each), as a person would say it."""
        if size < _MEGABYTE:
            return self("size.kilobytes", number=max(1, round(size / _KILOBYTE)))
        return self("size.megabytes", number=round(Decimal(size) / _MEGABYTE, 1).normalize())

    def date(self, day: date) -> str:
        return format_date(day, "long", locale=locale(self.language))

    def moment(self, at: int, timezone: str) -> str:
        """Day and time of day, of `at` in ms since 1970, on the clocks of an IANA `timezone`."""
        there = datetime.fromtimestamp(at // 1000, UTC).astimezone(get_timezone(timezone))
        spoken = locale(self.language)
        time = format_time(there, "short", tzinfo=there.tzinfo, locale=spoken)
        pattern = str(get_datetime_format("long", locale=spoken)).replace("'", "")
        return pattern.replace("{0}", time).replace("{1}", self.date(there.date()))

    def listed(self, items: Sequence[str], *, every: bool = False) -> str:
        """“a, b or c”; with `every`, “a, b and c”."""
        kept = [self.isolated(i) for i in items]
        return format_list(kept, style="standard" if every else "or", locale=locale(self.language))

    def isolated(self, text: str) -> str:
        """`text` for a sentence of this language, kept apart when parts of it run the other way."""
        foreign = ("L", "EN", "AN") if self.direction == "rtl" else ("R", "AL", "AN")
        if any(unicodedata.bidirectional(c) in foreign for c in text):
            return f"{ISOLATE}{text}{END_ISOLATE}"
        return text

    def _filled(self, value: str | int | Decimal) -> str:
        if isinstance(value, str):
            return self.isolated(value)
        number = self.number(value)
        return self.isolated(number) if value < 0 else number  # the sign would go to the other side

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, the page's `dir`."""
        return locale(self.language).text_direction


def offered(form: Sequence[str], consultation: Sequence[str]) -> tuple[str, ...]:
    """The languages a form's pages can be shown in, the default first.

    Those of the form's labels (a form of plain strings is in the consultation's first one) for
    which there are words, in the order of the consultation.
    """
    labels = list(form) or list(consultation[:1])
    order = [x for x in consultation if x in labels] + [x for x in labels if x not in consultation]
    return tuple(x for x in order if x in TABLES) or (FALLBACK,)


def choose(wanted: str | None, accept_language: str, languages: Sequence[str]) -> str:
    """The language to speak: the one asked for, else the best of an Accept-Language header."""
    if wanted in languages and wanted is not None:
        return wanted
    ranked: list[tuple[float, int, str]] = []
    for i, part in enumerate(accept_language.split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") if parameters else "1"
        try:
            rank = float(quality)
        except ValueError:
            continue
        if rank > 0:
            ranked.append((-rank, i, tag.strip().lower().split("-")[0]))
    return next((tag for _, _, tag in sorted(ranked) if tag in languages), languages[0])
