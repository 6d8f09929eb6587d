"""The laboratory's internet: certificates that are checked, names that are routed, links that break."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.demo.authority import Authority
from bridge.demo.proxy import Proxy

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest_asyncio.fixture
async def proxy(authority: Authority) -> AsyncIterator[Proxy]:
    """A proxy behind whose birch.example a server says what it hears."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with Proxy(authority) as running:
        await running.route("birch.example", server.sockets[0].getsockname()[1])
        yield running
    server.close()


async def connect(proxy: Proxy, target: str, source: str = "alder.example") -> tuple[int, Stream]:
    """The status that the proxy answers, and the stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    who = base64.b64encode(f"{source}:laboratory".encode()).decode()
    writer.write(f"CONNECT {target} HTTP/1.1\r\nProxy-Authorization: Basic {who}\r\n\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    return int(head.split()[1]), (reader, writer)


async def says(stream: Stream, data: bytes) -> bytes:
    """What comes back; b"" when the connection is over."""
    reader, writer = stream
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(100), 5)
    except ConnectionError:
        return b""


async def test_routes_a_name_and_counts(proxy: Proxy) -> None:
    status, stream = await connect(proxy, "birch.example:8448")
    assert (status, await says(stream, b"hello")) == (200, b"hello")
    assert proxy.served == {"birch.example": 1}
    stream[1].close()


@pytest.mark.parametrize("target", ["cedar.example:8448", "birch.example:22", "127.0.0.1:8448", "nonsense"])
async def test_goes_nowhere_else(proxy: Proxy, target: str) -> None:
    status, (_, writer) = await connect(proxy, target)
    assert status == 502
    writer.close()


async def test_only_connects(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"GET http://birch.example:8448/ HTTP/1.1\r\n\r\n")
    assert (await asyncio.wait_for(reader.read(100), 5)).startswith(b"HTTP/1.1 502")
    writer.close()


@pytest.mark.parametrize("name", ["birch.example", "alder.example"])
async def test_a_cut_breaks_what_is_open_and_refuses_what_is_new(proxy: Proxy, name: str) -> None:
    _, stream = await connect(proxy, "birch.example:8448")
    assert await says(stream, b"hello") == b"hello"
    proxy.cut(name)
    assert proxy.is_cut(name)
    assert await says(stream, b"anybody there?") == b""
    refused, (_, writer) = await connect(proxy, "birch.example:8448")
    assert refused == 502
    proxy.heal(name)
    healed, other = await connect(proxy, "birch.example:8448")
    assert (healed, await says(other, b"hello")) == (200, b"hello")
    for end in (stream[1], writer, other[1]):
        end.close()


async def test_a_cut_leaves_others_alone(proxy: Proxy) -> None:
    _, stream = await connect(proxy, "birch.example:8448", source="cedar.example")
    proxy.cut("alder.example")
    assert await says(stream, b"still here") == b"still here"
    stream[1].close()


async def test_delegation_is_told_under_a_good_certificate_even_while_cut(
    proxy: Proxy, authority: Authority
) -> None:
    proxy.cut("birch.example")
    _, (reader, writer) = await connect(proxy, "birch.example:443")
    context = ssl.create_default_context(cafile=str(authority.certificate))
    await writer.start_tls(context, server_hostname="birch.example")
    writer.write(b"GET /.well-known/matrix/server HTTP/1.1\r\nHost: birch.example\r\n\r\n")
    body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")[2]
    assert json.loads(body) == {"m.server": "birch.example:8448"}
    writer.close()


async def test_a_certificate_is_good_for_its_name_only(proxy: Proxy, authority: Authority) -> None:
    _, (_, writer) = await connect(proxy, "birch.example:443")
    context = ssl.create_default_context(cafile=str(authority.certificate))
    with pytest.raises(ssl.SSLCertVerificationError):
        await writer.start_tls(context, server_hostname="alder.example")
    writer.close()


async def test_an_authority_is_found_again(authority: Authority, tmp_path: Path) -> None:
    first = authority.issue("birch.example")
    before = (authority.certificate.read_bytes(), first.certificate.read_bytes())
    again = Authority(tmp_path)
    same = again.issue("birch.example")
    assert (again.certificate.read_bytes(), same.certificate.read_bytes()) == before
    assert first.key.stat().st_mode & 0o077 == 0


async def test_a_stranger_does_not_trust_the_laboratory(proxy: Proxy) -> None:
    _, (_, writer) = await connect(proxy, "birch.example:443")
    with pytest.raises(ssl.SSLCertVerificationError):
        await writer.start_tls(ssl.create_default_context(), server_hostname="birch.example")
    writer.close()
