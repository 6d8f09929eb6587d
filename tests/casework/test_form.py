"""A form that was sent: held back, asked about, or a case with everything staff need to read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bridge.appservice.render import Thread, words
from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import KnownForm, KnownPage, Traffic
from bridge.casework.letter import copy_of
from bridge.casework.settings import Brake
from bridge.errors import Broken
from bridge.html import room_html
from bridge.inbound import FormAnswer, FormIn, ResumeIn
from bridge.model import Reach, Source
from tests.casework.world import ADA, DESK, PARK, PICTURE, SETTINGS, only

ANSWERS = (
    FormAnswer(
        "idea", "Ihre Idee?", "Mehr <Lampen>\nund Bänke", "What is your idea?", "Mehr <Lampen>\nund Bänke"
    ),
    FormAnswer("part", "Wo?", "Am Fluss & Ufer", "Where?", "River & bank"),
    FormAnswer("phone", "Telefon", "0123 456", "Telephone", "0123 456", personal=True),
)
FORM = FormIn(
    slug="park-2027",
    form="ideas",
    title="Ideen für den Park",
    staff_title="Ideas for the park",
    reference="PARK-8K2M-4T",
    language="de",
    name="Ada Citizen",
    address=ADA.address,
    answers=ANSWERS,
    attachments=(PICTURE,),
    page=70,
    notice="2027-03",
    digest="0123456789abcdef" * 4,
    retention_days=365,
    network="192.0.2.0/24",
)
BEFORE, AFTER = replace(FORM, confirm="before"), replace(FORM, confirm="after")
NOBODY = replace(FORM, address=None, name="")
KNOWN = KnownForm(PARK, desk=DESK)
CONFIRMED = replace(KNOWN, confirmed=True)
LIMITS = replace(SETTINGS, brake=Brake(per_address=2, per_network=3, per_consultation=4))


def form(sent: FormIn = FORM, known: KnownForm = KNOWN) -> list[fx.Effect]:
    return decide(sent, known, LIMITS)


# ------------------------------------------------------------------ the case


def test_a_form_opens_a_case_under_its_reference() -> None:
    effects = form()
    assert effects[:2] == [
        fx.Arrived("park-2027", ADA.address, "192.0.2.0/24"),
        fx.OpenCase(
            "park-2027",
            Source.FORM,
            "Ada Citizen",
            ADA.address,
            "de",
            "Ideas for the park",
            "PARK-8K2M-4T",
            reach=Reach.MAIL,
            page=70,
            retention_days=365,
        ),
    ]
    assert effects[-1] == fx.Acknowledge(None)


def test_answers_are_a_list_in_the_language_of_the_desk() -> None:
    [said] = only(form(), fx.Words)
    assert said.text == (
        "1. What is your idea?\n   Mehr <Lampen>\n   und Bänke\n\n"
        "2. Where?\n   River & bank\n\n"
        "3. Telephone (personal)\n   0123 456"
    )
    assert said.html == (
        "<ol><li><strong>What is your idea?</strong><br>Mehr &lt;Lampen&gt;<br>und Bänke</li>"
        "<li><strong>Where?</strong><br>River &amp; bank</li>"
        "<li><strong>Telephone</strong> (personal)<br>0123 456</li></ol>"
    )
    assert (said.files, said.message_id, said.change) == ((PICTURE,), None, False)


def test_what_the_citizen_reads_of_it_is_in_their_language() -> None:
    [said] = only(form(), fx.Words)
    assert said.own.startswith("1. Ihre Idee?\n   Mehr <Lampen>") and "personal" not in said.own
    same = tuple(replace(a, label=a.staff_label, text=a.staff_text, personal=False) for a in ANSWERS)
    [said] = only(form(replace(FORM, answers=same)), fx.Words)
    assert said.own == ""


def test_every_client_draws_the_list() -> None:
    """The HTML goes through the allow-list as it is, and the name stands before it."""
    [said] = only(form(), fx.Words)
    assert said.html is not None and room_html(said.html) == said.html
    content = words("Ada", "p1", said.text, said.html, Thread("$root", "$latest"))
    assert content["formatted_body"].startswith("<p><strong data-mx-profile-fallback>Ada: </strong></p><ol>")
    assert content["body"].startswith("Ada: 1. What is your idea?\n")


def test_a_form_without_answers_and_one_that_is_very_long() -> None:
    assert only(form(replace(FORM, answers=())), fx.Words)[0].text == "(no text)"
    long = replace(ANSWERS[0], text="Ja. " * 8000, staff_text="Ja. " * 8000)
    parts = only(form(replace(FORM, answers=(long, *ANSWERS))), fx.Words)
    assert len(parts) > 1 and all(w.html is None and not w.own for w in parts)
    assert "0123 456" in parts[-1].text and parts[-1].files == (PICTURE,)


@pytest.mark.parametrize(
    ("sent", "known", "parts"),
    [
        (FORM, KNOWN, ("Privacy notice 2027-03, shown in German. Receipt: 0123456789abcdef…", "asks nobody")),
        (BEFORE, CONFIRMED, ("ada@citizen.example, confirmed",)),
        (AFTER, KNOWN, ("ada@citizen.example", "on the citizen's page only, until they confirm it")),
        (NOBODY, KNOWN, ("No e-mail address", "stands on the citizen's page only")),
        (replace(NOBODY, page=0), KNOWN, ("No e-mail address", "nothing can be sent")),
        (replace(FORM, notice="", digest=""), KNOWN, ("The form was shown in German.",)),
        (replace(FORM, language="tr"), KNOWN, ("shown in tr",)),
    ],
)
def test_what_staff_read_beside_the_answers(sent: FormIn, known: KnownForm, parts: tuple[str, ...]) -> None:
    [facts] = only(form(sent, known), fx.Notice)
    for part in parts:
        assert part in facts.text
    assert "abcdef0" not in facts.text, "the whole digest is on the page"


def test_a_form_of_nobody() -> None:
    effects = form(NOBODY)
    assert only(effects, fx.OpenCase)[0].name == "Unknown sender"
    assert not only(effects, fx.Acknowledge) and not only(effects, fx.Letter)


def test_what_the_scanner_found_is_said() -> None:
    effects = form(replace(FORM, attachments=(), remarks=("kind_virus",), virus="Eicar"))
    assert "Eicar" in only(effects, fx.Notice)[0].text


def test_a_citizens_language_that_we_do_not_write_is_the_consultations() -> None:
    assert only(form(replace(FORM, language="ar")), fx.OpenCase)[0].language == "ar"
    assert only(form(replace(FORM, language="tr")), fx.OpenCase)[0].language == "en"
    assert only(form(replace(BEFORE, language="tr")), fx.Letter)[0].language == "en"


def test_a_form_for_a_consultation_that_is_gone() -> None:
    with pytest.raises(Broken):
        form(FORM, KnownForm(None))


# ------------------------------------------------------------------ who gets which mail


@pytest.mark.parametrize(
    ("sent", "known", "reach"),
    [
        (FORM, KNOWN, Reach.MAIL),
        (AFTER, KNOWN, Reach.UNCONFIRMED),
        (AFTER, CONFIRMED, Reach.MAIL),
        (BEFORE, CONFIRMED, Reach.MAIL),
        (BEFORE, replace(KNOWN, released=True), Reach.UNCONFIRMED),
        (NOBODY, KNOWN, Reach.PAGE),
        (replace(NOBODY, page=0), KNOWN, Reach.NONE),
    ],
)
def test_how_answers_reach_them(sent: FormIn, known: KnownForm, reach: Reach) -> None:
    effects = form(sent, known)
    assert only(effects, fx.OpenCase)[0].reach is reach
    assert bool(only(effects, fx.Letter)) is (reach is Reach.UNCONFIRMED)
    assert bool(only(effects, fx.Acknowledge)) is (reach is Reach.MAIL)
    steps = [step.key for step in only(effects, fx.Step)]
    assert steps == ["step_received", "step_confirmed"][: bool(sent.page) + known.confirmed]


def test_a_confirmed_address_gets_a_copy_in_its_own_language() -> None:
    [ack] = only(form(BEFORE, CONFIRMED), fx.Acknowledge)
    assert "Ihre Idee?" in ack.copy and "Am Fluss & Ufer" in ack.copy and "What is" not in ack.copy
    [ack] = only(form(replace(BEFORE, answers=()), CONFIRMED), fx.Acknowledge)
    assert ack.copy, "a copy of nothing still says that the page is there"


@pytest.mark.parametrize("today", [1, 2, 99])
def test_an_address_that_was_written_to_today_gets_no_acknowledgement(today: int) -> None:
    effects = form(FORM, replace(KNOWN, acknowledged_today=today))
    assert not only(effects, fx.Acknowledge) and "enough" in only(effects, fx.Notice)[-1].text
    assert only(form(BEFORE, replace(CONFIRMED, acknowledged_today=today)), fx.Acknowledge)


def test_the_letter_holds_nothing_of_a_person() -> None:
    [letter] = only(form(BEFORE), fx.Letter)
    assert letter == fx.Letter(
        "confirm",
        "park-2027",
        "ada@citizen.example",
        "de",
        (("title", "Ideen für den Park"), ("reference", "PARK-8K2M-4T")),
        70,
    )


def test_the_link_back_to_a_saved_form() -> None:
    asked = ResumeIn("park-2027", "ideas", "Ideen", "ar", "ada@citizen.example", "https://x.example/f/y")
    [letter] = decide(asked, KnownPage(PARK), SETTINGS)
    assert isinstance(letter, fx.Letter)
    assert (letter.key, letter.language, letter.address, letter.page) == ("resume", "ar", asked.address, 0)
    assert dict(letter.values) == {"title": "Ideen", "link": asked.link, "days": "30"}
    with pytest.raises(Broken):
        decide(asked, KnownPage(None), SETTINGS)


def test_a_copy_out_of_a_receipt() -> None:
    files = [{"name": "plan.pdf", "size": 3, "sha256": "00"}]
    answers = [
        {"id": "idea", "question": "Ihre Idee?", "answer": "Bänke\nund Licht", "files": []},
        {"id": "phone", "question": "Telefon", "answer": "", "files": []},
        {"id": "plan", "question": "Plan", "answer": "", "files": files},
    ]
    assert copy_of(json.dumps({"answers": answers})) == (
        "1. Ihre Idee?\n   Bänke\n   und Licht\n\n2. Plan\n   plan.pdf"
    )
    assert copy_of("") == ""
    for damaged in ("{", "[]", '{"answers": [{}]}'):
        with pytest.raises(Broken):
            copy_of(damaged)


# ------------------------------------------------------------------ held back


def why(sent: FormIn, known: KnownForm) -> str | None:
    effects = form(sent, known)
    held = only(effects, fx.HoldBack)
    assert bool(held) is not bool(only(effects, fx.OpenCase))
    if held:
        assert not only(effects, fx.Words) and not only(effects, fx.Acknowledge)
        [told] = only(effects, fx.Reply)
        assert told.room_id == DESK and told.once and "!held" in told.text
        assert not any(word in told.text for word in ("Ada", "Lampen", "citizen.example", "PARK-8K2M"))
    return held[0].why if held else None


SPAM = replace(FORM, suspicions=("spam_trap", "spam_links"))


@pytest.mark.parametrize(
    ("sent", "known", "reason"),
    [
        (FORM, KNOWN, None),
        (BEFORE, KNOWN, "held_unconfirmed"),
        (BEFORE, CONFIRMED, None),
        (BEFORE, replace(KNOWN, released=True), None),
        (replace(BEFORE, address=None), KNOWN, None),
        (AFTER, KNOWN, None),
        (SPAM, KNOWN, "held_spam_form"),
        (replace(SPAM, confirm="before"), KNOWN, "held_spam_form"),
        (replace(SPAM, confirm="before"), CONFIRMED, None),
        (SPAM, replace(KNOWN, released=True), None),
        (FORM, replace(KNOWN, traffic=Traffic(2, 0, 0)), "held_address"),
        (NOBODY, replace(KNOWN, traffic=Traffic(2, 0, 0)), None),
        (NOBODY, replace(KNOWN, traffic=Traffic(0, 3, 0)), "held_network"),
        (replace(NOBODY, network=""), replace(KNOWN, traffic=Traffic(0, 3, 0)), None),
        (NOBODY, replace(KNOWN, traffic=Traffic(0, 0, 4)), "held_consultation"),
        (FORM, replace(KNOWN, traffic=Traffic(9, 9, 9), released=True), None),
        (BEFORE, replace(CONFIRMED, traffic=Traffic(9, 9, 9)), None),
    ],
)
def test_what_is_held_back(sent: FormIn, known: KnownForm, reason: str | None) -> None:
    assert why(sent, known) == reason


def test_only_what_waits_for_its_sender_writes_to_them() -> None:
    assert only(form(BEFORE), fx.Letter)
    assert not only(form(replace(SPAM, confirm="before")), fx.Letter), "no carrier for a machine's list"


def test_what_is_looked_at_again_is_not_counted_again() -> None:
    assert only(form(BEFORE), fx.Arrived)
    assert not only(form(BEFORE, CONFIRMED), fx.Arrived)
    assert not only(form(SPAM, replace(KNOWN, released=True)), fx.Arrived)


def test_staff_see_what_a_held_form_says_and_why() -> None:
    [held] = only(form(SPAM), fx.HoldBack)
    assert held.sender == "Ada Citizen, ada@citizen.example" and held.subject == "Ideas for the park"
    assert held.excerpt.startswith("What is your idea?: Mehr <Lampen> und Bänke · Where?: River & bank")
    assert held.excerpt.endswith("people do not see. It holds very many links.")
    assert "\n" not in held.excerpt


def test_what_staff_let_through_says_what_spoke_against_it() -> None:
    [facts, *_] = only(form(SPAM, replace(KNOWN, released=True)), fx.Notice)
    assert "had been held back" in facts.text and "very many links" in facts.text
    [facts, *_] = only(
        form(replace(SPAM, suspicions=("spam_new", "x")), replace(KNOWN, released=True)), fx.Notice
    )
    assert facts.text.count("unusual") == 2


def test_without_a_room_a_form_waits_for_its_sender_in_silence() -> None:
    effects = form(BEFORE, KnownForm(PARK))
    assert [type(e) for e in effects] == [fx.Arrived, fx.HoldBack, fx.Letter]
