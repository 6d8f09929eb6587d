"""The protocol of a channel: an edge that accepts, reads and delivers.

    serve(accept) -> accepts raw bytes, answers its peer only after `accept` has returned
    read(item)    -> pure but for decryption and children: raw bytes to an `Inbound`
    deliver(out)  -> hands one outbox row over, with a key that makes a repeat harmless

`accept` returns after the commit.  Its answer says per arrival whether it was new; a
duplicate is a success for the peer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.inbound import Inbound
from bridge.model import Json, Source

Also = Callable[[Any], None]
"""A change that rides in somebody else's commit: called with the open connection of the
ledger's writer; opaque to everybody but the ledger."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Raw bytes at an edge.  `key` makes a second arrival of the same a duplicate.

    `meta` is small, JSON, and sealed together with `raw`: envelope, mailbox, reference.
    `reference` is a case reference to be reserved in the same commit (forms); `also` a change that
    is committed with it when it is new.
    """

    source: Source
    kind: str
    key: str
    raw: bytes = field(repr=False)
    meta: Json = field(default_factory=dict, repr=False)
    reference: str | None = None
    also: Also | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """An arrival in the ledger: `received` in ms since 1970, `tries` so far, `told` staff of it, and
    the arrival's `key`."""

    id: int
    source: Source
    kind: str
    raw: bytes = field(repr=False)
    meta: Json = field(repr=False)
    received: int = 0
    tries: int = 0
    told: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row on its way.

    `payload` says what to deliver (its keys by `kind`: see `ledger.outbox`); `progress` is
    what an earlier attempt stored (ciphertext, mxc), or {}.  `keep(progress)` gives the
    change that stores it, to ride in another commit; `save(progress)` commits it at once.
    `load(blob)` gives the bytes of a file.
    """

    id: int
    kind: str
    payload: Json = field(repr=False)
    progress: Json = field(repr=False)
    created: int
    tries: int
    keep: Callable[[Json], Also]
    save: Callable[[Json], Awaitable[None]]
    load: Callable[[int], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery: facts for the ledger (`event_id`, `rooms`, `answer`)."""

    facts: Json = field(default_factory=dict)


class ReferenceTaken(Exception):
    """An arrival with a new key asks for a case reference that another one holds; nothing was committed."""


class Accept(Protocol):
    async def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
        """Commit the arrivals; True for each that was new.

        Raises `Retry` when the ledger cannot take it now (locked, full, read-only), and
        `ReferenceTaken` for a new key with a taken reference (a known key is a duplicate first).
        """
        ...


class Channel(Protocol):
    """One way in and out.  Raises the fates of `bridge.errors`; anything else is our fault."""

    @property
    def name(self) -> Source: ...

    async def serve(self, accept: Accept) -> None:
        """Listen until cancelled."""
        ...

    async def read(self, item: Item) -> Inbound | None:
        """What came; None: nothing to do.  `Retry` parks without holding its lane."""
        ...

    async def deliver(self, out: Outgoing) -> Outcome:
        """Hand it over.  `Retry`: later; `Refuse`: final, staff see the words; `Broken`: parked."""
        ...
