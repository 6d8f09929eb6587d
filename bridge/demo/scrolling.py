"""What a client misses after a break between homeservers, and scrolls back for.

When one homeserver could not reach the other for a moment it sends only the newest events
afterwards, and the other one's `/sync` says that its timeline is `limited`: what lies between is
fetched when somebody looks (Client-Server API, "Syncing", `timeline.limited`).
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any
from urllib.parse import quote

from bridge.demo.matrix import Door
from bridge.model import Json

_PAGES = 100
_KNOWN_PAGES = 3  # pages without news: the gap lies behind us


class Gaps:
    """The rooms of one client whose timeline has a gap."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._followed: set[str] = set()
        self._open: set[str] = set()

    def note(self, joined: dict[str, Any]) -> None:
        """The `rooms.join` of one sync.  What lies before a room's first sync is no gap."""
        self._open |= {
            room_id for room_id, info in joined.items() if info.timeline.limited and room_id in self._followed
        }
        self._followed |= joined.keys()

    async def fill(self, token: str, known: Container[str]) -> list[tuple[str, Json]]:
        """Events that are not `known`, by room.  A room is looked at until a look finds nothing new,
        because its homeserver fetches what is missing little by little.  Raises `MatrixError`."""
        found: list[tuple[str, Json]] = []
        for room_id in list(self._open):
            news = await self._scroll(room_id, token, known)
            found += [(room_id, event) for event in reversed(news)]
            if not news:
                self._open.discard(room_id)
        return found

    async def _scroll(self, room_id: str, token: str, known: Container[str]) -> list[Json]:
        news: list[Json] = []
        start, quiet = "", 0
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/messages"
        for _ in range(_PAGES):
            query = {"dir": "b", "limit": "100", **({"from": start} if start else {})}
            page = await self._door.request("GET", path, token=token, query=query)
            unknown = [event for event in page["chunk"] if event["event_id"] not in known]
            news += unknown
            quiet = 0 if unknown else quiet + 1
            start = page.get("end", "")
            if not start or quiet == _KNOWN_PAGES:
                break
        return news
