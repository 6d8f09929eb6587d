"""What the e-mail wing must be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Listen:
    """Where SMTP is spoken, and what one peer may take.  Sizes in octets, times in seconds."""

    host: str = "127.0.0.1"
    port: int = 2525
    max_size: int = 25 * 1024 * 1024
    max_recipients: int = 100  # RFC 5321 section 4.5.3.1.8: at least 100
    max_received: int = 50
    connections: int = 200
    connections_per_address: int = 20
    idle: float = 300.0  # RFC 5321 section 4.5.3.2.7


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """`secret` (at least 16 random octets) makes our Message-IDs; `delimiter` stands before tokens."""

    domain: str
    relay: Relay
    secret: bytes = field(repr=False)
    listen: Listen = Listen()
    delimiter: str = "+"
