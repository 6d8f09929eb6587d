"""Canonical JSON, unpadded base64 and Ed25519 signatures over JSON.

Sources: Matrix specification, Appendices, "Canonical JSON", "Unpadded Base64", "Signing JSON".
vodozemac's binding cannot sign from a seed, so `cryptography` makes the cross-signing
signatures; the device's own come from the Olm account (`bridge.e2ee.keys`).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_LARGEST = 2**53 - 1
_UNSIGNED = frozenset({"signatures", "unsigned"})


def b64(data: bytes) -> str:
    """Unpadded standard base64."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """Bytes of standard base64, with or without padding.  Raises ValueError."""
    stripped = text.rstrip("=")
    try:
        return base64.b64decode(stripped + "=" * (-len(stripped) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def canonical(obj: object) -> bytes:
    """The one encoding of a JSON value that signatures are made over.

    Raises ValueError for what canonical JSON cannot hold: fractions, integers outside
    ±(2**53 - 1), lone surrogates, keys that are not strings, and nesting without end.
    """
    try:
        _check(obj)
        text = json.dumps(obj, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except TypeError as error:
        raise ValueError("not JSON") from error
    return text.encode("utf-8")


def _check(value: object) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError("a key is not a string")  # noqa: TRY004 (one error for all of it)
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > _LARGEST):
        raise ValueError("a number that canonical JSON cannot hold")


def signable(obj: Mapping[str, Any]) -> bytes:
    """What a signature over `obj` covers: all but `signatures` and `unsigned`."""
    return canonical({key: value for key, value in obj.items() if key not in _UNSIGNED})


def verify(obj: Mapping[str, Any], user_id: str, key_id: str, ed25519: str) -> bool:
    """Whether `obj` carries `user_id`'s signature under `ed25519:<key_id>` made by the public key `ed25519`.

    Any malformed input is an invalid signature, never an exception.
    """
    try:
        signature = obj["signatures"][user_id][f"ed25519:{key_id}"]
        Ed25519PublicKey.from_public_bytes(unb64(ed25519)).verify(unb64(signature), signable(obj))
    except (KeyError, TypeError, AttributeError, ValueError, InvalidSignature):
        return False
    return True


class SigningKey:
    """An Ed25519 key from its 32-byte `seed`; `public` is unpadded base64, and also its key ID in Matrix."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = b64(self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(os.urandom(32))

    def sign(self, obj: Mapping[str, Any]) -> str:
        """The signature over `obj`, to be put under `signatures` by the caller.  Raises ValueError."""
        return b64(self._key.sign(signable(obj)))

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public!r})"
