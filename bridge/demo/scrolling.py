"""What a client misses after a break or a jam between homeservers, and scrolls back for.

A homeserver that could not reach another for a moment sends only the newest events afterwards; one
that gets more than it can work on (Synapse: a hundred events of one room) drops what lies between.
Then `/sync` says that the timeline is `limited`, and what is missing is fetched, little by little,
when somebody looks (Client-Server API, "Syncing", `timeline.limited`).
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bridge.demo.matrix import Door
from bridge.model import Json

_PAGES = 30
_KNOWN_PAGES = 3  # pages without news: the gap lies behind us
_EVERY = 2.0  # seconds between two looks at a gap
_PATIENCE = 120.0  # seconds without news after which a gap is closed


@dataclass(frozen=True, slots=True)
class _Gap:
    """`token`: where to scroll back from; when there were news last, and when it was looked at."""

    token: str
    news_at: float
    looked_at: float


class Gaps:
    """The gaps in the timelines of one client.  `clock` gives seconds that never go back."""

    def __init__(self, door: Door, clock: Callable[[], float]) -> None:
        self._door = door
        self._clock = clock
        self._followed: set[str] = set()
        self._open: dict[str, _Gap] = {}

    def note(self, joined: dict[str, Any]) -> None:
        """The `rooms.join` of one sync.  What lies before a room's first sync is no gap."""
        now = self._clock()
        for room_id, info in joined.items():
            if info.timeline.limited and info.timeline.prev_batch and room_id in self._followed:
                before = self._open.get(room_id)  # it lies behind the new one, not far away
                looked_at = now - _EVERY if before is None else before.looked_at
                self._open[room_id] = _Gap(info.timeline.prev_batch, now, looked_at)
        self._followed |= joined.keys()

    async def fill(self, token: str, known: Container[str]) -> list[tuple[str, Json]]:
        """Events that are not `known`, by room, oldest first.  Raises `MatrixError`."""
        found: list[tuple[str, Json]] = []
        for room_id, gap in list(self._open.items()):
            now = self._clock()
            if now - gap.looked_at < _EVERY:
                continue
            news = await self._scroll(room_id, gap.token, token, known)
            found += [(room_id, event) for event in reversed(news)]
            if news or now - gap.news_at < _PATIENCE:
                self._open[room_id] = _Gap(gap.token, now if news else gap.news_at, now)
            else:
                del self._open[room_id]
        return found

    async def _scroll(self, room_id: str, start: str, token: str, known: Container[str]) -> list[Json]:
        news: list[Json] = []
        quiet = 0
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/messages"
        for _ in range(_PAGES):
            query = {"dir": "b", "limit": "100", "from": start}
            page = await self._door.request("GET", path, token=token, query=query)
            unknown = [event for event in page["chunk"] if event["event_id"] not in known]
            news += unknown
            quiet = 0 if unknown else quiet + 1
            start = page.get("end", "")
            if not start or quiet == _KNOWN_PAGES:
                break
        return news
