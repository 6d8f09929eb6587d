"""Every error knows its fate.

    Fate
    ├── Retry(reason, after)   nobody's fault for good: do it again, not before `after` seconds
    ├── Refuse(reason)         the other side can act on it: `reason` is written for that person
    └── Broken(reason)         ours or final: parked, and staff see it

An exception that is none of these counts as `Retry` a bounded number of times, then as
`Broken`: our own fault is never the sender's permanent failure.
"""

from __future__ import annotations


class Fate(Exception):
    """Base of the three.  `reason` is one plain sentence and holds no personal data.

    `detail` is what a stranger's machine said and may hold anything: it goes into the encrypted
    room or a sealed column, never into a log.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Retry(Fate):
    """Do it again, after `after` seconds (None: by the usual backoff)."""

    def __init__(self, reason: str, after: float | None = None, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.after = after


class Refuse(Fate):
    """Refused, with words the person who caused it can act on."""


class Broken(Fate):
    """Will not get better by itself: parked where staff see it."""


class KeyMissing(Retry):
    """An encrypted event whose Megolm session we do not hold yet: parked until the key comes.

    `session_id` is the session to wait for; when it arrives the item is tried at once.
    """

    def __init__(self, session_id: str) -> None:
        super().__init__("the key of this message has not come yet")
        self.session_id = session_id
