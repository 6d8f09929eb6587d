"""SPF (RFC 7208): whether the machine that handed a mail over may speak for the envelope's domain.

spftrace evaluates the policy; our resolver answers it, and only it: the library would otherwise
ask a public name server.
"""

from __future__ import annotations

import ipaddress
import re

import dns.name
import dns.reversename
from spftrace import BaseResolver, DnsError, Evaluator, Limits

from bridge.email.dmarc import ascii_domain
from bridge.email.resolver import NoAnswer, Resolver
from bridge.email.verdict import SpfResult

_SECONDS = 10.0
_LOOKUPS = 40  # of all kinds; section 4.6.4 allows ten terms, each of which may need several
_RECORD = 4_096  # octets; section 3.4 advises 512
_WORD = re.compile(r"[^\s\x00-\x1f\x7f<>]{1,320}")
_INSIDE = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
        *("169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"),
    )
)
"""Addresses of our own machine or house: a server there hands on what came from elsewhere."""


class Envelope:
    """What SMTP said of a mail, as far as it is of any form."""

    def __init__(self, mail_from: str, peer: str, helo: str) -> None:
        self.peer = peer
        self.address = _address(peer)
        self.inside = self.address is not None and any(
            self.address.version == network.version and self.address in network for network in _INSIDE
        )
        self.helo = helo if _WORD.fullmatch(helo) else ""
        self._mail_from = mail_from.strip().removeprefix("<").removesuffix(">")

    @property
    def identity(self) -> tuple[str, str | None]:
        """Local part and domain that SPF checks (RFC 7208 section 2.4).

        Of MAIL FROM, or of HELO when that is null; the domain is None when neither has one.
        """
        if not self._mail_from:
            return "postmaster", ascii_domain(self.helo)
        if not _WORD.fullmatch(self._mail_from):
            return "", None
        local, _, domain = self._mail_from.rpartition("@")
        return local or "postmaster", ascii_domain(domain)


async def evaluate(lookups: Lookups, envelope: Envelope) -> SpfResult:
    """What the policy of the envelope's domain gives for its address: a result of section 2.6.

    The envelope must have an address and a domain.
    """
    local, domain = envelope.identity
    evaluator = Evaluator(lookups, Limits(time_limit=_SECONDS, max_queries=_LOOKUPS))
    found = await evaluator.evaluate(str(envelope.address), f"{local}@{domain}", envelope.helo)
    return SpfResult(found.verdict, domain or "")


def _address(peer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(peer.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class Lookups(BaseResolver):
    """Our resolver as spftrace asks one."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def _lookup(self, name: str, rtype: str) -> tuple[str, list[str]]:
        try:
            found = await self._answers(name, rtype)
        except NoAnswer as error:
            raise DnsError(str(error)) from None
        return ("NOERROR" if found else "NXDOMAIN"), found

    async def _answers(self, name: str, rtype: str) -> list[str]:
        if rtype == "TXT":
            texts = await self._resolver.txt(name)
            return [text.decode("utf-8", "replace") for text in texts if len(text) <= _RECORD]
        if rtype == "MX":
            return [host for _, host in await self._resolver.mx(name) if host]
        if rtype == "PTR":
            return await self._resolver.ptr(dns.reversename.to_address(dns.name.from_text(name)))
        return [one for one in await self._resolver.addresses(name) if (":" in one) == (rtype == "AAAA")]
