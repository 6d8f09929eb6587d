"""What came and what went, for operators: a line in the log, and a count, for each mail.

    mail accepted by lmtp: 3f9a0c1b2d4e, 20480 octets     on disk
    mail came again by lmtp: 3f9a0c1b2d4e, 20480 octets   known as a repeat, and dropped
    mail of row 17 handed over: <…@…>, 250 2.0.0          the relay has it

Nothing that a stranger chose stands there: no address, name, subject, Message-ID or address of a
network, and of the relay's answer its codes alone.  The mark is the beginning of the arrival's key,
a digest: the same mail to the same mailbox has the same one.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence

from bridge.channel import Arrival
from bridge.email.sender import codes

log = logging.getLogger(__name__)

_ACCEPTED, _REPEATED, _HANDED_OVER, _RELAY = "accepted", "repeated", "handed_over", "relay"
_MARK = 12  # hex digits of an arrival's key


class Traffic:
    """Counts since the start; `doors` are those that are counted from 0 on."""

    def __init__(self, doors: Iterable[str] = ()) -> None:
        self._counts: Counter[tuple[str, str]] = Counter({(_HANDED_OVER, _RELAY): 0})
        for door in doors:
            self._counts[_ACCEPTED, door] = self._counts[_REPEATED, door] = 0

    def came(self, door: str, arrivals: Sequence[Arrival], fresh: Sequence[bool]) -> None:
        """Mails that are on disk; `fresh` says of each whether it was new."""
        for arrival, new in zip(arrivals, fresh, strict=False):
            self._counts[_ACCEPTED if new else _REPEATED, door] += 1
            what = "accepted" if new else "came again"
            log.info("mail %s by %s: %s, %d octets", what, door, arrival.key[:_MARK], len(arrival.raw))

    def went(self, row: int, message_id: str, answer: str) -> None:
        """A mail that the relay took: its row in the outbox, our own Message-ID, the relay's `answer`."""
        self._counts[_HANDED_OVER, _RELAY] += 1
        log.info("mail of row %d handed over: %s, %s", row, message_id, codes(answer))

    def numbers(self) -> dict[str, float]:
        """The counts, named as `/metrics` shows them."""
        return {f'mails_total{{what="{what}",door="{door}"}}': n for (what, door), n in self._counts.items()}
