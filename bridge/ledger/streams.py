"""Files that are sealed while they are received: written in threads, durable before they are named.

The key lies in the row that names the file, sealed itself; a file that no row names is the trace
of a crash, or of somebody who went away, and is swept.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from bridge.errors import Retry
from bridge.ledger.files import Files
from bridge.ledger.pieces import PIECE, Sealing, opened
from bridge.vault import KEY_BYTES

P = ParamSpec("P")
T = TypeVar("T")


class Incoming:
    """One file on its way in: `size` bytes so far, their SHA-256, its `name` and its `key`.

    It goes at the end of its block unless it is `wanted`: named by a row, or perhaps so.
    """

    def __init__(self, name: str, descriptor: int) -> None:
        self.name, self.key = name, os.urandom(KEY_BYTES)
        self.size = 0
        self.wanted = False
        self._digest = hashlib.sha256()
        self._descriptor = descriptor
        self._sealing = Sealing(self.key)
        self._waiting = bytearray()
        self._writing = threading.Lock()  # who is cancelled leaves a thread behind that still writes
        self._closed = False

    @property
    def digest(self) -> str:
        """In hex, of the content."""
        return self._digest.hexdigest()

    async def write(self, data: bytes) -> None:
        """Raises `Retry` when the disk cannot."""
        self.size += len(data)
        self._waiting += data
        if len(self._waiting) >= PIECE:
            piece, self._waiting = bytes(self._waiting), bytearray()
            await _disk(self._add, piece)

    async def end(self) -> None:
        """All of it is on the disk when this returns."""
        await _disk(self._end)

    def _add(self, piece: bytes) -> None:
        with self._writing:
            self._digest.update(piece)
            self._store(self._sealing.add(piece))

    def _end(self) -> None:
        with self._writing:
            rest, self._waiting = bytes(self._waiting), bytearray()
            self._digest.update(rest)
            self._store(self._sealing.add(rest) + self._sealing.end())
            os.fsync(self._descriptor)

    def _store(self, data: bytes) -> None:
        if self._closed:
            raise OSError(errno.EBADF, "it was closed")
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def close(self) -> None:
        """Once nobody writes any more."""
        with self._writing:
            self._closed = True
            os.close(self._descriptor)


@asynccontextmanager
async def incoming(files: Files) -> AsyncIterator[Incoming]:
    """A new file among `files`.  Raises `Retry` when the disk cannot."""
    name, descriptor = await _disk(files.create)
    file = Incoming(name, descriptor)
    try:
        yield file
    finally:
        if not file.wanted:
            files.discard([name])
        await asyncio.shield(asyncio.to_thread(file.close))


async def read(files: Files, name: str, key: bytes) -> bytes:
    """The content of a file that came in this way.  Raises `Broken` when it is not what was sealed."""
    sealed = await files.read(name)
    return await asyncio.to_thread(lambda: b"".join(opened(sealed, key)))


async def _disk(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as e:
        raise Retry(f"a file cannot be stored ({e.strerror})") from e
