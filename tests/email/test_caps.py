"""Limits on raw octets."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.caps import Cap, bare_line_ends, broken, head

OK = b"From: a@b.example\r\n"


@pytest.mark.parametrize(
    ("raw", "cap"),
    [
        (OK + b"\r\nhello", None),
        (b"", None),
        (OK + b"X: " + b"a" * 70_000 + b"\r\n\r\nx", Cap.HEADER_LINE),
        (
            OK + b"X: a\r\n" + b" " + b"b" * 900 + b"\r\n" + (b" " + b"b" * 900 + b"\r\n") * 400,
            Cap.HEADER_BYTES,
        ),
        (OK + b"X: a\r\n" * 2_000 + b"\r\nx", Cap.HEADER_COUNT),
        (OK + b"Subject: " + b"=?utf-8?q?a?=\r\n " * 5_000 + b"\r\n\r\nx", Cap.ENCODED_WORDS),
        (OK + b"To: " + b"a@b.example,\r\n " * 3_000 + b"\r\n\r\nx", Cap.ADDRESSES),
        (b"From: " + b"(" * 1_000 + b"a@b.example" + b")" * 1_000 + b"\r\n\r\nx", Cap.ADDRESSES),
        (OK + b"\r\n" + b"--b\r\n\r\n" * 60_000, Cap.PARTS),
        (OK + b"\r\n" + b"Content-Type: multipart/mixed; boundary=b\r\n" * 3_000, Cap.NESTING),
    ],
)
def test_each_limit_has_its_name(raw: bytes, cap: Cap | None) -> None:
    assert broken(raw) is cap


def test_a_header_block_is_split_and_unfolded() -> None:
    raw = b"From: a@b\r\nSUBJECT : one\r\n\ttwo\r\nX:y\r\n\r\nbody"
    top = head(raw)
    assert top.fields == (("from", b"a@b"), ("subject", b"one\ttwo"), ("x", b"y"))
    assert raw[top.body :] == b"body" and top.whole


def test_words_without_headers_are_the_body() -> None:
    assert head(b"Hello there\r\n\r\nme").body == 0
    raw = b"Subject: x\r\nHello there\r\n\r\nme"
    assert raw[head(raw).body :] == b"Hello there\r\n\r\nme"


@given(st.binary(max_size=300))
def test_any_octets_have_a_head(raw: bytes) -> None:
    top = head(raw)
    assert 0 <= top.body <= len(raw)
    assert all(b"\n" not in value and name == name.lower() for name, value in top.fields)
    assert head(raw, limit=20).body <= 21


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"."]), max_size=12))
def test_bare_line_ends_by_definition(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    stripped = raw.replace(b"\r\n", b"")
    assert bare_line_ends(raw) == (b"\r" in stripped or b"\n" in stripped)


def test_the_email_package_is_not_needed() -> None:
    """Shown in a process where importing it is impossible."""
    code = (
        "import sys; sys.modules['email'] = None; "
        "import bridge.email.caps as c; assert c.broken(b'a: b') is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
