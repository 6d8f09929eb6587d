"""What stands below the author's words without being them: signature, footer, disclaimer.

It is folded away, never dropped, and only from the end: a delimiter "-- ", the foot of a mailing list,
"Sent from my iPhone", a lawyer's paragraph.  A closing ("Kind regards, Ada") stays with the words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.email.blocks import is_rule
from bridge.email.footers import ADDRESSEE, CONFIDENTIAL, ENVIRONMENT, FEET

SIGNATURE_LINES = 25
"""Lines of a signature at most; more of them are a text."""

_LIST_FOOT_LINES = 8
_ROUNDS = 8
_LINKED = re.compile(r"https?://|www\.|[^\s@]@[^\s@]+\.[^\s@]")
_FOOT = re.compile("|".join(FEET))
_CONFIDENTIAL = re.compile(CONFIDENTIAL)
_ADDRESSEE = re.compile(ADDRESSEE)
_ENVIRONMENT = re.compile(ENVIRONMENT)
_AROUND = " \t\xa0*_<>()[]!."
_DRAWN = "-_=*~#+─━–— \u1427"  # the last one is a mark that a tracking program leaves


def fold(bare: Sequence[str]) -> int:
    """How many of the lines `bare` (without invisible marks) are words; the rest is folded away."""
    cut = _without_extras(bare, _without_blank(bare, len(bare)))
    return _without_extras(bare, _without_signature(bare, cut))


def _without_extras(bare: Sequence[str], cut: int) -> int:
    """Without what machines and lawyers added, in any order."""
    for _ in range(_ROUNDS):
        before = cut
        cut = _without_feet(bare, cut)
        cut = _without_disclaimer(bare, cut)
        cut = _without_list_foot(bare, cut)
        if cut == before:
            break
    return cut


def _without_blank(bare: Sequence[str], end: int) -> int:
    while end and (not bare[end - 1] or bare[end - 1].isspace()):
        end -= 1
    return end


def _without_feet(bare: Sequence[str], end: int) -> int:
    """Without "Sent from my phone" and drawn lines; blank ones go with them."""
    while end and (not bare[end - 1].strip() or _is_foot(bare[end - 1])):
        end -= 1
    return end


def _is_foot(line: str) -> bool:
    text = line.strip()
    if len(text) > 240:
        return False
    if not text.strip(_DRAWN):
        return len(text) > 1 or not text.isascii()
    return _FOOT.fullmatch(" ".join(text.strip(_AROUND).lower().split())) is not None


def _without_disclaimer(bare: Sequence[str], end: int) -> int:
    """Without a last paragraph that speaks of confidence *and* of the wrong recipient."""
    start = end
    while start and bare[start - 1].strip() and end - start < 40:
        start -= 1
    text = " ".join(line.strip() for line in bare[start:end])[:6_000].lower()
    legal = len(text) > 100 and _CONFIDENTIAL.search(text) and _ADDRESSEE.search(text)
    return _without_blank(bare, start) if legal or _ENVIRONMENT.search(text[:400]) else end


def _without_list_foot(bare: Sequence[str], end: int) -> int:
    """Without what a mailing list adds: a drawn line, then a few lines with an address."""
    for start in range(end - 1, max(-1, end - 2 - _LIST_FOOT_LINES), -1):
        if is_rule(bare[start]):
            below = bare[start + 1 : end]
            linked = [line for line in below if _LINKED.search(line[:500])]
            return _without_blank(bare, start) if len(linked) >= 2 else end
    return end


def _without_signature(bare: Sequence[str], end: int) -> int:
    """Without what follows "-- " (RFC 3676 section 4.3), or "--" below an empty line."""
    for start in range(end - 1, max(-1, end - 2 - SIGNATURE_LINES), -1):
        line = bare[start]
        if line == "-- " or (line.rstrip() == "--" and (start == 0 or not bare[start - 1].strip())):
            return _without_blank(bare, start)
    return end
