"""Who a mail claims to be from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email import addresses
from bridge.email.addresses import loosely, sender, strict, valid


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("kim@example.org", "kim@example.org", ""),
        ("<Kim@Example.ORG>", "Kim@example.org", ""),
        ("Kim Doe <kim@example.org>", "kim@example.org", "Kim Doe"),
        ("J. Q. Doe <kim@example.org>", "kim@example.org", "J. Q. Doe"),
        ('"Doe, Kim" <kim@example.org>', "kim@example.org", "Doe, Kim"),
        ('"Kim \\"K\\" Doe" <kim@example.org>', "kim@example.org", 'Kim "K" Doe'),
        ('"mayor@alder.example" <kim@example.org>', "kim@example.org", "mayor@alder.example"),
        ("=?utf-8?q?J=C3=B6rg?= <kim@example.org>", "kim@example.org", "Jörg"),
        ("Jörg <kim@example.org>", "kim@example.org", "Jörg"),
        ("kim@example.org (Kim Doe)", "kim@example.org", ""),
        ("Kim (of the park) <kim@example.org>", "kim@example.org", "Kim"),
    ],
)
def test_one_plain_mailbox(value: str, address: str, name: str) -> None:
    assert sender([value.encode()]) == (address, name)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Kim",
        "a@b.example, c@d.example",
        "mayor@alder.example <kim@example.org>",
        "<kim@example.org> <mayor@alder.example>",
        "kim@example.org <mayor@alder.example>, x@y.example",
        "group: kim@example.org;",
        "undisclosed-recipients:;",
        "<@relay.example:kim@example.org>",
        '"kim"@example.org',
        "kim@[127.0.0.1]",
        "kim@@example.org",
        "kim..doe@example.org",
        ".kim@example.org",
        "kim@-example.org",
        "kim@example.org\u200b",
        "kim@exam\u202eple.org",
        "kim@example.org\x00@evil.example",
        "Kim <kim@example.org",
        "Kim kim@example.org>",
        "Kim <kim@example.org> trailing",
        "(((kim@example.org",
        'a"b <kim@example.org>',
        "x" * 65 + "@example.org",
        "kim@" + "x" * 260 + ".org",
        "kim@example.org;mayor@alder.example",
        "alice@example.org)bob@example.com",
        "alice@example.org]bob@example.com",
    ],
)
def test_no_address_where_doubt_is(value: str) -> None:
    assert sender([value.encode()])[0] is None


def test_several_or_no_from_fields_give_no_address() -> None:
    assert sender([]) == (None, "")
    assert sender([b"Kim <a@b.example>", b"c@d.example"]) == (None, "Kim")
    assert sender([b"a@b.example", b"a@b.example"])[0] is None


@pytest.mark.parametrize("other", [[], [("", "x@y.example")], [("", "a@b.example"), ("", "a@b.example")]])
def test_two_parsers_must_agree(monkeypatch: pytest.MonkeyPatch, other: list[tuple[str, str]]) -> None:
    assert sender([b"a@b.example"])[0] == "a@b.example"
    monkeypatch.setattr(addresses, "getaddresses", lambda values: other)
    assert sender([b"a@b.example"])[0] is None


def test_raw_8_bit_names() -> None:
    assert sender(["Jörg <a@b.example>".encode("latin-1")]) == ("a@b.example", "Jörg")


PIECES = st.lists(
    st.sampled_from(
        ["a", "b.example", "@", "<", ">", '"', "\\", "(", ")", ",", ";", ":", " ", ".", "ä", "\t"]
    ),
    max_size=14,
).map("".join)


@given(PIECES | st.text(max_size=60))
def test_what_is_believed_stands_in_the_field_as_one_address(value: str) -> None:
    address, _ = sender([value.encode("utf-8", "replace")])
    if address is not None:
        assert valid(address) and value.lower().count(address.lower()) == 1
        assert address.count("@") == 1


@given(PIECES)
def test_the_strict_parser_is_total(value: str) -> None:
    found = strict(value)
    assert found is None or valid(found[1])


def test_recipients_are_found_wherever_they_stand() -> None:
    assert loosely([b'"x" <Park+A@C.example>, b@d.example;', b"e@f.example"]) == (
        "park+a@c.example",
        "b@d.example",
        "e@f.example",
    )
    assert loosely([b"\x00a@b.example c\x01@d.example, e@f\x7f.example"]) == ("a@b.example", "e@f")
