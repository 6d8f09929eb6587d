"""Encrypted attachments: what a media repository may hold.

Source: Client-Server API, "Sending encrypted attachments" (EncryptedFile, version v2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bridge.e2ee.errors import CannotDecrypt
from bridge.e2ee.signing import b64, unb64
from bridge.model import Json


def encrypt(data: bytes) -> tuple[bytes, Json]:
    """The ciphertext under a fresh key, and its EncryptedFile without `url`."""
    key, iv = os.urandom(32), os.urandom(8) + bytes(8)
    ciphertext = _ctr(key, iv, data)
    jwk = {
        "kty": "oct",
        "alg": "A256CTR",
        "ext": True,
        "key_ops": ["encrypt", "decrypt"],
        "k": base64.urlsafe_b64encode(key).decode("ascii").rstrip("="),
    }
    digest = b64(hashlib.sha256(ciphertext).digest())
    return ciphertext, {"v": "v2", "key": jwk, "iv": b64(iv), "hashes": {"sha256": digest}}


def decrypt(ciphertext: bytes, info: Mapping[str, Any]) -> bytes:
    """The plaintext.  Raises `CannotDecrypt` when the hash differs or `info` is malformed."""
    try:
        version, jwk = info["v"], info["key"]
        if version != "v2" or jwk["alg"] != "A256CTR" or jwk["kty"] != "oct":
            raise CannotDecrypt("the file is encrypted in a way we do not know")
        key = unb64(jwk["k"].replace("-", "+").replace("_", "/"))
        iv, digest = unb64(info["iv"]), unb64(info["hashes"]["sha256"])
        if len(key) != 32 or len(iv) != 16:
            raise CannotDecrypt("the file's key is malformed")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CannotDecrypt("the file's key is malformed") from error
    if not hmac.compare_digest(hashlib.sha256(ciphertext).digest(), digest):
        raise CannotDecrypt("the stored file is not the one that was sent")
    return _ctr(key, iv, ciphertext)


def _ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return cipher.update(data) + cipher.finalize()
