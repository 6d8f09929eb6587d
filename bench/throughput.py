"""How fast mails become encrypted events, beside what the homeserver itself takes in the same run.

    python -m bench.throughput [--mails 500] [--database postgresql+asyncpg://…]

Prints events and mails per second for new cases and for replies into open cases, over 1 and 16
SMTP connections, each paired with bare sends of events of the same size by the same user into
the same room, under the same cap on open requests; and the ratio of the two.  The room has five
staff devices at the partner, whose clients rest meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import aiohttp
import aiosmtplib
from rich.console import Console
from rich.table import Table

from bridge.demo.town import Town
from bridge.dispatch import SENDS
from bridge.model import Json, Source

CAP = SENDS[Source.MATRIX]
_LIMIT = 600.0  # seconds a part may take


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: rates per second, CPU of the bridge per mail in ms."""

    name: str
    connections: int
    mails: float
    events: float
    bare: float
    cpu: float
    accept: float

    @property
    def ratio(self) -> float:
        return self.events / self.bare


class Bench:
    """Drives one town."""

    def __init__(self, town: Town, mails: int) -> None:
        self.town = town
        self.mails = mails
        self.size = 900
        self._http = aiohttp.ClientSession()

    async def close(self) -> None:
        await self._http.close()

    # -------------------------------------------------------------- the ceiling

    async def bare(self, events: int, cap: int = CAP) -> float:
        """Events per second of bare sends of `self.size` bytes by the bot into the desk."""
        token = self.town.bridge.registration.as_token
        user = self.town.bridge.registration.bot
        room, base = quote(self.town.desk, safe=""), self.town.lab.alder.url
        gate = asyncio.Semaphore(cap)

        async def send(n: int) -> None:
            mark = f"bare{time.time_ns()}.{n}"
            body = {"body": os.urandom(self.size // 2).hex(), "n": mark}
            path = f"{base}/_matrix/client/v3/rooms/{room}/send/example.folkmoot.bench/{mark}"
            async with (
                gate,
                self._http.put(
                    path,
                    json=body,
                    params={"user_id": user},
                    headers={"Authorization": f"Bearer {token}"},
                ) as answer,
            ):
                answer.raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(send(n) for n in range(events)))
        return events / (time.perf_counter() - started)

    # -------------------------------------------------------------- the bridge

    async def _done(self) -> float:
        """Outbox rows that went to the homeserver so far."""
        return (await self.town.bridge.metrics()).get('events_total{what="delivered"}', 0.0)

    async def run(self, name: str, connections: int, make: Callable[[int], EmailMessage], per: int) -> Figure:
        """Send the mails; wait until everything they cause has been delivered."""
        before_room = await self._events()
        cpu = self._cpu()
        queue = iter(range(self.mails))
        times: list[float] = []

        async def line() -> None:
            async with aiosmtplib.SMTP(
                hostname="127.0.0.1", port=self.town.bridge.ports.smtp, timeout=60
            ) as smtp:
                for n in queue:
                    started = time.perf_counter()
                    message = make(n)
                    await smtp.send_message(message, sender=str(message["X-From"]))
                    times.append(time.perf_counter() - started)

        started = time.perf_counter()
        await asyncio.gather(*(line() for _ in range(connections)))
        accepted = time.perf_counter() - started
        await self._settled()
        took = time.perf_counter() - started
        spent = self._cpu() - cpu
        events = await self._events() - before_room
        if events < self.mails * per:
            raise AssertionError(f"{name}: {events} events in the room for {self.mails} mails")
        bare = await self.bare(max(200, events // 2))
        return Figure(
            name,
            connections,
            self.mails / took,
            events / took,
            bare,
            1000 * spent / self.mails,
            self.mails / accepted,
        )

    async def _settled(self) -> None:
        """Nothing waits in the inbox or the outbox any more."""
        end = time.monotonic() + _LIMIT
        while time.monotonic() < end:
            now = await self.town.bridge.metrics()
            waiting = now.get('folkmoot_inbox_rows{state="new"}', 0) + now["folkmoot_outbox_backlog"]
            if not waiting:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the bridge did not finish")

    async def _events(self) -> int:
        """Encrypted events of the bot in the desk, counted on the homeserver."""
        room, token, count, start = quote(self.town.desk, safe=""), "", 0, ""
        token = self.town.bridge.registration.as_token
        user = self.town.bridge.registration.bot
        base = self.town.lab.alder.url
        where = f"{base}/_matrix/client/v3/rooms/{room}/messages"
        only = '{"types":["m.room.encrypted"]}'
        while True:
            query = {"dir": "b", "limit": "1000", "filter": only, "user_id": user}
            if start:
                query["from"] = start
            headers = {"Authorization": f"Bearer {token}"}
            async with self._http.get(where, params=query, headers=headers) as answer:
                page: Json = await answer.json()
            count += len(page["chunk"])
            start = page.get("end", "")
            if not start:
                return count

    def _cpu(self) -> float:
        """Seconds of CPU of the bridge's process and its children."""
        parent = self.town.bridge.pid
        return sum(_seconds(pid) for pid in [parent, *_children(parent)]) if parent else 0.0


def _children(pid: int | None) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(p) for p in found]


def _seconds(pid: int | None) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def letter(n: int, label: str, to: str) -> EmailMessage:
    """A mail with a unique body of some six hundred bytes, from a citizen of its own."""
    message = EmailMessage()
    address = f"{label}{n}@home.example"
    message["From"] = f"Citizen {n} <{address}>"
    message["To"] = to
    message["Subject"] = f"Letter {n}"
    message["Message-ID"] = f"<{label}.{n}.{time.time_ns()}@home.example>"
    message["X-From"] = address
    words = os.urandom(200).hex()
    message.set_content(f"{label} {n}\n" + "\n".join(words[i : i + 60] for i in range(0, 400, 60)))
    return message


async def measure(town: Town, mails: int, say: Callable[[str], None]) -> list[Figure]:
    bench = Bench(town, mails)
    figures: list[Figure] = []
    try:
        say("warming up")
        await bench.bare(100)
        for connections in (1, 16):
            label = f"new{connections}"
            say(f"{mails} new cases over {connections} connections")

            def new(n: int, label: str = label) -> EmailMessage:
                return letter(n, label, town.address)

            figures.append(await bench.run("new cases", connections, new, 2))
            say(f"{mails} replies into open cases over {connections} connections")
            tokens = {
                m.rcpt_tos[0]: m.header("Reply-To")
                for m in town.mailbox.mails
                if m.rcpt_tos[0].startswith(f"{label}")
            }
            if len(tokens) < mails:
                raise AssertionError(f"only {len(tokens)} acknowledgements for {mails} cases")

            def reply(n: int, label: str = label, tokens: dict[str, str] = tokens) -> EmailMessage:
                return letter(n, label, tokens[f"{label}{n}@home.example"])

            figures.append(await bench.run("replies", connections, reply, 1))
    finally:
        await bench.close()
    return figures


async def main(mails: int, database: str | None) -> None:
    console = Console()
    more: Json = {"database": database} if database else {}
    with tempfile.TemporaryDirectory(prefix="folkmoot-bench-") as place:
        console.print("two homeservers, a bridge and five officers …")
        async with Town(Path(place), undo_seconds=1, more=more, officers=5) as town:
            for officer in town.officers:
                await officer.stop()
            figures = await measure(town, mails, console.print)
            table = Table(title=f"{mails} mails each, {CAP} requests open at most, times per second")
            for column in ("what", "SMTP", "accepted", "mails", "events", "bare", "ratio", "CPU ms/mail"):
                table.add_column(column, justify="right" if column != "what" else "left")
            for f in figures:
                table.add_row(
                    f.name,
                    str(f.connections),
                    f"{f.accept:.0f}",
                    f"{f.mails:.1f}",
                    f"{f.events:.1f}",
                    f"{f.bare:.1f}",
                    f"{f.ratio:.2f}",
                    f"{f.cpu:.1f}",
                )
            console.print(table)
            console.print(f"median ratio {statistics.median(f.ratio for f in figures):.2f}")


def command() -> Awaitable[None]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--database", default=None)
    chosen = parser.parse_args()
    return main(chosen.mails, chosen.database)


if __name__ == "__main__":
    asyncio.run(command())  # type: ignore[arg-type]
