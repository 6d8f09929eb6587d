"""A mailbox on a real Dovecot, an edge that looks after it, and a ledger in memory."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bridge.channel import Arrival
from bridge.email.imap import ImapEdge
from bridge.email.imap_folder import Imap
from bridge.email.imap_intake import Arrivals
from bridge.model import Source
from tests.email.dovecot import HOST, PASSWORD, Dovecot
from tests.email.mails import DOMAIN, mail
from tests.waiting import until

PARK = f"park-2027@{DOMAIN}"
BUDGET = f"budget@{DOMAIN}"


def known(address: str) -> bool:
    return address in (PARK, BUDGET)


def arrivals(raw: bytes, recipients: Sequence[str], mail_from: str) -> list[Arrival]:
    """One for each recipient, its key of recipient and body as in the SMTP edge."""
    body = memoryview(raw)[raw.find(b"\r\n\r\n") :]
    return [
        Arrival(
            Source.EMAIL,
            "mail",
            recipient + hashlib.sha256(body).hexdigest(),
            raw,
            {"rcpt": recipient, "mail_from": mail_from, "peer": ""},
        )
        for recipient in recipients
    ]


@dataclass
class Kept:
    """Accepts into a list, as the ledger would.  `fault(arrival)` may give what it raises instead."""

    arrivals: list[Arrival] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    fault: Callable[[Arrival], Exception | None] = lambda arrival: None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    committed: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.gate.set()

    async def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
        self.calls.append(time.monotonic())
        await self.gate.wait()
        for arrival in arrivals:
            if (fault := self.fault(arrival)) is not None:
                raise fault
        seen = {one.key for one in self.arrivals}
        fresh = [one.key not in seen for one in arrivals]
        self.arrivals += [one for one, new in zip(arrivals, fresh, strict=True) if new]
        self.committed()
        return fresh

    async def has(self, number: int) -> None:
        """Wait for so many new mails."""
        await until(lambda: len(self.arrivals) >= number, what=f"{number} mails")

    @property
    def words(self) -> list[str]:
        """The body of each mail that was new, in order."""
        return [one.raw.partition(b"\r\n\r\n")[2].decode().strip() for one in self.arrivals]


def letter(body: str, to: str = PARK, **fields: str) -> bytes:
    return mail(body, to=to, **{"return_path": "<ada@home.example>", **fields})


@dataclass
class Told:
    """What operators were told: the keys in order, and the counts."""

    keys: list[str] = field(default_factory=list)
    values: list[dict[str, str | int]] = field(default_factory=list)

    def __call__(self, key: str, **values: str | int) -> None:
        self.keys.append(key)
        self.values.append(values)


def settings(server: Dovecot, user: str, port: int = 0, **changes: object) -> Imap:
    """To `server` in the clear, or by way of `port`."""
    plain = Imap(HOST, port or server.port, "none", user, PASSWORD, poll=0.1, timeout=20)
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names them


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("imap")]


@dataclass
class Serving:
    task: asyncio.Task[None]
    told: Told

    async def end(self) -> float:
        """Cancel it; the seconds that took.  No thread is left."""
        began = time.monotonic()
        self.task.cancel()
        await asyncio.wait({self.task}, timeout=20)
        assert self.task.cancelled(), self.task
        assert threads() == []
        return time.monotonic() - began


@asynccontextmanager
async def serving(
    server: Dovecot,
    settings: Imap,
    kept: Kept,
    *,
    ours: Callable[[str], bool] = known,
    make: Arrivals = arrivals,
    pauses: tuple[float, float] = (0.02, 0.2),
) -> AsyncIterator[Serving]:
    """An edge that runs; it must not end by itself, and leaves no thread."""
    told = Told()
    edge = ImapEdge(settings, make, ours, told, time.time, server.context, pauses)
    one = Serving(asyncio.create_task(edge.serve(kept)), told)
    try:
        yield one
        assert not one.task.done() or one.task.cancelled(), one.task
    finally:
        if not one.task.done():
            await one.end()
