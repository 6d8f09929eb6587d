"""The SMTP edge: takes a mail, answers 250 only after it is committed.

aiosmtpd speaks the protocol; what it leaves open is closed here.

- DATA is read in pieces up to CRLF "." CRLF and nothing else, in linear time however long or
  short the lines are; a bare CR or LF anywhere refuses the mail (SMTP smuggling).
- The commit is shielded: a peer that hangs up cannot undo it half-way.
- Whatever goes wrong on our side is a 451 without details, never a 5xx.
- A second MAIL, RSET, EHLO and the end of DATA clear the envelope: no recipient of one mail
  ever gets the next one.
- Connections are counted, in all and per address.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from bridge.channel import Accept, Arrival
from bridge.email import caps, thread
from bridge.email.addresses import loosely
from bridge.email.settings import Listen
from bridge.model import Source

log = logging.getLogger(__name__)

_PIECE = 64 * 1024
_INLINE = 256 * 1024
_OURS = "451 4.3.0 Temporary failure, please try again later"
_END = b"\r\n.\r\n"
_PATH = re.compile(r"<(?:@[^:<>\s]*:)?((?:\"(?:[^\"\\]|\\.)*\"|[^<>\"\s])*)>((?:\s.*)?)$")


class Server:
    """Listens for mail to the mailboxes of `domain` that `known` says exist.

    `known(mailbox)` may raise: then the peer is told to come back.  `postmaster` is always
    taken (RFC 5321 section 4.5.1).
    """

    def __init__(
        self, listen: Listen, domain: str, delimiter: str, known: Callable[[str], bool], accept: Accept
    ) -> None:
        self.listen = listen
        self.domain = domain
        self.delimiter = delimiter
        self.known = known
        self._accept = accept
        self._server: asyncio.Server | None = None
        self._sessions: dict[_Session, str] = {}
        self._peers: Counter[str] = Counter()
        self._commits: set[asyncio.Task[list[bool]]] = set()

    async def start(self) -> None:
        """Bind and listen; raises `OSError` when the address is taken."""
        # aiosmtpd logs envelopes and, after a failed DATA, citizens' words as unknown commands.
        logging.getLogger("mail.log").disabled = True
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Session(self, loop), self.listen.host, self.listen.port, backlog=256
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server is None:
            raise RuntimeError("not listening")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Stop listening, hang up, and wait for commits that are under way."""
        if self._server is not None:
            self._server.close()
        sessions = list(self._sessions)
        for session in sessions:
            session.hang_up()
        ending = {session.handler for session in sessions if session.handler} | self._commits
        if ending:
            await asyncio.wait(ending, timeout=10)
        for session in sessions:
            session.drop()

    # -------------------------------------------------------------- connections

    def enter(self, session: _Session, address: str) -> bool:
        """Count a connection; False when there are too many."""
        full = len(self._sessions) >= self.listen.connections
        if full or self._peers[address] >= self.listen.connections_per_address:
            return False
        self._sessions[session] = address
        self._peers[address] += 1
        return True

    def leave(self, session: _Session) -> None:
        """Forget a connection; harmless when it was never counted."""
        address = self._sessions.pop(session, None)
        if address is not None:
            self._peers[address] -= 1
            if not self._peers[address]:
                del self._peers[address]

    # -------------------------------------------------------------- hooks of aiosmtpd

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """250 for our mailboxes, 550 for others, 452 beyond the limit of recipients."""
        found = thread.split(address, self.domain, self.delimiter)
        if found is None:
            return "550 5.7.1 We do not relay mail for that domain"
        if len(envelope.rcpt_tos) >= self.listen.max_recipients:
            return "452 4.5.3 Too many recipients, send the rest in another transaction"
        if found[0] != "postmaster" and not self.known(found[0]):
            return "550 5.1.1 There is no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """451 for whatever went wrong; the log gets the kind of error and no words."""
        log.error("SMTP session failed: %s", type(error).__name__)
        return _OURS

    async def deliver(self, session: Session, envelope: Envelope, raw: bytes) -> str:
        """Accept a whole mail: the answer after DATA."""
        received = sum(name == "received" for name, _ in caps.head(raw).fields)
        if received > self.listen.max_received:
            return "554 5.4.6 Too many Received fields, this mail goes in circles"
        if len(raw) > _INLINE:
            arrivals = await asyncio.to_thread(self._arrivals, session, envelope, raw)
        else:
            arrivals = self._arrivals(session, envelope, raw)
        commit = asyncio.ensure_future(self._accept(arrivals))
        self._commits.add(commit)
        commit.add_done_callback(self._committed)
        await asyncio.shield(commit)
        return "250 2.0.0 OK, stored"

    def _committed(self, commit: asyncio.Task[list[bool]]) -> None:
        self._commits.discard(commit)
        if not commit.cancelled() and (error := commit.exception()) is not None:
            log.error("a mail could not be stored: %s", type(error).__name__)

    def _arrivals(self, session: Session, envelope: Envelope, raw: bytes) -> list[Arrival]:
        """One arrival for each mailbox and token among the recipients, each with its own key."""
        top = caps.head(raw)
        visible = loosely(top.all("delivered-to") + top.all("x-original-to") + top.all("to") + top.all("cc"))
        mail_from = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        peer = str(session.peer[0]) if session.peer else ""
        body = hashlib.sha256(memoryview(raw)[top.body :]).hexdigest()
        named = b" ".join(top.first("message-id").split())
        loose = b"" if named else b"\0".join((top.first("date"), top.first("from")))
        arrivals: dict[str, Arrival] = {}
        for recipient in self._recipients(envelope.rcpt_tos):
            mailbox, token = thread.split(recipient, self.domain, self.delimiter) or ("", None)
            token = token or thread.token_among(visible, mailbox, self.domain, self.delimiter)
            parts = (f"{mailbox}\0{token or ''}".encode(), named, loose, body.encode())
            key = hashlib.sha256(b"\0\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
            meta = {"rcpt": recipient, "mail_from": mail_from, "peer": peer}
            arrivals.setdefault(key, Arrival(Source.EMAIL, "mail", key, raw, meta))
        return list(arrivals.values())

    def _recipients(self, recipients: list[str]) -> list[str]:
        """Without the plain address of a mailbox whose token address is there too."""
        found = [
            (recipient, thread.split(recipient, self.domain, self.delimiter)) for recipient in recipients
        ]
        tokened = {pair[0] for _, pair in found if pair and pair[1]}
        return [recipient for recipient, pair in found if pair and (pair[1] or pair[0] not in tokened)]


class _Session(SMTP):
    """One connection."""

    line_length_limit = _PIECE  # the size of the reading buffer; lines of a mail may be longer

    def __init__(self, owner: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._owner = owner
        self._refused = False
        super().__init__(
            owner,
            data_size_limit=owner.listen.max_size,
            enable_SMTPUTF8=True,
            hostname=owner.domain,
            ident="ESMTP",
            timeout=owner.listen.idle,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=loop,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        if self._owner.enter(self, str(peer[0]) if peer else ""):
            super().connection_made(transport)
            return
        self._refused = True
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.7.0 Too many connections, please come back later\r\n")
        transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.leave(self)
        if not self._refused:
            super().connection_lost(error)
            if self._handler_coroutine is not None:
                self._handler_coroutine.add_done_callback(_forget)

    def data_received(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return False if self._refused else super().eof_received()

    @property
    def handler(self) -> asyncio.Task[None] | None:
        """The task that serves this connection."""
        return self._handler_coroutine

    def drop(self) -> None:
        """Close without waiting for a peer that reads nothing."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def hang_up(self) -> None:
        """421 and close; what is being committed goes on."""
        transport = self.transport
        if isinstance(transport, asyncio.WriteTransport) and not transport.is_closing():
            transport.write(b"421 4.3.2 Closing, please come back later\r\n")
            transport.close()

    def _timeout_cb(self) -> None:
        self.hang_up()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The path and what follows it.

        Real addresses break the grammar that aiosmtpd asks for ("a..b@…"), and its parser
        recurses; here anything printable goes, and a source route is dropped (RFC 5321
        appendix C).
        """
        match = _PATH.match(arg.strip())
        if match is None or not arg.isprintable() or len(arg) > 1_000:
            return None, None
        return match[1] or "<>", match[2].strip()

    async def smtp_MAIL(self, arg: str | None) -> None:
        """A second MAIL begins anew: what the first one named is gone (RFC 5321 section 4.1.1.2)."""
        self.envelope = Envelope()
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str | None) -> None:
        """Take the mail; the envelope is cleared whatever happens."""
        envelope, session = self.envelope, self.session
        if envelope is None or session is None or await self.check_helo_needed():
            return
        if not envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            data = _Data(self._owner.listen.max_size)
            # With a line end before it, a mail that is nothing but the final dot ends like any other.
            self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]  # there is no public way back
            while not data.ended:
                data.add(await _piece(self._reader))
                if not data.too_big:  # who goes on beyond that has until the idle time is over
                    self._reset_timeout()
            answer = data.fault or await self._owner.deliver(session, envelope, data.content())
        finally:
            self.envelope = Envelope()
        self._reset_timeout()
        await self.push(answer)


async def _piece(reader: asyncio.StreamReader) -> bytes:
    """The next octets of a mail; they end with the end of data, or hold no part of it."""
    try:
        return await reader.readuntil(_END)
    except asyncio.LimitOverrunError as error:
        return await reader.read(error.consumed)


class _Data:
    """A mail between DATA and its end, taken in pieces.

    Counts line ends, drops the dots of transparency (RFC 5321 section 4.5.2) and throws the
    octets away once there are too many.  The first piece begins with a CRLF of ours.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = -2
        self._carry = b""
        self._pieces: list[bytes] = []
        self._cr = self._lf = self._pairs = 0
        self._last = b""
        self.ended = False

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        self._cr += piece.count(b"\r")
        self._lf += piece.count(b"\n")
        self._pairs += piece.count(b"\r\n") + (self._last == b"\r" and piece.startswith(b"\n"))
        self._last = piece[-1:]
        self.ended = piece.endswith(_END)
        if self.too_big:
            self._pieces.clear()
            return
        text = self._carry + (piece[:-3] if self.ended else piece)
        held = 0 if self.ended else 2 if text.endswith(b"\r\n") else int(text.endswith(b"\r"))
        self._carry = text[len(text) - held :]
        self._pieces.append(text[: len(text) - held].replace(b"\r\n.", b"\r\n"))

    @property
    def too_big(self) -> bool:
        """More than the limit has come; what came is thrown away."""
        return self._size > self._limit + 3  # the final dot and its line end

    @property
    def fault(self) -> str | None:
        """The refusal that the whole mail deserves, if any."""
        if self.too_big:
            return "552 5.3.4 Error: message too big"
        if not self._cr == self._lf == self._pairs:
            return (
                "554 5.6.0 Refused: a line ends with a bare CR or LF, which RFC 5321 forbids; "
                "the software that sent this mail must end lines with CRLF"
            )
        return None

    def content(self) -> bytes:
        """The mail, without the CRLF that was put before it."""
        return b"".join(self._pieces)[2:]


def _forget(task: asyncio.Task[Any]) -> None:
    """A connection that ended took its handler with it: its exception is of no interest."""
    if not task.cancelled():
        task.exception()
