"""What an officer saw of one event, decrypted or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.model import Json


@dataclass(frozen=True)
class Seen:
    """An event of a joined room's timeline.

    `content` is the decrypted content with everything the sender put in; of an event that could not
    be decrypted (`fault` says why) it is empty.  `wire` is the content as servers store it, the
    same as `content` when the event was not `encrypted`.  `timestamp` in milliseconds.
    """

    room_id: str
    event_id: str
    sender: str
    type: str
    content: Json
    wire: Json
    encrypted: bool
    fault: str
    timestamp: int
    state_key: str | None = None
    redacts: str | None = None

    @property
    def readable(self) -> bool:
        """Not encrypted, or decrypted."""
        return not self.fault

    @property
    def body(self) -> str:
        """The text; "" when there is none."""
        return _text(self.content.get("body"))

    @property
    def profile(self) -> Json | None:
        """The per-message profile (MSC4144), if there is one."""
        profile = self.content.get("com.beeper.per_message_profile")
        return profile if isinstance(profile, dict) else None

    @property
    def relation(self) -> Json:
        """`m.relates_to`, from the content or else the wire; empty without one."""
        relation = self.content.get("m.relates_to") or self.wire.get("m.relates_to")
        return relation if isinstance(relation, dict) else {}

    @property
    def thread(self) -> str | None:
        """The root of the thread it stands in."""
        return self._related("m.thread")

    @property
    def replaces(self) -> str | None:
        """The event it edits."""
        return self._related("m.replace")

    @property
    def annotates(self) -> tuple[str, str] | None:
        """Of a reaction: the event, and the reaction's key."""
        target = self._related("m.annotation")
        return None if target is None else (target, _text(self.relation.get("key")))

    def _related(self, kind: str) -> str | None:
        return _text(self.relation.get("event_id")) if self.relation.get("rel_type") == kind else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
