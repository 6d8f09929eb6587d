"""Where files wait between the pages of a form, before anything was accepted.

A draft is a convenience and no promise: the pages carry every other answer themselves, say
that nothing has been sent yet, and when a draft is gone they ask for its files again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Protocol

from bridge.forms.fields import MEGABYTE
from bridge.forms.submit import Upload

Files = Mapping[str, tuple[Upload, ...]]
"""By field."""


class Drafts(Protocol):
    """Files by the name of a draft, which only its own pages know."""

    async def load(self, draft: str) -> Files:
        """What is kept; {} when there is nothing, or no longer."""
        ...

    async def save(self, draft: str, files: Files) -> None:
        """Keep exactly these."""
        ...

    async def done(self, draft: str) -> None:
        """It was sent: it may go first when room is needed (a repeat still finds it until then)."""
        ...


class MemoryDrafts:
    """Drafts in memory: at most `room` bytes and `age` seconds, the oldest go first."""

    def __init__(
        self, clock: Callable[[], float], room: int = 256 * MEGABYTE, age: float = 24 * 3600
    ) -> None:
        self._clock, self._room, self._age = clock, room, age
        self._kept: OrderedDict[str, tuple[float, int, Files]] = OrderedDict()
        self._size = 0

    async def load(self, draft: str) -> Files:
        self._expire()
        return self._kept[draft][2] if draft in self._kept else {}

    async def save(self, draft: str, files: Files) -> None:
        self._drop(draft)
        size = sum(len(u.data) for uploads in files.values() for u in uploads)
        if not size:
            return
        while self._kept and self._size + size > self._room:
            self._drop(next(iter(self._kept)))
        if size <= self._room:
            self._kept[draft] = (self._clock(), size, dict(files))
            self._size += size
        self._expire()

    async def done(self, draft: str) -> None:
        if draft in self._kept:
            self._kept.move_to_end(draft, last=False)

    def _expire(self) -> None:
        now = self._clock()
        for draft in [d for d, (at, _, _) in self._kept.items() if not 0 <= now - at <= self._age]:
            self._drop(draft)

    def _drop(self, draft: str) -> None:
        if draft in self._kept:
            self._size -= self._kept.pop(draft)[1]
