"""Stalled connections, and how long an honest visitor waits among them.

    python -m bench.stalled [--connections 1000] [--journeys 40]

A third of them never ends the head of a request, a third never ends a file, a third never reads what it
asked for.  Prints what requests of whole journeys take without and with them, waits until the server has
got rid of all, and ends with exit code 1 when the slowest hundredth took half a second or some stayed.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from bridge.channel import Arrival
from bridge.forms.channel import FormsChannel
from bridge.formstore import Store
from tests.forms.memory_store import Counter
from tests.forms.site import Browser, open_forms, settings
from tests.forms.stalling import Stalled, Times, honest, question_with_files
from tests.ledger.home import Home
from tests.waiting import until

LIMIT = 0.5
"""Seconds that 99 of 100 requests must stay below."""

PATIENCE = 150
"""Seconds until all who stall are gone: 30 for a head or a body, 60 for an answer, and some more."""


@asynccontextmanager
async def served() -> AsyncIterator[tuple[int, Browser, Store]]:
    """The pages before a real ledger on SQLite: every step of a draft is a commit on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        home = await Home(f"sqlite+aiosqlite:///{folder}/folkmoot.db", Path(folder)).open()
        await home.provision()

        async def accept(arrivals: Sequence[Arrival]) -> list[bool]:
            return [item is not None for item in await home.ledger.accept(list(arrivals))]

        channel = FormsChannel(settings(), open_forms, home.store, time.time, Counter())
        task = asyncio.create_task(channel.serve(accept))
        try:
            await until(lambda: channel.port or task.done(), what="the pages listen")
            async with aiohttp.ClientSession() as session:
                yield channel.port, Browser(session, f"http://127.0.0.1:{channel.port}"), home.store
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await home.close()


async def run(connections: int, journeys: int, console: Console) -> int:
    async with served() as (port, browser, store):
        stalled = Stalled(port, await question_with_files(browser, store))
        before = await honest(browser, journeys, stalled)
        try:
            began = time.monotonic()
            await stalled.open(connections)
            console.print(f"{connections} connections stall after {time.monotonic() - began:.1f} s")
            await honest(browser, 1, stalled)  # until what they asked for while they came is dealt with
            among = await honest(browser, journeys, stalled)
            _show(console, before, among)
            left = await _gone(stalled, console)
        finally:
            stalled.close()
    return int(among.percentile(0.99) >= LIMIT or left > 0)


def _show(console: Console, before: Times, among: Times) -> None:
    table = Table("requests", "p50", "p95", "p99", "slowest", title="milliseconds")
    for name, times in (("alone", before), ("among them", among)):
        cells = [f"{times.percentile(share) * 1000:.1f}" for share in (0.5, 0.95, 0.99, 1)]
        table.add_row(f"{name} ({len(times.seconds)})", *cells)
    console.print(table)


async def _gone(stalled: Stalled, console: Console) -> int:
    """Wait until the server has closed them all; how many stayed."""
    began = time.monotonic()
    shown = began
    while time.monotonic() - began < PATIENCE:
        alive = stalled.alive()
        if not alive:
            console.print(f"all are gone {time.monotonic() - began:.0f} s later")
            return 0
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            console.print(f"{shown - began:.0f} s: {alive} still open")
        stalled.drip()
        await asyncio.sleep(1)
    console.print(f"after {PATIENCE} s {stalled.alive()} are still open")
    return stalled.alive()


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures an honest visitor among stalled connections.")
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--journeys", type=int, default=40)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # both ends of every connection are here
    return asyncio.run(run(chosen.connections, chosen.journeys, Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())
