"""Where a request comes from, and how often something may come from there.

    peer ── is it one of our proxies? ── no ──> the peer
                       │ yes
             X-Forwarded-For, Forwarded ── from the right, past our proxies ──> the first that is not ours

A house, a library or a mobile operator shares one address, and one person has a whole IPv6 network:
what is counted is the network, /24 and /64.  Where a proxy of ours is silent about who asked, the
network is unknown ("") and nothing is counted: better no limit than one for a whole town.  Where what
it says makes no sense, somebody is at play, and all who play are counted together, as the proxy.
Tables are bounded and lie in memory; `now` is in seconds and only grows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from bridge.forms.settings import Network

Address = IPv4Address | IPv6Address

_PREFIX = {4: 24, 6: 64}
_HOPS = 20  # of a chain of proxies that are looked at
_SIZE = 20_000  # networks remembered in a table
_PORT = re.compile(r"\[(?P<six>[^\]]*)\](:\d*)?|(?P<four>[0-9.]+):\d+")
_PAIR = re.compile(r"\s*(?P<name>[\w!#$%&'*+.^`|~-]+)=(?:\"(?P<quoted>[^\"]*)\"|(?P<token>[^\s\"]*))\s*")


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
    said = [x_forwarded_for, [_for(element) for element in _listed(forwarded)]]
    found = {_beyond(_listed(hops), address, proxies) for hops in said if hops}
    return found.pop() if len(found) == 1 else str(address) if found else ""


def network(address: str) -> str:
    """The network of an address: "192.0.2.0/24", "2001:db8::/64"; "" for anything else."""
    ip = _address(address)
    return str(ip_network(f"{ip}/{_PREFIX[ip.version]}", strict=False)) if ip else ""


def _beyond(chain: Sequence[str], proxy: Address, proxies: Sequence[Network]) -> str:
    """The nearest in a chain that is no proxy of ours: "" where there is none, the proxy itself where
    that is no address."""
    for hop in chain[-_HOPS:][::-1]:
        address = _address(hop)
        if address is None or not _ours(address, proxies):
            return str(address or proxy)
    return ""


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


def _listed(values: Sequence[str]) -> list[str]:
    """The elements of a header that is a list, which may come in several lines.

    They are parted at every comma: what stands left of our proxy's word may have quotes that never
    end, and must not swallow it.
    """
    return [element for value in values for element in value.split(",") if element.strip()]


def _for(element: str) -> str:
    """What an element of `Forwarded` says behind `for=` (RFC 7239, section 4); "?" when it is malformed."""
    pairs = [_PAIR.fullmatch(pair) for pair in element.split(";")]
    if not all(pairs):
        return "?"
    return next((p["token"] or p["quoted"] or "?" for p in pairs if p and p["name"].lower() == "for"), "?")


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
