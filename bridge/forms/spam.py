"""What speaks against a submission.  It is never refused: staff look at it before it becomes a case.

    sign        points   what it is
    trap           3     the input that people do not see was filled in
    links          2     an answer with very many links
    repeated       2     the same words again and again, in one answer or to several questions
    fast           1     sent sooner after the start page than anybody can read it
    network        1     very many from the same network within an hour
    a solved puzzle takes one point away; a missing or wrong one says nothing

What has a point left is held.  So a library whose visitors share an address, or a quick typist with
a saved form, is not held where the browser has solved the puzzle, and a machine that fills in the
trap is held though it solved one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.forms.settings import SpamSettings

TRAP, LINKS, REPEATED, FAST, NETWORK = (
    "spam_trap",
    "spam_links",
    "spam_repeated",
    "spam_fast",
    "spam_network",
)
"""Keys of `casework.texts`: staff read why a form was held."""

POINTS = {TRAP: 3, LINKS: 2, REPEATED: 2, FAST: 1, NETWORK: 1}

_LINK = re.compile(r"https?://|\bwww\.|\[url\b|<a\s", re.IGNORECASE)
_LOOKED_AT = 50_000  # characters of an answer
_ALIKE = 3  # questions with the same answer
_SHORT = 8  # characters of an answer that may well be given several times ("yes", "no idea")
_WORDS = 40  # in an answer before it can be repetitive
_DISTINCT = 0.1  # of them, as a share: less is the same again and again


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a submission: answers in people's own words, what stood in the trap, the
    seconds since the start page, whether its network sent very many, whether the puzzle was solved."""

    texts: Sequence[str] = field(repr=False)
    trap: str = field(default="", repr=False)
    seconds: float = 3600
    crowded: bool = False
    solved: bool = False


def signs(sent: Sent, settings: SpamSettings) -> tuple[str, ...]:
    """All that speaks against it, whether or not that is enough to hold it."""
    texts = [unicodedata.normalize("NFKC", text[:_LOOKED_AT]) for text in sent.texts]
    found = {
        TRAP: bool(sent.trap.strip()),
        LINKS: any(len(_LINK.findall(text)) >= settings.links for text in texts),
        REPEATED: _repeated(texts),
        FAST: 0 <= sent.seconds < settings.seconds,
        NETWORK: sent.crowded,
    }
    return tuple(sign for sign, there in found.items() if there)


def suspicions(sent: Sent, settings: SpamSettings) -> tuple[str, ...]:
    """The signs for which it is held; () when it is not.  Says the same in both modes."""
    found = signs(sent, settings)
    return found if sum(POINTS[sign] for sign in found) > int(sent.solved) else ()


def _repeated(texts: Sequence[str]) -> bool:
    words = [text.casefold().split() for text in texts]
    alike = Counter(" ".join(said) for said in words if len(" ".join(said)) >= _SHORT)
    if any(count >= _ALIKE for count in alike.values()):
        return True
    return any(len(said) >= _WORDS and len(set(said)) < len(said) * _DISTINCT for said in words)
