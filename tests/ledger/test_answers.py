"""Answers on their way to the citizen: changed or stopped while they wait, never once they have begun."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from bridge.casework import decide as heart
from bridge.casework.effects import Effect
from bridge.casework.known import Known, KnownRoom
from bridge.casework.settings import Settings
from bridge.channel import Arrival, Outcome
from bridge.errors import Broken, Retry
from bridge.inbound import Inbound, RoomMessage, RoomRedaction
from bridge.ledger import ledger as ledger_module
from bridge.ledger.files import LARGE
from bridge.ledger.rows import Ref
from bridge.ledger.tables import blobs, cases, events, marks, messages, outbox
from bridge.ledger.writer import Unreachable
from bridge.model import Attachment, EventKind, MailState, Source
from bridge.points import Point
from tests.ledger.home import CLERK, DESK, Home, edited, mail_in, now_or_never, redacted, said

UNDO = 10.0  # seconds, the default
SCAN = Attachment("scan.pdf", "application/pdf", b"x" * (LARGE + 1))


@pytest.fixture
async def root(home: Home) -> str:
    """The root of a case that was posted and acknowledged."""
    await home.provision()
    sent = await home.case()
    event_id = next(s for s in sent if s.kind == "head").event_id
    assert event_id is not None
    return event_id


async def answer(home: Home, root: str, text: str = "Yes.", **more: Any) -> tuple[RoomMessage, Ref]:
    """A message of staff that waits as a mail, its mark set."""
    message = said(text, root, **more)
    refs = await home.settle(message)
    assert [s.kind for s in await home.flush()] == ["mark"]
    return message, next(r for r in refs if r.target is Source.EMAIL)


async def mails(home: Home, wait: float = UNDO) -> list[str]:
    return [s.payload["text"] for s in await home.flush(wait) if s.kind == "mail"]


async def kind_of(home: Home, message: RoomMessage) -> str:
    kind: str = (await home.one(events, event_id=message.event_id)).kind
    return kind


async def test_an_answer_waits_for_its_undo_time_and_then_goes_once(home: Home, root: str) -> None:
    _, row = await answer(home, root)
    assert await mails(home, UNDO - 0.001) == []
    sent = await home.flush(0.001)
    mail = next(s.payload for s in sent if s.kind == "mail")
    assert mail["text"] == "Yes."
    assert (mail["to"], mail["to_name"], mail["from_name"]) == ("ada@example.org", "Ada Park", "Cleo Clerk")
    assert mail["in_reply_to"] == "<in-1@example.org>" == mail["references"][-1]
    assert len(mail["references"]) == 2  # and our acknowledgement
    assert await home.ledger.outgoing(row) is None
    assert await home.ledger.is_final(row)
    said_out = [m for m in await home.all(messages) if not m.inward]
    assert len(said_out) == 2


async def test_the_mark_follows_the_fate_the_new_one_first(home: Home, root: str) -> None:
    message, _ = await answer(home, root)
    waiting = await home.one(marks, event_id=message.event_id)
    assert waiting.mark == "⏳"
    sent = [s for s in await home.flush(UNDO) if s.kind in ("mark", "unmark")]
    assert [s.kind for s in sent] == ["mark", "unmark"]
    assert sent[0].payload == {"room": DESK, "event_id": message.event_id, "mark": "✉️"}
    assert sent[1].payload == {"room": DESK, "event_id": f"$event-{waiting.outbox_id:x}"}
    assert (await home.one(marks, event_id=message.event_id)).mark == "✉️"


async def test_a_mail_that_fails_is_marked_with_the_reason_in_the_thread(home: Home, root: str) -> None:
    message, row = await answer(home, root)
    home.clock.now += UNDO
    assert home.lanes.next(home.ledger.now()) == row
    out = await home.ledger.outgoing(row)
    assert out is not None
    home.take(await home.ledger.fail(row, "refused: 550", detail="550 no mailbox of Ada"))
    home.lanes.done(row)
    sent = await home.flush()
    assert [s.payload["mark"] for s in sent if s.kind == "mark"] == ["⚠️"]
    (notice,) = [s.payload for s in sent if s.kind == "notice"]
    assert "550 no mailbox of Ada" in notice["text"] and notice["to"] == message.event_id
    failed = await home.one(outbox, id=row.id)
    assert (failed.payload, failed.reason) == (None, "refused: 550")


async def test_an_edit_changes_a_mail_that_waits(home: Home, root: str) -> None:
    message, _ = await answer(home, root)
    await home.settle(edited(message, "No."))
    assert await mails(home) == ["No."]


async def test_a_redaction_stops_a_mail_that_waits_and_its_files_go(home: Home, root: str) -> None:
    message, row = await answer(
        home, root, "See the scan.", msgtype="m.file", captioned=True, attachments=(SCAN,)
    )
    assert len(home.files()) == 1
    await home.settle(redacted(message))
    assert await mails(home) == []
    stopped = await home.one(outbox, id=row.id)
    assert (stopped.state, stopped.payload) == ("stopped", None)
    assert await kind_of(home, message) == EventKind.NOTE
    assert await home.all(blobs) == [] and home.files() == []


async def test_an_edit_into_a_note_stops_it(home: Home, root: str) -> None:
    message, row = await answer(home, root)
    await home.settle(edited(message, "! wait, ask the mayor first"))
    await home.settle(edited(message, "Yes after all."))  # a note never becomes a reply
    assert await mails(home) == []
    assert (await home.one(outbox, id=row.id)).state == "stopped"
    assert (await home.one(marks, event_id=message.event_id)).mark == "🔒"


@pytest.mark.parametrize("crash", [False, True])
async def test_once_begun_nothing_is_changed_or_stopped(home: Home, root: str, crash: bool) -> None:
    """Also after a crash: the relay may have the mail."""
    message, row = await answer(home, root)
    home.clock.now += UNDO
    assert home.lanes.next(home.ledger.now()) == row
    out = await home.ledger.outgoing(row)
    assert out is not None
    if crash:
        await home.restart()
        assert home.lanes.next(home.ledger.now()) == row
        assert await home.ledger.waiting_rows() == [row]
    await home.settle(edited(message, "No."))
    await home.settle(redacted(message))
    again = await home.ledger.outgoing(row)
    assert again is not None and again.payload["text"] == "Yes."
    assert again.progress == ({"begun": home.ledger.now()})
    home.take(await home.ledger.delivered(row, Outcome({"message_id": "<out@x>"})))
    home.lanes.done(row)
    notices = [s.payload["text"] for s in await home.flush() if s.kind == "notice"]
    assert len(notices) == 2  # staff hear that it was too late, twice
    assert (await home.one(outbox, id=row.id)).state == "done"


async def test_a_mail_with_the_relay_may_be_changed_again_after_nothing_was_begun(
    home: Home, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that could not be written down is no claim."""
    message, row = await answer(home, root)

    def broken(*_: Any) -> None:
        raise Broken("does not open")

    with monkeypatch.context() as patch:
        patch.setattr(home.ledger, "_load", broken)
        with pytest.raises(Broken):
            await home.ledger.outgoing(row)
    await home.settle(edited(message, "No."))
    assert await mails(home) == ["No."]


async def test_a_mail_stays_where_it_is_while_it_is_decided_about(
    home: Home, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, row = await answer(home, root)
    home.clock.now += UNDO  # it is due
    seen: list[object] = []

    def decide(inbound: Inbound, known: Known, settings: Settings) -> list[Effect]:
        assert isinstance(known, KnownRoom)
        seen.append(known.mail)
        seen.append(now_or_never(lambda: home.ledger.outgoing(row)))
        return heart.decide(inbound, known, settings)

    stand_in = type("decide", (), {"decide": staticmethod(decide)})
    with monkeypatch.context() as patch:
        patch.setattr(ledger_module, "decide", stand_in)
        await home.settle(edited(message, "No."))
    assert seen == [MailState.WAITING, None]
    assert await mails(home, 0) == ["No."]


async def test_a_decision_that_fails_lets_the_mail_go_again(
    home: Home, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, _ = await answer(home, root)

    def decide(*_: Any) -> list[Effect]:
        raise Broken("no")

    with monkeypatch.context() as patch:
        patch.setattr(ledger_module, "decide", type("decide", (), {"decide": staticmethod(decide)}))
        with pytest.raises(Broken):
            await home.settle(edited(message, "No."))
    assert await mails(home) == ["Yes."]


async def test_a_doubt_is_held_sealed_until_it_is_sent(home: Home, root: str) -> None:
    message = said("scan.pdf", root, msgtype="m.file", attachments=(SCAN,))
    await home.settle(message)
    assert await kind_of(home, message) == EventKind.DOUBT
    assert await mails(home, 600) == []
    held = (await home.one(events, event_id=message.event_id)).held
    assert held is not None and b"scan.pdf" not in held
    await home.restart()
    assert len(home.files()) == 1  # the doubt's file is not swept
    await home.settle(said("!send", root))
    sent = await home.flush(UNDO)
    (mail,) = [s.payload for s in sent if s.kind == "mail"]
    assert [a["name"] for a in mail["attachments"]] == ["scan.pdf"]
    assert await kind_of(home, message) == EventKind.REPLY
    assert (await home.one(events, event_id=message.event_id)).held is None
    assert home.files() == []
    await home.settle(said("!send", root))
    assert await mails(home) == []  # there is nothing more to send


async def test_a_doubt_is_changed_by_an_edit_and_dropped_by_a_redaction(home: Home, root: str) -> None:
    one, other = (said(text, root, mention_first=True) for text in ("@ada one", "@ada other"))
    await home.settle(one)
    await home.settle(other)
    await home.settle(edited(one, "one, mended"))
    await home.settle(redacted(other))
    await home.settle(said("!send", root))
    assert await mails(home) == ["one, mended"]


async def test_a_waiting_answer_that_becomes_doubtful_is_held(home: Home, root: str) -> None:
    message, row = await answer(home, root)
    await home.settle(said("@bob is this right?", None, replaces=message.event_id, mention_first=True))
    assert await mails(home) == []
    assert (await home.one(outbox, id=row.id)).state == "stopped"
    await home.settle(said("!send", root))
    assert await mails(home) == ["@bob is this right?"]


async def test_a_plain_reply_to_what_stands_beside_the_thread_is_not_in_the_thread(
    home: Home, root: str
) -> None:
    beside = said("to the head line", None, reply_to=root)
    await home.settle(beside)
    assert (await home.one(events, event_id=beside.event_id)).threaded is False
    await home.settle(said("and once more", None, reply_to=beside.event_id))
    assert await mails(home) == []


async def test_a_locked_case_is_joined_to_the_one_it_claims(home: Home, root: str) -> None:
    case = await home.one(cases)
    ours = next(m for m in await home.all(outbox, kind="mail"))
    reference = f"<{ours.id:x}@consult.alder.example>"
    sent = await home.case(
        text="From my work.", address="work@example.net", references=(reference,), message_id="<in-2@x>"
    )
    locked = next(s for s in sent if s.kind == "head")
    await home.settle(said(f"!join {case.reference}", locked.event_id))
    sent = await home.flush()
    assert [s.payload["text"] for s in sent if s.kind == "words"] == ["From my work."]
    assert {s.payload["root"] for s in sent if s.kind == "words"} == {root}
    assert {c.id: c.status for c in await home.all(cases)}[case.id] == "open"
    assert sorted(c.status for c in await home.all(cases)) == ["closed", "open"]
    await answer(home, root)
    (mail,) = [s.payload for s in await home.flush(UNDO) if s.kind == "mail"]
    assert mail["to"] == "ada@example.org"  # and never the one that was locked


async def test_a_locked_case_mails_nobody_until_it_stands_on_its_own(home: Home, root: str) -> None:
    ours = next(m for m in await home.all(outbox, kind="mail"))
    sent = await home.case(address="eve@example.net", references=(f"<{ours.id:x}@consult.alder.example>",))
    locked = next(s for s in sent if s.kind == "head").event_id
    await home.settle(said("Hello Eve", locked))
    assert await mails(home) == []
    await home.settle(said("!apart", locked))
    await home.settle(said("Hello Eve", locked))
    assert await mails(home) == ["Hello Eve"]
    assert {c.status for c in await home.all(cases)} == {"open", "answered"}


async def test_a_delivery_is_noted_once(home: Home, root: str) -> None:
    _, row = await answer(home, root)
    home.clock.now += UNDO
    assert home.lanes.next(home.ledger.now()) == row
    outcome = Outcome({"message_id": "<out@x>"})
    assert (await home.ledger.delivered(row, outcome)).refs != []
    assert (await home.ledger.delivered(row, outcome)).refs == []
    assert (await home.ledger.fail(row, "late")).refs == []
    assert len([m for m in await home.all(messages) if not m.inward]) == 2


async def test_a_commit_whose_answer_was_lost_is_not_noted_twice(
    home: Home, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, row = await answer(home, root)
    home.clock.now += UNDO
    assert await home.ledger.outgoing(row) is not None
    writer = home.ledger._writer
    whole = writer.write

    async def lost(point: Point, change: Callable[[sa.Connection], object]) -> None:
        await whole(point, change)
        raise Unreachable("the connection broke")

    outcome = Outcome({"message_id": "<out@x>"})
    monkeypatch.setattr(writer, "write", lost)
    with pytest.raises(Unreachable):
        await home.ledger.delivered(row, outcome)
    monkeypatch.undo()
    assert (await home.ledger.delivered(row, outcome)).refs == []
    assert len([m for m in await home.all(messages) if not m.inward]) == 2


async def test_progress_is_kept_for_the_next_attempt(home: Home, root: str) -> None:
    (words,) = [
        r for r in await home.settle(mail_in("again", address="b@x", message_id=None)) if r.priority == 2
    ][:1]
    out = await home.ledger.outgoing(words)
    assert out is not None and out.progress == {}
    await out.save({"ciphertext": "abc", "canary": "sealed"})
    assert b"sealed" not in (await home.one(outbox, id=words.id)).progress
    await home.restart()
    out = await home.ledger.outgoing(words)
    assert out is not None and out.progress == {"ciphertext": "abc", "canary": "sealed"}


async def test_a_row_that_does_not_open_fails_alone(home: Home, root: str) -> None:
    _, row = await answer(home, root)
    stored = await home.one(outbox, id=row.id)
    await home.change(outbox, row.id, payload=stored.payload[:-1] + b"?")
    home.clock.now += UNDO
    assert home.lanes.next(home.ledger.now()) == row
    with pytest.raises(Broken):
        await home.ledger.outgoing(row)
    home.take(await home.ledger.fail(row, "it does not open", "broken"))
    home.lanes.done(row)
    assert [s.payload["mark"] for s in await home.flush() if s.kind == "mark"] == ["⚠️"]
    assert (await home.one(outbox, id=row.id)).state == "broken"


async def test_an_answer_that_is_quicker_than_our_own_noting_waits_for_it(home: Home, root: str) -> None:
    """The homeserver has a case's head line, we died before we noted it, and staff have answered."""
    await home.settle(mail_in("A new one", address="bob@example.org", message_id=None), Source.EMAIL)
    while (head := home.lanes.next(home.ledger.now())) is not None and head.target is not Source.MATRIX:
        home.lanes.done(head)
    assert head is not None
    out = await home.ledger.outgoing(head)
    assert out is not None and out.kind == "head"
    message = said("Quickly answered.", "$new-root")
    item = await home.item()
    unthreaded = said("In no thread at all", None)
    await home.settle(unthreaded)  # nothing to wait for
    assert (await home.ledger.settle(item, said("Elsewhere", "$not-ours"))).refs == []  # nothing is begun
    await out.save({"ciphertext": "…"})
    item = await home.item()
    with pytest.raises(Retry):
        await home.ledger.settle(item, message)
    home.take(await home.ledger.delivered(head, Outcome({"event_id": "$new-root"})))
    home.lanes.done(head)
    home.take(await home.ledger.settle(item, message))
    assert "Quickly answered." in await mails(home)


async def test_what_was_begun_after_the_answer_came_does_not_hold_it(home: Home, root: str) -> None:
    item = await home.item()
    home.clock.now += 1
    await home.settle(mail_in("A new one", address="bob@example.org", message_id=None), Source.EMAIL)
    head = next(r for r in await home.ledger.waiting_rows() if r.target is Source.MATRIX)
    out = await home.ledger.outgoing(head)
    assert out is not None
    await out.save({"ciphertext": "…"})
    assert (await home.ledger.settle(item, said("Elsewhere", "$not-ours"))).refs == []


@pytest.mark.parametrize("room", [DESK, "!lobby:alder.example"])
async def test_what_was_redacted_while_it_was_parked_is_never_mailed(
    home: Home, root: str, room: str
) -> None:
    message = said("Sent too early", root)
    raw = json.dumps({"room_id": DESK}).encode()
    (item,) = await home.ledger.accept([Arrival(Source.MATRIX, "event", message.event_id, raw)])
    assert item is not None
    await home.ledger.defer(item, 600, "no key", parked=True)
    await home.settle(RoomRedaction(room, "$gone", CLERK, message.event_id))
    home.take(await home.ledger.settle(item, message))  # its key has come
    assert await mails(home) == ([] if room == DESK else ["Sent too early"])
