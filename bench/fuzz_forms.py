"""The long form of the fuzz of the citizens' pages: posts made of anything, against the real pages.

    python -m bench.fuzz_forms [--posts 200000] [--seed 1] [--processes 2]

Shows how far it is; prints what did not hold with the seed of its batch, and ends with exit code 1
when there is anything.  Each batch has pages, ledger and store of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console
from rich.progress import Progress

from tests.forms.fuzzed import fuzz

_BATCH = 2000
_SHOWN = 20  # finds that are printed

Found = tuple[int, list[str], Counter[int], Counter[str]]
"""The seed, what did not hold, the answers by status, what was accepted by kind."""


def batch(seed: int, posts: int) -> Found:
    """One batch; an exception that gets out of it is a find."""
    try:
        fuzzer = asyncio.run(fuzz(seed, posts))
    except Exception as error:  # noqa: BLE001 – whatever it is, it is what is looked for
        return seed, [f"raised {type(error).__name__}: {error}"], Counter(), Counter()
    kinds = Counter(arrival.kind for arrival in fuzzer.ledger.arrivals.values())
    return seed, fuzzer.finds, fuzzer.answers, kinds


def run(posts: int, seed: int, processes: int, console: Console) -> int:
    """The number of finds."""
    seeds = range(seed, seed - -posts // _BATCH)
    counts = [min(_BATCH, posts - n * _BATCH) for n in range(len(seeds))]
    bad = done = 0
    answers: Counter[int] = Counter()
    accepted: Counter[str] = Counter()
    with Progress(console=console) as progress, ProcessPoolExecutor(processes) as pool:
        bar = progress.add_task("posts", total=posts)
        for count, found in zip(counts, pool.map(batch, seeds, counts), strict=True):
            number, finds, statuses, kinds = found
            for wrong in finds[: max(0, _SHOWN - bad)]:
                console.print(f"seed {number}: {wrong}", markup=False)
            bad, done = bad + len(finds), done + count
            answers.update(statuses)
            accepted.update(kinds)
            progress.advance(bar, count)
            if not console.is_terminal and done % (_BATCH * 5) == 0:
                console.print(f"{done} of {posts}, {bad} finds")
    console.print(f"answers {dict(sorted(answers.items()))}, accepted {dict(accepted)}")
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description="Sends posts made of anything to the citizens' pages.")
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    console = Console(highlight=False)
    started = time.monotonic()
    bad = run(chosen.posts, chosen.seed, chosen.processes, console)
    console.print(f"{chosen.posts} posts in {time.monotonic() - started:.0f} s, {bad} finds")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
