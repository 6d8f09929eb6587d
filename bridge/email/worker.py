"""The pool of children that parse hostile mail.

A mail that ends its child (time, memory, a crash) is tried once more in a fresh one, and then
salvaged here from its header block, with the original as a file: nothing is lost, and nothing
is invented.  Children are started by `exec`, never by fork from a threaded process; they hold
no secret of the bridge, and their environment is empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import bridge
from bridge.email import wire
from bridge.email.mail import Mail
from bridge.email.salvage import salvage

log = logging.getLogger(__name__)

_PIECE = 256 * 1024
_MAX_DOCUMENT = 8 * 1024 * 1024  # octets; an honest one has at most 3 MB, and takes 10 ms to read
_GONE = (asyncio.IncompleteReadError, TimeoutError, OSError, ValueError, RecursionError)


class _Child:
    """One process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.mails = 0

    async def ask(self, raw: bytes) -> Mail | None:
        """The mail; None: to be salvaged.  Raises one of `_GONE` when the child is no more."""
        source, target = self.process.stdin, self.process.stdout
        if source is None or target is None:
            raise ValueError("a child without pipes")
        self.mails += 1
        source.write(wire.LENGTH.pack(len(raw)))
        view = memoryview(raw)
        for start in range(0, len(raw), _PIECE):
            source.write(view[start : start + _PIECE])
            await source.drain()
        await source.drain()
        if await target.readexactly(1) == wire.SALVAGE:
            return None
        length = wire.LENGTH.unpack(await target.readexactly(wire.LENGTH.size))[0]
        if length > _MAX_DOCUMENT:
            raise ValueError("more than any mail says")
        document, sizes = wire.sizes(await target.readexactly(length))
        if sum(sizes) > 2 * len(raw) + 64 * 1024 * 1024:
            raise ValueError("more than any mail holds")
        return wire.decode(document, [await _exactly(target, size) for size in sizes])

    async def end(self) -> None:
        """Let it end by the closed pipe, or kill it, and wait until it is gone; never raises.

        Not killed at once: `kill` looks whether a dead process is to be reaped, and takes that
        away from asyncio, which then complains.
        """
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            async with asyncio.timeout(0.5):
                await self.process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


async def _exactly(source: asyncio.StreamReader, size: int) -> bytes:
    """`size` octets, in pieces, so that no single copy holds up the loop for long."""
    pieces = []
    while size:
        pieces.append(await source.readexactly(min(size, _PIECE)))
        size -= len(pieces[-1])
    return b"".join(pieces)


class Pool:
    """Warm children that turn raw mails into `Mail`.

    `seconds` is processor time for one mail, `patience` the longest wait by the clock (for a
    child that hangs without using any), `memory` octets of address space, `mails` how many
    one child reads before it is replaced.  `ours` are our mail domains or addresses.
    """

    def __init__(
        self,
        ours: Sequence[str] = (),
        *,
        size: int = 2,
        seconds: float = 2.0,
        patience: float = 30.0,
        memory: int = 512 * 1024 * 1024,
        mails: int = 500,
    ) -> None:
        self._ours = tuple(ours)
        self._size = size
        self._seconds = seconds
        self._patience = patience
        self._memory = memory
        self._mails = mails
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._root = str(Path(bridge.__file__).resolve().parent.parent)
        self._turn = asyncio.Semaphore(size)
        self.ended = 0
        """Children that a mail ended, for the metrics."""

    async def __aenter__(self) -> Pool:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the children, so that the first mail does not wait for one."""
        while len(self._idle) + len(self._busy) < self._size:
            self._idle.append(await self._spawn())

    async def close(self) -> None:
        """End every child; reads that are under way fail."""
        children = [*self._idle, *self._busy]
        self._idle.clear()
        for child in children:
            await child.end()

    @property
    def pids(self) -> list[int]:
        """Process IDs of the living children."""
        return [child.process.pid for child in (*self._idle, *self._busy)]

    async def read(self, raw: bytes) -> Mail:
        """The mail in `raw`; a salvaged one (warning `unreadable`) when it cannot be parsed."""
        async with self._turn:
            for attempt in (1, 2):
                try:
                    mail = await self._ask(raw)
                except _GONE as error:
                    self.ended += 1
                    log.warning("a parsing child ended (%s), attempt %d", type(error).__name__, attempt)
                else:
                    return salvage(raw) if mail is None else mail
        return salvage(raw)

    async def _ask(self, raw: bytes) -> Mail | None:
        child = await self._take()
        self._busy.add(child)
        whole = False
        try:
            async with asyncio.timeout(self._patience):
                mail = await child.ask(raw)
            whole = True
        finally:  # also when the caller was cancelled in the middle of a frame
            self._busy.discard(child)
            if whole and child.mails < self._mails:
                self._idle.append(child)
            else:
                await asyncio.shield(child.end())
        return mail

    async def _take(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.process.returncode is None:
                return child
            await child.end()
        return await self._spawn()

    async def _spawn(self) -> _Child:
        environment = {"PYTHONPATH": self._root, "PYTHONDONTWRITEBYTECODE": "1"}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bridge.email.child"),
            *(str(self._memory), str(self._seconds), *self._ours),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            cwd="/",
            limit=1024 * 1024,
        )
        return _Child(process)
