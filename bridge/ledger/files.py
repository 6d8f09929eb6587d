"""Sealed files beside the database for what is above 1 MB.

Written and fsynced before the row that names them is committed; a file that no row names
is the trace of a crash and is swept at start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

from bridge.errors import Broken, Retry

log = logging.getLogger(__name__)
LARGE = 1024 * 1024  # bytes


class Files:
    """Files in one folder, under random names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, data: bytes) -> str:
        """Store `data`, durable when this returns; its name.  Raises `Retry` when the disk cannot."""
        try:
            return await asyncio.to_thread(self._write, data)
        except OSError as e:
            raise Retry(f"cannot write below {self._folder}: {e.strerror}") from e

    @contextlib.contextmanager
    def together(self) -> Iterator[list[str]]:
        """Names of files that belong together: those in the list go when the block fails."""
        names: list[str] = []
        try:
            yield names
        except BaseException:
            self.discard(names)
            raise

    def create(self) -> tuple[str, int]:
        """A new empty file: its name, and its descriptor, which the caller closes.  The name is durable
        when this returns, the content when the caller has synced it.  Raises `OSError`."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            self._sync_folder()
        except OSError:
            os.close(descriptor)
            raise
        return name, descriptor

    def _write(self, data: bytes) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        self._sync_folder()
        return name

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def read(self, name: str) -> bytes:
        """The bytes of `name`.  Raises `Broken` when it is gone."""
        try:
            return await asyncio.to_thread((self._folder / name).read_bytes)
        except OSError as e:
            raise Broken(f"a stored file is gone from {self._folder} ({e.strerror})") from e

    async def remove(self, names: Collection[str]) -> None:
        """Forget the files; one that is gone already is no fault."""

        def work() -> None:
            for name in names:
                (self._folder / name).unlink(missing_ok=True)

        await asyncio.to_thread(work)

    def discard(self, names: Collection[str]) -> None:
        """Forget the files at once; one that cannot go now is swept at the next start."""
        for name in names:
            try:
                (self._folder / name).unlink(missing_ok=True)
            except OSError as e:
                log.warning("cannot remove a file below %s: %s", self._folder, e.strerror)

    async def all(self) -> set[str]:
        """The names that are there."""

        def work() -> set[str]:
            return {p.name for p in self._folder.iterdir()} if self._folder.exists() else set()

        return await asyncio.to_thread(work)
