"""Whose request it is behind proxies, and how often a network may do something."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.forms.network import Rates, client, network
from tests.growth import grows_evenly

OURS = tuple(map(ip_network, ("127.0.0.0/8", "10.1.0.0/16", "fd00::/8")))


@pytest.mark.parametrize(
    ("peer", "x_forwarded_for", "forwarded", "found"),
    [
        ("192.0.2.7", [], [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.9"], [], "192.0.2.7"),  # a stranger says what it likes
        ("192.0.2.7", [], ["for=198.51.100.9"], "192.0.2.7"),
        ("127.0.0.1", ["198.51.100.9"], [], "198.51.100.9"),
        ("127.0.0.1", ["203.0.113.5, 198.51.100.9"], [], "198.51.100.9"),  # the right one is the proxy's word
        ("127.0.0.1", ["203.0.113.5, 198.51.100.9, 10.1.2.3"], [], "198.51.100.9"),
        ("127.0.0.1", ["203.0.113.5", "198.51.100.9"], [], "198.51.100.9"),  # two headers are one list
        ("127.0.0.1", ["198.51.100.9:4711"], [], "198.51.100.9"),
        ("127.0.0.1", ["[2001:db8::9]:4711"], [], "2001:db8::9"),
        ("127.0.0.1", ["2001:db8::9"], [], "2001:db8::9"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.9"], [], "198.51.100.9"),
        ("fd00::1", [], ['for="[2001:db8::9]:4711";proto=https'], "2001:db8::9"),
        ("127.0.0.1", [], ['for=203.0.113.5, For="198.51.100.9";by=10.1.0.1'], "198.51.100.9"),
        ("127.0.0.1", [], ['for="a,b", for=198.51.100.9'], "198.51.100.9"),
        ("127.0.0.1", [], ['for="', "for=198.51.100.9"], "198.51.100.9"),  # a quote that never ends
        ("127.0.0.1", [], ['for=198.51.100.9;host="x,for=203.0.113.5"'], "127.0.0.1"),  # a host that lies
        ("127.0.0.1", [], ["for=unknown"], "127.0.0.1"),
        ("127.0.0.1", [], ["for=203.0.113.5, for=_hidden"], "127.0.0.1"),
        ("127.0.0.1", [], ["for=203.0.113.5, proto=https"], "127.0.0.1"),  # our proxy did not say
        ("127.0.0.1", ["203.0.113.5, unknown"], [], "127.0.0.1"),
        ("127.0.0.1", [], [], ""),
        ("127.0.0.1", ["10.1.2.3, 127.0.0.1"], [], ""),  # nobody but ourselves
        ("127.0.0.1", ["198.51.100.9"], ["for=198.51.100.9"], "198.51.100.9"),
        ("127.0.0.1", ["198.51.100.9"], ["for=203.0.113.5"], "127.0.0.1"),  # one of the two is forged
        ("127.0.0.1", ["10.1.2.3"], ["for=203.0.113.5"], "127.0.0.1"),
        ("", ["198.51.100.9"], [], ""),
        ("nobody", [], [], ""),
    ],
)
def test_who_asks(peer: str, x_forwarded_for: list[str], forwarded: list[str], found: str) -> None:
    assert client(peer, x_forwarded_for, forwarded, OURS) == found


HOPS = st.sampled_from(["198.51.100.9", "10.1.2.3", "unknown", '"', "for=", "[::1", "::", ",", ";", "\\", ""])


@given(st.lists(HOPS | st.text(max_size=20), max_size=8), st.lists(HOPS | st.text(max_size=20), max_size=8))
def test_whatever_a_header_holds_it_is_an_address_or_the_proxy_and_never_raises(
    plain: list[str], pairs: list[str]
) -> None:
    found = client("127.0.0.1", [",".join(plain)], [";".join(pairs)], OURS)
    assert found in ("", "127.0.0.1") or (network(found) and not found.startswith(("127.", "10.1.", "fd")))


@given(st.text(max_size=60))
def test_a_stranger_is_who_the_connection_says(said: str) -> None:
    assert client("192.0.2.7", [said], [said], OURS) == "192.0.2.7"


@pytest.mark.parametrize("unit", ['"', "for=", '\\"', ",", "[", '"\\', "for=1.2.3.4,", "a=b;", '"",', "::"])
def test_no_header_is_read_back_and_forth(unit: str) -> None:
    read = partial(client, "127.0.0.1", proxies=OURS)
    assert grows_evenly(lambda said: read(x_forwarded_for=[said], forwarded=[said]), unit * 20_000)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_a_network(address: str, found: str) -> None:
    assert network(address) == found


def test_so_many_at_once_and_as_many_again_in_the_period() -> None:
    rates = Rates(20, 3600)
    assert [rates.take("a", 0) for _ in range(25)] == [True] * 20 + [False] * 5
    assert not rates.take("a", 179) and rates.take("a", 180) and not rates.take("a", 181)
    assert rates.take("b", 181), "another network is not concerned"
    assert [rates.take("a", 7200) for _ in range(21)] == [True] * 20 + [False]


def test_looking_counts_nothing() -> None:
    rates = Rates(2, 60)
    assert not any(rates.over("a", 0) for _ in range(10)) and len(rates) == 0
    assert rates.take("a", 0) and rates.take("a", 0)
    assert rates.over("a", 0) and not rates.over("a", 30)


def test_an_unknown_network_is_never_counted() -> None:
    rates = Rates(1, 60)
    assert all(rates.take("", 0) for _ in range(5)) and not rates.over("", 0) and len(rates) == 0


def test_the_table_is_bounded_and_forgets_who_was_seen_longest_ago() -> None:
    rates = Rates(1, 3600, size=100)
    for n in range(1000):
        rates.take(f"n{n}", n)
        rates.take("busy", n)
    assert len(rates) == 100
    assert rates.over("busy", 1000) and rates.over("n999", 1000) and not rates.over("n0", 1000)
