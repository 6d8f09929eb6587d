"""The list of bounces, item by item: from the report that a server sends to what staff see in the thread."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge import replytoken
from bridge.ledger.tables import held_mails, outbox, participants
from tests.email import reports
from tests.email.mails import DOMAIN, mail
from tests.email.office import ADA, PARK, Office, field_of, kinds, opened, shown
from tests.email.reports import TEXT, dsn, status, words
from tests.email.sink import Taken
from tests.ledger.home import Sent

FAILED = "Final-Recipient: rfc822; {who}\nAction: failed\nStatus: {code}\nDiagnostic-Code: smtp; {words}"
QMAIL = (
    "Hi. This is the qmail-send program at mx.birch.example.\nI'm afraid I wasn't able to deliver your "
    f"message.\n\n<{ADA}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    "--- Below this line is a copy of the message.\n\nSubject: Benches\n\nDear Ada\n"
)


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        yield office


async def answered(office: Office) -> Taken:
    """A case of Ada's with an answer that the relay took."""
    await office.come(mail(**{"from": ADA}))
    return await office.answer("We look at it.")


async def reported(office: Office, raw: bytes, to: str) -> list[Sent]:
    return await office.come(raw, to, mail_from="")


def marks(sent: list[Sent]) -> list[str]:
    return [one.payload["mark"] for one in sent if one.kind == "mark"]


async def bounces(office: Office) -> int:
    (person,) = await office.home.all(participants)
    return int(person.bounces)


# ------------------------------------------------------------------ what fails


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (reports.POSTFIX, "does not exist (5.1.1)"),
        (reports.EXIM, "mailbox is full (5.2.2)"),
        (reports.EXCHANGE, "does not exist (5.1.10)"),
        (reports.SENDMAIL, "(5.3.4)"),
    ],
    ids=["postfix", "exim", "exchange", "sendmail"],
)
async def test_multipart_report_with_an_enhanced_code(office: Office, raw: bytes, told: str) -> None:
    """A delivery status turns the mark of the very message; staff read the reason and the code."""
    answer = await answered(office)
    sent = await reported(office, raw, answer.mail_from)
    assert marks(sent) == ["⚠️"] and told in shown(sent)
    assert "words" not in kinds(sent) and await bounces(office) == 1
    (row,) = await office.home.all(outbox, kind="mail", id=number(answer))
    (mark,) = [one for one in sent if one.kind == "mark"]
    assert mark.payload["event_id"] == row.source_event


def number(answer: Taken) -> int:
    """The outbox ID in the Message-ID of a mail of ours."""
    return int(field_of(answer, "Message-ID")[1:].partition(".")[0], 36)


@pytest.mark.parametrize("raw", [reports.GMAIL_LATE, reports.POSTFIX.replace(b"failed", b"delayed")])
async def test_delayed_is_not_failed(office: Office, raw: bytes) -> None:
    """No mark turns, nothing is counted; staff hear that it is not there yet."""
    answer = await answered(office)
    sent = await reported(office, raw, answer.mail_from)
    assert kinds(sent) == {"notice"} and await bounces(office) == 0
    assert (await office.cases())[0].status == "answered"


@pytest.mark.parametrize("first", ["failed", "delayed", "delivered"])
async def test_several_recipients(office: Office, first: str) -> None:
    """A forwarder reports on all of its addresses: one that failed for good is a failure, once."""
    answer = await answered(office)
    other = f"Final-Recipient: rfc822; bo@home.example\nAction: {first}\nStatus: 4.2.2"
    gone = FAILED.format(who=ADA, code="5.1.1", words="550 5.1.1 user unknown")
    sent = await reported(office, dsn(status(other, gone)), answer.mail_from)
    assert marks(sent) == ["⚠️"] and "does not exist" in shown(sent)
    assert await bounces(office) == 1


@pytest.mark.parametrize(
    "raw",
    [
        words(QMAIL),
        words(f"Your message was not delivered:\n\n<{ADA}>: 550 user unknown\n", content_type="text/plain"),
        words(
            f"Diese Nachricht wurde automatisch erzeugt.\n\nIhre Nachricht konnte an folgende Adresse nicht "
            f"zugestellt werden:\n\n<{ADA}>:\nBenutzer unbekannt\n",
            subject="Unzustellbar: Benches",
        ),
    ],
    ids=["qmail", "short", "german"],
)
async def test_the_non_standard_ones(office: Office, raw: bytes) -> None:
    """Words without any delivery status, as some servers still write them."""
    answer = await answered(office)
    sent = await reported(office, raw, answer.mail_from)
    assert marks(sent) == ["⚠️"] and "does not exist" in shown(sent)


# ------------------------------------------------------------------ what counts as ours


async def test_a_report_without_our_token_changes_nothing(office: Office) -> None:
    """To the bare mailbox, to a forged or foreign return path, naming a forged ID: held back, no mark."""
    answer = await answered(office)
    guessed = f"park-2027+{replytoken.new_return(number(answer), b'guessed secret!!')}@{DOMAIN}"
    token = answer.mail_from.partition("+")[2]
    changed = f"park-2027+{token[:20]}{'a' if token[20] != 'a' else 'b'}{token[21:]}"
    for to in (PARK, guessed, changed):
        sent = await reported(office, reports.POSTFIX, to)
        assert kinds(sent) <= {"notice"} and not marks(sent)
    assert await bounces(office) == 0 and (await office.cases())[0].status == "answered"
    assert {row.why for row in await office.home.all(held_mails)} == {"held_report"}


async def test_a_report_that_returns_our_signed_message_id_is_ours(office: Office) -> None:
    """Also at the bare mailbox, where a server answers to From instead of the envelope."""
    answer = await answered(office)
    own = field_of(answer, "Message-ID").encode()
    sent = await reported(office, reports.POSTFIX.replace(reports.OURS.encode(), own), PARK)
    assert marks(sent) == ["⚠️"]
    forged = own.replace(b"<", b"<1")
    assert not marks(await reported(office, reports.POSTFIX.replace(reports.OURS.encode(), forged), PARK))


async def test_an_abuse_report(office: Office) -> None:
    """ARF: staff hear that the citizen called it spam; nothing failed."""
    answer = await answered(office)
    sent = await reported(office, reports.SES, answer.mail_from)
    assert kinds(sent) == {"notice"} and "spam" in shown(sent)
    assert await bounces(office) == 0


async def test_a_bounce_of_an_acknowledgement_cannot_come(office: Office) -> None:
    """It has no return path: a report that claims to be about it is about nothing."""
    await office.come(mail(**{"from": ADA}))
    (ack,) = office.sink.taken
    assert ack.mail_from == ""
    own = field_of(ack, "Message-ID").encode()
    sent = await reported(office, reports.POSTFIX.replace(reports.OURS.encode(), own), PARK)
    assert not marks(sent) and "mail" not in kinds(sent)


async def test_a_bounce_is_never_answered(office: Office) -> None:
    """However many come, for ours or not: no mail leaves because of them."""
    answer = await answered(office)
    before = len(office.sink.taken)
    for raw in (reports.POSTFIX, reports.GMAIL_LATE, reports.SES, words(QMAIL), dsn(TEXT + "?")):
        for to in (answer.mail_from, PARK, field_of(answer, "Reply-To").rpartition("<")[2].rstrip(">")):
            await reported(office, raw, to)
    assert len(office.sink.taken) == before
