"""Which mailboxes an envelope means: who is taken at RCPT, and what arrives for whom.

The same for every door: SMTP, LMTP, and a mailbox that is fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bridge.channel import Arrival
from bridge.email import caps, thread
from bridge.email.addresses import loosely
from bridge.model import Source

_POSTMASTER = "postmaster"
_MAX_HELO = 255  # RFC 5321 section 4.5.3.1.2
_PATH = re.compile(r"<(?:@[^:<>\s]*:)?((?:\"(?:[^\"\\]|\\.)*\"|[^<>\"\s])*)>((?:\s.*)?)$")


@dataclass(frozen=True, slots=True)
class Came:
    """How a mail came: its recipients as they were given, in their order, and who brought it.

    `mail_from` is "" for the null sender; `peer` is an IP address or "" (a socket file); `door` is
    what it came by, as the log calls it.
    """

    recipients: tuple[str, ...]
    mail_from: str = ""
    peer: str = ""
    helo: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is to be accepted; `parts[n]` are the keys of the arrivals that recipient n stands for.

    A recipient without a key has no mailbox here.
    """

    arrivals: tuple[Arrival, ...]
    parts: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Ours:
    """Our addresses: those at `domain` whose mailbox `known` says exists, and `postmaster`.

    `postmaster` is always taken (RFC 5321 section 4.5.1).  `catch_all` is an address that a
    mail host puts in place of all of ours; it need not be at `domain`.  Whatever `known`
    raises goes through.
    """

    domain: str
    delimiter: str
    known: Callable[[str], bool]
    catch_all: str | None = None

    def refusal(self, recipient: str) -> str | None:
        """The answer to a recipient that is none of ours; None when it is taken."""
        if self._is_catch_all(recipient):
            return None
        found = thread.split(recipient, self.domain, self.delimiter)
        if found is None:
            return "550 5.7.1 We do not relay mail for that domain"
        if found[0] != _POSTMASTER and not self.known(found[0]):
            return "550 5.1.1 There is no such mailbox here"
        return None

    def sort(self, came: Came, raw: bytes) -> Sorted:
        """One arrival for each mailbox and token among the recipients, each with its own key.

        The key is made of the recipient's mailbox and token, the Message-ID and a digest of the
        body; without a Message-ID, of Date and From too.
        """
        top = caps.head(raw)
        visible = loosely(top.all("delivered-to") + top.all("x-original-to") + top.all("to") + top.all("cc"))
        named = b" ".join(top.first("message-id").split())
        loose = b"" if named else b"\0".join((top.first("date"), top.first("from")))
        body = hashlib.sha256(memoryview(raw)[top.body :]).hexdigest().encode()
        meta = {"mail_from": came.mail_from, "peer": came.peer, "helo": came.helo}
        arrivals: dict[str, Arrival] = {}
        keys: dict[str, str] = {}
        meant = [self._meant(recipient, top) for recipient in came.recipients]
        for recipient in self._tokens_first([address for group in meant for address in group]):
            mailbox, token = thread.split(recipient, self.domain, self.delimiter) or ("", None)
            token = token or thread.token_among(visible, mailbox, self.domain, self.delimiter)
            parts = (f"{mailbox}\0{token or ''}".encode(), named, loose, body)
            key = hashlib.sha256(b"\0\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
            arrivals.setdefault(key, Arrival(Source.EMAIL, "mail", key, raw, {"rcpt": recipient, **meta}))
            keys[recipient] = key
            keys.setdefault(mailbox, key)
        parts_of = tuple(frozenset(self._keys(group, keys)) for group in meant)
        return Sorted(tuple(arrivals.values()), parts_of)

    def _keys(self, addresses: Sequence[str], keys: dict[str, str]) -> Iterator[str]:
        """The keys of `addresses`; a plain one that was left out goes with its mailbox."""
        for address in addresses:
            mailbox, _ = thread.split(address, self.domain, self.delimiter) or ("", None)
            key = keys.get(address) or keys.get(mailbox)
            if key is not None:
                yield key

    def _tokens_first(self, recipients: list[str]) -> list[str]:
        """Without the plain address of a mailbox whose token address is there too."""
        found = [
            (recipient, thread.split(recipient, self.domain, self.delimiter)) for recipient in recipients
        ]
        tokened = {pair[0] for _, pair in found if pair and pair[1]}
        return [recipient for recipient, pair in found if pair and (pair[1] or pair[0] not in tokened)]

    def _meant(self, recipient: str, top: caps.Head) -> tuple[str, ...]:
        """The addresses that `recipient` stands for: itself, or what the header says of a catch-all.

        X-Original-To and Delivered-To name the one recipient of this copy; To and Cc name all
        of them, and the copies for the others are found to be duplicates.
        """
        if not self._is_catch_all(recipient):
            return (recipient,)
        for names in (("x-original-to", "delivered-to"), ("to", "cc")):
            values = [value for name in names for value in top.all(name)]
            ours = tuple(address for address in loosely(values) if self._is_mailbox(address))
            if ours:
                return ours[:1] if "delivered-to" in names else ours
        return ()

    def _is_mailbox(self, address: str) -> bool:
        return not self._is_catch_all(address) and self.refusal(address) is None

    def _is_catch_all(self, recipient: str) -> bool:
        """Whether it is the address of the catch-all and no mailbox of ours."""
        if self.catch_all is None or recipient.strip().lower() != self.catch_all.lower():
            return False
        found = thread.split(recipient, self.domain, self.delimiter)
        return found is None or (found[0] != _POSTMASTER and not self.known(found[0]))


def path(arg: str) -> tuple[str, str] | None:
    """The address in a path, "<>" for the null one, and what follows it; None when it is no path.

    Real addresses break the grammar ("a..b@…"); here anything printable goes, in linear time,
    and a source route is dropped (RFC 5321 appendix C).
    """
    match = _PATH.match(arg.strip())
    if match is None or not arg.isprintable() or len(arg) > 1_000:
        return None
    return match[1] or "<>", match[2].strip()


def greeting(name: str | None) -> str:
    """What a peer calls itself, fit to be kept: printable, at most 255 characters, else ""."""
    return name if name and name.isprintable() and len(name) <= _MAX_HELO else ""
