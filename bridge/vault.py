"""Sealing of personal data.

    master key (a file) ──wraps──> a key per participant, per inbox item, per purpose
    key ──AES-256-GCM──> one column of one row, named in the associated data

A value moved to another row, column or table does not open.  Forgetting a participant is
forgetting the wrapped key; rotating the master key wraps the keys anew and touches no data.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.errors import Broken, Refuse

KEY_BYTES = 32
_NONCE = 12  # NIST SP 800-38D: 96 bits


class Key:
    """A data key in memory.  Never logged, never stored unwrapped."""

    __slots__ = ("_aead", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._aead = AESGCM(raw)

    def seal(self, data: bytes, where: str) -> bytes:
        """Encrypt `data` for the place `where` ("table/row/column")."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, data, where.encode())

    def open(self, sealed: bytes, where: str) -> bytes:
        """The data sealed for `where`.  Raises `Broken` when it is not that."""
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], where.encode())
        except (InvalidTag, ValueError) as e:
            raise Broken(f"sealed data at {where.split('/', maxsplit=1)[0]} does not open") from e

    def mac(self, text: str) -> bytes:
        """A keyed digest of 32 bytes, for look-ups of what is stored sealed."""
        return hmac.digest(self._raw, text.encode(), hashlib.sha256)

    def wrapped_by(self, master: Key) -> bytes:
        """This key, sealed under `master`."""
        return master.seal(self._raw, "key")


class Vault:
    """Holds the master key; makes, wraps and unwraps the others."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise Refuse(f"the master key has {len(master)} bytes; it must have {KEY_BYTES}")
        self._master = Key(master)

    def new_key(self) -> tuple[Key, bytes]:
        """A fresh key and its wrapped form."""
        key = Key(os.urandom(KEY_BYTES))
        return key, key.wrapped_by(self._master)

    def unwrap(self, wrapped: bytes) -> Key:
        """The key in its wrapped form.  Raises `Broken` when it is not under our master key."""
        return Key(self.unwrap_raw(wrapped))

    def unwrap_raw(self, wrapped: bytes) -> bytes:
        """The 32 bytes of a wrapped key, for libraries that want them."""
        return self._master.open(wrapped, "key")
