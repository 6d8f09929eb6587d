"""Flood of the public mailbox: somebody fills the desk with cases, or the world with acknowledgements.

A brake holds back what is too much, with one notice and no acknowledgement; nothing is lost, and the
cases that are open go on.  (No CVE: the mailbox of every authority.)
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.casework.settings import Brake
from bridge.channel import Arrival
from bridge.ledger.tables import held_mails, inbox, mail_traffic, messages
from bridge.model import Source
from tests.email.mails import mail
from tests.email.office import ADA, PARK, Office, address_in, opened, shown
from tests.ledger.home import DESK, said

MANY = 250
BRAKE = Brake()


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        yield office


def arrival(n: int, peer: str) -> Arrival:
    """A mail of somebody else each time."""
    who = f"bot{n}@home.example"
    raw = mail(f"Flood {n}.", message_id=f"<{n}@home.example>", **{"from": who})
    meta = {"rcpt": PARK, "mail_from": who, "peer": peer, "helo": "x.example"}
    return Arrival(Source.EMAIL, "mail", f"flood {n}", raw, meta)


async def flood(office: Office) -> None:
    """One network with many hosts and addresses, then as many networks."""
    arrivals = [arrival(n, f"9.9.9.{n % 250}") for n in range(MANY)]
    arrivals += [arrival(MANY + n, f"9.10.{n % 250}.1") for n in range(MANY)]
    for item in await office.home.ledger.accept(arrivals):
        assert item is not None
        await office.settle(item)


async def test_a_flood_is_held_back_and_nothing_is_lost(office: Office) -> None:
    await office.come(mail("The lamp is dark.", **{"from": ADA}))
    office.home.clock.now += 3601  # Ada's own mail was before the hour of the flood
    await flood(office)
    sent = await office.flush()

    cases, held = await office.cases(), await office.home.all(held_mails, state="held")
    opened_by_network = BRAKE.per_network
    opened_later = BRAKE.per_consultation - MANY
    assert len(cases) == 1 + opened_by_network + opened_later
    assert len(held) == 2 * MANY - opened_by_network - opened_later
    assert {row.why for row in held} == {"held_network", "held_consultation"}
    outside = [one for one in sent if one.kind == "notice" and one.payload["root"] is None]
    assert [one.payload["room"] for one in outside] == [DESK], "one notice for all of it"
    assert len(office.sink.taken) == len(cases), "an acknowledgement for each case, none for what is held"

    await staff_go_on(office)
    await everything_can_be_let_through(office, len(held))


async def staff_go_on(office: Office) -> None:
    """An open case works as ever: an answer goes out, its citizen's reply comes in and is shown."""
    answer = await office.answer("We look at the lamp.")
    assert answer.recipient == ADA
    reply = mail("Thank you.", message_id="<reply@x.example>", **{"from": ADA})
    sent = await office.come(reply, address_in(answer, "Reply-To"), peer="9.9.9.9")
    assert shown(sent, "words") == "Thank you."


async def everything_can_be_let_through(office: Office, count: int) -> None:
    """`!release all`, list by list, until nothing is held: each mail is a case, once."""
    mails = len(office.sink.taken)
    for _ in range(count):
        if not await office.home.all(held_mails, state="held"):
            break
        await office.home.settle(said("!release all", None))
        for item in (await office.home.ledger.waiting_items(set())).items:
            await office.settle(item)
    assert {row.state for row in await office.home.all(held_mails)} == {"released"}
    assert {row.state for row in await office.home.all(inbox, source="email")} == {"done"}
    assert len(await office.cases()) == 1 + 2 * MANY
    assert len(await office.home.all(messages, inward=True)) == 2 + 2 * MANY
    assert len(office.sink.taken) == mails, "nothing was sent before the rows are delivered"


async def test_the_traffic_that_is_remembered_names_nobody_and_is_forgotten(office: Office) -> None:
    for n in range(3):
        (item,) = await office.home.ledger.accept([arrival(n, "9.9.9.9")])
        assert item is not None
        await office.settle(item)
    rows = await office.home.all(mail_traffic)
    stored = b"".join(bytes(row.address_mac) + bytes(row.network_mac) for row in rows)
    assert len(rows) == 3 and b"bot" not in stored and b"9.9.9" not in stored
    office.home.clock.now += 26 * 3600
    await office.home.ledger.tidy()
    assert await office.home.all(mail_traffic) == []
