"""Forgetting: a citizen's key is destroyed, and with it everything that was sealed under it.

    participant   key, address, name, digests of the address
    case          only its row is left, as a number; its events are redacted in the room
    page, drafts  key, tokens, answers, files
    inbox         what was sent and is kept for some days still, or waits to be settled
    outbox        what has not gone out yet

Whoever is being told something at this moment is forgotten a moment later: what the homeserver may
have taken cannot be redacted before we know its name.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bridge.casework import effects as fx
from bridge.errors import Retry
from bridge.ledger import drafts as on_their_way
from bridge.ledger import letters
from bridge.ledger.page_tables import drafts, pages
from bridge.ledger.rows import ROUTINE
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import (
    DAY_MS,
    FORGOTTEN,
    acknowledgements,
    blobs,
    cases,
    events,
    files,
    held_mails,
    inbox,
    links,
    mail_traffic,
    marks,
    messages,
    outbox,
    participants,
)
from bridge.ledger.timeline import acts
from bridge.model import Source, Status

MOST_AT_ONCE = 100  # cases and pages that one run of the housekeeping forgets
_OPEN = ("new", "parked", "held")
_REASON = "the citizen was forgotten"


def case(s: Settlement, effect: fx.Forget) -> None:
    """Raises `Retry` while the homeserver has something of the case that we do not know the name of."""
    row = s.conn.execute(
        sa.select(cases).where(cases.c.id == effect.case, cases.c.status != FORGOTTEN)
    ).one_or_none()
    if row is None:
        return
    _await_rooms(s, row.id)
    _inbox(s, _origins(row.id))
    _redact(s, row.id)
    _outbox(s, outbox.c.case_id == row.id)
    _person(s, row)
    page_row = s.conn.execute(sa.select(pages).where(pages.c.id == row.page_id)).one_or_none()
    if page_row is not None:
        _page(s, page_row)
    left = {"status": FORGOTTEN, "subject": None, "root": None, "latest": None}
    s.update_case(row.id, **left, claims=None, page_id=None, closed_at=None, retention_days=None)


def page(s: Settlement, effect: fx.ForgetPage) -> None:
    """A page of which there is no case: what was sent on it goes with it."""
    row = s.conn.execute(sa.select(pages).where(pages.c.id == effect.page)).one_or_none()
    if row is not None:
        _page(s, row)


def due(s: Settlement) -> None:
    """Forget whose days are over since their case was closed; so many in one run that others need not
    wait."""
    for case_id in _cases_over(s.conn, s.now):
        try:
            case(s, fx.Forget(case_id))
        except Retry:  # something of it is on its way: the next run finds it again
            continue


def dropped(s: Settlement, before: int) -> None:
    """Forget pages made before that time (ms) of which nothing came and nothing will."""
    waits = sa.select(inbox.c.id).where(
        inbox.c.source == Source.FORM.value,
        inbox.c.key == pages.c.arrival,
        inbox.c.state.in_((*_OPEN, "broken")),
    )
    nothing = pages.c.case_id.is_(None), pages.c.wrapped_key.is_not(None), pages.c.created < before
    query = sa.select(pages).where(*nothing, sa.not_(waits.exists())).limit(MOST_AT_ONCE)
    for row in s.conn.execute(query).all():
        _page(s, row)


def _cases_over(conn: sa.Connection, now: int) -> list[int]:
    over = cases.c.closed_at + sa.cast(cases.c.retention_days, sa.BigInteger) * DAY_MS < now
    ended = cases.c.status.in_((Status.CLOSED.value, Status.DISCARDED.value))
    query = sa.select(cases.c.id).where(ended, cases.c.retention_days.is_not(None), over)
    return list(conn.execute(query.order_by(cases.c.closed_at).limit(MOST_AT_ONCE)).scalars())


# ------------------------------------------------------------------ the room


def _await_rooms(s: Settlement, case_id: int) -> None:
    begun = sa.select(outbox.c.id).where(
        outbox.c.case_id == case_id,
        outbox.c.target == Source.MATRIX.value,
        outbox.c.state == "ready",
        outbox.c.progress.is_not(None),  # stored before the homeserver is asked
    )
    if s.conn.execute(begun.limit(1)).first() is not None:
        raise Retry("something about this case is on its way to the room", after=1)


def _redact(s: Settlement, case_id: int) -> None:
    """Every event of the case's thread: ours, and what staff wrote about the citizen there."""
    found = s.conn.execute(
        sa.select(events.c.event_id, events.c.room_id)
        .where(events.c.case_id == case_id)
        .order_by(events.c.ts)
    ).all()
    for event in found:
        payload = {"room": event.room_id, "event_id": event.event_id}
        s.rows.add("redact", payload, lane=f"redact:{case_id}", room=event.room_id, priority=ROUTINE)
    of_case = sa.select(events.c.event_id).where(events.c.case_id == case_id)
    s.conn.execute(sa.delete(marks).where(marks.c.event_id.in_(of_case)))
    s.conn.execute(sa.delete(events).where(events.c.case_id == case_id))


# ------------------------------------------------------------------ what was sealed


def _person(s: Settlement, row: sa.Row[Any]) -> None:
    mine = row.participant_id
    mac = sa.select(participants.c.address_mac).where(participants.c.id == mine).scalar_subquery()
    for counted in (acknowledgements, mail_traffic):
        s.conn.execute(sa.delete(counted).where(counted.c.address_mac == mac))
    s.spare += s.conn.execute(
        sa.select(blobs.c.file).where(blobs.c.participant_id == mine, blobs.c.file.is_not(None))
    ).scalars()
    for table in (blobs, files, messages, links):
        s.conn.execute(sa.delete(table).where(table.c.participant_id == mine))
    nobody = {"wrapped_key": None, "address_mac": None, "address": None, "name": None, "bounces": 0}
    nobody |= {"leave_mac": None, "no_mailings": False}
    s.conn.execute(sa.update(participants).where(participants.c.id == mine).values(**nobody))
    s.keys.drop(mine)
    s.forgotten.append(mine)


def _page(s: Settlement, row: sa.Row[Any]) -> None:
    sent = sa.and_(inbox.c.source == Source.FORM.value, inbox.c.key == row.arrival)
    _inbox(s, sa.or_(sent, acts(row.id)))
    _outbox(s, outbox.c.lane == letters.lane(row.id))
    s.spare += on_their_way.drop(s.conn, sa.or_(drafts.c.page == row.id, drafts.c.changes == row.id))
    nothing = {"mac": None, "confirm_mac": None, "wrapped_key": None, "data": None, "letter": None}
    s.conn.execute(sa.update(pages).where(pages.c.id == row.id).values(**nothing))


def _origins(case_id: int) -> sa.ColumnElement[bool]:
    """What came in and was shown in the case, and what staff wrote there."""
    shown = sa.select(outbox.c.origin).where(outbox.c.case_id == case_id, outbox.c.origin.is_not(None))
    kept = sa.select(events.c.origin).where(events.c.case_id == case_id, events.c.origin.is_not(None))
    said = sa.select(events.c.event_id).where(events.c.case_id == case_id)
    staff = sa.and_(inbox.c.source == Source.MATRIX.value, inbox.c.key.in_(said))
    return sa.or_(inbox.c.id.in_(shown), inbox.c.id.in_(kept), staff)


def _inbox(s: Settlement, which: sa.ColumnElement[bool]) -> None:
    """These items are over, and nothing of what they said is left."""
    ids = list(s.conn.execute(sa.select(inbox.c.id).where(which)).scalars())
    mine = inbox.c.id.in_(ids)
    s.spare += s.conn.execute(sa.select(inbox.c.file).where(mine, inbox.c.file.is_not(None))).scalars()
    over = {"state": "refused", "reason": _REASON, "settled_at": s.now}
    s.conn.execute(sa.update(inbox).where(mine, inbox.c.state.in_(_OPEN)).values(**over))
    nothing = {"raw": None, "file": None, "meta": None, "wrapped_key": None}
    s.conn.execute(sa.update(inbox).where(mine).values(**nothing))
    s.conn.execute(sa.delete(held_mails).where(held_mails.c.id.in_(ids)))


def _outbox(s: Settlement, which: sa.ColumnElement[bool]) -> None:
    """These rows go nowhere any more, and nothing of what they said is left."""
    over = {"state": "stopped", "reason": _REASON, "done_at": s.now}
    s.conn.execute(sa.update(outbox).where(which, outbox.c.state == "ready").values(**over))
    s.conn.execute(sa.update(outbox).where(which).values(payload=None, progress=None))
