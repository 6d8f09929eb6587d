"""What becomes of an answer on its way: edited, withdrawn, refused at first, refused for good."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.e2e.place import SEEN, Place, marked, marks, open_case

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_edit_in_time_changes_the_mail(town: Place) -> None:
    case = await open_case(town)
    event_id = await case.reply("On Tuesday.")
    await town.officer.edit(town.desk, event_id, "On Wednesday.")
    mail = await case.mailed("On Wednesday.")
    assert "Tuesday" not in mail.text + mail.html
    await marked(town.officer, event_id, "✉️")
    await town.officer.edit(town.desk, event_id, "On Thursday.")
    await case.notice("goes out as a correction")
    correction = await case.mailed("On Thursday.")
    assert "Correction" in correction.text and correction.message_id != mail.message_id
    await marked(town.officer, event_id, "✉️")
    last = await case.barrier()
    assert case.mails() == [mail, correction, last]


async def test_an_edit_into_a_note_and_a_redaction_stop_the_mail(town: Place) -> None:
    case = await open_case(town)
    noted = await case.reply("A hasty word.")
    await town.officer.edit(town.desk, noted, "! a hasty word")
    await marked(town.officer, noted, "🔒")
    gone = await case.reply("Another hasty word.")
    await town.officer.redact(town.desk, gone)
    await case.notice("The message was deleted in time: no mail was sent.")
    last = await case.barrier()
    assert case.mails() == [last]


async def test_a_mail_refused_for_now_is_tried_again(town: Place) -> None:
    case = await open_case(town)
    before = Counter(town.mailbox.attempts)
    town.mailbox.refuse_next(451, "DATA", "try again later", count=2)
    event_id = await case.reply("It takes three attempts.")
    mail = await case.mailed("It takes three attempts.")
    assert town.mailbox.attempts["DATA"] - before["DATA"] == 3
    await marked(town.officer, event_id, "✉️")
    last = await case.barrier()
    assert case.mails() == [mail, last]


async def test_a_lost_answer_is_repeated_under_the_same_message_id(town: Place) -> None:
    case = await open_case(town)
    town.mailbox.drop_next("DATA", stored=True)
    event_id = await case.reply("Was it taken?")
    await marked(town.officer, event_id, "✉️")
    first, second = case.mails()
    assert first.message_id == second.message_id and first.raw == second.raw


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
async def test_a_mail_refused_for_good_is_told_in_the_thread(town: Place, verb: str) -> None:
    case = await open_case(town)
    town.mailbox.refuse_next(550, "RCPT" if verb == "RCPT" else "DATA", "5.1.1 no such citizen")
    event_id = await case.reply("Is there anybody?")
    told = await case.notice("The mail could not be delivered")
    assert "no such citizen" in told.body
    await marked(town.officer, event_id, "⚠️")
    last = await case.barrier()
    assert case.mails() == [last]


async def test_a_refused_acknowledgement_is_told(town: Place) -> None:
    """Before anybody answers, staff know that the address does not work."""
    town.mailbox.refuse_next(550, "DATA", "no such citizen")
    mark = "refused-ack"
    await town.mail((f"Ada {mark}", f"{mark}@home.example"), "Lamp", f"Nobody reads {mark}")
    words = await town.officer.wait_for(lambda e: f"Nobody reads {mark}" in e.body, SEEN)
    await town.officer.wait_for(
        lambda e: e.thread == words.thread and "The acknowledgement could not be delivered" in e.body, SEEN
    )
    assert marks(town.officer, words.event_id) == []
    assert not town.of(mark)
