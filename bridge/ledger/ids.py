"""Row IDs that sort by time, are known before the insert, and do not clash between processes."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

_RANDOM_BITS = 16  # two processes that make an ID in the same ms clash once in 65,536 times


class Ids:
    """Positive 63-bit numbers, each larger than the one before, also when the clock goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()  # transactions run in threads

    def seen(self, highest: int) -> None:
        """Never give out an ID at or below `highest` (what the database holds already)."""
        self._last = max(self._last, highest)

    def __call__(self) -> int:
        now = int(self._clock() * 1000) << _RANDOM_BITS
        with self._lock:
            self._last = max(self._last + 1, now | secrets.randbits(_RANDOM_BITS))
            return self._last
