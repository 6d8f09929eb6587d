"""What a page carries to prove itself, and what is derived so that a repeat finds the same.

    secret ─┬─> token  nonce, time of issue, MAC over both and the form: no other form, no forgery
            └─> mark   MAC over the draft: the ledger's key of a submission and its reference

Both are functions of the secret, so a repeat after a restart finds the same key and the same
reference without anything having been stored for it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

from bridge import reference

LIFETIME = 24 * 3600
"""Seconds a form view may be sent; above the 20 hours from which WCAG 2.2.1 counts no limit."""

_NONCE, _TIME, _MAC = 16, 6, 16


@dataclass(frozen=True, slots=True)
class View:
    """One showing of one form: `nonce` is its identity, `issued` in seconds since 1970."""

    nonce: bytes
    issued: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The `key` that makes a repeat a duplicate, and the case reference that goes with it."""

    key: str
    reference: str


class Tokens:
    """Makes both, under `secret` (at least 32 bytes)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret of the forms must have at least 32 bytes")
        self._secret = secret

    def _mac(self, purpose: str, *parts: bytes) -> bytes:
        framed = b"".join(len(p).to_bytes(4, "big") + p for p in (purpose.encode(), *parts))
        return hmac.digest(self._secret, framed, "sha256")

    def issue(self, form: str, view: View) -> str:
        body = view.nonce + view.issued.to_bytes(_TIME, "big")
        return _text(body + self._mac("view", form.encode(), body)[:_MAC])

    def read(self, form: str, token: str, now: float) -> View | None:
        """The view `token` was issued for; None when forged, of another form, or older than
        `LIFETIME`."""
        raw = _bytes(token)
        if raw is None or len(raw) != _NONCE + _TIME + _MAC:
            return None
        body, mac = raw[:-_MAC], raw[-_MAC:]
        if not hmac.compare_digest(mac, self._mac("view", form.encode(), body)[:_MAC]):
            return None
        issued = int.from_bytes(body[_NONCE:], "big")
        return View(body[:_NONCE], issued) if now - issued <= LIFETIME else None

    def mark(self, draft: int, slug: str, attempt: int) -> Mark:
        """Of the submission that comes of `draft`.  When the ledger says that the reference is taken,
        the next `attempt` gives another one; the key stays, so that one draft gives one submission."""
        seed = (draft.to_bytes(16, "big", signed=True), attempt.to_bytes(2, "big"))
        key = f"form:{self.key('submission', str(draft))}"
        return Mark(key, reference.new(slug, lambda n: self._mac("reference", *seed)[:n]))

    def key(self, purpose: str, *parts: str) -> str:
        """What names an act without telling what it was about: the same for the same `parts`."""
        return self._mac(f"key {purpose}", *(p.encode("utf-8", "surrogatepass") for p in parts))[:16].hex()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes | None:
    """The bytes of canonical base64url without padding, or None."""
    if not text.isascii() or len(text) > 400:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _text(raw) == text else None
