"""The list of mail out, item by item: from what a clerk writes to the octets that the relay takes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge import dispatch
from bridge.appservice.events import room_message
from bridge.email.compose import compose
from bridge.email.parse import read
from bridge.email.signing import Signer
from bridge.errors import Retry
from bridge.ledger.tables import outbox, participants
from bridge.model import Attachment, Source
from tests.email.mails import DOMAIN, mail
from tests.email.office import ADA, Office, address_in, field_of, kinds, opened, shown
from tests.email.sink import DROP, Taken
from tests.email.test_compose import OUT
from tests.email.test_signing import OTHER, RSA, tags, valid
from tests.ledger.home import CLERK, DESK, Sent, edited, mail_in, redacted, said
from tests.test_dispatch import bridge_on, once
from tests.waiting import until

NEW = "ada.new@home.example"


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        await office.come(mail(**{"from": f"Ada Citizen <{ADA}>"}))
        office.sink.taken.clear()
        yield office


def marks(sent: list[Sent]) -> list[str]:
    return [one.payload["mark"] for one in sent if one.kind == "mark"]


async def states(office: Office) -> list[str]:
    """Of the answers, oldest first."""
    rows = await office.home.all(outbox, kind="mail")
    return [row.state for row in rows if row.source_event is not None]


# ------------------------------------------------------------------ what the relay says


async def test_the_reply_after_data_counts(office: Office) -> None:
    """Taken at RCPT and refused after DATA is not sent: ⚠️ and the reason, never ✉️."""
    office.sink.script["."] = "554 5.7.1 we do not like it"
    sent = await office.say(said("Yes, a bench.", await office.root()))
    assert marks(sent) == ["⏳", "⚠️"] and "554 5.7.1" in shown(sent)
    assert office.sink.taken == [] and await states(office) == ["failed"]


async def test_state_per_recipient(office: Office) -> None:
    """A refusal of one citizen says nothing about another one's mail."""
    await office.come(mail(message_id="<bo@x.example>", **{"from": "bo@home.example"}))
    office.sink.script["RCPT"] = ["550 5.1.1 no such user", None]
    for nth in range(2):
        await office.home.settle(said("To each of you.", await office.root(nth)))
    sent = await office.flush(60)
    assert sorted(marks(sent)) == ["⏳", "⏳", "⚠️", "✉️"]
    assert sorted(await states(office)) == ["done", "failed"]


def test_4xx_backs_off() -> None:
    """Ever longer, never longer than half an hour, so that five days are some 250 tries."""
    waits = [dispatch.backoff(tries) for tries in range(40)]
    assert waits[0] == 1 and waits == sorted(waits) and waits[-1] == 1800
    assert dispatch.MAIL_DAYS == 5


async def test_4xx_is_tried_for_up_to_five_days(migrated_sqlite: str, tmp_path: Path) -> None:
    """Until then it waits; then it has failed, and staff read in the thread why."""
    async with bridge_on(migrated_sqlite, tmp_path) as bridge:
        await bridge.provision()
        root, _ = await bridge.case(ADA)
        once(bridge, Retry("451 greylisted", 0.01), "mail", 1_000_000)
        await bridge.accept(said("Yes.", root))
        await until(lambda: bridge.running.counts["postponed"] > 3)
        bridge.home.clock.now += 4.9 * 86_400
        before = bridge.running.counts["postponed"]
        await until(lambda: bridge.running.counts["postponed"] > before + 3)
        assert bridge.running.counts["failed"] == 0
        bridge.home.clock.now += 0.2 * 86_400
        await bridge.quiet()
        assert bridge.running.counts["failed"] == 1
        assert "451 greylisted" in bridge.world.texts("notice")[-1]


async def test_5xx_is_final_and_staff_see_it_in_the_thread(office: Office) -> None:
    """Not tried again, marked, and said in the thread of the case."""
    office.sink.script["RCPT"] = ["550 5.1.1 no such user", None]
    root = await office.root()
    sent = await office.say(said("Yes, a bench.", root))
    (notice,) = [one.payload for one in sent if one.kind == "notice"]
    assert notice["root"] == root and "550 5.1.1" in notice["text"]
    assert await office.flush(86_400) == [] and office.sink.taken == []


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_line_that_breaks_is_tried_again(office: Office, verb: str) -> None:
    """Nothing is lost and nothing doubled by a relay that hangs up."""
    office.sink.script[verb] = [DROP, None]
    assert "✉️" not in marks(await office.say(said("Yes, a bench.", await office.root())))
    assert marks(await office.flush(120)) == ["✉️"] and len(office.sink.taken) == 1


async def test_one_stable_message_id_over_a_crash(office: Office) -> None:
    """Killed between the relay's 250 and our commit: what goes out again is the same mail, octet by octet."""
    await office.home.settle(said("Yes, a bench.", await office.root()))
    office.home.clock.now += 60
    row = office.home.lanes.next(office.home.ledger.now())
    while row is not None and row.target is not Source.EMAIL:
        out = await office.home.ledger.outgoing(row)
        assert out is not None
        await office.home.ledger.delivered(row, await office._outcome(row, out))
        office.home.lanes.done(row)
        row = office.home.lanes.next(office.home.ledger.now())
    assert row is not None
    out = await office.home.ledger.outgoing(row)
    assert out is not None
    await office.wing.deliver(out)
    await office.home.restart()
    await office.flush(60)
    first, second = office.sink.taken
    assert first == second and field_of(first, "Message-ID")
    assert await states(office) == ["done"]


async def test_recipients_are_frozen_at_send(office: Office) -> None:
    """Whatever becomes of the case meanwhile, a mail goes to whom it was written."""
    await office.home.settle(said("Yes, a bench.", await office.root()))
    (person,) = await office.home.all(participants)
    key = office.home.ledger.keys.unwrap(person.wrapped_key)
    await office.home.change(
        participants, person.id, address=key.seal(NEW.encode(), f"participants/{person.id}/address")
    )
    await office.flush(60)
    assert [one.recipient for one in office.sink.taken] == [ADA]
    assert read(office.sink.taken[0].raw).to == (ADA,)
    await office.answer("From now on there.")
    assert [one.recipient for one in office.sink.taken] == [ADA, NEW]


# ------------------------------------------------------------------ what must not be in it


async def test_no_bcc_no_user_id_and_no_foreign_token(office: Office) -> None:
    """One recipient, no Matrix ID of anybody, the token of this case alone."""
    await office.come(mail(message_id="<bo@x.example>", **{"from": "bo@home.example"}))
    (foreign,) = [address_in(one, "Reply-To") for one in office.mailed("bo@home.example")]
    pill = f'<a href="https://matrix.to/#/{CLERK}">Cleo</a> and <a href="matrix:u/{CLERK[1:]}">I</a> know'
    content = {
        "msgtype": "m.text",
        "body": "I asked Cleo and I know",
        "format": "org.matrix.custom.html",
        "formatted_body": f"I asked {pill}",
        "m.mentions": {"user_ids": [CLERK]},
        "m.relates_to": {"rel_type": "m.thread", "event_id": await office.root()},
    }
    event = {"room_id": DESK, "event_id": "$pill", "sender": CLERK, "origin_server_ts": 1, "content": {}}
    message = room_message(event, content, sender_name="", device="D", trusted=True)
    assert message is not None
    await office.say(replace(message, ts=int(office.home.clock.now * 1000)))
    taken = office.sink.taken[-1]
    assert (taken.recipient, field_of(taken, "Bcc")) == (ADA, "")
    whole = f"{taken.raw.decode()} {read(taken.raw).text} {read(taken.raw).html}".replace("=\r\n", "")
    assert "Cleo and I know" in whole
    for secret in (CLERK, "matrix.to", "clerk:alder", DESK, foreign.partition("+")[2], "bo@home.example"):
        assert secret not in whole


async def test_no_cr_or_lf_of_any_field_ends_up_in_a_header(office: Office) -> None:
    """Line ends in a citizen's name, subject and IDs, in a clerk's name, in a file's name."""
    evil, ids = "x\r\nBcc: eve@birch.example\r\n\r\nwords", "<a\r\nBcc: eve@birch.example>"
    came = mail_in(name=evil, subject=evil, address="bo@home.example", message_id=ids)
    await office.say(came, 0)
    file = Attachment("a\r\nBcc: eve@birch.example\r\n.pdf", "application/pdf", b"%PDF-1.4")
    root = await office.root(1)
    await office.say(said("Yes.", root, sender_name="Cleo\r\nBcc: eve@birch.example", attachments=(file,)))
    taken = office.sink.taken[-1]
    head, _, body = taken.raw.partition(b"\r\n\r\n")
    assert field_of(taken, "Bcc") == "" and not re.search(rb"(?im)^bcc", head + b"\r\n" + body)
    assert not re.search(rb"[^\r]\n|\r[^\n]", taken.raw)
    assert office.sink.commands.count("RCPT TO:<eve@birch.example>") == 0


async def test_lines_of_at_most_998_octets(office: Office) -> None:
    """However long a word, a line, a subject or a list of references is."""
    reply_to = address_in(await office.answer("First."), "Reply-To")
    many = " ".join(f"<{n}{'x' * 200}@x.example>" for n in range(50))
    await office.come(mail("q" * 5_000, references=many, message_id=f"<{'m' * 240}@x.example>"), reply_to)
    taken = await office.answer("w" * 20_000 + "\n" + "ä " * 5_000)
    assert max(len(line) for line in taken.raw.split(b"\r\n")) <= 998
    assert "w" * 20_000 in read(taken.raw).text


# ------------------------------------------------------------------ changed and taken back


async def test_an_edit_before_sending_changes_the_mail(office: Office) -> None:
    """One mail goes out, with the second text."""
    message = said("Yes, a bnech.", await office.root())
    await office.home.settle(message)
    await office.say(edited(message, "Yes, a bench."))
    (taken,) = office.sink.taken
    assert "a bench." in read(taken.raw).text and "bnech" not in read(taken.raw).text


async def test_an_edit_after_sending_is_a_marked_correction(office: Office) -> None:
    """A second mail, which says in its first line what it is."""
    message = said("Yes, a bnech.", await office.root())
    await office.say(message)
    await office.say(edited(message, "Yes, a bench."))
    first, second = office.sink.taken
    lines = [line for line in read(second.raw).text.split("\n") if line.strip()]
    assert "orrect" in lines[1] and "a bench." in lines[2]
    assert field_of(first, "Message-ID") != field_of(second, "Message-ID")


async def test_a_redaction_before_sending_stops_it(office: Office) -> None:
    message = said("Yes, a bench.", await office.root())
    await office.home.settle(message)
    await office.say(redacted(message), wait=600)
    assert office.sink.taken == [] and await states(office) == ["stopped"]


async def test_after_a_redaction_staff_are_told_that_mail_cannot_be_recalled(office: Office) -> None:
    message = said("Yes, a bench.", await office.root())
    await office.say(message)
    sent = await office.say(redacted(message), wait=600)
    assert "cannot be recalled" in shown(sent)
    assert "mail" not in kinds(sent) and len(office.sink.taken) == 1


# ------------------------------------------------------------------ signatures and mailings


async def test_dkim_with_rotation(office: Office) -> None:
    """What goes out is signed, by the new key after the change; both hold while both records stand."""
    for selector, key in (("old", OTHER), ("new", RSA)):
        office.wing._signer = Signer(DOMAIN, selector, key)
        await office.answer(f"Signed by the {selector} one.")
    assert [tags(one.raw)["s"] for one in office.sink.taken] == ["old", "new"]
    assert all(valid(one.raw) for one in office.sink.taken)
    assert not valid(office.sink.taken[0].raw.replace(b"Signed", b"Resigned", 1))


def test_list_unsubscribe_with_one_click_for_mailings() -> None:
    """Both fields of RFC 8058, an https address, and the signature covers them."""
    url = "https://consult.alder.example/leave/abc"
    mailing = replace(OUT, unsubscribe=url, list_id=f"park-2027.{DOMAIN}", in_reply_to=None)
    raw = Signer(DOMAIN, "new", RSA).sign(compose(mailing))
    sent = Taken("", ADA, raw)
    assert field_of(sent, "List-Unsubscribe") == f"<{url}>"
    assert field_of(sent, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    signed = tags(raw)["h"].lower().split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= {name.strip() for name in signed}
    assert valid(raw) and b"mailto:" not in raw
    assert b"List-" not in compose(OUT), "an answer is no mailing"
