"""The resolver edge: what the domain name system says, or that it says nothing at present.

    Resolver         what the checks of a sender ask
    ├── DnsResolver      asks name servers, and remembers answers for a short while
    └── StaticResolver   answers from given records: for sites without a name server, and tests

A name that does not exist, has no such record or cannot be a name gives an empty list; only a
server that does not answer raises `NoAnswer`.  Names are hostile: they come from mails.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver
import dns.reversename

from bridge.errors import Refuse

MAX_RECORDS = 100
"""Records of one answer that are looked at."""

_CACHED = 4096  # answers
_CACHED_OCTETS = 4096  # a longer answer is not kept: 16 MB in all
_NEGATIVE = 60.0  # seconds, RFC 2308 section 5 allows hours
_POSITIVE = 300.0  # seconds at most, less where the record says so


class NoAnswer(Exception):
    """No server answered in time, or those that did could not say (SERVFAIL): ask again later."""


class Resolver(Protocol):
    """Look-ups of the four kinds that mail needs; each raises only `NoAnswer`."""

    async def txt(self, name: str) -> list[bytes]:
        """The TXT records, the strings of each joined without a gap (RFC 7208 section 3.3)."""
        ...

    async def mx(self, name: str) -> list[tuple[int, str]]:
        """Preference and host of each MX record, the preferred first; "" is the null MX (RFC 7505)."""
        ...

    async def addresses(self, name: str) -> list[str]:
        """IPv4 addresses, then IPv6 ones."""
        ...

    async def ptr(self, address: str) -> list[str]:
        """The names that an IP address claims to have; whoever holds the address chooses them."""
        ...


class _Unusable(Exception):
    """A text that cannot be a name."""


class DnsResolver:
    """Asks `nameservers` (IP addresses; none: those of the system), each look-up at most `timeout` seconds.

    Raises `Refuse` when none are given and the system names none.  `clock` gives seconds that
    never go back.
    """

    def __init__(
        self,
        nameservers: Sequence[str] = (),
        *,
        timeout: float = 5.0,
        port: int = 53,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            self._dns = dns.asyncresolver.Resolver(configure=not nameservers)
            if nameservers:
                self._dns.nameservers = list(nameservers)
        except (dns.resolver.NoResolverConfiguration, ValueError):
            raise Refuse("No usable name server: give the IP address of one.") from None
        self._dns.port = port
        self._dns.timeout = timeout / 2  # a server that is silent leaves time for another
        self._dns.lifetime = timeout
        self._dns.use_edns(0, 0, 1232)
        self._clock = clock
        self._cache: OrderedDict[tuple[str, str], tuple[float, list[Any]]] = OrderedDict()

    async def txt(self, name: str) -> list[bytes]:
        return [b"".join(record.strings) for record in await self._ask(name, "TXT")]

    async def mx(self, name: str) -> list[tuple[int, str]]:
        records = await self._ask(name, "MX")
        return sorted((record.preference, _text(record.exchange)) for record in records)

    async def addresses(self, name: str) -> list[str]:
        found = [*await self._ask(name, "A"), *await self._ask(name, "AAAA")]
        return [record.address for record in found]

    async def ptr(self, address: str) -> list[str]:
        try:
            name = dns.reversename.from_address(address)
        except (dns.exception.SyntaxError, ValueError):
            return []
        return [_text(record.target) for record in await self._ask(name.to_text(), "PTR")]

    async def _ask(self, text: str, kind: str) -> list[Any]:
        try:
            name = _name(text)
        except _Unusable:
            return []
        key = (name.to_text().lower(), kind)
        kept = self._cache.get(key)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        records, seconds = await self._resolve(name, kind)
        self._keep(key, records, seconds)
        return records

    async def _resolve(self, name: dns.name.Name, kind: str) -> tuple[list[Any], float]:
        """The records, and for how many seconds they may be kept."""
        try:
            answer = await self._dns.resolve(name, kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return [], _NEGATIVE
        except (dns.exception.DNSException, OSError):  # OSError: no way to the server
            raise NoAnswer(f"no answer for a look-up of type {kind}") from None
        if answer.rrset is None:
            return [], _NEGATIVE
        return list(answer.rrset)[:MAX_RECORDS], min(_POSITIVE, float(answer.rrset.ttl))

    def _keep(self, key: tuple[str, str], records: list[Any], seconds: float) -> None:
        self._cache.pop(key, None)
        if seconds <= 0 or sum(len(record.to_text()) for record in records) > _CACHED_OCTETS:
            return
        self._cache[key] = (self._clock() + seconds, records)
        while len(self._cache) > _CACHED:
            self._cache.popitem(last=False)


def _name(text: str) -> dns.name.Name:
    """An absolute name; raises `_Unusable` for what is too long, empty inside or no name at all."""
    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, ValueError):  # ValueError: UnicodeError of an international name
        raise _Unusable from None


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""


Records = Mapping[str, Mapping[str, Any]]
"""By name (for PTR: by IP address), then by type: TXT, MX (`10 host`), A, AAAA, PTR; one text or several."""

_TYPES = ("TXT", "MX", "A", "AAAA", "PTR")


class StaticResolver:
    """Answers from `records`; raises `NoAnswer` for a name in `silent`, as a dead server would.

    Raises `ValueError`, naming the name and the type, for a record that is not of that form.
    """

    def __init__(self, records: Records, *, silent: Collection[str] = ()) -> None:
        self._records: dict[tuple[str, str], list[str]] = {}
        self._silent = {_plain(name) for name in silent}
        for name, kinds in records.items():
            if not isinstance(kinds, Mapping):
                raise ValueError(f"{name}: give records by their type")  # noqa: TRY004 - of a file
            for kind, values in kinds.items():
                self._records[_plain(name), kind] = _checked(name, kind, values)

    async def txt(self, name: str) -> list[bytes]:
        return [value.encode("utf-8") for value in self._ask(name, "TXT")]

    async def mx(self, name: str) -> list[tuple[int, str]]:
        pairs = [value.split() for value in self._ask(name, "MX")]
        return sorted((int(preference), _plain(host)) for preference, host in pairs)

    async def addresses(self, name: str) -> list[str]:
        return [*self._ask(name, "A"), *self._ask(name, "AAAA")]

    async def ptr(self, address: str) -> list[str]:
        return [_plain(value) for value in self._ask(address, "PTR")]

    def _ask(self, name: str, kind: str) -> list[str]:
        if _plain(name) in self._silent:
            raise NoAnswer(f"no answer for a look-up of type {kind}")
        return self._records.get((_plain(name), kind), [])


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _checked(name: str, kind: str, values: Any) -> list[str]:
    texts = [values] if isinstance(values, str) else values
    if kind not in _TYPES:
        raise ValueError(f"{name}: {kind} is none of {', '.join(_TYPES)}")
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{name}: {kind} must be a text or a list of texts")
    if not all(_fits(kind, text) for text in texts):
        raise ValueError(f"{name}: {kind} has a record of another form")
    return list(texts)


def _fits(kind: str, text: str) -> bool:
    if kind == "MX":
        words = text.split()
        return len(words) == 2 and words[0].isdecimal() and int(words[0]) < 65536
    if kind in ("A", "AAAA"):
        try:
            return ipaddress.ip_address(text).version == (4 if kind == "A" else 6)
        except ValueError:
            return False
    return bool(text.strip()) or kind == "TXT"
