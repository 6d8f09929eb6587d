"""A town's DNS as it should be, the configuration that goes with it, and what follows advice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

import dns.rdatatype
import dns.zone
from dns.rdtypes.ANY.TXT import TXT

from bridge.config_email import Email, Mailbox, Scanner
from bridge.doctor.examine import examine
from bridge.doctor.incoming import Shown
from bridge.doctor.row import Row
from bridge.email.resolver import Resolver, StaticResolver

TOWN = "alder.home.arpa"  # RFC 8375: nobody's in the world, and no example's either
DOMAIN = f"consult.{TOWN}"
HOST = f"mx.{TOWN}"
NOW = 1_800_000_000.0  # 2027-01-15
DAY = 86400.0
T = TypeVar("T")
Zone = dict[str, dict[str, Any]]

GOOD: Zone = {
    DOMAIN: {"MX": [f"10 {HOST}"], "TXT": ["v=spf1 mx -all", "site-verification=1"]},
    HOST: {"A": ["192.0.2.25"]},
    "192.0.2.25": {"PTR": [HOST]},
    f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=reject"]},
}


def records(**changes: Any) -> Zone:
    """`GOOD` with other records: `domain`, `host`, `address`, `dmarc` are its names; None takes one away."""
    names = {"domain": DOMAIN, "host": HOST, "address": "192.0.2.25", "dmarc": f"_dmarc.{DOMAIN}"}
    zone = deepcopy(GOOD)
    for name, kinds in changes.items():
        zone[names[name]] = {**zone[names[name]], **kinds} if kinds is not None else {}
    return zone


def email(**more: Any) -> Email:
    return Email.model_validate({"domain": DOMAIN, **more})


@dataclass
class Outdoors:
    """A world in which all is well, unless a test says otherwise."""

    dns: Resolver | Exception = field(default_factory=lambda: StaticResolver(GOOD))
    shown: Shown | Exception = field(default_factory=lambda: Shown(NOW + 60 * DAY))
    virus: str | Exception = "ClamAV 1.4.6"
    box: Exception | None = None
    greeted: list[tuple[str, str, str]] = field(default_factory=list)
    hang: bool = False

    def resolver(self, email: Email) -> Resolver:
        return _given(self.dns)

    async def secured(self, host: str, address: str, ours: str) -> Shown:
        self.greeted.append((host, address, ours))
        return _given(self.shown)

    async def scanner(self, scanner: Scanner) -> str:
        if self.hang:
            await asyncio.Event().wait()
        return _given(self.virus)

    async def mailbox(self, mailbox: Mailbox) -> None:
        if self.box is not None:
            raise self.box


def _given(value: T | Exception) -> T:
    if isinstance(value, Exception):
        raise value
    return value


async def table(settings: Email, world: Outdoors, seconds: float = 20.0) -> dict[str, Row]:
    return {row.name: row for row in await examine(settings, world, lambda: NOW, seconds)}


async def rows(zone: Zone, settings: Email | None = None) -> dict[str, Row]:
    return await table(settings or email(), Outdoors(StaticResolver(zone)))


def faults(found: dict[str, Row]) -> list[str]:
    return [row.name for row in found.values() if row.ok is False]


def published(zone: Zone, lines: str, rename: Callable[[str], str] = lambda name: name) -> Zone:
    """The zone after somebody has put `lines`, as a name server reads them, in place of what they replace.

    That is what has the same name and type; of TXT records only those that begin with the same word.
    `rename` is what the person changes in the lines.
    """
    after = deepcopy(zone)
    read = dns.zone.from_text(rename(lines), origin=".", relativize=False, check_origin=False)
    for name, _, record in read.iterate_rdatas():
        kind = dns.rdatatype.to_text(record.rdtype)
        place = after.setdefault(name.to_text(omit_final_dot=True), {})
        if kind != "TXT":
            place[kind] = [record.to_text()]
            continue
        assert isinstance(record, TXT)
        value = b"".join(record.strings).decode()
        word = value.replace(";", " ").split()[0]
        place[kind] = [
            *(old for old in place.get(kind, []) if not old.lower().startswith(word.lower())),
            value,
        ]
    return after
