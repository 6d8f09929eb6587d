"""The form of reply tokens: what the ledger makes is what the mail wing knows again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.replytoken import BYTES, LENGTH, VERSION, is_token, new_token

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
