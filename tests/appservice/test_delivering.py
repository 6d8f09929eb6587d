"""Invitations as the dispatcher has them delivered: when the other homeserver does not take them; and
the end of what was said of somebody who is forgotten."""

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


# ------------------------------------------------------------------ somebody is forgotten

GONE = {"room": ROOM, "event_id": "$words"}


def redaction() -> Outgoing:
    other = cast(Any, None)
    return Outgoing(7, "redact", GONE, {}, 0, 0, other, other, other)


async def test_an_event_is_redacted_with_a_key_that_makes_a_repeat_harmless(
    homeserver: FakeHomeserver, client: Client
) -> None:
    for _ in range(2):
        await deliverer(client, Engine()).deliver(redaction())
    asked = [entry for entry in homeserver.asked if "/redact/" in entry]
    assert len(asked) == 2 and len(set(asked)) == 1 and asked[0].endswith("fm7.0")


async def test_what_is_not_there_needs_no_redaction(homeserver: FakeHomeserver, client: Client) -> None:
    homeserver.refuse("/redact/", 404, "M_NOT_FOUND")
    await deliverer(client, Engine()).deliver(redaction())


async def test_a_redaction_that_is_refused_is_somebodys_matter(
    homeserver: FakeHomeserver, client: Client
) -> None:
    homeserver.refuse("/redact/", 403, "M_FORBIDDEN")
    with pytest.raises(Broken, match="403"):
        await deliverer(client, Engine()).deliver(redaction())
