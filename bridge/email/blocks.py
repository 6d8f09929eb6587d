"""Old mails that are not quoted: "-----Original Message-----" and blocks of From, Sent, To, Subject.

A block has its sender, its date and one more header line; the names of the lines are those of
`phrases.LABELS`.  A divider says in words that an old mail follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.email.phrases import FORWARDED, LABELS, ORIGINAL

MOST = 500

REACH = 14
"""Lines of a block at most, wrapped and empty ones included."""

_KINDS = {name.casefold(): kind for kind, names in LABELS.items() for name in names.split("|")}
_LABEL = re.compile(r"[\s*_|]{0,6}([^\W\d][^:：*_\n]{0,24})[*_]{0,2}[ \t\xa0\u202f]{0,3}[:：]")
_ORIGINAL = frozenset(ORIGINAL.casefold().split("|"))
_FORWARDED = frozenset(FORWARDED.casefold().split("|"))
_AROUND = "-_=*–— \t\xa0:"
_REAL = re.compile(r"\d|@")  # a date or an address; words alone may be a letter's own lines


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `start` to `end` (after the last) announce an old mail."""

    start: int
    end: int


def blocks(lines: Sequence[str], quoted: Sequence[bool]) -> Iterator[Block]:
    """The unquoted announcements in `lines`, from the top; at most `MOST`."""
    kinds = [_kind(line) if line and not hidden else "" for line, hidden in zip(lines, quoted, strict=True)]
    index = count = 0
    while index < len(lines) and count < MOST:
        found = None if quoted[index] or not lines[index] else _announced(lines, kinds, index)
        if found is None:
            index += 1
        else:
            yield found
            count += 1
            index = found.end


def first(lines: Sequence[str]) -> Block | None:
    """The announcement in the first or second of a few `lines`."""
    kinds = [_kind(line) for line in lines]
    return next((found for i in range(min(2, len(lines))) if (found := _announced(lines, kinds, i))), None)


def _announced(lines: Sequence[str], kinds: Sequence[str], index: int) -> Block | None:
    """The divider, block, or both that begin in line `index`."""
    if kinds[index]:
        end = _headers(lines, kinds, index, 3)
        return Block(index, end) if end else None
    line = lines[index]
    divider = _divider(line)
    if not divider and not is_rule(line):
        return None
    below = next((i for i in range(index + 1, min(index + 4, len(lines))) if lines[i].strip()), index)
    end = _headers(lines, kinds, below, 2 if divider else 3) if kinds[below] else 0
    if end or divider:
        return Block(index, end or index + 1)
    return None


def is_rule(line: str) -> bool:
    """Whether `line` is drawn: five or more dashes, underscores, stars or the like."""
    bare = line.strip(" \t\xa0")
    return len(bare) >= 5 and not bare.strip("-_=*~#+─━–—")


def _divider(line: str) -> bool:
    if not 6 < len(line) < 200:
        return False
    bare = line.strip()
    words = " ".join(bare.strip(_AROUND).casefold().split())
    if words in _FORWARDED:
        return bare.endswith((":", "：")) or bare[0] in "-_=*"
    return words in _ORIGINAL and bare.strip("*")[:2] in ("--", "__", "==", "—-", "––")


def _headers(lines: Sequence[str], kinds: Sequence[str], index: int, enough: int) -> int:
    """The line after the header lines that begin at `index`, or 0 when fewer kinds than `enough`."""
    seen: set[str] = set()
    end, strangers = index, 0
    for at in range(index, min(index + REACH, len(lines))):
        if kinds[at] == "from" in seen:
            break  # another mail
        if kinds[at]:
            seen.add(kinds[at])
            end, strangers = at + 1, 0
        else:
            strangers += 1  # a wrapped value, or an empty line between header lines
            if strangers > 1:
                break
    real = any(_REAL.search(line[:500]) for line in lines[index:end])
    return end if real and len(seen) >= enough and {"from", "date"} <= seen else 0


def _kind(line: str) -> str:
    if len(line) > 2_000 or not (":" in line or "：" in line):
        return ""
    found = _LABEL.match(line)
    if found is None:
        return ""
    return _KINDS.get(" ".join(found[1].split()).casefold(), "")
