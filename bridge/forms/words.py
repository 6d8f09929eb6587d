"""The pages' own words, complete in every language they are offered in.

Errors are specific and say what to do; they hold no "invalid", "please" or "sorry".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.forms.words_de import GERMAN
from bridge.forms.words_en import ENGLISH
from bridge.forms.words_fr import FRENCH

TABLES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
FALLBACK = "en"

_THOUSANDS = {"en": ",", "de": ".", "fr": "\u202f"}
_RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one `language`; calling it gives a text with its values filled in."""

    language: str

    def __call__(self, key: str, **values: str | int) -> str:
        filled = {k: self.number(v) if isinstance(v, int) else v for k, v in values.items()}
        return TABLES[self.language][key].format(**filled)

    def count(self, key: str, number: int, **values: str | int) -> str:
        """`key.one` or `key.many`, with `number` filled in."""
        return self(f"{key}.one" if number == 1 else f"{key}.many", number=number, **values)

    def number(self, number: int) -> str:
        return f"{number:,}".replace(",", _THOUSANDS[self.language])

    def listed(self, items: Sequence[str]) -> str:
        """“a, b or c”."""
        *first, last = items
        return f"{', '.join(first)} {self('or')} {last}" if first else last

    def date(self, day: int, month: int, year: int) -> str:
        return self("date.shown", day=str(day), month=self(f"month.{month}"), year=str(year))

    @property
    def direction(self) -> str:
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"


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
