"""Whether a DKIM key record may prove anything (RFC 6376 section 3.6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dkim.util import InvalidTagValueList, parse_tag_value

_MAX_RECORD = 2_048  # octets; a key of 4,096 bits takes some 750
_BITS = range(1024, 4096 + 1)  # RFC 8301 section 3.2: shorter ones prove nothing, longer ones cost much
_MAX_EXPONENT = 2**32  # a larger one makes each check slow, which is all that it is good for

_ALGORITHMS = {b"rsa-sha256": b"rsa", b"ed25519-sha256": b"ed25519"}
"""Of a signature, with the type of its key.  SHA-1 is no longer believed (RFC 8301 section 3.1)."""


def usable(records: Sequence[bytes], signature: Mapping[bytes, bytes]) -> bytes | None:
    """The one record that holds a key fit for the signature with these tags, or None.

    Refused: a revoked key, one in testing (`t=y` makes a mail as good as unsigned), one for
    another service, hash or algorithm, one that is too short, several records at once.
    """
    record = records[0].strip() if len(records) == 1 else b""
    if not record or len(record) > _MAX_RECORD:
        return None
    try:
        tags = parse_tag_value(record)
    except InvalidTagValueList:
        return None
    return record if _allows(tags, signature) and _fit(tags) else None


def _allows(tags: Mapping[bytes, bytes], signature: Mapping[bytes, bytes]) -> bool:
    """Whether the key's owner lets it make such a signature."""
    flags = _list(tags.get(b"t", b""))
    identity = signature.get(b"i", b"@" + signature.get(b"d", b"")).rpartition(b"@")[2]
    return (
        tags.get(b"v", b"DKIM1") == b"DKIM1"
        and _ALGORITHMS.get(signature.get(b"a", b"")) == tags.get(b"k", b"rsa")
        and b"sha256" in _list(tags.get(b"h", b"sha256"))
        and not {b"*", b"email"}.isdisjoint(_list(tags.get(b"s", b"*")))
        and b"y" not in flags
        and (b"s" not in flags or identity.lower() == signature.get(b"d", b"").lower())
    )


def _list(value: bytes) -> set[bytes]:
    return {part.strip() for part in value.split(b":")}


def _fit(tags: Mapping[bytes, bytes]) -> bool:
    """Whether `p=` holds a key of a length that protects and does not burden."""
    try:
        octets = base64.b64decode(b"".join(tags.get(b"p", b"").split()), validate=True)
        if tags.get(b"k") == b"ed25519":
            return len(octets) == 32
        key = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPublicKey) and key.key_size in _BITS and key.public_numbers().e < _MAX_EXPONENT
