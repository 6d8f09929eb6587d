"""The loop: claim → perform → settle | defer | park.

    inbox item ──read (many at once)──> wait for the lane's earlier items ──settle──┐
    outbox row <── Lanes <────────────────────────── new rows ──────────────────────┘
         └──deliver──> delivered | postponed | failed ──> new rows

Errors know their fate (`bridge.errors`); what is none of them is our fault: tried again a
bounded number of times, then parked as broken where staff and `/metrics` see it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bridge.channel import Arrival, Channel, Item, Outgoing
from bridge.errors import Broken, KeyMissing, Refuse, Retry
from bridge.lanes import Lanes
from bridge.ledger.base import Settled
from bridge.ledger.ledger import Ledger
from bridge.ledger.rows import Ref
from bridge.model import Source

T = TypeVar("T")
log = logging.getLogger(__name__)

READS = 32  # items read at once
SENDS = {Source.MATRIX: 16, Source.EMAIL: 8, Source.FORM: 8}  # deliveries at once, by channel
POLL = 0.5  # seconds until a request from another process is seen
MAIL_DAYS = 5  # RFC 5321 4.5.4.1: give up after at least 4–5 days
LATE_TRIES = 8  # failed tries, some four minutes, after which staff hear that a mail is late
OUR_FAULTS = 8  # unforeseen errors on one row or item before it is broken
AGAIN = 2.0  # seconds until a ledger that cannot be reached is asked again
FAULT_MS = 30_000  # until a row is tried again whose fate we could not even note
KEY_WAIT = 5.0  # seconds between looks for a missing room key, grows with the tries


def backoff(tries: int, most: float = 1800.0) -> float:
    """Seconds before try number `tries` + 1: 1, 2, 4 … up to `most`."""
    return min(most, 2.0 ** min(tries, 20))


def lane_of(item: Item) -> str:
    """What must stay in order: mails of one sender to one address, events of one user in one room,
    what is done on one page."""
    if item.source is Source.EMAIL:
        return f"{item.meta.get('rcpt')}|{item.meta.get('mail_from')}"
    if item.source is Source.MATRIX and item.kind == "event":
        event = json.loads(item.raw)
        return f"{event.get('room_id')}|{event.get('sender')}"
    if item.source is Source.FORM and item.kind == "page":
        return item.key.rpartition(":")[0]  # page:<id>:<nonce>
    return f"item {item.id}"


class Dispatcher:
    """Drives one ledger with its channels.  `run` ends only by cancellation.

    `key_came` is set by whoever received a room key: parked items are looked at again.
    `on_request` is awaited after a request of the command has changed what is stored.
    """

    def __init__(
        self,
        ledger: Ledger,
        channels: Mapping[Source, Channel],
        key_came: asyncio.Event,
        on_request: Callable[[], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._channels = channels
        self._lanes = {source: Lanes() for source in channels}
        self._running: Counter[Source] = Counter()
        self._items: dict[int, asyncio.Task[None]] = {}
        self._left: set[int] = set()  # new items that wait for the poll, for want of room
        self._loaded = False  # the rows that waited at start are in their lanes
        self._reading = asyncio.Semaphore(READS)
        self._tails: dict[str, asyncio.Event] = {}
        self._rows_wake = asyncio.Event()
        self._key_came = key_came
        self._on_request = on_request
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()

    # -------------------------------------------------------------- the outside

    async def accept(self, arrivals: Sequence[Arrival]) -> list[bool]:
        """`bridge.channel.Accept`: commit, then let the items go their way."""
        items = await self._ledger.accept(arrivals)
        for item in items:
            if item is not None:
                self.counts["accepted"] += 1
                if self._loaded and not self._left and len(self._items) < READS * 8:
                    self._start(item)
                else:  # the poll finds it in its turn; what comes after it must not overtake it
                    self._left.add(item.id)
        return [item is not None for item in items]

    async def tidy(self) -> None:
        """Forget what is kept no longer, and send what follows from that; raises `Retry`."""
        self._take(await self._ledger.tidy())

    def backlog(self) -> int:
        """Outbox rows not delivered yet."""
        return sum(len(lanes) for lanes in self._lanes.values())

    async def run(self) -> None:
        """Both loops.  An error in the loops themselves ends the process: better than deafness."""
        for row in await self._ledger.waiting_rows():
            self._lanes[row.target].add(row)
        self._loaded = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._poll_items())
                group.create_task(self._send_rows())
        finally:
            tasks = [*self._items.values(), *self._tasks]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    # -------------------------------------------------------------- items

    async def _poll_items(self) -> None:
        """What is due and not in hand: deferred items, requests, what waited at start."""
        woken = False
        while True:
            woken = woken or self._key_came.is_set()
            self._key_came.clear()
            room = READS * 4 - len(self._items)
            if room > 0:
                try:
                    due = await self._ledger.waiting_items(set(self._items), room, keys=woken)
                except Retry as e:
                    log.warning("inbox: %s", e.reason)
                else:
                    woken = False
                    for item in due.items:
                        self._left.discard(item.id)
                        self._start(item)
                    for lost in due.lost:
                        self.counts["broken"] += 1
                        self._take(lost)
            try:
                async with asyncio.timeout(POLL):  # Python 3.11's wait_for may swallow a cancellation
                    await self._key_came.wait()
            except TimeoutError:
                continue

    def _start(self, item: Item) -> None:
        if item.id in self._items:
            return
        lane, mine = lane_of(item), asyncio.Event()
        before = self._tails.get(lane)
        self._tails[lane] = mine

        async def work() -> None:
            try:
                await self._item(item, before)
            finally:
                mine.set()
                if self._tails.get(lane) is mine:
                    del self._tails[lane]
                del self._items[item.id]

        self._items[item.id] = asyncio.create_task(work(), name=f"item {item.id}")

    async def _item(self, item: Item, before: asyncio.Event | None) -> None:
        try:
            async with self._reading:
                inbound = await self._channels[item.source].read(item)
            if before is not None:
                await before.wait()
            settled = await self._ledger.settle(item, inbound)
            self.counts["settled"] += 1
            self._take(settled)
            if item.source is Source.COMMAND:
                await self._note(self._on_request)
            if settled.stayed:
                await self._ledger.defer(item, KEY_WAIT, "its key has not come", parked=True)
        except KeyMissing as e:
            self.counts["parked"] += 1
            await self._keep(self._ledger.defer(item, self._key_wait(item), e.reason, parked=True))
        except Retry as e:
            after = backoff(item.tries, 300) if e.after is None else e.after
            await self._keep(self._ledger.defer(item, after, e.reason))
        except Refuse as e:
            await self._keep(self._give_up(item, "refused", e.reason))
        except Broken as e:
            await self._keep(self._give_up(item, "broken", e.reason))
        except Exception as e:  # noqa: BLE001 - our own fault: counted, bounded, then parked
            self._fault(f"item {item.id} ({item.source} {item.kind})", e)
            if item.tries + 1 >= OUR_FAULTS:
                await self._keep(self._give_up(item, "broken", f"our own fault: {type(e).__name__}"))
            else:
                await self._keep(self._ledger.defer(item, backoff(item.tries, 60), type(e).__name__))

    @staticmethod
    def _key_wait(item: Item) -> float:
        return min(600.0, KEY_WAIT * 2.0 ** max(0, item.tries - 20))

    async def _give_up(self, item: Item, state: str, reason: str) -> None:
        self.counts[state] += 1
        log.warning("item %s (%s %s) is %s: %s", item.id, item.source, item.kind, state, reason)
        self._take(await self._ledger.give_up(item, state, reason))

    async def _keep(self, work: Awaitable[None]) -> None:
        """Write down a fate; when even that fails the item stays as it was and is found again."""
        try:
            await work
        except Retry as e:
            log.warning("a fate could not be written down: %s", e.reason)
        except Exception as e:  # noqa: BLE001 - our own fault: counted
            self._fault("writing down a fate", e)

    async def _note(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write down what happened outside, as often as it takes: forgetting it would repeat it."""
        while True:
            try:
                return await write()
            except Retry as e:
                log.warning("the ledger: %s", e.reason)
                await asyncio.sleep(AGAIN)

    # -------------------------------------------------------------- rows

    def _take(self, settled: Settled) -> None:
        for row in settled.refs:
            self._lanes[row.target].add(row)
        if settled.refs:
            self._rows_wake.set()

    async def _send_rows(self) -> None:
        while True:
            self._rows_wake.clear()
            now = self._ledger.now()
            waits = [POLL * 20]
            for source, lanes in self._lanes.items():
                while self._running[source] < SENDS.get(source, 1) and (row := lanes.next(now)):
                    self._running[source] += 1
                    task = asyncio.create_task(self._row(row), name=f"row {row.id}")
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                if self._running[source] < SENDS.get(source, 1) and (wait := lanes.wait(now)) is not None:
                    waits.append(wait)
            try:
                async with asyncio.timeout(max(0.005, min(waits))):
                    await self._rows_wake.wait()
            except TimeoutError:
                continue

    async def _row(self, row: Ref) -> None:
        lanes = self._lanes[row.target]
        try:
            again = await self._deliver(row)
            if again is None:
                lanes.done(row)
            else:
                lanes.again(again)
        except Retry as e:  # the ledger cannot be read: nothing was done, so once more
            log.warning("row %s: %s", row.id, e.reason)
            lanes.again(_later(row, self._ledger.now() + int(AGAIN * 1000)))
        except Exception as e:  # noqa: BLE001 - our own fault, even in noting it: the lane must not be lost
            self._fault(f"row {row.id}", e)
            lanes.again(_later(row, self._ledger.now() + FAULT_MS))
        finally:
            self._running[row.target] -= 1
            self._rows_wake.set()

    async def _deliver(self, row: Ref) -> Ref | None:
        """None: final.  Else the row with the time of its next try."""
        try:
            out = await self._ledger.outgoing(row)
            if out is not None:
                return await self._send(row, out)
            gone = await self._ledger.is_final(row)
            return None if gone else _later(row, self._ledger.now() + 50)
        except Broken as e:  # it can never be opened, sent, or noted
            await self._failed(row, e.reason, "broken")
            return None

    async def _send(self, row: Ref, out: Outgoing) -> Ref | None:
        try:
            outcome = await self._channels[row.target].deliver(out)
        except Retry as e:
            return await self._postponed(row, out, e)
        except Refuse as e:
            await self._failed(row, e.reason, detail=e.detail)
            return None
        except Broken:
            raise
        except Exception as e:  # noqa: BLE001 - our own fault: counted, bounded, then parked
            return await self._faulted(row, out, e)
        settled = await self._note(lambda: self._ledger.delivered(row, outcome))
        self.counts["delivered"] += 1
        self._take(settled)
        if out.kind == "provision":
            await self._note(self._on_request)
        return None

    async def _faulted(self, row: Ref, out: Outgoing, error: Exception) -> Ref | None:
        self._fault(f"row {row.id} ({out.kind})", error)
        if out.tries + 1 >= OUR_FAULTS:
            await self._failed(row, f"our own fault: {type(error).__name__}", "broken")
            return None
        after = backoff(out.tries, 60)
        return await self._note(lambda: self._ledger.postpone(row, after, type(error).__name__))

    async def _postponed(self, row: Ref, out: Outgoing, error: Retry) -> Ref | None:
        mail = row.target is Source.EMAIL
        until = out.created + MAIL_DAYS * 86_400_000
        if mail and self._ledger.now() > until:
            await self._failed(row, error.reason, detail=error.detail)
            return None
        if mail and out.tries == LATE_TRIES:
            words = error.detail or error.reason
            self._take(await self._note(lambda: self._ledger.late(row, words, until)))
        self.counts["postponed"] += 1
        after = backoff(out.tries, 1800 if mail else 30) if error.after is None else error.after
        return await self._note(lambda: self._ledger.postpone(row, after, error.reason))

    async def _failed(self, row: Ref, reason: str, state: str = "failed", detail: str = "") -> None:
        self.counts[state] += 1
        log.warning("row %s is %s: %s", row.id, state, reason)
        self._take(await self._note(lambda: self._ledger.fail(row, reason, state, detail)))

    def _fault(self, what: str, error: Exception) -> None:
        """Our own fault is counted and logged.  Its text may quote data: only at DEBUG."""
        self.counts["faults"] += 1
        log.error("%s: %s", what, type(error).__name__)
        log.debug("%s", what, exc_info=error)


def _later(row: Ref, not_before: int) -> Ref:
    return Ref(row.id, row.target, row.lane, row.room, row.priority, not_before)
