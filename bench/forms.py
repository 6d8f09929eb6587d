"""How fast forms become encrypted events, beside what the homeserver itself takes in the same run; and
how long people wait for a page.

    python -m bench.forms [--forms 200] [--visitors 50] [--seconds 30] [--pause 0]
                          [--database postgresql+asyncpg://…]

Prints submissions and events per second for forms sent over 1 and 16 connections, each paired with
bare sends of events of the same size by the same user into the same room, under the same cap on open
requests; and the ratio of the two.  Then so many visitors at once walk through the form, from its
start page to the last one before sending: p50, p95 and p99 of what they waited.  Without a `--pause`
(seconds before each step) that is the most the pages can do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp
from rich.console import Console
from rich.table import Table

from bench.throughput import CAP, Bench
from bridge.demo.town import Town
from bridge.model import Json

FORM = "/f/park-ideas"
_VIEW = re.compile(r'name="_view" value="([^"]+)"')
_WARM = 10  # submissions before anything is measured


def answers(n: int) -> Mapping[str, Mapping[str, str]]:
    """What visitor `n` answers, by question: some seven hundred bytes, an idea of their own."""
    words = os.urandom(250).hex()
    idea = f"Idea {n}\n" + "\n".join(words[i : i + 60] for i in range(0, 500, 60))
    return {
        "part": {"part": "paths"},
        "spot": {"spot": f"Mill Bridge {n}"},
        "idea": {"idea": idea},
        "photo": {},
        "name": {"name": f"Citizen {n}"},
        "email": {"email": ""},
        "agreement": {},
    }


@dataclass
class Waits:
    """Seconds that visitors waited, by what for; `rate` of them a second, `cpu` ms of the bridge for each."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    rate: float = 0
    cpu: float = 0

    def row(self, kind: str) -> tuple[str, ...]:
        times = self.seconds[kind]
        cut = statistics.quantiles(times, n=100, method="inclusive")
        return (kind, str(len(times)), *(f"{1000 * cut[p - 1]:.0f}" for p in (50, 95, 99)))


class Visitor:
    """Walks through the form as a browser does, each redirect followed."""

    def __init__(self, http: aiohttp.ClientSession, root: str, waits: Waits, pause: float = 0) -> None:
        self._http, self._root, self._waits, self._pause = http, root, waits, pause

    async def get(self, path: str) -> str:
        return (await self._ask("GET", path, None))[1]

    async def post(self, path: str, data: Mapping[str, str]) -> str:
        """The path of the page that came of it."""
        return (await self._ask("POST", path, data))[0]

    async def _ask(self, method: str, path: str, data: Mapping[str, str] | None) -> tuple[str, str]:
        await asyncio.sleep(self._pause * random.uniform(0.5, 1.5))
        started = time.perf_counter()
        async with self._http.request(method, self._root + path, data=data) as answer:
            text = await answer.text()
            if answer.status != 200:
                raise AssertionError(f"{method} gave {answer.status}")
            kind = "a page" if method == "GET" else "an answer kept, and the next page"
            self._waits.seconds[kind].append(time.perf_counter() - started)
            return answer.url.path, text

    async def to_check(self, n: int) -> str:
        """The path of the last page before sending, all answered."""
        found = _VIEW.search(await self.get(FORM))
        if found is None:
            raise AssertionError("the start page has no button")
        at = await self.post(FORM, {"_view": found[1], "_do": "start"})
        given = answers(n)
        while not at.endswith("/check"):
            question = at.rpartition("/")[2]
            at = await self.post(at, {**given[question], "_do": "continue"})
        return at


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: rates per second, CPU of the bridge per submission in ms."""

    connections: int
    accept: float
    forms: float
    events: float
    bare: float
    cpu: float

    @property
    def ratio(self) -> float:
        return self.events / self.bare


class FormsBench(Bench):
    """Drives the pages of one town."""

    def __init__(self, town: Town, forms: int) -> None:
        super().__init__(town, forms)
        self._root = town.bridge.forms_url

    async def ready(self, count: int) -> list[str]:
        """The last pages of so many drafts, ready to be sent."""
        async with aiohttp.ClientSession() as http:
            visitor = Visitor(http, self._root, Waits())
            return [await visitor.to_check(n) for n in range(count)]

    async def send(self, count: int, connections: int) -> Figure:
        """Send so many forms; wait until everything they cause has been delivered."""
        paths = iter(await self.ready(count))
        before, cpu = await self._events(), self._cpu()

        async def line(http: aiohttp.ClientSession) -> None:
            for path in paths:
                async with http.post(
                    self._root + path, data={"_do": "send"}, allow_redirects=False
                ) as answer:
                    if answer.status != 303:
                        raise AssertionError(f"a form was not accepted: {answer.status}")

        started = time.perf_counter()
        async with aiohttp.ClientSession() as http:
            await asyncio.gather(*(line(http) for _ in range(connections)))
        accepted = time.perf_counter() - started
        await self._settled()
        took, spent = time.perf_counter() - started, self._cpu() - cpu
        events = await self._events() - before
        if events < 2 * count:
            raise AssertionError(f"{events} events in the room for {count} forms")
        self.size = await self._mean_size()
        bare = await self.bare(max(200, events))
        return Figure(connections, count / accepted, count / took, events / took, bare, 1000 * spent / count)

    async def _mean_size(self) -> int:
        """Bytes of the newest encrypted events, so that bare sends are of the same size."""
        room = quote(self.town.desk, safe="")
        where = f"{self.town.lab.alder.url}/_matrix/client/v3/rooms/{room}/messages"
        query = {"dir": "b", "limit": "100", "filter": '{"types":["m.room.encrypted"]}'}
        registration = self.town.bridge.registration
        headers = {"Authorization": f"Bearer {registration.as_token}"}
        async with self._http.get(
            where, params={**query, "user_id": registration.bot}, headers=headers
        ) as got:
            page: Json = await got.json()
        return round(statistics.fmean(len(json.dumps(e["content"])) for e in page["chunk"]))

    async def walk(self, visitors: int, seconds: float, pause: float) -> Waits:
        """So many people at once, each beginning anew when they are through, for so long."""
        waits, end = Waits(), time.monotonic() + seconds

        async def person(n: int) -> None:
            async with aiohttp.ClientSession() as http:
                visitor = Visitor(http, self._root, waits, pause)
                while time.monotonic() < end:
                    await visitor.get(await visitor.to_check(n))

        started, cpu = time.perf_counter(), self._cpu()
        await asyncio.gather(*(person(n) for n in range(visitors)))
        number = sum(len(times) for times in waits.seconds.values())
        waits.rate = number / (time.perf_counter() - started)
        waits.cpu = 1000 * (self._cpu() - cpu) / number
        return waits


async def main(chosen: argparse.Namespace) -> None:
    console = Console()
    more: Json = {"web": {"spam": {"mode": "count"}}}
    if chosen.database:
        more["database"] = chosen.database
    with tempfile.TemporaryDirectory(prefix="folkmoot-bench-") as place:
        console.print("two homeservers, a bridge and five officers …")
        async with Town(Path(place), undo_seconds=1, more=more, officers=5) as town:
            for officer in town.officers:
                await officer.stop()
            bench = FormsBench(town, chosen.forms)
            try:
                await submissions(bench, chosen.forms, console)
                await latency(bench, chosen, console)
            finally:
                await bench.close()


async def submissions(bench: FormsBench, forms: int, console: Console) -> None:
    console.print("warming up")
    await bench.send(_WARM, 1)
    table = Table(title=f"{forms} forms each, {CAP} requests open at most, times per second")
    for column in ("connections", "accepted", "forms", "events", "bare", "ratio", "CPU ms/form"):
        table.add_column(column, justify="right")
    for connections in (1, 16):
        console.print(f"{forms} forms over {connections} connections")
        f = await bench.send(forms, connections)
        rates = (f"{x:.1f}" for x in (f.accept, f.forms, f.events, f.bare))
        table.add_row(str(f.connections), *rates, f"{f.ratio:.2f}", f"{f.cpu:.1f}")
    console.print(table)


async def latency(bench: FormsBench, chosen: argparse.Namespace, console: Console) -> None:
    console.print(f"{chosen.visitors} visitors for {chosen.seconds:.0f} seconds")
    waits = await bench.walk(chosen.visitors, chosen.seconds, chosen.pause)
    table = Table(title=f"{chosen.visitors} visitors at once, milliseconds")
    for column in ("waited for", "times", "p50", "p95", "p99"):
        table.add_column(column, justify="left" if column == "waited for" else "right")
    for kind in sorted(waits.seconds):
        table.add_row(*waits.row(kind))
    console.print(table)
    console.print(f"{waits.rate:.0f} steps a second, {waits.cpu:.1f} ms of CPU each")


def command() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--forms", type=int, default=200)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--database", default=None)
    asyncio.run(main(parser.parse_args()))


if __name__ == "__main__":
    command()
