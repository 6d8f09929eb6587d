"""A relay with one planned fault: at a verb it refuses, stalls, drops the line or talks nonsense.

Unlike the sink it speaks STARTTLS and AUTH in both forms, and takes mails slowly enough to fail
in the middle of one.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import Counter
from dataclasses import dataclass, field

STALL = "stall"
DROP = "drop"
NONSENSE = "nonsense"


@dataclass
class FaultyRelay:
    """`fault` strikes once, at `verb`: an answer of its own ("451 later"), or one of the words above.

    The verbs: CONNECT, EHLO, STARTTLS, TLS (the handshake), AUTH, PASSWORD (the second step of
    LOGIN), MAIL, RCPT, DATA, BODY (after the first octets), "." (the mail was taken: a drop or a
    stall there hides it), RSET, QUIT.
    """

    verb: str = ""
    fault: str = ""
    context: ssl.SSLContext | None = None
    methods: str = "PLAIN LOGIN"
    extensions: tuple[str, ...] = ("SIZE 30000000", "8BITMIME")
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    logins: list[tuple[str, str, bool]] = field(default_factory=list)
    port: int = 0
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def start(self, *, at_once: bool = False) -> None:
        """Listen; with TLS from the first octet on where `at_once` is set."""
        context = self.context if at_once else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, limit=2**26)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        for writer in list(self._lines):
            writer.transport.abort()
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            self._lines.discard(writer)
            writer.transport.abort()

    def strikes(self, verb: str) -> str | None:
        """The fault, the first time that `verb` comes."""
        self.verbs[verb] += 1
        if verb != self.verb or not self.fault:
            return None
        struck, self.fault = self.fault, ""
        return struck


@dataclass
class _Talk:
    """One connection."""

    relay: FaultyRelay
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    recipient: str = ""

    async def run(self) -> None:
        await self.say("CONNECT", "220 relay.example ESMTP")
        while line := await self.reader.readline():
            words = line.decode().split()
            verb = words[0].split(":")[0].upper()
            if verb == "EHLO":
                await self.say(verb, self._greeting())
            elif verb == "STARTTLS":
                await self._encrypt()
            elif verb == "AUTH":
                await self._login(words[1].upper(), words[2])
            elif verb == "DATA":
                await self._mail()
            elif verb == "QUIT":
                await self.say(verb, "221 bye")
                return
            else:
                if verb == "RCPT":
                    self.recipient = line.decode().split("<")[1].split(">")[0]
                await self.say(verb, "250 OK")

    async def say(self, verb: str, usual: str) -> bool:
        """Answer; whether the answer was the usual one."""
        fault = self.relay.strikes(verb)
        await self._strike(fault)
        answer = {None: usual, NONSENSE: "%%% what?"}.get(fault, fault) or usual
        self.writer.write(answer.encode() + b"\r\n")
        await self.writer.drain()
        return fault is None

    async def _strike(self, fault: str | None) -> None:
        if fault == DROP:
            raise ConnectionResetError
        if fault == STALL:
            await self.reader.read()  # until the other side gives up
            raise ConnectionResetError

    def _greeting(self) -> str:
        secure = self.writer.get_extra_info("sslcontext") is not None
        more = ["STARTTLS"] if self.relay.context and not secure else []
        if self.relay.methods:
            more.append(f"AUTH {self.relay.methods}")
        return "".join(f"250-{e}\r\n" for e in ("relay.example", *self.relay.extensions, *more)) + "250 HELP"

    async def _encrypt(self) -> None:
        assert self.relay.context is not None
        if await self.say("STARTTLS", "220 go on"):
            await self._strike(self.relay.strikes("TLS"))
            await self.writer.start_tls(self.relay.context)

    async def _login(self, method: str, first: str) -> None:
        user, password = first, ""
        if method == "LOGIN":
            if not await self.say("AUTH", "334 UGFzc3dvcmQ6"):
                return
            password = (await self.reader.readline()).decode().strip()
            user, password = _un64(user), _un64(password)
        else:
            _, user, password = _un64(first).split("\0")
        if await self.say("PASSWORD" if method == "LOGIN" else "AUTH", "235 2.7.0 welcome"):
            secure = self.writer.get_extra_info("sslcontext") is not None
            self.relay.logins.append((user, password, secure))

    async def _mail(self) -> None:
        if not await self.say("DATA", "354 go on"):
            return
        begun = await self.reader.readexactly(10)
        await self._strike(self.relay.strikes("BODY"))
        raw = begun + await self.reader.readuntil(b"\r\n.\r\n")
        mail = (self.recipient, raw[:-3].replace(b"\r\n.", b"\r\n"))
        if self.relay.verb == "." and self.relay.fault in (DROP, STALL):
            self.relay.taken.append(mail)
            await self.say(".", "")
        elif await self.say(".", f"250 2.0.0 queued as {len(self.relay.taken) + 1}"):
            self.relay.taken.append(mail)


def _un64(text: str) -> str:
    return base64.b64decode(text).decode()
