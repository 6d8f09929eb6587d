"""Who is invited again, who is named, and what the control room hears once: on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.casework.settings import Settings
from bridge.channel import Item, Outcome
from bridge.errors import Refuse
from bridge.inbound import ApplyIn, MailIn, RoomMember
from bridge.lanes import Lanes
from bridge.ledger.rows import Ref
from bridge.ledger.tables import cases, inbox, outbox, told
from bridge.model import Partner, Source
from tests.ledger.home import CLERK, DESK, PARK, ROOMS, Home, mail_in, said

OFFICER = PARK.partners[0].officers[0]
ADMIN = "@admin:alder.example"
STRANGER = "@mallory:evil.example"
DAY = 86_400


async def provisioned(home: Home, **facts: Any) -> tuple[Item, list[Ref]]:
    """A consultation whose rooms were made with these facts; the request, and the rows that follow."""
    item = await home.item(Source.COMMAND)
    (ref,) = home.take(await home.ledger.settle(item, ApplyIn(PARK, "digest")))
    assert home.lanes.next(home.ledger.now()) == ref and await home.ledger.outgoing(ref) is not None
    made = Outcome({"rooms": dict(ROOMS), "changed": ["lobby: created"], **facts})
    rows = home.take(await home.ledger.delivered(ref, made))
    home.lanes.done(ref)
    return item, rows


async def texts(home: Home, kind: str) -> list[str]:
    return [s.payload["text"] for s in await home.flush() if s.kind == kind]


# ------------------------------------------------------------------ invitations


async def test_an_invitation_that_failed_is_made_again(home: Home) -> None:
    missing = [[ROOMS["space"], OFFICER], [ROOMS["lobby"], OFFICER], [ROOMS["lobby"], CLERK]]
    item, rows = await provisioned(home, uninvited=missing)
    assert {r.lane for r in rows} == {"invite:park-2027:birch.example", "invite:park-2027:alder.example"}
    result = await home.ledger.result(item.id)
    assert result is not None
    assert [line for line in result["changed"] if OFFICER in line and "tried again" in line] == [
        f"space: {OFFICER} cannot be invited yet, and is tried again",
        f"lobby: {OFFICER} cannot be invited yet, and is tried again",
    ]
    away, there = (home.lanes.next(home.ledger.now()) for _ in range(2))
    assert away is not None and there is not None
    assert await home.ledger.outgoing(away) is not None
    home.lanes.again(await home.ledger.postpone(away, 60, "their homeserver is away"))
    home.lanes.again(there)
    now = [(s.payload["room"], s.payload["user_id"]) for s in await home.flush()]
    assert now == [(ROOMS["lobby"], CLERK)], "a server that is away holds up its own people only"
    later = [(s.payload["room"], s.payload["user_id"]) for s in await home.flush(61)]
    assert later == [(ROOMS["space"], OFFICER), (ROOMS["lobby"], OFFICER)]


async def test_one_invitation_is_not_queued_twice(home: Home) -> None:
    await home.provision()
    for number in range(2):
        await home.settle(RoomMember(ROOMS["lobby"], f"$join-{number}", OFFICER, "join"))
    assert [s.kind for s in await home.flush()] == ["invite"]
    await home.settle(RoomMember(ROOMS["lobby"], "$join-again", OFFICER, "join"))
    assert [s.payload["room"] for s in await home.flush()] == [DESK], "asked again later it is made again"


async def test_who_is_taken_off_the_list_is_invited_no_longer(home: Home) -> None:
    await provisioned(home, uninvited=[[ROOMS["lobby"], OFFICER], [ROOMS["lobby"], CLERK]])
    alone = replace(PARK, partners=())
    await home.settle(ApplyIn(alone, "digest 2"), Source.COMMAND)
    sent = await home.flush()
    assert [s.payload["user_id"] for s in sent if s.kind == "invite"] == [CLERK]
    assert [r.state for r in await home.all(outbox, kind="invite")] == ["stopped", "done"]


async def test_a_consultation_whose_slug_begins_like_another_keeps_its_invitations(home: Home) -> None:
    await provisioned(home, uninvited=[[ROOMS["lobby"], OFFICER]])
    other = replace(PARK, slug="park", mailbox="park", partners=())
    await home.settle(ApplyIn(other, "digest"), Source.COMMAND)
    assert [r.state for r in await home.all(outbox, kind="invite")] == ["ready"]


async def test_who_was_taken_off_while_the_rooms_were_made_is_not_invited(home: Home) -> None:
    _, rows = await provisioned(home, uninvited=[[ROOMS["lobby"], STRANGER]])
    assert rows == []


async def test_an_invitation_that_is_refused_is_told_with_the_server(home: Home) -> None:
    partner = Partner("Birch County", "birch.example:8448", ("@officer:birch.example:8448",))
    there = replace(PARK, partners=(partner,))
    await home.provision(there)
    await home.settle(RoomMember(ROOMS["lobby"], "$join", partner.officers[0], "join"))
    row = home.lanes.next(home.ledger.now())
    assert row is not None and await home.ledger.outgoing(row) is not None
    home.take(await home.ledger.fail(row, "the homeserver refused: 404 M_NOT_FOUND", "broken"))
    home.lanes.done(row)
    (text,) = await texts(home, "tell")
    assert "birch.example:8448" in text and "404" in text


# ------------------------------------------------------------------ who is named


async def test_strangers_and_who_declined_are_named_to_operators_and_to_the_command(home: Home) -> None:
    item, _ = await provisioned(home, strangers=[ADMIN, STRANGER], declined=[OFFICER])
    result = await home.ledger.result(item.id)
    assert result == {
        "slug": "park-2027",
        "changed": [
            "lobby: created",
            f"{STRANGER} is in the rooms but not in the file, and gets no keys",
            f"{OFFICER} left or declined, and is not invited again",
        ],
    }
    stranger, declined = await texts(home, "tell")
    assert STRANGER in stranger and ADMIN not in stranger and "park-2027" in stranger
    assert OFFICER in declined


# ------------------------------------------------------------------ once a day


async def test_a_stranger_is_told_once_a_day_and_answered_each_time(home: Home) -> None:
    await home.provision()
    root = next(s.event_id for s in await home.case() if s.kind == "head")

    async def writes(sender: str = STRANGER) -> list[str]:
        await home.settle(said("Listen to me", root, sender=sender))
        return [s.kind for s in await home.flush()]

    assert sorted(await writes()) == ["mark", "notice", "tell"]
    assert sorted(await writes()) == ["mark", "notice"]
    await home.restart()
    assert sorted(await writes()) == ["mark", "notice"]
    assert sorted(await writes("@trudy:evil.example")) == ["mark", "notice", "tell"]
    home.clock.now += DAY
    assert sorted(await writes()) == ["mark", "notice", "tell"]
    home.clock.now += 3 * DAY
    await home.ledger.tidy()
    assert await home.all(told) == []


async def test_mail_for_the_postmaster_is_told_once_and_kept_the_usual_days(home: Home) -> None:
    came = MailIn("postmaster", None, "ada@example.org", "Ada", "Secret", "words", None, None, (), False)
    for _ in range(2):
        item = await home.item(
            Source.EMAIL, b"From: ada@example.org", rcpt="postmaster@consult.alder.example"
        )
        home.take(await home.ledger.settle(item, came))
    (text,) = await texts(home, "tell")
    assert "postmaster" in text and "ada" not in text.lower() and "ecret" not in text
    assert await home.all(cases) == []
    home.clock.now += 6.9 * DAY
    await home.ledger.tidy()
    assert [(r.state, r.raw is None) for r in await home.all(inbox)] == [("done", False)] * 2
    home.clock.now += DAY
    await home.ledger.tidy()
    assert [r.raw for r in await home.all(inbox)] == [None, None]


# ------------------------------------------------------------------ what is named, and in which language


async def test_a_form_of_another_consultation_is_refused(home: Home) -> None:
    await home.settle(ApplyIn(replace(PARK, forms=("ideas", "noise")), "digest"), Source.COMMAND)
    other = replace(PARK, slug="pool-2027", mailbox="pool-2027", forms=("swimming", "noise"))
    item = await home.item(Source.COMMAND)
    with pytest.raises(Refuse, match=r"noise.*park-2027"):
        await home.ledger.settle(item, ApplyIn(other, "digest"))
    await home.ledger.settle(item, ApplyIn(replace(other, forms=("swimming",)), "digest"))
    again = replace(PARK, forms=("noise",))
    await home.settle(ApplyIn(again, "digest 2"), Source.COMMAND)  # its own form is its own
    found = {s.consultation.slug: s.consultation.forms for s in await home.ledger.consultations()}
    assert found == {"park-2027": ("noise",), "pool-2027": ("swimming",)}


async def test_a_bare_join_means_the_case_that_is_claimed(home: Home) -> None:
    await home.provision()
    await home.case()
    (first,) = await home.all(cases)
    mail = await home.flush(1)  # nothing is left over
    assert mail == []
    claiming = mail_in("And another.", address="eve@example.org", references=await ours(home))
    await home.settle(claiming, Source.EMAIL)
    locked_root = next(s.event_id for s in await home.flush() if s.kind == "head")
    locked = next(c for c in await home.all(cases) if c.id != first.id)
    assert (locked.status, locked.claims) == ("locked", first.reference)
    await home.settle(said("!join", locked_root, inside=True))
    sent = await home.flush()
    assert [(s.payload["case"], s.payload["text"]) for s in sent if s.kind == "words"] == [
        (first.id, "And another.")
    ]
    assert (await home.one(cases, id=locked.id)).status == "closed"


async def ours(home: Home) -> tuple[str, ...]:
    """The Message-ID of the acknowledgement that went out."""
    (row,) = await home.all(outbox, kind="mail")
    return (f"<{row.id:x}@consult.alder.example>",)


@pytest.mark.parametrize("language", ["en", "de", "fr"])
async def test_the_control_room_has_a_language_of_its_own(home: Home, language: str) -> None:
    home.settings = Settings(language=language)
    await home.restart()
    home.take(await home.ledger.give_up(await home.item(), "broken", "why"))
    (row,) = (await home.ledger.settle(await home.item(Source.COMMAND), ApplyIn(PARK, "digest"))).refs
    home.take(await home.ledger.fail(row, "why", "broken"))
    words = {"en": "Parked", "de": "Abgelegt", "fr": "Mis de côté"}[language]
    assert [words in text for text in await texts(home, "tell")] == [True, True]


async def test_a_thread_has_the_language_of_its_consultation(home: Home) -> None:
    home.settings = Settings(language="fr", undo_seconds=0)
    await home.restart()
    await home.provision(replace(PARK, languages=("de", "en")))
    roots: list[str | None] = []

    async def failed(refs: list[Ref]) -> list[str]:
        """What the thread says when the one mail among `refs` fails and the rest arrives."""
        (mail,) = [ref for ref in refs if ref.target is Source.EMAIL]
        home.lanes = Lanes()
        for ref in refs:
            if ref is not mail:
                home.lanes.add(ref)
        roots.extend(s.event_id for s in await home.flush() if s.kind == "head")
        assert await home.ledger.outgoing(mail) is not None
        home.take(await home.ledger.fail(mail, "550 no such user"))
        return await texts(home, "notice")

    (ack,) = await failed(await home.settle(mail_in(), Source.EMAIL))
    (answer,) = await failed(await home.settle(said("Ja.", roots[0])))
    assert "Die Eingangsbestätigung konnte nicht" in ack
    assert "Die E-Mail konnte nicht" in answer
