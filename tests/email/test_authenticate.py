"""Who wrote a mail: real signatures, a real evaluation of SPF, records that are given."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.email import authenticate, dkimkey
from bridge.email.authenticate import Authenticator
from bridge.email.resolver import NoAnswer
from bridge.model import Dmarc, Trust, Verdict
from tests.email.signed import (
    OUTSIDE,
    STRANGER,
    Counting,
    Key,
    Zone,
    ed25519_key,
    letter,
    rsa_key,
    sealed,
    zone,
)

NOW = 1_795_000_000.0


async def check(
    raw: bytes,
    records: Zone | None = None,
    *,
    mail_from: str = "",
    peer: str = STRANGER,
    helo: str = "mail.birch.example",
    silent: tuple[str, ...] = (),
    **options: Any,
) -> Trust:
    resolver = Counting(zone() if records is None else records, silent=silent)
    return await Authenticator(resolver, **options).check(raw, mail_from, peer, helo)


def signed(key: Key | None = None, selector: str = "s1", raw: bytes | None = None, **options: Any) -> bytes:
    return (key or rsa_key()).sign(letter() if raw is None else raw, selector=selector, **options)


def retagged(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert raw.count(old) == 1
    return raw.replace(old, new)


# ------------------------------------------------------------------ SPF


async def test_spf_of_the_envelope_vouches() -> None:
    trust = await check(letter(), mail_from="ada@alder.example", peer=OUTSIDE)
    assert trust == Trust(Verdict.VERIFIED, Dmarc.PASS, ("dmarc_pass", "spf_pass"))
    assert (await check(letter(), mail_from="<ada@alder.example>", peer=f"::ffff:{OUTSIDE}")) == trust


async def test_spf_of_the_greeting_vouches_for_a_null_envelope() -> None:
    records = zone(more={"mx.alder.example": {"TXT": ["v=spf1 a -all"], "A": [OUTSIDE]}})
    trust = await check(letter(), records, peer=OUTSIDE, helo="mx.alder.example")
    assert trust == Trust(Verdict.VERIFIED, Dmarc.PASS, ("dmarc_pass", "spf_pass"))


@pytest.mark.parametrize("policy", ["v=DMARC1; p=reject", "v=DMARC1; p=quarantine; pct=0"])
async def test_spf_of_another_machine_disowns(policy: str) -> None:
    trust = await check(letter(), zone(policy), mail_from="ada@alder.example")
    assert trust == Trust(Verdict.SUSPICIOUS, Dmarc.FAIL, ("dmarc_fail", "spf_fail"))


@pytest.mark.parametrize(
    "peer",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "::ffff:127.0.0.1", "fd00::1", "fe80::1%eth0", "", "?"],
)
async def test_behind_a_server_of_the_house_spf_is_no_evidence(peer: str) -> None:
    records = zone(more={"alder.example": {"TXT": ["v=spf1 +all"]}})
    trust = await check(letter(), records, mail_from="ada@alder.example", peer=peer)
    assert trust == Trust(Verdict.SUSPICIOUS, Dmarc.FAIL, ("dmarc_fail", "spf_unknown"))
    assert (await check(signed(), records, peer=peer)).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("policy", "result"),
    [
        (
            "v=spf1 " + " ".join(f"include:i{n}.example" for n in range(10)) + f" ip4:{STRANGER}",
            Verdict.VERIFIED,
        ),
        (
            "v=spf1 " + " ".join(f"include:i{n}.example" for n in range(11)) + f" ip4:{STRANGER}",
            Verdict.SUSPICIOUS,
        ),
        ("v=spf1 a:v0.example a:v1.example +all", Verdict.VERIFIED),
        ("v=spf1 a:v0.example a:v1.example a:v2.example +all", Verdict.SUSPICIOUS),
        ("v=spf1 mx:m.example -all", Verdict.VERIFIED),
        ("v=spf1 ptr:birch.example -all", Verdict.VERIFIED),
        ("v=spf1 exists:%{i}._spf.%{d} -all", Verdict.VERIFIED),
        ("v=spf1 ip6:2001:db8::/32 -all", Verdict.SUSPICIOUS),
        ("v=spf1 " + "ip4:192.0.2.1 " * 400 + "+all", Verdict.SUSPICIOUS),
        ("v=spf1 nonsense", Verdict.SUSPICIOUS),
        ("v=spf1 exists:mail.m.example -all", Verdict.VERIFIED),
        ("v=spf1 exists:six.m.example -all", Verdict.SUSPICIOUS),
        ("v=spf1 exists:%{d" + "9" * 3_000 + "} -all", Verdict.SUSPICIOUS),
    ],
    ids=range(13),
)
async def test_policies_are_evaluated_within_their_limits(policy: str, result: Verdict) -> None:
    """RFC 7208 section 4.6.4: ten terms that look up, two look-ups that find nothing."""
    included: Zone = {f"i{n}.example": {"TXT": ["v=spf1 ip4:192.0.2.1"]} for n in range(12)}
    records = zone(
        more={
            **included,
            "alder.example": {"TXT": [policy]},
            "m.example": {"MX": ["10 mail.m.example", "0 ."]},
            "mail.m.example": {"A": [STRANGER], "AAAA": ["2001:db8::9"]},
            "six.m.example": {"AAAA": ["2001:db8::9"]},
            "mail.birch.example": {"A": [STRANGER]},
            STRANGER: {"PTR": ["mail.birch.example"]},
            f"{STRANGER}._spf.alder.example": {"A": ["127.0.0.2"]},
        },
    )
    assert (await check(letter(), records, mail_from="ada@alder.example")).verdict is result


async def test_a_stranger_does_not_make_us_ask_his_name_servers() -> None:
    """Only what speaks for the author's domain is looked up, whatever else a mail names."""
    resolver = Counting(zone())
    raw = rsa_key(number=1).sign(letter(), domain="birch.example")
    trust = await Authenticator(resolver).check(raw, "eve@birch.example", STRANGER, "mail.birch.example")
    assert trust == Trust(Verdict.SUSPICIOUS, Dmarc.FAIL, ("dmarc_fail",))
    assert resolver.asked == [("_dmarc.alder.example", "TXT")]


# ------------------------------------------------------------------ DKIM


@pytest.mark.parametrize("form", [(b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple")])
@pytest.mark.parametrize(("key", "selector"), [(rsa_key, "s1"), (ed25519_key, "ed")])
async def test_a_signature_vouches(key: Any, selector: str, form: tuple[bytes, bytes]) -> None:
    raw = signed(key(), selector, letter("Hello \t park. \n\n\n"), canonicalize=form)
    assert await check(raw) == Trust(Verdict.VERIFIED, Dmarc.PASS, ("dmarc_pass", "dkim_pass"))
    assert (await check(raw.replace(b"Hello", b"HELLO"))).reasons == ("dmarc_fail", "dkim_fail")
    assert (await check(raw.replace(b"Benches", b"Bombs"))).reasons == ("dmarc_fail", "dkim_fail")


async def test_a_mail_of_many_pieces_is_hashed_whole() -> None:
    body = "".join(f"line {n} \t with  spaces \n" * (n % 7) + "\n" * (n % 5) for n in range(20_000))
    raw = signed(raw=letter(body), canonicalize=(b"relaxed", b"relaxed"))
    assert len(raw) > 1_000_000
    assert (await check(raw)).verdict is Verdict.VERIFIED
    assert (await check(raw[:-3] + b"x\r\n")).verdict is Verdict.SUSPICIOUS


async def test_a_signature_below_others_is_found() -> None:
    raw = signed()
    for _ in range(10):  # of another domain: not even tried
        raw = rsa_key(number=1).sign(raw, domain="birch.example")
    for _ in range(4):
        raw = b"DKIM-Signature: v=1; a=rsa-sha256; d=alder.example; s=no; h=from; bh=AA==; b=AA==\r\n" + raw
    assert (await check(raw)).verdict is Verdict.VERIFIED
    raw = b"DKIM-Signature: v=1; a=rsa-sha256; d=alder.example; s=no; h=from; bh=AA==; b=AA==\r\n" + raw
    assert (await check(raw)).verdict is Verdict.SUSPICIOUS  # five are tried


@pytest.mark.parametrize(
    "record",
    [
        "",
        "v=DKIM1; p=",
        "v=DKIM2; {rsa}",
        "v=DKIM1; t=y; {rsa}",
        "v=DKIM1; s=tlsrpt; {rsa}",
        "v=DKIM1; s=other; {rsa}",
        "v=DKIM1; h=sha1; {rsa}",
        "v=DKIM1; k=ed25519; {rsa}",
        "v=DKIM1; k=unknown; {rsa}",
        "v=DKIM1; p=!!!!",
        "v=DKIM1; p=AAAA",
        "v=DKIM1; p; {rsa}",
        "v=DKIM1; {rsa}; n=" + "x" * 2_000,
    ],
)
async def test_keys_that_prove_nothing(record: str) -> None:
    rsa = rsa_key().record.split("; ")[-1]
    records = zone(more={"s1._domainkey.alder.example": {"TXT": [record.replace("{rsa}", rsa)]}})
    assert (await check(signed(), records)).reasons == ("dmarc_fail", "dkim_fail")


async def test_two_records_at_one_place_prove_nothing() -> None:
    records = zone(more={"s1._domainkey.alder.example": {"TXT": [rsa_key().record] * 2}})
    assert (await check(signed(), records)).verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize(
    ("bits", "exponent", "fit"),
    [
        (1024, 65537, True),
        (4096, 3, True),
        (1023, 65537, False),
        (512, 3, False),
        (4097, 65537, False),
        (2048, 2**33 + 1, False),
    ],
)
def test_short_huge_and_slow_keys_prove_nothing(bits: int, exponent: int, fit: bool) -> None:
    modulus = 2**bits - 1 if bits % 2 else 2**bits - 3
    numbers = RSAPublicNumbers(exponent, modulus)
    der = numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; p=" + base64.b64encode(der)
    assert (dkimkey.usable([record], {b"a": b"rsa-sha256", b"d": b"alder.example"}) == record) is fit


async def test_the_shortest_key_that_is_believed() -> None:
    short = rsa_key(1024)
    records = zone(more={"s1._domainkey.alder.example": {"TXT": [short.record]}})
    assert (await check(signed(short), records)).verdict is Verdict.VERIFIED


async def test_a_key_bound_to_its_very_domain() -> None:
    strict = rsa_key().record + "; t=s"
    records = zone(more={"s1._domainkey.alder.example": {"TXT": [strict]}})
    assert (await check(signed(), records)).verdict is Verdict.VERIFIED
    below = signed(identity=b"@mail.alder.example")
    assert (await check(below)).verdict is Verdict.VERIFIED
    assert (await check(below, records)).verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize(
    "tag",
    [
        b"a=rsa-sha1",
        b"v=2; a=rsa-sha256",
        b"a=rsa-sha256; x=1",
        b"a=rsa-sha256; x=soon",
        b"a=rsa-sha256; x=" + b"9" * 5_000,
        b"a=rsa-sha256; a=rsa-sha256",
        b"a=rsa-sha256; q=dns/other",
        b"a=rsa-sha256; z=" + b" " * 90,
        b"a=rsa-sha256; z=" + b"x" * 9_000,
        b"a=ed25519-sha256",
        b"a=none",
        b"",
    ],
    ids=range(12),
)
async def test_signatures_of_another_form_prove_nothing(tag: bytes) -> None:
    raw = retagged(signed(), b"a=rsa-sha256", tag)
    trust = await check(raw)
    assert trust.verdict is Verdict.SUSPICIOUS
    assert "dkim_pass" not in trust.reasons


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"v=1", b"v=2"),
        (b"q=dns/txt", b"q=dns/other"),
        (b"c=relaxed/simple", b"c=relaxed/other"),
        (b"c=relaxed/simple", b"c=other/simple"),
        (b"bh=", b"bh=A"),
        (b"i=@alder.example", b"i=@birch.example"),
        (b"i=@alder.example", b"i=alder.example"),
        (b"t=", b"t=9999"),
        (b"; b=", b"; b=!"),
        (b"; b=", b"; b=A"),
    ],
)
async def test_changed_signatures_prove_nothing(old: bytes, new: bytes) -> None:
    field, dkim_, rest = signed().partition(b"From: ")
    plain = b" ".join(field.split()).replace(b" b=", b" b=") + b"\r\n"
    assert (await check(plain + dkim_ + rest)).verdict is Verdict.VERIFIED
    trust = await check(retagged(plain, old, new) + dkim_ + rest)
    assert (trust.verdict, trust.reasons) == (Verdict.SUSPICIOUS, ("dmarc_fail", "dkim_fail"))


async def test_age_is_looked_at() -> None:
    raw = signed()
    now = time.time()
    old = await check(raw, clock=lambda: now + 15 * 86_400)
    assert old == Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("dkim_old",))
    assert (await check(raw, clock=lambda: now + 13 * 86_400)).verdict is Verdict.VERIFIED


async def test_what_cannot_be_signed() -> None:
    for raw in (
        b" continued\r\n" + signed(),
        retagged(signed(), b"Subject: ", b"Subject : "),
        signed().replace(b"\r\n\r\n", b"\r\nno field\r\n"),
        signed().replace(b"Hello", b"Hel\rlo"),
        b"".join(b"X-%d: y\r\n" % n for n in range(3_000)) + signed(),
        b"X: " + b"y" * 200_000 + b"\r\n" + signed(),
    ):
        assert (await check(raw)).verdict is not Verdict.VERIFIED


async def test_lone_line_feeds_are_line_ends() -> None:
    assert (await check(signed().replace(b"\r\n", b"\n"))).verdict is Verdict.VERIFIED


# ------------------------------------------------------------------ DMARC


@pytest.mark.parametrize(
    ("texts", "above", "dmarc"),
    [
        (["v=DMARC1; p=reject"], [], Dmarc.FAIL),
        (["v=DMARC1;p=Quarantine;pct=0"], [], Dmarc.FAIL),
        (["v=DMARC1; p=none"], ["v=DMARC1; p=reject"], Dmarc.NONE),
        (["v=DMARC1; p=reject; sp=none"], [], Dmarc.FAIL),
        ([], ["v=DMARC1; p=reject"], Dmarc.FAIL),
        ([], ["v=DMARC1; p=reject; sp=none"], Dmarc.NONE),
        ([], ["v=DMARC1; p=none; sp=quarantine"], Dmarc.FAIL),
        (["other text", "v = DMARC1 ; p=reject"], [], Dmarc.FAIL),
        (["v=DMARC1; p=reject", "v=DMARC1; p=reject"], ["v=DMARC1; p=reject"], Dmarc.NONE),
        (["v=DMARC10; p=reject"], [], Dmarc.NONE),
        (["p=reject; v=DMARC1"], [], Dmarc.NONE),
        (["v=DMARC1"], [], Dmarc.NONE),
        (["v=DMARC1; p=junk"], [], Dmarc.NONE),
        (["v=DMARC1; p=junk; rua=mailto:a@b.example"], [], Dmarc.NONE),
        (["v=DMARC1; p=reject; p=none"], [], Dmarc.FAIL),
        ([], [], Dmarc.NONE),
    ],
)
async def test_policies_are_found(texts: list[str], above: list[str], dmarc: Dmarc) -> None:
    records = {"_dmarc.parks.alder.example": {"TXT": texts}, "_dmarc.alder.example": {"TXT": above}}
    raw = letter(**{"from": "ada@parks.alder.example"})
    trust = await check(raw, records)
    assert trust.dmarc is dmarc
    assert trust.verdict is (Verdict.SUSPICIOUS if dmarc is Dmarc.FAIL else Verdict.UNVERIFIED)


async def test_a_public_suffix_speaks_for_nobody_below_it() -> None:
    records = zone(more={"_dmarc.kim.co.uk": {"TXT": ["v=DMARC1; p=reject"]}})
    records["s1._domainkey.eve.co.uk"] = {"TXT": [rsa_key().record]}
    records["s1._domainkey.co.uk"] = {"TXT": [rsa_key().record]}
    raw = letter(**{"from": "kim@kim.co.uk"})
    for domain in ("eve.co.uk", "co.uk"):
        assert (await check(rsa_key().sign(raw, domain=domain), records)).verdict is Verdict.SUSPICIOUS


# ------------------------------------------------------------------ ARC


FIRST, SECOND, PASSED = rsa_key(number=2), rsa_key(number=3), "dmarc=pass header.from=alder.example"
BOTH = ("list.example", "other.example")


async def test_a_trusted_forwarders_seal_vouches(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch)
    vouched = Trust(Verdict.VERIFIED, Dmarc.PASS, ("arc_pass",))
    assert await check(raw, trusted_sealers=["List.Example."]) == vouched
    assert (await check(raw)).verdict is Verdict.SUSPICIOUS
    assert (await check(raw, trusted_sealers=["other.example"])).verdict is Verdict.SUSPICIOUS
    for old, new in ((b"Hello", b"HELLO"), (b"Benches", b"Bombs"), (b"dmarc=pass", b"dmarc=PASS")):
        assert (await check(raw.replace(old, new), trusted_sealers=BOTH)).verdict is Verdict.SUSPICIOUS


async def test_what_the_first_forwarder_saw_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    once = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch)
    twice = sealed(once, "other.example", SECOND, "dmarc=fail header.from=alder.example", monkeypatch, "pass")
    assert (await check(twice, trusted_sealers=BOTH)).verdict is Verdict.VERIFIED
    failed = sealed(letter(), "list.example", FIRST, "dmarc=fail header.from=alder.example", monkeypatch)
    later = sealed(failed, "other.example", SECOND, PASSED, monkeypatch, "pass")
    assert (await check(later, trusted_sealers=BOTH)).verdict is Verdict.SUSPICIOUS


async def test_a_chain_that_a_stranger_began_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins a chain writes what was passed: a trusted forwarder only seals it once more."""
    begun = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch)
    resealed = sealed(begun, "other.example", SECOND, "spf=pass", monkeypatch, "pass")
    assert (await check(resealed, trusted_sealers=["other.example"])).verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize(
    "results",
    ["dmarc=pass header.from=birch.example", "dmarc=fail header.from=alder.example", "spf=pass", PASSED],
)
async def test_the_seal_must_say_so_of_this_author(results: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = sealed(letter(), "list.example", FIRST, results, monkeypatch)
    expected = Verdict.VERIFIED if results == PASSED else Verdict.SUSPICIOUS
    assert (await check(raw, trusted_sealers=BOTH)).verdict is expected


async def test_a_chain_with_a_piece_too_few_or_many(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch)
    results = raw[raw.index(b"ARC-Authentication-Results:") : raw.index(b"From:")]
    for broken in (
        raw.replace(results, b""),
        results + raw,
        raw.replace(b"i=1", b"i=2"),
        raw.replace(b"d=", b"D="),
    ):
        assert (await check(broken, trusted_sealers=BOTH)).verdict is Verdict.SUSPICIOUS


async def test_a_seal_that_does_not_cover_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch, covered=[b"from", b"to"])
    assert (await check(bare, trusted_sealers=BOTH)).verdict is Verdict.SUSPICIOUS
    whole = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch)
    twice = b"Subject: Bombs\r\n" + whole
    assert (await check(twice, trusted_sealers=BOTH)).verdict is Verdict.SUSPICIOUS


async def test_of_a_broken_chain_nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch)
    extra = b"ARC-Message-Signature: i=1; d=list.example; s=arc\r\n"
    for octets, looked_up in ((raw, True), (extra + raw, False), (letter(), False)):
        resolver = Counting(zone())
        await Authenticator(resolver, trusted_sealers=BOTH).check(octets, "", STRANGER, "")
        assert (("arc._domainkey.list.example", "TXT") in resolver.asked) is looked_up


async def test_a_forwarders_silent_name_server_accuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = sealed(letter(), "list.example", FIRST, PASSED, monkeypatch)
    trust = await check(raw, trusted_sealers=BOTH, silent=("arc._domainkey.list.example",))
    assert trust == Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("temporary",))
    records = zone(more={"arc._domainkey.list.example": {"TXT": ["v=DKIM1; p="]}})
    assert (await check(raw, records, trusted_sealers=BOTH)).verdict is Verdict.SUSPICIOUS


# ------------------------------------------------------------------ a trusted hop

HOP = "mx.home.example"
RESULTS = "spf=pass smtp.mailfrom=alder.example; dmarc=pass header.from=alder.example"
TOLD = f"Authentication-Results: {HOP}; {RESULTS}\r\n"


@pytest.mark.parametrize("own", [True, False])
async def test_the_hop_is_believed_when_it_hands_the_mail_over(own: bool) -> None:
    raw = TOLD.encode() + letter()
    for peer in ("127.0.0.1", "", "192.0.2.25"):
        records = zone(more={HOP: {"A": ["192.0.2.25"]}})
        trust = await check(raw, records, peer=peer, hop=HOP, own=own)
        assert (trust.verdict, trust.reasons[0]) == (Verdict.VERIFIED, "dmarc_pass" if own else "hop_pass")


async def test_a_stranger_who_writes_the_hops_name_is_not_the_hop() -> None:
    for silent in ((), (HOP,)):
        trust = await check(TOLD.encode() + letter(), peer=STRANGER, hop=HOP, silent=silent)
        assert trust.verdict is Verdict.SUSPICIOUS
        assert (await check(TOLD.encode() + letter(), hop=HOP, own=False)).reasons == ("unchecked",)


async def test_behind_the_hop_its_spf_is_our_spf() -> None:
    raw = f"Authentication-Results: {HOP}; spf=pass smtp.mailfrom=ada@alder.example\r\n".encode() + letter()
    records = zone(more={HOP: {"A": ["192.0.2.25"]}})
    for peer in ("127.0.0.1", "192.0.2.25"):
        trust = await check(raw, records, mail_from="ada@alder.example", peer=peer, hop=HOP)
        assert trust == Trust(Verdict.VERIFIED, Dmarc.PASS, ("dmarc_pass", "spf_pass"))
    silence = await check(letter(), records, mail_from="ada@alder.example", peer="192.0.2.25", hop=HOP)
    assert silence.reasons == ("dmarc_fail", "spf_unknown")


async def test_our_own_check_helps_a_hop_that_failed() -> None:
    raw = f"Authentication-Results: {HOP}; dmarc=fail header.from=alder.example\r\n".encode()
    assert (await check(raw + signed(), peer="::1", hop=HOP)).verdict is Verdict.VERIFIED
    assert (await check(raw + letter(), peer="::1", hop=HOP)).dmarc is Dmarc.FAIL
    assert (await check(raw + letter(), zone("v=DMARC1; p=none"), peer="::1", hop=HOP)).dmarc is Dmarc.NONE


async def test_without_any_check_nothing_is_known() -> None:
    resolver = Counting(zone())
    trust = await Authenticator(resolver, own=False).check(signed(), "", "", "")
    assert trust == Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("unchecked",))
    assert resolver.asked == []


# ------------------------------------------------------------------ when something does not answer

TEMPORARY = Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("temporary",))


@pytest.mark.parametrize("name", ["_dmarc.alder.example", "s1._domainkey.alder.example", "alder.example"])
async def test_silence_is_neither_proof_nor_guilt(name: str) -> None:
    raw = signed().replace(b"Hello", b"HELLO") if name == "alder.example" else signed()
    trust = await check(raw, mail_from="ada@alder.example", silent=(name,))
    assert (trust.verdict, trust.dmarc, trust.reasons[0]) == (
        Verdict.UNVERIFIED,
        Dmarc.UNCHECKED,
        "temporary",
    )


async def test_silence_of_an_organisation() -> None:
    raw = letter(**{"from": "ada@parks.alder.example"})
    assert await check(raw, silent=("_dmarc.alder.example",)) == TEMPORARY


async def test_a_pass_needs_no_other_answer() -> None:
    trust = await check(
        signed(), mail_from="ada@alder.example", peer=OUTSIDE, silent=("s1._domainkey.alder.example",)
    )
    assert trust.verdict is Verdict.VERIFIED


class Hanging:
    """A resolver of which nothing ever comes back; or one that has a fault of ours."""

    def __init__(self, fault: Exception | None = None) -> None:
        self._fault = fault

    async def _never(self, _: str) -> Any:
        if self._fault is not None:
            raise self._fault
        await asyncio.get_running_loop().create_future()

    txt = mx = addresses = ptr = _never


async def test_the_whole_check_has_a_deadline() -> None:
    began = time.monotonic()
    trust = await Authenticator(Hanging(), deadline=0.2).check(signed(), "", STRANGER, "")
    assert trust == TEMPORARY
    assert time.monotonic() - began < 5
    assert authenticate.DEADLINE == 20


async def test_a_fault_of_ours_lets_the_mail_in_unchecked(caplog: pytest.LogCaptureFixture) -> None:
    hanging = Authenticator(Hanging(RuntimeError("ada@alder.example")))
    assert (await hanging.check(signed(), "", STRANGER, "")).reasons == ("unchecked",)
    assert "ExceptionGroup" in caplog.text
    assert "ada@" not in caplog.text


async def test_a_fault_in_reading_is_one_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(raw: bytes, head: object) -> None:
        raise RuntimeError("ada@alder.example")

    monkeypatch.setattr(authenticate, "claims", broken)
    trust = await check(signed())
    assert trust == Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("unchecked",))
    assert "RuntimeError" in caplog.text and "ada@" not in caplog.text


async def test_a_cancellation_is_one() -> None:
    task = asyncio.create_task(Authenticator(Hanging()).check(signed(), "", STRANGER, ""))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_no_answer_of_everything() -> None:
    everything = Hanging(NoAnswer("no answer"))
    assert await Authenticator(everything).check(signed(), "ada@alder.example", STRANGER, "") == TEMPORARY


async def test_nothing_that_a_mail_says_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    raw = retagged(signed(), b"a=rsa-sha256", b"a=canary")
    raw = retagged(raw, b"Subject: ", b"X-Canary: canary\r\nSubject: ")
    await check(raw, zone(more={"s1._domainkey.alder.example": {"TXT": ["canary"]}}))
    await check(signed(), zone(more={"s1._domainkey.alder.example": {"TXT": ["v=DKIM1; k=canary; p=AA"]}}))
    assert "canary" not in caplog.text and "alder" not in caplog.text


# ------------------------------------------------------------------ hostile mails


@pytest.mark.parametrize(
    "field",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; d=alder.example; s=s1; h=from; bh=AA; b="
        + b"\r\n " * 1_900
        + b"!",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=alder.example; s=s1; bh=AA; b=AA==; h=" + b"from:" * 1_500,
        (
            b"DKIM-Signature: v=1; a=rsa-sha256; d=alder.example; s=s1; h=from; bh=AA==; b="
            + b"A " * 3_000
            + b"\r\n"
        )
        * 9,
        b"From: " + b"(" * 5_000 + b"\r\nFrom: " + b"a@b," * 5_000,
        b"From: ada@alder.example\r\n" * 900,
        b"Reply-To: " + b"x" * 60_000 + b"\r\nReply-To: " + b"@" * 60_000,
        b"Authentication-Results: " + b'"\\' * 20_000,
        b"Received: by " + b"by " * 20_000,
    ],
    ids=range(8),
)
async def test_large_headers_cost_little(field: bytes) -> None:
    """Seconds of the processor, not of the clock: the machine may be busy with something else."""
    began = time.process_time()
    trust = await check(field.removesuffix(b"\r\n") + b"\r\n" + letter(), hop=HOP, peer="::1")
    assert trust.verdict is not Verdict.VERIFIED
    assert time.process_time() - began < 2


LINES = st.lists(
    st.sampled_from(
        [
            b"From: ada@alder.example",
            b"From: ",
            b"Subject: x",
            b" y",
            b"",
            b"DKIM-Signature: v=1; a=rsa-sha256; d=alder.example; s=s1; h=from; bh=AA==; b=AA==",
            b"DKIM-Signature: i=@alder.example; d=alder.example; s=s1; h; b=",
            b"DKIM-Signature: v=1; a=rsa-sha256; i=r.example; d=alder.example; s=s1; h=from; bh=; b=AAAA",
            b"ARC-Seal: i=1; d=list.example; s=arc; cv=none; a=rsa-sha256; b=AAAA",
            b"ARC-Message-Signature: i=1; d=list.example; s=arc; h=from; bh=AAAA; a=rsa-sha256; b=AAAA",
            b"ARC-Authentication-Results: i=1; x; dmarc=pass header.from=alder.example",
            b"Authentication-Results: x",
            b"\x00\xff: \xff",
            b"body",
        ]
    )
    | st.binary(max_size=30),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(lines=LINES, end=st.sampled_from([b"\r\n", b"\n"]), words=st.text(max_size=20))
def test_nothing_raises_and_nothing_is_believed(
    lines: list[bytes], end: bytes, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> Trust:
        return await check(
            end.join(lines), mail_from=words, peer=words, helo=words, trusted_sealers=BOTH, hop="home.example"
        )

    trust = asyncio.run(run())
    assert trust.verdict is not Verdict.VERIFIED
    assert "could not be" not in caplog.text  # no fault of ours was needed
