"""What the operator's own mail hop thinks of a mail, by the header fields it adds.

    field                             says             score
    X-Spam-Flag                       spam or ham
    X-Spam-Status                     spam or ham      score=, hits=      SpamAssassin, rspamd, amavis
    X-Spam                            spam or ham                         rspamd's milter
    X-Rspamd-Action                   spam or ham
    X-Spamd-Result                    spam or ham      [score / limit]    True only for what is rejected
    X-MS-Exchange-Organization-SCL    spam or ham      -1 to 9            5 and above is spam
    X-Spam-Score, X-Rspamd-Score                       score
    X-Spam-Level, X-Spamd-Bar                          as many characters

Of several fields of one name the topmost counts, for filters add theirs on top or remove the others.
Different names may contradict each other, because a filter removes only the names it sets itself, and
a milter's stand at the bottom: then spam counts, so that nobody whitens a mail by a header of their
own.  A forged "spam" harms only its sender.  So `ham` means "nobody objects", and opens no door.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ham", "spam", "unknown"]


@dataclass(frozen=True, slots=True)
class Spam:
    """A verdict, a score on the scale of whoever gave it, and `by`: the field that decided, or "".

    An unknown verdict may have a score: its filter does not say where spam begins.
    """

    verdict: Verdict
    score: float | None
    by: str


UNKNOWN = Spam("unknown", None, "")


def read(fields: Sequence[tuple[str, str]], trusted: bool) -> Spam:
    """The verdict in `fields`: names and values as they stand in the mail, from top to bottom.

    Unless the mail came from a `trusted` hop nothing is believed.  Total: what is no verdict of a
    known form is as if it were not there.
    """
    if not trusted:
        return UNKNOWN
    readings = list(_readings(fields))
    decided = [r for r in readings if r.verdict == "spam"] or [r for r in readings if r.verdict == "ham"]
    scored = next((r for r in (*decided, *readings) if r.score is not None), UNKNOWN)
    if not decided:
        return scored
    return Spam(decided[0].verdict, scored.score, decided[0].by)


def _readings(fields: Sequence[tuple[str, str]]) -> Iterator[Spam]:
    """What the topmost field of each name says; those that know a score come first."""
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name.strip().lower(), value)
    for name, understand in _FIELDS.items():
        words = first.get(name.lower(), "")[:_MOST].lower().split()
        verdict, score = understand(" ".join(words))
        if verdict != "unknown" or score is not None:
            yield Spam(verdict, score, name)


_MOST = 2_000  # characters of a value that are looked at
_NUMBER = r"([-+]?[0-9]{1,6}(?:\.[0-9]{1,6})?)(?![\w.])"
_YES = frozenset({"yes", "true", "spam"})
_NO = frozenset({"no", "false", "ham"})
_WORD = re.compile(r"[a-z]+")
_SCORE = re.compile(rf"\b(?:score|hits)= ?{_NUMBER}")
_REQUIRED = re.compile(rf"\brequired= ?{_NUMBER}")
_RESULT = re.compile(rf"(?:[\w-]+: )?(true|false) \[{_NUMBER} / {_NUMBER}\]", re.ASCII)
_PLAIN = re.compile(_NUMBER)
_ACTIONS: dict[str, Verdict] = {
    "reject": "spam",
    "discard": "spam",
    "quarantine": "spam",
    "add header": "spam",
    "rewrite subject": "spam",
    "no action": "ham",
    "greylist": "ham",
}
_SCL_SPAM = 5
_Reading = tuple[Verdict, float | None]


def _flag(value: str) -> _Reading:
    word = _WORD.match(value)
    if word and word[0] in _YES:
        return "spam", None
    return ("ham" if word and word[0] in _NO else "unknown"), None


def _status(value: str) -> _Reading:
    score, required = _number(_SCORE.search(value)), _number(_REQUIRED.search(value))
    verdict, _ = _flag(value)
    if verdict == "unknown" and score is not None and required is not None:
        verdict = "spam" if score >= required else "ham"
    return verdict, score


def _action(value: str) -> _Reading:
    return _ACTIONS.get(value, "unknown"), None


def _result(value: str) -> _Reading:
    match = _RESULT.match(value)
    return ("spam" if match[1] == "true" else "ham", float(match[2])) if match else ("unknown", None)


def _scl(value: str) -> _Reading:
    score = _number(_PLAIN.fullmatch(value))
    if score is None or not -1 <= score <= 9:
        return "unknown", None
    return ("spam" if score >= _SCL_SPAM else "ham"), score


def _score(value: str) -> _Reading:
    return "unknown", _number(_PLAIN.match(value))


def _bar(value: str) -> _Reading:
    """A character for each point; `/` in a bar is nought."""
    if value in ("/", ""):
        return "unknown", 0.0 if value else None
    alike = len(set(value)) == 1 and value[0] in "*+-"
    return "unknown", (-1.0 if value[0] == "-" else 1.0) * len(value) if alike else None


def _number(match: re.Match[str] | None) -> float | None:
    return float(match[1]) if match else None


_FIELDS: dict[str, Callable[[str], _Reading]] = {
    "X-Spam-Status": _status,
    "X-Spamd-Result": _result,
    "X-Spam-Flag": _flag,
    "X-Spam": _flag,
    "X-Rspamd-Action": _action,
    "X-MS-Exchange-Organization-SCL": _scl,
    "X-Rspamd-Score": _score,
    "X-Spam-Score": _score,
    "X-Spam-Level": _bar,
    "X-Spamd-Bar": _bar,
}

FIELDS = frozenset(name.lower() for name in _FIELDS)
"""The fields that `read` looks at, in lower case."""
