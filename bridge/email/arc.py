"""What forwarders saw before they changed a mail: the Authenticated Received Chain (RFC 8617).

A chain is only as honest as its sealers: each can write into its own set what it likes, and
those after it vouch only that the set is unchanged.  So every sealer must be one that the
operator trusts; what the first of them found out then counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import dkim

from bridge.email import authres, dkimkey
from bridge.email.signatures import Signed, Silent, Tags, key_place, tag_list

MAX_SETS = 10
"""Forwarders of one mail (RFC 8617 section 4.2.1 allows 50)."""

Sealed = Literal["", "pass", "temporary"]

_SEAL, _SIGNATURE, _RESULTS = b"arc-seal", b"arc-message-signature", b"arc-authentication-results"
_INSTANCE = re.compile(rb"\s*i\s*=\s*[0-9]{1,3}\s*;")


def keys(mail: Signed, trusted: Callable[[str], bool]) -> dict[str, Tags]:
    """Where the keys of the mail's chain lie, with the tags of a field signed by each.

    Empty when there is no chain, or one that somebody else than the `trusted` domains had a
    hand in: then nothing needs to be looked up.
    """
    values = {kind: _values(mail, kind) for kind in (_SEAL, _SIGNATURE, _RESULTS)}
    count = len(values[_SEAL])
    if not 0 < count <= MAX_SETS or any(len(found) != count for found in values.values()):
        return {}
    places: dict[str, Tags] = {}
    for value in values[_SEAL] + values[_SIGNATURE]:
        tags = tag_list(value)
        place = key_place(tags) if tags is not None else None
        if tags is None or place is None or not trusted(place[0]):
            return {}
        places[place[1]] = {name: text for name, text in tags.items() if name != b"i"}  # no identity here
    return places


def vouches(
    mail: Signed, records: Mapping[str, list[bytes] | None], places: Mapping[str, Tags], domain: str
) -> Sealed:
    """`pass` when the chain is valid and its first set says that DMARC passed for the author's `domain`.

    `places` are what `keys` gave, `records` the TXT records found there (None: no answer, which
    makes it `temporary`).
    """
    fit: dict[str, bytes] = {}
    for place, tags in places.items():
        found = records.get(place)
        if found is None:
            return "temporary"
        key = dkimkey.usable(found, tags)
        if key is None:
            return ""
        fit[place] = key
    try:
        result, sets, _ = _Chain(mail).verify(dnsfunc=lambda name, timeout=0: fit[_place(name)])
    except Exception:  # noqa: BLE001 - a stranger's octets in a library: whatever it raises, it is no proof
        return ""
    valid = result == dkim.CV_Pass and _passed(sets[-1]["aar-value"], domain)
    return "pass" if valid else ""


class _Chain(dkim.ARC):  # type: ignore[misc]
    """dkimpy's chain with our hash of the body, and with signatures that cover what is shown."""

    def __init__(self, mail: Signed) -> None:
        super().__init__(logger=Silent())
        self._mail = mail
        self.headers = mail.fields

    def verify_sig_process(
        self, sig: Tags, include_headers: list[bytes], sig_header: Any, dnsfunc: Any
    ) -> Any:
        """Called for each seal (which has no `bh=`) and each message signature."""
        if b"bh" not in sig:
            return super().verify_sig_process(sig, include_headers, sig_header, dnsfunc)
        if b"l" in sig or not self._mail.covers(sig) or not self._mail.body_matches(sig):
            return False
        rest = {name: value for name, value in sig.items() if name != b"bh"}
        return super().verify_sig_process(rest, include_headers, sig_header, dnsfunc)


def _values(mail: Signed, kind: bytes) -> list[bytes]:
    return [value for name, value in mail.fields if name.lower() == kind]


def _place(name: bytes) -> str:
    return name.decode("ascii").lower().rstrip(".")


def _passed(value: bytes, domain: str) -> bool:
    """Whether the results of a set, without their instance number, have a DMARC pass for `domain`."""
    instance = _INSTANCE.match(value)
    found = authres.parse(value[instance.end() :]) if instance else None
    return found is not None and authres.dmarc(found, domain) == "pass"
