"""The long form of the crash test: killed again and again until so many messages have passed.

    python -m bench.crash [--messages 2000] [--burst 4] [--seed 1] [--database postgresql+asyncpg://…]

`--burst` is how many mails, answers and replies there are between two kills.

Prints each kill as it happens, then what was lost, doubled and used twice; exit code 1 when
anything was.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.crash.scenario import Scenario


async def main() -> int:
    parser = argparse.ArgumentParser(description="Kills the bridge at every named point.")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--burst", type=int, default=4)
    parser.add_argument("--database", default=None)
    chosen = parser.parse_args()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="folkmoot-crash-") as place:
        scenario = Scenario(Path(place), database=chosen.database, seed=chosen.seed, burst=chosen.burst)
        report = await scenario.run(chosen.messages, console.print)
    console.print(report.line())
    for fault in report.faults():
        console.print(f"[red]{fault}[/]")
    return 1 if report.faults() else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
