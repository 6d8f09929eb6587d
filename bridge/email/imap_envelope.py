"""The envelope of a mail that lies in a mailbox: what its delivery left in the header.

SMTP's own words are gone, so this is what is likely, not what is proved: enough to find the
mailbox a citizen wrote to, and never who a citizen is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.email import caps
from bridge.email.addresses import loosely, sender

MOST = 100
"""Recipients of ours that one mail may have, as in one SMTP transaction."""

_PIECE = 1024 * 1024
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_NAMED = ("to", "cc")
_FOR = re.compile(rb"\bfor\s+<([^<>\s]{3,320})>", re.IGNORECASE)
_PATH = re.compile(rb"\s*<([^<>\s]*)>\s*")


@dataclass(frozen=True, slots=True)
class Letter:
    """A stored mail with CRLF at the end of every line, and its envelope."""

    raw: bytes = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)
    mail_from: str = field(repr=False)


def opened(raw: bytes) -> Letter:
    """The letter that `raw`, as a mailbox holds it, makes."""
    raw = whole_lines(raw)
    top = caps.head(raw)
    return Letter(raw, addresses(top), mail_from(top))


def addresses(top: caps.Head) -> tuple[str, ...]:
    """The addresses, in lower case, that it was delivered to, then those that it names.

    All of them: a provider that keeps one copy for several of our addresses marks it with one,
    and where it keeps a copy for each, the second is a duplicate by its key.
    """
    hop = _FOR.search(top.first("received"))  # the topmost hop is the one that delivered
    values = [value for name in _DELIVERED for value in top.all(name)]
    values += [hop[1]] if hop else []
    values += [value for name in _NAMED for value in top.all(name)]
    return loosely(values, caps.LIMITS.addresses)


def mail_from(top: caps.Head) -> str:
    """The return path, "" for the null one (RFC 5321 section 4.4).

    Where the delivery wrote none, the author stands in: its absence is no null return path.
    """
    paths = top.all("return-path")
    if not paths:
        return sender(top.all("from"))[0] or ""
    match = _PATH.fullmatch(paths[0])
    found = match[1] if match else paths[0].strip()
    return found.decode("utf-8", "replace")


def whole_lines(raw: bytes) -> bytes:
    """`raw` with CRLF at the end of every line.

    SMTP refuses a bare CR or LF; here it was accepted by others long ago, and behind an edge
    nothing is to read a line where something else reads none.
    """
    if not any(caps.bare_line_ends(piece) for piece in _pieces(raw)):
        return raw
    unix = (piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for piece in _pieces(raw))
    return b"".join(piece.replace(b"\n", b"\r\n") for piece in unix)


def _pieces(raw: bytes) -> Iterator[bytes]:
    """`raw` in pieces, no CRLF torn apart, so that a thread that works on it lets others in between."""
    start = 0
    while start < len(raw):
        end = start + _PIECE
        end += raw[end - 1 : end + 1] == b"\r\n"
        yield raw[start:end]
        start = end
