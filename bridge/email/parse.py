"""Octets of one mail to a `Mail`: pure, total but for `Over`, and bounded once `caps` has passed.

    caps.broken ─> head ─> body.content ─┬─ text.take_apart
                                         ├─ kinds, calendar ──> Mail
                                         └─ bounce.classify

What cannot be read as it was sent is kept and named in `warnings`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import mktime_tz, parsedate_tz

from bridge.email import addresses, kinds
from bridge.email.automatic import concerns
from bridge.email.body import MAX_TEXT, Content, File, content
from bridge.email.bounce import classify
from bridge.email.calendar import describe
from bridge.email.caps import LIMITS, Head, Limits, head
from bridge.email.encoded import header_text, raw_text
from bridge.email.html import MAX_HTML
from bridge.email.mail import Mail
from bridge.email.text import MARKERS, Words, take_apart
from bridge.html import room_html

MAX_HTML_BYTES = 60_000
"""Of the cleaned HTML: more does not fit into an event, and then the text speaks."""

_FIELDS = 200
_CALENDARS = 3  # that are read; all are files
_INVITATIONS = 20
_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,250}>")
_BARE_ID = re.compile(r"[^<>\s\x00-\x1f\x7f,;]{1,200}@[^<>\s\x00-\x1f\x7f,;]{1,200}")
_KEPT = ("x-spam", "x-rspamd", "list-")
_KEPT_WHOLE = frozenset({"reply-to", "auto-submitted", "thread-index", "authentication-results"})


def read(raw: bytes, ours: Sequence[str] = (), limits: Limits = LIMITS) -> Mail:
    """The mail in `raw`.  Call `caps.broken` first; raises `caps.Over` beyond the exact limits.

    `ours` are our own domains or addresses, for the recognition of our quoted mails.
    """
    top = head(raw, limit=limits.header_bytes)
    body = content(raw, top, limits)
    in_reply_to = next(iter(_ids(top.all("in-reply-to"))), None)
    references = _ids(top.all("references"))[-50:]
    apart = _apart(body, bool(in_reply_to or references), ours)
    from_address, from_name = addresses.sender(top.all("from"))
    return Mail(
        from_address=from_address,
        from_name=from_name,
        subject=header_text(top.first("subject"), 500),
        text=body.text,
        words=apart.words,
        folded=apart.folded,
        html=_html(body),
        attachments=tuple(file.attachment for file in body.files),
        inline=tuple(file.content_id if n < body.shown else "" for n, file in enumerate(body.files)),
        message_id=next(iter(_ids(top.all("message-id"))), None),
        in_reply_to=in_reply_to,
        references=tuple(references),
        to=addresses.loosely(top.all("to")),
        cc=addresses.loosely(top.all("cc")),
        delivered_to=addresses.loosely(top.all("delivered-to") + top.all("x-original-to")),
        date=_date(raw_text(top.first("date"))),
        auto=_auto(top),
        fields=_fields(top),
        kinds=_kinds(body),
        invitations=_invitations(body),
        bounces=tuple(classify(raw)),
        warnings=(*body.warnings, *(("sender",) if from_address is None else ())),
    )


def _apart(body: Content, answers: bool, ours: Sequence[str]) -> Words:
    """The author's words; but what somebody quotes in a mail that answers nothing is their point."""
    found = take_apart(body.text, body.html[:MAX_HTML], ours)
    if answers or any(marker.strip("= ") in body.text for marker in MARKERS.values()):
        return found
    whole = len(body.text.split()) <= len(found.words.split()) + len(found.folded.split())
    return found if whole else Words(body.text, "")


def _html(body: Content) -> str | None:
    """The HTML as a room may hold it; None where the text was cut, or the event would be too large."""
    if not body.html or len(body.html) > 2 * MAX_TEXT:
        return None
    cleaned = room_html(body.html)
    return cleaned if cleaned and len(cleaned.encode()) <= MAX_HTML_BYTES else None


def _kind(file: File) -> str | None:
    return kinds.named(file.declared, file.attachment.name, dict(file.params))


def _kinds(body: Content) -> tuple[str, ...]:
    found = [*map(_kind, body.files), kinds.named_text(body.text)]
    return tuple(dict.fromkeys(kind for kind in found if kind))


def _invitations(body: Content) -> tuple[str, ...]:
    """A line an event; the same event often comes twice, in the text and as a file."""
    calendars = [file.attachment.data for file in body.files if _kind(file) == "calendar"]
    lines = [line for data in calendars[:_CALENDARS] for line in describe(data)]
    return tuple(dict.fromkeys(lines))[:_INVITATIONS]


def _auto(top: Head) -> tuple[tuple[str, str], ...]:
    found = [(name, header_text(value, 200)) for name, value in top.fields if concerns(name)]
    kind = header_text(top.first("content-type"), 200).lower()
    if kind.startswith("multipart/report"):
        found.append(("content-type", kind))
    return tuple(found[:50])


def _fields(top: Head) -> tuple[tuple[str, str], ...]:
    found = [(n, v) for n, v in top.fields if n.startswith(_KEPT) or n in _KEPT_WHOLE]
    return tuple((name, header_text(value, 2_000)) for name, value in found[:_FIELDS])


def _ids(values: list[bytes]) -> list[str]:
    """Message IDs in order without repeats; a lone ID without brackets is given them."""
    text = " ".join(raw_text(value) for value in values)
    found = _ID.findall(text) or [f"<{bare}>" for bare in _BARE_ID.findall(text)[:1]]
    return list(dict.fromkeys(found))


def _date(value: str) -> int | None:
    try:
        parsed = parsedate_tz(value[:200])
        return None if parsed is None else int(mktime_tz(parsed))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
