"""Numbers as people type them: with a comma or a point, blanks between thousands, a unit behind.

Which of comma and point parts the decimals is seen from the number itself wherever that is possible;
only `1,234` and `1.234` are read by the rules of the page's language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal

from babel.numbers import get_group_symbol

from bridge.forms.said import ascii_digits, clean, decimal
from bridge.forms.words import locale

_LONGEST = 40  # characters that may still be a number with its unit
_DIGITS = 20
_SIGNS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "-": "-", "٫": ".", "٬": "'", "’": "'"})
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?P<by>[ '.,])\d{3}(?:(?P=by)\d{3})*(?:(?!(?P=by))[.,]\d+)?")
_PLAIN = re.compile(r"-?\d+(?:[.,]\d+)?")
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")


def read_number(written: str, units: Collection[str], language: str) -> Decimal | None:
    """The number that was written, or None.  `units` are what may stand beside it."""
    text = _without_units(clean(ascii_digits(written)), units).translate(_SIGNS)
    text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text).strip().removeprefix("+")
    text = text.replace("- ", "-", 1) if text.startswith("- ") else text
    if len(text) > _LONGEST or sum(c.isdigit() for c in text) > _DIGITS:
        return None
    grouped = _GROUPED.fullmatch(text)
    if grouped and not (_AMBIGUOUS.fullmatch(text) and grouped["by"] != _group(language)):
        text = text.replace(grouped["by"], "")
    elif not _PLAIN.fullmatch(text):
        return None
    return decimal(text.replace(",", "."))


def kept_number(number: Decimal) -> str:
    """`number` as `read_number` reads it in every language: with a point, and never with exactly three
    decimals, which could be thousands."""
    text = f"{number.normalize():f}"
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _group(language: str) -> str:
    return str(get_group_symbol(locale(language)))


def _without_units(text: str, units: Collection[str]) -> str:
    folded = text.casefold()
    for unit in sorted({clean(u).casefold() for u in units if u.strip()}, key=len, reverse=True):
        if folded.endswith(unit):
            return folded.removesuffix(unit).strip()
        if folded.startswith(unit):
            return folded.removeprefix(unit).strip()
    return text
