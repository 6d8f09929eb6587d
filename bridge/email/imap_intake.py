"""From a folder to the ledger, mail by mail: fetch, commit, then mark.

    fate of a mail                            mark         next
    taken, or a duplicate                     handled
    for none of ours, too big, too old        set aside    operators are told
    not readable, five times                  set aside    operators are told
    not readable                              none         again, after the others
    the ledger fails at this one              none         again, after the others, without end
    the ledger takes nothing                  none         the pass ends: `Held`

The memory here saves work and may be lost: a mail that is fetched again is a duplicate by its key.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from bridge.channel import Accept, Arrival
from bridge.email import imap_envelope
from bridge.email.imap_folder import Folder, Imap, Look, Lost, Unanswered
from bridge.email.imap_notices import Notices
from bridge.errors import Retry

log = logging.getLogger(__name__)

TRIES = 5
"""Failures to read one mail after which it is set aside."""

_DAY = 86_400.0  # seconds
_LAST_COMMIT = 10.0  # seconds that a commit under way has when we are to end

P = ParamSpec("P")
T = TypeVar("T")

Arrivals = Callable[[bytes, Sequence[str], str], list[Arrival]]
"""Raw mail, recipients and return path to arrivals, as the SMTP edge makes them.  Runs in a thread."""


class Call(Protocol):
    def __call__(self, function: Callable[P, T], /, *values: P.args, **named: P.kwargs) -> Awaitable[T]:
        """Run what blocks in the thread of the connection."""
        ...


class Held(Exception):
    """Mails cannot be taken now: wait `after` seconds (None: the usual pause) and look again."""

    def __init__(self, after: float | None) -> None:
        super().__init__("held")
        self.after = after


@dataclass(slots=True)
class Result:
    """Of a pass: how many mails were done with, and whether any must be tried again."""

    done: int = 0
    again: bool = False


class Intake:
    """Takes what waits in a folder; outlives connections.

    `ours(address)` says whether an address in lower case is of one of our mailboxes; `clock`
    gives seconds since 1970.
    """

    def __init__(
        self,
        settings: Imap,
        arrivals: Arrivals,
        ours: Callable[[str], bool],
        notices: Notices,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._arrivals = arrivals
        self._ours = ours
        self._notices = notices
        self._clock = clock
        self._validity = 0
        self._unread: Counter[int] = Counter()  # failures to read, by UID
        self._unkept: Counter[int] = Counter()  # failures to store
        self._through: dict[int, bool] = {}  # done with: handled (True) or set aside (False)
        self._marked: set[int] = set()  # of these, those whose mark the server took

    async def take(self, call: Call, folder: Folder, look: Look, accept: Accept) -> Result:
        """One pass, in the order of arrival, what failed before last.

        Raises `Held` when `accept` or `ours` cannot take anything now, and `Trouble`.
        """
        self._begin(look)
        result = Result()
        for uid in sorted(look.uids, key=lambda uid: self._unread[uid] + self._unkept[uid]):
            if self._through.get(uid) is False and uid in self._marked:
                del self._through[uid]  # somebody took the mark away: look at the mail anew
                self._unread.pop(uid, None)
            well = uid in self._through or await self._read(call, folder, uid, accept)
            if uid in self._through:
                well = await self._mark(call, folder, uid)
                result.done += well
            result.again = result.again or not well
        return result

    def _begin(self, look: Look) -> None:
        """Forget UIDs that wait no longer, or mean nothing any more (RFC 3501 section 2.3.1.1)."""
        known = set(look.uids) if look.validity == self._validity else set()
        self._validity = look.validity
        self._unread = Counter({uid: n for uid, n in self._unread.items() if uid in known})
        self._unkept = Counter({uid: n for uid, n in self._unkept.items() if uid in known})
        self._through = {uid: handled for uid, handled in self._through.items() if uid in known}
        self._marked &= known

    async def _mark(self, call: Call, folder: Folder, uid: int) -> bool:
        """Mark what is done with; False when the server will not, or took a mark that did not stay."""
        lasting = uid not in self._marked
        try:
            await call(folder.settle if self._through[uid] else folder.set_aside, uid)
            self._marked.add(uid)
        except Unanswered as error:
            log.warning("mailbox: no mark: %s", error.reason)
            lasting = False
        if not lasting:
            self._notices.once("imap_unmarked")
        return lasting

    async def _read(self, call: Call, folder: Folder, uid: int, accept: Accept) -> bool:
        """Take a mail, or decide to set it aside; False when it must be tried again."""
        if self._unread[uid] >= TRIES:
            self._set_aside(uid, "imap_unreadable")
            return True
        try:
            arrivals = await self._fetch(call, folder, uid)
        except Unanswered as error:
            log.warning("mailbox: a mail is not read: %s", error.reason)
            self._unread[uid] += 1
            return False
        except Lost:
            self._unread[uid] += 1  # perhaps this mail's doing
            raise
        return not arrivals or await self._keep(uid, arrivals, accept)

    async def _fetch(self, call: Call, folder: Folder, uid: int) -> list[Arrival]:
        """A mail's arrivals; none when it is gone, or was set aside."""
        about = await call(folder.about, uid)
        if about is None:
            return []
        size, came = about
        oldest = 0.0 if self._settings.max_age is None else self._clock() - self._settings.max_age * _DAY
        if came is not None and came < oldest:
            self._set_aside(uid, "imap_too_old")
            return []
        raw = await call(folder.fetch, uid) if size <= self._settings.max_size else b""
        if raw is None:
            return []
        if max(size, len(raw)) > self._settings.max_size:
            self._set_aside(uid, "imap_too_big")
            return []
        arrivals = await self._addressed(call, raw)
        if not arrivals:
            self._set_aside(uid, "imap_not_ours")
        return arrivals

    async def _addressed(self, call: Call, raw: bytes) -> list[Arrival]:
        """One arrival for each recipient of ours, else for the mailbox of a catch-all."""
        letter = await call(imap_envelope.opened, raw)
        try:
            recipients = [one for one in letter.addresses if self._ours(one)][: imap_envelope.MOST]
        except Exception as error:  # noqa: BLE001 - our own fault: the mail waits
            log.warning("mailbox: our own mailboxes are not known now: %s", type(error).__name__)
            raise Held(error.after if isinstance(error, Retry) else None) from None
        if not recipients and self._settings.mailbox is not None:
            recipients = [self._settings.mailbox]
        if not recipients:
            return []
        try:
            return await call(self._arrivals, letter.raw, recipients, letter.mail_from)
        except Retry as error:
            raise Held(error.after) from None
        except Exception as error:  # noqa: BLE001 - our own fault: counted, bounded, then set aside
            raise Unanswered(f"A mail makes no arrival ({type(error).__name__}).") from None

    def _set_aside(self, uid: int, why: str) -> None:
        self._through[uid] = False
        self._notices.count(why)

    async def _keep(self, uid: int, arrivals: list[Arrival], accept: Accept) -> bool:
        """Commit; False when it failed because of this mail, as it seems."""
        try:
            await _commit(arrivals, accept)
        except Retry as error:
            raise Held(error.after) from None
        except Exception as error:  # noqa: BLE001 - our own fault, never the mail's: it is kept where it is
            log.warning("mailbox: a mail could not be stored: %s", type(error).__name__)
            self._unkept[uid] += 1
            if self._unkept[uid] == TRIES:
                self._notices.once("imap_stuck")
            return False
        self._through[uid] = True
        self._marked.discard(uid)
        return True


async def _commit(arrivals: list[Arrival], accept: Accept) -> None:
    """`accept`, which is let finish when we are cancelled."""
    commit = asyncio.ensure_future(accept(arrivals))
    try:
        await asyncio.shield(commit)
    except asyncio.CancelledError:
        await asyncio.wait({commit}, timeout=_LAST_COMMIT)
        if not commit.done():
            commit.cancel()
        elif not commit.cancelled() and (error := commit.exception()) is not None:
            log.warning("mailbox: a mail could not be stored: %s", type(error).__name__)
        raise
