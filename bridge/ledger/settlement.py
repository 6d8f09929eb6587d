"""One decision being written: what every handler of an effect shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from bridge.errors import Broken
from bridge.ledger.gather import Gather
from bridge.ledger.keys import Keys
from bridge.ledger.rows import NEW, REPLY, Rows
from bridge.ledger.tables import blobs, cases, events, participants
from bridge.model import Attachment, Case, EventKind, Json
from bridge.replytoken import BYTES, new_token

Stored = Mapping[int, tuple[str, bytes]]
"""Large attachments that lie in files already: id() of the attachment → file name, its key."""


@dataclass(slots=True)
class Settlement:
    """Open inside the deciding transaction.

    `language` is the control room's; `opened` is the case this decision opened; `stayed` says that
    the item remains parked; `held` that it is held back until staff name it; `waits` that its result
    comes with the delivery of a row; `spare` are files that nobody needs any more, `used` those of
    `stored` that a row names now; `forgotten` are the participants who were; `public_url` is where
    citizens find the pages.
    """

    gather: Gather
    keys: Keys
    ids: Callable[[], int]
    now: int
    rows: Rows
    stored: Stored
    random: Callable[[int], bytes]
    language: str = "en"
    public_url: str = ""
    spare: list[str] = field(default_factory=list)
    opened: int | None = None
    stayed: bool = False
    held: bool = False
    waits: bool = False
    used: set[str] = field(default_factory=set)
    forgotten: list[int] = field(default_factory=list)
    _cases: dict[int, Case] = field(default_factory=dict)

    @property
    def conn(self) -> sa.Connection:
        return self.gather.conn

    def case(self, case_id: int | None) -> Case:
        wanted = self.opened if case_id is None else case_id
        if wanted is None:
            raise Broken("a decision names a case that is not there")
        if wanted not in self._cases:
            found = self.gather.case(wanted)
            if found is None:
                raise Broken("a decision names a case that is not there")
            self._cases[wanted] = found
        return self._cases[wanted]

    def update_person(self, case: Case, **values: int | str) -> None:
        """Of the case's participant."""
        self._cases.pop(case.id, None)
        self.conn.execute(
            sa.update(participants).where(participants.c.id == case.participant.id).values(**values)
        )

    def update_case(self, case_id: int, **values: str | int | None) -> None:
        self._cases.pop(case_id, None)
        self.conn.execute(sa.update(cases).where(cases.c.id == case_id).values(**values))

    def post(
        self, case: Case, kind: str, payload: Json, priority: int | None = None, origin: int | None = None
    ) -> int:
        if priority is None:
            priority = NEW if case.root is None else REPLY
        return self.rows.add(
            kind,
            payload,
            lane=f"case:{case.id}",
            room=case.room_id,
            priority=priority,
            case=case.id,
            participant=case.participant.id,
            origin=origin,
        )

    def blob(self, case: Case, file: Attachment) -> Json:
        blob, key = self.ids(), self.keys.person(self.conn, case.participant.id)
        name, data = self.stored.get(id(file), (None, file.data))
        if name is not None:
            self.used.add(name)
        self.conn.execute(
            sa.insert(blobs),
            {
                "id": blob,
                "participant_id": case.participant.id,
                "size": len(file.data),
                "data": key.seal(data, f"blobs/{blob}/data"),
                "file": name,
            },
        )
        return {"name": file.name, "mime": file.mime, "blob": blob}

    def drop_blobs(self, files: Sequence[Json]) -> None:
        """Nobody needs these files any more."""
        if not files:
            return
        where = blobs.c.id.in_([f["blob"] for f in files])
        self.spare += self.conn.execute(
            sa.select(blobs.c.file).where(where, blobs.c.file.is_not(None))
        ).scalars()
        self.conn.execute(sa.delete(blobs).where(where))

    def kind(self, event_id: str, kind: EventKind, held: bytes | None = None) -> None:
        self.conn.execute(
            sa.update(events).where(events.c.event_id == event_id).values(kind=kind.value, held=held)
        )

    def token(self, case_id: int, participant: int) -> str:
        """The reply token: derived under a key of its own, never stored."""
        return new_token(self.keys.named("link").mac(f"{case_id}:{participant}")[:BYTES])
