"""The citizens' mailboxes: a mail server that keeps what it gets, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import datetime
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from bridge.demo.mailbox_page import pages
from bridge.demo.received import Received

Verb = Literal["MAIL", "RCPT", "DATA"]
"""Where it misbehaves; DATA is the answer after the mail's last line."""

_SIZE_LIMIT = 50 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class _Fault:
    """What happens instead of 250: an answer, or (without one) a dropped line."""

    verb: Verb
    answer: str
    stored: bool = False


class Mailbox:
    """An SMTP server on a free loopback port, and a web page that shows what came.

    async with Mailbox() as mailbox:
        ...                       # mailbox.host, mailbox.port; a browser at mailbox.url
        mail = await mailbox.wait_for(lambda m: "ada@citizen.example" in m.rcpt_tos)
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.mails: list[Received] = []
        self.attempts: dict[Verb, int] = {"MAIL": 0, "RCPT": 0, "DATA": 0}
        """How often each verb was heard, refused ones too."""
        self.port = 0
        self.url = ""
        self._faults: deque[_Fault] = deque()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._lines: set[SMTP] = set()
        self._web: web.AppRunner | None = None

    async def start(self, port: int = 0, web_port: int = 0) -> None:
        """Listens on loopback; a port of 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._line, self.host, port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._web = web.AppRunner(pages(lambda: self.mails), access_log=None)
        await self._web.setup()
        site = web.TCPSite(self._web, self.host, web_port)
        await site.start()
        self.url = f"http://{self.host}:{self._web.addresses[0][1]}/"

    async def stop(self) -> None:
        """Hangs up; the mails stay."""
        if self._server is not None:
            self._server.close()
            for line in list(self._lines):
                _hang_up(line)
            await self._server.wait_closed()
            self._server = None
        if self._web is not None:
            await self._web.cleanup()
            self._web = None

    async def __aenter__(self) -> Mailbox:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def wait_for(self, predicate: Callable[[Received], object], deadline: float = 20) -> Received:
        """The first mail, old or new, for which `predicate` is true; fails after `deadline` seconds."""

        def found() -> Received | None:
            return next((mail for mail in self.mails if predicate(mail)), None)

        try:
            async with asyncio.timeout(deadline), self._changed:
                await self._changed.wait_for(lambda: found() is not None)
        except TimeoutError:
            told = [(mail.rcpt_tos, mail.subject) for mail in self.mails]
            raise AssertionError(f"no such mail within {deadline} s; there are {told}") from None
        mail = found()
        if mail is None:
            raise AssertionError("the mail was there and is not any more")
        return mail

    def refuse_next(self, code: int, verb: Verb = "DATA", text: str = "as told", count: int = 1) -> None:
        """The next `count` times that `verb` is heard it answers `code` (4xx or 5xx)."""
        self._faults.extend([_Fault(verb, f"{code} {text}")] * count)

    def drop_next(self, verb: Verb = "DATA", *, stored: bool = False) -> None:
        """The next time that `verb` is heard it hangs up without an answer.

        With `stored` (DATA only) the mail is kept before: an answer that was lost.
        """
        self._faults.append(_Fault(verb, "", stored))

    def _line(self) -> SMTP:
        return SMTP(
            _Handler(self),
            hostname="mail.citizen.example",
            data_size_limit=_SIZE_LIMIT,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )

    def _misbehave(self, verb: Verb, line: SMTP) -> _Fault | None:
        self._lines.add(line)
        self.attempts[verb] += 1
        fault = next((fault for fault in self._faults if fault.verb == verb), None)
        if fault is not None:
            self._faults.remove(fault)
        return fault

    async def _keep(self, envelope: Envelope) -> None:
        async with self._changed:
            content = envelope.original_content
            self.mails.append(
                Received(
                    number=len(self.mails) + 1,
                    mail_from=envelope.mail_from or "",
                    rcpt_tos=tuple(envelope.rcpt_tos),
                    raw=content if isinstance(content, bytes) else b"",
                    received=datetime.datetime.now(datetime.UTC),
                )
            )
            self._changed.notify_all()


class _Handler:
    """The hooks that aiosmtpd calls, by their names."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self._mailbox._misbehave("MAIL", server)
        if fault is not None:
            return _answer(fault, server)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self._mailbox._misbehave("RCPT", server)
        if fault is not None:
            return _answer(fault, server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fault = self._mailbox._misbehave("DATA", server)
        if fault is None or fault.stored:
            await self._mailbox._keep(envelope)
        return "250 OK" if fault is None else _answer(fault, server)

    async def handle_exception(self, error: Exception) -> str:
        return "451 a fault of the test mailbox"


def _answer(fault: _Fault, line: SMTP) -> str:
    if not fault.answer:
        _hang_up(line)
    return fault.answer or "421 never heard"


def _hang_up(line: SMTP) -> None:
    transport: Any = line.transport
    if transport is not None:
        transport.abort()
