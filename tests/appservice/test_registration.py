"""The registration file: written, read again, and refused with the key that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge.appservice import registration as reg

Change = Callable[[dict[str, Any]], object]


def test_what_is_written_is_read_again() -> None:
    made = reg.create("http://127.0.0.1:29330", "alder.example")
    assert reg.read(reg.dump(made), "alder.example") == made
    assert made.bot == "@folkmoot_bot:alder.example"
    assert made.as_token not in repr(made) and made.hs_token not in repr(made)


def test_every_registration_has_tokens_of_its_own() -> None:
    tokens = {
        token
        for _ in range(20)
        for made in [reg.create("http://h", "a.example")]
        for token in (made.as_token, made.hs_token)
    }
    assert len(tokens) == 40


def test_the_example_is_yaml_that_refuses_to_run() -> None:
    found = yaml.safe_load(reg.example())
    assert found["namespaces"]["users"] == [{"exclusive": True, "regex": r"@folkmoot_.*:alder\.example"}]
    assert found["rate_limited"] is False and found["receive_ephemeral"] is False
    with pytest.raises(reg.RegistrationError, match="as_token"):
        reg.read(reg.example(), "alder.example")


def test_the_sender_is_not_the_bot() -> None:
    sender = f"@{reg.SENDER}:alder.example"
    assert not re.match(reg.users("alder.example"), sender)
    assert re.match(reg.users("alder.example"), f"@{reg.BOT}:alder.example")


def test_a_dot_of_the_server_name_is_a_dot() -> None:
    assert not re.fullmatch(reg.users("alder.example"), "@folkmoot_bot:alderxexample")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda d: d.update(id="other"), "id"),
        (lambda d: d.update(sender_localpart="folkmoot_bot"), "sender_localpart"),
        (lambda d: d.update(url=None), "url"),
        (lambda d: d.update(as_token="short"), "as_token"),
        (lambda d: d.update(hs_token=d["as_token"]), "must differ"),
        (lambda d: d["namespaces"].update(users=[]), "namespaces.users"),
        (lambda d: d["namespaces"]["users"][0].update(exclusive=False), "namespaces.users"),
        (lambda d: d["namespaces"]["users"][0].update(regex="@(:"), "namespaces.users"),
        (lambda d: d["namespaces"]["users"][0].update(regex="@x_.*"), "namespaces.users"),
        (lambda d: d["namespaces"].pop("aliases"), "namespaces.aliases"),
        (lambda d: d.update(rate_limited=True), "rate_limited"),
    ],
)
def test_a_fault_is_named_by_its_key(change: Change, key: str) -> None:
    found = yaml.safe_load(reg.dump(reg.create("http://h", "alder.example")))
    change(found)
    with pytest.raises(reg.RegistrationError, match=re.escape(key)):
        reg.read(yaml.safe_dump(found), "alder.example")


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")))
def test_garbage_raises_only_the_one_error(text: str) -> None:
    with pytest.raises(reg.RegistrationError):
        reg.read(text, "alder.example")
