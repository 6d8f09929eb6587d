"""The IMAP edge: mails that wait in a mailbox elsewhere come in, each marked after its commit.

    connect ─> look ─> take each that waits ─┬─> some were done with: look again
       ^        ^                            └─> none: await news by IDLE, or look later
       │        └─────────────────────────────────────────────────────────┘
       └──── pause, longer each time <── the connection broke

Calls that block run in one thread for each connection, which ends with it: a second handle on
the socket cuts short whatever the thread waits for.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from bridge.channel import Accept
from bridge.email.imap_folder import Folder, Imap, Look, Lost, Trouble, Unanswered
from bridge.email.imap_intake import Arrivals, Held, Intake
from bridge.email.imap_notices import Notices, Tell
from bridge.email.imap_wire import dial

_LONGEST_IDLE = 29 * 60.0  # RFC 2177
_GOOD = 60.0  # seconds that a connection lasted, so that the next one need not wait long

P = ParamSpec("P")
T = TypeVar("T")


class Pause:
    """Seconds to wait: `first`, then twice as long each time, up to `longest`."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = self._next = first
        self.longest = longest

    def after(self) -> float:
        """The next one."""
        pause, self._next = self._next, min(self._next * 2, self.longest)
        return pause

    def reset(self) -> None:
        """All is well: begin anew."""
        self._next = self._first


@dataclass(frozen=True, slots=True)
class _Session:
    """An open folder and the thread it lives in."""

    folder: Folder
    pool: ThreadPoolExecutor

    async def call(self, function: Callable[P, T], /, *values: P.args, **named: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, lambda: function(*values, **named))


async def _ended(pool: ThreadPoolExecutor) -> None:
    """Until its thread is gone, which has nothing to wait for any more; also when we are cancelled."""
    ending = asyncio.ensure_future(asyncio.to_thread(pool.shutdown))
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await asyncio.wait({ending})
        raise


class ImapEdge:
    """Looks after the mailbox of `settings`, one mail at a time.

    `ours(address)` says whether an address (lower case) is of a mailbox of ours; if it raises,
    mails wait.  What `tell` is called with: see `Notices`.  `clock` gives seconds since 1970;
    `context` the TLS settings (None: the system's); `pauses` the first and the longest wait in
    seconds before something is tried again.
    """

    def __init__(
        self,
        settings: Imap,
        arrivals: Arrivals,
        ours: Callable[[str], bool],
        tell: Tell,
        clock: Callable[[], float],
        context: ssl.SSLContext | None = None,
        pauses: tuple[float, float] = (1.0, 300.0),
    ) -> None:
        self._settings = settings
        self._context = context
        self._notices = Notices(settings, tell, clock)
        self._intake = Intake(settings, arrivals, ours, self._notices, clock)
        self._broken = Pause(*pauses)  # between connections
        self._slower = Pause(*pauses)  # within one

    async def serve(self, accept: Accept) -> None:
        """Bring in what waits until cancelled; a commit under way is let finish."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                async with self._session() as session:
                    await self._follow(session, accept)
            except Trouble as error:
                self._notices.trouble(error)
            if loop.time() - began >= _GOOD:
                self._broken.reset()
            await asyncio.sleep(self._broken.after())

    @contextlib.asynccontextmanager
    async def _session(self) -> AsyncIterator[_Session]:
        """A connection; it and its thread are gone afterwards.  Raises `Trouble`."""
        settings = self._settings
        try:
            line = await dial(settings.host, settings.port, settings.timeout)
        except OSError as error:
            raise Lost(f"The mail server cannot be reached ({type(error).__name__}).") from None
        handle = line.dup()  # of the same connection, whatever TLS makes of `line`
        session = _Session(Folder(settings, line, self._context), ThreadPoolExecutor(1, "imap"))
        try:
            await session.call(session.folder.open)
            yield session
        finally:
            with contextlib.suppress(OSError):  # the peer was faster
                handle.shutdown(socket.SHUT_RDWR)
            handle.close()
            try:
                await _ended(session.pool)
            finally:
                session.folder.close()

    async def _follow(self, session: _Session, accept: Accept) -> None:
        """One pass after the other until the connection breaks."""
        folder = session.folder
        while True:
            look = await session.call(folder.look)
            if not folder.keeps_keywords and None in (self._settings.done, self._settings.aside):
                self._notices.advise("imap_no_keywords")
            try:
                result = await self._intake.take(session.call, folder, look, accept)
            except Held as held:
                self._notices.due()
                await asyncio.sleep(min(held.after or self._slower.after(), self._slower.longest))
                continue
            self._notices.due()
            if not result.again:
                self._slower.reset()
                self._notices.well()
            if not (result.done or look.more):
                await self._wait(session, look, self._slower.after() if result.again else None)

    async def _wait(self, session: _Session, look: Look, soon: float | None) -> None:
        """Until there is news, or it is time to look again: `soon`, for what is to be tried again."""
        folder, settings = session.folder, self._settings
        if folder.idles:
            seconds = min(settings.idle, _LONGEST_IDLE, soon or _LONGEST_IDLE)
            try:
                await session.call(folder.listen, seconds, look.exists)
            except Unanswered:
                folder.idles = False  # it said it would
        else:
            await asyncio.sleep(min(settings.poll, soon or settings.poll))
