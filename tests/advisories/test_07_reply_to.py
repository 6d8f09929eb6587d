"""Reply-To deception: whom a mail asks us to answer is not who wrote it.

A Reply-To never makes a mail more trusted, and one that differs from the author is named to staff.
"""

from __future__ import annotations

import pytest

from bridge.email.authenticate import Authenticator
from bridge.email.resolver import StaticResolver
from bridge.model import Trust, Verdict
from tests.email.signed import OUTSIDE, STRANGER, letter, rsa_key, zone


async def received(raw: bytes, mail_from: str, peer: str) -> Trust:
    return await Authenticator(StaticResolver(zone())).check(raw, mail_from, peer, "mail.example")


@pytest.mark.parametrize(
    "reply_to",
    [
        "eve@birch.example",
        "Ada Citizen <eve@birch.example>",
        '"ada@alder.example" <eve@birch.example>',
        "ada@alder.example, eve@birch.example",
        "ada@alder.example.birch.example",
        "citizens:ada@alder.example,eve@birch.example;",
        "other@alder.example",
    ],
)
async def test_an_answer_to_somebody_else_is_named(reply_to: str) -> None:
    trust = await received(letter(reply_to=reply_to), "ada@alder.example", OUTSIDE)
    assert trust.verdict is Verdict.VERIFIED  # Ada wrote it, and it is she who is answered
    assert trust.reasons[0] == "reply_to_other"


@pytest.mark.parametrize("reply_to", ["ada@alder.example", "Ada <ADA@Alder.Example>"])
async def test_an_answer_to_the_author_is_nothing_to_tell(reply_to: str) -> None:
    trust = await received(letter(reply_to=reply_to), "ada@alder.example", OUTSIDE)
    assert "reply_to_other" not in trust.reasons


async def test_the_address_to_answer_vouches_for_nobody() -> None:
    raw = letter(**{"from": "ada@alder.example", "reply_to": "eve@birch.example"})
    for octets in (raw, rsa_key(number=1).sign(raw, domain="birch.example")):
        assert (await received(octets, "eve@birch.example", STRANGER)).verdict is Verdict.SUSPICIOUS


async def test_one_added_to_a_signed_mail() -> None:
    """What is added to a mail that was signed without it: named; with it: the signature breaks or is weak."""
    raw = rsa_key().sign(letter())
    trust = await received(b"Reply-To: eve@birch.example\r\n" + raw, "eve@birch.example", STRANGER)
    assert "reply_to_other" in trust.reasons
    raw = rsa_key().sign(letter(reply_to="ada@alder.example"))
    trust = await received(b"Reply-To: eve@birch.example\r\n" + raw, "eve@birch.example", STRANGER)
    assert trust.verdict is Verdict.SUSPICIOUS
    assert {"reply_to_other", "fields_repeated", "dkim_weak"} <= set(trust.reasons)
