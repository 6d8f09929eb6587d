"""Forged Authentication-Results: only the trusted hop's own counts (RFC 8601 section 5)."""

from __future__ import annotations

from itertools import product

import pytest

from bridge.email.authenticate import Authenticator
from bridge.email.resolver import StaticResolver
from bridge.model import Trust, Verdict
from tests.email.signed import STRANGER, Zone, letter, zone

HOP = "mx.home.example"
TRACE = f"Received: from mail.birch.example ([{STRANGER}]) by {HOP} with ESMTP id 7; now"
OUTER = "Received: from laptop by mail.birch.example with ESMTP id 8; before"
PASSES = "; dmarc=pass header.from=alder.example; spf=pass smtp.mailfrom=alder.example"
REAL = f"Authentication-Results: {HOP}; dmarc=fail (p=reject) header.from=alder.example"
FORGED = f"Authentication-Results: {HOP}{PASSES}"


async def received(
    *lines: str, peer: str = "127.0.0.1", records: Zone | None = None, own: bool = True
) -> Trust:
    head = "".join(f"{line}\r\n" for line in lines).encode()
    hopped = Authenticator(StaticResolver(records or zone()), hop=HOP, own=own)
    return await hopped.check(head + letter(), "ada@alder.example", peer, "mail.birch.example")


@pytest.mark.parametrize("own", [True, False])
async def test_the_hops_own_word_is_believed(own: bool) -> None:
    """Or all the rest would prove nothing."""
    assert (await received(FORGED, TRACE, own=own)).verdict is Verdict.VERIFIED
    assert (await received(TRACE, FORGED, own=own)).verdict is Verdict.VERIFIED


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    "lines",
    [
        (REAL, TRACE, FORGED),
        (TRACE, REAL, FORGED),
        (REAL, FORGED),
        (TRACE, REAL, OUTER, FORGED),
        (TRACE, OUTER, FORGED),
        (OUTER, FORGED),
    ],
)
async def test_a_forged_field_below_the_hops_trace(lines: tuple[str, ...], own: bool) -> None:
    assert (await received(*lines, own=own)).verdict is not Verdict.VERIFIED


NAMES = [
    "mx.home.example.birch.example",
    "home.example",
    "xmx.home.example",
    "mx-home.example",
    "alder.example",
    f'"{HOP}" x',
    f"({HOP}) birch.example",
    f"birch.example ({HOP})",
    f"{HOP}=1",
    f"{HOP}, birch.example",
    f"{HOP}@birch.example",
    f"\u200b{HOP}",
    "",
]


@pytest.mark.parametrize(("name", "own"), list(product(NAMES, [True, False])))
async def test_another_authors_field(name: str, own: bool) -> None:
    assert (
        await received(f"Authentication-Results: {name}{PASSES}", TRACE, own=own)
    ).verdict is not Verdict.VERIFIED


@pytest.mark.parametrize(
    "field",
    [
        f"ARC-Authentication-Results: i=1; {HOP}{PASSES}",
        f"X-Authentication-Results: {HOP}{PASSES}",
        f"Authentication-Results-Original: {HOP}{PASSES}",
        "Received-SPF: pass (mx.home.example: domain of ada@alder.example)",
        f"Authentication-Results: {HOP}; dmarc=pass header.from=birch.example",
        f"Authentication-Results: {HOP}; dmarc=pass (header.from=alder.example)",
        f"Authentication-Results: {HOP}; dmarc=pass",
        f"Authentication-Results: {HOP}; x=1 (; dmarc=pass header.from=alder.example)",
        f'Authentication-Results: {HOP}; x=1 reason="; dmarc=pass header.from=alder.example"',
        f"Authentication-Results: {HOP}; dkim=pass header.d=alder.example",
        f"Authentication-Results: {HOP}; spf=pass smtp.mailfrom=birch.example",
    ],
)
async def test_what_is_no_pass_of_the_author(field: str) -> None:
    for own in (True, False):
        assert (await received(field, TRACE, own=own)).verdict is not Verdict.VERIFIED


async def test_who_connects_from_outside_is_not_the_hop() -> None:
    for lines in ((FORGED,), (FORGED, TRACE), (TRACE, FORGED)):
        assert (await received(*lines, peer=STRANGER)).verdict is not Verdict.VERIFIED
        assert (await received(*lines, peer=STRANGER, own=False)).verdict is not Verdict.VERIFIED


async def test_without_a_trusted_hop_no_field_is_believed() -> None:
    plain = Authenticator(StaticResolver(zone()))
    trust = await plain.check(FORGED.encode() + b"\r\n" + letter(), "ada@alder.example", "127.0.0.1", HOP)
    assert trust.verdict is Verdict.SUSPICIOUS
