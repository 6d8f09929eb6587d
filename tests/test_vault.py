"""Sealing: what was sealed opens in its own place, under its own key, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Broken, Refuse
from bridge.vault import KEY_BYTES, Key, Vault

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(keys, st.binary(max_size=2000), st.text(max_size=60))
def test_what_was_sealed_opens(raw: bytes, data: bytes, where: str) -> None:
    sealed = Key(raw).seal(data, where)
    assert Key(raw).open(sealed, where) == data
    assert len(sealed) == len(data) + 28  # nonce and tag
    assert Key(raw).seal(data, where) != sealed  # a nonce of its own


@given(keys, st.binary(max_size=200), st.text(max_size=30), st.text(max_size=30))
def test_a_value_moved_to_another_place_does_not_open(raw: bytes, data: bytes, here: str, there: str) -> None:
    sealed = Key(raw).seal(data, here)
    if here == there:
        assert Key(raw).open(sealed, there) == data
    else:
        with pytest.raises(Broken):
            Key(raw).open(sealed, there)


@given(keys, keys, st.binary(max_size=200))
def test_another_key_does_not_open(raw: bytes, other: bytes, data: bytes) -> None:
    if raw != other:
        with pytest.raises(Broken):
            Key(other).open(Key(raw).seal(data, "t/1/c"), "t/1/c")
        assert Key(raw).mac("x") != Key(other).mac("x")


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_or_shortened_value_does_not_open(data: bytes, draw: st.DataObject) -> None:
    key = Key(b"k" * KEY_BYTES)
    sealed = bytearray(key.seal(data, "t/1/c"))
    cut = draw.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(Broken):
        key.open(bytes(sealed[:cut]), "t/1/c")
    sealed[cut] ^= 1
    with pytest.raises(Broken):
        key.open(bytes(sealed), "t/1/c")


def test_the_error_names_the_table_and_nothing_else() -> None:
    with pytest.raises(Broken) as caught:
        Key(b"k" * KEY_BYTES).open(b"no", "participants/77/canary")
    assert caught.value.reason == "sealed data at participants does not open"


def test_keys_are_wrapped_by_one_master_only() -> None:
    vault, other = Vault(bytes(range(32))), Vault(bytes(range(1, 33)))
    key, wrapped = vault.new_key()
    sealed = key.seal(b"words", "t/1/c")
    assert vault.unwrap(wrapped).open(sealed, "t/1/c") == b"words"
    with pytest.raises(Broken):
        other.unwrap(wrapped)
    assert vault.new_key()[1] != wrapped


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(Refuse, match="16 bytes"):
        Vault(b"k" * 16)
