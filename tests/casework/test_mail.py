"""Mails: who joins a case, who opens one, who is answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.casework import effects as fx
from bridge.casework.decide import decide
from bridge.casework.known import KnownMail, KnownRoom
from bridge.errors import Broken
from bridge.inbound import MailIn
from bridge.model import Attachment, Case, Source, Status
from bridge.text import PART_BYTES
from tests.casework.world import CASE, NAMELESS, PARK, PICTURE, SETTINGS, only

NEW = MailIn(
    mailbox="park-2027",
    token=None,
    from_address="ada@citizen.example",
    from_name="Ada Citizen",
    subject="The lamps",
    text="The lamp broke.",
    html="<p>The lamp broke.</p>",
    message_id="<1@citizen.example>",
    references=(),
    automatic=False,
)
REPLY = replace(NEW, token="1abc", references=("<ours@alder.example>",))


def mail(came: MailIn = NEW, known: KnownMail | None = None) -> list[fx.Effect]:
    return decide(came, known or KnownMail(PARK), SETTINGS)


# ------------------------------------------------------------------ the postmaster


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("known", [KnownMail(None), KnownMail(None, by_token=CASE), KnownMail(PARK, CASE)])
def test_mail_for_the_postmaster_is_told_to_the_operators_without_a_word_of_it(
    known: KnownMail, language: str
) -> None:
    came = replace(REPLY, mailbox="postmaster")
    (told,) = decide(came, known, replace(SETTINGS, language=language))
    assert isinstance(told, fx.Tell) and told.once
    assert "ostmaster" in told.text
    for word in ("Ada", "Citizen", "citizen.example", "lamp", "broke", CASE.reference, "park-2027"):
        assert word not in told.text


# ------------------------------------------------------------------ new


def test_a_new_mail_opens_a_case_and_is_acknowledged() -> None:
    effects = mail(replace(NEW, attachments=(PICTURE,)))
    assert effects == [
        fx.Arrived("park-2027", "ada@citizen.example", ""),
        fx.OpenCase(
            "park-2027",
            Source.EMAIL,
            "Ada Citizen",
            "ada@citizen.example",
            "en",
            "The lamps",
            None,
            False,
            None,
        ),
        fx.Words(None, "The lamp broke.", "<p>The lamp broke.</p>", (PICTURE,), "<1@citizen.example>"),
        fx.Acknowledge(None),
    ]


@pytest.mark.parametrize(
    ("came", "known", "part"),
    [
        (replace(NEW, automatic=True), KnownMail(PARK), "automatically"),
        (replace(NEW, from_address=None), KnownMail(PARK), "sender address"),
        (NEW, KnownMail(PARK, acknowledged_today=3), "enough"),
        (NEW, KnownMail(PARK, acknowledged_today=99), "enough"),
    ],
)
def test_who_is_not_acknowledged(came: MailIn, known: KnownMail, part: str) -> None:
    effects = mail(came, known)
    assert not only(effects, fx.Acknowledge)
    assert part in only(effects, fx.Notice)[0].text
    assert only(effects, fx.OpenCase)[0].address == came.from_address
    assert only(effects, fx.Words)


def test_the_third_acknowledgement_of_a_day_still_goes_out() -> None:
    assert only(mail(NEW, KnownMail(PARK, acknowledged_today=2)), fx.Acknowledge)


@pytest.mark.parametrize(
    ("name", "address", "shown"),
    [("", "a@b.example", "a@b.example"), ("", None, "Unknown sender"), ("Ada\nBcc: x", None, "Ada Bcc: x")],
)
def test_the_name_of_a_case(name: str, address: str | None, shown: str) -> None:
    effects = mail(replace(NEW, from_name=name, from_address=address))
    assert only(effects, fx.OpenCase)[0].name == shown


def test_a_token_that_nobody_knows_opens_a_case() -> None:
    assert not only(mail(REPLY), fx.OpenCase)[0].locked


def test_a_mailbox_without_consultation_is_parked() -> None:
    with pytest.raises(Broken):
        mail(NEW, KnownMail(None))
    with pytest.raises(Broken):
        decide(NEW, KnownRoom(None), SETTINGS)


def test_warnings_are_said() -> None:
    effects = mail(replace(NEW, warnings=("charset", "cut", "never-heard-of")))
    said = only(effects, fx.Notice)[0].text.split("\n")
    assert len(said) == 4


def test_a_mail_without_text_and_one_that_is_html_alone() -> None:
    assert only(mail(replace(NEW, text=" \n", html=None)), fx.Words)[0].text == "(no text)"
    assert only(mail(replace(NEW, text="", html="<p>Hello <b>you</b></p>")), fx.Words)[0].text == "Hello you"


# ------------------------------------------------------------------ the table of identity

ADDRESSES = ["ada@citizen.example", "ADA@Citizen.example"]
OTHERS = ["mallory@evil.example", "ada@citizen.example.evil", None]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("references", [None, CASE])
def test_token_and_address_join(address: str, references: Case | None) -> None:
    came = replace(REPLY, from_address=address)
    effects = mail(came, KnownMail(PARK, by_token=CASE, by_references=references))
    assert effects == [fx.Words(7, "The lamp broke.", "<p>The lamp broke.</p>", (), "<1@citizen.example>")]


@pytest.mark.parametrize(
    ("came", "known", "part"),
    [
        *[(replace(REPLY, from_address=a), KnownMail(PARK, by_token=CASE), "reply address") for a in OTHERS],
        *[(replace(NEW, from_address=a), KnownMail(PARK, by_references=CASE), "answers") for a in ADDRESSES],
        *[(replace(NEW, from_address=a), KnownMail(PARK, by_references=CASE), "answers") for a in OTHERS],
        (REPLY, KnownMail(PARK, by_token=CASE, token_revoked=True), "no longer valid"),
        (REPLY, KnownMail(PARK, by_token=NAMELESS), "reply address"),
        (replace(REPLY, from_address=None), KnownMail(PARK, by_token=NAMELESS), "reply address"),
        (REPLY, KnownMail(PARK, by_token=replace(CASE, slug="budget")), "reply address"),
    ],
)
@pytest.mark.parametrize("automatic", [False, True])
def test_everything_else_is_locked(came: MailIn, known: KnownMail, part: str, automatic: bool) -> None:
    effects = mail(replace(came, automatic=automatic), known)
    opened = only(effects, fx.OpenCase)[0]
    assert (opened.locked, opened.claims, opened.address) == (True, "PARK-7F3K-9Q", came.from_address)
    assert not only(effects, fx.Acknowledge) and not only(effects, fx.Mail)
    assert [w.case for w in only(effects, fx.Words)] == [None]
    told = only(effects, fx.Notice)[0].text
    assert part in told and "!join PARK-7F3K-9Q" in told and "!apart" in told
    assert told.count("mallory@evil.example") == (came.from_address == "mallory@evil.example")


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("automatic", [False, True])
def test_new_words_reopen_what_was_answered_or_closed(status: Status, automatic: bool) -> None:
    effects = mail(
        replace(REPLY, automatic=automatic), KnownMail(PARK, by_token=replace(CASE, status=status))
    )
    moves = status in (Status.ANSWERED, Status.CLOSED) and not automatic
    assert only(effects, fx.Move) == ([fx.Move(7, Status.OPEN)] if moves else [])
    assert bool(only(effects, fx.Notice)) is automatic


# ------------------------------------------------------------------ long texts


def test_a_long_text_is_several_words_and_the_files_come_last() -> None:
    whole = "\n\n".join(f"Paragraph {i}. " + "word " * 200 for i in range(40))
    effects = mail(replace(NEW, text=whole, attachments=(PICTURE,)))
    words = only(effects, fx.Words)
    assert 3 <= len(words) <= 5
    assert all(len(w.text.encode()) <= PART_BYTES and w.html is None for w in words)
    assert "".join("".join(w.text for w in words).split()) == "".join(whole.split())
    assert [bool(w.files) for w in words] == [False] * (len(words) - 1) + [True]
    assert [w.message_id for w in words] == ["<1@citizen.example>"] + [None] * (len(words) - 1)


def test_the_rest_of_a_very_long_text_is_a_file() -> None:
    whole = "Ärger über Lampen. " * 10_000
    effects = mail(replace(NEW, text=whole))
    words = only(effects, fx.Words)
    assert sum(len(w.text.encode()) for w in words) <= 60_000
    file = words[-1].files[0]
    assert isinstance(file, Attachment)
    assert (file.name, file.mime, file.data.decode()) == ("whole-message.txt", "text/plain", whole)
    assert "whole-message.txt" in only(effects, fx.Notice)[0].text
