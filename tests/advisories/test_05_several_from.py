"""Sender spoofing, several From fields (the espoofer cases): none of them is *verified*.

The attacker controls `birch.example`, with valid SPF, DKIM and DMARC of its own, and may repeat
mails that Ada of `alder.example` has signed.  Each case shows Ada to a reader, or tries to make
one part of a mail system see Ada where another checks somebody else.
"""

from __future__ import annotations

import pytest

from bridge.email.authenticate import Authenticator
from bridge.email.resolver import StaticResolver
from bridge.model import Trust, Verdict
from tests.email.signed import OUTSIDE, STRANGER, ed25519_key, letter, rsa_key, zone

EVE = "eve@birch.example"


async def received(
    raw: bytes, mail_from: str = EVE, helo: str = "mail.birch.example", peer: str = STRANGER
) -> Trust:
    return await Authenticator(StaticResolver(zone())).check(raw, mail_from, peer, helo)


def by_eve(raw: bytes) -> bytes:
    """With the attacker's own valid signature."""
    return rsa_key(number=1).sign(raw, domain="birch.example")


def fields(*lines: str | bytes) -> bytes:
    octets = [line.encode() if isinstance(line, str) else line for line in lines]
    return b"\r\n".join([*octets, b"Subject: Benches", b"To: park@consult.example", b"", b"Hello park.", b""])


async def test_the_honest_mails_of_both_are_verified() -> None:
    """Or all the rest would prove nothing."""
    assert (
        await received(rsa_key().sign(letter()), "ada@alder.example", peer=OUTSIDE)
    ).verdict is Verdict.VERIFIED
    assert (await received(by_eve(fields(f"From: {EVE}")))).verdict is Verdict.VERIFIED


SPOOFS = {
    "two fields": fields("From: ada@alder.example", f"From: {EVE}"),
    "two fields, the other order": fields(f"From: {EVE}", "From: ada@alder.example"),
    "the same twice": fields(f"From: {EVE}", f"From: {EVE}"),
    "two fields, odd case": fields(f"From: {EVE}", "fROM: ada@alder.example"),
    "a space before the colon": fields(f"From: {EVE}", "From : ada@alder.example"),
    "a space before the only colon": fields("From : ada@alder.example", f"Sender: {EVE}"),
    "a folded field": fields(f"From: {EVE}", "From:", " ada@alder.example"),
    "a field after a blank fold": fields(" ", "From: ada@alder.example", f"From: {EVE}"),
    "two addresses": fields(f"From: ada@alder.example, {EVE}"),
    "two addresses in brackets": fields(f"From: <ada@alder.example>, <{EVE}>"),
    "two brackets": fields(f"From: <ada@alder.example><{EVE}>"),
    "two addresses by semicolon": fields(f"From: ada@alder.example; {EVE}"),
    "an empty one first": fields(f"From: ,{EVE}"),
    "a group": fields(f"From: Ada: ada@alder.example, {EVE};"),
    "a group of one": fields("From: Ada:ada@alder.example;"),
    "an empty group": fields("From: ada@alder.example:;"),
    "a route": fields(f"From: <@alder.example,@birch.example:{EVE}>"),
    "a comment": fields(f"From: ada@alder.example({EVE}"),
    "a nested comment": fields(f"From: (<ada@alder.example>({EVE})) <{EVE}"),
    "a quoted local part": fields('From: <"ada@alder.example>"@birch.example>'),
    "a backslash": fields("From: <ada@alder.example\\>@birch.example>"),
    "a null octet": fields(b"From: ada@alder.example\x00@birch.example"),
    "a null octet in the name": fields(f"From: Ada\x00 <{EVE}>"),
    "a null octet before the bracket": fields(b"From: <ada@alder.example\x00>, <eve@birch.example>"),
    "an encoded address": fields("From: =?utf-8?q?ada=40alder.example?="),
    "an encoded address and a comma": fields(f"From: =?utf-8?q?ada=40alder.example?=, {EVE}"),
    "encoded brackets": fields("From: =?utf-8?q?=3Cada=40alder.example=3E?= <x@y>"),
    "a zero-width space": fields("From: ada@alder.exa\u200bmple"),
    "an override of direction": fields("From: \u202eelpmaxe.redla@ada\u202c"),
    "an address as the name": fields(f"From: ada@alder.example <{EVE}>"),
    "an address as the quoted name": fields(f'From: "ada@alder.example" <{EVE}>'),
    "an address within the name": fields(f'From: "Ada (ada@alder.example)" <{EVE}>'),
    "an encoded name": fields(f"From: =?utf-8?q?ada=40alder=2Eexample?= <{EVE}>"),
    "a base64 name": fields(f"From: =?utf-8?b?YWRhQGFsZGVyLmV4YW1wbGU=?= <{EVE}>"),
    "a name in two encoded words": fields(f"From: =?utf-8?q?ada=40al?= =?utf-8?q?der=2Eexample?= <{EVE}>"),
    "a fullwidth at sign": fields(f"From: ada＠alder.example <{EVE}>"),
    "only a sender": fields("Sender: ada@alder.example"),
    "no author": fields("X-Nothing: here"),
    "an empty author": fields("From:"),
    "resent": fields("From: ada@alder.example", f"Resent-From: {EVE}"),
    "plain": fields("From: ada@alder.example"),
    "another domain's signature": fields("From: Ada Citizen <ada@alder.example>", f"Sender: {EVE}"),
    "a subdomain that does not exist": fields("From: ada@nowhere.alder.example"),
    "a trailing dot": fields("From: ada@alder.example."),
    "an international twin": fields("From: ada@ald\u0435r.example"),
}


@pytest.mark.parametrize("kind", SPOOFS)
async def test_a_spoof_is_not_verified(kind: str) -> None:
    """With the attacker's SPF, DKIM and HELO all passing, and from inside the house, where SPF is unknown."""
    raw = SPOOFS[kind]
    for octets in (raw, by_eve(raw) if b"From:" in raw and not raw.startswith(b" ") else raw):
        for mail_from in (
            EVE,
            "",
            "ada@alder.example",
            f"ada@alder.example,{EVE}",
            f"{EVE}\x00@alder.example",
        ):
            for peer in (STRANGER, "127.0.0.1"):
                trust = await received(octets, mail_from, peer=peer)
                assert trust.verdict is not Verdict.VERIFIED, trust


SUSPICIOUS = [
    *("two fields", "two addresses", "two brackets", "a group", "an address as the quoted name"),
    *("an encoded name", "a base64 name", "a fullwidth at sign", "plain", "another domain's signature"),
    *("an address as the name", "a subdomain that does not exist", "resent"),
]


@pytest.mark.parametrize("kind", SUSPICIOUS)
async def test_the_plainest_of_them_are_suspicious(kind: str) -> None:
    assert (await received(SPOOFS[kind])).verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize("name", ["From", "Subject", "Date", "Reply-To", "To", "Content-Type", "Message-ID"])
@pytest.mark.parametrize("where", ["above", "below"])
async def test_a_field_added_after_signing(name: str, where: str) -> None:
    """The signature is over the lowest one, the reader sees the highest (RFC 6376 section 8.15)."""
    raw = rsa_key().sign(letter(date="Mon, 2 Nov 2026 10:00:00 +0000", reply_to="ada@alder.example"))
    raw = (
        raw.replace(b"\r\nTo:", b"\r\nContent-Type: text/plain\r\nTo:", 1) if name == "Content-Type" else raw
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    added = f"{name}: eve@birch.example".encode()
    lines = [added, head] if where == "above" else [head, added]
    trust = await received(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    assert trust.verdict is not Verdict.VERIFIED


@pytest.mark.parametrize("key", ["rsa", "ed25519"])
async def test_a_subject_that_nobody_signed(key: str) -> None:
    signer, selector = (rsa_key(), "s1") if key == "rsa" else (ed25519_key(), "ed")
    raw = signer.sign(letter(), selector=selector, include_headers=[b"from", b"to"])
    trust = await received(raw)
    assert (trust.verdict, trust.reasons) == (Verdict.SUSPICIOUS, ("dmarc_fail", "dkim_weak"))
