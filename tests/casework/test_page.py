"""What citizens do on the page of their case, and what staff see of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.decide import after_mail_failed, decide
from bridge.casework.known import KnownPage
from bridge.errors import Refuse, Retry
from bridge.html import room_html
from bridge.inbound import AnswerChange, PageIn
from bridge.model import Case, Reach, Source, Status
from tests.casework.world import ADA, DESK, PARK, PICTURE, SETTINGS, THREAD, World, only, text
from tests.casework.world import CASE as MAIL_CASE

CASE = replace(MAIL_CASE, channel=Source.FORM, page=70, participant=replace(ADA, reach=Reach.UNCONFIRMED))
RECEIPT = json.dumps({"answers": [{"question": "Ihre Idee?", "answer": "Mehr Lampen", "files": []}]})
HERE = KnownPage(
    PARK,
    CASE,
    address=ADA.address,
    language="de",
    reference=CASE.reference,
    title="Ideen",
    receipt=RECEIPT,
    desk=DESK,
)
HELD = replace(HERE, case=None, held=True, item=5)
DROPPED = replace(HERE, case=None)
WRITES = PageIn(70, "write", "One more thing", (PICTURE,))
CHANGES = PageIn(
    70, "change", changes=(AnswerChange("Where?", "", "River"), AnswerChange("Why?", "a\nb", ""))
)


def page(did: PageIn, known: KnownPage = HERE) -> list[fx.Effect]:
    return decide(did, known, SETTINGS)


def act(name: str, known: KnownPage = HERE) -> list[fx.Effect]:
    return page(PageIn(70, name), known)  # type: ignore[arg-type]


def at(status: Status, reach: Reach = Reach.UNCONFIRMED) -> KnownPage:
    return replace(HERE, case=replace(CASE, status=status, participant=replace(ADA, reach=reach)))


# ------------------------------------------------------------------ words and changes


def test_words_come_into_the_thread_with_their_files() -> None:
    assert page(WRITES) == [fx.Words(7, "One more thing", None, (PICTURE,))]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("did", [WRITES, CHANGES])
def test_words_put_a_case_back_on_the_pile(status: Status, did: PageIn) -> None:
    effects = page(did, at(status))
    moves = status in (Status.ANSWERED, Status.CLOSED)
    assert only(effects, fx.Words) and only(effects, fx.Move) == ([fx.Move(7, Status.OPEN)] if moves else [])
    reopened = [fx.Step(7, "step_reopened")] if status is Status.CLOSED else []
    assert only(effects, fx.Step) == reopened


def test_a_change_shows_what_was_and_what_is() -> None:
    [said] = only(page(CHANGES), fx.Words)
    assert said.change and said.text == (
        "Changed answers:\n\n1. Where?\n   Before: (no answer)\n   Now: River\n\n"
        "2. Why?\n   Before: a\n   b\n   Now: (no answer)"
    )
    assert said.html is not None and room_html(said.html) == said.html and said.html.count("<li>") == 2


def test_a_change_of_nothing_is_said_too() -> None:
    assert "none of them" in only(page(PageIn(70, "change")), fx.Notice)[0].text


def test_a_virus_on_the_page_is_said_as_in_mails() -> None:
    effects = page(replace(WRITES, attachments=(), remarks=("kind_virus",), virus="Eicar"))
    assert "Eicar" in only(effects, fx.Notice)[0].text


# ------------------------------------------------------------------ the address


def test_confirming_the_address_turns_answers_into_mails() -> None:
    effects = act("confirm")
    assert effects[:2] == [fx.Confirmed(70), fx.SetReach(7, Reach.MAIL)]
    assert "ada@citizen.example" in only(effects, fx.Notice)[0].text
    assert only(effects, fx.Step) == [fx.Step(7, "step_confirmed")]
    assert only(effects, fx.Acknowledge) == [fx.Acknowledge(7, "1. Ihre Idee?\n   Mehr Lampen")]


@pytest.mark.parametrize("status", list(Status))
def test_what_is_over_is_not_acknowledged(status: Status) -> None:
    effects = act("confirm", at(status))
    assert bool(only(effects, fx.Acknowledge)) is (status in (Status.OPEN, Status.ANSWERED))
    assert fx.SetReach(7, Reach.MAIL) in effects


def test_confirming_twice_changes_nothing_more() -> None:
    assert act("confirm", replace(HERE, confirmed=True)) == [fx.Confirmed(70)]


def test_confirming_what_waits_for_it_lets_it_in() -> None:
    assert act("confirm", HELD) == [fx.Confirmed(70)]


@pytest.mark.parametrize("known", [HERE, HELD])
def test_the_confirmation_mail_once_more(known: KnownPage) -> None:
    [letter] = act("remind", known)
    assert isinstance(letter, fx.Letter)
    assert (letter.key, letter.address, letter.language, letter.page) == ("confirm", ADA.address, "de", 70)
    assert dict(letter.values) == {"title": "Ideen", "reference": CASE.reference}
    for other in (replace(known, confirmed=True), replace(known, address=None)):
        with pytest.raises(Refuse):
            act("remind", other)


def test_by_mail_and_by_page() -> None:
    chosen = replace(at(Status.OPEN, Reach.PAGE), confirmed=True)
    effects = act("by_mail", chosen)
    assert effects[0] == fx.SetReach(7, Reach.MAIL) and only(effects, fx.Step) == [fx.Step(7, "step_by_mail")]
    effects = act("by_page", at(Status.OPEN, Reach.MAIL))
    assert effects[0] == fx.SetReach(7, Reach.PAGE) and only(effects, fx.Step) == [fx.Step(7, "step_by_page")]
    assert act("by_page", chosen) == [fx.SetReach(7, Reach.PAGE)]
    assert act("by_mail", at(Status.OPEN, Reach.MAIL)) == [fx.SetReach(7, Reach.MAIL)]


def test_an_address_that_is_not_confirmed_is_asked_about_before_anything_is_mailed_to_it() -> None:
    for known in (HERE, at(Status.OPEN, Reach.PAGE), HELD):
        assert [type(e) for e in act("by_mail", known)] == [fx.Letter]
    with pytest.raises(Refuse):
        act("by_mail", replace(HERE, address=None))


# ------------------------------------------------------------------ the other wishes


@pytest.mark.parametrize("status", list(Status))
def test_withdrawing_closes_what_is_open(status: Status) -> None:
    effects = act("withdraw", at(status))
    closes = status in (Status.OPEN, Status.ANSWERED)
    assert only(effects, fx.Move) == ([fx.Move(7, Status.CLOSED)] if closes else [])
    assert "withdrawn" in only(effects, fx.Notice)[0].text
    assert only(effects, fx.Step) == [fx.Step(7, "step_withdrawn")]


@pytest.mark.parametrize("status", list(Status))
def test_staff_decide_about_erasing_and_read_how(status: Status) -> None:
    effects = act("erase", at(status))
    assert f"!forget {CASE.reference}" in only(effects, fx.Notice)[0].text
    assert only(effects, fx.Step) == [fx.Step(7, "step_erase")] and not only(effects, fx.Forget)
    assert bool(only(effects, fx.Move)) is (status in (Status.ANSWERED, Status.CLOSED))


def test_the_language_is_set_and_said() -> None:
    effects = page(PageIn(70, "language", language="ar"))
    assert effects[0] == fx.SetLanguage(70, "ar") and "Arabic" in only(effects, fx.Notice)[0].text
    assert page(PageIn(70, "language", language="de")) == [fx.SetLanguage(70, "de")]
    assert page(PageIn(70, "language", language="fr"), HELD) == [fx.SetLanguage(70, "fr")]
    for wrong in ("", "x" * 40, "d e", "../x"):
        with pytest.raises(Refuse):
            page(PageIn(70, "language", language=wrong))


# ------------------------------------------------------------------ without a case


@pytest.mark.parametrize("did", [WRITES, CHANGES, PageIn(70, "by_page")])
def test_words_wait_for_the_case(did: PageIn) -> None:
    with pytest.raises(Retry):
        page(did, HELD)


def test_what_nobody_has_read_is_withdrawn_and_erased_at_once() -> None:
    assert act("withdraw", HELD) == [fx.DiscardHeld((5,), withdrawn=True)]
    assert act("erase", HELD) == [fx.ForgetPage(70)]
    with pytest.raises(Retry):
        act("withdraw", replace(HELD, item=None))


@pytest.mark.parametrize("did", [WRITES, CHANGES])
def test_words_about_what_staff_dropped_are_held_back_in_their_turn(did: PageIn) -> None:
    held, told = page(did, DROPPED)
    assert isinstance(held, fx.HoldBack) and isinstance(told, fx.Reply)
    assert held.why == "held_page" and held.sender == f"{CASE.reference} {ADA.address}"
    assert held.excerpt in ("One more thing", "Where?: River · Why?:")
    assert told.room_id == DESK and told.once and "One more" not in told.text
    assert [type(e) for e in page(did, replace(DROPPED, desk=None))] == [fx.HoldBack]


@pytest.mark.parametrize(
    ("known", "reach"),
    [
        (DROPPED, Reach.UNCONFIRMED),
        (replace(DROPPED, confirmed=True), Reach.MAIL),
        (replace(DROPPED, address=None), Reach.PAGE),
    ],
)
def test_staff_may_let_such_words_open_the_case(known: KnownPage, reach: Reach) -> None:
    opened, said = page(WRITES, replace(known, released=True, retention_days=30))
    assert isinstance(opened, fx.OpenCase) and isinstance(said, fx.Words)
    assert (opened.reach, opened.page, opened.reference) == (reach, 70, CASE.reference)
    assert opened.retention_days == 30 and said.case is None and said.files == (PICTURE,)


@pytest.mark.parametrize("name", ["confirm", "remind", "by_mail", "by_page", "withdraw"])
def test_nothing_else_comes_of_what_was_dropped(name: str) -> None:
    with pytest.raises(Refuse):
        act(name, DROPPED)
    assert act("erase", DROPPED) == [fx.ForgetPage(70)]


def test_a_page_that_is_gone() -> None:
    with pytest.raises(Refuse):
        page(WRITES, KnownPage(None))


# ------------------------------------------------------------------ answers to them


@pytest.mark.parametrize("reach", [Reach.PAGE, Reach.UNCONFIRMED])
@pytest.mark.parametrize("address", [None, ADA.address])
def test_an_answer_needs_no_address_where_there_is_a_page(reach: Reach, address: str | None) -> None:
    case = replace(CASE, participant=replace(ADA, address=address, reach=reach, bounces=9))
    _, effects = World(case).feed(text("We repair it.", THREAD))
    assert only(effects, fx.Mail) and not only(effects, fx.Notice)


@pytest.mark.parametrize(("reach", "address"), [(Reach.MAIL, None), (Reach.NONE, None)])
def test_without_address_and_page_nothing_goes_out(reach: Reach, address: str | None) -> None:
    case = replace(CASE, participant=replace(ADA, address=address, reach=reach))
    _, effects = World(case).feed(text("We repair it.", THREAD))
    assert not only(effects, fx.Mail) and "no e-mail address" in only(effects, fx.Notice)[0].text


@pytest.mark.parametrize("status", [Status.LOCKED, Status.DISCARDED])
def test_a_page_does_not_open_what_staff_closed_to_answers(status: Status) -> None:
    _, effects = World(replace(CASE, status=status)).feed(text("We repair it.", THREAD))
    assert not only(effects, fx.Mail)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (CASE, "could not be delivered: the mailbox is full. The citizen reads the message on their page"),
        (MAIL_CASE, "could not be delivered: the mailbox is full."),
    ],
)
def test_a_mail_that_failed_stands_on_the_page(case: Case, said: str) -> None:
    told = only(after_mail_failed(case, DESK, "$answer", "the mailbox is full."), fx.Notice)[0].text
    assert said in told and ("page" in told) is (case.page is not None)
