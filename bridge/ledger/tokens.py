"""The secrets in the addresses of the pages.  The ledger stores keyed digests of them, never themselves.

    draft    128 random bits, replaced when somebody comes back
    code     130 random bits that people can type, good once
    page     derived from the page and how often it was revoked, so that a mail can name it later
    confirm  derived from the page, for the mail to the address that was named
    leave    derived from the participant, for mailings: it ends them

What is looked up is a digest under a key that nobody outside has: how long a look-up takes says
nothing about a token.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode

from bridge.ledger.keys import Keys
from bridge.reference import ALPHABET

BYTES = 16
CODE = 26  # symbols
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_token() -> str:
    """Of a draft."""
    return _text(os.urandom(BYTES))


def new_code() -> str:
    """That opens a draft once."""
    return "".join(ALPHABET[b & 31] for b in os.urandom(CODE))


def read_code(text: str) -> str:
    """The code that people mean: blanks, dashes and case do not matter, nor O for 0, I and L for 1."""
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum()).translate(_LIKE)


def page_token(keys: Keys, page: int, turn: int) -> str:
    """Of a page that was revoked `turn` times."""
    return _text(keys.named("page").mac(f"page:{page}:{turn}")[:BYTES])


def confirm_token(keys: Keys, page: int) -> str:
    """That confirms the address named on a page."""
    return _text(keys.named("page").mac(f"confirm:{page}")[:BYTES])


def leave_token(keys: Keys, participant: int) -> str:
    """That ends the mailings to somebody."""
    return _text(keys.named("page").mac(f"leave:{participant}")[:BYTES])


def page_link(keys: Keys, public_url: str, page: int, turn: int) -> str:
    """Where the citizen finds their page."""
    return f"{public_url.rstrip('/')}/t/{page_token(keys, page, turn)}"


def confirm_link(keys: Keys, public_url: str, page: int) -> str:
    """Where an address is confirmed."""
    return f"{public_url.rstrip('/')}/c/{confirm_token(keys, page)}"


def leave_link(keys: Keys, public_url: str, participant: int) -> str:
    """Where the mailings to somebody are ended."""
    return f"{public_url.rstrip('/')}/u/{leave_token(keys, participant)}"


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")
