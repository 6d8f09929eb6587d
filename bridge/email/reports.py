"""The parts of a report that machines read: delivery status and feedback (RFC 3464, 6533, 5965).

Both are blocks of header fields with an empty line between them.  Only what names a recipient
and what became of the mail is believed; the rest of a block may be missing or junk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bridge.email.addresses import valid
from bridge.email.caps import Head, head
from bridge.email.encoded import header_text, raw_text
from bridge.email.reason import MAX_SAID, Cause, cause

MAX_BYTES = 256 * 1024
"""Octets of such a part that are read."""

MAX_RECIPIENTS = 100

_ACTIONS: dict[str, Literal["failed", "delayed"]] = {
    "failed": "failed",
    "failure": "failed",
    "error": "failed",  # OpenSMTPD
    "delayed": "delayed",
}
_WORD = re.compile(r"\s*([a-z]+)", re.IGNORECASE)
_TYPED = re.compile(r"\s*([a-z0-9-]{1,40})\s*;", re.IGNORECASE)
_EMBEDDED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_COMMENT = re.compile(r"\s\([^()]*\)\s*$")
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,250}>")
_COMPLAINTS = frozenset({"abuse", "fraud", "virus", "other", "opt-out", "opt-out-list"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a server says about one recipient."""

    recipient: str = field(repr=False)
    kind: Literal["failed", "delayed"]
    cause: Cause


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """A delivery-status part: who failed or waits, and the original's ID where Gmail names it.

    `spoke` is True when any block named a recipient or an action, so that the part is an answer
    even when nobody failed.
    """

    said: tuple[Said, ...]
    spoke: bool
    original_id: str | None


def delivery_status(data: bytes) -> DeliveryStatus:
    """The fields of a delivery-status part, at most `MAX_RECIPIENTS` recipients.

    Delivered, relayed and expanded say nothing (RFC 3464 section 2.3.3).  Several blocks for one
    recipient are one: failed wins over delayed.
    """
    found: dict[str, Said] = {}
    spoke, original = False, None
    for block in _blocks(data[:MAX_BYTES]):
        original = original or message_id(block.all("x-original-message-id"))
        spoke = spoke or any(
            block.first(name) for name in ("action", "final-recipient", "original-recipient")
        )
        said = _said(block)
        if said and (said.recipient not in found or found[said.recipient].kind == "delayed"):
            found[said.recipient] = said
        if len(found) >= MAX_RECIPIENTS:
            break
    return DeliveryStatus(tuple(found.values()), spoke, original)


def _said(block: Head) -> Said | None:
    word = _WORD.match(raw_text(block.first("action")[:100]))
    kind = _ACTIONS.get(word[1].lower()) if word else None
    recipient = address(block.first("original-recipient")) or address(block.first("final-recipient"))
    if kind is None or not recipient:
        return None
    status = raw_text(block.first("status")[:200])
    diagnostic = header_text(block.first("diagnostic-code")[: 2 * MAX_SAID], MAX_SAID)
    return Said(recipient, kind, cause(status, diagnostic or status))


def address(value: bytes) -> str:
    """The address of a recipient field, its domain in lower case; "" when it has none.

    With or without a type and angle brackets; the types are rfc822 and utf-8, whose characters
    may be written as `\\x{E9}` (RFC 6533 section 3).  An X.400 address is none.
    """
    text = raw_text(value[:1_000])
    typed = _TYPED.match(text)
    kind = typed[1].lower() if typed else "rfc822"
    text = _COMMENT.sub("", text[typed.end() if typed else 0 :]).strip().removeprefix("<").removesuffix(">")
    if kind == "utf-8":
        text = _EMBEDDED.sub(_character, text)
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}" if kind in ("rfc822", "utf-8") and valid(text) else ""


def _character(match: re.Match[str]) -> str:
    point = int(match[1], 16)
    return chr(point) if point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF else "\x00"


def complaint(data: bytes) -> tuple[str, ...] | None:
    """The recipients a feedback report names; None when it is no complaint of a person.

    That something is *not* spam, and that an authentication failed (RFC 6591), is none.  Many
    providers black the recipients out, so there may be none of them (RFC 5965 section 3.2).
    """
    block = next(_blocks(data[:MAX_BYTES]), None)
    if block is None:
        return None
    kind = raw_text(block.first("feedback-type")[:100]).partition("(")[0].strip().lower()
    if kind not in _COMPLAINTS:
        return None
    named = [address(value) for value in block.all("original-rcpt-to")[:MAX_RECIPIENTS]]
    return tuple(dict.fromkeys(one for one in named if one))


def message_id(values: list[bytes]) -> str | None:
    """The first Message-ID, with its angle brackets, in the values of a field."""
    for value in values:
        match = _MESSAGE_ID.search(raw_text(value[:4_000]))
        if match:
            return match[0]
    return None


def _blocks(data: bytes) -> Iterator[Head]:
    """The blocks of fields; a line that is no field ends one and is skipped."""
    position = 0
    while position < len(data):
        block = head(data, position, limit=len(data))
        if block.fields:
            yield block
        if block.body > position:
            position = block.body
            continue
        newline = data.find(b"\n", position)
        position = len(data) if newline < 0 else newline + 1
