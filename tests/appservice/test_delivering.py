"""Invitations as the dispatcher has them delivered: when the other homeserver does not take them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bridge.appservice.client import Client
from bridge.appservice.delivering import Deliverer
from bridge.channel import Outgoing
from bridge.errors import Broken, Retry
from bridge.model import RoomKind
from tests.appservice.homeserver import FakeHomeserver

ROOM, OFFICER = "!desk:alder.example", "@officer:birch.example"


class Engine:
    """Remembers who was given the history."""

    def __init__(self) -> None:
        self.shared: list[tuple[str, str]] = []

    async def share_history(self, room_id: str, user_id: str) -> int:
        self.shared.append((room_id, user_id))
        return 0


async def _no_room(room_id: str, kind: RoomKind) -> None:
    raise AssertionError("no room is made by an invitation")


def deliverer(client: Client, engine: Engine) -> Deliverer:
    other = cast(Any, None)  # what an invitation does not need
    return Deliverer(client, cast(Any, engine), other, other, other, control=lambda: ROOM, on_room=_no_room)


def row(tries: int = 0) -> Outgoing:
    other = cast(Any, None)
    payload = {"room": ROOM, "user_id": OFFICER}
    return Outgoing(1, "invite", payload, {}, 0, tries, other, other, other)


def invitations(homeserver: FakeHomeserver) -> int:
    return len([entry for entry in homeserver.asked if entry.endswith("/invite")])


async def test_an_invitation_goes_out_with_the_history(homeserver: FakeHomeserver, client: Client) -> None:
    engine = Engine()
    await deliverer(client, engine).deliver(row())
    assert invitations(homeserver) == 1
    assert engine.shared == [(ROOM, OFFICER)]


@pytest.mark.parametrize("membership", ["join", "invite"])
async def test_who_is_there_is_not_invited(
    homeserver: FakeHomeserver, client: Client, membership: str
) -> None:
    homeserver.state[f"m.room.member/{OFFICER}"] = {"membership": membership}
    await deliverer(client, Engine()).deliver(row())
    assert invitations(homeserver) == 0


@pytest.mark.parametrize(("tries", "after"), [(0, 1), (5, 32), (11, 1800), (5000, 1800)])
async def test_a_server_that_is_away_is_asked_less_and_less(
    homeserver: FakeHomeserver, client: Client, tries: int, after: float
) -> None:
    homeserver.refuse("/invite", 502, "M_UNKNOWN")
    with pytest.raises(Retry) as caught:
        await deliverer(client, Engine()).deliver(row(tries))
    assert caught.value.after == after


async def test_a_refusal_is_final(homeserver: FakeHomeserver, client: Client) -> None:
    homeserver.refuse("/invite", 404, "M_NOT_FOUND")
    with pytest.raises(Broken, match="404"):
        await deliverer(client, Engine()).deliver(row())


async def test_who_joins_meanwhile_is_no_fault(homeserver: FakeHomeserver, client: Client) -> None:
    """They joined between our look and our invitation."""
    homeserver.refuse("/invite", 403, "M_FORBIDDEN")
    asked: list[str] = []
    present = client.state_of

    async def state_of(room_id: str, kind: str, key: str = "") -> dict[str, Any] | None:
        asked.append(key)
        return {"membership": "join"} if len(asked) > 1 else await present(room_id, kind, key)

    client.state_of = state_of  # type: ignore[method-assign]
    await deliverer(client, Engine()).deliver(row())
    assert asked == [OFFICER, OFFICER]
