"""The line above a quote: "On 4 January 2027 at 10:00, Ada Citizen <ada@home.example> wrote:".

An attribution is recognised by its build, not by a pattern for each language: a date near its
beginning or a name with an address, a verb of `phrases.WROTE`, a colon at its end.  Programs wrap it
over up to five lines.  Work is linear in the text: a line is looked at closely only when it ends as an
attribution does, joins are short, and there are at most `MOST` of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.email.phrases import WROTE, WROTE_CJK

MOST = 2_000
"""Lines with the end of an attribution that are looked at; behind them nothing is recognised."""

LINES = 5
LENGTH = 400

_VERB = re.compile(rf"(?<!\w)(?:{'|'.join(WROTE)})(?!\w)|{'|'.join(WROTE_CJK)}")
_ADDRESS = re.compile(r"[<(\[](?:mailto:)?[^<>()\[\]\s@]{1,100}@[^<>()\[\]\s@]{1,100}\s?[>)\]<]")
_NAME = re.compile(r"[\"'“„(]?[^\W\d][^<>@:;!?\n]{0,100}$")
_NUMERIC = re.compile(
    r"\d{1,4}([./-])\d{1,2}\1\d{1,4}(?!\d)|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_DAY = re.compile(r"(?<![\d:.])\d{1,2}(?![\d:])")
_TIME = re.compile(r"(?<!\d)\d{1,2}(?:[:.]\d{2}(?!\d)|\s?[時时시]|h\d{2})")
_LEAD = re.compile(r"[^\d<>@!?]{0,32}(?=\d)")
_GMAIL = re.compile(r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{1,2}:\d{2} \S.{0,120}$")
_BARE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2} [^<>@]{1,100}<[^<>@\s]{1,100}@[^<>@\s]{1,100}>$")
_TAIL = re.compile(rf">[ \t]{{0,3}}(?:{'|'.join(WROTE)})?[ \t]{{0,3}}[:：]$")
_SENTENCE_END = re.compile(r"(?<!\d)(?<!\d\.)[.!?…]$")
_SHORT_MONTH = re.compile(r"\d{1,2}\.?\s?[^\W\d]{2,5}\.$")
_AROUND = "*_ \t\xa0\u202f"


def spans(lines: Sequence[str], quoted: Sequence[bool]) -> list[tuple[int, int]]:
    """Where attributions stand in unquoted `lines`: (first, after the last), in order, apart."""
    found: list[tuple[int, int]] = []
    looked = free = 0
    for index, line in enumerate(lines):
        if not line or quoted[index] or not _may_end(line):
            continue
        looked += 1
        if looked > MOST:
            break
        start = _start(lines, quoted, index, free)
        if start is not None:
            found.append((start, index + 1))
            free = index + 1
    return found


def leads(lines: Sequence[str]) -> int:
    """How many of the first few `lines` are an attribution: 0 when they are not one."""
    for height in range(1, min(LINES, len(lines)) + 1):
        if _may_end(lines[height - 1]) and _is_one(_join(lines[:height])):
            return height
    return 0


def broken_tail(line: str) -> bool:
    """Whether `line` is the end of a wrapped attribution that only looks quoted: "> wrote:"."""
    return len(line) < 60 and _TAIL.match(line.strip(_AROUND)) is not None


def _may_end(line: str) -> bool:
    """A cheap look: a colon, the dashes of some programs, or a line that begins with a year."""
    if len(line) > LENGTH:
        return False
    end = line.rstrip(_AROUND)
    return end.endswith((":", "：", "--")) or (line[:4].isdigit() and len(line) > 10)


def _start(lines: Sequence[str], quoted: Sequence[bool], last: int, free: int) -> int | None:
    """The line where the attribution that ends in line `last` begins."""
    named: int | None = None
    first, wrapped = last, True
    for _ in range(LINES):
        text = _join(lines[first : last + 1])
        if len(text) > LENGTH:
            break
        if _dated(text) and (wrapped or _ADDRESS.search(text)):
            return first
        if named is None and _named(text):
            named = first
        above = _above(lines, first)
        if above < free or quoted[above] or not lines[above].strip() or _ends_a_sentence(lines[above]):
            break
        wrapped = wrapped and _is_wrapped(lines[above], lines[first])
        if named is not None and not wrapped:
            break
        first = above
    return named


def _above(lines: Sequence[str], first: int) -> int:
    """The line above; over an empty one where a program broke off before a lone bracket."""
    if first > 1 and lines[first].strip() == "<" and not lines[first - 1].strip():
        return first - 2
    return first - 1


def _is_wrapped(line: str, following: str) -> bool:
    """Whether a program broke `line`: the first word of the `following` one had no room in it."""
    return len(line) + len(following.split(" ", 1)[0]) >= 60


def _ends_a_sentence(line: str) -> bool:
    end = line.rstrip(_AROUND)
    return _SENTENCE_END.search(end[-3:]) is not None and _SHORT_MONTH.search(end[-12:]) is None


def _join(lines: Sequence[str]) -> str:
    return " ".join(part for line in lines if (part := line.strip(_AROUND)))


def _is_one(text: str) -> bool:
    return len(text) <= LENGTH and (_dated(text) or _named(text))


def _dated(text: str) -> bool:
    """A date near the beginning, then a verb or an address, then a colon (or dashes around all)."""
    if _GMAIL.match(text) or _BARE.match(text):
        return True
    body = text.strip("-" + _AROUND)
    if not (body.endswith((":", "：")) or (text.startswith("--") and text.endswith("--"))):
        return False
    lead = _LEAD.match(body)
    if lead is None or lead[0].count(" ") > 5 or not _is_date(_before_address(body[lead.end() :])):
        return False
    return _VERB.search(body, lead.end()) is not None or _ADDRESS.search(body) is not None


def _before_address(text: str) -> str:
    return text[:60].partition("<")[0]


def _named(text: str) -> bool:
    """A name with an address (or with a date and a time behind the verb), a verb, a colon."""
    if not text.endswith((":", "：")):
        return False
    verb = _VERB.search(text)
    if verb is None:
        return False
    address = _ADDRESS.search(text)
    if address is not None and _NAME.match(text[: address.start()]):
        return verb.start() >= address.end() or len(text) - verb.end() < 200
    behind = text[verb.end() :]
    return (
        _NAME.match(text[: verb.start()]) is not None
        and _is_date(behind[:60])
        and _TIME.search(behind[:80]) is not None
    )


def _is_date(text: str) -> bool:
    if _NUMERIC.search(text):
        return True
    day = _DAY.search(text)
    return day is not None and (_YEAR.search(text) or _TIME.search(text, day.end())) is not None
