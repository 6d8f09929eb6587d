"""What must not go out does not: said outside, marked, in doubt, in the clear, without permission."""

from __future__ import annotations

import pytest

from bridge.demo.town import PASSWORD
from bridge.model import Json
from tests.e2e.place import GUEST, SEEN, Case, Place, marked, marks, open_case

pytestmark = pytest.mark.asyncio(loop_scope="session")


def text(body: str, relates: Json | None = None, html: str = "") -> Json:
    """A text as clients write it."""
    content: Json = {"msgtype": "m.text", "body": body}
    if html:
        content |= {"format": "org.matrix.custom.html", "formatted_body": html}
    return {**content, "m.relates_to": relates} if relates else content


def in_thread(case: Case, reply: str = "") -> Json:
    """The relation of a real reply in the thread."""
    related = {"m.in_reply_to": {"event_id": reply or case.words.event_id}, "is_falling_back": not reply}
    return {"rel_type": "m.thread", "event_id": case.root, **related}


async def test_what_is_said_outside_or_marked_stays_inside(town: Place) -> None:
    case = await open_case(town)
    officer, desk = town.officer, town.desk
    outside = await officer.say(desk, "Who knows about this lamp?")
    other = await officer.reply_in_thread(desk, outside, "I do, in a thread of our own.")
    notes = [
        await case.reply(body)
        for body in ("! ask the electrician", "！ask her", "/shrug", "  \u200b! a note")
    ]
    notes.append(await officer.send(desk, text("a note", in_thread(case), "<p>! a note</p>")))
    notice = await officer.send(desk, {**text("a bot's words", in_thread(case)), "msgtype": "m.notice"})
    emote = await officer.send(desk, {**text("waves", in_thread(case)), "msgtype": "m.emote"})
    sticker = {"body": "thanks", "url": "mxc://birch.example/none", "info": {}}
    await officer.send(desk, {**sticker, "m.relates_to": in_thread(case)}, "m.sticker")
    unknown = await case.reply("!shout now")
    for event_id in (*notes, notice, emote, unknown):
        await marked(officer, event_id, "🔒")
    await case.notice("There is no command “!shout”")
    last = await case.barrier()
    assert case.mails() == [last]
    assert marks(officer, outside) == marks(officer, other) == []


async def test_a_plain_reply_to_the_head_line_is_asked_about_and_send_sends_it(town: Place) -> None:
    case = await open_case(town)
    relates = {"m.in_reply_to": {"event_id": case.root}}
    event_id = await town.officer.send(town.desk, text("Is this for them?", relates))
    question = await case.notice("Is this for the citizen? The reply stands outside the thread")
    assert question.relation["m.in_reply_to"] == {"event_id": event_id}
    await marked(town.officer, event_id, "⏳")
    last = await case.barrier()
    assert case.mails() == [last]
    command = await case.reply("!send")
    mail = await case.mailed("Is this for them?")
    await marked(town.officer, event_id, "✉️")
    await marked(town.officer, command, "🔒")
    assert case.mails() == [last, mail]


async def test_a_plain_reply_to_words_of_the_thread_goes_out(town: Place) -> None:
    """Element shows it inside the thread."""
    case = await open_case(town)
    relates = {"m.in_reply_to": {"event_id": case.words.event_id}}
    await town.officer.send(town.desk, text("A plain reply.", relates))
    await case.mailed("A plain reply.")


async def test_the_quote_of_a_note_is_not_mailed(town: Place) -> None:
    """As Cinny writes a reply: the quoted note in the body, and in <mx-reply>."""
    case = await open_case(town)
    officer = town.officer
    note = await case.reply("! between us: he is a nuisance")
    await marked(officer, note, "🔒")
    body = f"> <{officer.user_id}> ! between us: he is a nuisance\n\nWe come on Monday."
    html = (
        f'<mx-reply><blockquote><a href="https://matrix.to/#/{town.desk}/{note}">In reply to</a> '
        f'<a href="https://matrix.to/#/{officer.user_id}">{officer.user_id}</a><br/>'
        "! between us: he is a nuisance</blockquote></mx-reply>We come on <strong>Monday</strong>."
    )
    await officer.send(town.desk, text(body, in_thread(case, note), html))
    mail = await case.mailed("We come on Monday.")
    assert b"nuisance" not in mail.raw
    assert "nuisance" not in mail.text + mail.html
    assert "We come on <strong>Monday</strong>." in mail.html
    without = f"> <{officer.user_id}> ! between us: he is a nuisance\n\nOr on Tuesday."
    await officer.send(town.desk, text(without, in_thread(case, note)))
    second = await case.mailed("Or on Tuesday.")
    assert "nuisance" not in second.text + second.html
    assert case.mails() == [mail, second]


async def test_the_clear_is_never_mailed(town: Place) -> None:
    """A homeserver can write what it likes in the clear; reactions too."""
    case = await open_case(town)
    doubt = await town.officer.send(town.desk, text("Doubtful.", {"m.in_reply_to": {"event_id": case.root}}))
    await marked(town.officer, doubt, "⏳")
    plain = await town.officer.send_plain(town.desk, text("In the clear.", in_thread(case)))
    await marked(town.officer, plain, "⚠️")
    await case.notice("Not sent: the message was not encrypted")
    command = await town.officer.send_plain(town.desk, text("!send", in_thread(case)))
    await marked(town.officer, command, "⚠️")
    await town.officer.react(town.desk, doubt, "✉️")
    last = await case.barrier()
    assert case.mails() == [last]
    await marked(town.officer, doubt, "⏳")


async def test_who_may_not_reply_is_not_mailed(town: Place) -> None:
    case = await open_case(town)
    guest = await town.client(town.lab.birch.url, GUEST)
    await guest.cross_sign(PASSWORD)
    await guest.wait_joined(town.desk, SEEN)
    await guest.wait_for(lambda e: e.event_id == case.words.event_id)
    event_id = await case.reply("We of the society answer.", guest)
    await marked(town.officer, event_id, "🔒")
    await case.notice(f"Not sent: {guest.user_id} may not answer citizens")
    relates = {"m.in_reply_to": {"event_id": case.root}}
    doubt = await town.officer.send(town.desk, text("Doubtful.", relates))
    await marked(town.officer, doubt, "⏳")
    await case.reply("!send", guest)
    await case.notice(f"Nothing was done: {guest.user_id} may not answer citizens")
    last = await case.barrier()
    assert case.mails() == [last]
