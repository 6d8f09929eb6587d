"""Case references that people can read out: `PARK-7F3K-9Q`.

A prefix of at most four letters from the consultation's slug, then six symbols of Crockford's
base 32 (no I, L, O, U): 2³⁰ per prefix.  A reference is an address, not a secret: nothing is
ever opened to somebody because they know one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_DASH = "[-\u2010\u2011\u2012\u2013]"
_PATTERN = re.compile(
    rf"(?<![0-9A-Za-z])([A-Z]{{1,4}}){_DASH}([0-9A-Z]{{4}}){_DASH}([0-9A-Z]{{2}})(?![0-9A-Za-z])",
    re.IGNORECASE | re.ASCII,
)


def prefix(slug: str) -> str:
    """The first segment's ASCII letters, at most four, in upper case; else the slug's; else CASE."""
    for part in (slug.split("-", 1)[0], slug):
        letters = "".join(c for c in part if c.isascii() and c.isalpha())
        if letters:
            return letters[:4].upper()
    return "CASE"


def new(slug: str, random: Callable[[int], bytes]) -> str:
    """A reference for `slug`; `random(n)` gives n bytes."""
    number = int.from_bytes(random(4), "big")
    code = "".join(ALPHABET[number >> shift & 31] for shift in range(0, 30, 5))
    return f"{prefix(slug)}-{code[:4]}-{code[4:]}"


def parse(text: str) -> list[str]:
    """What looks like a reference in `text`, in canonical spelling, in order, without repeats.

    Reads lower case, O for 0, I and L for 1, and other dashes, as people type them.
    """
    found = []
    for match in _PATTERN.finditer(text):
        first, code = match[1].upper(), (match[2] + match[3]).upper().translate(_LIKE)
        if "U" not in code:
            found.append(f"{first}-{code[:4]}-{code[4:]}")
    return list(dict.fromkeys(found))
