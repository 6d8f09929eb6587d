"""Mails in fixed words: one a day to an address, whatever names it, and nobody but the page hears of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.casework.settings import Settings
from bridge.errors import Refuse
from bridge.inbound import MailReport, PageIn
from bridge.ledger.page_tables import pages
from bridge.ledger.tables import acknowledgements, cases, held_mails, inbox, outbox
from bridge.model import Source
from tests.ledger.home import PAGES, Home, Sent, mail_in
from tests.ledger.people import ADA, Submission, acted, resumed, send, sent

DAY = 86_400


@pytest.fixture
async def park(home: Home) -> Home:
    home.settings = Settings(undo_seconds=0, public_url=PAGES)
    await home.restart()
    await home.provision()
    return home


def mailed(rows: list[Sent]) -> list[Sent]:
    return [s for s in rows if s.ref.target is Source.EMAIL]


async def letter_of(home: Home, submission: Submission) -> tuple[str, int]:
    page = await submission.seen(home)
    return page.letter, page.letter_at


async def asks(home: Home, **more: Any) -> tuple[Submission, list[Sent]]:
    return await sent(home, **{"address": ADA, "confirm": "before", **more})


async def test_the_second_letter_waits_for_the_next_day_and_a_third_is_not_written(park: Home) -> None:
    now = park.ledger.now()
    first, rows = await asks(park)
    assert len(mailed(rows)) == 1 and await letter_of(park, first) == ("sent", now)
    second, rows = await asks(park, address="ADA@home.example ")
    assert mailed(rows) == [] and await letter_of(park, second) == ("waiting", now + DAY * 1000)
    third, rows = await asks(park)
    assert mailed(rows) == [] and await letter_of(park, third) == ("", 0)
    assert len(await park.all(outbox, kind="letter")) == 2
    assert mailed(await park.flush(DAY - 1)) == []
    (late,) = mailed(await park.flush(1))
    assert late.kind == "letter" and await letter_of(park, second) == ("sent", now + DAY * 1000)
    _, rows = await asks(park)
    assert mailed(rows) == [], "the day begins anew with what went out today"
    assert len(mailed(await park.flush(DAY))) == 1


async def test_whatever_names_an_address_shares_its_one_mail(park: Home) -> None:
    """Forms with and without confirmation, reminders, and links to saved forms."""
    _, rows = await sent(park, address=ADA, confirm="none")
    assert [s.kind for s in mailed(rows)] == ["mail"], "the acknowledgement in fixed words"
    later, rows = await asks(park)
    assert mailed(rows) == [] and (await later.seen(park)).letter == "waiting"
    assert mailed(await resumed(park)) == mailed(await acted(park, later.page, "remind")) == []
    _, rows = await sent(park, address=ADA, confirm="none")
    assert mailed(rows) == []
    assert len(mailed(await resumed(park, "bob@home.example"))) == 1, "another address has its own day"


async def test_a_mail_that_came_by_mail_takes_nobodys_letter(park: Home) -> None:
    await park.settle(mail_in(address=ADA), Source.EMAIL)
    await park.flush()
    _, rows = await asks(park)
    assert len(mailed(rows)) == 1
    assert sorted(r.source for r in await park.all(acknowledgements)) == ["email", "form"]


async def test_a_confirmed_person_is_written_to_without_counting(park: Home) -> None:
    submission, _ = await asks(park)
    (ack,) = mailed(await acted(park, submission.page, "confirm"))
    assert ack.kind == "mail"
    assert len(await park.all(acknowledgements)) == 1, "the letter only"


async def test_a_letter_holds_fixed_words_and_leads_to_one_page(park: Home) -> None:
    _, rows = await asks(park, name="Canary Citizen", reference="PARK-7F3K-9Q")
    (letter,) = mailed(rows)
    payload = letter.payload
    assert payload["token"] is None and payload["automatic"] and payload["attachments"] == []
    assert "PARK-7F3K-9Q" in payload["subject"] and "Ideen" in payload["text"]
    assert "Canary" not in str(payload) and "bench" not in str(payload)
    assert payload["text"].count(f"{PAGES}/c/") == 1 and f"{PAGES}/t/" not in payload["text"]
    row = await park.one(outbox, kind="letter")
    assert row.case_id is None and row.participant_id is None and row.payload is None
    (link,) = mailed(await resumed(park, "bob@home.example"))
    assert "https://consult.alder.example/f/x" in link.payload["text"]


async def test_a_letter_that_is_refused_is_the_pages_news_only(park: Home) -> None:
    submission = await send(park, address=ADA, confirm="before")
    refs = park.take(await park.ledger.settle(submission.item, submission.form))
    row = next(ref for ref in refs if ref.target is Source.EMAIL)
    assert await letter_of(park, submission) == ("waiting", park.ledger.now())
    assert await park.ledger.outgoing(row) is not None
    assert park.take(await park.ledger.fail(row, "550 no such user")) == []
    assert (await submission.seen(park)).letter == "failed"


async def test_our_own_fault_with_a_letter_is_told_to_operators(park: Home) -> None:
    submission = await send(park, address=ADA, confirm="before")
    refs = park.take(await park.ledger.settle(submission.item, submission.form))
    row = next(ref for ref in refs if ref.target is Source.EMAIL)
    park.take(await park.ledger.fail(row, "our own fault: KeyError", "broken"))
    (told,) = [s.payload["text"] for s in await park.flush() if s.kind == "tell"]
    assert "letter" in told and ADA not in told
    assert (await submission.seen(park)).letter == "failed"


@pytest.mark.parametrize(
    ("reports", "automatic", "fate"),
    [
        ((MailReport("failed", True, "no_such_address", "5.1.1"),), True, "failed"),
        ((MailReport("delayed", False, "busy"),), True, "sent"),
        ((), True, "sent"),
    ],
)
async def test_what_comes_back_of_a_letter_bothers_nobody(
    park: Home, reports: tuple[MailReport, ...], automatic: bool, fate: str
) -> None:
    submission, rows = await asks(park)
    (letter,) = mailed(rows)
    came = replace(mail_in(address=None), returned=letter.ref.id, reports=reports, automatic=automatic)
    assert await park.settle(came, Source.EMAIL) == []
    assert (await submission.seen(park)).letter == fate
    assert await park.all(cases) == [] and len(await park.all(held_mails)) == 1  # the form itself
    assert {row.state for row in await park.all(inbox, source="email")} == {"done"}


async def test_a_person_who_answers_to_a_letter_is_read(park: Home) -> None:
    _, rows = await asks(park)
    (letter,) = mailed(rows)
    await park.settle(replace(mail_in("It was me!", address=ADA), returned=letter.ref.id), Source.EMAIL)
    assert any(s.payload["text"] == "It was me!" for s in await park.flush() if s.kind == "words")


async def test_letters_of_different_pages_do_not_wait_for_each_other(park: Home) -> None:
    await asks(park)
    await asks(park)  # waits until tomorrow
    assert mailed(await resumed(park)) == []
    assert len(mailed(await resumed(park, "bob@home.example"))) == 1
    other, rows = await asks(park, address="carol@home.example")
    assert len(mailed(rows)) == 1 and (await other.seen(park)).letter == "sent"


async def test_reminders_beyond_what_an_address_is_sent_change_nothing(park: Home) -> None:
    submission, _ = await asks(park)
    await acted(park, submission.page, "remind")
    state = await letter_of(park, submission)
    assert state[0] == "waiting"
    await acted(park, submission.page, "remind")
    assert await letter_of(park, submission) == state and len(await park.all(outbox, kind="letter")) == 2
    await acted(park, submission.page, "confirm")
    item = await park.item(Source.FORM)
    with pytest.raises(Refuse):
        await park.ledger.settle(item, PageIn(submission.page, "remind"))
    assert (await park.one(pages, id=submission.page)).confirmed
