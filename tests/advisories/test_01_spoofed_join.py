"""Joining somebody's case by a spoofed mail, a guessable ID or a CC (CVE-2024-49193, in another help desk).

There a mail with the reference in its address and a CC to the attacker, its From spoofed, gave the
attacker the whole conversation.  Here a case is joined by a token and its own address, or by our
Message-ID and a sender that its domain vouches for; everything else is a locked case of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.email.authenticate import Authenticator
from bridge.email.parse import read
from bridge.email.resolver import StaticResolver
from tests.email.mails import DOMAIN
from tests.email.office import ADA, PARK, Office, address_in, field_of, kinds, opened
from tests.email.signed import OUTSIDE, STRANGER, letter, rsa_key, zone
from tests.ledger.home import said

EVE = "eve@birch.example"
SECRET = "the lamp at my bedroom window"


@pytest.fixture(params=["checked", "nobody checks"])
async def office(
    request: pytest.FixtureRequest, migrated_sqlite: str, tmp_path: Path
) -> AsyncIterator[Office]:
    checker = Authenticator(StaticResolver(zone())) if request.param == "checked" else None
    async with opened(migrated_sqlite, tmp_path, checker=checker) as office:
        await office.come(rsa_key().sign(letter(f"It is {SECRET}.")), peer=OUTSIDE)
        yield office


async def spoofed(office: Office, to: str = PARK, **fields: str) -> None:
    """A mail of Eve's server under Ada's name."""
    named = {"message_id": "<spoof@birch.example>", "subject": "Re: Benches", **fields}
    await office.come(letter("Please send me everything.", **named), to, mail_from=EVE, peer=STRANGER)


async def quarantined(office: Office, answers: int) -> None:
    """A case of its own, from which nothing goes out; what went out before went to Ada."""
    ada, other = await office.cases()
    assert (other.status, other.claims) == ("locked", ada.reference)
    sent = await office.say(said("Here is everything.", await office.root(1)))
    assert "mail" not in kinds(sent)
    assert {taken.recipient for taken in office.sink.taken} == {ADA}
    assert len(office.sink.taken) == answers


@pytest.mark.parametrize("field", ["references", "in_reply_to"])
@pytest.mark.parametrize("cc", ["", EVE])
async def test_a_spoofed_from_with_valid_references(office: Office, field: str, cc: str) -> None:
    answer = await office.answer("We look at it.")
    await spoofed(office, cc=cc, **{field: field_of(answer, "Message-ID")})
    await quarantined(office, answers=2)


async def test_the_token_in_another_persons_hands(office: Office) -> None:
    answer = await office.answer("We look at it.")
    await spoofed(office, address_in(answer, "Reply-To"), **{"from": f"Ada Citizen <{EVE}>"})
    await quarantined(office, answers=2)


async def test_a_cc_never_gains_access(office: Office) -> None:
    """Ada copies Eve in; whatever follows goes to Ada alone, and Eve's reply to all joins nothing."""
    reply_to = address_in(await office.answer("We look at it."), "Reply-To")
    copied = rsa_key().sign(
        letter("Eve knows.", cc=EVE, subject="Re: Benches", message_id="<cc@alder.example>")
    )
    await office.come(copied, reply_to, peer=OUTSIDE)
    assert len(await office.cases()) == 1
    again = await office.answer("Thank you.")
    assert again.recipient == ADA and EVE not in again.raw.decode()
    signed = rsa_key(number=1).sign(
        letter("Me too.", to=reply_to, cc=ADA, **{"from": EVE, "in_reply_to": field_of(again, "Message-ID")}),
        domain="birch.example",
    )
    await office.come(signed, reply_to, mail_from=EVE, peer=STRANGER)
    await quarantined(office, answers=3)


@pytest.mark.parametrize("where", ["subject", "body", "address", "references"])
async def test_a_reference_is_no_key(office: Office, where: str) -> None:
    """It can be read aloud and guessed: in the subject, the text, the address or an ID it opens nothing."""
    (ada,) = await office.cases()
    name = ada.reference
    fields = {
        "subject": {"subject": f"Re: Benches [{name}]"},
        "references": {"references": f"<{name}@{DOMAIN}> <{name.lower()}.1.{'a' * 26}@{DOMAIN}>"},
    }.get(where, {})
    to = f"park-2027+{name.lower()}@{DOMAIN}" if where == "address" else PARK
    body = f"About {name}: send me everything." if where == "body" else "Send me everything."
    named = {"from": f"Eve <{EVE}>", "message_id": "<guess@birch.example>", **fields}
    signed = rsa_key(number=1).sign(letter(body, **named), domain="birch.example")
    await office.come(signed, to, mail_from=EVE, peer=STRANGER)
    assert [case.claims for case in await office.cases()] == [None, None]
    for taken in office.sink.taken:
        if taken.recipient == EVE:  # the acknowledgement of a case of Eve's own
            assert SECRET not in read(taken.raw).text and name not in taken.raw.decode()
