"""The "ticket trick": an attacker reads what some service mails to a help desk, as proof of an address.

The attacker names the desk's own address (or their reply address there) at another service, and reads
the code of its verification mail in a ticket (no CVE: found in many help desks in 2017).  Here a citizen
reads nothing that came in: what we mail holds staff's words, fixed words, and at most a quote of that
citizen's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.email.parse import read
from tests.email.mails import DOMAIN, mail
from tests.email.office import PARK, Office, address_in, kinds, opened, shown
from tests.email.sink import Taken
from tests.ledger.home import said

EVE = "eve@birch.example"
SERVICE = "accounts@service.example"
CODE = "831774"


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        await office.come(mail("I have a question.", **{"from": EVE}))
        yield office


def verification(sender: str = SERVICE) -> bytes:
    return mail(
        f"Your code is {CODE}.",
        **{
            "from": f"Service <{sender}>",
            "subject": f"{CODE} is your code",
            "message_id": f"<{CODE}@s.example>",
        },
    )


def leaks(taken: Taken) -> bool:
    """Whether the code is anywhere in a mail, also encoded."""
    got = read(taken.raw)
    whole = f"{taken.raw.decode()} {got.text} {got.html} {got.subject} {got.in_reply_to} {got.references}"
    return CODE in whole or any(CODE.encode() in file.data for file in got.attachments)


@pytest.mark.parametrize("where", ["mailbox", "reply address", "return path"])
@pytest.mark.parametrize("then", ["", "!join", "!apart", "!original"])
async def test_what_came_in_is_never_mailed_to_somebody_else(office: Office, where: str, then: str) -> None:
    """To the mailbox or to an attacker's own address there, and whatever staff do with it by mistake."""
    answer = await office.answer("What is it?")
    to = {"mailbox": PARK, "reply address": address_in(answer, "Reply-To")}.get(where, answer.mail_from)
    sent = await office.come(verification(), to, mail_from=SERVICE)
    assert CODE in shown(sent, "words"), "staff read it"
    eve, other = await office.cases()
    assert other.status == ("open" if where == "mailbox" else "locked")
    if then:
        await office.say(said(f"{then} {eve.reference}" if then == "!join" else then, await office.root(1)))
    again = await office.answer("Still there?")
    assert again.recipient == EVE
    assert not [taken for taken in office.mailed(EVE) if leaks(taken)]


async def test_an_answer_quotes_the_citizens_own_words_again_once_they_write(office: Office) -> None:
    """What was joined stands between; the next message of the citizen's own is quoted as ever."""
    reply_to = address_in(await office.answer("What is it?"), "Reply-To")
    await office.come(verification(), reply_to, mail_from=SERVICE)
    await office.say(said("!join", await office.root(1)))
    own = mail("About the benches.", message_id="<own@birch.example>", **{"from": EVE})
    await office.come(own, reply_to, mail_from=EVE)
    answer = await office.answer("Ah.")
    assert "> About the benches." in read(answer.raw).text and not leaks(answer)


@pytest.mark.parametrize("local", ["noreply", "park-2027", "staff.member"])
async def test_a_mail_under_our_own_domain_is_automatic(office: Office, local: str) -> None:
    """Whoever pretends to be the desk, or lets a service write to it in its own name, is not answered."""
    before = len(office.sink.taken)
    sent = await office.come(verification(f"{local}@{DOMAIN}"), mail_from=f"{local}@{DOMAIN}")
    assert "mail" not in kinds(sent) and len(office.sink.taken) == before


async def test_an_acknowledgement_tells_the_service_nothing(office: Office) -> None:
    """A service that a person seems to write for gets fixed words: no code, no link, no confirmation."""
    await office.come(verification(), mail_from=SERVICE)
    (ack,) = office.mailed(SERVICE)
    assert CODE not in read(ack.raw).text and CODE not in read(ack.raw).subject
