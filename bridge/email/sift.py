"""What is asked about a mail beside its words: who wrote it, whether it is spam, what is dangerous in it.

    raw ─┬─ the sender's domain ──> Trust          envelope ──> the network it came from
         ├─ the virus scanner ────> files or none
         └─ the hop's verdict ────> spam

What cannot be asked now is told to the operators once, and decides nothing: a mail whose scanner is
down waits.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.channel import Item
from bridge.email import spam
from bridge.email.mail import Mail
from bridge.email.scanner import Scanner, TooLarge
from bridge.errors import Retry
from bridge.model import Attachment, Trust

_PATIENCE = 2  # times that a mail waits for silent name servers
_AGAIN = 20.0  # seconds


class Checker(Protocol):
    """Whatever finds out who wrote a mail: `authenticate.Authenticator`."""

    async def check(self, raw: bytes, mail_from: str, peer: str, helo: str) -> Trust: ...


@dataclass(frozen=True, slots=True)
class Scanned:
    """`virus`: what was found, or ""; `skipped`: the mail is too large to be scanned."""

    virus: str = ""
    skipped: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """Keys of `casework.texts`."""
        return ("kind_virus",) if self.virus else ("kind_unscanned",) if self.skipped else ()

    def passed(self, files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
        """The files that may be shown."""
        return () if self.virus else files


class Sift:
    """The questions, each asked only where somebody is named who answers it.

    `hops` are the networks whose spam verdicts are believed; what came by LMTP over a socket or from
    a mailbox has no peer and came from a hop as well.  `tell(key)` reaches the operators.
    """

    def __init__(
        self,
        checker: Checker | None,
        scanner: Scanner | None,
        hops: Sequence[str],
        tell: Callable[[str], None],
        *,
        believe_spam: bool,
    ) -> None:
        self._checker = checker
        self._scanner = scanner
        self._hops = [ipaddress.ip_network(hop) for hop in hops]
        self._tell = tell
        self._believe_spam = believe_spam

    async def trust(self, item: Item) -> Trust | None:
        """Who wrote it; None when nobody looks.  Raises `Retry` twice while name servers are silent."""
        if self._checker is None:
            return None
        meta = {key: str(item.meta.get(key) or "") for key in ("mail_from", "peer", "helo")}
        trust = await self._checker.check(item.raw, meta["mail_from"], meta["peer"], meta["helo"])
        if "temporary" in trust.reasons and item.tries < _PATIENCE:
            raise Retry("The name servers did not answer.", after=_AGAIN)
        return trust

    async def scan(self, item: Item) -> Scanned:
        """Raises `Retry` while the scanner does not answer: held, not passed."""
        return await self._scan(item.raw)

    async def files(self, files: Sequence[Attachment]) -> Scanned:
        """The same for files that came without a mail around them: one that is dangerous is enough."""
        skipped = False
        for file in files:
            found = await self._scan(file.data)
            if found.virus:
                return found
            skipped = skipped or found.skipped
        return Scanned(skipped=skipped)

    async def _scan(self, data: bytes) -> Scanned:
        if self._scanner is None:
            return Scanned()
        try:
            return Scanned(await self._scanner.scan(data) or "")
        except TooLarge:
            return Scanned(skipped=True)
        except Retry:
            self._tell("scanner_down")
            raise

    def spam(self, item: Item, mail: Mail) -> bool:
        """Whether a trusted hop says so."""
        return self._believe_spam and spam.read(mail.fields, self._from_hop(item)).verdict == "spam"

    def _from_hop(self, item: Item) -> bool:
        peer = str(item.meta.get("peer") or "")
        return not peer or any(_address(peer) in hop for hop in self._hops if _address(peer) is not None)


def network(item: Item) -> str:
    """The /24 or /64 that handed the mail over; "" where that is the operator's own, or unknown."""
    address = _address(str(item.meta.get("peer") or ""))
    if address is None or not address.is_global:
        return ""
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else found
