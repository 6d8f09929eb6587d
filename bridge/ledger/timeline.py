"""What happened to a case, as its citizen sees it: their words, staff's answers, our own steps.

Kept in `messages`, sealed under the citizen's key; what they have just sent and is not in the room
yet stands in the inbox.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from bridge.formstore import PageEntry, PageFile
from bridge.inbound import PageIn
from bridge.ledger.keys import Keys
from bridge.ledger.tables import blobs, cases, inbox, messages
from bridge.model import Attachment, Json, Source
from bridge.vault import Key

if TYPE_CHECKING:
    from bridge.ledger.settlement import Settlement

WORDS, CHANGE, REPLY, STEP, ACK = "words", "change", "reply", "step", "ack"
"""Kinds of messages; an acknowledgement is not shown."""
RECEIVED: Final = "step_received"
WITHDRAWN: Final = "step_withdrawn"
_MOST_WAITING = 20


def write(
    s: Settlement,
    case: int,
    participant: int,
    kind: str,
    body: Json,
    message_id: str | None = None,
) -> None:
    """One message of a case.  `body`: `text`, and what else is known of it; a step's is only its key."""
    row, key = s.ids(), s.keys.person(s.conn, participant)
    sealed = None if message_id is None else key.seal(message_id.encode(), f"messages/{row}/message_id")
    s.conn.execute(
        sa.insert(messages),
        {
            "id": row,
            "case_id": case,
            "participant_id": participant,
            "kind": kind,
            "inward": kind in (WORDS, CHANGE),
            "at": s.now,
            "message_id_mac": None if message_id is None else s.keys.message_id_mac(message_id),
            "message_id": sealed,
            "body": key.seal(json.dumps(body).encode(), f"messages/{row}/body"),
        },
    )


def named(files: Sequence[Attachment]) -> list[Json]:
    """The citizen's own files, of which the page shows names and sizes."""
    return [{"name": file.name, "mime": file.mime, "size": len(file.data), "blob": 0} for file in files]


def answer(conn: sa.Connection, payload: Json, files: Sequence[Json]) -> Json:
    """The body of a staff message that went out; `files` are those that are kept."""
    sizes = _sizes(conn, [file["blob"] for file in files])
    return {
        "text": payload["text"],
        "html": payload["html"],
        "who": payload["from_name"],
        "organisation": payload["organisation"],
        "files": [{**file, "size": sizes[file["blob"]]} for file in files if file["blob"] in sizes],
    }


def _sizes(conn: sa.Connection, ids: Sequence[int]) -> dict[int, int]:
    rows = conn.execute(sa.select(blobs.c.id, blobs.c.size).where(blobs.c.id.in_(ids)))
    return {row.id: row.size for row in rows}


def entries(conn: sa.Connection, keys: Keys, created: int, case: int | None) -> list[PageEntry]:
    """The timeline of a page made at `created`, oldest first, without what waits."""
    found = [PageEntry(created, "step", RECEIVED)]
    for row, body in _bodies(conn, keys, case):
        if row.kind == ACK or body.get("moved"):
            continue  # what was joined to the case may be somebody else's
        entry = _entry(row, body)
        if _continues(found[-1], entry):
            found[-1] = _together(found[-1], entry)
        else:
            found.append(entry)
    return found


def reply_file(conn: sa.Connection, keys: Keys, case: int | None, file: int) -> PageFile | None:
    """The file with this ID among those of the answers that went out."""
    for row, body in _bodies(conn, keys, case):
        if row.kind == REPLY:
            for one in _files(body):
                if one.id == file:
                    return one
    return None


def _bodies(conn: sa.Connection, keys: Keys, case: int | None) -> list[tuple[Any, Json]]:
    rows = conn.execute(
        sa.select(messages.c.id, messages.c.participant_id, messages.c.kind, messages.c.at, messages.c.body)
        .where(messages.c.case_id == case, messages.c.body.is_not(None))
        .order_by(messages.c.id)
    ).all()
    if not rows:
        return []
    key: Key = keys.person(conn, rows[0].participant_id)
    return [(row, json.loads(key.open(row.body, f"messages/{row.id}/body"))) for row in rows]


def _entry(row: Any, body: Json) -> PageEntry:
    own = body.get("own")
    return PageEntry(
        at=row.at,
        kind=row.kind,
        text=own or body["text"],
        html=None if own else body.get("html"),
        who=body.get("who", ""),
        organisation=body.get("organisation", ""),
        files=_files(body),
    )


def _files(body: Json) -> tuple[PageFile, ...]:
    return tuple(PageFile(f["blob"], f["name"], f["mime"], f["size"]) for f in body.get("files", []))


def _continues(before: PageEntry, entry: PageEntry) -> bool:
    """Parts of one long message were stored at the same moment."""
    return entry.kind == WORDS == before.kind and entry.at == before.at


def _together(before: PageEntry, entry: PageEntry) -> PageEntry:
    text = f"{before.text}\n{entry.text}"
    return PageEntry(before.at, before.kind, text, files=(*before.files, *entry.files))


# ------------------------------------------------------------------ what waits


def acts(page: int) -> sa.ColumnElement[bool]:
    """The rows of the inbox that were sent on a page, by their key: `page:<id>:<nonce>`."""
    return sa.and_(inbox.c.source == Source.FORM.value, inbox.c.key.startswith(f"page:{page}:"))


def waiting(conn: sa.Connection, page: int) -> list[sa.Row[Any]]:
    """Acts of a page that are not settled yet, oldest first."""
    states = inbox.c.state.in_(("new", "parked", "held"))
    query = sa.select(inbox).where(states, acts(page)).order_by(inbox.c.id).limit(_MOST_WAITING)
    return list(conn.execute(query).all())


def waits(at: int, act: PageIn) -> PageEntry | None:
    """How an act that waits is shown; None: it is nothing to read."""
    if act.act == "write":
        files = tuple(PageFile(0, f.name, f.mime, len(f.data)) for f in act.attachments)
        return PageEntry(at, "words", act.text, files=files, waiting=True)
    if act.act == "change":
        lines = [f"{c.label}: {c.before or '–'} → {c.after or '–'}" for c in act.changes]
        return PageEntry(at, "change", "\n".join(lines), waiting=True)
    return None


def has_page(conn: sa.Connection, case: int | None) -> bool:
    """Whether the citizen of a case sees it on a page."""
    query = sa.select(cases.c.id).where(cases.c.id == case, cases.c.page_id.is_not(None))
    return conn.execute(query).first() is not None
