"""The server with its doors open, an inbox behind it, and conversations with it line by line."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bridge.channel import Arrival
from bridge.email.server import Server
from bridge.email.settings import Address, Door, Listen
from tests.email.mails import DOMAIN

PARK = f"park-2027@{DOMAIN}"
BUDGET = f"budget@{DOMAIN}"
LISTEN = Listen(port=0, idle=20)
LMTP = Listen(port=None, lmtp=Address("127.0.0.1", 0), idle=20)


class Inbox:
    """Accepts into a list, as the ledger would; `gate` and `fault` make it slow or broken.

    `broken` names recipients whose commit fails.
    """

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fault: Exception | None = None
        self.broken: dict[str, Exception] = {}

    async def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
        self.calls += 1
        await self.gate.wait()
        if self.fault:
            raise self.fault
        for arrival in arrivals:
            if arrival.meta["rcpt"] in self.broken:
                raise self.broken[arrival.meta["rcpt"]]
        known = {arrival.key for arrival in self.arrivals}
        fresh = [arrival.key not in known for arrival in arrivals]
        self.arrivals += [arrival for arrival, new in zip(arrivals, fresh, strict=True) if new]
        return fresh

    @property
    def recipients(self) -> list[str]:
        """For whom something arrived, in order."""
        return [arrival.meta["rcpt"] for arrival in self.arrivals]


class Line:
    """A raw conversation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> str:
        """One whole answer, its lines joined by newlines; "" when the line is closed."""
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 20)).decode()
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    async def say(self, *commands: str | bytes) -> str:
        """Each command, and the last one's answer."""
        answer = ""
        for command in commands:
            self.writer.write(command.encode() + b"\r\n" if isinstance(command, str) else command)
            await self.writer.drain()
            answer = await self.answer()
        return answer

    async def data(self, raw: bytes) -> str:
        assert (await self.say("DATA")).startswith("354")
        return await self.say(raw)

    async def starttls(self, context: ssl.SSLContext, name: str) -> None:
        """The command, and the handshake after it."""
        assert (await self.say("STARTTLS")).startswith("220")
        await self.handshake(context, name)

    async def handshake(self, context: ssl.SSLContext, name: str) -> None:
        await asyncio.wait_for(self.writer.start_tls(context, server_hostname=name), 20)

    def certificate(self) -> bytes:
        """What the server showed (DER)."""
        found = self.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert isinstance(found, bytes)
        return found


class Desk:
    """A running server, its inbox, and lines to it."""

    def __init__(self, server: Server, inbox: Inbox) -> None:
        self.server, self.inbox = server, inbox
        self._lines: list[Line] = []

    async def line(
        self,
        greet: str | None = "EHLO client.example",
        *,
        door: Door = Door.SMTP,
        source: str = "127.0.0.1",
        context: ssl.SSLContext | None = None,
        name: str | None = None,
    ) -> Line:
        """A new conversation, greeted unless told otherwise; from `source`, inside TLS by `context`."""
        port = self.server.ports[door]
        where = {"local_addr": (source, 0), "ssl": context, "server_hostname": name}
        line = Line(*await asyncio.open_connection("127.0.0.1", port, **where))  # type: ignore[arg-type]
        self._lines.append(line)
        if greet:
            assert (await line.answer()).startswith("220")
            assert (await line.say(greet)).startswith("250")
        return line

    async def lmtp(self, path: Path | None = None) -> Line:
        """A new conversation by LMTP, greeted."""
        if path is None:
            return await self.line("LHLO mx.home.example", door=Door.LMTP)
        line = Line(*await asyncio.open_unix_connection(path))
        self._lines.append(line)
        assert (await line.answer()).startswith("220")
        assert (await line.say("LHLO mx.home.example")).startswith("250")
        return line

    async def envelope(self, *recipients: str, sender: str = "kim@example.org") -> Line:
        """A conversation by SMTP that has come to DATA."""
        return await self.begin(await self.line(), *recipients, sender=sender)

    async def begin(self, line: Line, *recipients: str, sender: str = "kim@example.org") -> Line:
        """A new envelope."""
        assert (await line.say(f"MAIL FROM:<{sender}>")).startswith("250")
        for recipient in recipients or (PARK,):
            assert (await line.say(f"RCPT TO:<{recipient}>")).startswith("250")
        return line

    async def close(self) -> None:
        for line in self._lines:
            line.writer.close()
        await self.server.close()


def known(mailbox: str) -> bool:
    return mailbox in ("park-2027", "budget")


@asynccontextmanager
async def opened(listen: Listen = LISTEN, predicate: Callable[[str], bool] = known) -> AsyncIterator[Desk]:
    """A desk whose server listens."""
    inbox = Inbox()
    server = Server(listen, DOMAIN, "+", predicate, inbox)
    await server.start()
    desk = Desk(server, inbox)
    try:
        yield desk
    finally:
        inbox.gate.set()
        await desk.close()


def stuffed(raw: bytes) -> bytes:
    """A mail as it goes over the wire after DATA."""
    return (
        b"\r\n".join(b"." + line if line.startswith(b".") else line for line in raw.split(b"\r\n")) + b".\r\n"
    )
