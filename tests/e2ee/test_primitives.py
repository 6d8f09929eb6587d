"""Signatures, secret storage, recovery key, attachments, sealing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import vodozemac
from hypothesis import given
from hypothesis import strategies as st

from bridge.e2ee import attachments, secret_storage
from bridge.e2ee.errors import CannotDecrypt
from bridge.e2ee.seal import Sealer
from bridge.e2ee.signing import SigningKey, b64, canonical, signable, unb64, verify
from bridge.errors import Broken

ALICE = "@alice:alder.example"
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
anything: st.SearchStrategy[Any] = st.recursive(
    plain | st.floats() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def signed(obj: dict[str, Any], key: SigningKey) -> dict[str, Any]:
    return {**obj, "signatures": {ALICE: {f"ed25519:{key.public}": key.sign(obj)}}}


@given(st.dictionaries(st.text(), plain, max_size=5))
def test_what_is_signed_verifies_and_what_is_altered_does_not(obj: dict[str, Any]) -> None:
    obj.pop("signatures", None)
    key, other = SigningKey(bytes(32)), SigningKey(bytes([1]) * 32)
    done = signed(obj, key)
    assert verify(done, ALICE, key.public, key.public)
    assert verify({**done, "unsigned": {"age": 1}}, ALICE, key.public, key.public)
    assert (
        not verify({**done, "added": 1, "x": obj.get("x", 0)}, ALICE, key.public, key.public)
        or "added" in obj
    )
    assert not verify(done, ALICE, key.public, other.public)
    assert not verify(done, "@bob:alder.example", key.public, key.public)


@given(anything, anything)
def test_verify_never_raises(obj: Any, signatures: Any) -> None:
    value = {"a": obj, "signatures": signatures}
    assert verify(value, ALICE, "DEVICE", "not a key") is False
    nested = {"a": obj, "signatures": {ALICE: {"ed25519:DEVICE": signatures}}}
    assert verify(nested, ALICE, "DEVICE", b64(bytes(32))) is False


@given(plain)
def test_canonical_json_is_stable_and_reads_back(obj: Any) -> None:
    try:
        encoded = canonical(obj)
    except ValueError:
        assert "\\ud" in json.dumps(obj), "only lone surrogates are refused here"
        return
    assert json.loads(encoded) == obj
    assert canonical(json.loads(encoded)) == encoded


def test_canonical_json_of_the_specification() -> None:
    value = {"auth": {"success": True, "mxid": "@john.doe:example.com", "b": [{"ö": "日"}, None]}}
    assert canonical(value).decode() == (
        '{"auth":{"b":[{"ö":"日"},null],"mxid":"@john.doe:example.com","success":true}}'
    )
    for bad in (1.5, 2**53, float("nan"), {1: 2}, "\ud800", object()):
        with pytest.raises(ValueError):
            canonical({"x": bad})
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError):
        canonical(deep)


def test_an_independent_library_verifies_our_signatures() -> None:
    key = SigningKey.generate()
    obj = {"one": 1, "unsigned": {}, "signatures": {"x": {}}}
    signature = vodozemac.Ed25519Signature.from_base64(key.sign(obj))
    vodozemac.Ed25519PublicKey.from_base64(key.public).verify_signature(signable(obj), signature)


@given(st.binary())
def test_base64(data: bytes) -> None:
    assert unb64(b64(data)) == data
    assert "=" not in b64(data)


@given(st.binary(min_size=32, max_size=32))
def test_recovery_key_reads_back(key: bytes) -> None:
    text = secret_storage.encode_recovery_key(key)
    assert secret_storage.decode_recovery_key(text) == key
    assert secret_storage.decode_recovery_key("\n" + text.replace(" ", "  ")) == key


def test_recovery_key_of_another_implementation() -> None:
    # what matrix-js-sdk's encodeRecoveryKey gives for this key
    key = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f92ebc099ac177fbae51db92c2a")
    text = secret_storage.encode_recovery_key(key)
    assert text.replace(" ", "") == "EsTcLW2KPGiFwKEA3As5g5c4BXwkqigrV9icWEdeftdHnwku"


@given(st.text())
def test_no_text_is_a_recovery_key_by_chance(text: str) -> None:
    with pytest.raises(ValueError):
        secret_storage.decode_recovery_key(text)


@pytest.mark.parametrize("position", range(0, 58, 7))
def test_a_mistyped_recovery_key_is_refused(position: int) -> None:
    text = secret_storage.encode_recovery_key(bytes(range(32)))
    if text[position] != " ":
        wrong = text[:position] + ("2" if text[position] != "2" else "3") + text[position + 1 :]
        with pytest.raises(ValueError):
            secret_storage.decode_recovery_key(wrong)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_secrets(secret: str) -> None:
    key = bytes(range(32))
    data = secret_storage.encrypt_secret(key, "m.cross_signing.master", secret)
    assert secret_storage.decrypt_secret(key, "m.cross_signing.master", data) == secret
    assert unb64(data["iv"])[8] < 0x80, "bit 63 is clear"
    for wrong_key, name in ((bytes(32), "m.cross_signing.master"), (key, "m.cross_signing.self_signing")):
        with pytest.raises(ValueError):
            secret_storage.decrypt_secret(wrong_key, name, data)


def test_the_description_of_a_key_tells_whether_it_fits() -> None:
    key = bytes(range(32))
    description = secret_storage.key_description(key)
    assert secret_storage.opens(key, description)
    assert not secret_storage.opens(bytes(32), description)
    assert not secret_storage.opens(key, {**description, "algorithm": "other"})
    assert not secret_storage.opens(key, {**description, "iv": 7})
    assert secret_storage.opens(key, {"algorithm": description["algorithm"]})


@given(st.binary(max_size=5000))
def test_attachments(data: bytes) -> None:
    ciphertext, info = attachments.encrypt(data)
    assert attachments.decrypt(ciphertext, {**info, "url": "mxc://x/y"}) == data
    assert len(ciphertext) == len(data)
    assert unb64(info["iv"])[8:] == bytes(8)
    with pytest.raises(CannotDecrypt):
        attachments.decrypt(ciphertext + b"x", info)


@given(
    st.fixed_dictionaries({}, optional={"v": anything, "key": anything, "iv": anything, "hashes": anything})
)
def test_malformed_file_infos(info: dict[str, Any]) -> None:
    _, good = attachments.encrypt(b"data")
    with pytest.raises(CannotDecrypt):
        attachments.decrypt(b"data", info)
    with pytest.raises(CannotDecrypt):
        attachments.decrypt(b"data", {**good, **info})


def test_sealing_binds_a_secret_to_its_place() -> None:
    sealer = Sealer(bytes(32))
    sealed = sealer.seal("here", b"secret")
    assert sealer.open("here", sealed) == b"secret"
    for other, place, data in (
        (sealer, "there", sealed),
        (Sealer(bytes([1]) * 32), "here", sealed),
        (sealer, "here", sealed[:-1]),
        (sealer, "here", b""),
    ):
        with pytest.raises(Broken):
            other.open(place, data)
    with pytest.raises(ValueError):
        Sealer(b"short")
