"""Octets of one mail to a `Mail`: pure, total but for `Over`, and bounded once `caps` has passed.

    caps.broken ─> head ─> mime.walk ─> blocks of text, attachments ─> Mail

What cannot be read as it was sent is kept and named in `warnings`; nothing is thrown away but
the second form of the same words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from itertools import groupby

from bridge.email import addresses
from bridge.email.automatic import HEADERS as AUTO_HEADERS
from bridge.email.caps import LIMITS, Head, Limits, head
from bridge.email.encoded import decode, header_text, plain, raw_text
from bridge.email.html import MAX_HTML, html_to_text
from bridge.email.mail import Mail
from bridge.email.mime import Leaf, walk
from bridge.email.text import MARKERS, reply_text, unflow
from bridge.model import Attachment
from bridge.names import believed_type, clean_name

MAX_TEXT = 100_000
"""Characters of text that are shown; a longer one is kept whole as a file."""

MAX_ATTACHMENTS = 200

_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,250}>")
_BARE_ID = re.compile(r"[^<>\s\x00-\x1f\x7f,;]{1,200}@[^<>\s\x00-\x1f\x7f,;]{1,200}")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([\w-]{1,40})""", re.IGNORECASE)
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "text/calendar": ".ics",
    "text/vcard": ".vcf",
    "text/plain": ".txt",
    "text/html": ".html",
    "message/rfc822": ".eml",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
}


@dataclass(slots=True)
class _Body:
    """What the walk collects."""

    blocks: list[tuple[str, str]] = field(default_factory=list)  # text and HTML of the same words
    files: list[Attachment] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    warnings: dict[str, None] = field(default_factory=dict)

    def attach(self, name: str, kind: str, data: bytes) -> None:
        fallback = f"attachment-{len(self.files) + 1}{_SUFFIXES.get(kind, '')}"
        cleaned = self._unique(clean_name(name, fallback))
        mime = kind if kind == "message/rfc822" else believed_type(cleaned, kind, data[:4096])
        self.files.append(Attachment(cleaned, mime, data))

    def _unique(self, name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        stem, suffix = (stem, dot + suffix) if stem else (name, "")
        unique, number = name, 2
        while unique.casefold() in self.names:
            mark = f" ({number}){suffix}"
            unique = stem[: 110 - len(mark)] + mark
            number += 1
        self.names.add(unique.casefold())
        return unique


def read(raw: bytes, ours: Sequence[str] = (), limits: Limits = LIMITS) -> Mail:
    """The mail in `raw`.  Call `caps.broken` first; raises `caps.Over` beyond the exact limits.

    `ours` are our own domains or addresses, for the recognition of our quoted mails.
    """
    top = head(raw, limit=limits.header_bytes)
    body = _Body()
    _collect(raw, top, body, limits)
    text, html = _words(body)
    in_reply_to = next(iter(_ids(top.all("in-reply-to"))), None)
    references = _ids(top.all("references"))[-50:]
    from_address, from_name = addresses.sender(top.all("from"))
    if from_address is None:
        body.warnings["sender"] = None
    return Mail(
        from_address=from_address,
        from_name=from_name,
        subject=header_text(top.first("subject"), 500),
        text=text,
        words=_own_words(text, bool(in_reply_to or references), ours),
        html=html,
        attachments=tuple(body.files),
        message_id=next(iter(_ids(top.all("message-id"))), None),
        in_reply_to=in_reply_to,
        references=tuple(references),
        to=addresses.loosely(top.all("to")),
        cc=addresses.loosely(top.all("cc")),
        delivered_to=addresses.loosely(top.all("delivered-to") + top.all("x-original-to")),
        date=_date(raw_text(top.first("date"))),
        auto=_auto(top),
        warnings=tuple(body.warnings),
    )


def _own_words(text: str, answers: bool, ours: Sequence[str]) -> str:
    """Without history; but what somebody quotes in a mail that answers nothing is their point."""
    marked = any(marker.strip("= ") in text for marker in MARKERS.values())
    return reply_text(text, None, ours) if answers or marked else text


def _auto(top: Head) -> tuple[tuple[str, str], ...]:
    found = [(name, header_text(value, 200)) for name, value in top.fields if name in AUTO_HEADERS]
    kind = header_text(top.first("content-type"), 200).lower()
    if kind.startswith("multipart/report"):
        found.append(("content-type", kind))
    return tuple(found[:50])


def _collect(raw: bytes, top: Head, body: _Body, limits: Limits) -> None:
    for _, leaves in groupby(walk(raw, top, limits), key=lambda leaf: leaf.group):
        forms = {"text/plain": "", "text/html": ""}
        for leaf in leaves:
            if leaf.broken:
                body.warnings["mime"] = None
            if leaf.type in forms and not leaf.attached and not (leaf.name and not leaf.alternative):
                _add_form(forms, leaf, raw, body)
            elif not (
                leaf.alternative and leaf.type in ("text/x-amp-html", "text/enriched", "text/watch-html")
            ):
                _add_file(leaf, raw, body)
        if any(form.strip() for form in forms.values()):
            body.blocks.append((forms["text/plain"], forms["text/html"]))


def _add_form(forms: dict[str, str], leaf: Leaf, raw: bytes, body: _Body) -> None:
    data = leaf.content(raw)
    charset = leaf.charset
    if leaf.type == "text/html" and not charset:
        found = _META_CHARSET.search(data[:4096])
        charset = found[1].decode("ascii") if found else ""
    text, sure = decode(data, charset)
    if not sure:
        body.warnings["charset"] = None
    text = plain(text)
    if leaf.flowed and leaf.type == "text/plain":
        text = unflow(text, leaf.delsp)
    before = forms[leaf.type]
    forms[leaf.type] = f"{before}\n{text}" if before else text


def _add_file(leaf: Leaf, raw: bytes, body: _Body) -> None:
    if len(body.files) >= MAX_ATTACHMENTS:
        body.warnings["cut"] = None
        return
    body.attach(leaf.name, leaf.type, leaf.content(raw))


def _words(body: _Body) -> tuple[str, str | None]:
    """The text of all blocks, and the HTML where it says the same as the text."""
    texts = []
    for text, html in body.blocks:
        if len(html) > MAX_HTML:
            body.attach("message.html", "text/html", html.encode())
            body.warnings["cut"] = None
        texts.append((text if text.strip() else html_to_text(html)).strip("\n"))
    whole = "\n\n".join(text for text in texts if text.strip())
    html = body.blocks[0][1] if len(body.blocks) == 1 else ""
    if len(whole) > MAX_TEXT:
        body.attach("message.txt", "text/plain", whole.encode())
        body.warnings["cut"] = None
        whole = whole[:MAX_TEXT]
    return whole, html if html.strip() and len(html) <= 3 * MAX_TEXT else None


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
