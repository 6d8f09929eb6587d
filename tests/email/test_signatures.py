"""Which mails and which signatures are looked at."""

from __future__ import annotations

import pytest

from bridge.email import caps, signatures
from bridge.email.signatures import MAX_HEADER, MAX_LINES, MAX_SIGNATURE, Signed, key_place, read, tag_list
from tests.email.signed import ADA, letter, rsa_key

PLAIN = f"From: {ADA}\r\n".encode()


def opened(raw: bytes) -> Signed | None:
    return read(raw, caps.head(raw))


def test_a_mail_of_the_usual_form_is_looked_at() -> None:
    mail = opened(letter())
    assert mail is not None
    assert mail.fields[0] == [b"From", f" {ADA}\r\n".encode()]
    assert (
        opened(b"From a@b.example Mon Nov  2\r\n" + letter()) is not None
    )  # an mbox's first line is no field


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        PLAIN,
        PLAIN + b"no field\r\n\r\nHello.\r\n",
        b" continued\r\n" + PLAIN + b"\r\nHello.\r\n",
        PLAIN + b"From : eve@birch.example\r\n\r\nHello.\r\n",
        PLAIN + b"Subject : Benches\r\n\r\nHello.\r\n",
        PLAIN + b"X: y\r\n" * MAX_LINES + b"\r\nHello.\r\n",
        PLAIN + b"X: " + b"y" * MAX_HEADER + b"\r\n\r\nHello.\r\n",
    ],
    ids=range(8),
)
def test_a_mail_that_two_readers_could_divide_otherwise_is_not(raw: bytes) -> None:
    assert opened(raw) is None


def test_signatures_that_speak_for_the_author_are_counted() -> None:
    raw = letter()
    for domain in ("alder.example", "birch.example", "alder.example", "birch.example", "alder.example"):
        raw = rsa_key().sign(raw, domain=domain)
    mail = opened(raw)
    assert mail is not None
    found = mail.candidates(lambda domain: domain == "alder.example", 2)
    assert [(one.index, one.key_name) for one in found] == [
        (0, "s1._domainkey.alder.example"),
        (2, "s1._domainkey.alder.example"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        b"d=a; d=b",
        b"d",
        b"1=a",
        b"h=" + b"from:" * signatures.MAX_SIGNED,
        b"d=" + b" " * 80,
        b"d=" + b"a" * MAX_SIGNATURE,
    ],
    ids=range(6),
)
def test_tags_of_another_form_are_not_read(value: bytes) -> None:
    assert tag_list(value) is None


@pytest.mark.parametrize(
    ("domain", "selector"),
    [
        (b"", b"s"),
        (b"a.example", b""),
        (b"a b", b"s"),
        (b"a/b", b"s"),
        (b"a.", b"s"),
        (b"x" * 254, b"s"),
        (b"\xff", b"s"),
    ],
)
def test_what_cannot_be_a_name_is_no_place_of_a_key(domain: bytes, selector: bytes) -> None:
    assert key_place({b"d": domain, b"s": selector}) is None
    assert key_place({b"d": b"A.Example", b"s": b"S.1"}) == ("a.example", "s.1._domainkey.a.example")
