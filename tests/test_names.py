"""Names and types that strangers send, and references that people type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge import reference
from bridge.names import MAX_NAME, OPAQUE, believed_type, clean_name


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("photo.jpg", "photo.jpg"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        (".htaccess", "htaccess"),
        ("\u200b.htaccess", "htaccess"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("Cafe\u0301.pdf", "Café.pdf"),
        ("..", "file"),
        ("", "file"),
        ("a\uff0fb.txt", "a_b.txt"),
        ("NUL.txt", "_NUL.txt"),
        ("dir/", "dir"),
        ("  two   words .txt", "two words.txt"),
    ],
)
def test_known_tricks(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(max_size=400))
@example("\u200b" * 5 + "." * 9 + "/")
@example(("." + "\u200b") * 200 + "x")
@example("é" * 300 + ".jpeg")
@example("𝒳" * 300)
def test_every_name_comes_out_harmless_and_stays(name: str) -> None:
    clean = clean_name(name)
    assert clean and len(clean) <= MAX_NAME and len(clean.encode()) < 255
    assert not set(clean) & set('/\\<>:"|?*')
    assert not clean.startswith(".") and clean == clean.strip()
    assert clean == unicodedata.normalize("NFC", clean)
    assert all(unicodedata.category(c)[0] != "C" for c in clean)
    assert clean_name(clean) == clean


def test_a_long_name_keeps_its_suffix() -> None:
    assert clean_name("x" * 500 + ".jpeg").endswith("x.jpeg")


@pytest.mark.parametrize(
    ("name", "declared", "head", "mime"),
    [
        ("a.png", "image/png", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("a.png", "image/png", b"<svg onload=alert(1)>", OPAQUE),
        ("a.svg", "image/svg+xml", b"<?xml version='1.0'?><svg/>", OPAQUE),
        ("a.html", "text/html", b"hello", OPAQUE),
        ("a.txt", "text/plain", b"hello <script>alert(1)</script>", OPAQUE),
        ("a.txt", "text/plain; charset=utf-8", "Grüße".encode(), "text/plain"),
        ("a.txt", "", b"hello", "text/plain"),
        ("a.jpg", "text/html", b"\xff\xd8\xff\xe0", "image/jpeg"),
        (
            "a.docx",
            "",
            b"PK\x03\x04....",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.exe", "application/pdf", b"MZ....", OPAQUE),
        ("a.webp", "", b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        ("a.heic", "", b"\x00\x00\x00\x18ftypheic", "image/heic"),
        ("a", "", b"", OPAQUE),
    ],
)
def test_only_the_bytes_are_believed(name: str, declared: str, head: bytes, mime: str) -> None:
    assert believed_type(name, declared, head) == mime


@given(st.text(max_size=40), st.text(max_size=40), st.binary(max_size=64))
def test_nothing_a_browser_runs(name: str, declared: str, head: bytes) -> None:
    mime = believed_type(name, declared, head)
    assert "html" not in mime and "svg" not in mime and "script" not in mime
    if b"<script" in head and not head.startswith((b"ID3", b"GIF8", b"RIFF", b"PK")):
        assert mime in (OPAQUE, "video/mp4")


@given(
    st.sampled_from(["park-2027", "budget", "2027-haushalt", "42", "ü-x", "a"]),
    st.binary(min_size=4, max_size=4),
)
def test_references_are_read_back(slug: str, random: bytes) -> None:
    made = reference.new(slug, lambda n: random[:n])
    assert reference.parse(f"Re: [{made}] {made.lower()} {made.replace('-', '–')}") == [made]
    assert not set(made.split("-", 1)[1]) & set("ILOU")


def test_prefixes() -> None:
    assert [reference.prefix(s) for s in ("park-2027", "ab", "2027-budget", "42", "haushalt")] == [
        "PARK", "AB", "BUDG", "CASE", "HAUS",
    ]  # fmt: skip


def test_what_people_type() -> None:
    assert reference.parse("about park-7f3k-9q, and PARK-OIL0-11.") == ["PARK-7F3K-9Q", "PARK-0110-11"]
    assert reference.parse("xPARK-7F3K-9Q PARK-7F3K-9QX PARKS-7F3K-9Q PARK-7U3K-9Q") == []


def test_symbols_are_evenly_used() -> None:
    codes = {reference.new("p", lambda n, i=i: i.to_bytes(n, "big")) for i in range(4096)}  # type: ignore[misc]
    assert len(codes) == 4096
