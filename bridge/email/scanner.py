"""The virus scanner edge: hands one file to clamd and believes only a whole answer.

    stream: OK                                     None: nothing was found
    stream: NAME FOUND                             the name
    a limit of ours or of the scanner's            TooLarge: it was not scanned, and never will be
    no line, silence, an early end, other errors   Retry: held, not passed

The protocol is clamd(8)'s INSTREAM: chunks, each behind its length in four octets, big-endian, and an
empty one at the end; commands and answers end with a NUL.  A scan changes nothing, so a repeat is harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Protocol

from bridge.email.encoded import one_line
from bridge.errors import Broken, Retry

_CHUNK = 128 * 1024
_LONGEST_ANSWER = 4_096
_AGAIN = 60.0  # seconds until a scanner that is down is asked again
_LIMITS = "Heuristics.Limits.Exceeded"  # clamd names this as a finding when AlertExceedsMax is on


class TooLarge(Broken):
    """The data is beyond what the scanner reads: it was not scanned, and a repeat changes nothing."""

    def __init__(self) -> None:
        super().__init__("It is too large for the virus scanner.")


class Scanner(Protocol):
    """What looks for viruses."""

    async def scan(self, data: bytes) -> str | None:
        """None when `data` is clean, else the name of what was found.

        Raises `Retry` when there is no answer, and `TooLarge` when there never will be one.
        """


class Clamd:
    """ClamAV's daemon at `address`: `host:port` or the path of a Unix socket.

    `timeout` is in seconds, for one whole scan.  `max_size` is in bytes; clamd's own StreamMaxLength,
    MaxFileSize and MaxScanSize must not be smaller: what is above the last two it calls clean without
    having looked, unless AlertExceedsMax is on.  Raises `ValueError` for an address of neither form.
    """

    def __init__(self, address: str, timeout: float = 30, max_size: int = 25_000_000) -> None:
        self._where = _parsed(address)
        self._timeout = timeout
        self._max_size = max_size

    async def scan(self, data: bytes) -> str | None:
        """See `Scanner`; at most one connection, closed afterwards."""
        if len(data) > self._max_size:
            raise TooLarge
        return _verdict(await self._ask(b"zINSTREAM\0", data))

    async def ping(self) -> str:
        """The version of a scanner that is up, such as `ClamAV 1.4.6`; raises `Retry`."""
        answer = await self._ask(b"zPING\0")
        if answer != "PONG":
            raise _silent(answer)
        version = await self._ask(b"zVERSION\0")
        return version if version.startswith("ClamAV") else "ClamAV"  # the command may be switched off

    async def _ask(self, command: bytes, data: bytes | None = None) -> str:
        try:
            async with asyncio.timeout(self._timeout), self._line() as line:
                await self._say(line, command, data)
                return await _heard(line)
        except (OSError, TimeoutError) as error:
            raise _silent(type(error).__name__) from None

    @contextlib.asynccontextmanager
    async def _line(self) -> AsyncIterator[socket.socket]:
        # A plain socket: a stream of asyncio drops an answer that comes before the scanner hangs up on us.
        with await self._connected() as line:
            yield line

    async def _connected(self) -> socket.socket:
        """On the first of the host's addresses that listens; raises the last one's `OSError`."""
        fault = OSError()
        for family, address in await self._addresses():
            with contextlib.ExitStack() as failing:
                line = failing.enter_context(socket.socket(family, socket.SOCK_STREAM))
                line.setblocking(False)
                try:
                    await asyncio.get_running_loop().sock_connect(line, address)
                except OSError as error:
                    fault = error
                    continue
                failing.pop_all()
                return line
        raise fault

    async def _addresses(self) -> list[tuple[int, str | tuple[object, ...]]]:
        if isinstance(self._where, str):
            return [(socket.AF_UNIX, self._where)]
        host, port = self._where
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]

    @staticmethod
    async def _say(line: socket.socket, command: bytes, data: bytes | None) -> None:
        """All of it, or until the scanner hangs up: then its answer says why, and waits to be read."""
        send = asyncio.get_running_loop().sock_sendall
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await send(line, command)
            if data is None:
                return
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                await send(line, len(chunk).to_bytes(4, "big") + chunk)
            await send(line, bytes(4))


async def _heard(line: socket.socket) -> str:
    """The answer up to its NUL, on one line; raises `OSError` when it ends before."""
    answer = b""
    while len(answer) < _LONGEST_ANSWER:
        piece = await asyncio.get_running_loop().sock_recv(line, _LONGEST_ANSWER)
        if not piece:
            raise ConnectionAbortedError
        answer += piece
        if b"\0" in piece:
            break
    return one_line(answer.partition(b"\0")[0].decode("utf-8", "replace"), _LONGEST_ANSWER)


def _verdict(answer: str) -> str | None:
    if answer == "stream: OK":
        return None
    name = answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer == f"stream: {name} FOUND" and name:
        if name.startswith(_LIMITS):
            raise TooLarge
        return name[:200]
    if "size limit exceeded" in answer:
        raise TooLarge
    raise _silent(answer)


def _silent(detail: str) -> Retry:
    return Retry("The virus scanner does not answer.", after=_AGAIN, detail=detail)


def _parsed(address: str) -> str | tuple[str, int]:
    if "/" in address:
        return address
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ValueError("a scanner's address is host:port or the path of a Unix socket")
    host.encode("idna")  # what cannot be looked up raises UnicodeError, a ValueError
    return host.strip("[]"), int(port)
