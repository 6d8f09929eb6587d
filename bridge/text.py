"""Plain text made safe and short enough: pure helpers for the heart and the channels.

Nothing here knows where a text comes from.  Sizes are bytes of UTF-8, because that is what
Matrix and mail limit.
"""

from __future__ import annotations

import unicodedata

PART_BYTES = 12_000
"""A text of this size fits into one encrypted event, with its HTML twin in the usual case."""

_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]  # UAX #9: embeddings, overrides, isolates
_CONTROL = [c for c in [*range(0x20), *range(0x7F, 0xA0)] if c not in (0x09, 0x0A)]
_DROPPED = dict.fromkeys([*_BIDI, *_CONTROL]) | {0x2028: "\n", 0x2029: "\n", 0x85: "\n"}

# Characters that print nothing although Unicode does not call them format or space.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BLANK |= frozenset(chr(c) for c in range(0xFE00, 0xFE10))


def clean_text(text: str) -> str:
    """`text` with LF line ends, without control characters, bidi overrides and lone surrogates."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)
    return lines.encode("utf-8", "replace").decode("utf-8")


def clean_line(text: str, limit: int = 255) -> str:
    """`text` on one line, trimmed, of at most `limit` bytes."""
    return clip(" ".join(clean_text(text).split()), limit)


def clip(text: str, limit: int) -> str:
    """`text`, cut with an ellipsis where it is longer than `limit` bytes."""
    data = text.encode()
    if len(data) <= limit:
        return text
    dots = "…"
    return data[: max(0, limit - len(dots.encode()))].decode("utf-8", "ignore").rstrip() + dots


def trimmed(text: str, also: str = "") -> str:
    """`text` without the white space, the invisible characters and those of `also` it begins with."""
    for at, c in enumerate(text):
        if not _invisible(c) and c not in also:
            return text[at:]
    return ""


def begins_inside(text: str) -> bool:
    """Whether `text` begins with `!`, `！` or `/`, once what is invisible is trimmed."""
    return trimmed(text).startswith(("!", "！", "/"))


def split(text: str, limit: int = PART_BYTES) -> list[str]:
    """`text` in parts of at most `limit` bytes, cut at paragraphs, else lines, words, characters.

    Only white space at the seams is lost.  An empty text is no part.
    """
    parts: list[str] = []
    rest = text.strip("\n")
    while len(rest.encode()) > limit:
        head = rest.encode()[:limit].decode("utf-8", "ignore")
        # A cut in the first half would make many small parts: then the next finer seam.
        at = next((p for p in (head.rfind(s) for s in ("\n\n", "\n", " ")) if p > len(head) // 2), len(head))
        parts.append(head[:at].rstrip())
        rest = rest[at:].lstrip("\n") if at < len(head) else rest[at:]
        rest = rest.removeprefix(" ")
    parts.append(rest)
    return [p for p in parts if p.strip()]


def _invisible(c: str) -> bool:
    return c.isspace() or c in _BLANK or unicodedata.category(c) in ("Cf", "Cc")
