"""Whether a mail says that another mail did not arrive, or that somebody complained of it.

    caps ─> mime.walk ─┬─ message/feedback-report ─> complaint
                       ├─ message/delivery-status ─> failed, delayed, or nothing
                       └─ neither, but a mail server wrote it ─> its words (flufl.bounce, then ours)

A report proves nothing: anybody can write one.  It counts only with a reply token or one of our
Message-IDs, which the caller looks at.  What stands inside a returned mail is never read but for
its Message-ID, so a bounce of a bounce is read once, and a bounce that a citizen forwards is
that citizen's mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bridge.email.caps import LIMITS, Head, Over, broken, head
from bridge.email.encoded import header_text
from bridge.email.mime import Leaf, walk
from bridge.email.notice import by_machine, notice
from bridge.email.reason import Reason
from bridge.email.reports import MAX_BYTES, Said, address, complaint, delivery_status, message_id

_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_FEEDBACK = "message/feedback-report"
_RETURNED = frozenset(
    {
        "message/rfc822",
        "message/global",
        "message/global-headers",
        "message/rfc822-headers",
        "text/rfc822-headers",
    }
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of a mail for one recipient.

    `recipient` is an address, its domain in lower case; "" only in a complaint whose sender
    blacked it out.  `permanent` says that a repeat would fail as well; never so for what is
    delayed or a complaint.  `status` is the enhanced code (RFC 3463), "" when unknown; `reason` a
    key.  `original_id` is the Message-ID of the mail in question, with its angle brackets: from its
    returned headers, else from what the report says it is about, as Gmail and Exchange do.
    """

    recipient: str = field(repr=False)
    kind: Literal["failed", "delayed", "complaint"]
    permanent: bool
    status: str
    reason: Reason
    original_id: str | None


def classify(raw: bytes) -> list[Bounce]:
    """One `Bounce` per recipient; empty for any other mail, for a delivery that went well and for
    what breaks a limit of `caps`.  Total, and linear in the size of `raw`.
    """
    if broken(raw) is not None:
        return []
    top = head(raw)
    kind = header_text(top.first("content-type"), 200).partition(";")[0].strip().lower()
    machine = by_machine(top)
    if kind != "multipart/report" and not machine:
        return []
    try:
        leaves = list(walk(raw, top))
    except Over:
        return []
    feedback = next((leaf for leaf in leaves if leaf.type == _FEEDBACK), None)
    if feedback and kind == "multipart/report":
        return _complaints(raw, feedback, leaves)
    said, named = _said(raw, top, leaves, kind, machine=machine)
    original = _id_of(_returned(raw, leaves)) or named or message_id(top.all("in-reply-to"))
    return [_bounce(one, original) for one in said]


def _said(
    raw: bytes, top: Head, leaves: Sequence[Leaf], kind: str, *, machine: bool
) -> tuple[Sequence[Said], str | None]:
    """What the fields say, else the words of a mail server, and the Message-ID they name."""
    status = next((leaf for leaf in leaves if leaf.type in _STATUS), None)
    if status:
        told = delivery_status(_content(raw, status))
        if told.spoke:
            return told.said, told.original_id
    if not machine:
        return (), None
    words = notice(raw, top, leaves, multipart=kind if kind.startswith("multipart/") else "")
    return words.said, words.original_id


def _bounce(said: Said, original: str | None) -> Bounce:
    cause, failed = said.cause, said.kind == "failed"
    return Bounce(said.recipient, said.kind, failed and cause.permanent, cause.status, cause.reason, original)


def _complaints(raw: bytes, feedback: Leaf, leaves: Sequence[Leaf]) -> list[Bounce]:
    """Without a recipient that the report or the returned To names, the ID must say which mail it was."""
    named = complaint(_content(raw, feedback))
    if named is None:
        return []
    returned = _returned(raw, leaves)
    original = _id_of(returned)
    if not named and returned:
        only = address(returned.first("to"))
        named = (only,) if only else ("",) if original else ()
    return [Bounce(one, "complaint", False, "", "spam", original) for one in named]


def _id_of(returned: Head | None) -> str | None:
    return message_id(returned.all("message-id")) if returned else None


def _returned(raw: bytes, leaves: Sequence[Leaf]) -> Head | None:
    leaf = next((leaf for leaf in leaves if leaf.type in _RETURNED), None)
    return None if leaf is None else head(_content(raw, leaf), limit=LIMITS.header_bytes)


def _content(raw: bytes, leaf: Leaf) -> bytes:
    """The first `MAX_BYTES` of a part, its transfer encoding undone."""
    return replace(leaf, end=min(leaf.end, leaf.start + MAX_BYTES)).content(raw)
