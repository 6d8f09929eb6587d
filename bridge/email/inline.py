"""Pictures in the text: where a mail's HTML shows an attached image, the text says so.

An image that stands in a mail is a part with a Content-ID, and the HTML names it by `cid:`
(RFC 2392).  The room shows it as a file of its own, so its place keeps a marker, such as
`[image: bench.png]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from urllib.parse import unquote

_IMAGE = re.compile(r"<img\b([^<>]*)>", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc\s*=\s*(?:"\s*cid:([^"]*)"|'\s*cid:([^']*)'|cid:([^\s"'>]+))""", re.IGNORECASE)
_OUTLOOK = re.compile(r"\[cid:([^\[\]\s]{1,250})\]", re.IGNORECASE)
_GOOGLE = re.compile(r"\[image: [^\[\]\n]{0,250}\]")
_WORD = re.compile(r"\w+")
_BRACKETS = str.maketrans("[]", "()")


def marker(name: str) -> str:
    """What stands in the text where the image `name` stood."""
    return f"[image: {name.translate(_BRACKETS)}]"


def shown(html: str, names: Mapping[str, str]) -> list[str]:
    """The Content-IDs of `names` whose images `html` shows, in the order of their first place."""
    found = (_content_id(match[1]) for match in _IMAGE.finditer(html))
    return list(dict.fromkeys(key for key in found if key in names))


def marked(html: str, names: Mapping[str, str]) -> str:
    """`html` with a marker in the place of each image that `names` (Content-ID to file) knows."""

    def put(match: re.Match[str]) -> str:
        name = names.get(_content_id(match[1]))
        return match[0] if name is None else f" {escape(marker(name))} "

    return _IMAGE.sub(put, html)


def _content_id(attributes: str) -> str:
    found = _SOURCE.search(attributes)
    if found is None:
        return ""
    return unquote(unescape(found[1] or found[2] or found[3] or "")).strip("<> ")


def placed(text: str, says: str, images: Sequence[tuple[str, str]]) -> str:
    """The plain form `text` with the markers of `images` (Content-ID, file), in their order.

    `says` is what the HTML says, markers and all.  The marks that Outlook, Gmail and Apple Mail
    leave in their plain text become ours; a marker that is still missing goes behind the same
    word as in `says`, as far as both forms have the same words, else to the end.
    """
    names = dict(images)
    text = _OUTLOOK.sub(lambda m: marker(names[m[1]]) if m[1] in names else m[0], text)
    for name in names.values():
        text = text.replace(f"<{name}>", marker(name))
    marks = [marker(name) for name in names.values()]
    if not all(mark in text for mark in marks) and len(_GOOGLE.findall(text)) == len(marks):
        left = iter(marks)
        text = _GOOGLE.sub(lambda m: next(left), text)
    return _aligned(text, says, [mark for mark in marks if mark not in text])


def _aligned(text: str, says: str, missing: Sequence[str]) -> str:
    if not missing:
        return text
    theirs = list(_WORD.finditer(text))
    ours, before = _counted(says, missing)
    mine = [word[0] for word in theirs]
    head = _common(mine, ours)
    tail = min(_common(mine[::-1], ours[::-1]), len(mine) - head)
    out, position = [], 0
    for mark in missing:
        count = before.get(mark, len(ours))
        if count > head:
            count = len(mine) - (len(ours) - count) if len(ours) - count <= tail else len(mine)
        at = max(position, _behind(text, theirs[count - 1].end()) if count else 0)
        out.append(text[position:at])
        out.append(f"{mark}\n" if at == 0 else f"\n{mark}" if text[at : at + 1] in ("", "\n") else f" {mark}")
        position = at
    return "".join(out) + text[position:]


def _counted(says: str, marks: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """The words of `says` without the markers, and how many stand before each marker."""
    words: list[str] = []
    before: dict[str, int] = {}
    known = set(marks)
    position = 0
    for match in _GOOGLE.finditer(says):
        words += _WORD.findall(says[position : match.start()])
        position = match.end()
        if match[0] in known:
            before.setdefault(match[0], len(words))
    return words + _WORD.findall(says[position:]), before


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return number
    return min(len(one), len(other))


def _behind(text: str, at: int) -> int:
    """Behind the punctuation that follows the word which ends at `at`."""
    while at < len(text) and not text[at].isspace():
        at += 1
    return at
