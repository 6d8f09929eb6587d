"""Whether work grows with its input and not faster: a ratio within one run, whatever the machine does."""

from __future__ import annotations

import time
from collections.abc import Callable

FACTOR = 4  # quadratic work costs sixteen times as much for four times the input
_TIMES = 3  # the quickest of so many counts: the machine may be busy
_NOTHING = 0.02  # seconds below which there is nothing to compare


def cost(work: Callable[[], object]) -> float:
    """Seconds of the processor that `work` takes, at best."""
    costs = []
    for _ in range(_TIMES):
        began = time.process_time()
        work()
        costs.append(time.process_time() - began)
    return min(costs)


def grows_evenly(work: Callable[[str], object], text: str) -> bool:
    """Whether `work` on the whole of `text` costs at most eight times what its first quarter costs."""
    small, large = text[: len(text) // FACTOR], text
    return cost(lambda: work(large)) <= 2 * FACTOR * max(cost(lambda: work(small)), _NOTHING)
