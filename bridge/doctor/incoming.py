"""How citizens' mails find us: MX, reverse name, and TLS of the servers that the MX records name."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from bridge.doctor.row import Row, record
from bridge.email import dmarc
from bridge.email.resolver import Resolver
from bridge.email.spf import Envelope
from bridge.errors import Refuse, Retry

MX, REVERSE, TLS = "MX", "reverse name", "TLS of the MX"
MOST = 4
"""Servers and addresses that are looked at."""
DAYS = 14
"""A certificate that ends sooner is a fault: what renews it should have done so long before."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Host:
    """A mail server and its addresses, those that the world can reach in `public`."""

    name: str
    addresses: tuple[str, ...]

    @property
    def public(self) -> tuple[str, ...]:
        return tuple(address for address in self.addresses if outside(address))


@dataclass(frozen=True, slots=True)
class Way:
    """Where the mails of `domain` are taken to; no `hosts`: nowhere, it wants none (RFC 7505).

    `named`: MX records say so; else the one host is the domain itself.
    """

    domain: str
    hosts: tuple[Host, ...]
    named: bool

    @property
    def public(self) -> list[tuple[str, str]]:
        """Servers with an address that the world can reach."""
        return [(host.name, address) for host in self.hosts for address in host.public][:MOST]


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate behind STARTTLS: when it ends (seconds since 1970), or why nobody vouches for it."""

    until: float = 0.0
    doubt: str = ""


Secured = Callable[[str, str], Awaitable[Shown]]
"""From a mail server's name and address to what it shows; see `Look.secured`."""


def outside(address: str) -> bool:
    """Whether an address is of the world, not of our own machine or house."""
    return not Envelope("", address, "").inside


async def together(*asked: Coroutine[Any, Any, T]) -> list[T]:
    """The answers, when all have ended; raises what the first that failed raised."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    found: list[T] = []
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
        found.append(answer)
    return found


async def find(resolver: Resolver, domain: str) -> Way:
    """As a sender finds it (RFC 5321 section 5.1); raises `NoAnswer`."""
    named = [host for _, host in await resolver.mx(domain)]
    names = [host for host in named if host][:MOST] if named else [domain]
    addresses = await together(*(resolver.addresses(name) for name in names))
    hosts = (Host(name, tuple(found)) for name, found in zip(names, addresses, strict=True))
    return Way(domain, tuple(hosts), bool(named))


def mx(way: Way, hosted: bool) -> Row:
    """`hosted`: a mail host takes the mails, and we fetch them."""
    giver = "the name that your mail host gives" if hosted else "your mail server's own name"
    usual = f"mail.{dmarc.organisation(way.domain)}"
    publish = f"Publish the line below, with {giver} for {usual}"
    zone = record(way.domain, MX, f"10 {usual}.")
    silent = [host.name for host in way.hosts if not host.addresses]
    if not way.hosts:
        return Row(MX, False, f"{way.domain} says that it takes no mail (RFC 7505)", publish, zone)
    if not way.named and silent:
        return Row(MX, False, f"{way.domain} has no MX record: nobody can write to it", publish, zone)
    if not way.named:
        said = f"none; senders fall back on the address of {way.domain} itself ({way.hosts[0].addresses[0]})"
        return Row(
            MX, True, said, "An MX record says it plainly", record(way.domain, MX, f"10 {way.domain}.")
        )
    if silent:
        return Row(MX, False, f"{silent[0]} has no address", _nameless(silent[0]))
    fetched = "; a mail host takes the mails, and the bridge fetches them by IMAP" if hosted else ""
    return Row(MX, True, ", ".join(f"{h.name} ({h.addresses[0]})" for h in way.hosts) + fetched)


def _nameless(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return f"Give {host} its A and AAAA records, or take the MX record that names it away"
    return "An MX record holds a name, never an address: give the server a name, and write that"


async def reverse(resolver: Resolver, way: Way) -> Row:
    """Whether each public address has a name that leads back to it; raises `NoAnswer`."""
    if (nowhere := _nowhere(REVERSE, way)) is not None:
        return nowhere
    found = await together(*(_led_back(resolver, address) for _, address in way.public))
    pairs = list(zip(way.public, found, strict=True))
    wrong = [(host, address, names) for (host, address), (names, back) in pairs if not back]
    if not wrong:
        return Row(REVERSE, True, ", ".join(f"{address} is {back}" for (_, address), (_, back) in pairs))
    said = "; ".join(
        f"{address} is called {names[0]}, which does not lead back" if names else f"{address} has no name"
        for _, address, names in wrong
    )
    lines = " ".join(
        record(ipaddress.ip_address(address).reverse_pointer, "PTR", f"{host}.") for host, address, _ in wrong
    )
    return Row(
        REVERSE, False, said, f"Ask whoever gave you the address, not who keeps your domain, for: {lines}"
    )


async def _led_back(resolver: Resolver, address: str) -> tuple[list[str], str]:
    """The names an address claims, and the one of them that has this address ("": none)."""
    names = (await resolver.ptr(address))[:MOST]
    found = await together(*(_parsed(resolver, name) for name in names))
    same = ipaddress.ip_address(address)
    leading = (name for name, known in zip(names, found, strict=True) if same in known)
    return names, next(leading, "")


async def _parsed(resolver: Resolver, name: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses of a name, however they are written."""
    return [ipaddress.ip_address(address) for address in await resolver.addresses(name)]


def _nowhere(name: str, way: Way) -> Row | None:
    """What there is to say when no public address is known."""
    if not any(host.addresses for host in way.hosts):
        return Row(name, None, "needs the MX")
    if not way.public:
        inside = ", ".join(host.addresses[0] for host in way.hosts if host.addresses)
        return Row(name, None, f"can be seen from outside only: {inside} is an address of your own house")
    return None


async def tls(secured: Secured, way: Way, now: float) -> Row:
    """What the servers show at port 25 to whoever begins TLS; `now` in seconds since 1970."""
    if (nowhere := _nowhere(TLS, way)) is not None:
        return nowhere
    first: dict[str, str] = {}
    for host, address in way.public:
        first.setdefault(host, address)
    rows = await together(*(_shown(secured, host, address, now) for host, address in first.items()))
    worst = min(rows, key=lambda row: (row.ok is not False, row.ok is not None))
    return worst if worst.ok is not True else Row(TLS, True, "; ".join(row.said for row in rows))


async def _shown(secured: Secured, host: str, address: str, now: float) -> Row:
    try:
        found = await secured(host, address)
    except Refuse as error:
        remedy = f"Let the server offer STARTTLS (RFC 3207) with a certificate for {host}"
        return Row(TLS, False, f"{host}: {error.reason}", remedy)
    except Retry as error:
        remedy = (
            f"Look from outside: openssl s_client -starttls smtp -verify_hostname {host} -connect {host}:25"
        )
        return Row(TLS, None, f"{host} could not be looked at: {error.reason}", remedy)
    if found.doubt:
        remedy = "Senders that want proof (MTA-STS) do not deliver there; those that ask DANE may"
        return Row(TLS, None, f"{host} offers STARTTLS; nobody vouches for it: {found.doubt}", remedy)
    if (fault := ending(found.until, now)) is not None:
        return Row(TLS, False, f"the certificate of {host} {fault}", "See why it was not renewed")
    return Row(TLS, True, f"{host} offers STARTTLS with a certificate until {day(found.until)}")


def ending(until: float, now: float) -> str | None:
    """What is wrong with a certificate that ends at `until`; None when nothing is."""
    if until <= now:
        return f"ended on {day(until)}"
    return f"ends on {day(until)}, within {DAYS} days" if until < now + DAYS * 86400 else None


def day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
