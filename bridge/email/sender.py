"""The relay edge: hands one mail to one recipient, and believes the answer after DATA.

    accepted (250 after the final dot)             the server's answer is returned
    4xx, time-out, lost line, refused login        Retry: nothing is final yet
    5xx to MAIL, RCPT or DATA                      Refuse, with the server's words for staff

A line that drops after the final dot leaves it open whether the mail was taken; it is sent
again under the same Message-ID, which receivers recognise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import ssl
from collections.abc import Callable

import aiosmtplib

from bridge.email.encoded import one_line
from bridge.email.settings import Relay
from bridge.errors import Refuse, Retry
from bridge.points import Point, Probe

log = logging.getLogger(__name__)

_CODES = re.compile(r"[2-5][0-9]{2}(?: [245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.]))?")  # RFC 3463
_ADDRESS = re.compile(r"<?[^\s<>@]{1,200}@[^\s<>@]{1,250}>?")


class Sender:
    """Sends over a few connections that are kept open for a while.

    The probe is called with `Point.MAIL` around each transaction.  `local` is the name we
    greet with, `context` the TLS settings (None: the system's).
    """

    def __init__(
        self,
        relay: Relay,
        local: str,
        probe: Probe,
        clock: Callable[[], float],
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._relay = relay
        self._local = local
        self._probe = probe
        self._clock = clock
        self._context = context
        self._turn = asyncio.Semaphore(relay.connections)
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []

    async def send(self, mail_from: str, recipient: str, message: bytes) -> str:
        """The server's answer after DATA, without addresses; raises `Retry` or `Refuse`.

        `mail_from` is "" for the null return path.  A non-ASCII address needs a relay that
        speaks SMTPUTF8 (RFC 6531).
        """
        async with self._turn:
            self._probe(Point.MAIL, "before")
            client = await self._open()
            healthy = False
            try:
                answer = await self._transact(client, mail_from, recipient, message)
                healthy = True
            except aiosmtplib.SMTPResponseException as error:
                healthy = True  # a refusal leaves the line usable; after a 421 it is closed already
                raise _fate(error) from None
            except aiosmtplib.SMTPNotSupported:
                healthy = True
                raise Refuse("The mail server cannot send to an address with such letters.") from None
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
                raise Retry(f"The mail server did not answer ({type(error).__name__}).") from None
            finally:
                if healthy and client.is_connected:
                    self._idle.append((client, self._clock()))
                else:
                    client.close()
            self._probe(Point.MAIL, "after")
            return answer

    async def close(self) -> None:
        """Say goodbye on every open connection; never raises for a broken line."""
        while self._idle:
            await self._quit(self._idle.pop()[0])

    async def _transact(self, client: aiosmtplib.SMTP, mail_from: str, recipient: str, message: bytes) -> str:
        options = [f"SIZE={len(message)}"] if client.supports_extension("size") else []
        encoding = "ascii"
        if not (mail_from.isascii() and recipient.isascii()):
            if not client.supports_extension("smtputf8"):
                raise aiosmtplib.SMTPNotSupported("SMTPUTF8")
            options += ["SMTPUTF8", "BODY=8BITMIME"]
            encoding = "utf-8"
        await client.mail(mail_from, options=options, encoding=encoding)
        await client.rcpt(recipient, encoding=encoding)
        response = await client.data(message, timeout=self._relay.data_timeout)
        return _words(response.code, response.message)

    async def _open(self) -> aiosmtplib.SMTP:
        """A connection on which nothing is under way: an idle one after RSET, or a new one."""
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and self._clock() - since <= self._relay.idle:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await client.rset()
                    return client
                client.close()
            else:
                await self._quit(client)
        return await self._connect()

    async def _connect(self) -> aiosmtplib.SMTP:
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.username,
            password=relay.password,
            local_hostname=self._local,
            timeout=relay.timeout,
            use_tls=relay.tls == "tls",
            start_tls=relay.tls == "starttls",
            tls_context=self._context if relay.tls != "none" else None,
        )
        try:
            await client.connect()
            await client.ehlo()
        except aiosmtplib.SMTPResponseException as error:  # also a 5xx: our settings, not this mail's fault
            client.close()
            what = "our login" if isinstance(error, aiosmtplib.SMTPAuthenticationError) else "the connection"
            raise Retry(f"The mail server refuses {what}: {_words(error.code, error.message)}") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise Retry(
                f"There is no proper connection to the mail server ({type(error).__name__})."
            ) from None
        return client

    async def _quit(self, client: aiosmtplib.SMTP) -> None:
        if client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=5)
        client.close()


def _fate(error: aiosmtplib.SMTPResponseException) -> Refuse | Retry:
    words = _words(error.code, error.message)
    code = _CODES.match(words)
    named = code[0] if code else str(error.code)
    if 500 <= error.code < 600:
        return Refuse(f"The mail server refused it: {named}", detail=words)
    return Retry(f"The mail server asks to try later: {named}", detail=words)


def _words(code: int, message: str) -> str:
    """A server's answer for people: one line, and no address in it."""
    return f"{code} {_ADDRESS.sub('[address]', one_line(message, 1_000))[:300]}".strip()
