"""A mail is read at the partner in a thread, the answer reaches the citizen, their reply comes back."""

from __future__ import annotations

import re
from collections import Counter
from email.message import EmailMessage

import pytest

from bridge.demo.seen import Seen
from tests.e2e.place import SEEN, Case, Place, marked, open_case, submit, unique
from tests.element.client import ElementEvent

pytestmark = pytest.mark.asyncio(loop_scope="session")
PLAN = b"%PDF-1.4 a plan of the park\n" * 500


async def test_both_clients_of_the_partner_read_a_mail_without_a_shield(town: Place) -> None:
    """nio decrypts head line, words and file; so does Element in strict mode, and warns of nothing."""
    element = await town.element()
    case = await open_case(town, subject="The lamp at the landing", files={"plan.pdf": PLAN})
    assert re.fullmatch(r"PARK-[0-9A-Z]{4}-[0-9A-Z]{2}", case.reference)
    assert case.head.body == f"{case.reference} · open · e-mail — {case.sender[0]}: “The lamp at the landing”"
    assert case.head.thread is None and case.head.encrypted
    assert case.words.body == f"{case.sender[0]}: The lamp is dark {case.mark}"
    profile = case.words.profile or {}
    assert (profile["displayname"], profile["has_fallback"]) == (case.sender[0], True)

    def file(e: Seen | ElementEvent) -> bool:
        return e.thread == case.root and e.content.get("msgtype") == "m.file"

    plan = await town.officer.wait_for(file, SEEN)
    assert (plan.body, plan.encrypted) == ("plan.pdf", True)
    assert await town.officer.download(plan.content["file"]) == PLAN
    head = await element.wait_for(lambda e: e.id == case.root and e.failure is None, SEEN)
    words = await element.wait_for(lambda e: e.id == case.words.event_id and e.failure is None, SEEN)
    shown = await element.wait_for(file, SEEN)
    for event, seen in ((head, case.head), (words, case.words), (shown, plan)):
        assert event.unshielded, (event.body, event.shield, event.reason, event.failure)
        assert event.content == {
            **seen.content,
            **({"m.relates_to": event.relation} if event.relation else {}),
        }
    assert words.thread == shown.thread == case.root


async def test_an_answer_from_nio_is_a_proper_mail_and_the_reply_comes_back(town: Place) -> None:
    case = await open_case(town)
    event_id = await case.reply("We repair the lamp on Tuesday.")
    mail = await case.mailed("We repair the lamp on Tuesday.")
    message = mail.message
    assert message.get_content_type() == "multipart/alternative"
    assert "We repair the lamp on Tuesday." in mail.html
    assert mail.header("In-Reply-To") == case.sent["Message-ID"]
    assert str(case.sent["Message-ID"]) in mail.header("References").split()
    assert re.search(r"<park-2027\+[0-9a-z]+@consult\.alder\.example>", mail.header("Reply-To"))
    assert mail.header("From").endswith("<park-2027@consult.alder.example>")
    assert mail.subject == f"Re: About {case.mark} [{case.reference}]"
    assert mail.rcpt_tos == (case.address,)
    assert not mail.header("Auto-Submitted")
    await town.officer.wait_for(lambda e: e.annotates == (event_id, "⏳"), SEEN)
    await marked(town.officer, event_id, "✉️")
    await head_line(case, "answered")

    word = unique("thanks")
    reply = await town.mail(case.sender, f"Re: About {case.mark}", f"Thank you {word}", reply=message)
    again = await town.officer.wait_for(lambda e: word in e.body, SEEN)
    assert again.thread == case.root
    await head_line(case, "open")
    await case.reply("You are welcome.")
    second = await case.mailed("You are welcome.")
    assert second.header("In-Reply-To") == reply["Message-ID"]
    assert {str(case.sent["Message-ID"]), mail.message_id, str(reply["Message-ID"])} <= set(
        second.header("References").split()
    )
    assert Counter(m.message_id for m in case.mails()) == {mail.message_id: 1, second.message_id: 1}
    assert mail.header("Reply-To") == second.header("Reply-To")


async def head_line(case: Case, status: str) -> None:
    """Until the newest edit of the head line says so."""

    def newest() -> str:
        edits = [e for e in case.town.officer.seen.values() if e.replaces == case.root]
        return str(edits[-1].content["m.new_content"]["body"]) if edits else case.head.body

    await case.town.officer.wait_for(lambda _: newest().startswith(f"{case.reference} · {status} · "), SEEN)


async def test_an_answer_from_element(town: Place) -> None:
    element = await town.element()
    case = await open_case(town)
    await element.wait_for(lambda e: e.id == case.words.event_id and e.unshielded, SEEN)
    event_id = await element.send(town.desk, "A word from Element.", thread=case.root)
    mail = await case.mailed("A word from Element.")
    assert mail.message.get_content_type() == "multipart/alternative"
    await marked(town.officer, event_id, "✉️")
    word = unique("thanks")
    await town.mail(case.sender, "Re: lamp", f"Thank you {word}", reply=mail.message)
    again = await element.wait_for(lambda e: word in e.body, SEEN)
    assert (again.thread, again.unshielded) == (case.root, True)
    assert [m.number for m in case.mails()] == [mail.number]


async def test_files_of_the_officer_reach_the_citizen(town: Place) -> None:
    """With words at once; without words, or outside the thread, after `!send`."""
    case = await open_case(town)
    relates = {"rel_type": "m.thread", "event_id": case.root}
    await town.officer.send_file(
        town.desk, "answer.pdf", "application/pdf", PLAN, relates=relates, caption="Here is the plan."
    )
    mail = await case.mailed("Here is the plan.")
    assert mail.attachments == {"answer.pdf": PLAN}
    loose = await town.officer.send_file(town.desk, "second.pdf", "application/pdf", PLAN + b"2")
    await case.notice("right after a message in it")
    await marked(town.officer, loose, "⏳")
    wordless = await town.officer.send_file(
        town.desk, "third.pdf", "application/pdf", PLAN + b"3", relates=relates
    )
    await case.notice("The file came without words")
    await case.barrier()
    assert [list(m.attachments) for m in case.mails()] == [["answer.pdf"], []]
    send = {"rel_type": "m.thread", "event_id": case.root, "is_falling_back": False}
    for event_id, name, tail in ((loose, "second.pdf", b"2"), (wordless, "third.pdf", b"3")):
        relation = {**send, "m.in_reply_to": {"event_id": event_id}}
        await town.officer.send(town.desk, {"msgtype": "m.text", "body": "!send", "m.relates_to": relation})
        await marked(town.officer, event_id, "✉️")
        assert case.mails()[-1].attachments == {name: PLAN + tail}
    assert len(case.mails()) == 4


# ------------------------------------------------------------------ who joins a case


async def test_somebody_else_with_the_token_opens_a_locked_case(town: Place) -> None:
    case = await open_case(town)
    await case.reply("Only for you.")
    mail = await case.mailed("Only for you.")
    word, other = unique("other"), f"{unique('eve')}@elsewhere.example"
    await town.mail(("Eve", other), "Re: lamp", f"It is me {word}", reply=mail.message)
    await locked(case, word, other, "not from the address that case belongs to")


async def test_references_without_the_token_open_a_locked_case(town: Place) -> None:
    case = await open_case(town)
    await case.reply("Please answer.")
    mail = await case.mailed("Please answer.")
    word = unique("plain")
    await town.mail(case.sender, "Re: lamp", f"My answer {word}", reply=mail.message, to=town.address)
    await locked(case, word, case.address, "it did not come to that case's reply address")


async def locked(case: Case, word: str, address: str, why: str) -> None:
    """The words stand in a case of their own that is locked: nothing goes out of it, not even an ack."""
    town = case.town
    before = len([m for m in town.mailbox.mails if address in m.rcpt_tos])
    words = await town.officer.wait_for(lambda e: word in e.body and e.thread, SEEN)
    assert words.thread != case.root
    head = await town.officer.wait_for(lambda e: e.event_id == words.thread and e.readable, SEEN)
    assert f" · locked: unverified sender, claims {case.reference} · " in head.body
    await town.officer.wait_for(lambda e: e.thread == words.thread and why in e.body, SEEN)
    reply = await town.officer.reply_in_thread(town.desk, head.event_id, f"Who are you? {word}")
    await marked(town.officer, reply, "⚠️")
    await town.officer.wait_for(lambda e: e.thread == words.thread and "Not sent: the sender" in e.body, SEEN)
    await case.barrier()
    mails = [m for m in town.mailbox.mails if address in m.rcpt_tos]
    assert len(mails) - before == (1 if address == case.address else 0)
    assert not [m for m in mails if word in m.text]


@pytest.mark.parametrize(
    ("mail_from", "header"), [("", ""), ("robot@home.example", "auto-generated"), ("", "auto-replied")]
)
async def test_automatic_mail_gets_no_acknowledgement(town: Place, mail_from: str, header: str) -> None:
    word = unique("machine")
    message = EmailMessage()
    message["From"], message["To"] = f"Machine <{word}@home.example>", town.address
    message["Subject"], message["Message-ID"] = "Out of office", f"<{word}@home.example>"
    if header:
        message["Auto-Submitted"] = header
    message.set_content(f"I am away {word}")
    await submit(town, message, mail_from)
    words = await town.officer.wait_for(lambda e: word in e.body and e.thread, SEEN)
    await town.officer.wait_for(
        lambda e: e.thread == words.thread and "no acknowledgement went out" in e.body, SEEN
    )
    await open_case(town)  # its acknowledgement came: an earlier one would be here
    assert not town.of(word)
