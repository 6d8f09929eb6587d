"""The ledger: nothing is held in memory that a crash may not lose.

    accept ──> inbox ──> settle(item, inbound) ──> outbox ──> outgoing ──> delivered
                │  known → decide → effects, one commit  │                 postpone | fail
                └─ defer | park | refuse | broken        └─ rows: head, words, mail, mark …

One process at a time drives it (see `lease`); claims therefore live in that process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bridge.casework import decide
from bridge.casework.known import Known
from bridge.channel import Arrival, Item, ReferenceTaken
from bridge.errors import Broken
from bridge.inbound import Inbound, MailIn, RoomRedaction
from bridge.ledger import housekeeping, letters, reports
from bridge.ledger.base import Settled
from bridge.ledger.drafts import Parts
from bridge.ledger.files import LARGE
from bridge.ledger.formstore import FormStore, ReadAct
from bridge.ledger.mailing_tables import mailings
from bridge.ledger.page_tables import draft_files, drafts, pages
from bridge.ledger.pages import Ending
from bridge.ledger.sending import Sending
from bridge.ledger.settle import OPEN, apply, close_item, is_open
from bridge.ledger.settlement import Settlement, Stored
from bridge.ledger.sql import insert_new, upsert
from bridge.ledger.tables import blobs, inbox, messages, outbox, references, rooms
from bridge.model import Attachment, Json, RoomKind, Source
from bridge.points import Point
from bridge.vault import KEY_BYTES, Key

IN_MEMORY = 64 * 1024 * 1024  # bytes of raw items that one look for due ones loads, and one item more


@dataclass(frozen=True, slots=True)
class Due:
    """Items to work on, and what followed from those that could not be opened."""

    items: list[Item]
    lost: list[Settled]


class Ledger(Sending):
    """The door to everything stored.  Every method that changes something is one commit."""

    async def open(self) -> None:
        """Load keys and the highest IDs; sweep files that a crash left without a row."""

        def work(conn: sa.Connection) -> set[str]:
            self.keys.load(conn)
            for table in (inbox, outbox, messages, drafts, draft_files, pages, mailings):
                self._ids.seen(conn.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0)
            columns: tuple[sa.Column[Any], ...] = (inbox.c.file, blobs.c.file, draft_files.c.file)
            return {f for c in columns for f in conn.execute(sa.select(c).where(c.is_not(None))).scalars()}

        kept = await self._writer.write(Point.HOUSEKEEPING, work)
        await self._files.remove(await self._files.all() - kept)
        await self._clear_away([], late=True)

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
        with self._files.together() as written:
            prepared = [(arrival, await self._sealed(arrival, now, written)) for arrival in arrivals]

        def work(conn: sa.Connection) -> list[Item | None]:
            return [self._insert(conn, arrival, row) for arrival, row in prepared]

        items = await self._write(Point.ACCEPT, work, written)
        spare = [r["file"] for (_, r), i in zip(prepared, items, strict=True) if i is None and r["file"]]
        spare += [f for a, i in zip(arrivals, items, strict=True) if i is not None for f in _ended(a)]
        self._files.discard(spare)
        return items

    async def _sealed(self, arrival: Arrival, now: int, written: list[str]) -> Json:
        """The row of an arrival; what is large goes to a file, whose name joins `written`."""
        item, (key, wrapped) = self._ids(), self.keys.new()
        sealed = key.seal(arrival.raw, f"inbox/{item}/raw")
        file = await self._files.write(sealed) if len(sealed) > LARGE else None
        if file is not None:
            written.append(file)
        return {
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

    def _insert(self, conn: sa.Connection, arrival: Arrival, row: Json) -> Item | None:
        if not insert_new(conn, inbox, row, by=("source", "key")):
            return None
        if arrival.reference is not None:
            reserved = {"reference": arrival.reference, "reserved_for": arrival.key}
            if not insert_new(conn, references, reserved):
                raise ReferenceTaken(arrival.reference)
        if arrival.also is not None:
            arrival.also(conn)
        return Item(
            row["id"],
            arrival.source,
            arrival.kind,
            arrival.raw,
            arrival.meta,
            row["received"],
            key=arrival.key,
        )

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
        raw = await self._raw(row)
        meta = json.loads(key.open(row.meta, f"inbox/{row.id}/meta"))
        source = Source(row.source)
        return Item(row.id, source, row.kind, raw, meta, row.received, row.tries, row.told, row.key)

    async def settle(self, item: Item, inbound: Inbound | None) -> Settled:
        """Look up, decide and write down, in one commit.  Raises what `decide` raises."""
        stored = await self._store_large(inbound)
        frozen: list[int] = []
        done: list[Settlement] = []

        def work(conn: sa.Connection) -> Settled:
            done.clear()
            if not is_open(conn, item.id):
                return Settled([])
            if inbound is None or (isinstance(inbound, MailIn) and letters.came_back(conn, inbound)):
                close_item(conn, item.id, self.now(), "done")
                return Settled([])
            settlement = self._settlement(conn, item.id, stored, frozen, item.received)
            done.append(settlement)
            known: Known = settlement.gather.known(inbound)
            refs = apply(settlement, decide.decide(inbound, known, self._settings))
            if isinstance(inbound, RoomRedaction):
                self._withdraw(conn, inbound)
            self._close(conn, item, settlement)
            return Settled(refs, settlement.stayed)

        names = [name for name, _ in stored.values()]
        try:
            settled = await self._write(Point.SETTLE, work, names)
        finally:
            for row in frozen:
                self._thaw(row)
        used = {name for settlement in done for name in settlement.used}
        self._files.discard([name for name in names if name not in used])
        await self._clear_away(done)
        return settled

    def _close(self, conn: sa.Connection, item: Item, settlement: Settlement) -> None:
        """The item is settled, unless it is held back or stays parked."""
        mine = sa.update(inbox).where(inbox.c.id == item.id)
        if settlement.held:
            conn.execute(mine.values(state="held"))
        elif settlement.stayed:
            conn.execute(mine.values(told=True))
        else:
            close_item(conn, item.id, self.now(), "done")
            if not settlement.waits and item.source is Source.COMMAND:
                nothing: Json = {"changed": []}
                conn.execute(mine.values(result=nothing))

    def _withdraw(self, conn: sa.Connection, redaction: RoomRedaction) -> None:
        """A message that was redacted before it could be read (its key is missing) is not obeyed later."""
        row = conn.execute(
            sa.select(inbox).where(
                inbox.c.source == Source.MATRIX.value,
                inbox.c.key == redaction.target,  # the event ID
                inbox.c.state.in_(OPEN),
                inbox.c.raw.is_not(None),
            )
        ).one_or_none()
        if row is None:
            return
        event = json.loads(self.keys.unwrap(row.wrapped_key).open(row.raw, f"inbox/{row.id}/raw"))
        if event.get("room_id") == redaction.room_id:
            close_item(conn, row.id, self.now(), "refused", "it was redacted before it could be read")

    async def _store_large(self, inbound: Inbound | None) -> Stored:
        """Large attachments go to files before the commit that names them."""
        stored: dict[int, tuple[str, bytes]] = {}
        files: tuple[Attachment, ...] = getattr(inbound, "attachments", ())
        with self._files.together() as written:
            for file in files:
                if len(file.data) > LARGE:
                    raw = os.urandom(KEY_BYTES)
                    written.append(await self._files.write(Key(raw).seal(file.data, "file")))
                    stored[id(file)] = (written[-1], raw)
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
            language = self._settings.language
            told = decide.after_broken(f"{item.source} {item.kind}", None, reason, language)
            return Settled(apply(settlement, told if state == "broken" else []))

        return await self._writer.write(Point.DEFER, work)

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

    def forms(self, read_act: ReadAct) -> FormStore:
        """What the pages need stored; `read_act` reads what somebody did on a page."""
        parts = Parts(self._writer, self.keys, self._files, self._ids, self.now)
        return FormStore(parts, read_act, self._raw, self.blob)

    async def tidy(self) -> Settled:
        """Forget what is kept no longer; to be called every hour."""
        done: list[Settlement] = []

        def work(conn: sa.Connection) -> Settled:
            done[:] = [self._settlement(conn, None, {}, [])]
            housekeeping.tidy(done[0])
            return Settled(done[0].rows.flush())

        settled = await self._writer.write(Point.HOUSEKEEPING, work)
        await self._clear_away(done, late=True)
        return settled


def _ended(arrival: Arrival) -> list[str]:
    """The files of the draft that ended with an arrival."""
    return arrival.also.spare if isinstance(arrival.also, Ending) else []
