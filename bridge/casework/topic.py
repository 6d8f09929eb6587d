"""A subject line in a case: the usual one, or the citizen's words for something new."""

from __future__ import annotations

import re

from bridge import reference
from bridge.model import Case
from bridge.text import clean_line

_WORDS = "re|res|r|aw|antw|sv|vs|ref|rép|rif|odp|ynt|fw|fwd|wg|tr|rv|vl|vb|enc|i|doorst"
_PREFIX = re.compile(
    rf"\s*(?:\[[^\[\]]{{1,40}}\]|(?:{_WORDS})\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\)|\^\d{{1,3}})?\s*[:：])",
    re.IGNORECASE,
)
_MOST = 20  # prefixes that are looked through


def bare(subject: str) -> str:
    """`subject` without what mail programs put before it: Re:, Fwd:, AW:, RE[2]:, [EXTERNAL] …"""
    for _ in range(_MOST):
        found = _PREFIX.match(subject)
        if found is None:
            break
        subject = subject[found.end() :]
    return " ".join(subject.split())


def is_new(subject: str, case: Case) -> bool:
    """Whether `subject` says something that nobody in the case has read.

    What answers a mail of ours still holds the reference, which stands in each of our subjects.
    """
    line = clean_line(subject)
    words = bare(line).casefold()
    return words not in ("", bare(case.subject).casefold()) and case.reference not in reference.parse(line)
