"""What must never happen, whatever is typed: generated stories at the desk."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import EventRef, KnownRoom
from bridge.inbound import RoomPlain, RoomRedaction
from bridge.model import EventKind, Json, MailState, Mark, RoomKind
from tests.casework.world import (
    CASE,
    CLERK,
    DESK,
    LOCKED,
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
    quoting,
    text,
)

BLANKS = st.text(alphabet=" \t\n\u00a0\u200b\u200d\u2060\ufeff\u3164\u00ad", max_size=4)
WORDLIKE = st.text(alphabet="abc !/\n>*_`<&é\u200b", max_size=30)

RELATIONS: st.SearchStrategy[Json | None] = st.sampled_from(
    [
        None,
        THREAD,
        {**THREAD, "m.in_reply_to": {"event_id": WORDS}, "is_falling_back": True},
        {**THREAD, "m.in_reply_to": {"event_id": WORDS}, "is_falling_back": False},
        {"m.in_reply_to": {"event_id": WORDS}},
        {"m.in_reply_to": {"event_id": ROOT}},
    ]
)


def with_a_doubt() -> World:
    world = World()
    world.feed(text("@bob hello", THREAD))
    return world


@given(BLANKS, st.sampled_from(["!", "！", "/"]), WORDLIKE, RELATIONS, st.booleans())
def test_what_begins_with_a_mark_is_never_mailed(
    blanks: str, mark: str, rest: str, relates: Json | None, captioned: bool
) -> None:
    world = with_a_doubt()
    body = f"{blanks}{mark}{rest}"
    said = image(relates, body=body, filename="pic.png") if captioned else text(body, relates)
    _, effects = world.feed(said, attachments=[PICTURE] if captioned else [])
    assert not any(isinstance(e, fx.Mail | fx.Hold | fx.ChangeMail) for e in effects)
    if body.split(maxsplit=1)[0].lower() not in ("!send", "！send"):
        assert not goes_out(effects)


@given(BLANKS, st.sampled_from(["!", "！", "/"]), WORDLIKE)
def test_an_edit_into_a_mark_leaves_nothing_to_mail(blanks: str, mark: str, rest: str) -> None:
    world = World()
    event_id, _ = world.feed(text("We repair it.", THREAD))
    edit = {
        **text("* x", {"rel_type": "m.replace", "event_id": event_id}),
        "m.new_content": text(f"{blanks}{mark}{rest}"),
    }
    world.feed(edit)
    assert world.texts() == []


@given(WORDLIKE, RELATIONS, st.booleans())
def test_a_device_that_is_not_signed_mails_nothing(body: str, relates: Json | None, command: bool) -> None:
    _, effects = with_a_doubt().feed(text("!send" if command else body, relates), trusted=False)
    assert not goes_out(effects)
    assert not any(isinstance(e, fx.Unlock | fx.Join | fx.Hold) for e in effects)


@given(st.sampled_from(list(RoomKind)), st.sampled_from([None, ROOT]), st.sampled_from([CASE, LOCKED, None]))
def test_plaintext_causes_no_mail(kind: RoomKind, thread: str | None, case: Any) -> None:
    effects = decide(RoomPlain(DESK, "$p", OFFICER, thread), KnownRoom(kind, PARK, case), SETTINGS)
    assert {type(e) for e in effects} <= {fx.SetMark, fx.Notice, fx.Reply}


@given(st.sampled_from(list(EventKind)), st.sampled_from([None, *MailState]))
def test_a_redaction_causes_no_mail(kind: EventKind, state: MailState | None) -> None:
    target = EventRef("$t", DESK, 7, kind, OFFICER, "D", 1)
    known = KnownRoom(RoomKind.DESK, PARK, CASE, target=target, mail=state)
    effects = decide(RoomRedaction(DESK, "$r", CLERK, "$t"), known, SETTINGS)
    assert {type(e) for e in effects} <= {fx.StopMail, fx.Notice}


SECRET = st.lists(
    st.sampled_from(["SECRET", "> SECRET", "", "SECRET * SECRET", "- SECRET"]), min_size=1, max_size=5
)


@settings(max_examples=200, deadline=None)
@given(SECRET, st.booleans(), st.sampled_from([None, False]), st.booleans())
def test_the_quote_of_a_note_is_never_mailed(
    lines: list[str], html: bool, falling_back: bool | None, threaded: bool
) -> None:
    world = World()
    note = "\n".join(["! SECRET", *lines])
    event_id, _ = world.feed(text(note, THREAD), sender=CLERK)
    relates: Json = {"m.in_reply_to": {"event_id": event_id}}
    if threaded:
        relates |= THREAD | ({} if falling_back is None else {"is_falling_back": falling_back})
    world.feed(quoting(CLERK, note, "We repair it.", relates, html=html))
    assert [sent.split("\n")[0] for sent in world.texts()] == ["We repair it."]
    assert not any("SECRET" in sent for sent in world.texts())


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["say", "note", "edit", "send", "stranger", "unsigned", "quote"]),
        st.integers(0, 5),
        RELATIONS,
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whole_stories_never_mail_a_note(steps: list[tuple[str, int, Json | None]]) -> None:
    """Notes, strangers' and unsigned words hold SECRET; it is in no mail, and marks say so."""
    world = World()
    ids: list[str] = [WORDS]
    for act, pick, relates in steps:
        earlier = ids[pick % len(ids)]
        match act:
            case "say":
                said, sender, trusted = text("We repair it.", relates), OFFICER, True
            case "note":
                said, sender, trusted = text("! SECRET", relates), OFFICER, True
            case "edit":
                new = text("! SECRET" if pick % 2 else "We repaired it.")
                relation = {"rel_type": "m.replace", "event_id": earlier}
                said, sender, trusted = {**text("* x", relation), "m.new_content": new}, OFFICER, True
            case "send":
                said, sender, trusted = text("!send", relates), CLERK, True
            case "stranger":
                said, sender, trusted = text("SECRET", relates), "@mallory:evil.example", True
            case "unsigned":
                said, sender, trusted = text("SECRET", relates), OFFICER, False
            case _:
                reply = {**THREAD, "m.in_reply_to": {"event_id": earlier}, "is_falling_back": False}
                said, sender, trusted = quoting(CLERK, "! SECRET", "We repair it.", reply), OFFICER, True
        event_id, effects = world.feed(said, sender=sender, trusted=trusted)
        ids.append(event_id)
        for mail in (e for e in effects if isinstance(e, fx.Mail)):
            assert fx.SetMark(DESK, mail.event_id, Mark.WAITING) in effects
        assert not any("SECRET" in sent for sent in world.texts())
        assert not any("SECRET" in held.text for held in world.held.values())
