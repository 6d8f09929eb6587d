"""What operators are told of a mailbox that is looked after: each trouble once, counts at most hourly."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from bridge.email.imap_folder import Imap, Trouble

log = logging.getLogger(__name__)

_HOUR = 3600.0


class Tell(Protocol):
    def __call__(self, key: str, **values: str | int) -> None:
        """Tell operators; does not raise.  No value is of a citizen."""
        ...


class Notices:
    """`tell` gets a key, `host` and `folder`; for mails that were set aside also their `count`.

    Keys of troubles, told once until `imap_well`: `imap_unreachable`, `imap_untrusted`,
    `imap_login_refused`, `imap_folder_refused`, `imap_unmarked` (a mark does not stay),
    `imap_stuck` (we fail to store a mail).  Told once: `imap_no_keywords`.  Keys of counts:
    `imap_not_ours`, `imap_too_big`, `imap_too_old`, `imap_unreadable`.
    """

    def __init__(self, settings: Imap, tell: Tell, clock: Callable[[], float]) -> None:
        self._host = settings.host
        self._folder = settings.folder
        self._aside = settings.aside or settings.folder
        self._tell = tell
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._last: dict[str, float] = {}
        self._troubles: Counter[str] = Counter()
        self._told: set[str] = set()
        self._advised: set[str] = set()

    def trouble(self, error: Trouble) -> None:
        """A connection failed; told after as many times in a row as this kind has patience for."""
        log.warning("mailbox: %s", error.reason)
        self._troubles[error.key] += 1
        if self._troubles[error.key] >= error.patience:
            self.once(error.key)

    def once(self, key: str) -> None:
        """Tell, unless it was told since all was well."""
        if key not in self._told:
            self._told.add(key)
            self._tell(key, host=self._host, folder=self._folder)

    def advise(self, key: str) -> None:
        """Tell what is no trouble, once and for all."""
        if key not in self._advised:
            self._advised.add(key)
            self._tell(key, host=self._host, folder=self._folder)

    def well(self) -> None:
        """All is well; told when a trouble was."""
        self._troubles.clear()
        if self._told:
            self._told.clear()
            self._tell("imap_well", host=self._host, folder=self._folder)

    def count(self, key: str) -> None:
        """One more mail was set aside."""
        self._counts[key] += 1

    def due(self) -> None:
        """Tell the counts of which nothing was told within the hour."""
        now = self._clock()
        for key in list(self._counts):
            if not 0 <= now - self._last.get(key, now - _HOUR) < _HOUR:
                self._last[key] = now
                self._tell(key, host=self._host, folder=self._aside, count=self._counts.pop(key))
