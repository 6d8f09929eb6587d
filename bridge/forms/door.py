"""The listening socket of the pages: how many connections there may be.

Each one takes a file descriptor, and the process has other use for those: the database, mails, the
homeserver.  So there is a bound, and what comes above it is closed at once.  A connection that says
nothing is closed after a while (`keepalive_timeout`), one that does not go on too (`body.Limits`), and
one that does not read either (`guard.STALLED`): those who stall make room for others.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bridge.errors import Refuse

MOST = 4000
"""Connections at once; 1,000 that stall leave room enough."""

OTHERS = 512
"""File descriptors that the rest of the bridge may need."""

BACKLOG = 1024


class _Full(asyncio.Protocol):
    """Hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


@asynccontextmanager
async def listening(runner: web.AppRunner, host: str, port: int, most: int = MOST) -> AsyncIterator[int]:
    """Serve what `runner` has set up, until the end of the block; the port that is listened on.

    Raises `Refuse` when the address cannot be had.
    """
    server, most = runner.server, min(most, _descriptors(most + OTHERS) - OTHERS)
    if server is None:
        raise RuntimeError("the runner was not set up")

    def connected() -> asyncio.BaseProtocol:
        return server() if len(server.connections) < most else _Full()

    try:
        listener = await asyncio.get_running_loop().create_server(
            connected, host, port, backlog=BACKLOG, reuse_address=True
        )
    except OSError as error:
        raise Refuse(f"web.listen: cannot listen on {host}:{port}: {error.strerror}") from None
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


def _descriptors(wanted: int) -> int:
    """How many file descriptors there are, after asking the system for so many: services get few
    unless they ask (systemd.exec(5), LimitNOFILE)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    granted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
    return granted
