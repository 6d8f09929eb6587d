"""HTML of a mail to plain text, for mails that have nothing else.

Quotes become lines that begin with `>`, so that what was written between them can be told
apart.  Nothing is fetched and nothing is sanitised here: the result is text.
"""

from __future__ import annotations

import re
from html import unescape

from inscriptis import get_annotated_text
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError  # type: ignore[import-untyped]

from bridge.email.encoded import plain

MAX_HTML = 1_000_000
"""Characters that are turned into text; the whole is kept as a file by the caller."""

_MAX_TAGS = 20_000  # the layout takes up to 35 µs a tag, the plain removal next to nothing
_BLOCK = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|blockquote|pre|table|ul|ol|hr)\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(?:(script|style|head|title)\b|!--)", re.IGNORECASE)
_TAG = re.compile(r"<[/!?a-z][^<>]*>", re.IGNORECASE)
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
_EMPTY = re.compile(r"\n{3,}")
_WORD = re.compile(r"\w+")


def html_to_text(html: str) -> str:
    """The words of `html` as plain text, links without their targets.

    The tree parser drops what is nested too deeply; when words went missing, or there are more
    tags than any letter has, a plain removal of tags is used instead: ugly, but nothing is lost.
    """
    html = visible(html)
    stripped = _strip(html)
    laid_out = _lay_out(html)
    if laid_out is None or len(_WORD.findall(laid_out)) < len(_WORD.findall(stripped)) * 0.8:
        return stripped
    return laid_out


def visible(html: str) -> str:
    """The first `MAX_HTML` characters of `html` without scripts, styles, heads and comments."""
    return _without_hidden(_XML.sub("", html[:MAX_HTML]).replace("\x00", ""))


def _without_hidden(html: str) -> str:
    """Without scripts, styles, heads and comments, in linear time; one without an end stays."""
    lower, out, position = html.lower(), [], 0
    if len(lower) != len(html):  # some capitals change their length: look for the common spelling only
        lower = html
    endless: set[str] = set()
    for match in _HIDDEN.finditer(html):
        closing = f"</{match[1].lower()}" if match[1] else "-->"
        if match.start() < position or closing in endless:
            continue
        found = lower.find(closing, match.end())
        end = found if found < 0 or closing == "-->" else lower.find(">", found)
        if end < 0:
            endless.add(closing)
            continue
        out.append(html[position : match.start()])
        position = end + (3 if closing == "-->" else 1)
    return "".join(out) + html[position:]


def _lay_out(html: str) -> str | None:
    if not html.strip():
        return ""
    if html.count("<") > _MAX_TAGS:
        return None
    try:
        found = get_annotated_text(html, ParserConfig(annotation_rules={"blockquote": ["quote"]}))
    except (LxmlError, RecursionError, ValueError, AssertionError, IndexError):
        return None
    text: str = found["text"]
    return _tidy(_quoted(text, [(start, end) for start, end, _ in found.get("label", [])]))


def _quoted(text: str, spans: list[tuple[int, int]]) -> str:
    """`text` with `>` before each line, once for every span that covers it."""
    if not spans:
        return text
    lines, position = [], 0
    for line in text.split("\n"):
        middle = position + len(line) - len(line.lstrip())
        depth = sum(start <= middle < end for start, end in spans[:200]) if line.strip() else 0
        lines.append(f"{'>' * depth} {line.strip()}" if depth else line)
        position += len(line) + 1
    return "\n".join(lines)


def _strip(html: str) -> str:
    return _tidy(unescape(_TAG.sub("", _BLOCK.sub("\n", html))))


def _tidy(text: str) -> str:
    lines = plain(text.replace("\xa0", " ")).split("\n")
    return _EMPTY.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")
