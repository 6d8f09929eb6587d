"""Making outbox rows: sealed under the right key, in the right lane, with the right priority.

lane            what keeps its order
case:<id>       head line, words, files, notices of one case
mail:<id>       answers of one case to its citizen, by mail or on their page
letter:<page>   mails in fixed words to the address named on a page
redact:<id>     what is taken out of the room of a citizen who is forgotten
mark:<event>    our reactions on one staff message
rooms:<slug>    provisioning of one consultation
invite:<slug>:<server>   its invites to people of one homeserver
control, direct:<user>, confirm:<user>
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from bridge.ledger.keys import Keys
from bridge.ledger.tables import outbox
from bridge.model import Json, Source

REPLY, ROUTINE, NEW = 0, 1, 2  # priorities: what somebody waits for in an open case goes first


@dataclass(frozen=True, slots=True)
class Ref:
    """What the dispatcher must know of an outbox row to choose it.  `not_before` in ms."""

    id: int
    target: Source
    lane: str
    room: str
    priority: int
    not_before: int


@dataclass(slots=True)
class Rows:
    """Outbox rows of one settlement, inserted together at its end."""

    conn: sa.Connection
    keys: Keys
    ids: Callable[[], int]
    now: int
    inbox_id: int | None
    _rows: list[Json]

    def add(
        self,
        kind: str,
        payload: Json,
        *,
        lane: str,
        room: str = "",
        target: Source = Source.MATRIX,
        priority: int = REPLY,
        case: int | None = None,
        participant: int | None = None,
        source_event: str | None = None,
        not_before: int | None = None,
        request: bool = False,
        origin: int | None = None,
        mailing: int | None = None,
    ) -> int:
        """One row; its ID.  `request` ties the inbox item's result to its delivery; `origin` is the
        inbox item of the mail whose words or file it shows."""
        row_id = self.ids()
        key = self.keys.person(self.conn, participant)
        self._rows.append(
            {
                "id": row_id,
                "target": target.value,
                "kind": kind,
                "lane": lane,
                "room": room,
                "priority": priority,
                "state": "ready",
                "not_before": self.now if not_before is None else not_before,
                "created": self.now,
                "tries": 0,
                "case_id": case,
                "participant_id": participant,
                "inbox_id": self.inbox_id if request else None,
                "source_event": source_event,
                "origin": origin,
                "mailing": mailing,
                "payload": key.seal(json.dumps(payload).encode(), f"outbox/{row_id}/payload"),
            }
        )
        return row_id

    def flush(self) -> list[Ref]:
        """Insert what was added; the references for the dispatcher."""
        if self._rows:
            self.conn.execute(sa.insert(outbox), self._rows)
        return [ref(r) for r in self._rows]


def ref(row: Json) -> Ref:
    """The reference of a row given as a mapping."""
    return Ref(row["id"], Source(row["target"]), row["lane"], row["room"], row["priority"], row["not_before"])
