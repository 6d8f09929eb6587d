"""Erasure is real: after it nothing of the citizen opens, or lies on the disk, and the room is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.casework.settings import Settings
from bridge.channel import Arrival, Outcome
from bridge.errors import Broken, Retry
from bridge.forms.channel import READERS
from bridge.inbound import RoomMessage
from bridge.ledger.files import LARGE
from bridge.ledger.forgetting import MOST_AT_ONCE
from bridge.ledger.housekeeping import REPEAT_DAYS
from bridge.ledger.metadata import metadata
from bridge.ledger.page_tables import draft_files, drafts, pages
from bridge.ledger.remembered import ForgottenList
from bridge.ledger.tables import (
    acknowledgements,
    blobs,
    cases,
    events,
    files,
    held_mails,
    inbox,
    links,
    messages,
    outbox,
    participants,
)
from bridge.ledger.writer import Writer
from bridge.model import Attachment, Source
from tests.ledger.home import DESK, PAGES, Home, Sent, mail_in, said
from tests.ledger.people import ADA, VALUES, Submission, act, acted, photo, send, sent, work

DAY = 86_400
PLAN = Attachment("canaryplan.pdf", "application/pdf", b"%PDF-1.4 " + b"canary" * (LARGE // 5))


@pytest.fixture
async def park(home: Home) -> Home:
    home.settings = Settings(undo_seconds=0, public_url=PAGES)
    await home.restart()
    await home.provision()
    return home


def root_of(rows: list[Sent]) -> str:
    root = next(s.event_id for s in rows if s.kind == "head")
    assert root is not None
    return root


async def lived(home: Home) -> tuple[Submission, str]:
    """A case with all that a case may have; its page, and the root of its thread."""
    submission, _ = await sent(home, address=ADA, confirm="before", attachments=(photo(2 * LARGE),))
    rows = await acted(home, submission.page, "confirm")
    root, token = root_of(rows), next(s for s in rows if s.kind == "mail").payload["token"]
    await acted(home, submission.page, "write", text="canarywords", attachments=(photo(),))
    answer: dict[str, Any] = {"msgtype": "m.file", "captioned": True, "attachments": (PLAN,)}
    await says(home, said("canaryanswer", root, **answer))
    await says(home, said("canarydoubt", root, mention_first=True, attachments=(PLAN,)))
    await says(home, said("! canarynote", root, inside=True))
    await home.flush()
    came = mail_in("canarymail", address=ADA, token=token)
    item = await home.item(Source.EMAIL, b"canaryraw" * LARGE, rcpt="park-2027@x")
    home.take(await home.ledger.settle(item, came))
    await home.flush()
    draft = await home.store.draft(
        await home.store.begin("ideas", "en", changes=submission.page, values=VALUES)
    )
    assert draft is not None
    async with home.store.receive(draft.id) as sink:
        await sink.write(b"canary" * LARGE)
        await sink.keep("photo", "canaryfile.jpg", "image/jpeg")
    return submission, root


async def says(home: Home, message: RoomMessage) -> None:
    """A message of staff, kept in the inbox under its event's ID as the real ones are."""
    raw = b'{"ciphertext": "canarycipher"}'
    (item,) = await home.ledger.accept([Arrival(Source.MATRIX, "event", message.event_id, raw)])
    assert item is not None
    home.take(await home.ledger.settle(item, message))


async def forget(home: Home, submission: Submission) -> list[Sent]:
    """Staff of the host say so, and say yes."""
    reference = submission.form.reference
    await home.settle(said(f"!forget {reference}", None, inside=True))
    await home.flush()
    assert (await home.one(cases, reference=reference)).status != "forgotten", "asked first"
    await home.settle(said(f"!forget {reference} yes", None, inside=True))
    return await home.flush()


def on_disk(home: Home) -> bytes:
    """Every byte of the database, its log and the files beside it."""
    return b"".join(p.read_bytes() for p in sorted(home.folder.rglob("*")) if p.is_file())


async def sealed(home: Home) -> set[bytes]:
    """Every sealed value and every key of a citizen that is stored now, but those of the house."""
    tables = (
        participants,
        cases,
        messages,
        blobs,
        files,
        drafts,
        draft_files,
        pages,
        links,
        inbox,
        held_mails,
    )
    found: set[bytes] = set()
    for table in tables:
        for row in await home.all(table):
            if table is not inbox or row.source != Source.COMMAND.value:
                found |= {bytes(v) for v in row if isinstance(v, bytes) and len(v) >= 24}
    return found


# ------------------------------------------------------------------ whole


async def test_after_erasure_nothing_of_the_citizen_is_left(park: Home) -> None:
    other, _ = await sent(park)
    untouched = await sealed(park)
    submission, _ = await lived(park)
    await act(park, submission.page, "write", text="canarylate")
    theirs = await sealed(park) - untouched
    assert len(theirs) > 30 and len(park.files()) >= 4
    if "sqlite" in park.url:
        assert any(value[:200] in on_disk(park) for value in theirs), "the search finds what is there"

    await says(park, said(f"!forget {submission.form.reference} yes", None, inside=True))

    kept = await sealed(park)
    assert not kept & theirs
    assert untouched <= kept, "nobody else's"
    if "sqlite" in park.url:
        disk = on_disk(park)
        assert not [value for value in theirs if value[:200] in disk]
        assert (park.folder / "folkmoot.db-wal").stat().st_size == 0
        assert (await park.flush())[-1].kind == "redact"
        assert not [value for value in theirs if value[:200] in on_disk(park)]
    assert b"canary" not in on_disk(park)
    assert park.files() == []
    assert (await other.seen(park)).state == "open"


async def test_what_is_left_of_a_case_is_its_number(park: Home) -> None:
    submission, _ = await lived(park)
    await forget(park, submission)
    case = await park.one(cases)
    assert (case.status, case.reference) == ("forgotten", submission.form.reference)
    nothing = (case.subject, case.root, case.latest, case.claims, case.page_id)
    assert set(nothing) == {None}
    person = await park.one(participants)
    assert {person.wrapped_key, person.address_mac, person.address, person.name} == {None}
    page = await park.one(pages)
    assert {page.mac, page.confirm_mac, page.wrapped_key, page.data} == {None}
    for table in (messages, blobs, files, links, drafts, draft_files, acknowledgements, held_mails):
        assert await park.all(table) == [], table.name
    assert await park.store.submissions("ideas") == 1, "forms are still counted"
    assert (await park.ledger.numbers())['cases{status="forgotten"}'] == 1
    (listed,) = await park.ledger.consultations()
    assert listed.open_cases == 0
    for row in await park.all(inbox, source="form"):
        assert {row.raw, row.file, row.meta, row.wrapped_key} == {None}


async def test_nothing_of_theirs_opens_any_more(park: Home) -> None:
    submission, root = await lived(park)
    page = await submission.seen(park)
    file = next(f for entry in page.entries for f in entry.files if f.id)
    await forget(park, submission)
    for _ in range(2):
        assert await park.store.page(submission.token) is None
        assert await park.store.page_file(submission.page, file.id) is None
        with pytest.raises(Broken):
            await park.store.revoke(submission.page)
        await park.restart()
    assert await park.settle(said("Hello?", root)) == [], "the thread is nobody's"
    assert park.take(await park.ledger.settle(await park.item(), said("!help", root, inside=True))) != []
    await park.flush()
    await park.settle(said(f"!forget {submission.form.reference} yes", None, inside=True))
    (answer,) = [s.payload["text"] for s in await park.flush() if s.kind == "notice"]
    assert "no such case" in answer


async def test_every_event_of_the_thread_is_redacted(park: Home) -> None:
    other, _ = await sent(park)
    submission, root = await lived(park)
    wanted = {row.event_id for row in await park.all(events) if row.case_id != await case_of(park, other)}
    heads = await park.all(outbox, kind="head")
    assert root in wanted and len(heads) > 2, "edits of the head line as well"
    assert {row.event_id for row in heads[1:]} <= wanted
    rows = await forget(park, submission)
    redacted = [s.payload for s in rows if s.kind == "redact"]
    assert {p["event_id"] for p in redacted} == wanted and {p["room"] for p in redacted} == {DESK}
    assert {row.case_id for row in await park.all(events)} == {await case_of(park, other)}
    (answer,) = [s.payload["text"] for s in rows if s.kind == "notice"]
    assert submission.form.reference in answer


async def case_of(home: Home, submission: Submission) -> int:
    found: int = (await home.one(pages, id=submission.page)).case_id
    return found


async def test_a_case_that_came_by_mail_is_forgotten_alike(park: Home) -> None:
    item = await park.item(Source.EMAIL, b"canaryraw", rcpt="park-2027@x")
    park.take(await park.ledger.settle(item, mail_in("canarywords", address=ADA)))
    token = next(s for s in await park.flush() if s.kind == "mail").payload["token"]
    case = await park.one(cases)
    await park.settle(said(f"!forget {case.reference} yes", None, inside=True))
    await park.flush()
    assert (await park.one(inbox, id=item.id)).raw is None
    assert b"canary" not in on_disk(park)
    rows = await park.case(address=ADA, token=token, message_id="<in-9@example.org>")
    assert "head" in [s.kind for s in rows], "a mail for somebody who was forgotten is a new case"
    assert len(await park.all(cases)) == 2


# ------------------------------------------------------------------ what is under way


async def test_it_waits_for_what_the_homeserver_may_have_taken(park: Home) -> None:
    submission, _ = await sent(park)
    await act(park, submission.page, "write", text="One more thing.")
    (item,) = (await park.ledger.waiting_items(set())).items
    refs = park.take(await park.ledger.settle(item, READERS["page"](item.raw)))
    words = park.lanes.next(park.ledger.now())
    assert words is not None and words in refs
    out = await park.ledger.outgoing(words)
    assert out is not None
    await out.save({"ciphertext": "…"})
    command = await park.item()
    yes = said(f"!forget {submission.form.reference} yes", None, inside=True)
    with pytest.raises(Retry):
        await park.ledger.settle(command, yes)
    assert (await submission.seen(park)).state == "open", "all or nothing"
    park.take(await park.ledger.delivered(words, Outcome({"event_id": "$late"})))
    park.lanes.done(words)
    park.take(await park.ledger.settle(command, yes))
    redacted = [s.payload["event_id"] for s in await park.flush() if s.kind == "redact"]
    assert "$late" in redacted


async def test_what_has_not_begun_never_goes_out(park: Home) -> None:
    park.settings = Settings(undo_seconds=10, public_url=PAGES)
    await park.restart()
    submission, rows = await sent(park, address=ADA, confirm="none")
    await park.settle(said("canaryanswer", root_of(rows)))
    await park.settle(said(f"!forget {submission.form.reference} yes", None, inside=True))
    kinds = [s.kind for s in await park.flush(20)]
    assert "mail" not in kinds and "redact" in kinds
    stopped = [row for row in await park.all(outbox) if row.state == "stopped"]
    assert {row.kind for row in stopped} == {"mail"} and all(row.payload is None for row in stopped)


async def test_a_mail_that_is_with_the_relay_at_this_moment_ends_quietly(park: Home) -> None:
    submission, rows = await sent(park, address=ADA, confirm="none")
    refs = await park.settle(said("canaryanswer", root_of(rows)))
    mail = next(ref for ref in refs if ref.target is Source.EMAIL)
    assert await park.ledger.outgoing(mail) is not None
    await park.settle(said(f"!forget {submission.form.reference} yes", None, inside=True))
    with pytest.raises(Broken):
        await park.ledger.delivered(mail, Outcome({"message_id": "<x@consult.alder.example>"}))
    assert park.take(await park.ledger.fail(mail, "this participant was forgotten", "broken")) == []
    assert (await park.one(outbox, id=mail.id)).state == "stopped"
    assert await park.all(messages) == []


async def test_acts_and_letters_that_wait_end_with_the_page(park: Home) -> None:
    await sent(park, address=ADA, confirm="before")
    submission, rows = await sent(park, address=ADA, confirm="after")  # its letter waits until tomorrow
    assert [s.kind for s in rows if s.ref.target is Source.EMAIL] == []
    item = await act(park, submission.page, "write", text="canarylate")
    await park.settle(said(f"!forget {submission.form.reference} yes", None, inside=True))
    assert (await park.one(inbox, id=item.id)).state == "refused"
    letter = (await park.all(outbox, kind="letter"))[-1]
    assert (letter.state, letter.payload) == ("stopped", None)
    assert await work(park) != [] and await park.flush(2 * DAY) == []
    with pytest.raises(Retry):  # the first one's page is another person's, as far as we know
        await park.ledger.settle(*(await waits(park)))


async def waits(home: Home) -> tuple[Any, Any]:
    first = (await home.all(pages))[0]
    item = await act(home, first.id, "write", text="Still here.")
    return item, READERS["page"](item.raw)


# ------------------------------------------------------------------ without a case


async def test_a_submission_that_nobody_has_read_is_erased_at_once(park: Home) -> None:
    submission, _ = await sent(park, address=ADA, confirm="before", attachments=(photo(2 * LARGE),))
    theirs = await sealed(park)
    await acted(park, submission.page, "erase")
    assert await park.store.page(submission.token) is None
    assert not await sealed(park) & theirs and park.files() == []
    assert (await park.one(inbox, id=submission.item.id)).state == "refused"
    assert await park.all(held_mails) == []
    await park.settle(said("!held", None))
    (answer,) = await park.flush()
    assert "Nothing" in answer.payload["text"]


async def test_what_staff_dropped_is_forgotten_some_weeks_later(park: Home) -> None:
    dropped, _ = await sent(park, suspicions=("spam_trap",))
    await park.settle(said("!discard all", None))
    await park.flush()
    waiting, _ = await sent(park, address=ADA, confirm="before")
    fresh = await send(park)
    park.clock.now += (REPEAT_DAYS - 1) * DAY
    await park.ledger.tidy()
    assert (await dropped.seen(park)).state == "refused"
    park.clock.now += 2 * DAY
    await park.ledger.tidy()
    assert await park.store.page(dropped.token) is None
    assert (await waiting.seen(park)).state == "unconfirmed", "what waits is never dropped silently"
    assert (await fresh.seen(park)).state == "received"


# ------------------------------------------------------------------ retention


async def test_a_closed_case_is_forgotten_after_its_days(park: Home) -> None:
    kept, _ = await sent(park)
    submission, _ = await sent(park, retention_days=30)
    opened, _ = await sent(park, retention_days=30)
    for one in (kept, submission, opened):
        await acted(park, one.page, "withdraw")
    await acted(park, opened.page, "write", text="After all.")
    park.clock.now += 30 * DAY
    assert (await park.ledger.tidy()).refs == []
    park.clock.now += 1
    rows = park.take(await park.ledger.tidy())
    assert {ref.lane.partition(":")[0] for ref in rows} == {"redact"}
    assert "redact" in {s.kind for s in await park.flush()}
    assert await park.store.page(submission.token) is None
    assert (await kept.seen(park)).state == "closed" and (await opened.seen(park)).state == "open"
    assert len(ForgottenList(park.folder / "forgotten").all()) == 1
    assert (await park.ledger.tidy()).refs == []


async def test_one_run_forgets_so_many_and_the_next_one_goes_on(
    park: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_AT_ONCE >= 10
    monkeypatch.setattr("bridge.ledger.forgetting.MOST_AT_ONCE", 2)
    for _ in range(3):
        submission, _ = await sent(park, retention_days=1)
        await acted(park, submission.page, "withdraw")
    park.clock.now += 2 * DAY
    left = []
    for _ in range(3):
        park.take(await park.ledger.tidy())
        left.append(len([c for c in await park.all(cases) if c.status != "forgotten"]))
    assert left == [1, 0, 0]


async def test_a_case_with_something_on_its_way_is_left_for_the_next_run(park: Home) -> None:
    first, _ = await sent(park, retention_days=1)
    second, _ = await sent(park, retention_days=1)
    await acted(park, second.page, "withdraw")
    await act(park, first.page, "withdraw")
    (item,) = (await park.ledger.waiting_items(set())).items
    (row, *_) = park.take(await park.ledger.settle(item, READERS["page"](item.raw)))
    out = await park.ledger.outgoing(row)
    assert out is not None
    await out.save({"ciphertext": "…"})
    park.clock.now += 2 * DAY
    await park.ledger.tidy()
    assert await park.store.page(second.token) is None
    assert await park.store.page(first.token) is not None


# ------------------------------------------------------------------ the list, and the disk


async def test_who_was_forgotten_is_noted_outside_the_database(park: Home) -> None:
    submission, _ = await sent(park)
    person = (await park.one(participants)).id
    await forget(park, submission)
    note = park.folder / "forgotten"
    assert note.read_text() == f"{person} {int(park.clock.now)}\n"
    assert note.stat().st_mode & 0o077 == 0
    other, _ = await sent(park)
    await forget(park, other)
    assert note.read_text().startswith(f"{person} ") and len(note.read_text().splitlines()) == 2


async def test_a_crash_before_the_note_is_made_good_at_the_next_start(park: Home) -> None:
    submission, _ = await sent(park)
    person = (await park.one(participants)).id
    await forget(park, submission)
    (park.folder / "forgotten").unlink()
    await park.restart()
    assert ForgottenList(park.folder / "forgotten").all() == {person}


async def test_a_list_that_cannot_be_written_now_is_written_with_the_housekeeping(
    park: Home, caplog: pytest.LogCaptureFixture
) -> None:
    submission, _ = await sent(park)
    in_the_way = park.folder / "forgotten"
    in_the_way.mkdir()
    await forget(park, submission)
    assert "not off the disk yet" in caplog.text
    assert await park.store.page(submission.token) is None, "forgotten all the same"
    in_the_way.rmdir()
    await park.ledger.tidy()
    assert len(ForgottenList(in_the_way).all()) == 1


async def test_somebody_who_reads_the_database_delays_only_the_log(
    park: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def busy(writer: Writer) -> bool:
        asked.append(1)
        return False

    submission, _ = await sent(park)
    monkeypatch.setattr(Writer, "checkpoint", busy)
    await forget(park, submission)
    await park.ledger.tidy()
    assert len(asked) == 2 and await park.store.page(submission.token) is None


async def test_the_log_is_cut_while_others_only_have_the_database_open(
    migrated_sqlite: str, tmp_path: Path
) -> None:
    home = await Home(migrated_sqlite, tmp_path).open()
    await home.provision()
    engine = sa.create_engine(migrated_sqlite.replace("+aiosqlite", ""))
    with engine.connect() as conn:
        conn.execute(sa.text("SELECT count(*) FROM inbox")).scalar_one()
        conn.rollback()
        submission, _ = await sent(home)
        await home.settle(said(f"!forget {submission.form.reference} yes", None, inside=True))
        assert (tmp_path / "folkmoot.db-wal").stat().st_size == 0
    engine.dispose()
    await home.close()


async def test_a_key_that_was_destroyed_never_comes_back_into_memory(park: Home) -> None:
    submission, _ = await sent(park)
    person = (await park.one(participants)).id
    await forget(park, submission)
    park.ledger.keys.remember(person, park.ledger.keys.new()[0])  # somebody who read it just before
    keys = park.ledger.keys
    with pytest.raises(Broken, match="forgotten"):
        await park.read(lambda conn: keys.person(conn, person))


def test_a_line_that_was_cut_off_names_nobody_and_harms_nobody(tmp_path: Path) -> None:
    known = ForgottenList(tmp_path / "new" / "forgotten")
    assert known.all() == set()
    known.add([3, 1], 5_000)
    known.add([], 6_000)
    known.add([1], 6_000)
    path = tmp_path / "new" / "forgotten"
    assert path.read_text() == "1 5\n3 5\n"
    path.write_text("1 5\n34")  # the power went
    assert known.all() == {1}
    known.add([7], 9_000)
    assert path.read_text() == "1 5\n34\n7 9\n" and known.all() == {1, 7}


def test_every_table_is_looked_at() -> None:
    """Whoever adds a table with something of a citizen's must think of forgetting."""
    names = {table.name for table in metadata.sorted_tables if not table.name.startswith("e2ee_")}
    assert names == {
        *{t.name for t in (participants, cases, messages, blobs, files, links, events, inbox, outbox)},
        *{t.name for t in (drafts, draft_files, pages, held_mails, acknowledgements)},
        "mail_traffic",  # digests of addresses
        "marks",  # event IDs
        "mailings",  # staff's words, for a day
        *("keyring", "consultations", "rooms", "case_references", "told"),  # nobody's
    }
