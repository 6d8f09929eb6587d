"""What a citizen sees on the page of their case, and what is kept of it: on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.casework.settings import Settings
from bridge.errors import Broken, Retry
from bridge.forms.packing import unpack_page
from bridge.formstore import CasePage, PageEntry
from bridge.inbound import AnswerChange
from bridge.ledger.files import LARGE
from bridge.ledger.page_tables import drafts, pages
from bridge.ledger.tables import blobs, cases, held_mails, inbox, messages, outbox, participants
from bridge.model import Attachment, Reach, Source
from tests.ledger.home import PAGES, Home, Sent, edited, mail_in, redacted, said
from tests.ledger.people import (
    ADA,
    RECEIPT,
    VALUES,
    Submission,
    act,
    acted,
    arrival,
    draft_of,
    photo,
    send,
    sent,
    work,
)

PLAN = Attachment("plan.pdf", "application/pdf", b"%PDF-1.4 " + b"x" * LARGE)
DAY = 86_400


@pytest.fixture
async def park(home: Home) -> Home:
    """A consultation whose rooms are there, and answers that go out at once."""
    home.settings = Settings(undo_seconds=0, public_url=PAGES)
    await home.restart()
    await home.provision()
    return home


def kinds(page: CasePage) -> list[str]:
    return [entry.text if entry.kind == "step" else entry.kind for entry in page.entries]


def root_of(rows: list[Sent]) -> str:
    root = next(s.event_id for s in rows if s.kind == "head")
    assert root is not None
    return root


async def confirmed(home: Home, **changes: Any) -> tuple[Submission, str]:
    """A form whose sender has confirmed their address; the root of its thread."""
    submission, _ = await sent(home, address=ADA, confirm="before", **changes)
    return submission, root_of(await acted(home, submission.page, "confirm"))


# ------------------------------------------------------------------ from the form to the case


async def test_a_page_is_there_at_once_and_says_that_the_form_is_on_its_way(home: Home) -> None:
    submission = await send(home)
    page = await submission.seen(home)
    assert (page.id, page.reference, page.form, page.slug) == (
        submission.page,
        submission.form.reference,
        "ideas",
        "park-2027",
    )
    assert (page.title, page.language, page.receipt, page.values) == ("Ideen", "en", RECEIPT, VALUES)
    assert (page.state, page.reach, page.address, page.confirmed) == ("received", "page", None, False)
    assert kinds(page) == ["step_received"] and page.entries[0].at == page.created
    for other in (submission.token.swapcase(), submission.token[:-1], home.store.page_token(7), ""):
        assert await home.store.page(other) is None
    assert await home.store.page_to_confirm(submission.token) is None, "the two tokens open different things"


async def test_a_form_without_an_address_is_answered_on_its_page(park: Home) -> None:
    submission, rows = await sent(park)
    page = await submission.seen(park)
    assert (page.state, page.reach, kinds(page)) == ("open", "page", ["step_received", "words"])
    assert "Eine Bank" in page.entries[1].text, "in the words that the citizen read"
    assert not [s for s in rows if s.ref.target is Source.EMAIL]
    await park.settle(said("We like it.", root_of(rows), html="<p>We like it.</p>"))
    out = await park.flush()
    (mail,) = [s for s in out if s.kind == "mail"]
    assert (mail.ref.target, mail.payload["to"]) == (Source.FORM, None)
    assert [s.payload["mark"] for s in out if s.kind == "mark"] == ["⏳", "✉️"]
    page = await submission.seen(park)
    entry = page.entries[-1]
    assert (page.state, entry.kind, entry.text, entry.who) == (
        "answered",
        "reply",
        "We like it.",
        "Cleo Clerk",
    )
    assert "We like it." in (entry.html or "")


async def test_an_address_is_confirmed_before_anything_opens(park: Home) -> None:
    submission, rows = await sent(park, address=ADA, confirm="before")
    page = await submission.seen(park)
    assert (page.state, page.reach, page.confirmed, page.letter) == (
        "unconfirmed",
        "unconfirmed",
        False,
        "sent",
    )
    (letter,) = [s.payload for s in rows if s.kind == "letter"]
    assert letter["to"] == ADA and "A bench" not in letter["text"] and "Ada" not in letter["text"]
    link = next(line for line in letter["text"].split("\n") if line.startswith(f"{PAGES}/c/"))
    to_confirm = await park.store.page_to_confirm(link.rpartition("/")[2])
    assert to_confirm is not None and to_confirm.id == submission.page
    assert await park.store.page(link.rpartition("/")[2]) is None, "the mail's token opens no page"

    rows = await acted(park, submission.page, "confirm")
    page = await submission.seen(park)
    assert (page.state, page.reach, page.confirmed) == ("open", "mail", True)
    (ack,) = [s.payload for s in rows if s.kind == "mail"]
    assert ack["to"] == ADA and "Eine Bank" in ack["text"] and f"{PAGES}/t/{submission.token}" in ack["text"]
    assert "Ideen" in ack["text"], "the form is named as the citizen knows it"
    assert await park.all(held_mails) == []
    assert await acted(park, submission.page, "confirm") == [], "twice is fine"


async def test_an_open_case_is_mailed_once_the_address_is_confirmed(park: Home) -> None:
    submission, rows = await sent(park, address=ADA, confirm="after")
    root = root_of(rows)
    assert [s.kind for s in rows if s.ref.target is Source.EMAIL] == ["letter"]
    await park.settle(said("First.", root))
    assert [s.ref.target for s in await park.flush() if s.kind == "mail"] == [Source.FORM]
    (ack,) = [s for s in await acted(park, submission.page, "confirm") if s.kind == "mail"]
    assert ack.payload["to"] == ADA and "A bench by the river" in ack.payload["text"]
    await park.settle(said("Second.", root))
    (mail,) = [s for s in await park.flush() if s.kind == "mail"]
    assert (mail.ref.target, mail.payload["to"]) == (Source.EMAIL, ADA)
    assert [e.text for e in (await submission.seen(park)).entries if e.kind == "reply"] == [
        "First.",
        "Second.",
    ]
    assert (await park.one(participants)).reach == "mail"


async def test_what_looks_like_spam_waits_for_staff_or_for_the_citizen(park: Home) -> None:
    dropped, _ = await sent(park, suspicions=("spam_trap",))
    kept, _ = await sent(park, suspicions=("spam_trap",), address=ADA, confirm="before")
    assert (await dropped.seen(park)).state == (await kept.seen(park)).state == "held"
    codes = {row.id: row.code for row in await park.all(held_mails, state="held")}
    await park.settle(said(f"!discard {codes[dropped.item.id]}", None))
    await park.settle(said(f"!release {codes[kept.item.id]}", None))
    await park.flush()
    rows = await work(park)
    assert (await dropped.seen(park)).state == "refused"
    page = await kept.seen(park)
    assert (page.state, page.reach) == ("open", "unconfirmed"), "nobody has shown that the address is theirs"
    assert not [s for s in rows if s.kind == "mail"]


async def test_a_form_that_is_held_may_be_held_again_for_another_reason(park: Home) -> None:
    """Staff let it through; then it waits for the citizen, or the other way round."""
    submission, _ = await sent(park, suspicions=("spam_trap",))
    before = await park.one(held_mails)
    await park.settle(said(f"!release {before.code}", None))
    await park.change(held_mails, before.id, state="discarded")
    await park.flush()
    await work(park)
    again = await park.one(held_mails)
    assert again.state == "held" and (await submission.seen(park)).state == "held"


async def test_an_unconfirmed_form_is_never_dropped_silently(park: Home) -> None:
    submission, _ = await sent(park, address=ADA, confirm="before")
    park.clock.now += 200 * DAY
    await park.ledger.tidy()
    assert (await submission.seen(park)).state == "unconfirmed"
    await park.settle(said("!held", None))
    listed = "\n".join(s.payload["text"] for s in await park.flush() if s.kind == "notice")
    assert (await park.one(held_mails)).code in listed
    await acted(park, submission.page, "confirm")
    assert (await submission.seen(park)).state == "open"


async def test_a_form_that_was_withdrawn_before_anybody_read_it_says_so(park: Home) -> None:
    submission, _ = await sent(park, address=ADA, confirm="before")
    park.clock.now += 60
    await acted(park, submission.page, "withdraw")
    page = await submission.seen(park)
    assert page.state == "closed" and kinds(page) == ["step_received", "step_withdrawn"]
    assert page.entries[1].at == page.created + 60_000
    assert await park.all(cases) == []


async def test_a_large_file_of_a_form_that_is_held_is_stored_once(park: Home) -> None:
    submission, _ = await sent(park, address=ADA, confirm="before", attachments=(photo(2 * LARGE),))
    assert len(park.files()) == 1, "as it came; nothing else names a copy"
    await acted(park, submission.page, "confirm")
    assert [f.name for e in (await submission.seen(park)).entries for f in e.files] == ["bench.jpg"]


# ------------------------------------------------------------------ the timeline


async def test_the_page_shows_both_sides_in_order_and_nothing_of_staffs_own(park: Home) -> None:
    submission, root = await confirmed(park)
    park.clock.now += 1
    await acted(park, submission.page, "write", text="Here it is.", attachments=(photo(),))
    park.clock.now += 1
    await park.settle(said("! looks good, but who pays?", root, inside=True))
    await park.settle(said("Our plan.", root, msgtype="m.file", captioned=True, attachments=(PLAN,)))
    await park.flush()
    park.clock.now += 1
    token = (await park.all(outbox, kind="mail"))[0]
    assert token.state == "done"
    page = await submission.seen(park)
    assert kinds(page) == ["step_received", "words", "step_confirmed", "words", "reply"]
    words, reply = page.entries[-2:]
    assert (words.text, [(f.id, f.name, f.size) for f in words.files]) == (
        "Here it is.",
        [(0, "bench.jpg", len(photo().data))],
    )
    (plan,) = reply.files
    assert (plan.name, plan.mime, plan.size) == ("plan.pdf", "application/pdf", len(PLAN.data))
    assert await park.store.page_file(submission.page, plan.id) == (plan, PLAN.data)
    assert not any("who pays" in entry.text for entry in page.entries)


async def test_a_reply_by_mail_stands_on_the_page_too(park: Home) -> None:
    submission, _ = await confirmed(park)
    token = (await park.all(outbox, kind="mail"))[-1]
    case = await park.one(cases)
    mail = mail_in("By mail.", address=ADA, token=None, references=(f"<{token.id:x}@consult.alder.example>",))
    await park.settle(replace(mail, returned=token.id), Source.EMAIL)
    await park.flush()
    assert (await park.one(cases)).id == case.id
    assert (await submission.seen(park)).entries[-1].text == "By mail."


async def test_files_of_answers_stay_while_there_is_a_page_and_only_there(park: Home) -> None:
    _, root = await confirmed(park)
    rows = await park.case()
    answer: dict[str, Any] = {"msgtype": "m.file", "captioned": True, "attachments": (PLAN,)}
    await park.settle(said("Our plan.", root, **answer))
    await park.settle(said("Our plan.", root_of(rows), **answer))
    assert len(await park.all(blobs)) == 2
    await park.flush()
    assert len(await park.all(blobs)) == len(park.files()) == 1
    await park.restart()
    assert len(park.files()) == 1, "the sweep at the start knows that it is needed"


async def test_a_file_is_given_to_its_own_page_only_and_once_it_went_out(park: Home) -> None:
    park.settings = Settings(undo_seconds=10, public_url=PAGES)
    await park.restart()
    submission, root = await confirmed(park)
    other, _ = await sent(park)
    await park.settle(said("Our plan.", root, msgtype="m.file", captioned=True, attachments=(PLAN,)))
    (blob,) = await park.all(blobs)
    assert await park.store.page_file(submission.page, blob.id) is None, "it waits for its undo time"
    await park.flush(10)
    assert await park.store.page_file(submission.page, blob.id) is not None
    for page, file in (
        (other.page, blob.id),
        (submission.page, 0),
        (submission.page, blob.id + 1),
        (7, blob.id),
    ):
        assert await park.store.page_file(page, file) is None


async def test_an_answer_for_the_page_can_be_changed_and_stopped_while_it_waits(park: Home) -> None:
    park.settings = Settings(undo_seconds=10, public_url=PAGES)
    await park.restart()
    submission, rows = await sent(park)
    root = root_of(rows)
    first, second = said("Yes.", root), said("No.", root)
    await park.settle(first)
    await park.settle(second)
    await park.settle(edited(first, "Yes, gladly."))
    await park.settle(redacted(second))
    assert [e.kind for e in (await submission.seen(park)).entries].count("reply") == 0
    await park.flush(10)
    assert [e.text for e in (await submission.seen(park)).entries if e.kind == "reply"] == ["Yes, gladly."]


async def test_an_answer_on_its_way_to_the_page_is_changed_no_more(park: Home) -> None:
    park.settings = Settings(undo_seconds=10, public_url=PAGES)
    await park.restart()
    submission, rows = await sent(park)
    message = said("Yes.", root_of(rows))
    refs = await park.settle(message)
    row = next(ref for ref in refs if ref.target is Source.FORM)
    assert await park.ledger.outgoing(row) is not None  # claimed: it is being delivered
    await park.settle(edited(message, "No."))
    await park.flush(10)
    assert next(e.text for e in (await submission.seen(park)).entries if e.kind == "reply") == "Yes."


async def test_a_mail_that_failed_for_good_still_stands_on_the_page(park: Home) -> None:
    submission, root = await confirmed(park)
    refs = await park.settle(said("Our plan.", root, msgtype="m.file", captioned=True, attachments=(PLAN,)))
    row = next(ref for ref in refs if ref.target is Source.EMAIL)
    assert await park.ledger.outgoing(row) is not None
    park.take(await park.ledger.fail(row, "550 no such user"))
    entry = (await submission.seen(park)).entries[-1]
    assert (entry.kind, entry.text, [f.name for f in entry.files]) == ("reply", "Our plan.", ["plan.pdf"])
    assert await park.store.page_file(submission.page, entry.files[0].id) is not None


async def test_a_mail_that_cannot_be_opened_any_more_fails_without_standing_anywhere(park: Home) -> None:
    submission, root = await confirmed(park)
    before = len((await submission.seen(park)).entries)
    refs = await park.settle(said("Yes.", root))
    row = next(ref for ref in refs if ref.target is Source.EMAIL)
    await park.change(outbox, row.id, payload=b"damaged")
    with pytest.raises(Broken):
        await park.ledger.outgoing(row)
    park.take(await park.ledger.fail(row, "sealed data does not open", "broken"))
    assert len((await submission.seen(park)).entries) == before


async def test_parts_of_one_long_message_are_one_entry(park: Home) -> None:
    submission, _ = await sent(park)
    park.clock.now += 1
    text = "\n\n".join("word " * 2000 for _ in range(3))
    await acted(park, submission.page, "write", text=text)
    assert len([m for m in await park.all(messages) if m.inward]) > 2
    assert len([e for e in (await submission.seen(park)).entries if e.kind == "words"]) == 2
    assert (await submission.seen(park)).entries[-1].text.split() == text.split()


async def test_what_was_joined_from_another_case_is_not_shown(park: Home) -> None:
    submission, _ = await confirmed(park)
    (ack,) = await park.all(outbox, kind="mail")
    ours = (f"<{ack.id:x}@consult.alder.example>",)
    rows = await park.case(text="I am Eve.", address="eve@example.net", references=ours)
    await park.settle(said("!join", root_of(rows), inside=True))
    await park.flush()
    assert len([m for m in await park.all(messages) if m.inward]) == 3
    assert not any("Eve" in e.text for e in (await submission.seen(park)).entries)


# ------------------------------------------------------------------ acts that wait


async def test_what_was_just_done_is_shown_as_waiting(park: Home) -> None:
    submission, _ = await sent(park)
    await act(park, submission.page, "write", text="One more thing.", attachments=(photo(),))
    changes = (AnswerChange("Your idea", "A bench", "Two benches"), AnswerChange("Where", "", "Here"))
    await act(park, submission.page, "change", changes=changes)
    await act(park, submission.page, "by_page")
    waiting = [e for e in (await submission.seen(park)).entries if e.waiting]
    assert [(e.kind, [f.name for f in e.files]) for e in waiting] == [
        ("words", ["bench.jpg"]),
        ("change", []),
    ]
    assert waiting[0].text == "One more thing."
    assert "A bench → Two benches" in waiting[1].text and "– → Here" in waiting[1].text
    await work(park)
    page = await submission.seen(park)
    assert [e.kind for e in page.entries if not e.waiting][-2:] == ["words", "change"]
    assert not any(e.waiting for e in page.entries)


async def test_what_is_written_before_the_case_is_there_waits_for_it(park: Home) -> None:
    submission, _ = await sent(park, address=ADA, confirm="before")
    await acted(park, submission.page, "write", text="And a tree.")
    assert [e.text for e in (await submission.seen(park)).entries if e.waiting] == ["And a tree."]
    await acted(park, submission.page, "confirm")
    park.clock.now += 2
    await work(park)
    page = await submission.seen(park)
    assert [(e.text, e.waiting) for e in page.entries][-1] == ("And a tree.", False)


async def test_an_act_that_cannot_be_read_is_not_shown_and_the_page_is(park: Home) -> None:
    submission, _ = await sent(park)
    item = await act(park, submission.page, "write", text="x")
    await park.change(inbox, item.id, raw=b"damaged")
    assert kinds(await submission.seen(park)) == ["step_received", "words"]


async def test_acts_of_other_pages_are_not_shown(park: Home) -> None:
    submission, _ = await sent(park)
    await act(park, submission.page * 10, "write", text="Not here.")
    assert not any(e.waiting for e in (await submission.seen(park)).entries)


# ------------------------------------------------------------------ changes, wishes


async def test_changed_answers_are_the_pages_and_end_their_draft(park: Home) -> None:
    submission, _ = await sent(park)
    token = await park.store.begin("ideas", "en", changes=submission.page, values=VALUES)
    draft = await park.store.draft(token)
    assert draft is not None and draft.changes == submission.page
    new = {"idea": ["Two benches"]}
    also = park.store.with_change(draft.id, submission.page, new)
    change = arrival(park, submission.form, draft.id)
    await park.ledger.accept([replace(change, kind="page", key="page:x", reference=None, also=also)])
    page, ended = await submission.seen(park), await park.store.draft(token)
    assert page.values == new and page.receipt == RECEIPT
    assert ended is not None and (ended.sent, ended.page) == (page.reference, page.id)


async def test_language_and_reach_are_the_citizens_choice(park: Home) -> None:
    submission, root = await confirmed(park)
    await acted(park, submission.page, "language", language="ar")
    await acted(park, submission.page, "by_page")
    page = await submission.seen(park)
    assert (page.language, page.reach) == ("ar", "page")
    person = await park.one(participants)
    assert (person.language, person.reach) == ("ar", Reach.PAGE.value)
    await park.settle(said("Yes.", root))
    assert [s.ref.target for s in await park.flush() if s.kind == "mail"] == [Source.FORM]
    await acted(park, submission.page, "by_mail")
    await park.settle(said("Yes!", root))
    (mail,) = [s for s in await park.flush() if s.kind == "mail"]
    assert (mail.ref.target, mail.payload["language"]) == (Source.EMAIL, "ar")


async def test_a_withdrawn_case_is_closed_with_its_time_and_opened_again_without(park: Home) -> None:
    submission, _ = await sent(park)
    await acted(park, submission.page, "withdraw")
    case = await park.one(cases)
    assert (case.status, case.closed_at) == ("closed", park.ledger.now())
    await acted(park, submission.page, "write", text="After all: yes.")
    case = await park.one(cases)
    assert (case.status, case.closed_at) == ("open", None)


async def test_a_revoked_address_is_dead_and_mails_name_the_new_one(park: Home) -> None:
    submission, _ = await sent(park, address=ADA, confirm="after")
    token = await park.store.revoke(submission.page)
    assert token != submission.token and await park.store.page(submission.token) is None
    page = await park.store.page(token)
    assert page is not None and page.turn == 1 and park.store.page_token(page.id, 1) == token
    (ack,) = [s for s in await acted(park, submission.page, "confirm") if s.kind == "mail"]
    assert f"{PAGES}/t/{token}" in ack.payload["text"]
    with pytest.raises(Broken):
        await park.store.revoke(7)


async def test_page_tokens_are_derived_and_stored_nowhere(park: Home) -> None:
    submission = await send(park)
    rows = str(await park.all(pages)) + str(await park.all(drafts))
    stored = b"".join(p.read_bytes() for p in park.folder.rglob("*") if p.is_file())
    assert len(submission.token) == 22 and submission.token not in rows
    assert submission.token.encode() not in stored
    await park.restart()
    assert park.store.page_token(submission.page) == submission.token


# ------------------------------------------------------------------ order


async def test_an_act_waits_for_the_form_it_belongs_to(park: Home) -> None:
    """Confirmed within a second: the form is settled first, whatever was read first."""
    form = await send(park, address=ADA, confirm="before")
    item = await act(park, form.page, "write", text="And a tree.")
    (found,) = [i for i in (await park.ledger.waiting_items(set())).items if i.id == item.id]
    assert found.key.startswith(f"page:{form.page}:")
    with pytest.raises(Retry):
        await park.ledger.settle(found, unpack_page(found.raw))


async def test_numbers_tell_drafts_and_forms_that_are_held(park: Home) -> None:
    await draft_of(park)
    await park.store.keep(await draft_of(park))
    await sent(park, address=ADA, confirm="before")
    await sent(park, suspicions=("spam_trap",))
    await park.settle(replace(mail_in(), spam=True), Source.EMAIL)
    found = await park.ledger.numbers()
    assert found['drafts{kept="no"}'] == found['drafts{kept="yes"}'] == 1
    assert found['submissions_held{why="held_unconfirmed"}'] == 1
    assert found['submissions_held{why="held_spam_form"}'] == 1
    assert sum(n for name, n in found.items() if name.startswith("submissions_held")) == 2


def test_an_entry_says_who_and_when() -> None:
    entry = PageEntry(1, "reply", "secret", who="Cleo")
    assert "secret" not in repr(entry) and "Cleo" not in repr(entry)
