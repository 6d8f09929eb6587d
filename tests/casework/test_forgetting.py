"""`!forget`: who may, what is asked first, and what it takes to be obeyed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.casework import effects as fx
from bridge.model import Case, Mark, RoomKind
from tests.casework.world import (
    ADMIN,
    CASE,
    CLERK,
    CONTROL,
    LOBBY,
    LOCKED,
    MUTE,
    OFFICER,
    OTHER,
    THREAD,
    World,
    marks,
    only,
    text,
)

REF = CASE.reference
STRANGER = "@mallory:evil.example"


def thread(command: str, named: Case | None = CASE, case: Case = CASE, **how: object) -> list[fx.Effect]:
    world = World(case, named=named)
    return world.feed(text(command, THREAD), **{"sender": CLERK, **how})[1]  # type: ignore[arg-type]


def desk(command: str, named: Case | None = CASE, **how: object) -> list[fx.Effect]:
    return World(named=named).feed(text(command), **{"sender": CLERK, **how})[1]  # type: ignore[arg-type]


def control(command: str, named: Case | None = CASE, **how: object) -> list[fx.Effect]:
    world = World(kind=RoomKind.CONTROL, named=named)
    return world.feed(text(command), **{"sender": ADMIN, "room": CONTROL, **how})[1]  # type: ignore[arg-type]


def told(effects: list[fx.Effect]) -> str:
    [said] = [e for e in effects if isinstance(e, fx.Notice | fx.Reply)]
    return said.text


@pytest.mark.parametrize(
    ("place", "command"),
    [(thread, "!forget"), *((p, f"!forget {REF}") for p in (thread, desk, control))],
)
def test_it_asks_first(place: object, command: str) -> None:
    effects = place(command)  # type: ignore[operator]
    assert not only(effects, fx.Forget)
    assert "destroys for ever" in told(effects) and f"!forget {REF} yes" in told(effects)


@pytest.mark.parametrize("command", [f"!forget {REF} yes", f"！FORGET {REF.lower()}  YES "])
def test_yes_forgets_and_the_answer_does_not_need_the_thread(command: str) -> None:
    for place in (thread, desk, control):
        effects = place(command)
        assert only(effects, fx.Forget) == [fx.Forget(CASE.id)]
        assert isinstance(effects[-1], fx.Reply) and "destroyed" in effects[-1].text
    assert marks(thread(command)) == [Mark.INSIDE]


def test_a_locked_case_can_be_forgotten_too() -> None:
    assert only(thread(f"!forget {REF} yes", LOCKED, LOCKED), fx.Forget)


@pytest.mark.parametrize(
    ("how", "part"),
    [
        ({"sender": OFFICER}, "only staff of the host"),
        ({"sender": MUTE}, "only staff of the host"),
        ({"trusted": False}, "has not verified"),
        ({"sender": OFFICER, "trusted": False}, "has not verified"),
    ],
)
def test_nobody_else_may(how: dict[str, object], part: str) -> None:
    for place in (thread, desk):
        effects = place(f"!forget {REF} yes", **how)  # type: ignore[arg-type]
        assert not only(effects, fx.Forget) and part in told(effects)


def test_strangers_and_other_rooms() -> None:
    assert not only(thread(f"!forget {REF} yes", sender=STRANGER), fx.Forget)
    assert desk(f"!forget {REF} yes", sender=STRANGER) == []
    world = World(kind=RoomKind.LOBBY, named=CASE)
    effects = world.feed(text(f"!forget {REF} yes"), sender=CLERK, room=LOBBY)[1]
    assert [type(e) for e in effects] == [fx.Reply]
    for how in ({"sender": CLERK}, {"sender": OFFICER}, {"trusted": False}):
        assert [type(e) for e in control(f"!forget {REF} yes", **how)] == [fx.Reply]


def test_another_case_is_not_forgotten_from_a_thread() -> None:
    effects = thread(f"!forget {OTHER.reference} yes", OTHER)
    assert not only(effects, fx.Forget) and "another case" in told(effects)


def test_another_consultations_case_is_none_for_staff_but_one_for_operators() -> None:
    theirs = replace(OTHER, slug="budget")
    command = f"!forget {OTHER.reference} yes"
    for effects in (thread(command, theirs), desk(command, theirs)):
        assert not only(effects, fx.Forget) and "no such case" in told(effects)
    assert only(control(command, theirs), fx.Forget) == [fx.Forget(OTHER.id)]


@pytest.mark.parametrize(
    "command", ["!forget", "!forget yes", "!forget PARK-0000-00", "!forget PARK-0000-00 yes"]
)
def test_a_case_has_to_be_named_outside_its_thread(command: str) -> None:
    for place in (desk, control):
        effects = place(command, None)
        assert not only(effects, fx.Forget) and "no such case" in told(effects)


@settings(deadline=None)
@given(st.text(alphabet=" \n\tyesPARK-7F3K9Q\u2011.x", max_size=40))
def test_only_the_exact_words_forget(argument: str) -> None:
    for place in (thread, desk, control):
        if only(place(f"!forget {argument}"), fx.Forget):
            name, sure = argument.split()
            assert len(name) >= 4 and sure.lower() == "yes" and "\n" not in argument.strip()
