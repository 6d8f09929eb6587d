"""The form of reply tokens: what the ledger makes is what the mail wing knows again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.replytoken import (
    BYTES,
    LENGTH,
    RETURN,
    VERSION,
    is_return,
    is_token,
    new_return,
    new_token,
    returned,
)

bits = st.binary(min_size=BYTES, max_size=BYTES)


@given(bits, bits)
def test_a_token_has_its_form_and_says_all_its_bits(one: bytes, other: bytes) -> None:
    token = new_token(one)
    assert is_token(token) and len(token) == LENGTH and token.startswith(VERSION)
    assert (token == new_token(other)) == (one == other)
    assert not is_token(token.upper()) and not is_token(token[:-1]) and not is_token(token + "a")
    assert not is_token("b" + token[1:]), "another version is another form"


@pytest.mark.parametrize("random", [b"", b"x" * 15, b"x" * 17])
def test_a_token_is_made_of_all_its_bytes(random: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        new_token(random)


rows = st.integers(0, 2**63 - 1)


@given(rows, st.binary(min_size=16, max_size=32), st.binary(min_size=16, max_size=32))
def test_a_return_path_names_its_mail_to_whoever_made_it(row: int, secret: bytes, other: bytes) -> None:
    token = new_return(row, secret)
    assert is_return(token) and len(token) == LENGTH and token.startswith(RETURN) and not is_token(token)
    assert returned(token, secret) == row
    assert (returned(token, other) == row) == (secret == other)


@given(rows, st.integers(1, LENGTH - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_return_path_names_nothing(row: int, place: int, letter: str) -> None:
    token = new_return(row, b"s" * 16)
    changed = token[:place] + letter + token[place + 1 :]
    found = returned(changed, b"s" * 16)
    # the last letter carries two bits that nobody reads
    assert found is None or changed == token or (place == LENGTH - 1 and found == row)


@pytest.mark.parametrize("text", ["", "b", "bbbb", "a" + "a" * 26, "b" + "1" * 26, "B" + "a" * 26])
def test_what_is_no_return_path(text: str) -> None:
    assert not is_return(text) and returned(text, b"s" * 16) is None
