"""Where a request comes from, and how often something may come from there.

    peer ── is it one of our proxies? ── no ──> the peer
                       │ yes
             X-Forwarded-For, Forwarded ── from the right, past our proxies ──> the first that is not ours

A house, a library or a mobile operator shares one address, and one person has a whole IPv6 network:
what is counted is the network, /24 and /64.  Where a proxy of ours does not say who asked, the network
is unknown ("") and nothing is counted: better no limit than one for a whole town.  Tables are bounded
and lie in memory; `now` is in seconds and only grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from bridge.forms.settings import Network

Address = IPv4Address | IPv6Address

_PREFIX = {4: 24, 6: 64}
_HOPS = 20  # of a chain of proxies that are looked at
_SIZE = 20_000  # networks remembered in a table
_PORT = re.compile(r"\[(?P<six>[^\]]*)\](:\d*)?|(?P<four>[0-9.]+):\d+")
_PAIR = re.compile(
    r'\s*(?P<name>[\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s;,"]*))'
)
"""A pair of `Forwarded` (RFC 7239, section 4)."""


def client(
    peer: str, x_forwarded_for: Sequence[str], forwarded: Sequence[str], proxies: Sequence[Network]
) -> str:
    """The address that asked, "" when only a proxy of ours knows it.

    `peer` is the other end of the connection; the headers' values in the order in which they came.
    A stranger can write either header, and a proxy corrects only the one it knows: where both are
    there and lead to different addresses, neither is believed.
    """
    address = _address(peer)
    if address is None or not _ours(address, proxies):
        return str(address or "")
    chains = [chain for chain in (_plain(x_forwarded_for), _pairs(forwarded)) if chain]
    found = {str(_beyond(chain, proxies) or "") for chain in chains}
    return found.pop() if len(found) == 1 else ""


def network(address: str) -> str:
    """The network of an address: "192.0.2.0/24", "2001:db8::/64"; "" for anything else."""
    ip = _address(address)
    return str(ip_network(f"{ip}/{_PREFIX[ip.version]}", strict=False)) if ip else ""


def _beyond(chain: Sequence[str], proxies: Sequence[Network]) -> Address | None:
    """The nearest in a chain that is no proxy of ours; None where it ends, or names none."""
    for hop in chain[-_HOPS:][::-1]:
        address = _address(hop)
        if address is None or not _ours(address, proxies):
            return address
    return None


def _ours(address: Address, proxies: Sequence[Network]) -> bool:
    return any(address in known for known in proxies)


def _address(text: str) -> Address | None:
    """Also with a port, in brackets or as an IPv4 address inside an IPv6 one."""
    text = text.strip()
    if found := _PORT.fullmatch(text):
        text = found["six"] or found["four"] or ""
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


def _plain(values: Sequence[str]) -> list[str]:
    return [hop for value in values for hop in value.split(",") if hop.strip()]


def _pairs(values: Sequence[str]) -> list[str]:
    """What stands behind `for=`, in order; "" for an element without it."""
    return [_for(element) for value in values for element in _elements(value)]


def _elements(value: str) -> Iterator[str]:
    """The elements of a list, whose quoted strings may hold commas."""
    for element in re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+', value):
        if element.strip():
            yield element


def _for(element: str) -> str:
    for pair in _PAIR.finditer(element):
        if pair["name"].lower() == "for":
            return pair["token"] or re.sub(r"\\(.)", r"\1", pair["quoted"] or "")
    return ""


class Rates:
    """Something may happen `most` times at once for each key, and as often again within `period` seconds.

    For each key stands the moment at which all of it is allowed again; beyond `size` keys the one used
    longest ago is forgotten.  The key "" is never counted.
    """

    def __init__(self, most: int, period: float, size: int = _SIZE) -> None:
        self._step, self._period, self._size = period / most, period, size
        self._whole: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._whole)

    def over(self, key: str, now: float) -> bool:
        """Whether it may not happen once more; counts nothing."""
        return self._whole.get(key, now) + self._step > now + self._period * (1 + 1e-9)

    def take(self, key: str, now: float) -> bool:
        """Whether it may happen once more; it is counted only when it may."""
        if not key:
            return True
        allowed = not self.over(key, now)
        whole = max(now, self._whole.pop(key, now))
        self._whole[key] = whole + self._step if allowed else whole
        if len(self._whole) > self._size:
            del self._whole[next(iter(self._whole))]
        return allowed


STARTS, START_PERIOD = 300, 3600.0
"""Drafts that a network may begin in an hour: each is a row in the database."""
MISSES, MISS_PERIOD = 60, 600.0
"""Addresses of pages, drafts and saved forms that a network may get wrong in ten minutes.

They cannot be guessed (128 bits); this only keeps those who try from keeping us busy.
"""


@dataclass(slots=True)
class Visitors:
    """What is counted of a network: `sent` forms, drafts that were begun, wrong tokens and codes."""

    sent: Rates
    starts: Rates = field(default_factory=lambda: Rates(STARTS, START_PERIOD))
    misses: Rates = field(default_factory=lambda: Rates(MISSES, MISS_PERIOD))
