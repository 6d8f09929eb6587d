"""Mailings written down: kept until a yes, then one outbox row for each citizen; and who wants none."""

from __future__ import annotations

import json

import sqlalchemy as sa

from bridge.casework import effects as fx
from bridge.errors import Broken
from bridge.ledger import mails, tokens
from bridge.ledger.mailing_tables import mailings
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import DAY_MS, cases, outbox, participants
from bridge.model import Json, Reach, Source


def keep(s: Settlement, effect: fx.KeepMailing) -> None:
    row = s.ids()
    content = {
        "text": effect.text,
        "html": effect.html,
        "from_name": effect.from_name,
        "organisation": effect.organisation,
        "signature": effect.signature,
    }
    sealed = s.keys.person(s.conn, None).seal(json.dumps(content).encode(), f"mailings/{row}/content")
    s.conn.execute(
        sa.insert(mailings),
        {
            "id": row,
            "slug": effect.slug,
            "code": effect.code,
            "room_id": effect.room_id,
            "event_id": effect.event_id,
            "sender": effect.sender,
            "state": "waiting",
            "at": s.now,
            "cases": list(effect.cases),
            "content": sealed,
        },
    )


def end(s: Settlement, effect: fx.EndMailing) -> None:
    """Raises `Broken` for one that does not wait: nobody gets it twice."""
    waits = mailings.c.id == effect.mailing, mailings.c.state == "waiting"
    done = s.conn.execute(sa.update(mailings).where(*waits).values(state=effect.state, content=None))
    if done.rowcount != 1:
        raise Broken("a mailing was ended that does not wait")


def mail_one(s: Settlement, effect: fx.MailOne) -> None:
    """Under the consultation's title where others get it too: the subject of the case is its citizen's."""
    case = s.case(effect.case)
    consultation = s.gather.consultation(case.slug)
    if consultation is None:
        raise Broken("a case belongs to no consultation")
    mailed = mails.way(case) is Source.EMAIL
    content: Json = {
        "text": effect.text,
        "html": effect.html,
        "from_name": effect.from_name,
        "organisation": effect.organisation,
        "signature": effect.signature,
        "files": [],
        "subject": consultation.title if effect.several else None,
        "mailing": effect.mailing,
        "several": effect.several,
        "unsubscribe": _leave_link(s, case.participant.id) if effect.several and mailed else None,
    }
    mails.queue_mail(s, case, None, content, effect.wait)


def _leave_link(s: Settlement, participant: int) -> str:
    """Where they end the mailings; from now on its token is known, by a digest."""
    mac = s.keys.page_mac(tokens.leave_token(s.keys, participant))
    nobody = participants.c.id == participant, participants.c.leave_mac.is_(None)
    s.conn.execute(sa.update(participants).where(*nobody).values(leave_mac=mac))
    return tokens.leave_link(s.keys, s.public_url, participant)


def stop(s: Settlement, effect: fx.StopMailing) -> None:
    """Rows that were frozen for this decision; one that has gone out all the same stays as it is."""
    for row in effect.rows:
        waits = outbox.c.id == row, outbox.c.state == "ready", outbox.c.progress.is_(None)
        over = {"state": "stopped", "payload": None, "done_at": s.now}
        s.conn.execute(sa.update(outbox).where(*waits).values(**over))


def no_mailings(s: Settlement, effect: fx.NoMailings) -> None:
    """Of whoever is written to at the same address in this consultation."""
    case = s.case(effect.case)
    mine = participants.c.id == case.participant.id
    mac = s.conn.execute(sa.select(participants.c.address_mac).where(mine)).scalar_one()
    here = sa.select(cases.c.participant_id).where(cases.c.slug == case.slug)
    mailed = participants.c.reach == Reach.MAIL.value
    same = sa.and_(participants.c.address_mac == mac, mailed, participants.c.id.in_(here))
    s.conn.execute(sa.update(participants).where(sa.or_(mine, same)).values(no_mailings=True))


def tidy(conn: sa.Connection, now: int) -> None:
    """A code is good for a day; afterwards nothing of its mailing is left."""
    conn.execute(sa.delete(mailings).where(mailings.c.at < now - DAY_MS))
