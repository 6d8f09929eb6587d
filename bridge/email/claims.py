"""What a mail says of itself, read from its header block: pure, total, bounded."""

from __future__ import annotations

from bridge.email import addresses, caps, signatures
from bridge.email.caps import Head
from bridge.email.verdict import Claims

_MAX_FROM = 8_192
"""Octets of a From field that names somebody; what lies beyond cannot be for a reader."""


def claims(raw: bytes, head: Head) -> Claims:
    """The claims of the mail with the header block `head`; in doubt they name nobody."""
    fields = head.all("from")
    short = [value[:_MAX_FROM] for value in fields[:10]]
    reply_to = addresses.loosely([value[:_MAX_FROM] for value in head.all("reply-to")[:10]], 20)
    if short != fields or caps.broken(raw[: head.body]) is not None:
        return Claims(len(fields), None, addresses.loosely(short, 20), reply_to=reply_to, repeated=True)
    address, name = addresses.sender(fields)
    return Claims(
        from_fields=len(fields),
        from_address=address,
        from_addresses=(address,) if address else addresses.loosely(short, 20),
        from_name=name,
        reply_to=reply_to,
        repeated=signatures.repeated(head.fields),
    )
