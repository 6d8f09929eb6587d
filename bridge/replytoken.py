"""The form of what stands behind the delimiter of our addresses, in small letters.

    park-2027+a<26 base32 characters>@consult.alder.example    a reply token: opens a case
    park-2027+b<26 base32 characters>@consult.alder.example    a return path: names one mail of ours

The ledger makes reply tokens, the mail wing writes them into addresses and finds them there again.
A token says nothing by itself; whose it is, only the ledger knows, by its digest.  A return path
holds the number of an outbox row under a seal, so that nobody else can report on our mails.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode

VERSION = "a"
RETURN = "b"
BYTES = 16
LENGTH = 27  # characters
_FORM = re.compile(rf"{VERSION}[a-z2-7]{{{LENGTH - 1}}}")
_RETURN_FORM = re.compile(rf"{RETURN}[a-z2-7]{{{LENGTH - 1}}}")
_NUMBER = 8  # bytes of the outbox ID, as many of its seal


def new_token(random: bytes) -> str:
    """The token of 16 bytes that nobody can guess.  Raises `ValueError` for another number of them."""
    if len(random) != BYTES:
        raise ValueError(f"a token is made of {BYTES} bytes")
    return VERSION + _letters(random)


def is_token(text: str) -> bool:
    """Whether `text`, in small letters, has the form of a reply token."""
    return _FORM.fullmatch(text) is not None


def is_return(text: str) -> bool:
    """Whether `text`, in small letters, has the form of a return path's token."""
    return _RETURN_FORM.fullmatch(text) is not None


def new_return(outbox: int, secret: bytes) -> str:
    """The token of the return path of the mail with that outbox ID."""
    number = outbox.to_bytes(_NUMBER, "big")
    return RETURN + _letters(number + _seal(number, secret))


def returned(token: str, secret: bytes) -> int | None:
    """The outbox ID in a return path's token; None when we did not make it."""
    if not is_return(token):
        return None
    octets = b32decode(token[1:].upper() + "======")
    number, seal = octets[:_NUMBER], octets[_NUMBER:]
    return int.from_bytes(number, "big") if hmac.compare_digest(seal, _seal(number, secret)) else None


def _seal(number: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"folkmoot return path " + number, hashlib.sha256)[: BYTES - _NUMBER]


def _letters(octets: bytes) -> str:
    return b32encode(octets).decode("ascii").rstrip("=").lower()
