"""Who may cause a mail, from what, and what they are told; edits and redactions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import KnownRoom
from bridge.inbound import RoomRedaction
from bridge.model import Case, EventKind, Json, MailState, Mark, RoomKind, Status
from tests.casework.world import (
    ADMIN,
    CASE,
    CLERK,
    DESK,
    LOBBY,
    LOCKED,
    MUTE,
    NAMELESS,
    OFFICER,
    PARK,
    PICTURE,
    ROOT,
    SETTINGS,
    THREAD,
    WORDS,
    World,
    goes_out,
    image,
    marks,
    note_in,
    only,
    text,
)

STRANGER = "@mallory:evil.example"


def said_why(effects: list[fx.Effect], part: str) -> None:
    assert not goes_out(effects)
    assert marks(effects) == [Mark.FAILED]
    assert part in only(effects, fx.Notice)[0].text


def test_a_stranger_is_not_obeyed_and_operators_hear_of_it() -> None:
    _, effects = World().feed(text("We repair it.", THREAD), sender=STRANGER)
    said_why(effects, STRANGER)
    assert STRANGER in only(effects, fx.Tell)[0].text
    assert "repair" not in only(effects, fx.Tell)[0].text
    assert not only(effects, fx.Record)


def test_operators_hear_of_each_stranger_once() -> None:
    world = World()

    def told(sender: str) -> str:
        return only(world.feed(text("x", THREAD), sender=sender)[1], fx.Tell)[0].once

    assert told(STRANGER) == told(STRANGER) != ""
    assert told(STRANGER) != told("@trudy:evil.example")


@pytest.mark.parametrize("body", ["! note", "!send", "!apart", "!help"])
def test_a_stranger_gives_no_command(body: str) -> None:
    world = World(LOCKED)
    world.remember("$doubt", EventKind.DOUBT, CLERK)
    _, effects = world.feed(text(body, THREAD), sender=STRANGER)
    assert {type(e) for e in effects} <= {fx.SetMark, fx.Notice, fx.Tell}


def test_a_device_that_is_not_signed_sends_nothing() -> None:
    _, effects = World().feed(text("We repair it.", THREAD), trusted=False)
    said_why(effects, "not verified")


def test_a_note_from_such_a_device_is_a_note() -> None:
    _, effects = World().feed(text("! note", THREAD), trusted=False)
    assert marks(effects) == [Mark.INSIDE]


@pytest.mark.parametrize("command", ["!send", "!apart", "!join PARK-8K2M-4T"])
def test_a_command_from_such_a_device_is_not_obeyed(command: str) -> None:
    world = World(LOCKED, named=replace(CASE, id=8))
    _, effects = world.feed(text(command, THREAD), trusted=False)
    assert "not verified" in only(effects, fx.Notice)[0].text
    assert {type(e) for e in effects} == {fx.Record, fx.SetMark, fx.Notice}


def test_who_may_not_reply_stays_inside_and_is_told() -> None:
    world = World()
    event_id, effects = world.feed(text("We repair it.", THREAD), sender=MUTE)
    assert not goes_out(effects)
    assert marks(effects) == [Mark.INSIDE]
    assert "may not answer" in only(effects, fx.Notice)[0].text
    assert world.events[event_id].kind is EventKind.NOTE


@pytest.mark.parametrize(
    ("case", "part"),
    [
        (LOCKED, "!apart"),
        (replace(LOCKED, status=Status.CLOSED), "PARK-8K2M-4T"),
        (NAMELESS, "no e-mail address"),
    ],
)
def test_a_case_out_of_which_nothing_goes(case: Case, part: str) -> None:
    _, effects = World(case).feed(text("We repair it.", THREAD))
    said_why(effects, part)


def test_a_closed_case_is_answered_again() -> None:
    _, effects = World(replace(CASE, status=Status.CLOSED)).feed(text("One more thing.", THREAD))
    assert goes_out(effects)


def test_an_empty_message_and_a_file_that_was_not_fetched() -> None:
    assert marks(World().feed(text("   ", THREAD))[1]) == [Mark.INSIDE]
    said = image(THREAD, body="the plan", filename="pic.png")
    said_why(World().feed(said)[1], "file")


def test_the_lobby_and_rooms_that_are_not_ours() -> None:
    lobby = World(replace(CASE, room_id=LOBBY), RoomKind.LOBBY)
    assert lobby.feed(text("hello", THREAD), room=LOBBY)[1] == []
    assert World(kind=RoomKind.SPACE).feed(text("hello", THREAD))[1] == []
    assert World(kind=RoomKind.DIRECT).feed(text("hello", THREAD))[1] == []


# ------------------------------------------------------------------ edits


def edit(event_id: str, body: str, html: str | None = None, **more: str) -> Json:
    new = text(body, None, html, **more)
    return {
        **text(f"* {body}"),
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
    }


def answered() -> tuple[World, str]:
    world = World()
    event_id, _ = world.feed(text("We reapir it.", THREAD))
    return world, event_id


def test_an_edit_into_a_note_stops_the_mail_and_never_comes_back() -> None:
    world, event_id = answered()
    _, effects = world.feed(edit(event_id, "! we do not"))
    assert only(effects, fx.StopMail) and marks(effects) == [Mark.INSIDE]
    assert world.texts() == []
    _, effects = world.feed(edit(event_id, "We repair it."))
    assert not goes_out(effects) and not only(effects, fx.ChangeMail)
    assert "never becomes an answer" in only(effects, fx.Notice)[0].text


@pytest.mark.parametrize("msgtype", ["m.notice", "m.emote"])
def test_an_edit_into_another_kind_stops_the_mail(msgtype: str) -> None:
    world, event_id = answered()
    _, effects = world.feed(edit(event_id, "We repair it.", msgtype=msgtype))
    assert only(effects, fx.StopMail) and world.texts() == []


def test_an_edit_that_raises_doubt_is_held_anew() -> None:
    world, event_id = answered()
    _, effects = world.feed(edit(event_id, "@bob we repair it"))
    assert world.texts() == [] and world.held[event_id].text == "@bob we repair it"
    assert marks(effects) == [Mark.WAITING]
    world.feed(text("!send", THREAD))
    assert world.texts() == ["@bob we repair it\n"]


def test_an_edit_that_quotes_a_note_loses_the_quote() -> None:
    world, event_id = answered()
    note_in(world)
    body = f"> <{CLERK}> !she is hard to deal with\n\nWe repair it."
    world.feed(edit(event_id, body))
    assert world.texts() == ["We repair it.\n"]


def test_an_edit_of_a_held_message_changes_what_is_held() -> None:
    world = World()
    event_id, _ = world.feed(text("@bob we reapir it", THREAD))
    _, effects = world.feed(edit(event_id, "We repair it."))
    assert not goes_out(effects)
    assert world.held[event_id].text == "We repair it."
    world.feed(edit(event_id, "!no"))
    assert world.held == {}


@pytest.mark.parametrize("state", [MailState.SENDING, MailState.SENT])
def test_an_edit_after_the_mail_has_gone(state: MailState) -> None:
    world, event_id = answered()
    world.states[event_id] = state
    _, effects = world.feed(edit(event_id, "We repair it."))
    [mail] = only(effects, fx.Mail)
    assert (mail.text, mail.correction, mail.event_id) == ("We repair it.", True, event_id)
    assert marks(effects) == [Mark.WAITING]
    assert "correction" in only(effects, fx.Notice)[0].text
    world.states[event_id] = state
    _, effects = world.feed(edit(event_id, "! oops"))
    said_why(effects, "cannot be recalled")


def test_nobody_corrects_who_may_not_write_and_a_doubtful_correction_is_not_sent() -> None:
    for trusted in (False, True):
        world, event_id = answered()
        world.states[event_id] = MailState.SENT
        text = "We repair it." if not trusted else "@admin:alder.example: is that right?"
        inner = edit(event_id, text)
        if trusted:
            pill = '<a href="https://matrix.to/#/@admin:alder.example">admin</a>: is that right?'
            inner["m.new_content"] |= {"format": "org.matrix.custom.html", "formatted_body": pill}
        _, effects = world.feed(inner, trusted=trusted)
        assert not goes_out(effects)
        assert "earlier text" in only(effects, fx.Notice)[0].text


def test_a_correction_that_waits_is_changed_and_stopped_like_any_mail() -> None:
    world, event_id = answered()
    world.sent.add(event_id)
    world.states[event_id] = MailState.SENT
    world.feed(edit(event_id, "We repair it."))
    _, effects = world.feed(edit(event_id, "We repair it soon."))
    assert only(effects, fx.ChangeMail)[0].text == "We repair it soon."
    _, effects = world.feed(edit(event_id, "! oops"))
    assert only(effects, fx.StopMail) and marks(effects) == [Mark.FAILED]
    assert "cannot be recalled" in only(effects, fx.Notice)[0].text


def test_an_address_that_bounced_twice_is_asked_about() -> None:
    world = World(case=replace(CASE, participant=replace(CASE.participant, bounces=2)))
    _, effects = world.feed(text("We are on it.", THREAD))
    assert not goes_out(effects) and only(effects, fx.Hold)
    assert "came back" in only(effects, fx.Notice)[0].text
    _, effects = world.feed(text("!send", THREAD))
    assert goes_out(effects)


@pytest.mark.parametrize("state", [MailState.FAILED, MailState.STOPPED])
def test_an_edit_of_what_no_longer_waits(state: MailState) -> None:
    world, event_id = answered()
    world.states[event_id] = state
    _, effects = world.feed(edit(event_id, "We repair it."))
    assert [type(e) for e in effects] == [fx.Notice]


def test_only_the_sender_edits() -> None:
    world, event_id = answered()
    assert world.feed(edit(event_id, "You are fools."), sender=CLERK)[1] == []
    assert world.texts() == ["We reapir it.\n"]


def test_an_edit_of_a_note_or_of_something_unknown_sends_nothing() -> None:
    world = World()
    note = note_in(world)
    _, effects = world.feed(edit(note, "We repair it."), sender=CLERK)
    assert [type(e) for e in effects] == [fx.Notice]
    assert world.feed(edit(note, "!still a note"), sender=CLERK)[1] == []
    assert world.feed(edit("$nobody-knows", "We repair it."))[1] == []
    assert world.feed(edit(WORDS, "I am the citizen"))[1] == []


def test_an_edit_from_a_device_that_is_not_signed_stops_the_mail() -> None:
    world, event_id = answered()
    _, effects = world.feed(edit(event_id, "Other words."), trusted=False)
    assert world.texts() == []
    said_why(effects, "stopped")


def test_an_edit_without_new_content_is_none() -> None:
    world, event_id = answered()
    bare = text("* x", {"rel_type": "m.replace", "event_id": event_id})
    assert world.feed(bare)[1] == []


# ------------------------------------------------------------------ redactions


def redact(world: World, event_id: str, sender: str = OFFICER, room: str = DESK) -> list[fx.Effect]:
    came = RoomRedaction(room, "$redaction", sender, event_id)
    target = world.events.get(event_id)
    known = KnownRoom(RoomKind.DESK, PARK, world.case, target=target, mail=world.states.get(event_id))
    return decide(came, known, SETTINGS)


@pytest.mark.parametrize("sender", [OFFICER, ADMIN])
def test_a_redaction_stops_what_waits(sender: str) -> None:
    world, event_id = answered()
    effects = redact(world, event_id, sender)
    assert only(effects, fx.StopMail) == [fx.StopMail(event_id)]
    assert "no mail was sent" in only(effects, fx.Notice)[0].text


def test_a_redaction_drops_a_held_message() -> None:
    world = World()
    event_id, _ = world.feed(image(THREAD), attachments=[PICTURE])
    assert only(redact(world, event_id), fx.StopMail) == [fx.StopMail(event_id)]


@pytest.mark.parametrize("state", [MailState.SENDING, MailState.SENT])
def test_a_redaction_that_comes_too_late(state: MailState) -> None:
    world, event_id = answered()
    world.states[event_id] = state
    effects = redact(world, event_id)
    assert [type(e) for e in effects] == [fx.Notice]
    assert "cannot be recalled" in only(effects, fx.Notice)[0].text


def test_redactions_that_mean_nothing() -> None:
    world, event_id = answered()
    note = note_in(world)
    assert redact(world, note) == []
    assert redact(world, "$unknown") == []
    assert redact(world, ROOT) == []
    assert redact(world, event_id, room="!elsewhere") == []
    world.states[event_id] = MailState.FAILED
    assert redact(world, event_id) == []
