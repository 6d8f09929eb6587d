"""One connection to a peer: counted, timed, and inside TLS where it is to be.

aiosmtpd's protocol below, `bridge.email.session` with the commands above.  TLS begins either
with the connection or with STARTTLS; both ask for the certificate anew, and both count the
peer before a single octet of the handshake is read.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Facts

from bridge.email.envelope import Came
from bridge.email.settings import Door, Listen

log = logging.getLogger(__name__)

_BUFFER = 64 * 1024  # of reading; lines of a mail may be longer
_HANDSHAKE = 30.0  # seconds
_SHUTDOWN = 5.0  # seconds
_IDLE_COMMANDS = ("NOOP", "RSET", "EHLO", "HELO", "LHLO", "VRFY", "HELP", "STARTTLS")
_NO_LIMIT = 1_000_000


class Owner(Protocol):
    """Whom a connection belongs to."""

    listen: Listen
    domain: str
    held: int
    """Octets of the mails that are coming in, over all connections."""

    def enter(self, connection: Connection, address: str) -> bool:
        """Count it; False when there are too many."""
        ...

    def leave(self, connection: Connection) -> None:
        """Forget it; harmless when it was never counted."""
        ...

    def trusts(self, connection: Connection) -> bool:
        """Whether the peer is one of the operator's own."""
        ...

    def mail(self, connection: Connection) -> bool:
        """Count a mail that begins; False when there are too many."""
        ...

    def context(self) -> ssl.SSLContext | None:
        """What TLS is spoken with; None when it is not."""
        ...

    def refusal(self, recipient: str) -> str | None:
        """The answer to a recipient that is none of ours; None when it is taken."""
        ...

    async def store(self, came: Came, raw: bytes, *, apart: bool) -> list[str]:
        """Commit a whole mail: the answer for each recipient, decided together or `apart`."""
        ...


class Connection(SMTP):
    """`implicit`: TLS comes before the first word."""

    line_length_limit = _BUFFER
    greets_with = "ESMTP"
    unknown: tuple[str, ...] = ("AUTH",)
    """Commands of aiosmtpd that are not spoken here."""

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop, implicit: bool = False) -> None:
        self._owner = owner
        self._implicit = implicit
        self._secured = implicit
        self._raw: asyncio.BaseTransport | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._over = False
        self.heard = loop.time()
        """When the peer last got on with something, in the loop's seconds."""
        self.busy = False
        """Whether it waits for us, not we for it."""
        calls = dict.fromkeys(_IDLE_COMMANDS, owner.listen.allowance.idle_commands)
        super().__init__(
            self,
            data_size_limit=owner.listen.max_size,
            enable_SMTPUTF8=True,
            hostname=owner.domain,
            ident=self.greets_with,
            timeout=owner.listen.idle,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit={**calls, "*": _NO_LIMIT},
            loop=loop,
        )
        for command in self.unknown:
            self._smtp_methods.pop(command, None)

    def facts(self) -> Facts:
        """What is known of the peer; a connection that has begun has it."""
        if self.session is None:
            raise ConnectionResetError
        return self.session

    def letter(self) -> Envelope:
        """The envelope that is being written; a connection that has begun has one."""
        if self.envelope is None:
            raise ConnectionResetError
        return self.envelope

    @property
    def door(self) -> Door:
        """What the peer came by; STARTTLS changes nothing of it."""
        return Door.SMTPS if self._implicit else Door.SMTP

    @property
    def handler(self) -> asyncio.Task[None] | None:
        """The task that serves this connection."""
        return self._handler_coroutine or self._handshake

    # -------------------------------------------------------------- begin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = transport
        name = transport.get_extra_info("peername")
        if not self._owner.enter(self, str(name[0]) if name else ""):
            self._over = True
            self._refuse(transport)
        elif self._implicit:
            self._handshake = self.loop.create_task(self._begin(transport))
        else:
            super().connection_made(transport)
            self._begun()

    def _begun(self) -> None:
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_forget)
        self._enforce_call_limit = not self._owner.trusts(self)

    def _refuse(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            if not self._implicit:
                transport.write(b"421 4.7.0 Too many connections, please come back later\r\n")
            transport.close()

    async def _begin(self, transport: asyncio.BaseTransport) -> None:
        """TLS first, then the greeting."""
        secured = await self._tls(transport)
        if secured is not None:
            super().connection_made(secured)
            self._begun()

    async def secure(self) -> None:
        """TLS from here on; the peer begins anew, with nothing of what it said (RFC 3207 section 4.2).

        Raises `ConnectionResetError` when no handshake came about; the connection is closed then.
        """
        # Whatever came together with the command may be a stranger's: it was not encrypted.
        self._reader._buffer.clear()  # type: ignore[attr-defined]  # there is no public way
        secured = await self._tls(self._raw)
        if secured is None:
            raise ConnectionResetError
        self._reader._transport = self._writer._transport = secured  # type: ignore[attr-defined]
        self.transport = secured
        self._over_ssl = self._secured = True
        peer = self.facts().peer
        self.session = self._create_session()
        self.session.peer = peer
        self.envelope = Envelope()
        self._reset_timeout()

    async def _tls(self, transport: asyncio.BaseTransport | None) -> asyncio.Transport | None:
        """The inside of TLS; None when there was no handshake, and the connection is over."""
        context = self._owner.context()
        try:
            if context is None or not isinstance(transport, asyncio.WriteTransport):
                raise ConnectionAbortedError
            secured = await self.loop.start_tls(
                transport,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=min(_HANDSHAKE, self._owner.listen.idle),
                ssl_shutdown_timeout=_SHUTDOWN,
            )
        except OSError as error:
            log.info("a TLS handshake failed: %s", type(error).__name__)
            secured = None
        if secured is None:  # also when the peer left just after the handshake
            self.drop()
            self.connection_lost(None)
        return secured

    # -------------------------------------------------------------- end

    def connection_lost(self, error: Exception | None) -> None:
        """Once, however many layers report it."""
        self._owner.leave(self)
        if self._over:
            return
        self._over = True
        handshake = self._handshake
        if handshake is not None and handshake is not asyncio.current_task(self.loop):
            handshake.cancel()
        if self._handler_coroutine is not None:
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if not self._over:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        if self._over or self._handler_coroutine is None:
            return False
        return super().eof_received()

    def drop(self) -> None:
        """Close without waiting for a peer that reads nothing."""
        for transport in (self.transport, self._raw):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()

    def hang_up(self, why: str = "421 4.3.2 Closing, please come back later") -> None:
        """Say `why` and close; what is being committed goes on."""
        transport = self.transport
        if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
            transport.write(why.encode() + b"\r\n")
            transport.close()
        elif transport is None:
            self.drop()

    def send_away(self) -> None:
        """The end for a peer that is silent: it may not even read that it is."""
        self.hang_up("421 4.4.2 Nothing came for too long, please come back later")
        self.drop()

    def _timeout_cb(self) -> None:
        self.send_away()

    def _reset_timeout(self, duration: float | None = None) -> None:
        self.heard = self.loop.time()
        super()._reset_timeout(duration)


def _forget(task: asyncio.Task[Any]) -> None:
    """A connection that ended took its handler with it: its exception is of no interest."""
    if not task.cancelled():
        task.exception()
