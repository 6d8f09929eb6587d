"""The laboratory's internet: a CONNECT proxy that knows where each server name lives, and cuts links.

    Alder ──CONNECT birch.example:443──> proxy ──> the delegation server  (says birch.example:8448)
    Alder ──CONNECT birch.example:8448─> proxy ──> Birch's federation port on loopback

Homeservers find each other by name (Server-Server API, "Resolving server names") with no DNS: the
proxy answers for every name.  `.well-known` is served here and outlives a cut: a homeserver that
missed it once would ask the real DNS for an hour instead.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
import ssl
from collections.abc import Iterator
from types import TracebackType

from bridge.demo.authority import Authority

FEDERATION_PORT = 8448
_HTTPS = 443
_HEAD_LIMIT = 16384  # bytes of a request head
_CHUNK = 65536


class Proxy:
    """`CONNECT name:port` by a table of names; `cut` takes a name off the net, in both directions.

    Who asks is told by the user name in the proxy's URL (see `url_for`).
    """

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._routes: dict[str, int] = {}
        self._cut: set[str] = set()
        self._open: dict[str, set[asyncio.StreamWriter]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._delegations: list[asyncio.Server] = []
        self._ports: dict[str, int] = {}
        self._server: asyncio.Server | None = None
        self.port = 0
        self.served: dict[str, int] = {}
        """How many connections each name's federation port got."""

    def url_for(self, name: str) -> str:
        """The `https_proxy` that server `name` uses."""
        return f"http://{name}:laboratory@127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listens on a free port of 127.0.0.1."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes everything it opened."""
        for server in [self._server, *self._delegations]:
            if server is not None:
                server.close()
        for name in list(self._open):
            self._drop(name)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> Proxy:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def route(self, name: str, port: int) -> None:
        """From now on the federation of server `name` lives on loopback `port`."""
        self._routes[name] = port
        if name in self._ports:
            return
        identity = self._authority.issue(f"www.{name}", name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.certificate, identity.key)
        answer = _delegation(name)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                await writer.drain()
            await _close(writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, limit=_HEAD_LIMIT)
        self._delegations.append(server)
        self._ports[name] = server.sockets[0].getsockname()[1]

    def cut(self, name: str) -> None:
        """Nobody reaches `name` and it reaches nobody; connections that are open break now."""
        self._cut.add(name)
        self._drop(name)

    def heal(self, name: str) -> None:
        """`name` is on the net again."""
        self._cut.discard(name)

    def is_cut(self, name: str) -> bool:
        """Whether `name` is cut off."""
        return name in self._cut

    def _drop(self, name: str) -> None:
        for writer in self._open.pop(name, set()):
            writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, _, rest = head.partition(b" ")
            name, _, port = rest.partition(b" ")[0].decode("ascii", "replace").rpartition(":")
            source = _source(head)
            target = self._target(source, name, port) if method == b"CONNECT" else None
            if target is None:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
                return
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            ends = (source, name) if port == str(FEDERATION_PORT) else ()
            with self._noted(ends, writer, far_writer):
                await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
            await _close(far_writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # a peer went away or is not there: it sees its connection end, as on any network
            return
        finally:
            await _close(writer)

    def _target(self, source: str, name: str, port: str) -> int | None:
        if port == str(_HTTPS):
            return self._ports.get(name)
        if port == str(FEDERATION_PORT) and not self._cut & {source, name}:
            self.served[name] = self.served.get(name, 0) + 1
            return self._routes.get(name)
        return None

    @contextlib.contextmanager
    def _noted(self, ends: tuple[str, ...], *writers: asyncio.StreamWriter) -> Iterator[None]:
        """While inside, cutting one of `ends` breaks `writers`."""
        for end in ends:
            self._open.setdefault(end, set()).update(writers)
        try:
            yield
        finally:
            for end in ends:
                self._open.get(end, set()).difference_update(writers)
            for writer in writers:
                writer.close()


def _source(head: bytes) -> str:
    """The user name of the proxy authorization (RFC 7617); "" without one."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == b"proxy-authorization":
            with contextlib.suppress(binascii.Error):
                encoded = value.strip().partition(b" ")[2]
                return base64.b64decode(encoded).partition(b":")[0].decode("ascii", "replace")
    return ""


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies until the end of `reader`, then ends `writer`: both directions end soon after one does."""
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _delegation(name: str) -> bytes:
    """The answer of `GET /.well-known/matrix/server` (Server-Server API, "Server discovery")."""
    body = json.dumps({"m.server": f"{name}:{FEDERATION_PORT}"}).encode()
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
    )
