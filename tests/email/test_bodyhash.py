"""The body hash: the same as the library's, piece by piece."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.email import bodyhash
from bridge.email.bodyhash import digest

BODIES = st.lists(
    st.sampled_from([b" ", b"\t", b"  ", b"\r\n", b"\r\n\r\n", b"x", b"yy", b"\xff"]), max_size=30
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=BODIES, size=st.integers(1, 7))
def test_as_dkimpy_hashes(parts: list[bytes], size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodyhash, "_PIECE", size)
    body = b"".join(parts)
    raw = b"A: b\r\n\r\n" + body
    assert digest(raw, 8, relaxed=False) == sha256(Simple.canonicalize_body(body)).digest()
    if not body.endswith((b" ", b"\t")):  # white space at the very end: see below
        assert digest(raw, 8, relaxed=True) == sha256(Relaxed.canonicalize_body(body)).digest()


@pytest.mark.parametrize("size", [1, 2, 64])
@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b"", b"\r\n", b""),
        (b" ", b" \r\n", b""),
        (b"\r\n \r\n", b"\r\n \r\n", b""),
        (b" a\t\tb \r\n\r\n", b" a\t\tb \r\n", b" a b\r\n"),
        (b"a \r\n \r\n b  ", b"a \r\n \r\n b  \r\n", b"a\r\n\r\n b\r\n"),
        (b"a\nb\n\n", b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\n\r\n\nb", b"a\r\n\r\n\r\nb\r\n", b"a\r\n\r\n\r\nb\r\n"),
    ],
)
def test_as_the_standard_says(
    body: bytes, simple: bytes, relaxed: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6376 sections 3.4.3 and 3.4.4."""
    monkeypatch.setattr(bodyhash, "_PIECE", size)
    assert digest(body, 0, relaxed=False) == sha256(simple).digest()
    assert digest(body, 0, relaxed=True) == sha256(relaxed).digest()


def test_more_empty_lines_than_are_hashed_at_once() -> None:
    body = b"a" + b"\r\n" * 10_001 + b"b\r\n"
    assert digest(body, 0, relaxed=True) == sha256(body).digest()


@pytest.mark.parametrize("body", [b"a\rb", b"a\r", b"\r\r\n", b"a\n\r"])
def test_a_lone_carriage_return_has_no_hash(body: bytes) -> None:
    assert digest(body, 0, relaxed=False) is None
    assert digest(body, 0, relaxed=True) is None


BOMBS: dict[str, Callable[[], bytes]] = {
    "spaces": lambda: b" " * 20_000_000,
    "tabs and line ends": lambda: b"\t\r\n" * 7_000_000,
    "empty lines": lambda: b"\r\n" * 10_000_000 + b"x",
    "lone line feeds": lambda: b"\n" * 20_000_000,
    "one line": lambda: b"x" * 20_000_000,
    "words": lambda: b"x \r\n" * 5_000_000,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_large_body_of_any_kind_goes_in_small_steps(kind: str) -> None:
    """Between two pieces others have their turn: none takes 50 ms of the processor."""
    steps, before = [], time.thread_time()
    for _ in bodyhash._squeezed(BOMBS[kind](), 0):
        now = time.thread_time()
        steps.append(now - before)
        before = now
    assert len(steps) > 300
    assert max(steps[1:]) < 0.05
    assert sum(steps) < 5


@pytest.mark.parametrize("kind", BOMBS)
def test_a_large_body_of_any_kind_costs_little(kind: str) -> None:
    body = BOMBS[kind]()
    began = time.thread_time()
    assert digest(body, 0, relaxed=True) is not None
    assert time.thread_time() - began < 5
