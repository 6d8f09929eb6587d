"""The citizen's last message below our answer, as text and as HTML.

A quote is there to be recognised, not to be an archive: a long one is shortened.  Every line of
it begins with `>`, so that nothing of it passes for our words, and mail programs fold it away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bridge.email.fields import line
from bridge.email.phrases_out import attribution
from bridge.html import paragraphs

MAX_LINES = 200
MAX_BYTES = 20_000
CUT = "[…]"
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")  # whatever some reader takes for one
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What somebody wrote.  `date` is in seconds since 1970; `name` may be empty."""

    name: str = field(repr=False)
    date: float
    text: str = field(repr=False)


def body_text(given: str) -> str:
    """`given` with LF line ends, without controls, lone surrogates and empty lines around it."""
    unified = _LINE_END.sub("\n", given)
    return _UNSAFE.sub("", unified).encode("utf-8", "replace").decode("utf-8").strip("\n")


def shortened(given: str) -> str:
    """`body_text` of at most `MAX_LINES` lines and `MAX_BYTES` octets of UTF-8, `CUT` below it if cut."""
    whole = body_text(given)
    kept = "\n".join(whole.split("\n")[:MAX_LINES])
    octets = kept.encode()
    if len(octets) > MAX_BYTES:
        kept = octets[:MAX_BYTES].decode("utf-8", "ignore")
    return kept if kept == whole else f"{kept.rstrip()}\n{CUT}"


def as_text(quoted: Quoted, language: str) -> str:
    """Attribution and quoted lines (RFC 3676 section 4.5); "" for a message without words."""
    words = shortened(quoted.text)
    if not words.strip():
        return ""
    return "\n".join([_attribution(quoted, language), *map(_marked, words.split("\n"))])


def as_html(quoted: Quoted, language: str) -> str:
    """The same as HTML, with the blockquote that mail programs know as a quote."""
    words = shortened(quoted.text)
    if not words.strip():
        return ""
    above = paragraphs(_attribution(quoted, language))
    return (
        f'<div class="quoted">\n{above}\n<blockquote type="cite">\n{paragraphs(words)}\n</blockquote>\n</div>'
    )


def _attribution(quoted: Quoted, language: str) -> str:
    return attribution(language, line(quoted.name, 120), quoted.date)


def _marked(line: str) -> str:
    return f">{line}" if line.startswith(">") or not line else f"> {line}"
