"""Limits that are checked on the raw bytes, before anything parses them.

A mail is hostile until it has passed here.  Everything in this file is one pass over the
header block and a few `bytes.count` over the rest, so its own cost is bounded by the size of
the mail; nothing is decoded, nothing recurses and the `email` package is not needed.  The
numbers are far above what honest mail needs and far below what hurts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Cap(StrEnum):
    """Which limit a mail broke."""

    HEADER_BYTES = "header_bytes"
    HEADER_COUNT = "header_count"
    HEADER_LINE = "header_line"
    ENCODED_WORDS = "encoded_words"
    ADDRESSES = "addresses"
    PARTS = "parts"
    NESTING = "nesting"


class Over(Exception):
    """A limit that only shows while parsing was broken: the mail is salvaged, not parsed."""

    def __init__(self, cap: Cap) -> None:
        super().__init__(cap.value)
        self.cap = cap


@dataclass(frozen=True, slots=True)
class Limits:
    """Octets and counts that one mail may have.

    `parts`, `nesting` and `structure_bytes` are exact in `mime.walk`; the scan here refuses
    what is many times above them by counting what could begin a part.
    """

    header_bytes: int = 256 * 1024
    part_header_bytes: int = 64 * 1024
    structure_bytes: int = 512 * 1024  # of the fields that make the tree, all parts together
    header_count: int = 1_000
    header_line: int = 64 * 1024
    encoded_words: int = 2_000
    addresses: int = 2_000
    comments: int = 50
    parts: int = 1_000
    nesting: int = 30
    dashes: int = 50_000
    boundaries: int = 2_000


LIMITS = Limits()

Field = tuple[str, bytes]
"""A header field: name in lower case, value unfolded (line ends removed) and not decoded."""


@dataclass(frozen=True, slots=True)
class Head:
    """A header block: its fields in order, and where the body begins.

    `whole` is False when no end was found within the limit.  `longest` is the length of the
    longest line, in octets without its line end.
    """

    fields: tuple[Field, ...]
    body: int
    whole: bool
    longest: int

    def all(self, name: str) -> list[bytes]:
        """The values of every field `name` (lower case), in order."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> bytes:
        """The value of the first field `name`, or nothing."""
        return next((value for key, value in self.fields if key == name), b"")


_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*")
_PARAMETER = re.compile(rb"[a-z0-9*_-]{1,40}=", re.IGNORECASE)
_INDENTED = re.compile(
    rb"[ \t]{1,40}(?=(?:From|To|Subject|Date|Received|Return-Path|Message-ID)[ \t]*:)", re.I
)
_ADDRESS_FIELDS = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "bcc", "delivered-to", "x-original-to"}
)


def head(raw: bytes, start: int = 0, end: int | None = None, limit: int = LIMITS.header_bytes) -> Head:
    """The header block of `raw[start:end]`, at most `limit` octets of it.

    It ends at the first empty line, or before the first line that is no field: what follows
    is the body, so that words without headers are words still (RFC 5322 section 2.2).  Two
    frequent faults are no end: white space before the first field of a mail, and a parameter
    whose line was folded without white space.
    """
    end = len(raw) if end is None else end
    last = min(end, start + limit)
    fields: list[tuple[str, list[bytes]]] = []
    if start == 0 and (indented := _INDENTED.match(raw)):
        start = indented.end()
    position, longest, whole = start, 0, True
    while position < end:
        newline = raw.find(b"\n", position, last)
        if newline < 0 and last < end:
            whole = False
            break
        after = end if newline < 0 else newline + 1
        line = raw[position:after].rstrip(b"\r\n")
        match = _FIELD.match(line)
        if not line:
            position = after
            break
        longest = max(longest, len(line))
        if fields and (line[:1] in (b" ", b"\t") or _misfolded(line, fields[-1][1][-1])):
            fields[-1][1].append(line)
        elif match:
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif position > start or not line.startswith(b"From "):  # the first line of an mbox
            break
        position = after
    return Head(tuple((name, b"".join(lines)) for name, lines in fields), position, whole, longest)


def _misfolded(line: bytes, before: bytes) -> bool:
    return before.rstrip().endswith(b";") and _PARAMETER.match(line) is not None


def broken(raw: bytes, limits: Limits = LIMITS) -> Cap | None:
    """The first limit that `raw` breaks; None when it may be parsed."""
    top = head(raw, limit=limits.header_bytes)
    return _broken_head(raw, top, limits) or _broken_body(raw, limits)


def _broken_head(raw: bytes, top: Head, limits: Limits) -> Cap | None:
    if not top.whole:
        return Cap.HEADER_BYTES
    if len(top.fields) > limits.header_count:
        return Cap.HEADER_COUNT
    if top.longest > limits.header_line:
        return Cap.HEADER_LINE
    if raw.count(b"=?", 0, top.body) > limits.encoded_words:
        return Cap.ENCODED_WORDS
    for name, value in top.fields:
        if name in _ADDRESS_FIELDS and (
            value.count(b"@") > limits.addresses
            or value.count(b",") > limits.addresses
            or value.count(b"(") > limits.comments
        ):
            return Cap.ADDRESSES
    return None


def _broken_body(raw: bytes, limits: Limits) -> Cap | None:
    if raw.count(b"\n--") > limits.dashes:
        return Cap.PARTS
    if sum(raw.count(word) for word in (b"oundary=", b"OUNDARY=")) > limits.boundaries:
        return Cap.NESTING
    return None


def bare_line_ends(raw: bytes) -> bool:
    """Whether a CR or LF stands alone.

    Such a mail is refused at SMTP and never normalised: what one server takes for the end of
    a line, a header or a message, another does not (SMTP smuggling, CVE-2023-51764), and RFC
    5321 section 2.3.8 forbids to send it.
    """
    pairs = raw.count(b"\r\n")
    return pairs != raw.count(b"\r") or pairs != raw.count(b"\n")
