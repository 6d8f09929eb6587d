"""Scanners for tests: a real clamd with one signature of our own, and one that answers what it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge.demo.ports import free_port
from bridge.demo.process import end, spawn
from bridge.email.scanner import Clamd
from bridge.errors import Retry
from tests.lacking import lacking
from tests.waiting import until

VIRUS = b"Xyzzy-Folkmoot-Harmless-Virus"
NAME = "Folkmoot.Test.Word"  # clamd adds .UNOFFICIAL to what is not signed by ClamAV
STREAM_MAX = 2_000_000
FILE_MAX = 1_500_000


@dataclass
class RealClamd:
    """A clamd of our own, on a Unix socket and a port; it holds what it scans in `temporary`."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def socket(self) -> str:
        return str(self.folder / "s")

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    async def start(self) -> None:
        """Returns once it answers; leaves the test out where clamd is not installed."""
        program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
        if program is None:
            lacking("clamd is not installed (Debian: apt-get install clamav-daemon)")
        self.temporary.mkdir(parents=True, exist_ok=True)
        signatures = self.folder / "signatures"
        signatures.mkdir(exist_ok=True)
        (signatures / "own.ndb").write_text(f"{NAME}:0:*:{VIRUS.hex()}\n", "ascii")
        config = self.folder / "clamd.conf"
        config.write_text(self._config(signatures), "utf-8")
        log = self.folder / "log"
        self.process = await spawn([program, "--config-file", str(config)], log)
        await until(self._up, deadline=60, what="clamd answers")

    async def _up(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, (self.folder / "log").read_text(errors="replace")
        with contextlib.suppress(Retry):
            await Clamd(self.socket, 5).ping()
            return True
        return False

    def _config(self, signatures: Path) -> str:
        settings = {
            "Foreground": "yes",
            "DatabaseDirectory": signatures,
            "TemporaryDirectory": self.temporary,
            "LocalSocket": self.socket,
            "TCPSocket": self.port,
            "TCPAddr": "127.0.0.1",
            "StreamMaxLength": STREAM_MAX,
            "MaxFileSize": FILE_MAX,
            "AlertExceedsMax": "yes",
        }
        if os.geteuid() == 0:
            settings["User"] = "root"
        return "".join(f"{key} {value}\n" for key, value in settings.items())

    async def kill(self) -> None:
        await end(self.process, kill=True)


@contextlib.asynccontextmanager
async def real_clamd(folder: Path) -> AsyncIterator[RealClamd]:
    """Running inside the block; `folder` is a short path, for a socket's may have 107 octets only."""
    clamd = RealClamd(folder, free_port())
    try:
        await clamd.start()
        yield clamd
    finally:
        await end(clamd.process)


@contextlib.asynccontextmanager
async def stuck_line(clamd: RealClamd, most: int) -> AsyncIterator[str]:
    """The address of a line that brings `clamd` the first `most` bytes only, and brings back all it says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, onward = await asyncio.open_connection("127.0.0.1", clamd.port)
        with contextlib.suppress(ConnectionError):
            onward.write(await reader.readexactly(most))
            writer.write(await answers.read())
        await _close(onward)
        await _close(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@dataclass
class FakeClamd:
    """Says `answer` to every command; None is silence.  `chunks` are those it was sent, the last one empty.

    With `after` it reads that many bytes of the stream and no more before it says its answer and hangs up.
    """

    answer: bytes | None = b"stream: OK\0"
    after: int | None = None
    chunks: list[bytes] = field(default_factory=list)
    commands: list[bytes] = field(default_factory=list)
    address: str = ""
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _lines: set[asyncio.Task[None] | None] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FakeClamd]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            async with server:
                yield self
        finally:
            self._over.set()
            await asyncio.gather(*(line for line in self._lines if line is not None))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        await _close(writer)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.commands.append((await reader.readuntil(b"\0"))[:-1])
        if self.after is not None:
            await reader.readexactly(self.after)
        elif self.commands[-1] == b"zINSTREAM":
            while length := int.from_bytes(await reader.readexactly(4), "big"):
                self.chunks.append(await reader.readexactly(length))
            self.chunks.append(b"")
        if self.answer is None:
            await self._over.wait()
            return
        writer.write(self.answer)
        await writer.drain()
