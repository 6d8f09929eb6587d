"""A small proof of work for browsers with JavaScript, on ALTCHA: it can only speak for somebody.

    check page ── challenge, bound to the draft ──> widget in the page ── payload ──> `solved`

The challenge stands in the page: nothing is asked of another host, nothing is stored, and there is
no second request.  It holds a keyed digest of its draft, and a draft is sent once, so that a solution
that was used is worth nothing for another one.  It says nothing about who solved it.
"""

from __future__ import annotations

import hmac
import json
import secrets

import altcha

FIELD = "altcha"
"""The name of the input that the widget adds to its form."""

ALGORITHM, COST = "PBKDF2/SHA-256", 1000
LEAST, MOST = 300, 900
"""Keys of `COST` rounds each that a browser tries: about a second, some ten on an old telephone, while
the person reads the page."""

_LARGEST = 4096  # characters of a payload; a true one has about 900


class Puzzles:
    """Makes challenges and checks their solutions under `secret` (≥ 32 bytes)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret of the puzzles must have at least 32 bytes")
        self._sign, self._key, self._bind = (
            hmac.digest(secret, b"altcha " + purpose, "sha256") for purpose in (b"sign", b"key", b"draft")
        )

    def challenge(self, draft: int) -> str:
        """The challenge of a draft as JSON: another one each time, each good for this draft."""
        made = altcha.create_challenge(
            ALGORITHM,
            COST,
            counter=LEAST + secrets.randbelow(MOST - LEAST),
            data={"draft": self._mark(draft)},
            hmac_secret=self._sign,
            hmac_key_secret=self._key,
        )
        return json.dumps(made.to_dict(), separators=(",", ":"))

    def solved(self, payload: str, draft: int) -> bool:
        """Whether `payload` solves a challenge of this draft.  Never raises for what a stranger sent."""
        if not payload or len(payload) > _LARGEST:
            return False
        try:
            read = altcha.Payload.from_base64(payload)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        result = altcha.verify_solution(read, self._sign, hmac_key_secret=self._key)
        if not result.verified:
            return False
        data = read.challenge.parameters.data or {}  # ours: its signature was right
        return hmac.compare_digest(str(data.get("draft", "")), self._mark(draft))

    def _mark(self, draft: int) -> str:
        return hmac.digest(self._bind, str(draft).encode(), "sha256")[:16].hex()
