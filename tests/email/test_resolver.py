"""The resolver: a name server that answers, one that does not, and records from a file."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email import resolver
from bridge.email.resolver import DnsResolver, NoAnswer, StaticResolver
from bridge.errors import Refuse

ZONE = {
    ("alder.example.", "TXT"): ['"v=spf1 " "-all"', '"other"'],
    ("alder.example.", "MX"): ["20 Second.alder.example.", "10 first.alder.example."],
    ("null.example.", "MX"): ["0 ."],
    ("alder.example.", "A"): ["192.0.2.1"],
    ("alder.example.", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["Mail.Alder.Example."],
    ("many.example.", "TXT"): [f'"{n}"' for n in range(150)],
}


class NameServer(asyncio.DatagramProtocol):
    """Answers from `ZONE`, counts, and knows two names that it cannot answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.ttl = 3600

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, peer: Any) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name == "silent.example.":
            return
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        found = ZONE.get((name, kind))
        if found:
            reply.answer.append(dns.rrset.from_text_list(name, self.ttl, "IN", kind, found))
        elif name == "broken.example.":
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif not any(known == name for known, _ in ZONE):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(reply.to_wire(max_size=65535), peer)


class Served:
    """A resolver and the server that it asks, with a clock to turn."""

    def __init__(self, server: NameServer, port: int) -> None:
        self.server = server
        self.now = 1000.0
        self.dns = DnsResolver(["127.0.0.1"], timeout=0.4, port=port, clock=lambda: self.now)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        NameServer, local_addr=("127.0.0.1", 0)
    )
    with contextlib.closing(transport):
        yield Served(server, transport.get_extra_info("sockname")[1])


async def test_the_four_kinds(served: Served) -> None:
    assert sorted(await served.dns.txt("alder.example")) == [b"other", b"v=spf1 -all"]
    assert await served.dns.mx("alder.example") == [(10, "first.alder.example"), (20, "second.alder.example")]
    assert await served.dns.mx("null.example") == [(0, "")]
    assert await served.dns.addresses("Alder.Example.") == ["192.0.2.1", "2001:db8::1"]
    assert await served.dns.ptr("192.0.2.1") == ["mail.alder.example"]
    assert len(await served.dns.txt("many.example")) == resolver.MAX_RECORDS


async def test_what_is_not_there_is_an_empty_list(served: Served) -> None:
    assert await served.dns.txt("birch.example") == []
    assert await served.dns.mx("1.2.0.192.in-addr.arpa") == []
    assert await served.dns.addresses("null.example") == []
    assert await served.dns.ptr("192.0.2.9") == []


@pytest.mark.parametrize("name", ["silent.example", "broken.example"])
async def test_a_server_that_cannot_say_raises(served: Served, name: str) -> None:
    with pytest.raises(NoAnswer) as failure:
        await served.dns.txt(name)
    assert name not in str(failure.value)
    asked = len(served.server.asked)
    with pytest.raises(NoAnswer):  # and is asked again: silence is not remembered
        await served.dns.txt(name)
    assert len(served.server.asked) > asked


async def test_no_server_at_all_raises() -> None:
    async with contextlib.AsyncExitStack() as stack:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            NameServer, local_addr=("127.0.0.1", 0)
        )
        stack.callback(transport.close)
        port = transport.get_extra_info("sockname")[1]
    with pytest.raises(NoAnswer):
        await DnsResolver(["127.0.0.1"], timeout=0.3, port=port).mx("alder.example")


@pytest.mark.parametrize(
    ("name", "ttl", "kept"),
    [("alder.example", 3600, 299), ("alder.example", 20, 19), ("birch.example", 3600, 59)],
)
async def test_answers_are_kept_a_short_while(served: Served, name: str, ttl: int, kept: int) -> None:
    served.server.ttl = ttl
    first = sorted(await served.dns.txt(name))
    served.now += kept
    assert sorted(await served.dns.txt(name.upper())) == first
    assert len(served.server.asked) == 1
    served.now += 2
    assert sorted(await served.dns.txt(name)) == first
    assert len(served.server.asked) == 2


async def test_the_memory_is_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "_CACHED", 2)
    for name in ("a.example", "b.example", "c.example", "a.example"):
        await served.dns.txt(name)
    assert [name for name, _ in served.server.asked] == [
        "a.example.",
        "b.example.",
        "c.example.",
        "a.example.",
    ]
    monkeypatch.setattr(resolver, "_CACHED_OCTETS", 5)
    await served.dns.txt("alder.example")
    await served.dns.txt("alder.example")
    assert served.server.asked.count(("alder.example.", "TXT")) == 2


@pytest.mark.parametrize("name", ["a..example", "x" * 64 + ".example", "x." * 200, "\\999.example", "ä" * 80])
async def test_what_cannot_be_a_name_is_not_asked(served: Served, name: str) -> None:
    assert await served.dns.txt(name) == []
    assert await served.dns.ptr(name) == []
    assert served.server.asked == []


async def test_an_international_name_is_asked_in_ascii(served: Served) -> None:
    await served.dns.txt("bürger.example")
    assert served.server.asked == [("xn--brger-kva.example.", "TXT")]


def test_a_name_server_must_be_an_address() -> None:
    with pytest.raises(Refuse):
        DnsResolver(["not an address"])


@given(st.text(max_size=80))
def test_any_text_is_a_name_or_is_refused(text: str) -> None:
    with contextlib.suppress(resolver._Unusable):
        assert resolver._name(text).is_absolute()


# ------------------------------------------------------------------ given records

RECORDS: dict[str, dict[str, Any]] = {
    "Alder.example.": {
        "TXT": ["v=spf1 -all", "other"],
        "MX": ["20 second.alder.example", "10 First.alder.example."],
        "A": "192.0.2.1",
        "AAAA": ["2001:db8::1"],
    },
    "192.0.2.1": {"PTR": ["mail.alder.example."]},
}


async def test_given_records_answer_as_servers_do() -> None:
    static = StaticResolver(RECORDS, silent=["silent.example"])
    assert await static.txt("alder.EXAMPLE.") == [b"v=spf1 -all", b"other"]
    assert await static.mx("alder.example") == [(10, "first.alder.example"), (20, "second.alder.example")]
    assert await static.addresses("alder.example") == ["192.0.2.1", "2001:db8::1"]
    assert await static.ptr("192.0.2.1") == ["mail.alder.example"]
    assert await static.txt("birch.example") == []
    with pytest.raises(NoAnswer):
        await static.mx("Silent.example.")


@pytest.mark.parametrize(
    "records",
    [
        {"a.example": ["v=spf1 -all"]},
        {"a.example": {"SPF": ["v=spf1 -all"]}},
        {"a.example": {"TXT": 7}},
        {"a.example": {"TXT": [7]}},
        {"a.example": {"MX": ["mail.a.example"]}},
        {"a.example": {"MX": ["70000 mail.a.example"]}},
        {"a.example": {"A": ["2001:db8::1"]}},
        {"a.example": {"AAAA": ["somewhere"]}},
        {"192.0.2.1": {"PTR": [" "]}},
    ],
)
def test_given_records_of_another_form_are_named(records: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(records))):
        StaticResolver(records)
