"""What a mail's parts are to the reader: words in one or two forms, and files.

    mime.walk ─> leaves ─> blocks (text, HTML) and files ─> Content

Nothing is thrown away but the second form of the same words; what is too long or too much is
kept whole as a file.  Files that the text shows come first, in the order of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby

from bridge.email import inline
from bridge.email.caps import LIMITS, Head, Limits
from bridge.email.encoded import decode, plain
from bridge.email.flowed import unflow
from bridge.email.html import MAX_HTML, html_to_text, visible
from bridge.email.mime import Leaf, walk
from bridge.model import Attachment
from bridge.names import believed_type, clean_name

MAX_TEXT = 100_000
"""Characters of text that are shown; a longer one is kept whole as a file."""

MAX_ATTACHMENTS = 200

_STEM, _SUFFIX = 90, 16  # characters of a name that gets a number, so that it stays within `MAX_NAME`

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([\w-]{1,40})""", re.IGNORECASE)
_SECOND_FORMS = frozenset({"text/x-amp-html", "text/enriched", "text/watch-html"})
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


@dataclass(frozen=True, slots=True)
class File:
    """An attachment with what its part said of itself; `content_id` is "" when it has none."""

    attachment: Attachment
    declared: str
    params: tuple[tuple[str, str], ...]
    content_id: str


@dataclass(frozen=True, slots=True)
class Content:
    """`html` is the marked HTML of the same words, or "".  The first `shown` files stand in the text."""

    text: str
    html: str
    files: tuple[File, ...]
    shown: int
    warnings: tuple[str, ...]


def content(raw: bytes, top: Head, limits: Limits = LIMITS) -> Content:
    """The body of the mail `raw` with the header block `top`; raises `caps.Over`."""
    body = _Body(raw)
    for _, leaves in groupby(walk(raw, top, limits), key=lambda leaf: leaf.group):
        body.add(list(leaves))
    return body.finish()


@dataclass(slots=True)
class _Body:
    """What the walk collects."""

    raw: bytes
    blocks: list[tuple[str, str]] = field(default_factory=list)  # text and HTML of the same words
    files: list[File] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    warnings: dict[str, None] = field(default_factory=dict)
    left_out: bool = False

    def add(self, leaves: list[Leaf]) -> None:
        """The leaves of one group: different forms of the same words, and the files among them."""
        forms = {"text/plain": "", "text/html": ""}
        for leaf in leaves:
            if leaf.broken:
                self.warnings["mime"] = None
            if leaf.type in forms and not leaf.attached and not (leaf.name and not leaf.alternative):
                before, text = forms[leaf.type], self._form(leaf)
                forms[leaf.type] = f"{before}\n{text}" if before else text
            elif not (leaf.alternative and leaf.type in _SECOND_FORMS):
                self._file(leaf)
        if any(form.strip() for form in forms.values()):
            self.blocks.append((forms["text/plain"], forms["text/html"]))

    def _form(self, leaf: Leaf) -> str:
        data = leaf.content(self.raw)
        charset = leaf.charset
        if leaf.type == "text/html" and not charset:
            found = _META_CHARSET.search(data[:4096])
            charset = found[1].decode("ascii") if found else ""
        text, sure = decode(data, charset)
        if not sure:
            self.warnings["charset"] = None
        text = plain(text)
        return unflow(text, leaf.delsp) if leaf.flowed and leaf.type == "text/plain" else text

    def _file(self, leaf: Leaf) -> None:
        if len(self.files) >= MAX_ATTACHMENTS:
            self.left_out = True
            return
        self._attach(leaf.name, leaf.type, leaf.content(self.raw), leaf)

    def _attach(self, name: str, kind: str, data: bytes, leaf: Leaf | None = None) -> None:
        fallback = f"attachment-{len(self.files) + 1}{_SUFFIXES.get(kind, '')}"
        cleaned = self._unique(clean_name(name, fallback))
        mime = kind if kind == "message/rfc822" else believed_type(cleaned, kind, data[:4096])
        params, content_id = (leaf.params, leaf.content_id) if leaf else ((), "")
        self.files.append(File(Attachment(cleaned, mime, data), kind, params, content_id))

    def _unique(self, name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        if not stem or len(suffix) > _SUFFIX:
            stem, dot, suffix = name, "", ""
        unique, number = name, 2
        while unique.casefold() in self.names:
            short = stem[:_STEM].encode()[: 2 * _STEM].decode("utf-8", "ignore").rstrip(". ")
            unique = f"{short} ({number}){dot}{suffix}"
            number += 1
        self.names.add(unique.casefold())
        return unique

    def finish(self) -> Content:
        images = {f.content_id: f.attachment.name for f in reversed(self.files) if f.content_id}
        seen: dict[str, None] = {}
        texts, htmls = [], []
        for text, html in self.blocks:
            self._too_long("message.html", "text/html", html, MAX_HTML)
            keys = inline.shown(visible(html), images)
            seen |= dict.fromkeys(keys)
            marked = inline.marked(html[:MAX_HTML], images)
            texts.append(_said(text, marked, [(key, images[key]) for key in keys]))
            htmls.append(marked)
        whole = "\n\n".join(text for text in texts if text.strip())
        if self._too_long("message.txt", "text/plain", whole, MAX_TEXT):
            whole = whole[:MAX_TEXT]
        if self.left_out:  # nothing is lost: the mail itself is the last file
            self._attach("original.eml", "message/rfc822", self.raw)
            self.warnings["cut"] = None
        html = htmls[0] if len(htmls) == 1 and htmls[0].strip() else ""
        first, rest = self._in_order(list(seen))
        return Content(whole, html, (*first, *rest), len(first), tuple(self.warnings))

    def _too_long(self, name: str, kind: str, text: str, most: int) -> bool:
        if len(text) <= most:
            return False
        self._attach(name, kind, text.encode())
        self.warnings["cut"] = None
        return True

    def _in_order(self, shown: list[str]) -> tuple[list[File], list[File]]:
        """The files that the text shows, in its order, and all others."""
        by_id = {f.content_id: f for f in reversed(self.files) if f.content_id}
        first = [by_id[key] for key in shown]
        return first, [f for f in self.files if not any(f is one for one in first)]


def _said(text: str, html: str, images: list[tuple[str, str]]) -> str:
    """A block as text with its pictures' places; the HTML speaks where the text is empty."""
    if not text.strip():
        return html_to_text(html).strip("\n")
    if images:
        text = inline.placed(text, html_to_text(html), images)
    return text.strip("\n")
