"""Months as people type them: by number, or by name in any language of the pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from babel import Locale

from bridge.forms.said import ascii_digits

_LOCALES = ("en", "de", "de_AT", "fr", "ar", "ar_LB", "ar_MA", "ar_DZ")
"""With those that have names of their own for months of a language of the pages."""
_SHORTEST = 3
"""Letters of a name's beginning that are enough, when only one month begins like that."""


def month_number(written: str) -> str:
    """`written` as a number in ASCII digits where it is the name of a month, else as it is."""
    name = _folded(written)
    found = {number for known, number in _names().items() if known == name}
    if not found and len(name) >= _SHORTEST:
        found = {number for known, number in _names().items() if known.startswith(name)}
    return str(found.pop()) if len(found) == 1 else ascii_digits(written)


@cache
def _names() -> Mapping[str, int]:
    names: dict[str, int] = {}
    for code in _LOCALES:
        months = Locale.parse(code).months
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names |= {_folded(name): number for number, name in months[use][width].items()}
    return names


def _folded(name: str) -> str:
    """Without case, marks and the point of an abbreviation: "Févr." and "fevr" are the same."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if unicodedata.category(c) != "Mn").strip(" .")
