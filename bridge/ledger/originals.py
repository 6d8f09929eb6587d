"""What citizens sent, shown once more: the mail as it came, and files that lie encrypted already."""

from __future__ import annotations

import json

import sqlalchemy as sa

from bridge.casework import effects as fx
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import blobs, events, files, inbox
from bridge.model import Case, EventKind, Json, Source

NAME = "original.eml"


def original(s: Settlement, effect: fx.Original) -> None:
    """Post the mail behind the named message, or behind the case's latest one."""
    case = s.case(effect.case)
    kept = _origin(s, case, effect.to)
    if kept is None:
        s.post(case, "notice", {"text": effect.missing, "to": effect.answer})
        return
    blob = s.ids()
    row = {"id": blob, "participant_id": case.participant.id, "size": 0, "original": kept}
    s.conn.execute(sa.insert(blobs), row)
    payload = {"filename": NAME, "mime": "message/rfc822", "size": None, "blob": blob}
    s.post(case, "file", {**payload, "once": True})


def _origin(s: Settlement, case: Case, event_id: str | None) -> int | None:
    """The inbox item of a mail that is kept still."""
    query = (
        sa.select(events.c.origin)
        .join(inbox, inbox.c.id == events.c.origin)
        .where(
            events.c.case_id == case.id,
            events.c.kind == EventKind.WORDS.value,
            inbox.c.source == Source.EMAIL.value,
            inbox.c.wrapped_key.is_not(None),
        )
    )
    if event_id is not None:
        query = query.where(events.c.event_id == event_id)
    return s.conn.execute(query.order_by(events.c.origin.desc()).limit(1)).scalar_one_or_none()


def remember(s: Settlement, case: int, participant: int, content: Json) -> None:
    """A citizen's file was posted: `content` says how to show it again."""
    row = s.ids()
    key = s.keys.person(s.conn, participant)
    sealed = key.seal(json.dumps(content).encode(), f"files/{row}/content")
    s.conn.execute(
        sa.insert(files), {"id": row, "case_id": case, "participant_id": participant, "content": sealed}
    )


def again(s: Settlement, source: Case, into: Case) -> None:
    """Post the files of `source` in the thread of `into`; their ciphertexts are where they were."""
    rows = s.conn.execute(sa.select(files).where(files.c.case_id == source.id).order_by(files.c.id)).all()
    for row in rows:
        key = s.keys.person(s.conn, row.participant_id)
        s.post(into, "file", json.loads(key.open(row.content, f"files/{row.id}/content")))
