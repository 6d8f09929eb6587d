"""Senders for the tests: keys made here and now, mails signed with them, the records that name them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from nacl.signing import SigningKey

from bridge.email.resolver import StaticResolver
from tests.email.mails import mail

OUTSIDE = "203.0.113.7"
"""Where the honest server of `alder.example` sends from."""

STRANGER = "198.51.100.66"
ADA = "Ada Citizen <ada@alder.example>"
Zone = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Key:
    """A private key as dkimpy takes it, and the record of its public half."""

    private: bytes
    record: str
    algorithm: bytes

    def sign(
        self, octets: bytes, domain: str = "alder.example", selector: str = "s1", **options: Any
    ) -> bytes:
        """`octets` with a signature on top."""
        field = dkim.sign(
            octets,
            selector.encode(),
            domain.encode(),
            self.private,
            signature_algorithm=self.algorithm,
            **options,
        )
        return bytes(field) + octets


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> Key:
    key = rsa.generate_private_key(65537, bits)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Key(private, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}", b"rsa-sha256")


@cache
def ed25519_key() -> Key:
    key = SigningKey.generate()
    public = base64.b64encode(bytes(key.verify_key)).decode()
    return Key(base64.b64encode(bytes(key)), f"v=DKIM1; k=ed25519; p={public}", b"ed25519-sha256")


def zone(policy: str = "v=DMARC1; p=reject", more: Zone | None = None) -> Zone:
    """`alder.example` as an honest town keeps it, an attacker's `birch.example`, and two forwarders."""
    return {
        "alder.example": {"TXT": [f"v=spf1 ip4:{OUTSIDE} -all"]},
        "_dmarc.alder.example": {"TXT": [policy]},
        "s1._domainkey.alder.example": {"TXT": [rsa_key().record]},
        "ed._domainkey.alder.example": {"TXT": [ed25519_key().record]},
        "birch.example": {"TXT": [f"v=spf1 ip4:{STRANGER} -all"]},
        "_dmarc.birch.example": {"TXT": ["v=DMARC1; p=reject"]},
        "s1._domainkey.birch.example": {"TXT": [rsa_key(number=1).record]},
        "arc._domainkey.list.example": {"TXT": [rsa_key(number=2).record]},
        "arc._domainkey.other.example": {"TXT": [rsa_key(number=3).record]},
        **(more or {}),
    }


class Counting(StaticResolver):
    """Remembers what was asked."""

    def __init__(self, records: Zone, *, silent: Sequence[str] = ()) -> None:
        super().__init__(records, silent=silent)
        self.asked: list[tuple[str, str]] = []

    def _ask(self, name: str, kind: str) -> list[str]:
        self.asked.append((name.lower(), kind))
        return super()._ask(name, kind)


def letter(body: str = "Hello park.", **fields: str) -> bytes:
    """A plain mail of Ada's."""
    return mail(body, **{"from": ADA, "to": "park@consult.example", **fields})


def sealed(
    octets: bytes,
    domain: str,
    key: Key,
    results: str,
    monkeypatch: pytest.MonkeyPatch,
    validated: str = "none",
    covered: Sequence[bytes] = (b"from", b"subject"),
) -> bytes:
    """`octets` with one more set of an Authenticated Received Chain, saying `results`.

    dkimpy reads what it seals through a library that is not needed otherwise: its place is taken.
    """

    class Header:
        @staticmethod
        def parse(_: str) -> Any:
            found = [_Stated("arc", validated), _Stated("", results)]
            return SimpleNamespace(authserv_id=domain, results=found)

    core = SimpleNamespace(SyntaxError=ValueError)
    stub = SimpleNamespace(AuthenticationResultsHeader=Header, core=core)
    monkeypatch.setattr(dkim, "authres", stub, raising=False)
    own = f"Authentication-Results: {domain}; none\r\n".encode()
    fields = dkim.arc_sign(
        own + octets,
        b"arc",
        domain.encode(),
        key.private,
        domain.encode(),
        include_headers=list(covered),
    )
    assert len(fields) == 3
    return b"".join(fields) + octets


class _Stated(SimpleNamespace):
    """A result that prints as it shall stand in the seal."""

    def __init__(self, method: str, result: str) -> None:
        super().__init__(method=method, result=result)

    def __str__(self) -> str:
        return f"{self.method}={self.result}" if self.method else str(self.result)
