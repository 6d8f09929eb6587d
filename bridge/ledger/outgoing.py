"""An outbox row on its way out, and what is written when it has arrived or failed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bridge.casework import decide
from bridge.casework.effects import Effect
from bridge.errors import Broken
from bridge.ledger import letters, originals, timeline
from bridge.ledger.gather import Gather
from bridge.ledger.keys import Keys
from bridge.ledger.settlement import Settlement
from bridge.ledger.sql import insert_new, upsert
from bridge.ledger.tables import cases, consultations, events, inbox, outbox, rooms
from bridge.model import Case, EventKind, Json, RoomKind

_THREAD = {"words": EventKind.WORDS, "file": EventKind.WORDS, "notice": EventKind.NOTICE}


def payload_of(row: sa.Row[Any], gather: Gather, keys: Keys) -> Json:
    """The payload as the channel gets it: what was settled, and where the case stands now."""
    key = keys.person(gather.conn, row.participant_id)
    payload: Json = json.loads(key.open(row.payload, f"outbox/{row.id}/payload"))
    if row.kind == "unmark":
        target = gather.conn.execute(
            sa.select(outbox.c.event_id).where(outbox.c.id == payload["row"])
        ).scalar_one_or_none()
        return {"room": payload["room"], "event_id": target}
    case = None if row.case_id is None or row.kind == "mail" else gather.case(row.case_id)
    if case is None:
        if row.kind == "notice":
            return {"root": None, "latest": None, **payload}
        return payload
    place = {"room": case.room_id, "case": case.id, "root": case.root, "latest": case.latest}
    if row.kind == "head":
        return {**place, "root": case.root if payload["edit"] else None, **_head(gather, case)}
    if case.root is None:
        raise Broken("a message of a thread came before its head line")
    return {**place, "name": case.participant.name, "profile": f"p{case.participant.id:x}", **payload}


def _head(gather: Gather, case: Case) -> Json:
    consultation = gather.consultation(case.slug)
    return {
        "reference": case.reference,
        "status": case.status.value,
        "channel": case.channel.value,
        "name": case.participant.name,
        "subject": case.subject,
        "claims": case.claims,
        "trust": None if case.trust is None else case.trust.value,
        "language": consultation.language if consultation else "en",
    }


def close_row(conn: sa.Connection, row_id: int, now: int, state: str, reason: str | None = None) -> None:
    """The row is final; its payload is forgotten."""
    conn.execute(
        sa.update(outbox)
        .where(outbox.c.id == row_id)
        .values(state=state, done_at=now, reason=reason, payload=None, progress=None)
    )


def arrived(row: sa.Row[Any], facts: Json, settlement: Settlement) -> list[Effect]:
    """Write down that `row` was delivered; the effects that follow from it."""
    conn = settlement.conn
    event_id = facts.get("event_id")
    conn.execute(
        sa.update(outbox)
        .where(outbox.c.id == row.id)
        .values(state="done", done_at=settlement.now, event_id=event_id, payload=None, progress=None)
    )
    if row.kind == "head" and row.case_id is not None:
        _head_arrived(conn, row, event_id, settlement.now)
    elif row.kind == "letter":
        letters.fate(conn, row.id, "sent")
    elif row.kind in _THREAD and row.case_id is not None and event_id:
        _remember(conn, row, event_id, _THREAD[row.kind], settlement.now)
        if row.kind == "file" and "file" in facts:
            _keep_file(row, facts["file"], settlement)
        conn.execute(sa.update(cases).where(cases.c.id == row.case_id).values(latest=event_id))
    elif row.kind == "mail":
        return _mail_arrived(row, facts, settlement)
    elif row.kind == "provision":
        return _provisioned(row, facts, settlement)
    return []


def _remember(conn: sa.Connection, row: sa.Row[Any], event_id: str, kind: EventKind, now: int) -> None:
    insert_new(
        conn,
        events,
        {
            "event_id": event_id,
            "room_id": row.room,
            "case_id": row.case_id,
            "kind": kind.value,
            "sender": "",
            "ts": now,
            "threaded": True,
            "origin": row.origin,
        },
    )


def _head_arrived(conn: sa.Connection, row: sa.Row[Any], event_id: str | None, now: int) -> None:
    """The first head line is the root; what comes later edits it.  All are to be redacted some day."""
    if event_id is None:
        raise Broken("the homeserver took a head line without naming its event")
    first = sa.update(cases).where(cases.c.id == row.case_id, cases.c.root.is_(None))
    conn.execute(first.values(root=event_id, latest=event_id))
    _remember(conn, row, event_id, EventKind.HEAD, now)


def _keep_file(row: sa.Row[Any], file: Json, settlement: Settlement) -> None:
    """How a citizen's file can be shown again; what was asked for once is not."""
    payload = _payload(row, settlement)
    if not payload.get("once"):
        content = {k: payload[k] for k in ("filename", "mime", "size")}
        originals.remember(settlement, row.case_id, row.participant_id, {**content, "file": file})


def _payload(row: sa.Row[Any], settlement: Settlement) -> Json:
    key = settlement.keys.person(settlement.conn, row.participant_id)
    payload: Json = json.loads(key.open(row.payload, f"outbox/{row.id}/payload"))
    return payload


def _mail_arrived(row: sa.Row[Any], facts: Json, settlement: Settlement) -> list[Effect]:
    _said(row, settlement, facts["message_id"])
    case = None if row.case_id is None else settlement.gather.case(row.case_id)
    if case is None or row.source_event is None:
        return []
    return decide.after_mail_sent(case, case.room_id, row.source_event)


def _said(row: sa.Row[Any], settlement: Settlement, message_id: str | None) -> None:
    """What went out, or could not go out but stands on the page."""
    payload = _payload(row, settlement)
    kept = payload["attachments"] if stays(row, settlement) else []
    body = timeline.answer(settlement.conn, payload, kept)
    kind = timeline.REPLY if _by_staff(row) else timeline.ACK
    timeline.write(settlement, row.case_id, row.participant_id, kind, body, message_id)


def _said_on_page(row: sa.Row[Any], settlement: Settlement) -> None:
    try:
        _said(row, settlement, None)
    except Broken:  # sealed under another key, for which the row fails: nobody can read it
        return


def stays(row: sa.Row[Any], settlement: Settlement) -> bool:
    """Whether the row's files are kept when it is done: answers stand on the citizen's page."""
    return _by_staff(row) and timeline.has_page(settlement.conn, row.case_id)


def _by_staff(row: sa.Row[Any]) -> bool:
    """An answer or a mailing: it stands on the page of a citizen who has one."""
    return row.kind == "mail" and (row.source_event is not None or row.mailing is not None)


def _provisioned(row: sa.Row[Any], facts: Json, settlement: Settlement) -> list[Effect]:
    """`facts`: `rooms`, `changed`, and who could not be invited, is not listed, or does not want to come."""
    conn = settlement.conn
    payload = _payload(row, settlement)
    slug = payload["consultation"]["slug"]
    upsert(
        conn,
        rooms,
        [{"room_id": room, "slug": slug, "kind": kind} for kind, room in facts["rooms"].items()],
    )
    conn.execute(
        sa.update(consultations).where(consultations.c.slug == slug).values(desk=facts["rooms"]["desk"])
    )
    wanted, kinds = settlement.gather.consultation(slug), {room: k for k, room in facts["rooms"].items()}
    people = () if wanted is None else wanted.people
    uninvited = [(RoomKind(kinds[r]), u) for r, u in facts.get("uninvited", []) if u in people]
    strangers = [u for u in facts.get("strangers", []) if u not in settlement.gather.operators]
    declined = list(facts.get("declined", []))
    if row.inbox_id is not None:
        changed = [
            *facts["changed"],
            *payload.get("forms", []),
            *(f"{kind}: {user} cannot be invited yet, and is tried again" for kind, user in uninvited),
            *(f"{user} is in the rooms but not in the file, and gets no keys" for user in strangers),
            *(f"{user} left or declined, and is not invited again" for user in declined),
        ]
        result = {"slug": slug, "changed": changed}
        conn.execute(sa.update(inbox).where(inbox.c.id == row.inbox_id).values(result=result))
    return decide.after_provisioned(slug, uninvited, strangers, declined, settlement.language)


def late(row: sa.Row[Any], reason: str, until: int, settlement: Settlement) -> list[Effect]:
    """What staff are told of an answer that the relay has not taken for a while."""
    case = _case(row, settlement)
    if row.kind != "mail" or case is None or row.source_event is None:
        return []
    consultation = settlement.gather.consultation(case.slug)
    language = consultation.language if consultation else "en"
    when = datetime.fromtimestamp(until / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return decide.after_mail_late(case, row.source_event, reason, when, language)


def failed(
    row: sa.Row[Any], reason: str, settlement: Settlement, state: str, detail: str = ""
) -> list[Effect]:
    """Write down that `row` will not be delivered; what staff and operators are told.

    Also for a row that cannot be opened any more: then nobody but the operators is told.
    """
    conn = settlement.conn
    close_row(conn, row.id, settlement.now, state, reason)
    if row.inbox_id is not None:
        conn.execute(sa.update(inbox).where(inbox.c.id == row.inbox_id).values(result={"error": reason}))
    case = _case(row, settlement)
    if row.kind == "letter":
        letters.fate(conn, row.id, "failed")
        if state == "failed":
            return []  # the page says so; staff and operators can do nothing about it
    if row.kind == "mail" and case is not None:
        return _mail_failed(row, case, detail or reason, settlement)
    if row.kind == "provision":  # so that the next request for it is not "nothing to change"
        slug = row.lane.removeprefix("rooms:")
        conn.execute(sa.update(consultations).where(consultations.c.slug == slug).values(digest=""))
    if row.kind == "tell":
        return []  # telling the control room that the control room cannot be told helps nobody
    what, reference = row.kind, None if case is None else case.reference
    if row.kind == "invite":
        what = f"invite of somebody at {row.lane.split(':', 2)[2]}"
    return decide.after_broken(what, reference, reason, settlement.language)


def _mail_failed(row: sa.Row[Any], case: Case, reason: str, settlement: Settlement) -> list[Effect]:
    if stays(row, settlement):
        _said_on_page(row, settlement)
    consultation = settlement.gather.consultation(case.slug)
    language = consultation.language if consultation else "en"
    if row.mailing is not None:
        return decide.after_mailing_failed(case, reason, language)
    if row.source_event is None:
        return decide.after_ack_failed(case, reason, language)
    return decide.after_mail_failed(case, case.room_id, row.source_event, reason, language)


def _case(row: sa.Row[Any], settlement: Settlement) -> Case | None:
    try:
        return None if row.case_id is None else settlement.gather.case(row.case_id)
    except Broken:  # forgotten, or sealed under another key: the reason for which the row fails
        return None


def attached(row: sa.Row[Any], settlement: Settlement) -> list[Json]:
    """The attachments that a row names; none where it cannot be opened any more."""
    try:
        payload = _payload(row, settlement)
    except Broken:
        return []
    if row.kind == "file":
        return [payload] if "blob" in payload else []
    return list(payload["attachments"])


def spent(row: sa.Row[Any], settlement: Settlement) -> list[Json]:
    """The files that nobody needs any more once the row is done."""
    if row.kind not in ("file", "mail") or stays(row, settlement):
        return []
    return attached(row, settlement)
