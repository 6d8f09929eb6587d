"""Runs a bridge that kills itself: `python -m tests.crash.driver FOLKMOOT.YAML`.

The file `target` beside the configuration says where: "point phase n" (at the n-th time this
process passes it), or is empty.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

from bridge import app, config
from bridge.points import Phase, Point


class Killer:
    """A `bridge.points.Probe` that ends the process without any preparation."""

    def __init__(self, folder: Path) -> None:
        target = (folder / "target").read_text().split()
        self._target = (target[0], target[1], int(target[2])) if target else None
        self._counts: Counter[tuple[str, str]] = Counter()

    def __call__(self, point: Point, phase: Phase) -> None:
        place = (point.value, phase)
        self._counts[place] += 1
        if self._target == (*place, self._counts[place]):
            os.kill(os.getpid(), signal.SIGKILL)


async def main(file: Path) -> None:
    """Until killed, or told to stop by SIGTERM."""
    task = asyncio.create_task(app.run(config.load(file), Killer(file.parent)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[-1])))
