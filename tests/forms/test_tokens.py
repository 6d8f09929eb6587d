"""What a page carries to prove itself, and what is derived so that a repeat finds the same."""

from __future__ import annotations

import hashlib

import pytest

from bridge.forms.tokens import LIFETIME, Tokens, View

SECRET = b"s" * 32


def test_tokens_are_bound_to_form_secret_and_time() -> None:
    tokens, view = Tokens(SECRET), View(bytes(range(16)), 1000)
    token = tokens.issue("park", view)
    assert tokens.read("park", token, 1000 + LIFETIME) == view
    assert tokens.read("park", token, 1001 + LIFETIME) is None
    assert tokens.read("other", token, 1000) is None
    assert Tokens(b"t" * 32).read("park", token, 1000) is None
    for i in range(len(token)):
        changed = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :]
        assert tokens.read("park", changed, 1000) is None
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(b"short")


def test_ten_thousand_guesses_open_nothing() -> None:
    tokens = Tokens(SECRET)
    length = len(tokens.issue("park", View(bytes(16), 0)))
    for i in range(10_000):
        guess = hashlib.sha256(i.to_bytes(4, "big")).hexdigest()[:length]
        assert tokens.read("park", guess, 0) is None


def test_marks_follow_the_draft_and_references_the_attempt() -> None:
    tokens = Tokens(SECRET)
    mark = tokens.mark(7, "park-2027", 0)
    assert mark == Tokens(SECRET).mark(7, "park-2027", 0), "the same after a restart"
    again, other = tokens.mark(7, "park-2027", 1), tokens.mark(8, "park-2027", 0)
    assert again.key == mark.key != other.key
    assert len({m.reference for m in (mark, again, other)}) == 3
    assert Tokens(b"t" * 32).mark(7, "park-2027", 0).key != mark.key


def test_keys_do_not_run_together() -> None:
    tokens = Tokens(SECRET)
    assert tokens.key("change", "1", "2") == tokens.key("change", "1", "2")
    keys = [tokens.key("change", "1", "2"), tokens.key("change", "12"), tokens.key("send", "1", "2")]
    assert len({*keys}) == 3
