"""Which lines of a mail its author wrote: pure, linear, and rather too much than too little.

    lines.read ─> history.history (an old mail to the end) ─> runs of quotes ─> words, folded

- A run of quoted lines is *known* as an old mail when an attribution or our marker line introduces it,
  or when it follows such a run.  A known run that nothing answers is dropped with its attribution; one
  above an answer stays, shortened to what stands directly above.  A quote of unknown origin, or one
  that the author introduces ("The rules say:"), stays.
- When nothing would be left, everything stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.email import attribution, blocks
from bridge.email.closing import fold
from bridge.email.history import history
from bridge.email.lines import CITED, Mail, read, unmarked, without_signed

SHOWN = 12
"""Quoted lines that stay above an answer."""

TRIMMED = 2
"""A single quote of so few lines above the whole answer was cut down by hand, and stays."""

MOST = 2_000
"""Runs whose first lines are looked at."""

_PREFIX = re.compile(r"[ \t]{0,3}(?:[>＞][ \t]?)+")
_QUOTE_MARKS = "> \t\xa0|＞"
_TOP = 20  # quoted lines in which an attribution or a header block is looked for


@dataclass(slots=True)
class _Run:
    """Quoted lines `first` to `last` (after the last); `above` is where its attribution begins."""

    first: int
    last: int
    above: int
    known: bool
    answered: bool = False


def author_lines(text: str, ours: Sequence[str], marked: bool = False) -> tuple[list[str], list[str]]:
    """The author's lines of `text`, and the folded ones.  `marked`: `quoted_html` wrote its lines."""
    lines = text.split("\n")
    signatures: list[str] = []
    if marked:
        lines, signatures = without_signed(lines)
    mail = read(lines, ours)
    cut = history(mail)
    words, folded = _compose(mail, _runs(mail, cut), cut)
    if not _filled(words):
        words, folded, signatures = text.split("\n"), [], []
    folded += signatures
    return (unmarked(words), unmarked(folded)) if marked else (words, folded)


def _runs(mail: Mail, cut: int) -> list[_Run]:
    ends = {last: first for first, last in mail.spans}
    runs: list[_Run] = []
    known = False
    for first, last in _stretches(mail, cut):
        above = _introduction(mail, ends, first)
        chosen = _is_chosen(mail, above)
        origin = _origin(mail, first, last) if len(runs) < MOST else None
        told = above < first if origin is None else origin
        known = known or told
        runs.append(_Run(first, last, above, told or (known and not chosen and origin is None)))
    for run, after in zip(runs, [*(r.above for r in runs[1:]), cut], strict=False):
        end = run.last + fold(mail.bare[run.last : after]) if after == cut else after
        run.answered = True in mail.own[run.last : end]
    return runs


def _stretches(mail: Mail, cut: int) -> list[tuple[int, int]]:
    """Quoted lines with only empty ones between them: first, after the last."""
    found: list[tuple[int, int]] = []
    joins = False
    for index in range(cut):
        if mail.quoted[index]:
            first = found.pop()[0] if joins else index
            found.append((first, index + 1))
            joins = True
        elif joins and mail.bare[index].strip():
            joins = False
    return found


def _introduction(mail: Mail, ends: dict[int, int], first: int) -> int:
    """Where the attribution and the marked line directly above line `first` begin, or `first`."""
    above = first
    while True:
        index = above
        while index > 0 and not mail.bare[index - 1].strip() and above - index < 3:
            index -= 1
        if index in ends:
            above = ends[index]
        elif index > 0 and mail.bare[index - 1].strip() == CITED:
            above = index - 1
        else:
            return above


def _is_chosen(mail: Mail, above: int) -> bool:
    """Whether the author introduces the quote ("The rules say:"), and so means to show it."""
    index = above - 1
    while index >= 0 and not mail.bare[index].strip():
        index -= 1
    return index >= 0 and mail.own[index] and mail.bare[index].rstrip(" \t*_").endswith((":", "："))


def _origin(mail: Mail, first: int, last: int) -> bool | None:
    """True where the quoted lines themselves say that they are an old mail: by an attribution, header
    lines, our marker.  False where it is a stranger's mail that was passed on.  None: they do not say.
    """
    if first <= mail.marker < last:
        return True
    top = _top(mail, first, last)
    if attribution.leads(top[: attribution.LINES]):
        return True
    found = blocks.first(top)
    if found is None:
        return None
    return not mail.ours or mail.names_us("\n".join(top[: found.end]))


def _top(mail: Mail, first: int, last: int) -> list[str]:
    """The first filled lines of a run, without their quote marks."""
    inside = (_PREFIX.sub("", line[:2_000], count=1) for line in mail.bare[first : min(last, first + _TOP)])
    return [line for line in inside if line.strip()]


def _compose(mail: Mail, runs: list[_Run], cut: int) -> tuple[list[str], list[str]]:
    words: list[str] = []
    folded: list[str] = []
    position = 0
    first_known = next((run for run in runs if run.known), None)
    for run in runs:
        _add_own(mail, position, run.above, words, folded if run is first_known else None)
        whole = run is first_known and len(runs) == 1 and not _filled(words)
        _add_quote(mail, run, words, TRIMMED if whole else len(mail.lines))
        position = run.last
    _add_own(mail, position, cut, words, folded)
    return words, folded


def _add_own(mail: Mail, start: int, end: int, words: list[str], folded: list[str] | None) -> None:
    """Add lines `start` to `end`; their signature to `folded`, where one may stand there."""
    middle = end if folded is None else start + fold(mail.bare[start:end])
    words += mail.lines[start:middle]
    if folded is None or not _filled(mail.lines[middle:end]):
        words += mail.lines[middle:end]
    else:
        folded += mail.lines[middle:end]
        words.append("")


def _add_quote(mail: Mail, run: _Run, words: list[str], longest: int) -> None:
    """Add the run where it stays: unknown, or answered and not more than `longest` lines."""
    if not run.known:
        words += mail.lines[run.above : run.last]
        return
    filled = [i for i in range(run.first, run.last) if mail.bare[i].strip(_QUOTE_MARKS)]
    if run.answered and len(filled) <= longest:
        words += _shown(mail, run, filled)
    elif words and words[-1].strip():
        words.append("")


def _shown(mail: Mail, run: _Run, filled: list[int]) -> list[str]:
    """The end of the run, from below our marker or attribution; at most `SHOWN` lines with words."""
    if run.first <= mail.marker < run.last:
        below = [i for i in filled if i > mail.marker]
    else:
        below = filled[attribution.leads(_top(mail, run.first, run.last)[: attribution.LINES]) :]
    if len(below) > SHOWN:
        return ["> […]", *mail.lines[below[-SHOWN] : run.last]]
    start = run.first if len(below) == len(filled) else below[0] if below else run.last
    return mail.lines[start : run.last]


def _filled(lines: Sequence[str]) -> bool:
    return any(line and line.strip(_QUOTE_MARKS) for line in lines)
