"""Sealing of the secrets that are not vodozemac pickles: AES-256-GCM under a derived key."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bridge.errors import Broken


class Sealer:
    """Binds each secret to the place where it lies, so that rows cannot be swapped.

    `pickle_key` has 32 bytes; the sealing key is derived from it (HKDF-SHA256).
    """

    def __init__(self, pickle_key: bytes) -> None:
        if len(pickle_key) != 32:
            raise ValueError("a pickle key has 32 bytes")
        self._aead = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"folkmoot e2ee seal 1").derive(pickle_key))

    def seal(self, place: str, secret: bytes) -> bytes:
        """Nonce and ciphertext of `secret`, to be opened at the same `place` only."""
        nonce = os.urandom(12)
        return nonce + self._aead.encrypt(nonce, secret, place.encode("utf-8"))

    def open(self, place: str, sealed: bytes) -> bytes:
        """Reverse of `seal`.  Raises `Broken` when the key or the place is another."""
        try:
            return self._aead.decrypt(sealed[:12], sealed[12:], place.encode("utf-8"))
        except (InvalidTag, ValueError) as error:
            raise Broken("the crypto store was sealed with another key: check the key file") from error
