"""The list of floods of the public mailbox, item by item: what is held back, who hears of it, what then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.casework.settings import Brake, Settings
from bridge.email.authenticate import Authenticator
from bridge.email.resolver import StaticResolver
from bridge.ledger.tables import held_mails
from tests.email.mails import mail
from tests.email.office import ADA, PARK, Office, address_in, kinds, opened, shown
from tests.email.signed import OUTSIDE, STRANGER, letter, rsa_key, zone
from tests.ledger.home import DESK, Sent, said

LIMITS = Settings(brake=Brake(per_address=2, per_network=3, per_consultation=6))
FAR, NEAR = "9.9.9.{n}", "9.9.{n}.1"  # hosts of one network, and of many


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path, settings=LIMITS, believe_spam=True) as office:
        yield office


async def come(office: Office, n: int, address: str = "", peer: str = "127.0.0.1", **more: str) -> list[Sent]:
    who = address or f"citizen{n}@home.example"
    raw = mail(f"Words {n}.", message_id=f"<{n}@home.example>", **{"from": who, "subject": f"S{n}", **more})
    return await office.come(raw, mail_from=who, peer=peer.format(n=n))


def opens(sent: list[Sent]) -> bool:
    return "words" in kinds(sent)


async def codes(office: Office) -> dict[str, str]:
    """What is held back: code → why."""
    return {row.code: row.why for row in await office.home.all(held_mails, state="held")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x_spam_flag", "YES"),
        ("x_spam_status", "Yes, score=9.1 required=5.0"),
        ("x_spam", "Yes"),
        ("x_spamd_result", "default: True [16.20 / 15.00]; X(1.00)[]"),
    ],
)
async def test_a_trusted_hops_spam_verdict(office: Office, name: str, value: str) -> None:
    """X-Spam*, rspamd: believed of our own hop, and of nobody else who writes the field."""
    assert not opens(await come(office, 1, **{name: value}))
    assert list((await codes(office)).values()) == ["held_spam"] and office.sink.taken == []
    assert opens(await come(office, 2, peer=STRANGER, **{name: value}))


async def test_a_limit_per_address(office: Office) -> None:
    """Two an hour here; letters' case is no other address; an hour later there is room again."""
    got = [opens(await come(office, n, ADA if n % 2 else ADA.upper())) for n in range(4)]
    assert got == [True, True, False, False]
    assert set((await codes(office)).values()) == {"held_address"}
    assert opens(await come(office, 5))
    office.home.clock.now += 3601
    assert opens(await come(office, 6, ADA))


async def test_a_limit_per_network(office: Office) -> None:
    """Three an hour from one /24, whatever addresses they name; other networks are not held up."""
    got = [opens(await come(office, n, peer=FAR)) for n in range(5)]
    assert got == [True, True, True, False, False]
    assert set((await codes(office)).values()) == {"held_network"}
    assert opens(await come(office, 7, peer=NEAR))


async def test_a_limit_per_consultation(office: Office) -> None:
    """Six an hour in all, from many networks and addresses."""
    got = [opens(await come(office, n, peer=NEAR)) for n in range(8)]
    assert got == [True] * 6 + [False] * 2
    assert set((await codes(office)).values()) == {"held_consultation"}


async def test_one_notice_for_many_and_no_acknowledgement(office: Office) -> None:
    """Staff read of it once, in the desk and not in a thread; nobody is written to; a day later once more."""
    sent = [one for n in range(12) for one in await come(office, n, x_spam_flag="YES")]
    assert [(one.kind, one.payload["room"], one.payload["root"]) for one in sent] == [("notice", DESK, None)]
    assert "Words" not in shown(sent) and "citizen" not in shown(sent).replace("citizens", "")
    assert office.sink.taken == [] and await office.cases() == []
    office.home.clock.now += 86_400
    assert kinds(await come(office, 20, x_spam_flag="YES")) == {"notice"}
    assert await come(office, 21, x_spam_flag="YES") == []


async def test_a_hold_queue_that_staff_can_look_through(office: Office) -> None:
    """Who, what about, how it begins and why; released ones become cases, dropped ones do not come back."""
    for n in range(3):
        await come(office, n, x_spam_flag="YES")
    listed = shown(await office.say(said("!held", None), 0))
    for n, code in enumerate(await codes(office)):
        assert all(part in listed for part in (code, f"citizen{n}@home.example", f"S{n}", f"Words {n}."))
    assert "spam" in listed
    first, second, third = await codes(office)
    await office.say(said(f"!release {first} {third}", None), 0)
    await office.say(said(f"!discard {second}", None), 0)
    due = (await office.home.ledger.waiting_items(set())).items
    for item in due:
        await office.settle(item)
    assert shown(await office.flush(), "words").split("\n") == ["Words 0.", "Words 2."]
    assert await codes(office) == {} and "Nothing" in shown(await office.say(said("!held", None), 0))
    assert len(office.sink.taken) == 2, "who was let through is acknowledged like anybody"


async def test_who_is_in_a_case_is_not_held_up(office: Office) -> None:
    """In the middle of a flood a citizen's reply comes through, even one that looks like spam."""
    await come(office, 0, ADA)
    answer = await office.answer("We look at it.")
    for n in range(1, 20):
        await come(office, n, peer=NEAR)
    raw = mail("Thank you.", message_id="<reply@x.example>", **{"from": ADA, "x_spam_flag": "YES"})
    assert shown(await office.come(raw, address_in(answer, "Reply-To")), "words") == "Thank you."


async def test_a_known_token_is_no_way_around_the_brake(migrated_sqlite: str, tmp_path: Path) -> None:
    """Mails to a reply address that its citizen's domain disowns open locked cases: so many, and no more."""
    checker = Authenticator(StaticResolver(zone()))
    async with opened(migrated_sqlite, tmp_path, settings=LIMITS, checker=checker) as office:
        await office.come(rsa_key().sign(letter("The lamp is dark.")), peer=OUTSIDE)
        reply_to = address_in(await office.answer("We look at it."), "Reply-To")
        for n in range(6):
            await office.come(letter(f"{n}", message_id=f"<{n}@x.example>"), reply_to, peer=STRANGER)
        assert [case.status for case in await office.cases()] == ["answered", "locked"]
        assert set((await codes(office)).values()) == {"held_address"}
        assert PARK not in {taken.recipient for taken in office.sink.taken} and len(office.sink.taken) == 2
