"""Parts and texts that a citizen's mail program makes and a chat cannot show: named as what they are.

    smime_signed   smime_encrypted     S/MIME (RFC 8551)
    pgp_signed     pgp_encrypted       OpenPGP by MIME (RFC 3156) or inline (RFC 9580 section 6.2)
    pgp_key                            a key to write back with
    tnef                               Outlook's winmail.dat, which holds the real files
    vcard          calendar            a visiting card, an invitation

A type that says something counts; a file name counts only where the type says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TYPES = {
    "application/pkcs7-signature": "smime_signed",
    "application/x-pkcs7-signature": "smime_signed",
    "application/pgp-signature": "pgp_signed",
    "application/pgp-encrypted": "pgp_encrypted",
    "application/pgp-keys": "pgp_key",
    "application/ms-tnef": "tnef",
    "application/vnd.ms-tnef": "tnef",
    "application/x-tnef": "tnef",
    "text/vcard": "vcard",
    "text/x-vcard": "vcard",
    "application/vcard": "vcard",
    "text/calendar": "calendar",
    "text/x-vcalendar": "calendar",
    "application/ics": "calendar",
}
_ENVELOPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SMIME_TYPES = {
    "signed-data": "smime_signed",
    "enveloped-data": "smime_encrypted",
    "authenveloped-data": "smime_encrypted",
    "": "smime_encrypted",
}
"""By smime-type (RFC 8551 section 3.2.2).  Without one it cannot be read either way: old Outlooks encrypt so.
Certificates alone and compressed data are files like others."""

_GENERIC = frozenset({"", "application/octet-stream", "application/x-unknown", "text/plain"})
_NAMES = {
    "smime.p7s": "smime_signed",
    "smime.p7m": "smime_encrypted",
    "signature.asc": "pgp_signed",
    "encrypted.asc": "pgp_encrypted",
    "publickey.asc": "pgp_key",
    "winmail.dat": "tnef",
}
_ENDINGS = {
    ".p7s": "smime_signed",
    ".p7m": "smime_encrypted",
    ".pgp": "pgp_encrypted",
    ".gpg": "pgp_encrypted",
    ".vcf": "vcard",
    ".ics": "calendar",
}
_KEY_NAME = re.compile(r"(?:openpgp_0x|publickey ?- ?|0x[0-9a-f]{8,40}).*\.asc", re.S)


def named(mime: str, filename: str, params: Mapping[str, str]) -> str | None:
    """The key of a part by its Content-Type, file name and parameters; None for all other parts.

    Also understands the containers multipart/signed and multipart/encrypted by their `protocol`.
    """
    kind = mime.partition(";")[0].strip().lower()
    given = {name.strip().lower(): value.strip(" \t\"'").lower() for name, value in params.items()}
    if kind in _ENVELOPES:
        return _SMIME_TYPES.get(given.get("smime-type", ""))
    if kind in ("multipart/signed", "multipart/encrypted"):
        return _TYPES.get(given.get("protocol", ""))
    if kind == "text/directory":  # what visiting cards were before RFC 6350
        return "vcard" if given.get("profile") == "vcard" else None
    return _TYPES.get(kind) or (_by_name(filename) if kind in _GENERIC else None)


def _by_name(filename: str) -> str | None:
    name = filename.strip().lower()
    if name in _NAMES:
        return _NAMES[name]
    if _KEY_NAME.fullmatch(name):
        return "pgp_key"
    dot = name.rfind(".")
    return _ENDINGS.get(name[dot:]) if dot > 0 else None


_ARMOUR = re.compile(
    r"^[ \t]*-----BEGIN PGP (MESSAGE|SIGNED MESSAGE|SIGNATURE|PUBLIC KEY BLOCK|PRIVATE KEY BLOCK)"
    r"(?:, PART [0-9]{1,4}(?:/[0-9]{1,4})?)?-----[ \t\r]*$",
    re.M,
)
_INLINE = {"MESSAGE": "pgp_encrypted", "SIGNED MESSAGE": "pgp_signed", "SIGNATURE": "pgp_signed"}
_URGENT = ("pgp_encrypted", "pgp_signed", "pgp_key")


def named_text(text: str) -> str | None:
    """The key of OpenPGP armour on lines of its own in a text, or None.

    Of several the one that hides most: encrypted, signed, a key.  Quoted armour is somebody else's.
    """
    found = {_INLINE.get(match[1], "pgp_key") for match in _ARMOUR.finditer(text)}
    return next((key for key in _URGENT if key in found), None)
