"""Who is joined to a room and since when: asked once, kept until an event says that it changed.

A membership event only makes us forget the room.  The next question goes to the homeserver,
so an old event that is replayed after a restart cannot bring back somebody who has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from bridge.model import Json

_STEPS = 20  # how many changes of a name we look behind to find the join itself


class Reader(Protocol):
    """The two questions, see `Client`."""

    async def members(self, room_id: str) -> list[Json]: ...

    async def event(self, room_id: str, event_id: str) -> Json: ...


class Members:
    """A cache; `await members(room_id)` gives the joined users and when they joined, in ms since 1970.

    Raises what the reader raises (`MatrixError`); nothing is kept then.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, Mapping[str, int]] = {}
        self._names: dict[str, Mapping[str, str]] = {}
        self._turn: dict[str, int] = {}  # counts what made us forget the room
        self._locks: dict[str, asyncio.Lock] = {}

    def known(self, room_id: str) -> Mapping[str, int] | None:
        """What is in memory, without asking."""
        return self._known.get(room_id)

    def forget(self, room_id: str) -> None:
        """Something changed there."""
        self._turn[room_id] = self._turn.get(room_id, 0) + 1
        self._known.pop(room_id, None)

    async def name(self, room_id: str, user_id: str) -> str:
        """The display name that a joined user has in the room; "" for none."""
        await self(room_id)
        return self._names.get(room_id, {}).get(user_id, "")

    async def __call__(self, room_id: str) -> Mapping[str, int]:
        if (known := self._known.get(room_id)) is not None:
            return known
        async with self._locks.setdefault(room_id, asyncio.Lock()):
            while (known := self._known.get(room_id)) is None:
                turn = self._turn.get(room_id, 0)
                found, names = await self._load(room_id)
                if turn == self._turn.get(room_id, 0):  # else it changed while we asked
                    self._known[room_id], self._names[room_id] = found, names
            return known

    async def _load(self, room_id: str) -> tuple[Mapping[str, int], Mapping[str, str]]:
        joined: dict[str, int] = {}
        names: dict[str, str] = {}
        for event in await self._reader.members(room_id):
            user_id, content = event.get("state_key"), event.get("content", {})
            if isinstance(user_id, str) and content.get("membership") == "join":
                joined[user_id] = await self._joined_at(room_id, event)
                names[user_id] = str(content.get("displayname") or "")
        return joined, names

    async def _joined_at(self, room_id: str, event: Json) -> int:
        """When the join was made that `event`, perhaps only a new name, goes on with."""
        for _ in range(_STEPS):
            unsigned = event.get("unsigned", {})
            before = unsigned.get("prev_content", {}).get("membership")
            replaced = unsigned.get("replaces_state")
            if before != "join" or not isinstance(replaced, str):
                break
            event = await self._reader.event(room_id, replaced)
        return int(event.get("origin_server_ts", 0))
