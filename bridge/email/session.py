"""The commands of SMTP, and what they answer.

aiosmtpd reads them; what it leaves open is closed here.

- A second MAIL, RSET, EHLO, STARTTLS and the end of DATA clear the envelope: no recipient of
  one mail ever gets the next one.
- Whatever goes wrong on our side is a 451 without details, never a 5xx.
- Who is refused too often, or brings too much, is sent away.
"""

from __future__ import annotations

import asyncio
import logging
import re

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Facts

from bridge.email import envelope as envelopes
from bridge.email.connection import Connection, Owner
from bridge.email.data import Data, piece
from bridge.email.envelope import Came

log = logging.getLogger(__name__)

OURS = "451 4.3.0 Temporary failure, please try again later"
_UNCODED = re.compile(r"([245])\d\d (?!\1\.\d{1,3}\.\d{1,3} )")


class Line(Connection):
    """A connection that speaks SMTP."""

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop, implicit: bool = False) -> None:
        super().__init__(owner, loop, implicit)
        self._coded = False
        self._errors = self._mails = 0

    async def push(self, status: str) -> None:  # type: ignore[override]  # only words are pushed
        """Send an answer, with an enhanced code (RFC 2034) but in greetings; count refusals."""
        if self._coded and (match := _UNCODED.match(status)):
            status = f"{status[:4]}{match[1]}.{'5.1' if match[1] == '5' else '0.0'} {status[4:]}"
        await super().push(status)
        if status.startswith("5") and not self._owner.trusts(self):
            self._errors += 1
            if self._errors >= self._owner.listen.allowance.errors_per_connection:
                self._leave("421 4.7.0 Too many errors, goodbye")

    def _leave(self, why: str) -> None:
        """Hang up, and read nothing more of what the peer has sent."""
        self.hang_up(why)
        raise ConnectionResetError

    async def handle_exception(self, error: Exception) -> str:
        """451 for whatever went wrong; the log gets the kind of error and no words."""
        log.error("SMTP session failed: %s", type(error).__name__)
        return OURS

    # -------------------------------------------------------------- greetings

    async def handle_EHLO(
        self, server: SMTP, facts: Facts, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        facts.host_name = hostname
        own = ["250-PIPELINING", "250-ENHANCEDSTATUSCODES"]
        if not self._secured and self._owner.context() is not None:
            own.append("250-STARTTLS")
        return [*responses[:-1], *own, responses[-1]]

    async def smtp_EHLO(self, arg: str | None) -> None:
        self._coded = not arg
        await super().smtp_EHLO(arg)
        self._coded = True

    async def smtp_HELO(self, arg: str | None) -> None:
        self._coded = not arg
        await super().smtp_HELO(arg)
        self._coded = True

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """TLS from here on (RFC 3207)."""
        if arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
        elif self._secured:
            await self.push("503 5.5.1 TLS is in use already")
        elif self._owner.context() is None:
            await self.push("502 5.5.1 No TLS is spoken here")
        else:
            await self.push("220 2.0.0 Ready to start TLS")
            await self.secure()

    async def smtp_VRFY(self, arg: str | None) -> None:
        """Nobody learns here who has a mailbox (RFC 5321 section 7.3)."""
        await self.push("252 2.5.0 Cannot say; send the mail and see")

    # -------------------------------------------------------------- the envelope

    async def smtp_MAIL(self, arg: str | None) -> None:
        """A second MAIL begins anew: what the first one named is gone (RFC 5321 section 4.1.1.2)."""
        self.envelope = Envelope()
        if self.facts().host_name and not self._owner.trusts(self):
            if self._mails >= self._owner.listen.allowance.mails_per_connection:
                self._leave("421 4.7.0 Many mails came over this line, please open another one")
            if not self._owner.mail(self):
                await self.push("451 4.7.1 Many mails came from your network, please come back later")
                return
        self._mails += 1
        await super().smtp_MAIL(arg)

    async def handle_RCPT(
        self, server: SMTP, facts: Facts, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """250 for our mailboxes, 550 for others, 452 beyond the limit of recipients."""
        if len(envelope.rcpt_tos) >= self._owner.listen.max_recipients:
            return "452 4.5.3 Too many recipients, send the rest in another transaction"
        refusal = self._owner.refusal(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 OK"

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        return envelopes.path(arg) or (None, None)

    # -------------------------------------------------------------- the mail

    async def smtp_DATA(self, arg: str | None) -> None:
        """Take the mail; the envelope is cleared whatever happens."""
        if await self.check_helo_needed():
            return
        if not self.letter().rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            answers = await self.answers(self._came())
        finally:
            self.envelope = Envelope()
        self._reset_timeout()
        for answer in answers:
            await self.push(answer)

    def _came(self) -> Came:
        sender, peer = self.letter().mail_from, self.facts().peer
        return Came(
            recipients=tuple(self.letter().rcpt_tos),
            mail_from="" if sender in (None, "<>") else str(sender),
            peer=str(peer[0]) if peer else "",
            helo=envelopes.greeting(self.facts().host_name),
            door=self.door,
        )

    async def answers(self, came: Came) -> list[str]:
        """Read the mail and have it stored: one answer to it as a whole."""
        return (await self._taken(came, apart=False))[:1]

    async def _taken(self, came: Came, *, apart: bool) -> list[str]:
        """The answer for each recipient."""
        data = Data(self._owner.listen.max_size)
        try:
            self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]  # no public way back
            while not data.ended:
                await self._next(data)
            if data.fault is not None:
                return [data.fault] * len(came.recipients)
            return await self._stored(came, data.content(), apart=apart)
        finally:
            self._owner.held -= data.held

    async def _stored(self, came: Came, raw: bytes, *, apart: bool) -> list[str]:
        self.busy = True
        try:
            return await self._owner.store(came, raw, apart=apart)
        except Exception as error:  # noqa: BLE001 - each recipient waits for an answer
            return [await self.handle_exception(error)] * len(came.recipients)
        finally:
            self.busy = False

    async def _next(self, data: Data) -> None:
        octets = await piece(self._reader)
        before = data.held
        data.add(octets)
        self._owner.held += data.held - before
        if self._owner.held > self._owner.listen.max_held:
            self._owner.held -= data.held
            data.give_up()
        if not data.too_big:  # who goes on beyond that has until the idle time is over
            self._reset_timeout()
