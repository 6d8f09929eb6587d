"""What a page carries to prove itself: the token of a form view, and the receipt of a submission.

    secret ─┬─> token    nonce, time of issue, MAC over both and the form: no other form, no forgery
            ├─> mark     MAC over nonce and answers: the ledger's key and the reference come from it
            └─> receipt  AES-SIV of what the confirmation page shows: it can be neither guessed nor read

All are functions of the secret and the page, so a repeat after a restart finds the same key,
the same reference and the same receipt, without anything having been stored for it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from bridge import reference

LIFETIME = 24 * 3600
"""Seconds a form view may be sent; above the 20 hours from which WCAG 2.2.1 counts no limit."""

_NONCE, _TIME, _MAC = 16, 6, 16


@dataclass(frozen=True, slots=True)
class View:
    """One showing of one form: `nonce` is its identity, `issued` in seconds since 1970."""

    nonce: bytes
    issued: int

    @property
    def draft(self) -> str:
        """The name under which its files are kept until they are sent."""
        return self.nonce.hex()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the confirmation page shows; `mail`: an address was given."""

    reference: str
    mail: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """The `key` that makes a repeat a duplicate, and the case reference that goes with it."""

    key: str
    reference: str


class Tokens:
    """Makes and reads both, under `secret` (at least 32 bytes)."""

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

    def mark(self, view: View, answers: bytes, slug: str, attempt: int) -> Mark:
        """Of the answers with the digest `answers` on `view`.  When the ledger says that the
        reference is taken, the next `attempt` gives another key with another reference; a repeat
        walks the same way and ends at the same."""
        seed = (view.nonce, answers, attempt.to_bytes(2, "big"))
        stream: Callable[[int], bytes] = lambda n: self._mac("reference", *seed)[:n]  # noqa: E731
        return Mark("form:" + self._mac("key", *seed)[:16].hex(), reference.new(slug, stream))

    def seal(self, form: str, receipt: Receipt) -> str:
        plain = json.dumps([receipt.reference, int(receipt.mail)]).encode()
        return _text(self._siv().encrypt(plain, [form.encode()]))

    def open(self, form: str, sealed: str) -> Receipt | None:
        """The receipt, or None when it was not made here for this form."""
        raw = _bytes(sealed)
        if raw is None or len(raw) <= _MAC:
            return None
        try:
            shown, mail = json.loads(self._siv().decrypt(raw, [form.encode()]))
        except InvalidTag:
            return None
        return Receipt(str(shown), bool(mail))

    def _siv(self) -> AESSIV:
        return AESSIV(self._mac("receipt"))


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
