"""What the pages are told about where they stand: read from the configuration, frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class SpamSettings:
    """`mode` `count`: nothing is held, it is only counted.

    `seconds`: who sends a form faster than that after its start page is no human; `per_network`:
    submissions of one network in an hour, beyond which further ones are held; `links`: so many
    links in one answer are suspicious.
    """

    mode: Literal["hold", "count"] = "hold"
    seconds: float = 5
    per_network: int = 20
    links: int = 4


@dataclass(frozen=True, slots=True)
class Logo:
    """A municipality's logo: its bytes, checked when the configuration was read, and their type."""

    data: bytes = field(repr=False)
    mime: str


@dataclass(frozen=True, slots=True)
class FormsSettings:
    """Where the pages listen and what they look like.

    Links begin with the path of `public_url`, which a proxy strips.  `secret`: ≥ 32 bytes.
    `colour`: `#rrggbb`, None for our own.  `embed`: origins whose pages may show the forms in a
    frame.  `proxies`: whose `X-Forwarded-For` is believed.  `altcha`: the script of the widget, or
    None: no proof of work is asked.
    """

    host: str
    port: int
    public_url: str
    secret: bytes = field(repr=False)
    organisation: str
    colour: str | None = None
    logo: Logo | None = None
    embed: tuple[str, ...] = ()
    proxies: tuple[Network, ...] = ()
    spam: SpamSettings = SpamSettings()
    altcha: bytes | None = field(default=None, repr=False)
