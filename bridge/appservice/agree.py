"""Whether a message's text and its HTML say the same, however a client writes Markdown.  Pure.

A client makes the HTML from what was typed, or the text from what was formatted.  So every
word that the HTML shows must stand in the text, in that order, and what the text has more must
be Markdown's own: addresses of links, the language of a code block, names of tags, numbers
of lists.  Anything else, such as a quote that only one of the two carries, is disagreement.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from urllib.parse import unquote

from bridge.html import plain

_EMPHASIS = re.compile(r"[*_~`\\\u200b-\u200f\u2060\ufeff\u00ad]+")
_ITEM = re.compile(r"(?m)^[\s>*+-]*(?:[0-9]{1,9}[.)](?=\s|$)|\[[ xX]\] )")
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]*>")
_TYPED_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")


def agree(text: str, formatted: str, written: str | None = None) -> bool:
    """Whether `text` and the HTML `formatted` (both without quotes) say the same words.

    `written` is that HTML as the client wrote it, with all its attributes.
    """
    shown = _words(plain(formatted, numbers=False))
    tags = _TAG.findall(formatted if written is None else written)
    own = set(_words(" ".join([*tags, *_ITEM.findall(text)])))
    # Some clients let tags be typed: then they stand in the text, but show nothing.
    return any(_same(_words(typed), shown, own) for typed in (text, _TYPED_TAG.sub("", text)))


def _same(typed: list[str], shown: list[str], own: set[str]) -> bool:
    rest = iter(typed)
    if not all(word in rest for word in shown):  # `in` moves the iterator on: a subsequence
        return False
    return set(Counter(typed) - Counter(shown)) <= own


def _words(text: str) -> list[str]:
    same = unicodedata.normalize("NFKC", unquote(html.unescape(text))).casefold()
    return _WORD.findall(_EMPHASIS.sub("", same))
