"""Mailings in the ledger: kept sealed, sent once to whom it was said, left by whoever wants none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bridge.channel import Arrival, Outcome
from bridge.forms.packing import pack_unsubscribe
from bridge.formstore import Mailed, leave_key
from bridge.inbound import ApplyIn, RoomRedaction, UnsubscribeIn
from bridge.ledger import known_mailing
from bridge.ledger.mailing_tables import mailings
from bridge.ledger.tables import cases, outbox, participants
from bridge.model import Source
from tests.ledger.home import CLERK, DESK, PARK, ROOMS, Home, Sent, mail_in, said
from tests.ledger.people import sent, work

TEXT = "The meeting is on Tuesday at seven."
POOL_ROOMS = {kind: room.replace(":", "-pool:") for kind, room in ROOMS.items()}
POOL = replace(PARK, slug="pool-2027", mailbox="pool-2027", title="The Open-Air Pool")


async def town(home: Home, *names: str) -> dict[str, str]:
    """The reference of the case that each of them opened by mail."""
    await home.provision()
    for name in names:
        await home.case(
            address=f"{name}@home.example", name=name.title(), message_id=f"<{name}@home.example>"
        )
    rows = await home.all(cases)
    return dict(zip(names, (row.reference for row in rows), strict=True))


async def says(home: Home, text: str, **changes: Any) -> str:
    """A message in the desk; what the bridge answers there."""
    await home.settle(said(text, None, **changes))
    answers = [s for s in await home.flush() if s.kind == "notice" and "case" not in s.payload]
    return "\n".join(s.payload["text"] for s in answers)


async def code(home: Home) -> str:
    return str((await home.all(mailings))[-1].code)


async def mailing(home: Home, whom: str = "all", wait: float = 11) -> list[Sent]:
    """Asked for, and sent; what went out when the undo time was over."""
    await says(home, f"!mail {whom}\n{TEXT}")
    await says(home, f"!mail {await code(home)} yes")
    return await home.flush(wait)


def mails(out: list[Sent]) -> list[Sent]:
    return [s for s in out if s.kind == "mail"]


def token_of(mail: Sent) -> str:
    return str(mail.payload["unsubscribe"]).rpartition("/")[2]


async def leaves(home: Home, mail: Sent) -> list[Sent]:
    """Whoever got this mail follows its link and says so."""
    mailed = await home.store.mailed(token_of(mail))
    assert mailed is not None
    raw = pack_unsubscribe(UnsubscribeIn(mailed.participant))
    await home.ledger.accept([Arrival(Source.FORM, "unsubscribe", leave_key(mailed.participant), raw)])
    return await work(home)


async def test_nothing_is_sent_before_the_yes_and_what_waits_is_sealed(home: Home) -> None:
    await town(home, "ada", "bea")
    answer = await says(home, f"!mail all\n{TEXT}")
    assert "to 2" in answer and TEXT in answer
    row = await home.one(mailings)
    assert row.state == "waiting" and TEXT.encode() not in row.content
    assert not mails(await home.flush(3600))
    assert f"!mail {row.code} yes" in answer


async def test_a_yes_mails_each_alone_in_their_own_thread(home: Home) -> None:
    names = await town(home, "ada", "bea", "cem")
    await says(home, f"!mail {names['ada']} {names['bea']}\n{TEXT}")
    await home.settle(said(f"!mail {await code(home)} yes", None))
    told = [s for s in await home.flush(0) if s.kind == "notice" and "case" in s.payload]
    assert len(told) == 2 and all(TEXT in s.payload["text"] and CLERK in s.payload["text"] for s in told)
    assert not mails(await home.flush(9)), "the undo time is not over"
    out = mails(await home.flush(2))
    assert {s.payload["to"] for s in out} == {"ada@home.example", "bea@home.example"}
    assert {s.payload["reference"] for s in out} == {names["ada"], names["bea"]}
    assert len({s.payload["token"] for s in out}) == len({s.ref.id for s in out}) == 2
    for one in out:
        name = one.payload["to"].partition("@")[0]
        assert one.payload["in_reply_to"] == f"<{name}@home.example>"
        assert (one.payload["text"], one.payload["subject"]) == (TEXT, "Riverside Park 2027")
        assert one.payload["several"] and one.payload["unsubscribe"].startswith("https://consult.alder")
        assert one.payload["quoted"] is None and not one.payload["automatic"]
        assert not any(other in json.dumps(one.payload) for other in {"ada", "bea", "cem"} - {name})
    row = await home.one(mailings)
    assert (row.state, row.content) == ("sent", None)
    assert {r.status for r in await home.all(cases)} == {"open"}, "a mailing answers nobody"


async def test_one_person_gets_an_answer_like_any_other(home: Home) -> None:
    names = await town(home, "ada", "bea")
    (mail,) = mails(await mailing(home, names["bea"]))
    assert mail.payload["to"] == "bea@home.example" and mail.payload["subject"] == "A bench"
    assert not mail.payload["several"] and mail.payload["unsubscribe"] is None


async def pool(home: Home) -> None:
    """Another consultation, with rooms of its own."""
    item = await home.item(Source.COMMAND)
    (ref,) = home.take(await home.ledger.settle(item, ApplyIn(POOL, "digest")))
    assert home.lanes.next(home.ledger.now()) == ref and await home.ledger.outgoing(ref) is not None
    home.take(await home.ledger.delivered(ref, Outcome({"rooms": POOL_ROOMS, "changed": ["created"]})))
    home.lanes.done(ref)


async def test_nobody_of_another_consultation(home: Home) -> None:
    names = await town(home, "ada")
    await pool(home)
    await home.settle(replace(mail_in(address="dan@home.example"), mailbox="pool-2027"), Source.EMAIL)
    await home.flush()
    other = next(row.reference for row in await home.all(cases) if row.slug == "pool-2027")
    answer = await says(home, f"!mail {names['ada']} {other}\n{TEXT}")
    assert other in answer and names["ada"] not in answer
    assert await home.all(mailings) == [], "nothing is kept half"
    assert [s.payload["to"] for s in mails(await mailing(home))] == ["ada@home.example"]
    desk = POOL_ROOMS["desk"]
    assert "no message with the code" in await says(home, f"!mail {await code(home)} stop", room_id=desk)
    await says(home, f"!mail all\n{TEXT}", room_id=desk)
    assert (await home.all(mailings))[-1].slug == "pool-2027"
    assert "no message with the code" in await says(home, f"!mail {await code(home)} yes")
    assert not mails(await home.flush(3600))


async def test_nobody_gets_it_twice(home: Home) -> None:
    """One address in two cases, two who say yes, and a yes that is settled again."""
    await town(home, "ada", "bea")
    await home.case(address="Ada@home.example", message_id="<again@home.example>")
    await says(home, f"!mail all\n{TEXT}")
    asked = await code(home)
    item = await home.item()
    yes = said(f"!mail {asked} yes", None)
    home.take(await home.ledger.settle(item, yes))
    assert home.take(await home.ledger.settle(item, yes)) == []
    assert "was sent already" in await says(home, f"!mail {asked} yes", sender="@officer:birch.example")
    await home.restart()
    out = mails(await home.flush(11))
    assert sorted(s.payload["to"].lower() for s in out) == ["ada@home.example", "bea@home.example"]
    assert not mails(await home.flush(3600))


async def test_a_code_is_good_for_a_day(home: Home) -> None:
    await town(home, "ada")
    await says(home, f"!mail all\n{TEXT}")
    asked = await code(home)
    home.clock.now += 86_401
    assert "older than a day" in await says(home, f"!mail {asked} yes")
    await home.ledger.tidy()
    assert await home.all(mailings) == [] and not mails(await home.flush(3600))


async def test_a_stop_takes_back_what_nobody_has_begun(home: Home) -> None:
    await town(home, "ada", "bea", "cem")
    await says(home, f"!mail all\n{TEXT}")
    await home.settle(said(f"!mail {await code(home)} yes", None))
    await home.flush(0)
    home.clock.now += 11
    row = home.lanes.next(home.ledger.now())
    assert row is not None and (begun := await home.ledger.outgoing(row)) is not None
    answer = await says_beside(home, f"!mail {await code(home)} stop")
    assert "Stopped: 2" in answer and "already: 1" in answer
    await home.ledger.delivered(row, Outcome({"message_id": "<1@consult.alder.example>"}))
    home.lanes.done(row)
    assert not mails(await home.flush(3600))
    states = {r.state: r for r in await home.all(outbox) if r.mailing is not None}
    assert set(states) == {"done", "stopped"} and states["stopped"].payload is None
    assert begun.payload["to"] in {f"{name}@home.example" for name in ("ada", "bea", "cem")}


async def says_beside(home: Home, text: str) -> str:
    """A message in the desk while a mail is with the relay: what the bridge will answer there."""
    refs = await home.settle(said(text, None))
    found = [await home.ledger.outgoing(ref) for ref in refs if ref.room == DESK]
    return "\n".join(one.payload["text"] for one in found if one is not None)


async def test_an_edit_and_a_redaction_drop_it(home: Home) -> None:
    await town(home, "ada")
    for number, change in enumerate(("edit", "redact")):
        message = said(f"!mail all\n{TEXT}", None)
        await home.settle(message)
        if change == "edit":
            answer = await says(home, "!mail all\nNo, on Friday.", replaces=message.event_id)
        else:
            await home.settle(RoomRedaction(DESK, "$gone", CLERK, message.event_id))
            answer = "\n".join(s.payload["text"] for s in await home.flush() if s.kind == "notice")
        assert "was dropped" in answer
        row = (await home.all(mailings))[number]
        assert (row.state, row.content) == ("dropped", None)
        assert "was dropped" in await says(home, f"!mail {row.code} yes")
    assert not mails(await home.flush(3600))


# ------------------------------------------------------------------ pages


async def test_it_stands_on_the_page_as_a_reply(home: Home) -> None:
    await home.provision()
    paged, _ = await sent(home)
    address = "bea@home.example"
    mailed, _ = await sent(home, address=address, confirm="none")
    await says(home, f"!mail all\n{TEXT}")
    assert "by mail: 1" in await says(home, f"!mail {await code(home)} yes")
    out = mails(await home.flush(11))
    assert {(s.ref.target, s.payload["to"]) for s in out} == {(Source.EMAIL, address), (Source.FORM, None)}
    for submission in (paged, mailed):
        entry = (await submission.seen(home)).entries[-1]
        assert (entry.kind, entry.text, entry.who) == ("reply", TEXT, "Cleo Clerk")
    by_page = next(s for s in out if s.ref.target is Source.FORM)
    assert by_page.payload["unsubscribe"] is None


async def test_a_mail_that_fails_is_told_in_its_thread_and_stands_on_the_page(home: Home) -> None:
    await home.provision()
    submission, _ = await sent(home, address="bea@home.example", confirm="none")
    await home.case(address="cem@home.example")
    await says(home, f"!mail all\n{TEXT}")
    await home.settle(said(f"!mail {await code(home)} yes", None))
    await home.flush(0)
    home.clock.now += 11
    told = []
    while (row := home.lanes.next(home.ledger.now())) is not None:
        assert await home.ledger.outgoing(row) is not None
        if row.target is Source.EMAIL:
            home.take(await home.ledger.fail(row, "refused", detail="550 no such user"))
        else:
            told += [r for r in await home.all(outbox, id=row.id) if r.kind == "notice"]
            home.take(await home.ledger.delivered(row, Outcome({"event_id": f"$event-{row.id:x}"})))
        home.lanes.done(row)
    assert len(told) == 2 and {r.status for r in await home.all(cases)} == {"open"}
    entry = (await submission.seen(home)).entries[-1]
    assert (entry.kind, entry.text) == ("reply", TEXT)


# ------------------------------------------------------------------ leaving


async def test_whoever_leaves_gets_no_more_and_their_thread_says_so(home: Home) -> None:
    names = await town(home, "ada", "bea", "cem")
    out = mails(await mailing(home))
    assert len({token_of(s) for s in out}) == 3
    bea = next(s for s in out if s.payload["to"].startswith("bea"))
    token = token_of(bea)
    before = await home.store.mailed(token)
    assert before == Mailed(before.participant, "Riverside Park 2027", "en", "mail", False)  # type: ignore[union-attr]
    (notice,) = [s for s in await leaves(home, bea) if s.kind == "notice"]
    assert "wants no messages to several people" in notice.payload["text"]
    after = await home.store.mailed(token)
    assert after is not None and after.left
    assert [s.kind for s in await leaves(home, bea)] == [], "once is enough"
    answer = await says(home, f"!mail all\n{TEXT}")
    assert "by mail: 2" in answer and names["bea"] in answer
    await says(home, f"!mail {await code(home)} yes")
    again = mails(await home.flush(11))
    assert {s.payload["to"] for s in again} == {"ada@home.example", "cem@home.example"}
    root = next(row.root for row in await home.all(cases) if row.reference == names["bea"])
    await home.settle(said("You asked about the bench.", root))
    assert [s.payload["to"] for s in mails(await home.flush(11))] == ["bea@home.example"]


async def test_what_was_said_counts_before_it_is_settled(home: Home) -> None:
    await town(home, "ada", "bea")
    mail = mails(await mailing(home))[0]
    mailed = await home.store.mailed(token_of(mail))
    assert mailed is not None and not mailed.left
    raw = pack_unsubscribe(UnsubscribeIn(mailed.participant))
    arrival = Arrival(Source.FORM, "unsubscribe", leave_key(mailed.participant), raw)
    assert [item is not None for item in await home.ledger.accept([arrival])] == [True]
    assert await home.ledger.accept([arrival]) == [None]
    waiting = await home.store.mailed(token_of(mail))
    assert waiting is not None and waiting.left


async def test_leaving_holds_for_the_address_in_every_case_of_the_consultation(home: Home) -> None:
    await town(home, "ada", "bea")
    out = mails(await mailing(home))
    await leaves(home, next(s for s in out if s.payload["to"].startswith("ada")))
    await home.case(address="ADA@home.example", message_id="<later@home.example>")
    assert {s.payload["to"] for s in mails(await mailing(home))} == {"bea@home.example"}


async def test_whoever_is_forgotten_has_no_link_and_gets_nothing(home: Home) -> None:
    names = await town(home, "ada", "bea")
    out = mails(await mailing(home))
    ada = next(s for s in out if s.payload["to"].startswith("ada"))
    await says(home, f"!mail all\n{TEXT}")
    await says(home, f"!forget {names['ada']} yes")
    assert await home.store.mailed(token_of(ada)) is None
    row = next(r for r in await home.all(participants) if r.wrapped_key is None)
    assert row.leave_mac is None
    await says(home, f"!mail {await code(home)} yes")
    assert [s.payload["to"] for s in mails(await home.flush(11))] == ["bea@home.example"]


async def test_a_token_is_no_one_elses_and_nobody_who_got_none_has_one(home: Home) -> None:
    names = await town(home, "ada", "bea", "cem")
    out = mails(await mailing(home, f"{names['ada']} {names['bea']}"))
    stored = [row.leave_mac for row in await home.all(participants)]
    assert [mac is not None for mac in stored] == [True, True, False]
    for mail in out:
        assert token_of(mail).encode() not in b"".join(mac for mac in stored if mac)
    assert await home.store.mailed("A" * 22) is None and await home.store.mailed("") is None


# ------------------------------------------------------------------ many


async def test_very_many_are_looked_up_a_few_at_a_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_mailing, "_AT_ONCE", 2)
    names = await town(home, "ada", "bea", "cem", "dan", "eve")
    out = mails(await mailing(home, " ".join(names.values())))
    assert [s.payload["reference"] for s in out] == list(names.values()), "in the order of their naming"
