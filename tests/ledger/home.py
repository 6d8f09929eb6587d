"""A ledger at home: opened on a database, fed with what was read, its outbox delivered by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.casework.settings import Settings
from bridge.channel import Arrival, Item, Outcome
from bridge.forms.packing import unpack_page
from bridge.inbound import ApplyIn, Inbound, MailIn, RoomMessage, RoomRedaction
from bridge.lanes import Lanes
from bridge.ledger import schema
from bridge.ledger.base import Settled
from bridge.ledger.engine import open_engine
from bridge.ledger.formstore import FormStore
from bridge.ledger.ledger import Ledger
from bridge.ledger.rows import Ref
from bridge.ledger.writer import Writer
from bridge.model import Attachment, Consultation, Json, Partner, Source
from bridge.points import Point, Probe, quiet
from bridge.vault import Vault

T = TypeVar("T")
MASTER = bytes(range(32))
PARK = Consultation(
    "park-2027",
    "Riverside Park 2027",
    ("en",),
    "park-2027",
    ("@clerk:alder.example",),
    (Partner("Birch County", "birch.example", ("@officer:birch.example",)),),
)
ROOMS = {"space": "!space:alder.example", "lobby": "!lobby:alder.example", "desk": "!desk:alder.example"}
DESK = ROOMS["desk"]
CLERK = PARK.staff[0]
START = 1_800_000_000.0
PAGES = "https://consult.alder.example/pages"


@dataclass(slots=True)
class Clock:
    """Seconds since 1970, moved by the test."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Sent:
    """What a channel was given, and the event it became."""

    ref: Ref
    kind: str
    payload: Json
    event_id: str | None


@dataclass(slots=True)
class Home:
    """One database, and the ledger that is open on it."""

    url: str
    folder: Path
    clock: Clock = field(default_factory=Clock)
    settings: Settings = field(default_factory=lambda: Settings(public_url=PAGES))
    probe: Probe = quiet
    lanes: Lanes = field(default_factory=Lanes)
    _numbers: Any = field(default_factory=lambda: count(1))
    _engine: AsyncEngine | None = None
    _writer: Writer | None = None
    _ledger: Ledger | None = None

    @property
    def ledger(self) -> Ledger:
        assert self._ledger is not None
        return self._ledger

    async def open(self) -> Home:
        """Start, or start again, on what the database holds."""
        self._engine = open_engine(self.url)
        await schema.migrate(self._engine)
        self._writer = Writer(self._engine, self.probe)
        self._writer.start()
        files = self.folder / "blobs"
        vault = Vault(MASTER)
        self._ledger = Ledger(
            self._engine, self._writer, vault, files, self.clock, self.settings, ("@admin:alder.example",)
        )
        await self._ledger.open()
        self.lanes = Lanes()
        for row in await self._ledger.waiting_rows():
            self.lanes.add(row)
        return self

    async def close(self) -> None:
        """Stop.  What is in memory is gone."""
        assert self._writer is not None and self._engine is not None
        await self._writer.stop()
        await self._engine.dispose()

    @property
    def store(self) -> FormStore:
        """What the pages need stored."""
        return self.ledger.forms(unpack_page)

    async def restart(self) -> None:
        await self.close()
        await self.open()

    # -------------------------------------------------------------- in

    async def item(self, source: Source = Source.MATRIX, raw: bytes = b"{}", **meta: Any) -> Item:
        """A new arrival, accepted."""
        arrival = Arrival(source, "test", f"key {next(self._numbers)}", raw, meta)
        (item,) = await self.ledger.accept([arrival])
        assert item is not None
        return item

    async def settle(self, inbound: Inbound, source: Source = Source.MATRIX) -> list[Ref]:
        """Accept and settle; the new rows also go into the lanes."""
        return self.take(await self.ledger.settle(await self.item(source), inbound))

    def take(self, settled: Settled) -> list[Ref]:
        for row in settled.refs:
            self.lanes.add(row)
        return settled.refs

    async def provision(self, consultation: Consultation = PARK) -> None:
        """The consultation's rooms are there."""
        await self.settle(ApplyIn(consultation, "digest"), Source.COMMAND)
        await self.flush()

    async def case(self, **mail: Any) -> list[Sent]:
        """A case from a mail, posted and acknowledged: head line, words …"""
        await self.settle(mail_in(**mail), Source.EMAIL)
        return await self.flush()

    # -------------------------------------------------------------- out

    async def flush(self, wait: float = 0.0) -> list[Sent]:
        """After `wait` seconds, deliver what may go, and what follows from it, as a channel would."""
        self.clock.now += wait
        sent: list[Sent] = []
        while (row := self.lanes.next(self.ledger.now())) is not None:
            out = await self.ledger.outgoing(row)
            if out is None:
                assert await self.ledger.is_final(row)
            else:
                facts = self._facts(out.kind, out.id, row.target)
                sent.append(Sent(row, out.kind, out.payload, facts.get("event_id")))
                self.take(await self.ledger.delivered(row, Outcome(facts)))
            self.lanes.done(row)
        return sent

    @staticmethod
    def _facts(kind: str, row: int, target: Source) -> Json:
        if kind == "provision":
            return {"rooms": dict(ROOMS), "changed": ["created"]}
        if target is Source.FORM:
            return {"message_id": None}
        if kind in ("mail", "letter"):
            return {"message_id": f"<{row:x}@consult.alder.example>"}
        file = {"file": {"url": "mxc://x/1"}} if kind == "file" else {}
        return {"event_id": f"$event-{row:x}", **file}

    # -------------------------------------------------------------- what is stored

    async def all(self, table: sa.Table, **where: Any) -> list[Any]:
        """The rows of a table, as they lie there, in the order of their keys."""
        query = sa.select(table).order_by(*table.primary_key)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        return await self.read(lambda conn: list(conn.execute(query).all()))

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Look into the database."""
        assert self._writer is not None
        return await self._writer.read(query)

    async def one(self, table: sa.Table, **where: Any) -> Any:
        (row,) = await self.all(table, **where)
        return row

    async def change(self, table: sa.Table, row: int, **values: Any) -> None:
        """Tamper with a row."""
        assert self._writer is not None
        statement = sa.update(table).where(table.c.id == row).values(**values)
        await self._writer.write(Point.HOUSEKEEPING, lambda conn: conn.execute(statement))

    def files(self) -> list[Path]:
        folder = self.folder / "blobs"
        return sorted(folder.iterdir()) if folder.exists() else []


def now_or_never(make: Callable[[], Any]) -> Any:
    """The result of a coroutine that must not wait for anything."""
    coroutine = make()
    try:
        coroutine.send(None)
    except StopIteration as result:
        return result.value
    coroutine.close()
    raise AssertionError("it waited")


def mail_in(
    text: str = "A bench by the river, please.",
    *,
    address: str | None = "ada@example.org",
    name: str = "Ada Park",
    subject: str = "A bench",
    token: str | None = None,
    message_id: str | None = "<in-1@example.org>",
    references: tuple[str, ...] = (),
    automatic: bool = False,
    files: tuple[Attachment, ...] = (),
) -> MailIn:
    return MailIn(
        "park-2027", token, address, name, subject, text, None, message_id, references, automatic, files
    )


_events = count(1)


def said(text: str, root: str | None, **changes: Any) -> RoomMessage:
    """A message of the clerk in a case's thread."""
    values: Json = {
        "room_id": DESK,
        "event_id": f"$said-{next(_events)}",
        "sender": CLERK,
        "sender_name": "Cleo Clerk",
        "device": "DEVICE",
        "trusted": True,
        "ts": int(START * 1000),
        "msgtype": "m.text",
        "text": text,
        "thread": root,
        "inside": text.startswith("!"),
    }
    return RoomMessage(**{**values, **changes})


def edited(message: RoomMessage, text: str) -> RoomMessage:
    return said(text, None, replaces=message.event_id)


def redacted(message: RoomMessage) -> RoomRedaction:
    return RoomRedaction(DESK, f"$gone-{next(_events)}", CLERK, message.event_id)
