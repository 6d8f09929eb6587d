"""Strangers who take a connection and stall, and an honest visitor among them.

head    says a word of a request now and then, and never ends it
body    begins to send a file, and stops
answer  asks for page after page, and reads none
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.formstore import Store
from tests.forms.site import Browser, Page

Kind = Literal["head", "body", "answer"]
KINDS: tuple[Kind, ...] = ("head", "body", "answer")

_READ_AHEAD = 4096  # octets that the kernel takes for who never reads
_OPEN = frozenset({1, 4, 8, 9})  # established, fin-wait-1, close-wait, last-ack: memory is held for it
_ASKED = 8  # answers that nobody reads: more than the kernel and the server keep on the way


@dataclass
class Stalled:
    """Open connections, by the way in which they stall."""

    port: int
    path: str
    lines: list[tuple[Kind, socket.socket]] = field(default_factory=list)

    async def open(self, count: int) -> None:
        """So many, of each kind in turn."""
        await asyncio.gather(*(self._open(KINDS[n % len(KINDS)]) for n in range(count)))

    async def _open(self, kind: Kind) -> None:
        line = socket.socket()
        line.setblocking(False)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _READ_AHEAD)
        self.lines.append((kind, line))
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", self.port))
        await self._begin(kind, line)

    async def _begin(self, kind: Kind, line: socket.socket) -> None:
        post = (
            f"POST {self.path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            'Content-Length: 900000\r\n\r\n--b\r\nContent-Disposition: form-data; name="papers"; '
            'filename="a.png"\r\n\r\n\x89PNG\r\n'
        )
        said = {
            "head": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            "body": post,
            "answer": "GET /static/folkmoot.css HTTP/1.1\r\nHost: x\r\n\r\n" * _ASKED,
        }[kind]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(1):
                await loop.sock_sendall(line, said.encode("latin-1"))
        except TimeoutError:
            return  # it asks for more than the server still takes: that is what stalls

    def drip(self) -> None:
        """Each that stalls in its head says one letter more."""
        for kind, line in self.lines:
            if kind == "head":
                _say(line, b"x")

    def alive(self) -> int:
        """How many connections the server still has to them: what its end says, not ours, which may
        never hear of it."""
        ours = {line.getsockname()[1] for _, line in self.lines}
        return sum(1 for port in _established(self.port) if port in ours)

    def close(self) -> None:
        for _, line in self.lines:
            line.close()


def _say(line: socket.socket, octets: bytes) -> None:
    try:
        line.send(octets)
    except OSError:
        return  # closed by the server, as it should be


def _established(port: int) -> Iterator[int]:
    """The far ports of the connections that the server on `port` has (proc(5), /proc/net/tcp); those that
    it has closed and that wait for a last word count too."""
    for row in Path("/proc/self/net/tcp").read_text("ascii").splitlines()[1:]:
        _, local, remote, state, *_ = row.split()
        if int(local.partition(":")[2], 16) == port and int(state, 16) in _OPEN:
            yield int(remote.partition(":")[2], 16)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that the requests of honest visitors took, in order."""

    seconds: Sequence[float]

    def percentile(self, share: float) -> float:
        return self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


async def honest(browser: Browser, journeys: int, stalled: Stalled) -> Times:
    """Whole journeys from the start page to the confirmation, one after another."""
    taken: list[float] = []

    async def timed(page: Page | None, do: str = "", **changes: str) -> Page:
        began = time.perf_counter()
        got = await (browser.get("/f/short") if page is None else browser.submit(page, do, **changes))
        taken.append(time.perf_counter() - began)
        assert got.status == 200, got.text()
        return got

    for n in range(journeys):
        page = await timed(None)
        page = await timed(page, "start")
        page = await timed(page, "continue", idea=f"A bench, number {n}")
        page = await timed(page, "continue", mail="")
        page = await timed(page, "send")
        assert page.url.split("?")[0].endswith("/sent")
        stalled.drip()
    return Times(sorted(taken))


async def question_with_files(browser: Browser, store: Store) -> str:
    """The address of a question that takes files, in a draft of somebody's own."""
    page = await browser.submit(await browser.get("/f/everything"), "start")
    address = page.url.split("/q/")[0]
    draft = await store.draft(address.rpartition("/")[2])
    assert draft is not None
    await store.save(draft.id, {"one": ["a"]}, ["name"], "en")
    return f"{address}/q/papers"
