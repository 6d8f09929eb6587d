"""The edge that finds out who wrote a mail: runs SPF, DKIM, DMARC and ARC, or believes a trusted hop.

    header block ─> claims: whose domain is it about?
                      │  only what speaks for that domain is looked up: a stranger's mail makes
                      │  us ask no name servers of the stranger's choosing, beyond its own author's
      ┌───────────────┼────────────────┬──────────────────┐
    DMARC record    SPF (spftrace)   DKIM keys          ARC keys of trusted sealers
      └───────────────┴────────────────┴──────────────────┘
                      │  hashes and signatures: in a thread
                    verdict.judge

Nothing raises: what cannot be found out is *unchecked*, and says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bridge.email import arc, authres, caps, dmarc, signatures, spf
from bridge.email.caps import Head
from bridge.email.claims import claims
from bridge.email.resolver import NoAnswer, Resolver
from bridge.email.signatures import Candidate, Signed
from bridge.email.spf import Envelope
from bridge.email.verdict import Claims, DkimResult, Evidence, Known, SpfResult, judge
from bridge.model import Trust

log = logging.getLogger(__name__)

DEADLINE = 20.0
"""Seconds for one mail, all in all."""

MAX_SIGNATURES = 5
"""Signatures tried, of those that speak for the author's domain."""


class Authenticator:
    """Checks mails; one object serves many at a time.

    `trusted_sealers` are domains of forwarders whose ARC seals are believed; `hop` the
    authserv-id of the server that hands us our mail; `own` whether we check ourselves.  `clock`
    gives seconds since 1970.
    """

    def __init__(
        self,
        resolver: Resolver,
        *,
        trusted_sealers: Sequence[str] = (),
        hop: str | None = None,
        own: bool = True,
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._resolver = resolver
        self._spf = spf.Lookups(resolver)
        self._sealers = frozenset(sealer.rstrip(".").lower() for sealer in trusted_sealers)
        self._hop = hop
        self._own = own
        self._deadline = deadline
        self._clock = clock
        dmarc.suffixes()

    async def check(self, raw: bytes, mail_from: str, peer: str, helo: str) -> Trust:
        """Who wrote `raw`, as far as it can be known; raises nothing but a cancellation.

        `mail_from` is the envelope's sender ("" when null), `peer` the IP address that handed
        the mail over ("" when it was fetched), `helo` the name it gave.
        """
        try:
            head, who = await asyncio.to_thread(_open, raw)
        except Exception as error:  # noqa: BLE001 - our own fault: the mail comes in, unchecked
            log.warning("a mail's sender could not be read: %s", type(error).__name__)
            return Trust(reasons=("unchecked",))
        if who.domain is None:
            return judge(Evidence(who))
        try:
            async with asyncio.timeout(self._deadline):
                evidence = await self._gather(raw, head, who, Envelope(mail_from, peer, helo))
        except TimeoutError:
            evidence = Evidence(who, policy="temporary")
        except Exception as error:  # noqa: BLE001 - our own fault: the mail comes in, unchecked
            log.warning("a mail's sender could not be checked: %s", type(error).__name__)
            evidence = Evidence(who)
        return judge(evidence)

    async def _gather(self, raw: bytes, head: Head, who: Claims, envelope: Envelope) -> Evidence:
        domain = who.domain or ""
        from_hop = self._hop is not None and await self._is_hop(self._hop, envelope)
        results = authres.from_hop(head.fields, self._hop) if self._hop and from_hop else None
        evidence = Evidence(who, hop=authres.dmarc(results, domain) if results else "")
        seen = authres.spf(results) if results else None
        told = SpfResult(*seen) if seen else None
        if not self._own:
            return replace(evidence, spf=told)
        async with asyncio.TaskGroup() as group:
            policy = group.create_task(self._policy(domain))
            told = told or (SpfResult("unknown") if from_hop else None)
            sent = group.create_task(self._spf_result(envelope, domain, told))
            proofs = group.create_task(self._proofs(raw, head, domain))
        dkim, sealed = proofs.result()
        return replace(evidence, policy=policy.result(), spf=sent.result(), dkim=dkim, arc=sealed)

    async def _is_hop(self, hop: str, envelope: Envelope) -> bool:
        """Whether the trusted server handed the mail over: any stranger could write its name as well."""
        if not envelope.peer or envelope.inside:
            return True
        try:
            return str(envelope.address) in await self._resolver.addresses(hop)
        except NoAnswer:
            return False

    # -------------------------------------------------------------- our own checks

    async def _policy(self, domain: str) -> Known:
        """The policy of the author's domain, or of its organisation (RFC 7489 section 6.6.3)."""
        house = dmarc.organisation(domain)
        try:
            found = dmarc.records(await self._resolver.txt(f"_dmarc.{domain}"))
            below = not found and house != domain
            if below:
                found = dmarc.records(await self._resolver.txt(f"_dmarc.{house}"))
        except NoAnswer:
            return "temporary"
        return dmarc.policy(found, below=below) or "absent"

    async def _spf_result(self, envelope: Envelope, domain: str, told: SpfResult | None) -> SpfResult | None:
        """SPF of the envelope; None when its domain does not speak for the author.

        Behind another server only that one saw where the mail came from: then what we were `told`.
        """
        if told is not None:
            return told
        if envelope.address is None or envelope.inside:
            return SpfResult("unknown")
        identity = envelope.identity[1]
        if identity is None or not dmarc.aligned(identity, domain):
            return None
        return await spf.evaluate(self._spf, envelope)

    async def _proofs(self, raw: bytes, head: Head, domain: str) -> tuple[tuple[DkimResult, ...], arc.Sealed]:
        """What the signatures and the chain of forwarders prove for the author's domain."""
        mail = await asyncio.to_thread(signatures.read, raw, head)
        if mail is None:
            return (), ""
        candidates = mail.candidates(lambda one: dmarc.aligned(one, domain), MAX_SIGNATURES)
        places = arc.keys(mail, self._sealers.__contains__) if self._sealers else {}
        found = await self._keys({*(one.key_name for one in candidates), *places})
        dkim = await asyncio.to_thread(_verify, mail, candidates, found, self._clock())
        if not places:
            return dkim, ""
        return dkim, await asyncio.to_thread(arc.vouches, mail, found, places, domain)

    async def _keys(self, names: set[str]) -> dict[str, list[bytes] | None]:
        """The TXT records of each name; None where no server answered."""
        ordered = sorted(names)
        records = await asyncio.gather(*(self._key(name) for name in ordered))
        return dict(zip(ordered, records, strict=True))

    async def _key(self, name: str) -> list[bytes] | None:
        try:
            return await self._resolver.txt(name)
        except NoAnswer:
            return None


def _open(raw: bytes) -> tuple[Head, Claims]:
    head = caps.head(raw)
    return head, claims(raw, head)


def _verify(
    mail: Signed, candidates: Sequence[Candidate], keys: dict[str, list[bytes] | None], now: float
) -> tuple[DkimResult, ...]:
    results: list[DkimResult] = []
    for one in candidates:
        records = keys[one.key_name]
        result = "temporary" if records is None else mail.verify(one, records, now)
        results.append(DkimResult(result, one.domain))
    return tuple(results)
