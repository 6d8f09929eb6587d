"""From evidence to a verdict: whether a mail comes from whom it names as its author.

    who is named (From, its display name, Reply-To) ──┐
    what vouches (SPF, DKIM, ARC, a trusted hop) ─────┼─> Trust(verdict, dmarc, reasons)
    what the author's domain wishes (DMARC) ──────────┘

*Verified* takes an aligned DMARC pass for exactly one author, on whom two parsers agree, in a
mail that deceives about nothing.  *Suspicious* is what the author's domain disowns, several
authors, or a name that pretends to be an address elsewhere.  All else is *unverified*.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bridge.email import addresses
from bridge.email.dmarc import Policy, aligned, ascii_domain
from bridge.model import Dmarc, Trust, Verdict

Proof = Literal["pass", "fail", "weak", "old", "temporary"]
"""Of a signature.  `weak`: what it covers proves nothing; `old`: made so long ago that somebody
may be repeating it; `temporary`: its key could not be looked up."""

Known = Policy | Literal["absent", "temporary", "unasked"]


@dataclass(frozen=True, slots=True)
class DkimResult:
    """One signature of a domain (in lower case)."""

    result: Proof
    domain: str


@dataclass(frozen=True, slots=True)
class SpfResult:
    """What RFC 7208 gives for the envelope's domain; `unknown`: nobody saw where the mail came from."""

    result: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a mail says of itself.  `from_address` as in `model.MailIn`.

    `from_addresses` are all that its From fields seem to name, `from_fields` their number.
    `repeated`: a field that may stand once stands twice, so that what was vouched for and what
    is shown may differ.
    """

    from_fields: int
    from_address: str | None
    from_addresses: tuple[str, ...] = ()
    from_name: str = ""
    reply_to: tuple[str, ...] = ()
    repeated: bool = False

    @property
    def domain(self) -> str | None:
        """The author's domain as the name system knows it; None when in doubt."""
        return ascii_domain(self.from_address.rpartition("@")[2]) if self.from_address else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that `judge` looks at.

    `hop` is the trusted server's DMARC result for the author's domain (`pass`, `none`,
    `temperror`, `fail`, `fail reject` …) or "".  `arc` is `pass` when forwarders that we trust have sealed
    that it passed when they got it.  `policy` is `unasked` when nothing was checked here.
    """

    claims: Claims
    policy: Known = "unasked"
    spf: SpfResult | None = None
    dkim: tuple[DkimResult, ...] = ()
    hop: str = ""
    arc: Literal["", "pass", "temporary"] = ""


def judge(evidence: Evidence) -> Trust:
    """The verdict; its reasons are keys of `casework.texts`, those about the author first."""
    claims = evidence.claims
    about = tuple(_about(claims))
    dmarc, why = _dmarc(evidence, claims.domain) if claims.domain else (Dmarc.UNCHECKED, [])
    return Trust(_verdict(claims, dmarc, about), dmarc, tuple(dict.fromkeys([*about, *why])))


def _verdict(claims: Claims, dmarc: Dmarc, about: tuple[str, ...]) -> Verdict:
    if dmarc is Dmarc.FAIL or not {"from_several", "from_display_address"}.isdisjoint(about):
        return Verdict.SUSPICIOUS
    sure = dmarc is Dmarc.PASS and claims.domain is not None and not claims.repeated
    return Verdict.VERIFIED if sure else Verdict.UNVERIFIED


# ------------------------------------------------------------------ who is named


def _about(claims: Claims) -> Iterator[str]:
    if claims.from_fields > 1 or (claims.from_address is None and len(claims.from_addresses) > 1):
        yield "from_several"
    elif claims.domain is None:
        yield "from_ambiguous"
    if _pretends(claims):
        yield "from_display_address"
    own = (claims.from_address or "").lower()
    if any(address.lower() != own for address in claims.reply_to):
        yield "reply_to_other"
    if claims.repeated:
        yield "fields_repeated"


def _pretends(claims: Claims) -> bool:
    """Whether the display name holds an address of another house than the real one."""
    if claims.domain is None:
        return False
    shown = unicodedata.normalize("NFKC", claims.from_name)
    for address in addresses.loosely([shown.encode("utf-8")]):
        domain = ascii_domain(address.rpartition("@")[2].strip(".,'`*"))
        if domain is None or not aligned(domain, claims.domain):
            return True
    return False


# ------------------------------------------------------------------ what vouches


def _dmarc(evidence: Evidence, domain: str) -> tuple[Dmarc, list[str]]:
    dmarc, more = _passed(evidence, domain) or _failed(evidence, domain)
    found = _mechanisms(evidence, domain)
    return dmarc, [*more, *(one for one in found if dmarc is not Dmarc.PASS or one != "spf_unknown")]


def _mechanisms(evidence: Evidence, domain: str) -> Iterator[str]:
    """What each way of checking gave, as far as it is about the author's domain."""
    spf = evidence.spf
    if spf is not None and spf.result == "unknown":
        yield "spf_unknown"
    elif spf is not None and aligned(spf.domain, domain):
        if spf.result == "pass":
            yield "spf_pass"
        elif spf.result in ("fail", "softfail"):
            yield "spf_fail"
    given = {one.result for one in evidence.dkim if aligned(one.domain, domain)}
    for result in ("pass", "old", "weak", "fail"):
        if result in given:
            yield f"dkim_{result}"
            break


def _passed(evidence: Evidence, domain: str) -> tuple[Dmarc, list[str]] | None:
    """A pass, by our own check or by somebody we trust; what repeats fields needs our own."""
    if isinstance(evidence.policy, Policy) and "pass" in _own(evidence, evidence.policy, domain):
        return Dmarc.PASS, ["dmarc_pass"]
    if evidence.claims.repeated:
        return None
    if evidence.hop == "pass":
        return Dmarc.PASS, ["hop_pass"]
    return (Dmarc.PASS, ["arc_pass"]) if evidence.arc == "pass" else None


def _failed(evidence: Evidence, domain: str) -> tuple[Dmarc, list[str]]:
    """What it is when nobody vouches."""
    policy, hop = evidence.policy, evidence.hop
    if "temporary" in (policy, evidence.arc) or hop == "temperror":
        return Dmarc.UNCHECKED, ["temporary"]
    if hop.startswith("fail"):
        return _disowned(hop.partition(" ")[2] or (policy.wish if isinstance(policy, Policy) else ""))
    if isinstance(policy, Policy):
        return _failed_here(_own(evidence, policy, domain), policy)
    if policy == "absent" or hop == "none":
        return Dmarc.NONE, ["dmarc_none"]
    return Dmarc.UNCHECKED, ["unchecked"]


def _failed_here(given: set[str], policy: Policy) -> tuple[Dmarc, list[str]]:
    if "temporary" in given:
        return Dmarc.UNCHECKED, ["temporary"]
    return (Dmarc.UNCHECKED, []) if "old" in given else _disowned(policy.wish)


def _disowned(wish: str) -> tuple[Dmarc, list[str]]:
    """A failure; where nobody knows what the domain wishes then, it is taken seriously."""
    return (Dmarc.NONE if wish == "none" else Dmarc.FAIL), ["dmarc_fail"]


def _own(evidence: Evidence, policy: Policy, domain: str) -> set[str]:
    """What the aligned signatures and the aligned SPF check gave (RFC 7489 section 4.2)."""
    dkim: set[str] = {
        one.result for one in evidence.dkim if aligned(one.domain, domain, strict=policy.strict_dkim)
    }
    spf = evidence.spf
    if spf is None or not aligned(spf.domain, domain, strict=policy.strict_spf):
        return dkim
    return dkim | {"temporary" if spf.result == "temperror" else spf.result}
