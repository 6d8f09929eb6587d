"""Floods of the public mailbox: what is held back, who hears of it, and how it is let through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import HeldMail, KnownMail, Traffic
from bridge.casework.settings import Brake
from bridge.inbound import MailIn
from tests.casework.test_trust import ADA
from tests.casework.world import CASE, CLERK, DESK, LOBBY, MUTE, PARK, SETTINGS, World, only, text

LIMITS = replace(SETTINGS, brake=Brake(per_address=2, per_network=3, per_consultation=4))
KNOWN = KnownMail(PARK, desk=DESK)
HELD = (
    HeldMail(1, "AAAA", "held_spam", 1_000_000, "ada@citizen.example", "Lamps", "The lamp broke."),
    HeldMail(2, "BBBB", "held_address", 2_000_000, "", "", "Buy now"),
)


def why(came: MailIn, known: KnownMail) -> str | None:
    effects = decide(came, known, LIMITS)
    held = only(effects, fx.HoldBack)
    assert bool(held) is not bool(only(effects, fx.OpenCase))
    assert only(effects, fx.Arrived), "what is held back counts too"
    if held:
        assert not only(effects, fx.Acknowledge) and not only(effects, fx.Words)
        [said] = only(effects, fx.Reply)
        assert said.room_id == DESK and said.once and "Ada" not in said.text
    return held[0].why if held else None


@pytest.mark.parametrize(
    ("came", "known", "reason"),
    [
        (ADA, KNOWN, None),
        (replace(ADA, spam=True), KNOWN, "held_spam"),
        (ADA, replace(KNOWN, traffic=Traffic(1, 0, 3)), None),
        (ADA, replace(KNOWN, traffic=Traffic(2, 0, 0)), "held_address"),
        (replace(ADA, network="192.0.2.0/24"), replace(KNOWN, traffic=Traffic(0, 3, 0)), "held_network"),
        (ADA, replace(KNOWN, traffic=Traffic(0, 9, 0)), None),
        (ADA, replace(KNOWN, traffic=Traffic(0, 0, 4)), "held_consultation"),
        (replace(ADA, spam=True), replace(KNOWN, released=True), None),
        (ADA, replace(KNOWN, released=True, traffic=Traffic(9, 9, 9)), None),
        (replace(ADA, token="x", from_address="m@evil.example"), replace(KNOWN, by_token=CASE), None),
        (
            replace(ADA, token="x", from_address="m@evil.example", spam=True),
            replace(KNOWN, by_token=CASE),
            "held_spam",
        ),
    ],
)
def test_what_is_held_back(came: MailIn, known: KnownMail, reason: str | None) -> None:
    assert why(came, known) == reason


def test_who_is_in_a_case_already_is_never_held_back() -> None:
    known = replace(KNOWN, by_token=CASE, traffic=Traffic(9, 9, 9))
    effects = decide(replace(ADA, token="x", spam=True), known, LIMITS)
    assert only(effects, fx.Words)[0].case == CASE.id


def said(world: World, command: str, **how: object) -> list[fx.Effect]:
    return world.feed(text(command), **{"sender": CLERK, **how})[1]  # type: ignore[arg-type]


def test_the_list_shows_what_a_clerk_needs() -> None:
    [reply] = said(World(mail_held=HELD), "!held")
    assert isinstance(reply, fx.Reply) and reply.room_id == DESK
    for part in ("AAAA", "ada@citizen.example", "Lamps", "The lamp broke.", "looks like spam", "BBBB", "?"):
        assert part in reply.text


@pytest.mark.parametrize(
    ("command", "items"),
    [
        ("!release AAAA", (1,)),
        ("!release aaaa BBBB", (1, 2)),
        ("!release all", (1, 2)),
        ("!release", ()),
        ("!release CCCC", ()),
        ("!release AAAA CCCC", ()),
        ("!held AAAA", ()),
    ],
)
def test_what_is_released(command: str, items: tuple[int, ...]) -> None:
    effects = said(World(mail_held=HELD), command)
    assert [e.items for e in only(effects, fx.ReleaseHeld)] == ([items] if items else [])
    assert len(only(effects, fx.Reply)) == 1


def test_what_is_discarded() -> None:
    effects = said(World(mail_held=HELD), "!discard BBBB")
    assert only(effects, fx.DiscardHeld)[0].items == (2,)


def test_nothing_is_held() -> None:
    [reply] = said(World(), "!held")
    assert isinstance(reply, fx.Reply) and "Nothing" in reply.text


def test_who_may_not_reply_and_who_is_not_verified_decide_nothing() -> None:
    for how in ({"sender": MUTE}, {"trusted": False}):
        effects = said(World(mail_held=HELD), "!release all", **how)
        assert [type(e) for e in effects] == [fx.Reply]
        assert "Nothing was done" in only(effects, fx.Reply)[0].text


def test_strangers_and_other_rooms_get_no_answer() -> None:
    assert said(World(mail_held=HELD), "!held", sender="@eve:evil.example") == []
    world = World(mail_held=HELD)
    world.kind = world.kind.LOBBY
    assert said(world, "!held", room=LOBBY) == []
