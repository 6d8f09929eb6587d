"""The recovery key, and secrets under it in the bot's account data.

Sources: Client-Server API, "Secret storage" (m.secret_storage.v1.aes-hmac-sha2) and
Appendices, "Cryptographic key representation".  Bit 63 of the IV is cleared, as the
specification wants for clients whose counters are 64 bits wide.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bridge.e2ee.signing import b64, unb64
from bridge.model import Json

ALGORITHM = "m.secret_storage.v1.aes-hmac-sha2"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PREFIX = b"\x8b\x01"
_PROOF = "\0" * 32


def encode_recovery_key(key: bytes) -> str:
    """The 32 bytes as people write them down: base58 in groups of four, with a parity byte."""
    if len(key) != 32:
        raise ValueError("a recovery key has 32 bytes")
    raw = _PREFIX + key
    number = int.from_bytes(raw + bytes([_parity(raw)]), "big")
    text = ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def decode_recovery_key(text: str) -> bytes:
    """The 32 bytes of a recovery key; white space does not count.  Raises ValueError."""
    number = 0
    for letter in "".join(text.split()):
        number = number * 58 + _ALPHABET.index(letter)
        if number.bit_length() > 35 * 8:
            break
    try:
        raw = number.to_bytes(35, "big")
    except OverflowError as error:
        raise ValueError("too long for a recovery key") from error
    if raw[:2] != _PREFIX or _parity(raw):
        raise ValueError("mistyped, or not a recovery key")
    return raw[2:34]


def encrypt_secret(key: bytes, name: str, secret: str) -> Json:
    """`secret` under `key`, as one entry of the `encrypted` map of the account data event `name`."""
    return _encrypt(key, name, secret, os.urandom(16))


def decrypt_secret(key: bytes, name: str, data: Mapping[str, Any]) -> str:
    """Reverse of `encrypt_secret`.  Raises ValueError when the key is wrong or the data malformed."""
    try:
        iv, ciphertext, mac = unb64(data["iv"]), unb64(data["ciphertext"]), unb64(data["mac"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a secret") from error
    cipher_key, mac_key = _derive(key, name)
    if not hmac.compare_digest(hmac.digest(mac_key, ciphertext, "sha256"), mac):
        raise ValueError("this secret was made with another recovery key")
    return _ctr(cipher_key, iv, ciphertext).decode("utf-8")


def key_description(key: bytes) -> Json:
    """The content of `m.secret_storage.key.<id>`: lets a client check the key it was given."""
    proof = _encrypt(key, "", _PROOF, os.urandom(16))
    return {"algorithm": ALGORITHM, "iv": proof["iv"], "mac": proof["mac"]}


def opens(key: bytes, description: Mapping[str, Any]) -> bool:
    """Whether `key` is the one described; True when the description carries no proof."""
    if description.get("algorithm") != ALGORITHM:
        return False
    if "mac" not in description or "iv" not in description:
        return True
    try:
        iv, mac = unb64(description["iv"]), unb64(description["mac"])
        proof = _encrypt(key, "", _PROOF, iv, exact=True)
    except (ValueError, TypeError, AttributeError):
        return False
    return hmac.compare_digest(unb64(proof["mac"]), mac)


def _encrypt(key: bytes, name: str, secret: str, iv: bytes, *, exact: bool = False) -> Json:
    if not exact:
        iv = iv[:8] + bytes([iv[8] & 0x7F]) + iv[9:]
    cipher_key, mac_key = _derive(key, name)
    ciphertext = _ctr(cipher_key, iv, secret.encode("utf-8"))
    mac = hmac.digest(mac_key, ciphertext, "sha256")
    return {"iv": b64(iv), "ciphertext": b64(ciphertext), "mac": b64(mac)}


def _derive(key: bytes, name: str) -> tuple[bytes, bytes]:
    both = HKDF(SHA256(), 64, salt=bytes(32), info=name.encode("utf-8")).derive(key)
    return both[:32], both[32:]


def _ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return cipher.update(data) + cipher.finalize()


def _parity(raw: bytes) -> int:
    parity = 0
    for byte in raw:
        parity ^= byte
    return parity
