"""A mail server that takes, refuses or drops what it is told to, at any verb."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from dataclasses import dataclass, field

DROP = "drop the line"
SILENCE = "say nothing"


@dataclass
class Taken:
    """A mail the sink has seen whole."""

    mail_from: str
    recipient: str
    raw: bytes


@dataclass
class Sink:
    """`script` maps a verb (CONNECT, EHLO, AUTH, MAIL, RCPT, DATA, ".", RSET) to its answer.

    An entry may be a list: one answer for each time, None for the usual one.
    """

    script: dict[str, str | list[str | None]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("SIZE 30000000", "8BITMIME", "AUTH PLAIN")
    taken: list[Taken] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    commands: list[str] = field(default_factory=list)
    port: int = 0

    async def start(self, context: ssl.SSLContext | None = None) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context, limit=2**26)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _answer(self, verb: str, usual: str) -> str:
        self.verbs[verb] += 1
        planned = self.script.get(verb, usual)
        if isinstance(planned, list):
            planned = (planned.pop(0) if planned else None) or usual
        return planned

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(verb: str, usual: str) -> bool:
            answer = self._answer(verb, usual)
            if answer == DROP:
                raise ConnectionResetError
            if answer != SILENCE:
                writer.write(answer.encode() + b"\r\n")
                await writer.drain()
            return answer[:1] in "23"

        await say("CONNECT", "220 sink.example ESMTP")
        mail_from = recipient = ""
        while line := await reader.readline():
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb = command.split(" ")[0].split(":")[0].upper()
            if verb == "EHLO":
                await say(
                    verb, "".join(f"250-{e}\r\n" for e in ("sink.example", *self.extensions)) + "250 HELP"
                )
            elif verb == "MAIL":
                mail_from = command.split("<")[1].split(">")[0]
                await say(verb, "250 OK")
            elif verb == "RCPT":
                recipient = command.split("<")[1].split(">")[0]
                await say(verb, "250 OK")
            elif verb == "DATA":
                if await say(verb, "354 go on"):
                    raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n.", b"\r\n")
                    if await say(".", f"250 2.0.0 queued as {len(self.taken) + 1}"):
                        self.taken.append(Taken(mail_from, recipient, raw))
            elif verb == "QUIT":
                await say(verb, "221 bye")
                return
            else:
                await say(verb, "235 welcome" if verb == "AUTH" else "250 OK")
