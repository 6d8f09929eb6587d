"""Address confusion (CVE-2023-27043): where two parsers read two addresses, nobody is verified.

Every mail here comes with SPF, DKIM and DMARC of every domain that a parser could see in it.
"""

from __future__ import annotations

from email.utils import getaddresses, parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.email import addresses
from bridge.email.authenticate import Authenticator
from bridge.email.resolver import StaticResolver
from bridge.model import Trust, Verdict
from tests.email.signed import OUTSIDE, letter, rsa_key, zone

EVERYWHERE = zone(
    more={
        name: {"TXT": [text]}
        for domain in ("alder.example", "birch.example", "home.example")
        for name, text in (
            (domain, "v=spf1 +all"),
            (f"_dmarc.{domain}", "v=DMARC1; p=reject"),
            (f"s1._domainkey.{domain}", rsa_key().record),
        )
    }
)


async def received(value: str) -> Trust:
    raw = letter(**{"from": value})
    for domain in ("alder.example", "birch.example", "home.example"):
        raw = rsa_key().sign(raw, domain=domain)
    return await Authenticator(StaticResolver(EVERYWHERE)).check(
        raw, "ada@alder.example", OUTSIDE, "home.example"
    )


async def test_plain_addresses_are_verified() -> None:
    """Or all the rest would prove nothing."""
    for value in ("ada@alder.example", "Eve <eve@birch.example>", '"Home, Sweet" <a.b+c@home.example>'):
        assert (await received(value)).verdict is Verdict.VERIFIED


CONFUSING = [
    "ada@alder.example)eve@birch.example",
    "ada@alder.example]eve@birch.example",
    "ada@alder.example(<eve@birch.example>",
    "ada@alder.example<eve@birch.example>",
    "ada@alder.example>eve@birch.example",
    "ada@alder.example@eve@birch.example",
    "ada@alder.example,eve@birch.example",
    "ada@alder.example:eve@birch.example",
    "ada@alder.example;eve@birch.example",
    'ada@alder.example"eve@birch.example',
    "ada@alder.example\\eve@birch.example",
    "ada@alder.example[eve@birch.example",
    '"ada@alder.example"@birch.example',
    "<ada@alder.example> eve@birch.example",
    "Ada <ada@alder.example> <eve@birch.example>",
    "Ada <ada@alder.example, eve@birch.example>",
    "(comment <ada@alder.example>) eve@birch.example <x",
    "ada@[alder.example]",
    "ada@alder.example\t@birch.example",
    "ada@alder.example %00@birch.example",
    "ada%alder.example@birch.example@home.example",
    "alder.example!ada@birch.example, x",
]


@pytest.mark.parametrize("value", CONFUSING)
async def test_a_confusing_field_is_not_verified(value: str) -> None:
    assert (await received(value)).verdict is not Verdict.VERIFIED


@pytest.mark.parametrize("theirs", [[], [("", "eve@birch.example")], [("", "ada@alder.example")] * 2])
async def test_two_parsers_disagree(theirs: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await received("ada@alder.example")).verdict is Verdict.VERIFIED
    monkeypatch.setattr(addresses, "getaddresses", lambda values: theirs)
    trust = await received("ada@alder.example")
    assert (trust.verdict, trust.reasons) == (Verdict.UNVERIFIED, ("from_ambiguous",))


PIECES = st.lists(
    st.sampled_from(
        ["ada@alder.example", "eve@birch.example", *'@<>"\\(),;:[] ', "Ada", "x", "=?utf-8?q?=40?="]
    ),
    min_size=1,
    max_size=9,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(PIECES)
async def test_what_is_verified_is_what_every_parser_reads(value: str) -> None:
    trust = await received(value)
    if trust.verdict is Verdict.VERIFIED:
        address = parseaddr(value)[1].lower()
        assert [one.lower() for _, one in getaddresses([value])] == [address]
        assert address.rpartition("@")[2] in ("alder.example", "birch.example")
        assert value.count(address.rpartition("@")[2]) == value.count("@alder.example") + value.count(
            "@birch.example"
        )
