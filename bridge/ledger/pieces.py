"""A file sealed piece by piece, so that no more than a piece is ever in memory.

    piece 0 ─┐                    nonce: the piece's number, and whether it is the last one
    piece 1 ─┼─ AES-256-GCM ──>   a key of its own for each file: no nonce comes twice
    last    ─┘

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", 2015): what was cut off, lengthened, or put in another order does
not open.  A piece is `PIECE` bytes of content, the last one as many as are left, perhaps none.
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.errors import Broken

PIECE = 64 * 1024
SEALED_PIECE = PIECE + 16  # with its tag
_COUNTER = 11  # bytes of the nonce; the twelfth marks the last piece


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(_COUNTER, "big") + (b"\1" if last else b"\0")


class Sealing:
    """Seals one file under `key` (32 bytes, for this file only).  `add` while it comes, then `end`."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._rest = bytearray()
        self._number = 0

    def add(self, data: bytes) -> bytes:
        """The sealed pieces that are complete now.  A whole one is kept back: it may be the last."""
        self._rest += data
        sealed = []
        while len(self._rest) > PIECE:
            sealed.append(self._seal(bytes(self._rest[:PIECE]), last=False))
            del self._rest[:PIECE]
        return b"".join(sealed)

    def end(self) -> bytes:
        """The last piece."""
        return self._seal(bytes(self._rest), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> bytes:
        sealed = self._aead.encrypt(_nonce(self._number, last), piece, None)
        self._number += 1
        return sealed


def opened(sealed: bytes, key: bytes) -> Iterator[bytes]:
    """The pieces of a whole sealed file; raises `Broken` at the first that is not what was sealed there.

    What it gives before it raises is true, but not the whole.
    """
    aead, size = AESGCM(key), max(1, -(-len(sealed) // SEALED_PIECE))
    for number in range(size):
        piece = sealed[number * SEALED_PIECE : (number + 1) * SEALED_PIECE]
        try:
            yield aead.decrypt(_nonce(number, number == size - 1), piece, None)
        except (InvalidTag, ValueError):
            raise Broken("a stored file is not what was sealed") from None
