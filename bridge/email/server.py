"""The doors for mail: SMTP, SMTP inside TLS and LMTP, all into the same `accept`.

    peer ── gate (limits) ── line (session, lmtp) ── envelope: whose is it ── accept ── answer

250 comes only after the commit, and the commit is shielded: a peer that hangs up cannot undo
it half-way.  Whatever goes wrong on our side is a 451.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bridge.channel import Accept, Arrival
from bridge.email import caps
from bridge.email.certificate import Certificate
from bridge.email.connection import Connection
from bridge.email.envelope import Came, Ours, Sorted
from bridge.email.limits import Gate, Peer
from bridge.email.lmtp import LmtpLine
from bridge.email.session import OURS, Line
from bridge.email.settings import Address, Door, Listen
from bridge.email.traffic import Traffic

log = logging.getLogger(__name__)

_INLINE = 256 * 1024  # octets that are digested without a thread
_BACKLOG = 256
_SOCKET_MODE = 0o660  # the folder's group, where that is set-gid, lets the mail server in
_STORED = "250 2.0.0 OK, stored"
_NOBODY = "550 5.1.1 The mail names no mailbox that is here"


class Server:
    """Listens for mail to the mailboxes of `domain` that `known` says exist.

    `known(mailbox)` may raise: then the peer is told to come back.  `postmaster` is always
    taken.  `traffic` is told of each mail.  Raises `Refuse` when the key pair cannot be used.
    """

    def __init__(
        self,
        listen: Listen,
        domain: str,
        delimiter: str,
        known: Callable[[str], bool],
        accept: Accept,
        traffic: Traffic | None = None,
    ) -> None:
        self.listen = listen
        self.domain = domain
        self.held = 0
        self._ours = Ours(domain, delimiter, known, listen.catch_all)
        self._accept = accept
        self._traffic = traffic or Traffic()
        self._gate = Gate(listen.allowance)
        self._certificate = Certificate(listen.tls) if listen.tls else None
        self._servers: dict[Door, asyncio.Server] = {}
        self._lines: dict[Connection, Peer] = {}
        self._commits: set[asyncio.Task[list[bool]]] = set()

    async def start(self) -> None:
        """Open the doors; raises `OSError`, with none of them open, when an address is taken."""
        # aiosmtpd logs envelopes and, after a failed DATA, citizens' words as unknown commands.
        logging.getLogger("mail.log").disabled = True
        listen = self.listen
        smtp = None if listen.port is None else Address(listen.host, listen.port)
        try:
            for door, where in ((Door.SMTP, smtp), (Door.SMTPS, listen.smtps), (Door.LMTP, listen.lmtp)):
                if where is not None:
                    self._servers[door] = await self._open(door, where)
        except OSError:
            await self.close()
            raise

    async def _open(self, door: Door, where: Address | Path) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        kind = LmtpLine if door is Door.LMTP else Line
        line = partial(kind, self, loop, implicit=door is Door.SMTPS)
        if isinstance(where, Path):
            server = await loop.create_unix_server(line, where, backlog=_BACKLOG)
            _let_in(where)
            return server
        return await loop.create_server(line, where.host, where.port, backlog=_BACKLOG)

    @property
    def port(self) -> int:
        """The port of the first door that has one; raises `RuntimeError` before `start`."""
        port = next(iter(self.ports.values()), None)
        if port is None:
            raise RuntimeError("not listening")
        return port

    @property
    def ports(self) -> dict[Door, int]:
        """The ports of the doors that are open; a socket file has none."""
        sockets = {door: server.sockets[0] for door, server in self._servers.items() if server.sockets}
        names = {door: socket.getsockname() for door, socket in sockets.items()}
        return {door: int(name[1]) for door, name in names.items() if isinstance(name, tuple)}

    async def close(self) -> None:
        """Stop listening, hang up, and wait for commits that are under way."""
        for server in self._servers.values():
            server.close()
        if Door.LMTP in self._servers and isinstance(self.listen.lmtp, Path):
            _remove(self.listen.lmtp)
        self._servers.clear()
        lines = list(self._lines)
        for line in lines:
            line.hang_up()
        ending = {line.handler for line in lines if line.handler} | self._commits
        if ending:
            await asyncio.wait(ending, timeout=10)
        for line in lines:
            line.drop()

    # -------------------------------------------------------------- what a line asks

    def enter(self, line: Connection, address: str) -> bool:
        """Count a connection; False when there are too many."""
        peer = self._gate.peer(address)
        now = asyncio.get_running_loop().time()
        if self._gate.full(peer):
            self._make_room(peer, now)
        if not self._gate.enter(peer, now):
            return False
        self._lines[line] = peer
        return True

    def _make_room(self, newcomer: Peer, now: float) -> None:
        """Send away who has been silent longest, if that is long enough."""
        alike = (line for line, peer in self._lines.items() if peer.trusted == newcomer.trusted)
        silent = min((line for line in alike if not line.busy), key=lambda line: line.heard, default=None)
        if silent is not None and now - silent.heard >= self.listen.pressed:
            silent.send_away()
            self.leave(silent)

    def leave(self, line: Connection) -> None:
        """Forget a connection; harmless when it was never counted."""
        peer = self._lines.pop(line, None)
        if peer is not None:
            self._gate.leave(peer)

    def trusts(self, line: Connection) -> bool:
        """Whether the peer is one of the operator's own."""
        peer = self._lines.get(line)
        return peer is not None and peer.trusted

    def mail(self, line: Connection) -> bool:
        """Count a mail that begins; False when there are too many."""
        peer = self._lines.get(line)
        return peer is not None and self._gate.mail(peer, asyncio.get_running_loop().time())

    def context(self) -> ssl.SSLContext | None:
        """What TLS is spoken with; None when it is not."""
        return self._certificate.context() if self._certificate else None

    def refusal(self, recipient: str) -> str | None:
        """The answer to a recipient that is none of ours; None when it is taken."""
        return self._ours.refusal(recipient)

    async def store(self, came: Came, raw: bytes, *, apart: bool) -> list[str]:
        """Accept a whole mail: the answer for each recipient.

        In one commit for all, so that all answers are the same; `apart`: in one for each mailbox.
        """
        received = sum(name == "received" for name, _ in caps.head(raw).fields)
        if received > self.listen.max_received:
            return ["554 5.4.6 Too many Received fields, this mail goes in circles"] * len(came.recipients)
        if len(raw) > _INLINE:
            found = await asyncio.to_thread(self._ours.sort, came, raw)
        else:
            found = self._ours.sort(came, raw)
        if apart:
            groups: list[Sequence[Arrival]] = [(arrival,) for arrival in found.arrivals]
            return _answers_apart(found, await self._commit(groups, came.door))
        groups = [found.arrivals] if found.arrivals else []
        stored = await self._commit(groups, came.door)
        return [(_STORED if stored else OURS) if groups else _NOBODY] * len(came.recipients)

    async def _commit(self, groups: Sequence[Sequence[Arrival]], door: str) -> set[str]:
        """Commit each group by itself; the keys of those that are safe now."""
        commits = [asyncio.ensure_future(self._take(group, door)) for group in groups]
        for commit in commits:
            self._commits.add(commit)
            commit.add_done_callback(self._committed)
        done = await asyncio.gather(*map(asyncio.shield, commits), return_exceptions=True)
        safe = (group for group, outcome in zip(groups, done, strict=True) if isinstance(outcome, list))
        return {arrival.key for group in safe for arrival in group}

    async def _take(self, group: Sequence[Arrival], door: str) -> list[bool]:
        fresh = await self._accept(group)
        self._traffic.came(door, group, fresh)
        return fresh

    def _committed(self, commit: asyncio.Task[list[bool]]) -> None:
        self._commits.discard(commit)
        if not commit.cancelled() and (error := commit.exception()) is not None:
            log.error("a mail could not be stored: %s", type(error).__name__)


def _remove(socket: Path) -> None:
    socket.unlink(missing_ok=True)


def _let_in(socket: Path) -> None:
    socket.chmod(_SOCKET_MODE)


def _answers_apart(found: Sorted, safe: set[str]) -> list[str]:
    """250 for a recipient all of whose arrivals are safe."""
    return [(_STORED if keys <= safe else OURS) if keys else _NOBODY for keys in found.parts]
