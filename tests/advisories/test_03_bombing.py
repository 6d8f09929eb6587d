"""Bombing a victim with acknowledgements: the desk as a carrier of anybody's words to anybody's address.

(No CVE: every form that confirms by mail.)  Many mails and forms that name one address give at most
three acknowledgements a day, one a case, in fixed words without the sender's subject, name or text.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bridge import reference
from bridge.email.parse import read
from bridge.model import FormIn, Source
from tests.email.mails import mail
from tests.email.office import Office, kinds, opened, shown
from tests.email.sink import Taken
from tests.ledger.home import Sent

VICTIM = "victim@home.example"
WORD = "CheapPills"
DAY = 86_400
Way = Callable[[Office, int], Awaitable[list[Sent]]]


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        yield office


async def by_mail(office: Office, n: int, address: str = VICTIM) -> list[Sent]:
    sender = {"from": f"{WORD} <{address}>", "subject": f"{WORD} {n}", "message_id": f"<{n}{WORD}@x.example>"}
    return await office.come(mail(f"{WORD} {n}", **sender), mail_from="bot@birch.example")


async def by_form(office: Office, n: int, address: str = VICTIM) -> list[Sent]:
    sent = FormIn(
        slug="park-2027",
        form="ideas",
        title="Ideas",
        reference=reference.new("park-2027", lambda size: n.to_bytes(size, "big")),
        language="en",
        name=WORD,
        address=address,
        answers=((WORD, f"{WORD} {n}"),),
    )
    await office.home.settle(sent, Source.FORM)
    return await office.flush()


def words(taken: Taken) -> str:
    """What the victim reads, but for the reference."""
    got = read(taken.raw)
    return re.sub(r"PARK-\w{4}-\w{2}", "PARK", f"{got.from_name}|{got.subject}|{got.text}|{got.html}")


@pytest.mark.parametrize("ways", [[by_mail], [by_form], [by_mail, by_form]])
async def test_at_most_three_a_day_by_whatever_way(office: Office, ways: list[Way]) -> None:
    for n in range(9):
        sent = await ways[n % len(ways)](office, n)
    assert len(office.mailed(VICTIM)) == 3
    assert "mail" not in kinds(sent)
    assert "enough" in shown(sent), "staff read why there was none"


async def test_the_next_three_come_a_day_later(office: Office) -> None:
    for day in range(3):
        for n in range(6):
            await by_form(office, 10 * day + n)
        assert len(office.mailed(VICTIM)) == 3 * (day + 1)
        office.home.clock.now += DAY + 1


async def test_the_letters_of_an_address_make_no_other_victim(office: Office) -> None:
    for n, address in enumerate((VICTIM, VICTIM.upper(), "Victim@home.example", "victim@HOME.example")):
        await by_mail(office, n, address)
        await by_form(office, n, address)
    assert len(office.sink.taken) == 3


async def test_the_words_are_fixed(office: Office) -> None:
    """Nothing that the attacker wrote, but for the Message-ID that threading needs, is in the mail."""
    await by_mail(office, 1)
    await by_form(office, 2)
    first, second = office.mailed(VICTIM)
    assert words(first) == words(second) and WORD not in words(first)
    for taken in (first, second):
        visible = re.sub(rb"(?m)^(In-Reply-To|References): .*\r\n", b"", taken.raw)
        assert WORD.encode() not in visible.replace(b"=\r\n", b"")
        assert taken.mail_from == ""


async def test_one_victim_does_not_use_up_anothers(office: Office) -> None:
    for n in range(5):
        await by_form(office, n)
    await by_form(office, 9, "bo@home.example")
    assert len(office.mailed("bo@home.example")) == 1
