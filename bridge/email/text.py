"""What the author wrote in this mail, without the quoted history around it.

    text ─────────────> quotes.author_lines ─> words, folded
    HTML with marks ─> quoted_html ─> text ──┘

Losing the author's words is the worst error: `quotes` says what counts as certain, and what is not
certain stays.  Where the HTML of a mail marks its quote (`quoted_html`), it is believed before the
text, because programs know what they quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from bridge.email.html import html_to_text
from bridge.email.phrases import MARKERS
from bridge.email.quoted_html import marked_text, unmarked
from bridge.email.quotes import author_lines

__all__ = ["MARKERS", "MAX_LENGTH", "Words", "reply_text", "take_apart"]

MAX_LENGTH = 1_000_000
"""Characters that are taken apart; a longer text stays whole."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """`words` are the author's, of this mail; `folded` is a signature or disclaimer, or empty."""

    words: str
    folded: str


def reply_text(text: str, html: str | None = None, ours: Sequence[str] = ()) -> str:
    """The author's words of a mail: `take_apart(...).words`."""
    return take_apart(text, html, ours).words


def take_apart(text: str, html: str | None = None, ours: Sequence[str] = ()) -> Words:
    """The author's words of a mail, apart from its signature; quoted history is in neither.

    `html` is the other form of the same words.  `ours` are our own domains or addresses: where they
    are given, an old mail that is not quoted, or was passed on, is history only when it is ours.  What
    is not certain stays in `words`; a mail that is nothing but history stays whole.  Never raises.
    """
    whole = text.replace("\r\n", "\n")
    marked = marked_text(html) if html else None
    if not whole.strip():
        if marked is not None:
            return _apart(marked, ours, True)
        return _apart(html_to_text(html) if html else whole, ours, False)
    plain = _apart(whole, ours, False)
    if marked is None:
        return plain
    found = _apart(marked, ours, True)
    changed = found.words.split() != unmarked(marked).split()
    return found if changed and _same(html or "", whole) and not _shows_more(plain, whole, found) else plain


def _same(html: str, text: str) -> bool:
    """Whether the HTML holds the words of the text, all but a few; else it is another text."""
    said = set(_WORD.findall(text))
    return len(said - set(_WORD.findall(unescape(html)))) <= len(said) * 0.1


def _shows_more(plain: Words, whole: str, found: Words) -> bool:
    """Whether the text shows an answer outside of quotes that stands inside of one in the HTML."""
    if len(plain.words.split()) + len(plain.folded.split()) >= len(whole.split()):
        return False  # it shows no quote at all
    own = "\n".join(line for line in plain.words.split("\n") if not line.startswith(">"))
    return not set(_WORD.findall(own)) <= set(_WORD.findall(f"{found.words} {found.folded}"))


def _apart(text: str, ours: Sequence[str], marked: bool) -> Words:
    if len(text) > MAX_LENGTH:
        return Words(text.strip("\n"), "")
    words, folded = author_lines(text if marked else unmarked(text), ours, marked)
    return Words(_joined(words), _joined(folded))


def _joined(lines: Sequence[str]) -> str:
    first = next((i for i, line in enumerate(lines) if line and not line.isspace()), len(lines))
    return "\n".join(lines[first:]).rstrip()
