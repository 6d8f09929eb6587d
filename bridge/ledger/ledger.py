"""The ledger: nothing is held in memory that a crash may not lose.

    accept ──> inbox ──> settle(item, inbound) ──> outbox ──> outgoing ──> delivered
                │  known → decide → effects, one commit  │                 postpone | fail
                └─ defer | park | refuse | broken        └─ rows: head, words, mail, mark …

One process at a time drives it (see `lease`); claims therefore live in that process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.casework import decide
from bridge.casework.known import Known
from bridge.channel import Also, Arrival, Item, Outcome, Outgoing, ReferenceTaken
from bridge.errors import Broken
from bridge.ledger import housekeeping, reports
from bridge.ledger import outgoing as out
from bridge.ledger.files import LARGE, Files
from bridge.ledger.gather import Gather
from bridge.ledger.ids import Ids
from bridge.ledger.keys import Keys
from bridge.ledger.rows import Ref, Rows, ref
from bridge.ledger.settle import apply, close_item, is_open
from bridge.ledger.settlement import Settlement, Stored
from bridge.ledger.sql import insert_new, upsert
from bridge.ledger.tables import blobs, inbox, messages, outbox, references, rooms
from bridge.ledger.writer import Unreachable, Writer
from bridge.model import Attachment, Inbound, Json, RoomKind, Source
from bridge.points import Point
from bridge.vault import Key, Vault

T = TypeVar("T")
Clock = Callable[[], float]
IN_MEMORY = 64 * 1024 * 1024  # bytes of raw items that one look for due ones loads, and one item more


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement left behind: new outbox rows, and whether the item stays parked."""

    refs: list[Ref]
    stayed: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """Items to work on, and what followed from those that could not be opened."""

    items: list[Item]
    lost: list[Settled]


class Ledger:
    """The door to everything stored.  Every method that changes something is one commit."""

    def __init__(
        self,
        engine: AsyncEngine,
        writer: Writer,
        vault: Vault,
        files: Path,
        clock: Clock,
        settings: decide.Settings,
        operators: tuple[str, ...],
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._files = Files(files)
        self._clock = clock
        self._settings = settings
        self._operators = operators
        self.keys = Keys(vault)
        self._ids = Ids(clock)
        self._sending: set[int] = set()  # mails that are with the relay now
        self._frozen: dict[int, int] = {}  # mails a decision is being made about

    def now(self) -> int:
        """ms since 1970."""
        return int(self._clock() * 1000)

    async def open(self) -> None:
        """Load keys and the highest IDs; sweep files that a crash left without a row."""

        def work(conn: sa.Connection) -> set[str]:
            self.keys.load(conn)
            for table in (inbox, outbox, messages):
                self._ids.seen(conn.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0)
            named = conn.execute(sa.select(inbox.c.file).where(inbox.c.file.is_not(None)))
            stored = conn.execute(sa.select(blobs.c.file).where(blobs.c.file.is_not(None)))
            return {*named.scalars(), *stored.scalars()}

        kept = await self._writer.write(Point.HOUSEKEEPING, work)
        await self._files.remove(await self._files.all() - kept)

    async def join(self) -> None:
        """Load the keys only: for a command beside the process that drives the ledger."""
        await self._writer.write(Point.HOUSEKEEPING, self.keys.load)

    # -------------------------------------------------------------- in

    async def accept(self, arrivals: Sequence[Arrival]) -> list[Item | None]:
        """Commit the arrivals; the new items, None for a duplicate.

        Raises `Retry` when the database cannot take it, `ReferenceTaken` when a reference was
        given out before: then nothing was accepted.
        """
        now = self.now()
        prepared: list[tuple[Arrival, Json]] = []
        for arrival in arrivals:
            item, (key, wrapped) = self._ids(), self.keys.new()
            sealed = key.seal(arrival.raw, f"inbox/{item}/raw")
            file = await self._files.write(sealed) if len(sealed) > LARGE else None
            row = {
                "id": item,
                "source": arrival.source.value,
                "kind": arrival.kind,
                "key": arrival.key,
                "state": "new",
                "received": now,
                "next_at": now,
                "tries": 0,
                "told": False,
                "wrapped_key": wrapped,
                "raw": None if file else sealed,
                "file": file,
                "meta": key.seal(json.dumps(arrival.meta).encode(), f"inbox/{item}/meta"),
            }
            prepared.append((arrival, row))

        def work(conn: sa.Connection) -> list[Item | None]:
            return [self._insert(conn, arrival, row) for arrival, row in prepared]

        written = [row["file"] for _, row in prepared if row["file"]]
        items = await self._write(Point.ACCEPT, work, written)
        spare = [r["file"] for (_, r), i in zip(prepared, items, strict=True) if i is None and r["file"]]
        self._files.discard(spare)
        return items

    async def _write(self, point: Point, work: Callable[[sa.Connection], T], files: Sequence[str]) -> T:
        """Commit `work`; when it is not stored, the `files` written for it go.

        Where a crash or a lost connection leaves that in doubt they stay; the next start sweeps them.
        """
        try:
            return await self._writer.write(point, work)
        except Unreachable:
            raise
        except Exception:
            self._files.discard(files)
            raise

    def _insert(self, conn: sa.Connection, arrival: Arrival, row: Json) -> Item | None:
        if not insert_new(conn, inbox, row, by=("source", "key")):
            return None
        if arrival.reference is not None:
            reserved = {"reference": arrival.reference, "reserved_for": arrival.key}
            if not insert_new(conn, references, reserved):
                raise ReferenceTaken(arrival.reference)
        return Item(row["id"], arrival.source, arrival.kind, arrival.raw, arrival.meta, row["received"])

    async def waiting_items(self, but: set[int], limit: int = 100, *, keys: bool = False) -> Due:
        """Items that are due, oldest first, without those in `but`.

        `keys`: a room key has come, so parked items are due whatever their time.  An item that
        cannot be opened any more is broken at once.
        """
        now = self.now()

        def query(conn: sa.Connection) -> list[sa.Row[Any]]:
            when = inbox.c.next_at <= now
            due = sa.select(inbox).where(
                inbox.c.state.in_(("new", "parked")),
                sa.or_(when, inbox.c.state == "parked") if keys else when,
            )
            return list(conn.execute(due.order_by(inbox.c.id).limit(limit + len(but))).all())

        rows = [r for r in await self._writer.read(query) if r.id not in but][:limit]
        due, size = Due([], []), 0
        for row in rows:
            try:
                due.items.append(await self._item(row))
            except Broken as e:
                lost = Item(row.id, Source(row.source), row.kind, b"", {}, row.received, row.tries)
                due.lost.append(await self.give_up(lost, "broken", e.reason))
            else:
                size += len(due.items[-1].raw)
            if size > IN_MEMORY:
                break
        return due

    async def _item(self, row: sa.Row[Any]) -> Item:
        key = self.keys.unwrap(row.wrapped_key)
        sealed = row.raw if row.file is None else await self._files.read(row.file)
        raw = key.open(sealed, f"inbox/{row.id}/raw")
        meta = json.loads(key.open(row.meta, f"inbox/{row.id}/meta"))
        return Item(row.id, Source(row.source), row.kind, raw, meta, row.received, row.tries, row.told)

    async def settle(self, item: Item, inbound: Inbound | None) -> Settled:
        """Look up, decide and write down, in one commit.  Raises what `decide` raises."""
        stored = await self._store_large(inbound)
        frozen: list[int] = []
        spare: list[str] = []

        def work(conn: sa.Connection) -> Settled:
            if not is_open(conn, item.id):
                return Settled([])
            if inbound is None:
                close_item(conn, item.id, self.now(), "done")
                return Settled([])
            settlement = self._settlement(conn, item.id, stored, frozen)
            known: Known = settlement.gather.known(inbound)
            effects = decide.decide(inbound, known, self._settings)
            refs = apply(settlement, effects)
            spare[:] = settlement.spare
            if settlement.stayed:
                conn.execute(sa.update(inbox).where(inbox.c.id == item.id).values(told=True))
            else:
                close_item(conn, item.id, self.now(), "done")
                if not settlement.waits and item.source is Source.COMMAND:
                    nothing: Json = {"changed": []}
                    conn.execute(sa.update(inbox).where(inbox.c.id == item.id).values(result=nothing))
            return Settled(refs, settlement.stayed)

        try:
            settled = await self._write(Point.SETTLE, work, [name for name, _ in stored.values()])
        finally:
            for row in frozen:
                self._thaw(row)
        self._files.discard(spare)
        return settled

    def _settlement(
        self, conn: sa.Connection, item: int | None, stored: Stored, frozen: list[int]
    ) -> Settlement:
        now = self.now()

        def freeze(row: int) -> bool:
            if row in self._sending:
                return False
            self._frozen[row] = self._frozen.get(row, 0) + 1
            frozen.append(row)
            return True

        gather = Gather(conn, self.keys, now, self._operators, freeze)
        rows = Rows(conn, self.keys, self._ids, now, item, [])
        return Settlement(gather, self.keys, self._ids, now, rows, stored, os.urandom)

    def _thaw(self, row: int) -> None:
        self._frozen[row] -= 1
        if not self._frozen[row]:
            del self._frozen[row]

    async def _store_large(self, inbound: Inbound | None) -> Stored:
        """Large attachments go to files before the commit that names them."""
        stored: dict[int, tuple[str, bytes]] = {}
        files: tuple[Attachment, ...] = getattr(inbound, "attachments", ())
        for file in files:
            if len(file.data) > LARGE:
                raw = os.urandom(32)
                name = await self._files.write(Key(raw).seal(file.data, "file"))
                stored[id(file)] = (name, raw)
        return stored

    async def defer(self, item: Item, after: float, reason: str, *, parked: bool = False) -> None:
        """Look at the item again in `after` seconds; `parked` ones wait for a key, not in vain."""
        values: Json = {
            "next_at": self.now() + int(after * 1000),
            "tries": item.tries + 1,
            "state": "parked" if parked else "new",
            "reason": reason,
        }

        def work(conn: sa.Connection) -> None:
            if is_open(conn, item.id):
                conn.execute(sa.update(inbox).where(inbox.c.id == item.id).values(**values))

        await self._writer.write(Point.DEFER, work)

    async def give_up(self, item: Item, state: str, reason: str) -> Settled:
        """`refused` or `broken`: the item is final; requests get the reason as their result."""

        def work(conn: sa.Connection) -> Settled:
            if not is_open(conn, item.id):
                return Settled([])
            close_item(conn, item.id, self.now(), state, reason)
            if item.source is Source.COMMAND:
                conn.execute(sa.update(inbox).where(inbox.c.id == item.id).values(result={"error": reason}))
            settlement = self._settlement(conn, item.id, {}, [])
            told = decide.after_broken(f"{item.source} {item.kind}", None, reason)
            return Settled(apply(settlement, told if state == "broken" else []))

        return await self._writer.write(Point.DEFER, work)

    # -------------------------------------------------------------- out

    async def waiting_rows(self) -> list[Ref]:
        """Every undelivered outbox row, oldest first: asked once, at start."""

        def query(conn: sa.Connection) -> list[Ref]:
            columns = (
                outbox.c.id,
                outbox.c.target,
                outbox.c.lane,
                outbox.c.room,
                outbox.c.priority,
                outbox.c.not_before,
            )
            rows = conn.execute(sa.select(*columns).where(outbox.c.state == "ready").order_by(outbox.c.id))
            return [ref(dict(r._mapping)) for r in rows]

        return await self._writer.read(query)

    async def outgoing(self, row: Ref) -> Outgoing | None:
        """Claim a row; None when it is not to be sent now: gone, or being decided about.

        A mail is marked as begun before the relay is asked: after a crash nobody may change
        what the relay may have accepted.
        """
        if row.id in self._frozen:
            return None
        if row.target is Source.EMAIL:
            self._sending.add(row.id)
        loaded = await self._writer.read(lambda conn: self._load(conn, row.id))
        if loaded is None:
            self._sending.discard(row.id)
            return None
        found, payload, progress = loaded

        def keep(reached: Json) -> Also:
            def work(conn: sa.Connection) -> None:
                key = self.keys.person(conn, found.participant_id)
                sealed = key.seal(json.dumps(reached).encode(), f"outbox/{row.id}/progress")
                conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(progress=sealed))

            return work

        async def save(reached: Json) -> None:
            await self._writer.write(Point.PROGRESS, keep(reached))

        if row.target is Source.EMAIL and not progress:
            await save({"begun": self.now()})
        return Outgoing(
            found.id, found.kind, payload, progress, found.created, found.tries, keep, save, self.blob
        )

    def _load(self, conn: sa.Connection, row_id: int) -> tuple[sa.Row[Any], Json, Json] | None:
        """The row, its payload as the case stands now, and how far an earlier try came."""
        found = conn.execute(
            sa.select(outbox).where(outbox.c.id == row_id, outbox.c.state == "ready")
        ).one_or_none()
        if found is None:
            return None
        gather = Gather(conn, self.keys, self.now(), self._operators, lambda _: False)
        progress: Json = {}
        if found.progress is not None:
            key = self.keys.person(conn, found.participant_id)
            progress = json.loads(key.open(found.progress, f"outbox/{row_id}/progress"))
        return found, out.payload_of(found, gather, self.keys), progress

    async def is_final(self, row: Ref) -> bool:
        """Whether the row is delivered, failed or stopped."""
        query = sa.select(outbox.c.state).where(outbox.c.id == row.id)
        state: str = await self._writer.read(lambda conn: conn.execute(query).scalar_one())
        return state != "ready"

    async def blob(self, blob: int) -> bytes:
        """The bytes of an attachment."""

        def query(conn: sa.Connection) -> tuple[str | None, bytes]:
            row = conn.execute(sa.select(blobs).where(blobs.c.id == blob)).one_or_none()
            if row is None:
                raise Broken("an attachment is gone")
            key = self.keys.person(conn, row.participant_id)
            return row.file, key.open(row.data, f"blobs/{blob}/data")

        name, data = await self._writer.read(query)
        if name is None:
            return data
        return Key(data).open(await self._files.read(name), "file")

    async def delivered(self, row: Ref, outcome: Outcome) -> Settled:
        """The row has arrived, and what follows from it."""
        return await self._finish(row, lambda f, s: out.arrived(f, outcome.facts, s))

    async def fail(self, row: Ref, reason: str, state: str = "failed") -> Settled:
        """The row will not arrive (`failed` by the other side's word, `broken` by ours)."""
        return await self._finish(row, lambda f, s: out.failed(f, reason, s, state))

    async def _finish(
        self,
        row: Ref,
        follow: Callable[[sa.Row[Any], Settlement], list[decide.Effect]],
    ) -> Settled:
        def work(conn: sa.Connection) -> tuple[Settled, list[str]]:
            found = conn.execute(sa.select(outbox).where(outbox.c.id == row.id)).one()
            if found.state != "ready":
                return Settled([]), []
            settlement = self._settlement(conn, None, {}, [])
            if found.kind in ("file", "mail"):
                settlement.drop_blobs(out.attached(found, settlement))
            refs = apply(settlement, follow(found, settlement))
            return Settled(refs), settlement.spare

        try:
            settled, names = await self._writer.write(Point.DELIVERED, work)
        finally:
            self._sending.discard(row.id)
        self._files.discard(names)
        return settled

    async def postpone(self, row: Ref, after: float, reason: str) -> Ref:
        """Try the row again in `after` seconds."""
        until = self.now() + int(after * 1000)
        values: Json = {"not_before": until, "tries": outbox.c.tries + 1, "reason": reason}

        def work(conn: sa.Connection) -> None:
            conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(**values))

        try:
            await self._writer.write(Point.POSTPONE, work)
        finally:
            self._sending.discard(row.id)
        return Ref(row.id, row.target, row.lane, row.room, row.priority, until)

    # -------------------------------------------------------------- what it holds

    async def remember_room(self, room_id: str, kind: RoomKind, slug: str | None = None) -> None:
        """Note a room of ours that belongs to no provisioning (control, direct)."""
        row = {"room_id": room_id, "slug": slug, "kind": kind.value}
        await self._writer.write(Point.HOUSEKEEPING, lambda conn: upsert(conn, rooms, [row]))

    async def result(self, item: int) -> Json | None:
        """The outcome of a request, None while there is none."""
        query = sa.select(inbox.c.result).where(inbox.c.id == item)
        found: Json | None = await self._writer.read(lambda conn: conn.execute(query).scalar_one())
        return found

    async def consultations(self) -> list[reports.StoredConsultation]:
        return await self._writer.read(reports.all_consultations)

    async def rooms(self) -> list[tuple[str, RoomKind, str | None]]:
        """Room ID, kind and slug of every room we keep."""
        return await self._writer.read(reports.all_rooms)

    async def numbers(self) -> dict[str, float]:
        """Counts for `/metrics`."""
        return await self._writer.read(reports.numbers)

    async def tidy(self) -> None:
        """Forget what is kept no longer; to be called every hour."""
        now = self.now()
        names = await self._writer.write(Point.HOUSEKEEPING, lambda conn: housekeeping.tidy(conn, now))
        await self._files.remove(names)
