"""The relay edge: hands one mail to one recipient, and believes the answer after DATA.

    accepted (250 after the final dot)             the server's answer is returned
    4xx, time-out, lost line                       Retry: nothing is final yet
    5xx before MAIL, and what concerns our login   Retry: our settings' fault, not the mail's
    no TLS, or a certificate that will not do      Retry: no mail goes in the clear instead
    5xx to MAIL, RCPT or DATA                      Refuse, with the server's words for staff

A line that drops after the final dot leaves it open whether the mail was taken; it is sent
again under the same Message-ID, which receivers recognise.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable

import aiosmtplib

from bridge.email.encoded import one_line
from bridge.email.settings import Relay
from bridge.errors import Refuse, Retry
from bridge.points import Point, Probe

_CODES = re.compile(r"[2-5][0-9]{2}(?: [245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.]))?")  # RFC 3463
_ADDRESS = re.compile(r"<?[^\s<>@]{1,200}@[^\s<>@]{1,250}>?")
_LOGIN = frozenset({530, 534, 535, 538})  # RFC 4954 section 6: said also where a login was wanted first
_GOODBYE = 5.0  # seconds that QUIT is waited for


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
                healthy = 400 <= error.code < 600  # a refusal leaves the line usable; a 421 has closed it
                raise _fate(error) from None
            except aiosmtplib.SMTPNotSupported:
                healthy = True
                raise Refuse("The mail server cannot send to an address with such letters.") from None
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
                raise Retry(f"The mail server did not answer: {_trouble(error)}.") from None
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
            local_hostname=self._local,
            timeout=relay.timeout,
            use_tls=relay.tls == "tls",
            start_tls=False,  # step by step below, so that a fault names its step
            tls_context=self._context if relay.tls != "none" else None,
        )
        step = "the connection"
        try:
            await client.connect()
            await client.ehlo()
            if relay.tls == "starttls":
                step = "STARTTLS"
                await self._encrypt(client)
            if relay.username is not None:
                step = "our login"
                await self._login(client, relay.username, relay.password or "")
        except aiosmtplib.SMTPResponseException as error:  # also a 5xx: our settings, not this mail's fault
            client.close()
            words = _words(error.code, error.message)
            raise Retry(
                f"The mail server refuses {step}: {_named(error.code, words)}", detail=words
            ) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise Retry(f"There is no proper connection to the mail server: {_trouble(error)}.") from None
        except BaseException:
            client.close()
            raise
        return client

    async def _encrypt(self, client: aiosmtplib.SMTP) -> None:
        """TLS on an open connection, and a new greeting over it (RFC 3207 section 4.2)."""
        if not client.supports_extension("starttls"):
            raise aiosmtplib.SMTPNotSupported("it offers no STARTTLS")
        await client.starttls()
        await client.ehlo()

    async def _login(self, client: aiosmtplib.SMTP, username: str, password: str) -> None:
        if not client.supported_auth_methods:
            raise aiosmtplib.SMTPNotSupported("it offers no way to log in that we know")
        await client.login(username, password)

    async def _quit(self, client: aiosmtplib.SMTP) -> None:
        if client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=min(_GOODBYE, self._relay.timeout))
        client.close()


def _fate(error: aiosmtplib.SMTPResponseException) -> Refuse | Retry:
    words = _words(error.code, error.message)
    named = _named(error.code, words)
    if error.code in _LOGIN:
        return Retry(f"The mail server refuses our login: {named}", detail=words)
    if 500 <= error.code < 600:
        return Refuse(f"The mail server refused it: {named}", detail=words)
    return Retry(f"The mail server asks to try later: {named}", detail=words)


def _trouble(error: BaseException) -> str:
    """What went wrong with the line, in words for operators; nothing a stranger's machine said."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < 5:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate will not do ({one_line(one.verify_message, 200)})"
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return error.message
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return "it speaks no TLS that we know"
    return (
        "it takes too long" if isinstance(error, TimeoutError) else f"the line broke ({type(error).__name__})"
    )


def codes(answer: str) -> str:
    """The codes of what `Sender.send` returned, such as "250 2.0.0"; "" when it begins with none."""
    found = _CODES.match(answer)
    return found[0] if found else ""


def _named(code: int, words: str) -> str:
    """The codes of an answer alone."""
    return codes(words) or str(code)


def _words(code: int, message: str) -> str:
    """A server's answer for people: one line, and no address in it."""
    return f"{code} {_ADDRESS.sub('[address]', one_line(message, 1_000))[:300]}".strip()
