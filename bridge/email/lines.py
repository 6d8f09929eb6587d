"""The lines of one mail, and what can be said of each by itself: pure, linear.

`read` finds out which lines are quoted, which are an attribution, and where our own marker stands.
Invisible marks (bidi, zero width) do not count in any comparison.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.email import attribution
from bridge.email.phrases import MARKERS

CITED, HISTORY, SIGNED, UNSIGNED = "\ue000", "\ue001", "\ue002", "\ue003"
MARKS = CITED + HISTORY + SIGNED + UNSIGNED
"""Lines that `quoted_html` writes: a known quote follows; an old mail follows to the end; a signature."""

_MARKER = re.compile("|".join(re.escape(m.strip("= ")).replace(r"\ ", r"[\s>]+") for m in MARKERS.values()))
_MARKS = re.compile(f"[{MARKS}]")
_QUOTED = re.compile(r"[ \t]{0,3}[>＞]")
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, 0x061C, 0xFEFF, 0x2060, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


@dataclass(frozen=True, slots=True)
class Mail:
    """Lines of a mail by index: as they are, and the same `bare` for comparison."""

    lines: list[str]
    bare: list[str]
    quoted: list[bool]
    own: list[bool]
    """Somebody's plain words: not empty, not quoted, no attribution."""
    spans: list[tuple[int, int]]
    """The attributions: first line, after the last."""
    marker: int
    """The last line that holds our marker; -1 without one."""
    ours: tuple[str, ...]
    """Our domains or addresses in lower case."""

    def names_us(self, text: str) -> bool:
        """Whether one of our names stands in `text` by itself."""
        text = text.lower()
        return any(
            own in text and re.search(rf"(?<![\w.-]){re.escape(own)}(?![\w.-]*\w)", text) for own in self.ours
        )


def read(lines: list[str], ours: Sequence[str]) -> Mail:
    """What each of `lines` is."""
    bare = [line if line.isascii() else line.translate(_INVISIBLE) for line in lines]
    quoted = [_QUOTED.match(line) is not None for line in bare]
    for index in range(1, len(lines)):
        if quoted[index] and not quoted[index - 1] and attribution.broken_tail(bare[index]):
            quoted[index] = False
    spans = attribution.spans(bare, quoted)
    own = [
        not hidden and bool(line) and not line.isspace() for line, hidden in zip(bare, quoted, strict=True)
    ]
    for first, last in spans:
        own[first:last] = [False] * (last - first)
        _see_bars(bare, quoted, own, last)
    text = "\n".join(bare)
    if CITED in text or HISTORY in text:
        own = [
            is_own and line.strip() not in (CITED, HISTORY) for line, is_own in zip(bare, own, strict=True)
        ]
    return Mail(lines, bare, quoted, own, spans, _last_marker(text), tuple(o.lower() for o in ours if o))


def next_filled(bare: Sequence[str], index: int) -> int:
    """The first line from `index` that is not empty; the number of lines when there is none."""
    while index < len(bare) and not bare[index].strip():
        index += 1
    return index


def without_signed(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines outside and inside marked signatures of the newest mail; one without an end stays."""
    outside: list[str] = []
    inside: list[str] = []
    held: list[str] | None = None
    for index, line in enumerate(lines):
        bare = line.strip()
        if bare == HISTORY and held is None:
            return outside + lines[index:], inside
        if bare == SIGNED:
            outside += held or []
            held = []
        elif bare == UNSIGNED:
            inside += held or []
            held = None
        else:
            (outside if held is None else held).append(line)
    return outside + (held or []), inside


def unmarked(lines: list[str]) -> list[str]:
    """Without what `quoted_html` wrote, wherever a table moved it."""
    return [bare for line in lines if (bare := _MARKS.sub("", line)).strip("> ") or bare == line]


def _last_marker(text: str) -> int:
    ends = [found.end() for found in _MARKER.finditer(text)]
    return text.count("\n", 0, ends[-1]) if ends else -1


def _see_bars(bare: Sequence[str], quoted: list[bool], own: list[bool], index: int) -> None:
    """Below an attribution lines that begin with a bar are quoted too."""
    index = next_filled(bare, index)
    while index < len(bare) and bare[index].startswith("|"):
        quoted[index], own[index] = True, False
        index += 1
