"""DKIM (RFC 6376): keys, the DNS records that publish them, and the signature on what goes out.

To change the key without a gap: make a new one under a new selector, publish its record, wait
until every name server shows it, then let the new selector sign.  The old record stays for as
long as mails signed with it may be under way (a week), then its `p=` is emptied, which revokes
it.  While both are to be used, `also` signs with the second key beside the first; that is the
way to offer Ed25519 (RFC 8463) too, which not every receiver knows.
"""

from __future__ import annotations

import base64
import logging
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import parse_pem_private_key
from nacl.signing import SigningKey

from bridge.email import bodyhash
from bridge.errors import Broken, Refuse

Algorithm = Literal["rsa", "ed25519"]

_BITS = 2048  # RFC 8301 section 3.2
_MOST_BITS = 4096  # the same: what every verifier must be able to check
_STRING = 255  # octets of one string of a TXT record (RFC 1035 section 3.3)
_LABELS = re.compile(
    r"(?=.{1,200}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
_SILENT = logging.Logger("dkim", logging.CRITICAL + 1)
"""Stands outside the tree of loggers: the library's would write the header fields of a mail."""

_SEALED = (
    *(b"from", b"to", b"cc", b"sender", b"reply-to", b"subject", b"date", b"message-id"),
    *(b"in-reply-to", b"references", b"mime-version", b"content-type", b"content-transfer-encoding"),
    *(b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"list-help", b"list-post"),
    *(b"list-subscribe", b"list-owner", b"list-archive"),
)
"""Signed once more than they occur, so that none can be added (RFC 6376 section 5.4.2)."""

_SIGNED = (b"auto-submitted", b"content-language")
_FORM = b"relaxed/relaxed"
_Key = RSAPrivateKey | Ed25519PrivateKey


def new_key(algorithm: Algorithm = "rsa") -> str:
    """A fresh private key, as unencrypted PKCS#8 in PEM: RSA of 2048 bits, or Ed25519."""
    key: _Key = generate_private_key(65537, _BITS) if algorithm == "rsa" else Ed25519PrivateKey.generate()
    private, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, private, none).decode("ascii")


def record(pem: str) -> str:
    """The value of the TXT record that publishes the key of `pem` (RFC 6376 section 3.6.1).

    Raises `Refuse` for a key that cannot sign.
    """
    key = _load(pem)
    if isinstance(key, RSAPrivateKey):
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        public, kind = key.public_key().public_bytes(serialization.Encoding.DER, form), "rsa"
    else:
        public, kind = key.public_key().public_bytes_raw(), "ed25519"
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode('ascii')}"


def record_name(selector: str, domain: str) -> str:
    """Where the record stands; raises `Refuse` when either is not a name in DNS."""
    for name in (selector, domain):
        if not _LABELS.fullmatch(name.lower()):
            raise Refuse(f"{name!r} is no name in DNS: small letters, digits and hyphens, such as mail-2027")
    return f"{selector}._domainkey.{domain}".lower()


def dns_lines(selector: str, domain: str, pem: str) -> str:
    """The record as it stands in a zone file, in strings that DNS can hold."""
    value = record(pem)
    pieces = [value[at : at + _STRING] for at in range(0, len(value), _STRING)]
    strings = "\n    ".join(f'"{piece}"' for piece in pieces)
    return f"{record_name(selector, domain)}. 3600 IN TXT (\n    {strings} )"


@dataclass(frozen=True, slots=True)
class _Signing:
    """One key, in the form the library takes."""

    selector: bytes
    algorithm: bytes
    key: object = field(repr=False)


class Signer:
    """Signs the mails of `domain` with the key `pem` under `selector`.

    `also` is a second selector and key that signs beside the first.  Raises `Refuse` for a
    name or a key that will not do.
    """

    def __init__(self, domain: str, selector: str, pem: str, also: tuple[str, str] | None = None) -> None:
        self._domain = domain.lower().encode("ascii", "replace")
        pairs = [(selector, pem), *([also] if also else [])]
        self._keys = [_signing(domain, *pair) for pair in pairs]

    def sign(self, octets: bytes) -> bytes:
        """`octets`, a mail with CRLF line ends, with a DKIM-Signature field for each key on top.

        Both canonicalisations are relaxed and the whole body is signed (never `l=`).  The time
        of signing is left out (`t=` may be): the same mail is always signed the same, and a
        clock that was ahead spoils nothing.  Takes processor time in proportion to the size:
        call it in a thread.  Raises `Broken` when there is no header that can be signed, or a
        lone CR in the body.
        """
        head, gap, _ = octets.partition(b"\r\n\r\n")
        body = bodyhash.digest(octets, len(head) + len(gap), relaxed=True)
        if body is None:
            raise Broken("A mail could not be signed (a lone CR).")
        try:
            return b"".join(self._field(head, body, key) for key in self._keys) + octets
        except dkim.DKIMException as error:
            raise Broken(f"A mail could not be signed ({type(error).__name__}).") from None

    def _field(self, head: bytes, body: bytes, key: _Signing) -> bytes:
        """The library's work on the header block; it is not shown the body, which may be large."""
        maker = dkim.DKIM(head + b"\r\n\r\n", logger=_SILENT, signature_algorithm=key.algorithm)
        maker.hasher = sha256
        names = _covered(head)
        tags = [
            (b"v", b"1"),
            (b"a", key.algorithm),
            (b"c", _FORM),
            (b"d", self._domain),
            (b"s", key.selector),
            (b"h", b" : ".join(names)),
            (b"bh", base64.b64encode(body)),
            (b"b", b"0" * 60),
        ]
        policy = CanonicalizationPolicy.from_c_value(_FORM)
        value: bytes = maker.gen_header(tags, names, policy, b"DKIM-Signature", key.key)
        return b"DKIM-Signature: " + value


def _covered(head: bytes) -> list[bytes]:
    """The names for `h=`: those of `_SEALED` once more than they occur, of `_SIGNED` as often."""
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    sealed = [name for name in _SEALED for _ in range(names.count(name) + 1)]
    return sealed + [name for name in _SIGNED for _ in range(names.count(name))]


def _signing(domain: str, selector: str, pem: str) -> _Signing:
    record_name(selector, domain)
    key = _load(pem)
    name = selector.lower().encode("ascii")
    if isinstance(key, Ed25519PrivateKey):
        return _Signing(name, b"ed25519-sha256", SigningKey(key.private_bytes_raw()))
    private, none = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    octets = key.private_bytes(serialization.Encoding.PEM, private, none)
    return _Signing(name, b"rsa-sha256", parse_pem_private_key(octets))


def _load(pem: str) -> _Key:
    try:
        key = serialization.load_pem_private_key(pem.encode("utf-8", "replace"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        raise Refuse(
            "The DKIM key is not an unencrypted private key in PEM.  Make one: folkmoot dkim-key"
        ) from None
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey) or not _BITS <= key.key_size <= _MOST_BITS:
        raise Refuse(f"The DKIM key must be RSA of {_BITS} to {_MOST_BITS} bits, or Ed25519")
    return key
