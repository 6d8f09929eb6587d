"""What arrived: in the room as a client read it, and in the citizens' boxes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import vodozemac

from bridge.demo.officer import Officer
from bridge.demo.received import Received

_MARK = re.compile(r"(?:answer|file)\d{5}x")
_WORDS = re.compile(r"ords ((?:mail|again|form)\d{5}x)")


def words(reader: Officer) -> Counter[str]:
    """The citizens' marks that a client has read, and how often."""
    return Counter(
        mark
        for event in list(reader.seen.values())
        if event.encrypted and event.content.get("msgtype") == "m.text" and not event.replaces
        for mark in set(_WORDS.findall(event.body))
    )


def reused(reader: Officer, bot: str) -> int:
    """Megolm indices under which the bot sent more than one event."""
    indices: dict[tuple[str, object], set[str]] = defaultdict(set)
    for event in list(reader.seen.values()):
        ciphertext = event.wire.get("ciphertext")
        if event.sender == bot and event.encrypted and isinstance(ciphertext, str):
            number = vodozemac.MegolmMessage.from_base64(ciphertext).message_index
            indices[str(event.wire["session_id"]), number].add(event.event_id)
    return sum(len(events) - 1 for events in indices.values())


def boxed(mails: Sequence[Received]) -> dict[str, set[str]]:
    """The Message-IDs under which each of staff's marks came."""
    found: dict[str, set[str]] = defaultdict(set)
    for mail in mails:
        for mark in _MARK.findall(mail.raw.decode(errors="replace")):
            found[mark].add(mail.message_id)
    return found


def copies(mails: Sequence[Received]) -> int:
    """Mails that came again under a Message-ID that was there."""
    return sum(number - 1 for number in Counter(mail.message_id for mail in mails).values())
