"""The form of a reply token: a version character and 128 bits in base32, in small letters.

    park-2027+a<26 base32 characters>@consult.alder.example

The ledger makes tokens, the mail wing writes them into addresses and finds them there again.
A token says nothing by itself; whose it is, only the ledger knows, by its digest.
"""

from __future__ import annotations

import re
from base64 import b32encode

VERSION = "a"
BYTES = 16
LENGTH = 27  # characters
_FORM = re.compile(rf"{VERSION}[a-z2-7]{{{LENGTH - 1}}}")


def new_token(random: bytes) -> str:
    """The token of 16 bytes that nobody can guess.  Raises `ValueError` for another number of them."""
    if len(random) != BYTES:
        raise ValueError(f"a token is made of {BYTES} bytes")
    return VERSION + b32encode(random).decode("ascii").rstrip("=").lower()


def is_token(text: str) -> bool:
    """Whether `text`, in small letters, has the form of a token."""
    return _FORM.fullmatch(text) is not None
