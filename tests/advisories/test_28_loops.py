"""Mail loops and backscatter: two machines that answer each other, and bounces to people who wrote nothing.

(No CVE: RFC 3834 is there because of them.)  The other machine here knows no manners: it answers every
mail at once, again and again, to whatever address it finds, and says of no answer that it is automatic.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from bridge.email.parse import read
from tests.email.doors import opened as doors
from tests.email.mails import DOMAIN, mail
from tests.email.office import ADA, PARK, Office, address_in, field_of, opened
from tests.email.sink import Taken
from tests.ledger.home import said

ROUNDS = 50
WHERE = ("Reply-To", "From", "envelope")


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        yield office


@dataclass(slots=True)
class Vacation:
    """Ada's mail server while she is away.  `threads`: it names the mail that it answers."""

    office: Office
    where: tuple[str, ...] = WHERE
    threads: bool = True
    manners: bool = False
    answered: int = 0

    async def round(self) -> None:
        """Answer everything that came since the last round, to every address."""
        fresh = self.office.mailed()[self.answered :]
        self.answered += len(fresh)
        for taken in fresh:
            for where in self.where:
                to = taken.mail_from if where == "envelope" else address_in(taken, where)
                if to:
                    await self.answer(taken, to)

    async def answer(self, taken: Taken, to: str) -> None:
        own = field_of(taken, "Message-ID")
        fields = {"in_reply_to": own, "references": own} if self.threads else {}
        fields |= {"auto_submitted": "auto-replied"} if self.manners else {}
        subject = f"Away: {read(taken.raw).subject}"
        number = next(NUMBERS)
        raw = mail(
            "I am away.",
            **{"from": ADA, "subject": subject, "message_id": f"<{number}@away.example>"},
            **fields,
        )
        await self.office.come(raw, to)
        self.office.home.clock.now += 10


NUMBERS = count(1)


@pytest.mark.parametrize("where", [WHERE, *((one,) for one in WHERE)], ids="+".join)
@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize("manners", [True, False])
async def test_two_machines_exchange_three_mails_at_most(
    office: Office, where: tuple[str, ...], threads: bool, manners: bool
) -> None:
    """Fifty rounds: at most three mails of ours; one, where the other side threads or says what it is."""
    vacation = Vacation(office, where, threads, manners)
    await office.come(mail("The lamp is dark.", **{"from": ADA}))
    for _ in range(ROUNDS):
        await vacation.round()
    sent = len(office.sink.taken)
    assert sent <= 3 and (sent == 1 or not (threads or manners))
    assert vacation.answered == sent, "and then it is quiet"


@pytest.mark.parametrize("threads", [True, False])
async def test_an_answer_of_staff_begins_no_loop(office: Office, threads: bool) -> None:
    """What a person writes goes out once; what a machine answers to it is shown and not answered."""
    vacation = Vacation(office, threads=threads)
    await office.come(mail("The lamp is dark.", **{"from": ADA}))
    for _ in range(3):
        await vacation.round()
    before = len(office.sink.taken)
    await office.say(said("We look at it.", await office.root()))
    for _ in range(ROUNDS):
        await vacation.round()
    written = [taken for taken in office.sink.taken if field_of(taken, "Auto-Submitted") == ""]
    automatic = len(office.sink.taken) - len(written)
    assert len(written) == 1 and automatic <= 3 and before >= 1


async def test_another_desk_of_the_same_kind(office: Office) -> None:
    """Our acknowledgement that reaches a desk like ours, and its one that reaches us, end it."""
    other = "desk@birch.example"
    await office.come(mail("Our question.", **{"from": other}), mail_from=other)
    (ack,) = office.mailed(other)
    mirrored = ack.raw.replace(PARK.encode(), other.encode())
    for n in range(ROUNDS):
        back = mirrored.replace(b"Message-ID: <", f"Message-ID: <{n}".encode())
        await office.come(back, address_in(ack, "Reply-To"), mail_from="")
    assert office.sink.taken == [ack]


async def test_mail_to_ourselves_goes_nowhere(office: Office) -> None:
    """Forged as from our own mailboxes, to our own mailboxes: nothing leaves."""
    for n in range(5):
        own = {
            "from": f"park-2027@{DOMAIN}",
            "reply_to": f"budget@{DOMAIN}",
            "message_id": f"<{n}@x.example>",
        }
        await office.come(mail("Hello myself.", **own), mail_from=PARK)
    assert office.sink.taken == []


async def test_no_backscatter() -> None:
    """What is refused is refused in the conversation: a forged sender gets no bounce."""
    async with doors() as desk:
        line = await desk.line()
        answers = [
            await line.say("MAIL FROM:<victim@home.example>", f"RCPT TO:<nobody@{DOMAIN}>"),
            await line.say("RCPT TO:<x@elsewhere.example>"),
        ]
        assert [answer[:3] for answer in answers] == ["550", "550"]
        assert (await line.say("DATA")).startswith("503") and desk.inbox.arrivals == []
