"""`!mail`: asked first, sent once on a yes to whom it was said, stopped in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.casework import effects as fx
from bridge.casework.addressed import Asked, asked, below_first_line, code_of
from bridge.casework.decide import after_mailing_failed, decide
from bridge.casework.known import KnownRoom
from bridge.casework.known_mailing import KnownLeaving
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.errors import Refuse
from bridge.inbound import UnsubscribeIn
from bridge.model import Reach, RoomKind, Status
from tests.casework.desk_book import SETTINGS, Book, someone
from tests.casework.world import CASE, CLERK, DESK, LOBBY, MUTE, OFFICER, PARK, THREAD, World, only, text

TEXT = "The meeting is on Tuesday at seven."
ONE, TWO, THREE = someone(1), someone(2), someone(3)


def book(*people: Any) -> Book:
    return Book(list(people or (ONE, TWO, THREE)))


def asks(desk: Book, whom: str = "all", **changes: Any) -> str:
    """A mailing that was asked for; its code."""
    desk.say(f"!mail {whom}\n{TEXT}", **changes)
    return desk.code()


# ------------------------------------------------------------------ what is asked for


@pytest.mark.parametrize(
    ("argument", "wish"),
    [
        ("PARK-7F3K-9Q\nHello", Asked("named", ("PARK-7F3K-9Q",), text="Hello")),
        ("park-7f3k-9q, PARK–OI2A-AA \n\nHi\n", Asked("named", ("PARK-7F3K-9Q", "PARK-012A-AA"), text="Hi")),
        ("PARK-7F3K-9Q PARK-7F3K-9Q\nx", Asked("named", ("PARK-7F3K-9Q",), text="x")),
        ("Open\nHello\n\nyou", Asked("open", text="Hello\n\nyou")),
        ("ALL\nHello", Asked("all", text="Hello")),
        ("all", Asked("all")),
        ("k3m9 yes", Asked("act", code="K3M9", act="yes")),
        ("OIL1 Stop\n ", Asked("act", code="0111", act="stop")),
        ("K3M9 no", Asked("act", code="K3M9", act="no")),
        ("K3M9 yes\nand more", Asked("other")),
        ("K3M9", Asked("other")),
        ("K3M9 maybe", Asked("other")),
        ("K3M9X yes", Asked("other")),
        ("everybody\nHello", Asked("other")),
        ("all of them\nHello", Asked("other")),
        ("PARK-7F3K-9Q and Ada\nHello", Asked("other")),
        ("xPARK-7F3K-9Q\nHello", Asked("other")),
        ("\nHello", Asked("other")),
        ("", Asked("other")),
    ],
)  # fmt: skip
def test_a_command_is_exact(argument: str, wish: Asked) -> None:
    assert asked(argument) == wish


def test_a_code_is_the_same_at_every_try_and_nobody_elses() -> None:
    first = code_of("$event", ())
    assert code_of("$event", ()) == first and len(first) == 4
    assert code_of("$event", (first,)) != first != code_of("$other", ())
    assert asked(f"{first} yes").code == first


# ------------------------------------------------------------------ the question


def test_nothing_goes_out_before_the_yes() -> None:
    desk = book()
    effects = desk.say(f"!mail all\n{TEXT}")
    assert [type(e) for e in effects] == [fx.KeepMailing, fx.Reply]
    assert TEXT in desk.answer and f"!mail {desk.code()} yes" in desk.answer and "to 3" in desk.answer
    kept = desk.kept[1]
    assert (kept.text, kept.cases, kept.sender, kept.room_id) == (TEXT, (1, 2, 3), CLERK, DESK)


def test_the_question_says_who_gets_it_and_who_not_and_why() -> None:
    people = (
        ONE,
        someone(2, reach=Reach.PAGE, address=None, page=True),
        someone(3, reach=Reach.UNCONFIRMED, page=True),
        someone(4, unsubscribed=True),
        someone(5, status=Status.LOCKED),
        someone(6, status=Status.DISCARDED),
        someone(7, status=Status.CLOSED, joined=True),
        someone(8, bounces=2),
        someone(9, reach=Reach.NONE, address=None),
        someone(10, address=ONE.address),
        someone(11, status=Status.CLOSED),
    )
    desk = book(*people)
    asks(desk)
    assert "by mail: 2" in desk.answer and "on their page only: 2" in desk.answer
    for key, number in (
        ("left_unsubscribed", 4),
        ("left_locked", 5),
        ("left_discarded", 6),
        ("left_joined", 7),
        ("left_bounced", 8),
        ("left_unreached", 9),
        ("left_same", 10),
    ):
        line = next(row for row in desk.answer.splitlines() if say("en", key) in row)
        assert f"PARK-{number:04d}-00" in line and "not: 1" in line
    desk.say(f"!mail {desk.code()} yes")
    assert desk.cases() == [1, 11, 2, 3]


def test_open_cases_are_open_or_answered() -> None:
    people = [someone(n, status=s) for n, s in enumerate(Status, 1)]
    desk = book(*people)
    asks(desk, "open")
    assert {people[case - 1].status for case in desk.kept[1].cases} == {Status.OPEN, Status.ANSWERED}


def test_very_many_who_do_not_get_it_are_a_number() -> None:
    desk = book(ONE, *(someone(n, unsubscribed=True) for n in range(2, 40)))
    asks(desk)
    assert "not: 38" in desk.answer and "…" in desk.answer and len(desk.answer) < 1000


@pytest.mark.parametrize(
    ("said", "key", "values"),
    [
        ("!mail", "mailing_usage", {}),
        ("!mail everybody\nHello", "mailing_usage", {}),
        ("!mail all", "mailing_empty", {}),
        ("!mail all\n \n", "mailing_empty", {}),
        ("!mail PARK-0001-00 PARK-9999-99\nHello", "mailing_unknown", {"references": "PARK-9999-99"}),
        ("!mail AAAA yes", "mailing_code", {"code": "AAAA"}),
        ("!mail AAAA stop", "mailing_code", {"code": "AAAA"}),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_kept(said: str, key: str, values: dict[str, str]) -> None:
    desk = book()
    assert desk.say(said) == [fx.Reply(DESK, say("en", key, **values), "$mail1")]


def test_two_forms_that_disagree_are_not_kept() -> None:
    desk = book()
    assert only(desk.say(f"!mail all\n{TEXT}", disagree=True), fx.KeepMailing) == []
    assert desk.answer == say("en", "mailing_disagree")


def test_nobody_to_send_it_to() -> None:
    desk = book(someone(1, status=Status.LOCKED))
    desk.say(f"!mail all\n{TEXT}")
    assert not desk.kept and "nobody" in desk.answer and "PARK-0001-00" in desk.answer


def test_several_mails_need_a_link_to_end_them() -> None:
    desk = book()
    desk.settings = Settings(public_url="http://127.0.0.1:8080")
    desk.say(f"!mail all\n{TEXT}")
    assert not desk.kept and desk.answer == say("en", "mailing_no_link")
    desk.say(f"!mail PARK-0001-00\n{TEXT}")
    assert desk.kept, "one mail is an answer like any other"
    pages = book(*(someone(n, reach=Reach.PAGE, page=True) for n in (1, 2)))
    pages.settings = desk.settings
    pages.say(f"!mail all\n{TEXT}")
    assert pages.kept, "nothing is mailed"
    later = book()
    code = asks(later)
    later.settings = desk.settings
    later.say(f"!mail {code} yes")
    assert not later.mails and later.answer == say("en", "mailing_no_link")


# ------------------------------------------------------------------ who may, and where


@pytest.mark.parametrize("said", [f"!mail all\n{TEXT}", "!mail CODE yes", "!mail CODE no"])
@pytest.mark.parametrize(
    ("changes", "key"),
    [({"sender": MUTE}, "command_may_not"), ({"trusted": False}, "command_device")],
)
def test_who_may_not_reply_sends_no_mailing(said: str, changes: dict[str, Any], key: str) -> None:
    desk = book()
    code = asks(desk)
    effects = desk.say(said.replace("CODE", code), **changes)
    assert [type(e) for e in effects] == [fx.Reply] and not desk.mails and desk.states == {1: "waiting"}
    assert desk.answer == say("en", key, user=MUTE)


def test_a_stranger_is_not_answered() -> None:
    assert book().say(f"!mail all\n{TEXT}", sender="@eve:evil.example") == []


def test_an_officer_signs_with_their_own_organisation() -> None:
    birch = replace(PARK.partners[0], signature="Birch County\nRoom 7")
    desk = replace(book(), consultation=replace(PARK, partners=(birch,)))
    code = asks(desk, sender=OFFICER)
    desk.say(f"!mail {code} yes")
    assert {(m.organisation, m.signature) for m in desk.mails} == {("Birch County", birch.signature)}


def test_only_in_the_desk_and_outside_the_threads() -> None:
    world = World()
    _, effects = world.feed(text(f"!mail all\n{TEXT}", THREAD), sender=CLERK)
    assert [n.text for n in only(effects, fx.Notice)] == [say("en", "mailing_place")]
    lobby = World(kind=RoomKind.LOBBY)
    _, effects = lobby.feed(text(f"!mail all\n{TEXT}"), sender=CLERK, room=LOBBY)
    assert [r.text for r in only(effects, fx.Reply)] == [say("en", "mailing_place")]
    assert not only(effects, fx.KeepMailing)


def test_only_the_room_in_which_it_was_asked() -> None:
    desk = book()
    code = asks(desk)
    desk.say(f"!mail {code} yes", room_id="!newer")
    assert not desk.mails and desk.answer == say("en", "mailing_code", code=code)


# ------------------------------------------------------------------ yes, no, stop


def test_a_yes_mails_each_and_tells_every_thread() -> None:
    desk = book(ONE, someone(2, reach=Reach.PAGE, page=True))
    code = asks(desk)
    effects = desk.say(f"!mail {code.lower()} yes", sender=OFFICER)
    assert [(m.case, m.text, m.several, m.wait) for m in desk.mails] == [
        (1, TEXT, True, 10),
        (2, TEXT, True, 10),
    ]
    assert {n.case for n in desk.notices} == {1, 2}
    for notice in desk.notices:
        assert CLERK in notice.text and TEXT in notice.text and "2 people" in notice.text
    assert not only(effects, fx.Move) and f"!mail {code} stop" in desk.answer and "10 seconds" in desk.answer


def test_a_code_is_good_once() -> None:
    desk = book()
    code = asks(desk)
    desk.say(f"!mail {code} yes")
    for again in ("yes", "no"):
        assert [type(e) for e in desk.say(f"!mail {code} {again}")] == [fx.Reply]
        assert desk.answer == say("en", "mailing_was_sent", code=code)
    assert desk.cases() == [1, 2, 3]


def test_a_no_drops_it_for_good() -> None:
    desk = book()
    code = asks(desk)
    desk.say(f"!mail {code} stop")
    assert desk.answer == say("en", "mailing_waits", code=code) and desk.states == {1: "waiting"}
    desk.say(f"!mail {code} no")
    for again in ("yes", "stop", "no"):
        desk.say(f"!mail {code} {again}")
        assert desk.answer == say("en", "mailing_was_dropped", code=code)
    assert not desk.mails


def test_who_left_in_the_meantime_gets_nothing_and_who_came_gets_nothing() -> None:
    desk = book()
    code = asks(desk)
    desk.people = [ONE, replace(TWO, unsubscribed=True), replace(THREE, status=Status.LOCKED), someone(4)]
    desk.say(f"!mail {code} yes")
    assert desk.cases() == [1] and not desk.mails[0].several
    assert "PARK-0002-00" in desk.answer and "PARK-0003-00" in desk.answer


def test_when_all_have_left_it_is_over() -> None:
    desk = book(ONE)
    code = asks(desk)
    desk.people = [replace(ONE, unsubscribed=True)]
    desk.say(f"!mail {code} yes")
    assert not desk.mails and desk.states == {1: "dropped"} and "nobody" in desk.answer


def test_a_stop_takes_back_what_nobody_has_begun() -> None:
    desk = book()
    code = asks(desk)
    desk.say(f"!mail {code} yes")
    desk.begun = {0}
    told = len(desk.notices)
    desk.say(f"!mail {code} stop")
    assert desk.cases() == [1] and desk.answer == say("en", "mailing_stopped", count="2", begun="1")
    assert [n.case for n in desk.notices[told:]] == [2, 3]
    desk.say(f"!mail {code} stop")
    assert desk.answer == say("en", "mailing_stopped", count="0", begun="1")


def test_an_edit_by_its_sender_drops_what_waits() -> None:
    """They would say yes to one text and send another."""
    desk = book()
    code = asks(desk)
    event_id = desk.kept[1].event_id
    assert desk.say("!mail all\nOther words", sender=OFFICER, replaces=event_id) == []
    desk.say("!mail all\nOther words", replaces=event_id)
    assert desk.states == {1: "dropped"} and desk.answer == say("en", "mailing_changed", code=code)
    desk.say(f"!mail {code} yes")
    assert not desk.mails
    assert desk.say("x", replaces=event_id) == []


def test_a_redaction_drops_what_waits_and_comes_too_late_for_what_went() -> None:
    desk = book()
    code = asks(desk)
    desk.redact(desk.kept[1].event_id, OFFICER)
    assert desk.states == {1: "dropped"} and desk.answer == say("en", "mailing_changed", code=code)
    code = asks(desk)
    desk.say(f"!mail {code} yes")
    desk.redact(desk.kept[2].event_id)
    assert desk.answer == say("en", "mailing_changed_late", code=code) and desk.cases() == [1, 2, 3]


def test_one_person_is_told_as_by_an_answer() -> None:
    desk = book()
    code = asks(desk, "PARK-0002-00")
    desk.say(f"!mail {code} yes")
    (mail,), (notice,) = desk.mails, desk.notices
    assert (mail.case, mail.several) == (2, False)
    assert notice.text.startswith(say("en", "mailing_thread_one", user=CLERK))


def test_a_long_text_is_told_in_parts() -> None:
    desk = book(ONE)
    words = "word " * 4000
    desk.say(f"!mail all\n{words}")
    desk.say(f"!mail {desk.code()} yes")
    assert len(desk.notices) == 2 and all(len(n.text.encode()) < 13_000 for n in desk.notices)
    assert sum(n.text.count("word") for n in desk.notices) == 4000


# ------------------------------------------------------------------ the formatted text


@pytest.mark.parametrize(
    ("formatted", "rest"),
    [
        ("!mail all<br>The <strong>meeting</strong>", "The <strong>meeting</strong>"),
        ("<p>!mail all<br>The meeting</p><p>Bye</p>", "<p>The meeting</p><p>Bye</p>"),
        ("<p>!mail  all</p>\n<ul><li>one</li></ul>", "<ul><li>one</li></ul>"),
        ("<p>!mail all</p>", None),
        ("!mail all\nThe meeting", None),
        ("!mail all The meeting<br>more", None),
        ("<p><strong>!mail</strong> all<br>x</p>", None),
        ("<blockquote>!mail all<br>x</blockquote>", None),
        ("!mail", None),
        ("", None),
        (None, None),
    ],
)
def test_the_first_line_is_cut_from_the_formatted_text(formatted: str | None, rest: str | None) -> None:
    assert below_first_line("!mail all\nThe meeting", formatted) == rest


def test_what_is_formatted_stays_so() -> None:
    desk = book()
    desk.say(f"!mail all\n{TEXT}", html=f"!mail all<br><em>{TEXT}</em>")
    desk.say(f"!mail {desk.code()} yes")
    assert {m.html for m in desk.mails} == {f"<em>{TEXT}</em>"}


# ------------------------------------------------------------------ afterwards


def test_a_mailing_that_fails_is_told_in_its_thread() -> None:
    assert after_mailing_failed(CASE, "the mailbox is full", "en") == [
        fx.Notice(7, say("en", "mailing_failed", reason="the mailbox is full"))
    ]
    (told,) = only(after_mailing_failed(replace(CASE, page=5), "full", "en"), fx.Notice)
    assert say("en", "page_only") in told.text


def test_whoever_leaves_is_noted_once() -> None:
    left = UnsubscribeIn(1)
    assert decide(left, KnownLeaving(PARK, CASE), SETTINGS) == [
        fx.NoMailings(7),
        fx.Notice(7, say("en", "mailing_unsubscribed")),
    ]
    assert decide(left, KnownLeaving(PARK, CASE, left=True), SETTINGS) == []
    with pytest.raises(Refuse):
        decide(left, KnownLeaving(None), SETTINGS)


def test_other_messages_know_nothing_of_mailings() -> None:
    desk = book()
    assert desk.say("Shall we tell them all?") == [] and desk.say("! mail all") == []
    assert KnownRoom(RoomKind.DESK).mailing.addressees == ()
