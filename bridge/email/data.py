"""The octets between DATA and their end.

A mail ends with CRLF "." CRLF and with nothing else.  It is read in pieces, in linear time
however long or short its lines are; a bare CR or LF anywhere refuses it (SMTP smuggling).
"""

from __future__ import annotations

import asyncio

_END = b"\r\n.\r\n"


async def piece(reader: asyncio.StreamReader) -> bytes:
    """The next octets of a mail; they end with the end of data, or hold no part of it."""
    try:
        return await reader.readuntil(_END)
    except asyncio.LimitOverrunError as error:
        return await reader.read(error.consumed)


class Data:
    """A mail of at most `limit` octets, taken in pieces.

    Counts line ends, drops the dots of transparency (RFC 5321 section 4.5.2) and throws the
    octets away once there are too many.  The first piece begins with a CRLF of ours: with a
    line end before it, a mail that is nothing but the final dot ends like any other.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = -2
        self._carry = b""
        self._pieces: list[bytes] = []
        self._cr = self._lf = self._pairs = 0
        self._last = b""
        self._given_up = False
        self.held = 0
        """How many octets are kept."""
        self.ended = False

    def add(self, piece: bytes) -> None:
        """The next octets; sets `ended` with the last ones."""
        self._size += len(piece)
        self._cr += piece.count(b"\r")
        self._lf += piece.count(b"\n")
        self._pairs += piece.count(b"\r\n") + (self._last == b"\r" and piece.startswith(b"\n"))
        self._last = piece[-1:]
        self.ended = piece.endswith(_END)
        if self.too_big or self._given_up:
            self._forget()
            return
        text = self._carry + (piece[:-3] if self.ended else piece)
        held = 0 if self.ended else 2 if text.endswith(b"\r\n") else int(text.endswith(b"\r"))
        self._carry = text[len(text) - held :]
        self._pieces.append(text[: len(text) - held].replace(b"\r\n.", b"\r\n"))
        self.held += len(self._pieces[-1])

    def give_up(self) -> None:
        """There is no room for it now: its octets go, and it is to come again."""
        self._given_up = True
        self._forget()

    def _forget(self) -> None:
        self._pieces.clear()
        self.held = 0

    @property
    def too_big(self) -> bool:
        """More than the limit has come; what came is thrown away."""
        return self._size > self._limit + 3  # the final dot and its line end

    @property
    def fault(self) -> str | None:
        """The answer that the whole mail deserves, if it cannot be taken."""
        if self.too_big:
            return "552 5.3.4 Error: message too big"
        if not self._cr == self._lf == self._pairs:
            return (
                "554 5.6.0 Refused: a line ends with a bare CR or LF, which RFC 5321 forbids; "
                "the software that sent this mail must end lines with CRLF"
            )
        if self._given_up:
            return "451 4.3.1 Too much mail is coming in just now, please come back later"
        return None

    def content(self) -> bytes:
        """The mail, without the CRLF that was put before it."""
        return b"".join(self._pieces)[2:]
