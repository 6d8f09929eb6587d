"""The long form of the test of mail out: mails made of anything, composed and read again.

    python -m bench.compose [--mails 100000] [--seed 1] [--processes 2]

Shows how far it is; prints every property that did not hold with the seed of its mail, and ends
with exit code 1 when there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console
from rich.progress import Progress

from tests.email.composed import faults, wild

_BATCH = 500
_SHOWN = 20  # faults that are printed


def batch(first: int, count: int) -> list[tuple[int, list[str]]]:
    """The seeds from `first` on whose mail is at fault, and how."""
    found = []
    for seed in range(first, first + count):
        wrong = judged(seed)
        if wrong:
            found.append((seed, wrong))
    return found


def judged(seed: int) -> list[str]:
    """The faults of the mail of `seed`; an exception is one."""
    try:
        return faults(wild(random.Random(seed)))
    except Exception as error:  # noqa: BLE001 – whatever it is, it is what is looked for
        return [f"raised {type(error).__name__}: {error}"]


def run(mails: int, seed: int, processes: int, console: Console) -> int:
    """The number of mails at fault."""
    firsts = range(seed, seed + mails, _BATCH)
    counts = [min(_BATCH, seed + mails - first) for first in firsts]
    bad = done = 0
    with Progress(console=console) as progress, ProcessPoolExecutor(processes) as pool:
        bar = progress.add_task("mails", total=mails)
        results: Iterator[list[tuple[int, list[str]]]] = pool.map(batch, firsts, counts)
        for count, found in zip(counts, results, strict=True):
            for number, wrong in found[: max(0, _SHOWN - bad)]:
                console.print(f"seed {number}: {', '.join(wrong)}", markup=False)
            bad += len(found)
            done += count
            progress.advance(bar, count)
            if not console.is_terminal and done % (_BATCH * 20) == 0:
                console.print(f"{done} of {mails}, {bad} at fault")
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description="Composes and reads mails made of anything.")
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    console = Console(highlight=False)
    started = time.monotonic()
    bad = run(chosen.mails, chosen.seed, chosen.processes, console)
    console.print(f"{chosen.mails} mails in {time.monotonic() - started:.0f} s, {bad} at fault")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
