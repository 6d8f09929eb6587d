"""The list of who was forgotten, outside the database and its backups: a restore applies it again.

One line for each: the participant's ID and when (seconds since 1970).  Only ever appended to, and on
the disk when `add` returns.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path


class ForgottenList:
    """The file at `path`; it need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> set[int]:
        """Everybody on it.  A line that a crash cut off names nobody; raises `OSError`."""
        if not self._path.exists():
            return set()
        lines = self._path.read_text("ascii", "replace").splitlines()
        return {int(first) for line in lines if (first := line.partition(" ")[0]).isdigit() and " " in line}

    def add(self, participants: Collection[int], at: int) -> None:
        """Whoever is not on it yet, at that time (ms); raises `OSError`."""
        new = sorted(set(participants) - self.all())
        if not new:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{one} {at // 1000}\n" for one in new)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            whole = not (size := os.fstat(descriptor).st_size) or os.pread(descriptor, 1, size - 1) == b"\n"
            file.write(("" if whole else "\n").encode() + text.encode("ascii"))
            os.fsync(descriptor)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
