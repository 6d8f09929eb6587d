"""Who is in a room: asked once, forgotten at every change, never older than the last event."""

from __future__ import annotations

import asyncio

import pytest

from bridge.appservice.members import Members
from bridge.e2ee.api import MatrixError
from bridge.model import Json
from tests.waiting import until

ROOM = "!r"


def member(user: str, ts: int, membership: str = "join", *, name: str = "", after: str | None = None) -> Json:
    event: Json = {
        "state_key": user,
        "origin_server_ts": ts,
        "content": {"membership": membership, "displayname": name},
    }
    if after is not None:
        event["unsigned"] = {"replaces_state": after, "prev_content": {"membership": "join"}}
    return event


class Reader:
    """A room whose answers can be held back."""

    def __init__(self) -> None:
        self.now: list[Json] = []
        self.before: dict[str, Json] = {}
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()

    async def members(self, room_id: str) -> list[Json]:
        self.asked += 1
        found = list(self.now)
        await self.open.wait()
        return found

    async def event(self, room_id: str, event_id: str) -> Json:
        return self.before[event_id]


async def test_asked_once_until_forgotten() -> None:
    reader = Reader()
    reader.now = [member("@a", 5, name="Ada"), member("@b", 6, "leave")]
    members = Members(reader)
    assert members.known(ROOM) is None
    for _ in range(3):
        assert await members(ROOM) == {"@a": 5}
    assert (reader.asked, members.known(ROOM)) == (1, {"@a": 5})
    assert await members.name(ROOM, "@a") == "Ada"
    assert await members.name(ROOM, "@nobody") == ""
    reader.now.append(member("@b", 7))
    members.forget(ROOM)
    assert await members(ROOM) == {"@a": 5, "@b": 7}
    assert reader.asked == 2


async def test_many_questions_at_once_are_one_request() -> None:
    reader = Reader()
    reader.now = [member("@a", 5)]
    members = Members(reader)
    reader.open.clear()
    asking = [asyncio.create_task(members(ROOM)) for _ in range(10)]
    await asyncio.sleep(0)
    reader.open.set()
    assert await asyncio.gather(*asking) == [{"@a": 5}] * 10
    assert reader.asked == 1


async def test_an_answer_from_before_the_change_is_not_kept() -> None:
    reader = Reader()
    reader.now = [member("@a", 5), member("@gone", 6)]
    members = Members(reader)
    reader.open.clear()
    asking = asyncio.create_task(members(ROOM))
    await until(lambda: reader.asked)
    reader.now.pop()  # they leave while we are asking
    members.forget(ROOM)
    reader.open.set()
    assert await asking == {"@a": 5}
    assert members.known(ROOM) == {"@a": 5}


async def test_a_new_name_is_not_a_new_join() -> None:
    reader = Reader()
    reader.before = {"$2": member("@a", 50, after="$1"), "$1": member("@a", 7)}
    reader.now = [member("@a", 900, after="$2")]
    assert await Members(reader)(ROOM) == {"@a": 7}


async def test_a_failed_question_is_asked_again() -> None:
    class Failing(Reader):
        async def members(self, room_id: str) -> list[Json]:
            found = await super().members(room_id)
            if self.asked == 1:
                raise MatrixError(502, "", "")
            return found

    reader = Failing()
    members = Members(reader)
    with pytest.raises(MatrixError):
        await members(ROOM)
    assert await members(ROOM) == {}
