"""Held mails, originals, moved files, what came back, corrections: as they lie in both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.casework.settings import Brake, Settings
from bridge.channel import Arrival, Item, Outcome
from bridge.errors import Broken
from bridge.inbound import MailIn, MailReport
from bridge.ledger.housekeeping import RAW_DAYS
from bridge.ledger.tables import blobs, cases, events, files, held_mails, inbox, mail_traffic, participants
from bridge.model import Attachment, Source, Trust, Verdict
from tests.ledger.home import DESK, Home, Sent, edited, mail_in, redacted, said

RAW = b"From: ada@example.org\r\n\r\nA bench by the river, please.\r\n"
PLAN = Attachment("plan.pdf", "application/pdf", b"%PDF-1.4 plan")
DAY = 86_400


async def come(home: Home, mail: MailIn, raw: bytes = RAW) -> tuple[Item, list[Sent]]:
    """A mail with its raw bytes, settled and shown."""
    item = await home.item(Source.EMAIL, raw)
    home.take(await home.ledger.settle(item, mail))
    return item, await home.flush()


def text(sent: list[Sent], kind: str = "notice") -> str:
    return "\n".join(s.payload["text"] for s in sent if s.kind == kind)


async def root_of(home: Home, nth: int = 0) -> str:
    found: str = (await home.all(cases))[nth].root
    return found


# ------------------------------------------------------------------ held back


@pytest.fixture
async def braked(home: Home) -> Home:
    home.settings = Settings(brake=Brake(per_address=2, per_network=3, per_consultation=5))
    await home.restart()
    await home.provision()
    return home


async def held(home: Home) -> dict[str, Any]:
    return {row.code: row for row in await home.all(held_mails, state="held")}


async def test_a_flood_is_held_back_with_one_notice_and_let_through_by_name(braked: Home) -> None:
    home = braked
    shown = [await come(home, mail_in(f"mail {n}")) for n in range(5)]
    assert [any(s.kind == "words" for s in sent) for _, sent in shown] == [True, True, False, False, False]
    notices = [s for _, sent in shown[2:] for s in sent]
    assert [(s.kind, s.payload["room"], s.payload["root"]) for s in notices] == [("notice", DESK, None)]
    assert [row.state for row in await home.all(inbox, source="email")] == ["done"] * 2 + ["held"] * 3
    stored = await held(home)
    assert all(b"mail" not in row.summary and b"ada" not in row.summary for row in stored.values())

    await home.settle(said("!held", None))
    listed = text(await home.flush())
    assert all(code in listed for code in stored) and "ada@example.org" in listed and "mail 3" in listed

    first = min(stored.values(), key=lambda row: row.id)
    await home.settle(said(f"!release {first.code.lower()}", None))
    await home.flush()
    due = await home.ledger.waiting_items(set())
    assert [item.raw for item in due.items] == [RAW] and due.items[0].id == first.id
    home.take(await home.ledger.settle(due.items[0], mail_in("mail 2")))
    assert text(await home.flush(), "words") == "mail 2"
    assert (await home.one(inbox, id=first.id)).state == "done"


async def test_what_is_dropped_is_kept_for_the_usual_days_only(braked: Home) -> None:
    home = braked
    item, _ = await come(home, replace(mail_in(), spam=True))
    await home.ledger.tidy()
    await home.restart()
    assert (await home.one(inbox, id=item.id)).raw is not None
    await home.settle(said("!discard all", None))
    await home.flush()
    row = await home.one(inbox, id=item.id)
    assert row.state == "refused" and row.raw is not None
    assert (await home.one(held_mails)).summary is None
    home.clock.now += RAW_DAYS * DAY + 1
    await home.ledger.tidy()
    assert (await home.one(inbox, id=item.id)).raw is None


async def test_what_is_held_stays_however_long_nobody_looks(braked: Home) -> None:
    home = braked
    item, _ = await come(home, replace(mail_in(), spam=True))
    home.clock.now += 200 * DAY
    await home.ledger.tidy()
    assert (await home.one(inbox, id=item.id)).raw is not None and await held(home)


async def test_the_brake_counts_an_hour_by_address_network_and_consultation(braked: Home) -> None:
    home = braked

    async def opened(address: str, network: str = "") -> bool:
        _, sent = await come(home, replace(mail_in(address=address), network=network))
        return any(s.kind == "words" for s in sent)

    assert [await opened("a@x.example", "198.51.100.0/24") for _ in range(3)] == [True, True, False]
    assert not await opened("b@x.example", "198.51.100.0/24"), "three from this network, held ones too"
    assert await opened("c@x.example", "192.0.2.0/24")
    assert not await opened("d@x.example"), "five in all"
    assert b"198.51" not in b"".join(row.network_mac or b"" for row in await home.all(mail_traffic))
    home.clock.now += 3601
    assert await opened("a@x.example", "198.51.100.0/24")
    home.clock.now += 25 * 3600
    await home.ledger.tidy()
    assert await home.all(mail_traffic) == []


# ------------------------------------------------------------------ originals and files


async def test_the_original_is_shown_on_demand_also_when_it_is_large(home: Home) -> None:
    await home.provision()
    await come(home, mail_in())
    large = RAW + b"x" * 2_000_000
    case = await home.one(cases)
    link = await _token(home, case)
    await come(home, replace(mail_in("More"), token=link, message_id="<2@x>"), large)
    first, second = [e for e in await home.all(events, kind="words")]
    for asks, raw in (
        (said("!original", case.root), large),
        (said("!original", case.root, reply_to=first.event_id), RAW),
        (said("!original", case.root, reply_to=second.event_id), large),
    ):
        await home.settle(asks)
        row = home.lanes.next(home.ledger.now())
        while row is not None:
            out = await home.ledger.outgoing(row)
            assert out is not None
            if out.kind == "file":
                assert out.payload["filename"] == "original.eml"
                assert await out.load(out.payload["blob"]) == raw
            home.take(
                await home.ledger.delivered(row, Outcome({"event_id": f"$e{row.id}", "file": {"url": "mxc"}}))
            )
            home.lanes.done(row)
            row = home.lanes.next(home.ledger.now())
    assert await home.all(blobs) == [] and await home.all(files) == [], "it is not a file of the case"


async def _token(home: Home, case: Any) -> str:
    from bridge.replytoken import BYTES, new_token  # noqa: PLC0415 - only here

    return new_token(home.ledger.keys.named("link").mac(f"{case.id}:{case.participant_id}")[:BYTES])


async def test_an_original_that_is_gone_is_said_so(home: Home) -> None:
    await home.provision()
    await come(home, mail_in())
    home.clock.now += RAW_DAYS * DAY + 1
    await home.ledger.tidy()
    await home.settle(said("!original", await root_of(home)))
    assert "not kept" in text(await home.flush())


async def test_joining_a_case_takes_its_files_along(home: Home) -> None:
    await home.provision()
    _, sent = await come(home, mail_in())
    token = next(s for s in sent if s.kind == "mail").payload["token"]
    await come(home, mail_in("I am Ada.", address="eve@example.net", token=token, files=(PLAN,)))
    kept = await home.all(files)
    assert len(kept) == 1 and b"plan" not in kept[0].content
    locked = await root_of(home, 1)
    await home.settle(said("!join", locked))
    sent = await home.flush()
    [file] = [s for s in sent if s.kind == "file"]
    assert file.payload["file"] == {"url": "mxc://x/1"} and file.payload["filename"] == "plan.pdf"
    assert file.payload["root"] == await root_of(home, 0)
    assert text(sent, "words") == "I am Ada."


async def test_a_discarded_case_sends_nothing(home: Home) -> None:
    await home.provision()
    suspicious = replace(mail_in(), trust=Trust(Verdict.SUSPICIOUS))
    _, sent = await come(home, suspicious)
    assert not [s for s in sent if s.kind == "mail"]
    case = await home.one(cases)
    assert (case.status, case.claims, case.trust) == ("locked", None, "suspicious")
    await home.settle(said("!discard", case.root))
    heads = [s for s in await home.flush() if s.kind == "head"]
    assert heads[0].payload["status"] == "discarded"
    await home.settle(said("An answer", case.root))
    assert "discarded" in text(await home.flush(60))


# ------------------------------------------------------------------ what came back, and corrections


async def answered(home: Home) -> tuple[str, Sent]:
    """A case with one answer that was mailed; its root and the mail."""
    await home.provision()
    await come(home, mail_in())
    root = await root_of(home)
    await home.settle(said("Yes, a bench.", root))
    return root, next(s for s in await home.flush(10) if s.kind == "mail")


def report(row: int | None, kind: Any = "failed", permanent: bool = True) -> MailIn:
    came = mail_in("It did not arrive.", address="mailer-daemon@home.example", automatic=True)
    return replace(came, returned=row, reports=(MailReport(kind, permanent, "mailbox_full", "5.2.2"),))


async def test_a_bounce_reaches_the_message_and_two_mark_the_address(home: Home) -> None:
    root, mail = await answered(home)
    _, sent = await come(home, report(mail.ref.id))
    assert [s.payload["mark"] for s in sent if s.kind == "mark"] == ["⚠️"]
    assert "mailbox is full (5.2.2)" in text(sent)
    assert [s.payload["status"] for s in sent if s.kind == "head"] == ["open"]
    assert (await home.one(participants)).bounces == 1
    _, sent = await come(home, report(mail.ref.id))
    assert "will ask" in text(sent)
    await home.settle(said("Hello?", root))
    sent = await home.flush(60)
    assert not [s for s in sent if s.kind == "mail"] and "came back" in text(sent)
    await home.settle(said("!send", root))
    assert [s.kind for s in await home.flush(60) if s.kind == "mail"] == ["mail"]


async def test_a_citizen_who_writes_is_reached_again(home: Home) -> None:
    _, mail = await answered(home)
    for _ in range(2):
        await come(home, report(mail.ref.id))
    await come(home, replace(mail_in("I am here"), token=mail.payload["token"]))
    assert (await home.one(participants)).bounces == 0


async def test_a_delay_changes_no_mark(home: Home) -> None:
    _, mail = await answered(home)
    _, sent = await come(home, report(mail.ref.id, "delayed", permanent=False))
    assert [s.kind for s in sent] == ["notice"] and (await home.one(participants)).bounces == 0


async def test_a_report_of_a_mail_that_nobody_remembers_is_held(home: Home) -> None:
    await answered(home)
    for row in (None, 7):
        item, sent = await come(home, report(row))
        assert not [s for s in sent if s.kind == "mark"]
        assert (await home.one(inbox, id=item.id)).state == "held"


async def test_the_answer_quotes_the_citizens_last_message(home: Home) -> None:
    _, mail = await answered(home)
    assert mail.payload["quoted"]["text"] == "A bench by the river, please."
    assert not mail.payload["correction"] and mail.payload["corrected"] is None


async def test_an_edit_after_sending_becomes_one_correction(home: Home) -> None:
    await home.provision()
    await come(home, mail_in())
    root = await root_of(home)
    answer = said("Yes, a bnech.", root)
    await home.settle(answer)
    [first] = [s for s in await home.flush(10) if s.kind == "mail"]
    await home.settle(edited(answer, "Yes, a bench!"))
    await home.settle(edited(answer, "Yes, a bench."))
    [second] = [s for s in await home.flush(10) if s.kind == "mail"]
    assert second.payload["text"] == "Yes, a bench." and second.payload["correction"]
    assert second.payload["corrected"] is not None and second.ref.id != first.ref.id


async def test_a_correction_is_stopped_by_deleting_the_message(home: Home) -> None:
    await home.provision()
    await come(home, mail_in())
    answer = said("Yes, a bnech.", await root_of(home))
    await home.settle(answer)
    await home.flush(10)
    await home.settle(edited(answer, "Yes, a bench."))
    await home.settle(redacted(answer))
    sent = await home.flush(60)
    assert not [s for s in sent if s.kind == "mail"] and "first text was sent" in text(sent)


async def test_a_forgotten_original_is_broken_not_lost(home: Home) -> None:
    await home.provision()
    await come(home, mail_in())
    await home.settle(said("!original", await root_of(home)))
    home.clock.now += RAW_DAYS * DAY + 1
    await home.ledger.tidy()
    [blob] = await home.all(blobs)
    with pytest.raises(Broken):
        await home.ledger.blob(blob.id)


async def test_a_second_arrival_of_a_held_mail_is_the_same(braked: Home) -> None:
    home = braked
    arrival = Arrival(Source.EMAIL, "mail", "one key", RAW, {})
    (item,) = await home.ledger.accept([arrival])
    assert item is not None
    await home.ledger.settle(item, replace(mail_in(), spam=True))
    assert await home.ledger.accept([arrival]) == [None]
