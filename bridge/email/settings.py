"""What the e-mail wing must be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

Tls = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that takes our mail.  `timeout` in seconds, for each answer but the last."""

    host: str
    port: int
    tls: Tls = "none"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    data_timeout: float = 600.0  # RFC 5321 section 4.5.3.2.6: what comes after the final dot
    connections: int = 4
    idle: float = 20.0  # seconds that an open connection is kept for the next mail


class Door(StrEnum):
    """How mail comes in: SMTP (with STARTTLS where there is a key pair), SMTP inside TLS, LMTP."""

    SMTP = "smtp"
    SMTPS = "smtps"
    LMTP = "lmtp"


class Address(NamedTuple):
    """Where to listen; a port of 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Two PEM files: the certificate with its chain, and its key without a passphrase."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Allowance:
    """What strangers may take: counts, and counts per minute.

    Who asks for more is told to come back (421, 451), never refused for good.  A network is a
    /24 (IPv4) or a /64 (IPv6).  `trusted` networks, which are the operator's own relays, are
    bound by times and by a `connections` of their own only; so is LMTP over a socket file.
    """

    connections: int = 200  # open at once, in all
    connections_per_address: int = 20
    connections_per_network: int = 50
    new_per_address: int = 60  # connections in a minute
    new_per_network: int = 120
    mails_per_address: int = 60  # in a minute
    mails_per_network: int = 240
    mails_per_connection: int = 100
    errors_per_connection: int = 20  # refused commands
    idle_commands: int = 100  # of each kind that moves no mail: NOOP, RSET, EHLO …
    remembered: int = 10_000  # addresses and as many networks whose minutes are counted
    trusted: tuple[str, ...] = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Listen:
    """Where mail comes in, and what one peer may take.  Sizes in octets, times in seconds.

    `host` and `port` are for SMTP (`port` None: not spoken); `smtps` needs `tls`; `lmtp` is an
    address or the path of a socket file.  `catch_all` is the one address that a mail host
    puts in place of every recipient of ours: such a mail goes to the mailboxes that its header
    names.
    """

    host: str = "127.0.0.1"
    port: int | None = 2525
    max_size: int = 25 * 1024 * 1024
    max_recipients: int = 100  # RFC 5321 section 4.5.3.1.8: at least 100
    max_received: int = 50
    max_held: int = 256 * 1024 * 1024  # octets of all mails that are coming in just now
    idle: float = 300.0  # RFC 5321 section 4.5.3.2.7
    pressed: float = 15.0  # silence that costs a stranger the line when all lines are taken
    smtps: Address | None = None
    lmtp: Address | Path | None = None
    tls: KeyPair | None = None
    catch_all: str | None = None
    allowance: Allowance = Allowance()

    def __post_init__(self) -> None:
        if self.smtps is not None and self.tls is None:
            raise ValueError("SMTP inside TLS needs a key pair")
        if self.port is None and self.smtps is None and self.lmtp is None:
            raise ValueError("no door is open")


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """`secret` (at least 16 random octets) makes our Message-IDs; `delimiter` stands before tokens.

    `listen` None: no door is open, mail is fetched only.  `believe_spam`: the trusted hops mark spam.
    """

    domain: str
    relay: Relay
    secret: bytes = field(repr=False)
    listen: Listen | None = Listen()
    delimiter: str = "+"
    believe_spam: bool = False
