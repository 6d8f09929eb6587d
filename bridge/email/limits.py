"""How much one peer may take: lines that are open, lines and mails in a minute.

Counted per address and per network, so that neither one machine nor its neighbours take the
door from the others.  Memory is bounded: open lines by their number, minutes by a table that
forgets who was seen longest ago.  No clock of its own: `now` is in seconds, and only grows.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass

from bridge.email.settings import Allowance

_IPv4_NETWORK = 24
_IPv6_NETWORK = 64


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end; `address` and `network` are "" for a socket file."""

    address: str
    network: str
    trusted: bool


class Rates:
    """How often something happens per minute, for at most `size` keys: a bucket for each.

    A bucket holds a minute's worth and fills up evenly; beyond `size` the bucket that was used
    longest ago is forgotten.
    """

    def __init__(self, per_minute: int, size: int) -> None:
        self._most = float(per_minute)
        self._size = size
        self._buckets: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, now: float) -> bool:
        """Whether it may happen once more; it is counted only when it may."""
        level, at = self._buckets.pop(key, (self._most, now))
        level = min(self._most, level + (now - at) * self._most / 60)
        allowed = level >= 1
        self._buckets[key] = (level - 1 if allowed else level, now)
        if len(self._buckets) > self._size:
            del self._buckets[next(iter(self._buckets))]
        return allowed


class Gate:
    """Counts peers against an allowance; every `enter` that says True needs its `leave`."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._trusted = [ipaddress.ip_network(network, strict=False) for network in allowance.trusted]
        self._open: Counter[str] = Counter()
        self._lines: Counter[bool] = Counter()
        size = allowance.remembered
        self._new = (Rates(allowance.new_per_network, size), Rates(allowance.new_per_address, size))
        self._mails = (Rates(allowance.mails_per_network, size), Rates(allowance.mails_per_address, size))

    def peer(self, address: str) -> Peer:
        """Who has `address`; "" is the far end of a socket file, which its permissions guard."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return Peer("", "", trusted=not address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        prefix = _IPv4_NETWORK if ip.version == 4 else _IPv6_NETWORK
        network = ipaddress.ip_network(f"{str(ip).partition('%')[0]}/{prefix}", strict=False)
        trusted = any(ip in known for known in self._trusted)
        return Peer(str(ip), str(network), trusted)

    def full(self, peer: Peer) -> bool:
        """Whether all lines for such peers are taken: strangers and trusted ones have as many each."""
        return self._lines[peer.trusted] >= self._allowance.connections

    def enter(self, peer: Peer, now: float) -> bool:
        """Count a line; False when there are too many."""
        if self.full(peer) or not (peer.trusted or self._may_enter(peer, now)):
            return False
        self._lines[peer.trusted] += 1
        self._open.update((peer.address, peer.network))
        return True

    def _may_enter(self, peer: Peer, now: float) -> bool:
        return (
            self._open[peer.address] < self._allowance.connections_per_address
            and self._open[peer.network] < self._allowance.connections_per_network
            and _take(self._new, peer, now)
        )

    def leave(self, peer: Peer) -> None:
        """The line is closed."""
        self._lines[peer.trusted] -= 1
        for key in (peer.address, peer.network):
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def mail(self, peer: Peer, now: float) -> bool:
        """Count a mail that begins; False when there are too many."""
        return peer.trusted or _take(self._mails, peer, now)


def _take(rates: tuple[Rates, Rates], peer: Peer, now: float) -> bool:
    """The network is asked first: one that is over its own measure fills no table of addresses."""
    network, address = rates
    return network.take(peer.network, now) and address.take(peer.address, now)
