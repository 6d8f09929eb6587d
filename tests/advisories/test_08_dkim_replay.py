"""DKIM replay and `l=`: a signature that does not cover what is read, or that is long past, gives no trust.

What a stranger may do with a mail that Ada signed: send it again, as it is or with more in it.
"""

from __future__ import annotations

import time

import dkim
import pytest

from bridge.email.authenticate import Authenticator
from bridge.email.resolver import StaticResolver
from bridge.model import Dmarc, Trust, Verdict
from tests.email.signed import STRANGER, letter, rsa_key, zone

DAY = 86_400


async def again(raw: bytes, days: float = 0, policy: str = "v=DMARC1; p=reject") -> Trust:
    """`raw`, sent by a stranger some days after it was signed."""
    later = time.time() + days * DAY
    checker = Authenticator(StaticResolver(zone(policy)), clock=lambda: later)
    return await checker.check(raw, "eve@birch.example", STRANGER, "mail.birch.example")


async def test_forwarded_as_it_was_within_days_it_is_still_adas() -> None:
    """A redirection does the same: the words are Ada's.  A repeat is found by its Message-ID."""
    assert (await again(rsa_key().sign(letter()))).verdict is Verdict.VERIFIED


async def test_a_length_gives_no_trust() -> None:
    raw = rsa_key().sign(letter(), length=True)
    for octets in (raw, raw + b"More, by Eve.\r\n"):
        trust = await again(octets)
        assert trust == Trust(Verdict.SUSPICIOUS, Dmarc.FAIL, ("dmarc_fail", "dkim_weak"))
        assert (await again(octets, policy="v=DMARC1; p=none")).verdict is Verdict.UNVERIFIED
    nothing = raw.replace(b"l=", b"l=0; y=", 1)
    assert (await again(nothing)).verdict is Verdict.SUSPICIOUS


async def test_a_whole_signature_beside_one_with_a_length() -> None:
    raw = rsa_key().sign(rsa_key().sign(letter()), length=True)
    assert (await again(raw)).verdict is Verdict.VERIFIED
    assert (await again(raw + b"More, by Eve.\r\n")).verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize(
    ("days", "verdict"), [(13, Verdict.VERIFIED), (15, Verdict.UNVERIFIED), (400, Verdict.UNVERIFIED)]
)
async def test_long_past_it_gives_no_trust(days: int, verdict: Verdict) -> None:
    assert (await again(rsa_key().sign(letter()), days)).verdict is verdict


async def test_an_expiry_is_kept_to() -> None:
    """`x=` lies inside the signature: here it was signed for an hour."""
    raw = signed_until(time.time() + 3600)
    assert (await again(raw)).verdict is Verdict.VERIFIED
    assert (await again(raw, days=0.1)).verdict is Verdict.SUSPICIOUS


def signed_until(expiry: float) -> bytes:
    """Signed by hand, because the library does not write `x=`: the field is made first, then hashed."""

    class Expiring(dkim.DKIM):  # type: ignore[misc]
        def gen_header(self, fields: list[tuple[bytes, bytes]], *rest: object) -> bytes:
            fields.insert(1, (b"x", str(int(expiry)).encode()))
            return bytes(super().gen_header(fields, *rest))

    signer = Expiring(letter())
    return bytes(signer.sign(b"s1", b"alder.example", rsa_key().private)) + letter()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello park.", b"Hello Eve."),
        (b"Subject: Benches", b"Subject: Bombs"),
        (b"From: Ada Citizen", b"From: Ada Eve"),
        (b"To: park@", b"To: lake@"),
        (b"d=alder.example", b"d=birch.example"),
        (b"s=s1", b"s=ed"),
        (b"h=from", b"h=to"),
        (b"h=from : ", b"h="),
        (b"a=rsa-sha256", b"a=rsa-sha1"),
    ],
)
async def test_what_was_signed_cannot_be_changed(old: bytes, new: bytes) -> None:
    raw = rsa_key().sign(letter())
    assert raw.count(old) == 1
    assert (await again(raw.replace(old, new))).verdict is Verdict.SUSPICIOUS


async def test_a_signature_of_one_mail_on_another() -> None:
    field = rsa_key().sign(letter())[: -len(letter())]
    assert (await again(field + letter("Other words."))).verdict is Verdict.SUSPICIOUS
    assert (await again(field + letter(subject="Other"))).verdict is Verdict.SUSPICIOUS


async def test_a_mail_of_ada_as_part_of_another() -> None:
    """A signed mail within a mail, above or below the words of the stranger, vouches for nothing."""
    signed = rsa_key().sign(letter())
    for raw in (
        letter("Words of Eve.") + signed,
        letter(content_type="message/rfc822", body=signed.decode()),
        signed.partition(b"\r\n\r\n")[0] + b"\r\n\r\nWords of Eve.\r\n" + signed,
    ):
        assert (await again(raw)).verdict is Verdict.SUSPICIOUS
