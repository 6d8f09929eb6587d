"""What the Matrix wing must be told: frozen, complete, and nothing of it read from a file here."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.appservice.registration import BOT

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MatrixSettings:
    """Addresses, tokens and limits.

    `url` is the homeserver's client-server address, `listen_port` 0 takes a free port.
    `alias_secret` (32 bytes) makes room aliases opaque and must never change.
    `operators` are invited to the control room.  `room_version` None: the server's default.
    `largest_file` in bytes bounds what is fetched from a room.
    """

    url: str
    server_name: str
    as_token: str = field(repr=False)
    hs_token: str = field(repr=False)
    listen_host: str
    listen_port: int
    alias_secret: bytes = field(repr=False)
    operators: tuple[str, ...] = ()
    room_version: str | None = None
    bot_localpart: str = BOT
    display_name: str = "Folkmoot"
    largest_file: int = 50 * MEBIBYTE

    @property
    def bot(self) -> str:
        """The bot's user ID."""
        return f"@{self.bot_localpart}:{self.server_name}"
