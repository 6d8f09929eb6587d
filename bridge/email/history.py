"""Where an old mail that is not quoted begins, if one runs to the end of the mail: pure, linear.

A block of header lines, a divider ("-----Original Message-----"), an attribution above plain text, or
the mark of an HTML mail announces it.  It counts when the author wrote above it and does not point
down to it ("see my answers in red"); and, where our own names are known, when it is a mail of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.email.blocks import blocks
from bridge.email.lines import CITED, HISTORY, Mail, next_filled
from bridge.email.phrases import BELOW, BELOW_CJK

_BELOW = re.compile(rf"(?<!\w)(?:{'|'.join(BELOW)})|{BELOW_CJK}")
_LOOKED_FOR_BELOW = 20_000  # characters of the author's words above
_HEAD_LINES = 10


def history(mail: Mail) -> int:
    """The line where the first certain one begins; the number of lines when there is none."""
    end = len(mail.lines)
    first_own = mail.own.index(True) if True in mail.own else end
    for start, head_end in sorted(_announcements(mail)):
        if start > first_own and (not mail.ours or _is_ours(mail, start, head_end)):
            return end if _points_below(mail, start) else start
    return end


def _announcements(mail: Mail) -> Iterator[tuple[int, int]]:
    """(first line, line after the head) of whatever may begin an old mail."""
    for block in blocks(mail.bare, mail.quoted):
        yield block.start, block.end
    for index, line in enumerate(mail.bare):
        if line and line.strip() == HISTORY:
            yield index, index + _HEAD_LINES
    yield from _attributions(mail)


def _attributions(mail: Mail) -> Iterator[tuple[int, int]]:
    """Those above plain text; with plain text below a later quote an answer may be among it."""
    last_quote = max((i for i, quoted in enumerate(mail.quoted) if quoted), default=-1)
    answered = True in mail.own[last_quote + 1 :]
    for first, last in mail.spans:
        below = next_filled(mail.bare, last)
        plain = below < len(mail.bare) and not mail.quoted[below] and mail.bare[below].strip() != CITED
        if plain and (last_quote < first or not answered):
            yield first, last


def _is_ours(mail: Mail, start: int, head_end: int) -> bool:
    head = "\n".join(line[:1_000] for line in mail.bare[start:head_end])
    return start <= mail.marker or mail.names_us(head)


def _points_below(mail: Mail, start: int) -> bool:
    """Whether the author says that the answers stand further down."""
    own = " ".join(line.strip() for line, is_own in zip(mail.bare[:start], mail.own, strict=False) if is_own)
    return _BELOW.search(own[-_LOOKED_FOR_BELOW:].lower()) is not None
