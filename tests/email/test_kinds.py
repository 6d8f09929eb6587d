"""Parts that are named as what they are: signatures, encryption, keys, TNEF, cards and invitations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.kinds import named, named_text

KEYS = {
    "smime_signed",
    "smime_encrypted",
    "pgp_signed",
    "pgp_encrypted",
    "pgp_key",
    "tnef",
    "vcard",
    "calendar",
}
OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("mime", "filename", "params", "key"),
    [
        ("application/pkcs7-signature", "smime.p7s", {}, "smime_signed"),
        ("application/x-pkcs7-signature", "", {}, "smime_signed"),
        ("application/pkcs7-mime", "smime.p7m", {"smime-type": "signed-data"}, "smime_signed"),
        ("application/pkcs7-mime", "smime.p7m", {"smime-type": "enveloped-data"}, "smime_encrypted"),
        ("application/pkcs7-mime", "smime.p7m", {"SMIME-Type": '"authEnveloped-data"'}, "smime_encrypted"),
        ("application/x-pkcs7-mime", "smime.p7m", {}, "smime_encrypted"),
        ("application/pkcs7-mime", "smime.p7c", {"smime-type": "certs-only"}, None),
        ("application/pkcs7-mime", "smime.p7z", {"smime-type": "compressed-data"}, None),
        ("multipart/signed", "", {"protocol": "application/pkcs7-signature"}, "smime_signed"),
        ("multipart/signed", "", {"Protocol": '"application/PGP-signature"'}, "pgp_signed"),
        ("multipart/signed", "", {}, None),
        ("multipart/encrypted", "", {"protocol": "application/pgp-encrypted"}, "pgp_encrypted"),
        ("multipart/mixed", "", {"protocol": "application/pgp-encrypted"}, None),
        ("application/pgp-signature", "signature.asc", {}, "pgp_signed"),
        ("application/pgp-encrypted", "", {}, "pgp_encrypted"),
        ("Application/PGP-Keys; name=x", "key.asc", {}, "pgp_key"),
        (OCTETS, "encrypted.asc", {}, "pgp_encrypted"),
        (OCTETS, "plan.pdf.pgp", {}, "pgp_encrypted"),
        (OCTETS, "Plan.PDF.GPG", {}, "pgp_encrypted"),
        (OCTETS, "OpenPGP_0x1234ABCD5678EF90.asc", {}, "pgp_key"),
        (OCTETS, "publickey - ada@home.example - 0x1234ABCD.asc", {}, "pgp_key"),
        (OCTETS, "0x1234ABCD.asc", {}, "pgp_key"),
        (OCTETS, "notes.asc", {}, None),
        ("application/ms-tnef", "", {}, "tnef"),
        ("application/vnd.ms-tnef", "x", {}, "tnef"),
        (OCTETS, "WinMail.dat", {}, "tnef"),
        (OCTETS, "measurements.dat", {}, None),
        ("text/vcard", "ada.vcf", {}, "vcard"),
        ("text/x-vcard", "", {}, "vcard"),
        ("text/directory", "", {"profile": "vCard"}, "vcard"),
        ("text/directory", "", {}, None),
        (OCTETS, "ada.vcf", {}, "vcard"),
        ("text/calendar", "", {"method": "REQUEST"}, "calendar"),
        ("application/ics", "invite.ics", {}, "calendar"),
        ("text/plain", "invite.ics", {}, "calendar"),
        ("", " invite.ICS ", {}, "calendar"),
        ("application/pdf", "invite.ics", {}, None),
        ("image/png", "winmail.dat", {}, None),
        (OCTETS, ".ics", {}, None),
        (OCTETS, "ics", {}, None),
        (OCTETS, "invite.ics.pdf", {}, None),
        (OCTETS, "", {}, None),
        ("text/plain", "", {}, None),
        ("text/html", "", {}, None),
    ],
)
def test_parts(mime: str, filename: str, params: dict[str, str], key: str | None) -> None:
    assert named(mime, filename, params) == key
    assert key is None or key in KEYS


ENCRYPTED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nA bench.\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"
)
KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n-----END PGP PUBLIC KEY BLOCK-----\n"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (ENCRYPTED, "pgp_encrypted"),
        ("Good day\r\n\r\n" + ENCRYPTED.replace("\n", "\r\n"), "pgp_encrypted"),
        ("-----BEGIN PGP MESSAGE-----", "pgp_encrypted"),
        ("-----BEGIN PGP MESSAGE, PART 1/3-----\n", "pgp_encrypted"),
        (SIGNED, "pgp_signed"),
        ("-----BEGIN PGP SIGNATURE-----\n", "pgp_signed"),
        ("My key:\n\n  " + KEY, "pgp_key"),
        (KEY.replace("PUBLIC", "PRIVATE"), "pgp_key"),
        (KEY + SIGNED + ENCRYPTED, "pgp_encrypted"),
        (KEY + SIGNED, "pgp_signed"),
        ("> " + ENCRYPTED.replace("\n", "\n> "), None),
        ("What does -----BEGIN PGP MESSAGE----- mean?", None),
        ("-----BEGIN PGP MESSAGE----- is what I got", None),
        ("-----END PGP MESSAGE-----", None),
        ("-----begin pgp message-----", None),
        ("-----BEGIN CERTIFICATE-----", None),
        ("", None),
    ],
)
def test_inline_armour(text: str, key: str | None) -> None:
    assert named_text(text) == key


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_anything_has_a_key_or_none(mime: str, filename: str, params: dict[str, str]) -> None:
    assert named(mime, filename, params) in {*KEYS, None}
    assert named(OCTETS, filename, params) in {*KEYS, None}
    assert named_text(f"{mime}\n-----BEGIN PGP MESSAGE-----\n{filename}") == "pgp_encrypted"


def test_long_texts_are_looked_through_quickly() -> None:
    for piece in ("-----BEGIN PGP ", " ", "\n", " \t\n", "-----BEGIN PGP MESSAGE-----\t"):
        assert named_text(piece * 200_000) is None
