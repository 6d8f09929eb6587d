"""What staff and operators may say to the bridge, and what is only a note."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.casework import effects as fx
from bridge.model import Case, EventKind, Mark, RoomKind, Status
from tests.casework.world import (
    ADMIN,
    CASE,
    CLERK,
    CONTROL,
    LOCKED,
    MUTE,
    NAMELESS,
    OTHER,
    PICTURE,
    ROOT,
    THREAD,
    World,
    goes_out,
    image,
    marks,
    only,
    text,
)

INTO = replace(OTHER, id=8)


def held(world: World, body: str = "@bob hello") -> str:
    return world.feed(text(body, THREAD))[0]


def notice(effects: list[fx.Effect]) -> str:
    return only(effects, fx.Notice)[0].text


def test_send_releases_the_newest_doubt() -> None:
    world = World()
    held(world)
    newest = held(world, "@bob again")
    _, effects = world.feed(text("!send", THREAD), sender=CLERK)
    assert only(effects, fx.Release) == [fx.Release(newest, 10)]
    assert [(e.event_id, e.mark) for e in only(effects, fx.SetMark)][-1] == (newest, Mark.WAITING)


@pytest.mark.parametrize("spelling", ["!send", "！send", " \u200b!Send", "!SEND  "])
def test_send_releases_the_doubt_it_answers(spelling: str) -> None:
    world = World()
    first = held(world)
    held(world, "@bob again")
    relates = {**THREAD, "m.in_reply_to": {"event_id": first}, "is_falling_back": False}
    _, effects = world.feed(text(spelling, relates))
    assert [e.event_id for e in only(effects, fx.Release)] == [first]


def test_a_fallback_reply_chooses_nothing() -> None:
    world = World()
    first = held(world)
    newest = held(world, "@bob again")
    relates = {**THREAD, "m.in_reply_to": {"event_id": first}, "is_falling_back": True}
    assert [e.event_id for e in only(world.feed(text("!send", relates))[1], fx.Release)] == [newest]


def test_send_with_nothing_to_send_and_twice() -> None:
    world = World()
    _, effects = world.feed(text("!send", THREAD))
    assert not goes_out(effects) and "no message" in notice(effects)
    first = held(world)
    relates = {"m.in_reply_to": {"event_id": first}}
    assert goes_out(world.feed(text("!send", relates))[1])
    assert not goes_out(world.feed(text("!send", relates))[1])


@pytest.mark.parametrize("case", [LOCKED, NAMELESS, replace(LOCKED, status=Status.CLOSED)])
def test_send_does_not_open_a_case_out_of_which_nothing_goes(case: Case) -> None:
    world = World(case)
    world.remember("$doubt", EventKind.DOUBT, CLERK)
    assert not goes_out(world.feed(text("!send", THREAD))[1])


@pytest.mark.parametrize("command", ["!send", "!apart", "!join PARK-8K2M-4T"])
def test_who_may_not_reply_gives_no_command_that_lets_something_out(command: str) -> None:
    world = World(LOCKED, named=INTO)
    world.remember("$doubt", EventKind.DOUBT, CLERK)
    _, effects = world.feed(text(command, THREAD), sender=MUTE)
    assert {type(e) for e in effects} == {fx.Record, fx.SetMark, fx.Notice}


def test_apart_makes_a_case_of_its_own() -> None:
    _, effects = World(LOCKED).feed(text("!apart", THREAD))
    assert only(effects, fx.Unlock) == [fx.Unlock(7)]
    assert marks(effects) == [Mark.INSIDE]


@pytest.mark.parametrize("status", [Status.OPEN, Status.ANSWERED])
def test_close_ends_a_case(status: Status) -> None:
    _, effects = World(replace(CASE, status=status)).feed(text("!close", THREAD))
    assert only(effects, fx.Move) == [fx.Move(7, Status.CLOSED)]
    assert marks(effects) == [Mark.INSIDE] and not only(effects, fx.Mail)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.LOCKED, Status.DISCARDED])
def test_what_is_not_open_is_not_closed(status: Status) -> None:
    _, effects = World(replace(CASE, status=status)).feed(text("!close", THREAD))
    assert not only(effects, fx.Move)
    assert any("not open" in n.text for n in only(effects, fx.Notice))


@pytest.mark.parametrize("command", ["!close it", "!close\nall"])
def test_close_stands_alone(command: str) -> None:
    _, effects = World(CASE).feed(text(command, THREAD))
    assert not only(effects, fx.Move)


def test_a_command_that_answers_the_head_line_is_obeyed() -> None:
    _, effects = World(LOCKED).feed(text("!apart", {"m.in_reply_to": {"event_id": ROOT}}))
    assert only(effects, fx.Unlock) == [fx.Unlock(7)]
    assert not only(effects, fx.Record)


@pytest.mark.parametrize("command", ["!join PARK-8K2M-4T", "!join", "！JOIN  "])
def test_join_moves_the_words(command: str) -> None:
    _, effects = World(LOCKED, named=INTO).feed(text(command, THREAD))
    assert only(effects, fx.Join) == [fx.Join(7, 8)]
    assert [n.case for n in only(effects, fx.Notice)] == [8, 7]


@pytest.mark.parametrize(
    ("named", "body"),
    [
        (None, "!join PARK-0000-00"),
        (None, "!join"),
        (replace(INTO, id=9, reference="PARK-0000-00"), "!join"),
        (replace(LOCKED, id=9, reference="PARK-8K2M-4T"), "!join"),
        (replace(INTO, slug="budget"), "!join PARK-8K2M-4T"),
        (LOCKED, "!join PARK-7F3K-9Q"),
        (replace(LOCKED, id=9), "!join PARK-8K2M-4T"),
        (replace(LOCKED, id=9, status=Status.CLOSED), "!join PARK-8K2M-4T"),
    ],
)
def test_join_with_a_case_that_will_not_do(named: Case | None, body: str) -> None:
    _, effects = World(LOCKED, named=named).feed(text(body, THREAD))
    assert not only(effects, fx.Join)
    assert "Nothing was done" in notice(effects)


@pytest.mark.parametrize("command", ["!apart", "!join PARK-8K2M-4T"])
def test_a_case_that_is_not_locked(command: str) -> None:
    _, effects = World(CASE, named=INTO).feed(text(command, THREAD))
    assert "not in doubt" in notice(effects)
    assert not only(effects, fx.Join | fx.Unlock)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        "!sned",
        "!trust @a:b.example",
        "!send now",
        "!send\nnow",
        "!apart\n",
        "!apart x",
        "!join A\nB",
        "!join A B",
    ],
)
def test_what_is_not_understood_is_said_and_does_nothing(body: str) -> None:
    world = World(LOCKED, named=INTO)
    world.remember("$doubt", EventKind.DOUBT, CLERK)
    _, effects = world.feed(text(body, THREAD))
    allowed = {fx.Record, fx.SetMark, fx.Notice} | ({fx.Unlock} if body == "!apart\n" else set())
    assert {type(e) for e in effects} == allowed
    assert marks(effects) == [Mark.INSIDE]


@pytest.mark.parametrize("body", ["! send", "!", "!!", "/send", "! apart"])
def test_notes_are_no_commands(body: str) -> None:
    world = World(LOCKED)
    world.remember("$doubt", EventKind.DOUBT, CLERK)
    assert {type(e) for e in world.feed(text(body, THREAD))[1]} == {fx.Record, fx.SetMark}


def test_only_plain_text_commands() -> None:
    world = World(LOCKED)
    said = image(THREAD, body="!apart", filename="pic.png")
    assert not only(world.feed(said, attachments=[PICTURE])[1], fx.Unlock)
    assert not only(world.feed(text("!apart", THREAD, msgtype="m.notice"))[1], fx.Unlock)
    assert not only(world.feed(text("x", THREAD, "<p>!apart</p>"))[1], fx.Unlock)


def test_help_and_commands_outside_a_thread() -> None:
    assert "!send" in notice(World().feed(text("!help", THREAD), sender=MUTE)[1])
    _, effects = World().feed(text("!send"))
    assert [type(e) for e in effects] == [fx.Reply]
    assert World().feed(text("!send"), sender="@mallory:evil.example")[1] == []
    assert World().feed(text("! note among us"))[1] == []


# ------------------------------------------------------------------ the control room


def control(body: str, sender: str = ADMIN, trusted: bool = True) -> list[fx.Effect]:
    world = World(kind=RoomKind.CONTROL)
    return world.feed(text(body), sender=sender, trusted=trusted, room=CONTROL)[1]


def test_an_operator_confirms_an_identity() -> None:
    effects = control("!trust @officer:birch.example")
    assert only(effects, fx.ConfirmIdentity) == [fx.ConfirmIdentity("@officer:birch.example")]
    assert only(control("!trust @o:127.0.0.1:8448"), fx.ConfirmIdentity)


@pytest.mark.parametrize(
    ("sender", "trusted"), [(CLERK, True), ("@mallory:evil.example", True), (ADMIN, False)]
)
def test_nobody_else_does(sender: str, trusted: bool) -> None:
    effects = control("!trust @officer:birch.example", sender, trusted)
    assert [type(e) for e in effects] == [fx.Reply]


@pytest.mark.parametrize(
    "body",
    [
        "!trust",
        "!trust officer",
        "!trust @a:b @c:d",
        "!trust @a:b\n@c:d",
        "!trust\n@a:b",
        "!trust @a:b\n",
        "!send",
        "!help x",
    ],
)
def test_a_command_that_is_not_exact_confirms_nobody(body: str) -> None:
    effects = control(body)
    if body != "!trust @a:b\n":  # the line end of a text box
        assert [type(e) for e in effects] == [fx.Reply]


def test_talk_in_the_control_room_is_only_talk() -> None:
    assert control("I called her, it is fine") == []
    assert control("! note") == []
    assert len(control("!help")) == 1


@given(st.text(alphabet=" \n\r\t\u2028@:abc.!", max_size=30))
def test_no_line_end_smuggles_a_second_user(argument: str) -> None:
    for confirmed in only(control(f"!trust {argument}"), fx.ConfirmIdentity):
        assert confirmed.user_id == argument.strip()
        assert not any(c.isspace() for c in confirmed.user_id)
