"""Mail as staff see it: what comes back, what a machine answers, the original, what is held back."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import pytest

from bridge.demo.received import Received
from tests.e2e.place import SEEN, Case, Place, marked, open_case, submit, unique
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


REPORT = """\
From: MAILER-DAEMON@home.example
To: {to}
Subject: Delivery report
Message-ID: <{id}@home.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

About your mail.
--part
Content-Type: message/delivery-status

Reporting-MTA: dns; home.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--part--
"""


def delivery_report(of: Received, action: str, status: str, said: str, to: str = "") -> EmailMessage:
    """What the citizen's mail server sends to the envelope's sender (RFC 3464)."""
    text = REPORT.format(
        to=to or of.mail_from,
        id=unique("report"),
        recipient=of.rcpt_tos[0],
        action=action,
        status=status,
        said=said,
    )
    return email.message_from_string(text, _class=EmailMessage, policy=email.policy.SMTP)


async def test_a_bounce_turns_the_mark_of_the_very_message(town: Place) -> None:
    case = await open_case(town)
    good = await case.reply("This one arrives.")
    first = await case.mailed("This one arrives.")
    bad = await case.reply("This one comes back.")
    second = await case.mailed("This one comes back.")
    assert first.mail_from != second.mail_from
    await submit(town, delivery_report(second, "delayed", "4.4.1", "connection timed out"), "")
    await case.notice("not arrived yet")
    await marked(town.officer, bad, "✉️")
    await submit(town, delivery_report(second, "failed", "5.1.1", "550 5.1.1 no such user"), "")
    notice = await case.notice("the address does not exist (5.1.1)")
    assert notice.relation["m.in_reply_to"] == {"event_id": bad}
    await marked(town.officer, bad, "⚠️")
    await marked(town.officer, good, "✉️")


async def test_a_forged_report_changes_nothing(town: Place) -> None:
    case = await open_case(town)
    event_id = await case.reply("It arrives.")
    mail = await case.mailed("It arrives.")
    await submit(town, delivery_report(mail, "failed", "5.1.1", "550 no such user", town.address), "")
    await town.officer.wait_for(lambda e: "held back" in e.body and e.thread is None, SEEN)
    await case.barrier()
    await marked(town.officer, event_id, "✉️")


async def test_an_out_of_office_is_a_small_notice_and_the_case_stays_answered(town: Place) -> None:
    case = await open_case(town)
    await case.reply("We are on it.")
    mail = await case.mailed("We are on it.")
    away = EmailMessage()
    away["From"], away["To"] = f"Ada <{case.address}>", str(mail.message["Reply-To"])
    away["Subject"], away["Auto-Submitted"] = "Away", "auto-replied"
    away["Message-ID"] = f"<{unique('away')}@home.example>"
    away.set_content("I am away until Monday.")
    await submit(town, away, "")
    notice = await case.notice("I am away until Monday.")
    assert notice.content["msgtype"] == "m.notice"
    await case.barrier()
    assert len(case.mails()) == 2, "nobody answers a machine"


async def test_the_original_comes_as_an_encrypted_file(town: Place) -> None:
    case = await open_case(town)
    await town.officer.reply_in_thread(town.desk, case.root, "!original", case.words.event_id)
    file = await town.officer.wait_for(
        lambda e: e.thread == case.root and e.content.get("filename") == "original.eml", SEEN
    )
    assert file.encrypted
    raw = await town.officer.download(file.content["file"])
    assert case.mark.encode() in raw and raw.startswith(b"From:")
    assert file.content["info"]["size"] == len(raw)


async def test_an_answer_quotes_the_citizen_below(town: Place) -> None:
    case = await open_case(town, text="The lamp at the bridge is dark.")
    await case.reply("We send somebody.")
    mail = await case.mailed("We send somebody.")
    assert "> The lamp at the bridge is dark." in mail.text
    assert mail.text.index("We send somebody.") < mail.text.index("> The lamp")
    assert '<blockquote type="cite"' in mail.html


async def test_a_flood_is_held_back_and_let_through(town: Place) -> None:
    address = f"{unique('flood')}@home.example"
    marks = [unique("word") for _ in range(12)]
    for mark in marks:
        await town.mail(("Flo Od", address), "Many", f"Words {mark}")
    await town.officer.wait_for(lambda e: f"Words {marks[9]}" in e.body, SEEN)
    await town.officer.wait_for(lambda e: "held back" in e.body and e.thread is None and e.encrypted, SEEN)
    await town.officer.say(town.desk, "!held")
    listed = await town.officer.wait_for(lambda e: marks[11] in e.body and e.thread is None, SEEN)
    assert marks[10] in listed.body and address in listed.body and marks[9] not in listed.body
    code = next(line.split(" ")[0] for line in listed.body.splitlines() if marks[10] in line)
    await town.officer.say(town.desk, f"!release {code}")
    await town.officer.wait_for(lambda e: f"Words {marks[10]}" in e.body and e.thread is not None, SEEN)
    await town.officer.say(town.desk, "!discard all")
    await town.officer.wait_for(lambda e: "Dropped" in e.body, SEEN)
    seen = [e.body for e in town.officer.seen.values() if e.thread is not None]
    assert not any(marks[11] in body for body in seen)
    acknowledged = [m for m in town.mailbox.mails if address in m.rcpt_tos]
    assert len(acknowledged) == 3, "at most three acknowledgements a day, none for what was held"


async def test_a_signature_is_folded_not_dropped(town: Place) -> None:
    case = await open_case(town)
    await case.reply("We are on it.")
    mail = await case.mailed("We are on it.")
    answer = "Thank you very much.\n\n-- \nAda Citizen\n12 River Street"
    sent = await town.mail(case.sender, "Re: lamps", answer, reply=mail.message)
    words = await town.officer.wait_for(
        lambda e: e.thread == case.root and "Thank you very much." in e.body, SEEN
    )
    assert "<details>" in words.content["formatted_body"] and "12 River Street" in words.body
    assert sent["To"] is not None


async def test_the_case_is_written_to_after_two_bounces_only_when_staff_say_so(town: Place) -> None:
    case = await open_case(town)
    for text in ("One.", "Two."):
        event_id = await case.reply(text)
        mail = await case.mailed(text)
        await submit(town, delivery_report(mail, "failed", "5.2.2", "552 mailbox full"), "")
        await marked(town.officer, event_id, "⚠️")
    asked = await case.reply("Three.")
    await case.notice("came back")
    assert await _nothing_of(case, "Three.")
    await town.officer.reply_in_thread(town.desk, case.root, "!send", asked)
    await case.mailed("Three.")


async def _nothing_of(case: Case, text: str) -> bool:
    await until(lambda: True)
    return not any(text in m.text.splitlines() for m in case.mails())
