"""What was sent while the bridge was killed, and what of it arrived on the other side."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bridge.points import Phase, Point

PHASES: tuple[Phase, Phase] = ("before", "after")
PLACES: tuple[tuple[Point, Phase], ...] = tuple((p, f) for p in Point for f in PHASES)


@dataclass(slots=True)
class Report:
    """What was sent and what arrived, by unique marks."""

    killed: set[tuple[Point, Phase]] = field(default_factory=set)
    never: set[tuple[Point, Phase]] = field(default_factory=set)
    kills: int = 0
    mails: set[str] = field(default_factory=set)
    replies: set[str] = field(default_factory=set)
    in_room: Counter[str] = field(default_factory=Counter)  # as staff at the host read it
    at_partner: Counter[str] = field(default_factory=Counter)  # and the officer on the other homeserver
    in_box: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    copies: int = 0
    reused: int = 0

    @property
    def lost(self) -> set[str]:
        return {m for m in self.mails if not self.in_room[m]} | {
            r for r in self.replies if not self.in_box[r]
        }

    @property
    def not_at_partner(self) -> set[str]:
        """In the room at the host, and not come over the federation in all the time that was given."""
        return {m for m in self.mails if self.in_room[m] and not self.at_partner[m]}

    @property
    def doubled(self) -> set[str]:
        """Twice in the room, or mailed twice under different Message-IDs."""
        return {m for m in self.mails if self.in_room[m] > 1 or self.at_partner[m] > 1} | {
            r for r in self.replies if len(self.in_box[r]) > 1
        }

    def line(self) -> str:
        total = len(self.mails) + len(self.replies)
        return (
            f"{self.kills} kills at {len(self.killed)} of {len(PLACES)} places; {total} messages: "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {self.copies} mails twice with the same "
            f"Message-ID, {self.reused} indices reused, {len(self.not_at_partner)} not at the partner"
        )

    def faults(self) -> list[str]:
        """What went wrong, message by message."""
        return [
            *(f"never killed at {p.value} {f}" for p, f in sorted(self.never)),
            *(f"lost: {mark}" for mark in sorted(self.lost)),
            *(f"not at the partner: {mark}" for mark in sorted(self.not_at_partner)),
            *(f"{mark}: {self.in_room[mark]} times in the room" for mark in self.mails & self.doubled),
            *(f"{mark}: mailed as {sorted(self.in_box[mark])}" for mark in self.replies & self.doubled),
            *([f"{self.reused} Megolm indices used twice"] if self.reused else []),
        ]
