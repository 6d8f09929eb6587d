"""From evidence to a verdict."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bridge.email.dmarc import Policy
from bridge.email.verdict import Claims, DkimResult, Evidence, Known, SpfResult, judge
from bridge.model import Dmarc, Trust, Verdict

ADA = Claims(1, "ada@alder.example", ("ada@alder.example",), "Ada Citizen")
REJECT, QUARANTINE, NONE = Policy("reject"), Policy("quarantine"), Policy("none")
SPF = SpfResult("pass", "alder.example")
DKIM = DkimResult("pass", "alder.example")
TEMPORARY = Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("temporary",))


def verdict(**evidence: Any) -> Trust:
    return judge(Evidence(**{"claims": ADA, "policy": REJECT, **evidence}))


@pytest.mark.parametrize("policy", [REJECT, QUARANTINE, NONE])
@pytest.mark.parametrize(
    ("proofs", "reasons"),
    [
        ({"spf": SPF}, ("dmarc_pass", "spf_pass")),
        ({"dkim": (DKIM,)}, ("dmarc_pass", "dkim_pass")),
        ({"dkim": (DkimResult("fail", "alder.example"), DKIM)}, ("dmarc_pass", "dkim_pass")),
        ({"dkim": (DkimResult("pass", "mail.alder.example"),)}, ("dmarc_pass", "dkim_pass")),
        ({"dkim": (DKIM,), "spf": SpfResult("unknown")}, ("dmarc_pass", "dkim_pass")),
        (
            {"dkim": (DKIM,), "spf": SpfResult("fail", "alder.example")},
            ("dmarc_pass", "spf_fail", "dkim_pass"),
        ),
        ({"hop": "pass"}, ("hop_pass",)),
        ({"arc": "pass"}, ("arc_pass",)),
    ],
)
def test_verified(policy: Policy, proofs: dict[str, Any], reasons: tuple[str, ...]) -> None:
    assert verdict(policy=policy, **proofs) == Trust(Verdict.VERIFIED, Dmarc.PASS, reasons)


@pytest.mark.parametrize(
    ("proofs", "reasons"),
    [
        ({}, ("dmarc_fail",)),
        ({"spf": SpfResult("pass", "birch.example")}, ("dmarc_fail",)),
        ({"spf": SpfResult("softfail", "alder.example")}, ("dmarc_fail", "spf_fail")),
        ({"spf": SpfResult("neutral", "alder.example")}, ("dmarc_fail",)),
        ({"spf": SpfResult("unknown")}, ("dmarc_fail", "spf_unknown")),
        ({"dkim": (DkimResult("pass", "birch.example"),)}, ("dmarc_fail",)),
        ({"dkim": (DkimResult("pass", "notalder.example"),)}, ("dmarc_fail",)),
        ({"dkim": (DkimResult("fail", "alder.example"),)}, ("dmarc_fail", "dkim_fail")),
        ({"dkim": (DkimResult("weak", "alder.example"),)}, ("dmarc_fail", "dkim_weak")),
        ({"hop": "fail reject"}, ("dmarc_fail",)),
        ({"hop": "fail"}, ("dmarc_fail",)),
        ({"hop": "none"}, ("dmarc_fail",)),
    ],
)
def test_disowned(proofs: dict[str, Any], reasons: tuple[str, ...]) -> None:
    assert verdict(policy=QUARANTINE, **proofs) == Trust(Verdict.SUSPICIOUS, Dmarc.FAIL, reasons)
    if not proofs.get("hop", "").endswith("reject"):
        assert verdict(policy=NONE, **proofs) == Trust(Verdict.UNVERIFIED, Dmarc.NONE, reasons)


def test_strict_alignment_takes_the_very_domain() -> None:
    below = {
        "dkim": (DkimResult("pass", "mail.alder.example"),),
        "spf": SpfResult("pass", "mail.alder.example"),
    }
    assert verdict(policy=Policy("reject", strict_dkim=True), **below).dmarc is Dmarc.PASS  # by SPF
    assert verdict(policy=Policy("reject", strict_spf=True), **below).dmarc is Dmarc.PASS  # by DKIM
    assert verdict(policy=Policy("reject", True, True), **below).dmarc is Dmarc.FAIL
    assert verdict(policy=Policy("reject", True, True), dkim=(DKIM,)).dmarc is Dmarc.PASS


@pytest.mark.parametrize("policy", ["temporary", REJECT])
def test_name_servers_that_do_not_answer_are_nobodys_guilt(policy: Known) -> None:
    silent = {
        "dkim": (DkimResult("temporary", "alder.example"),),
        "spf": SpfResult("temperror", "alder.example"),
    }
    assert verdict(policy=policy, **silent) == TEMPORARY
    assert verdict(policy=policy, dkim=silent["dkim"]) == TEMPORARY
    assert verdict(policy=policy, spf=silent["spf"]) == TEMPORARY
    assert verdict(policy=policy, arc="temporary") == TEMPORARY
    assert verdict(policy=policy, hop="temperror") == TEMPORARY


def test_a_strangers_silent_name_server_excuses_nothing() -> None:
    silent = (DkimResult("temporary", "birch.example"),)
    assert verdict(dkim=silent, spf=SpfResult("temperror", "birch.example")).dmarc is Dmarc.FAIL


def test_a_pass_outweighs_a_silent_name_server() -> None:
    assert verdict(dkim=(DkimResult("temporary", "alder.example"), DKIM)).verdict is Verdict.VERIFIED
    assert verdict(policy="temporary", hop="pass").verdict is Verdict.VERIFIED


def test_without_a_policy_nobody_is_verified() -> None:
    trust = verdict(policy="absent", dkim=(DKIM,), spf=SPF)
    assert trust == Trust(Verdict.UNVERIFIED, Dmarc.NONE, ("dmarc_none", "spf_pass", "dkim_pass"))


def test_an_old_signature_neither_proves_nor_accuses() -> None:
    old = DkimResult("old", "alder.example")
    assert verdict(dkim=(old,)) == Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("dkim_old",))
    assert verdict(dkim=(old,), spf=SPF).verdict is Verdict.VERIFIED


def test_when_only_the_hop_checks() -> None:
    assert verdict(policy="unasked") == Trust(Verdict.UNVERIFIED, Dmarc.UNCHECKED, ("unchecked",))
    assert verdict(policy="unasked", hop="none").dmarc is Dmarc.NONE
    assert verdict(policy="unasked", hop="pass").verdict is Verdict.VERIFIED
    assert verdict(policy="unasked", hop="fail").verdict is Verdict.SUSPICIOUS
    assert verdict(policy="unasked", hop="fail none") == Trust(
        Verdict.UNVERIFIED, Dmarc.NONE, ("dmarc_fail",)
    )


EVERYTHING: dict[str, Any] = {"spf": SPF, "dkim": (DKIM,), "hop": "pass", "arc": "pass"}


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        ({"from_fields": 2}, Verdict.SUSPICIOUS, "from_several"),
        (
            {"from_address": None, "from_addresses": ("a@b.example", "c@d.example")},
            Verdict.SUSPICIOUS,
            "from_several",
        ),
        ({"from_address": None, "from_addresses": ("a@b.example",)}, Verdict.UNVERIFIED, "from_ambiguous"),
        (
            {"from_address": None, "from_addresses": (), "from_fields": 0},
            Verdict.UNVERIFIED,
            "from_ambiguous",
        ),
        ({"from_name": "mayor@birch.example"}, Verdict.SUSPICIOUS, "from_display_address"),
        ({"from_name": "The Mayor (mayor＠birch.example)"}, Verdict.SUSPICIOUS, "from_display_address"),
        ({"from_name": "'mayor@birch.example'"}, Verdict.SUSPICIOUS, "from_display_address"),
        ({"repeated": True}, Verdict.UNVERIFIED, "fields_repeated"),
        ({"reply_to": ("eve@birch.example",)}, Verdict.VERIFIED, "reply_to_other"),
    ],
)
def test_what_a_mail_says_of_itself(change: dict[str, Any], kind: Verdict, reason: str) -> None:
    trust = verdict(claims=replace(ADA, **change), **EVERYTHING)
    assert trust.verdict is kind
    assert trust.reasons[0] == reason


@pytest.mark.parametrize(
    "change",
    [
        {"from_name": "ada@alder.example"},
        {"from_name": "Ada (ada.citizen@mail.alder.example)"},
        {"from_name": "Ada @ Alder"},
        {"reply_to": ("Ada@Alder.example",)},
    ],
)
def test_what_deceives_nobody(change: dict[str, Any]) -> None:
    assert verdict(claims=replace(ADA, **change), spf=SPF) == verdict(spf=SPF)


def test_repeated_fields_need_a_proof_of_our_own() -> None:
    repeated = replace(ADA, repeated=True)
    assert verdict(claims=repeated, hop="pass", arc="pass").dmarc is Dmarc.FAIL
    assert verdict(claims=repeated, spf=SPF).dmarc is Dmarc.PASS


def test_an_international_domain_is_compared_in_ascii() -> None:
    claims = replace(ADA, from_address="ada@bürger.example", from_name="x@xn--brger-kva.example")
    assert (
        verdict(claims=claims, dkim=(DkimResult("pass", "xn--brger-kva.example"),)).verdict
        is Verdict.VERIFIED
    )
    assert Claims(1, "ada@" + "ü" * 80 + ".example").domain is None


def test_verified_takes_a_pass_and_one_plain_author() -> None:
    """Every combination: nobody is verified by anything less."""
    froms = [ADA, replace(ADA, from_fields=2), replace(ADA, from_address=None), replace(ADA, repeated=True)]
    policies: list[Known] = [REJECT, NONE, "absent", "temporary", "unasked"]
    spfs = [
        None,
        SPF,
        SpfResult("pass", "birch.example"),
        SpfResult("fail", "alder.example"),
        SpfResult("unknown"),
    ]
    dkims = [(), *((DkimResult(r, "alder.example"),) for r in ("pass", "fail", "weak", "old", "temporary"))]
    verified = 0
    for claims, policy, spf, dkim, hop, arc in product(
        froms, policies, spfs, dkims, ["", "pass", "fail", "none"], ["", "pass"]
    ):
        trust = verdict(claims=claims, policy=policy, spf=spf, dkim=dkim, hop=hop, arc=arc)
        own = isinstance(policy, Policy) and (spf == SPF or dkim == (DKIM,))
        assert (trust.verdict is Verdict.VERIFIED) == (claims == ADA and (own or "pass" in (hop, arc)))
        assert trust.verdict is not Verdict.VERIFIED or trust.dmarc is Dmarc.PASS
        assert trust.dmarc is not Dmarc.FAIL or trust.verdict is Verdict.SUSPICIOUS
        verified += trust.verdict is Verdict.VERIFIED
    # 5 of 8 pairs of hop and seal vouch for anything; with the other 3 it takes a policy and SPF or DKIM.
    assert verified == 5 * (5 * 5 * 6) + 3 * (2 * (6 + 4))
