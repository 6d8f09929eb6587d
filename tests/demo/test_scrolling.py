"""A client finds what lies in a gap of its timeline, also when it comes little by little."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bridge.demo.matrix import Door
from bridge.demo.scrolling import Gaps
from bridge.model import Json

ROOM = "!room"


class Pages(Door):
    """Answers /messages from what the homeserver has by now (newest first), two events a page."""

    def __init__(self, *has: str) -> None:
        super().__init__("http://homeserver.example")
        self.has = list(has)
        self.asked = 0

    async def request(self, *_: Any, query: Any = None, **__: Any) -> Json:
        self.asked += 1
        at = int(query["from"].removeprefix("t"))
        chunk = [{"event_id": e} for e in self.has[at : at + 2]]
        return {"chunk": chunk, **({"end": f"t{at + 2}"} if at + 2 < len(self.has) else {})}


def synced(limited: bool, token: str = "t0") -> dict[str, Any]:
    return {ROOM: SimpleNamespace(timeline=SimpleNamespace(limited=limited, prev_batch=token))}


async def events(gaps: Gaps, known: set[str]) -> list[str]:
    found = [event["event_id"] for _, event in await gaps.fill("token", known)]
    known |= set(found)
    return found


async def test_what_the_homeserver_fetches_later_is_found_later() -> None:
    now = 0.0
    door = Pages("$4", "$1")
    gaps = Gaps(door, lambda: now)
    known = {"$1"}
    gaps.note(synced(True))
    assert await events(gaps, known) == [] and door.asked == 0, "before the first sync there is no gap"
    gaps.note(synced(True))
    assert await events(gaps, known) == ["$4"]
    assert await events(gaps, known) == [], "not again at once"
    now += 10
    door.has = ["$4", "$3", "$2", "$1"]
    assert await events(gaps, known) == ["$2", "$3"]


async def test_a_gap_is_closed_after_a_while_without_news() -> None:
    now = 0.0
    door = Pages("$1")
    gaps = Gaps(door, lambda: now)
    gaps.note(synced(False))
    gaps.note(synced(True))
    while now < 200:
        assert await events(gaps, {"$1"}) == []
        now += 5
    asked = door.asked
    assert 10 < asked < 40
    now += 1000
    assert await events(gaps, set()) == [] and door.asked == asked


async def test_a_timeline_without_a_gap_is_not_looked_at() -> None:
    door = Pages("$1")
    gaps = Gaps(door, lambda: 0.0)
    for _ in range(3):
        gaps.note(synced(False))
    assert await events(gaps, set()) == [] and door.asked == 0
