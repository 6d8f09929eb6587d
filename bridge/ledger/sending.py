"""The outbox: claimed, delivered, postponed or failed.  Half of `ledger.Ledger`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from bridge.casework import decide
from bridge.channel import Also, Outcome, Outgoing
from bridge.errors import Broken
from bridge.ledger import outgoing as out
from bridge.ledger.base import Base, Settled
from bridge.ledger.gather import Gather
from bridge.ledger.rows import Ref, ref
from bridge.ledger.settle import apply
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import blobs, inbox, outbox
from bridge.model import Json, Source
from bridge.points import Point
from bridge.vault import Key

_TO_CITIZENS = (Source.EMAIL, Source.FORM)


class Sending(Base):
    """What waits to go out.  Claims live in memory: one process drives a ledger."""

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
        with self._claims:
            if row.id in self._frozen:
                return None
            if row.target in _TO_CITIZENS:
                self._sending.add(row.id)
        claimed: Outgoing | None = None
        try:
            claimed = await self._claim(row)
        finally:
            if claimed is None:
                self._sending.discard(row.id)
        return claimed

    async def _claim(self, row: Ref) -> Outgoing | None:
        loaded = await self._writer.read(lambda conn: self._load(conn, row.id))
        if loaded is None:
            return None
        found, payload, progress = loaded
        self._claimed[row.id] = found

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
        """The bytes of an attachment, or of the mail that it stands for."""

        def query(conn: sa.Connection) -> tuple[str | None, bytes] | sa.Row[Any]:
            row = conn.execute(sa.select(blobs).where(blobs.c.id == blob)).one_or_none()
            if row is None:
                raise Broken("an attachment is gone")
            if row.original is not None:
                return _kept(conn, row.original)
            key = self.keys.person(conn, row.participant_id)
            return row.file, key.open(row.data, f"blobs/{blob}/data")

        found = await self._writer.read(query)
        if isinstance(found, sa.Row):
            return await self._raw(found)
        name, data = found
        if name is None:
            return data
        return Key(data).open(await self._files.read(name), "file")

    async def delivered(self, row: Ref, outcome: Outcome) -> Settled:
        """The row has arrived, and what follows from it."""
        return await self._finish(row, lambda f, s: out.arrived(f, outcome.facts, s))

    async def fail(self, row: Ref, reason: str, state: str = "failed", detail: str = "") -> Settled:
        """The row will not arrive (`failed` by the other side's word, `broken` by ours).

        `detail` is what the other side said: staff read it in the room, nothing else keeps it.
        """
        return await self._finish(row, lambda f, s: out.failed(f, reason, s, state, detail))

    async def _finish(
        self,
        row: Ref,
        follow: Callable[[sa.Row[Any], Settlement], list[decide.Effect]],
    ) -> Settled:
        # good for one try: a COMMIT whose answer was lost may be stored, so the next one looks
        claimed = [self._claimed.pop(row.id)] if row.id in self._claimed else []

        def work(conn: sa.Connection) -> tuple[Settled, list[str]]:
            found = claimed.pop() if claimed else None
            if found is None:
                found = conn.execute(sa.select(outbox).where(outbox.c.id == row.id)).one()
            if found.state != "ready":
                return Settled([]), []
            settlement = self._settlement(conn, None, {}, [])
            settlement.drop_blobs(out.spent(found, settlement))
            refs = apply(settlement, follow(found, settlement))
            return Settled(refs), settlement.spare

        try:
            settled, names = await self._writer.write(Point.DELIVERED, work)
        finally:
            self._sending.discard(row.id)
        self._files.discard(names)
        return settled

    async def late(self, row: Ref, reason: str, until: int) -> Settled:
        """Staff are told that the row waits for the relay; it is given up at `until` (ms since 1970)."""

        def work(conn: sa.Connection) -> Settled:
            found = conn.execute(sa.select(outbox).where(outbox.c.id == row.id)).one()
            settlement = self._settlement(conn, None, {}, [])
            return Settled(apply(settlement, out.late(found, reason, until, settlement)))

        return await self._writer.write(Point.POSTPONE, work)

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
            self._claimed.pop(row.id, None)
        return Ref(row.id, row.target, row.lane, row.room, row.priority, until)


def _kept(conn: sa.Connection, item: int) -> sa.Row[Any]:
    row = conn.execute(sa.select(inbox).where(inbox.c.id == item)).one_or_none()
    if row is None or row.wrapped_key is None:
        raise Broken("the original is not kept any more")
    return row
