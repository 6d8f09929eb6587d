"""Answers to citizens, from the decision to the outbox: queued, held, released, changed, stopped.

An answer is a mail, or where there is none it stands on the citizen's page; it waits and is changed
alike.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from bridge.casework import effects as fx
from bridge.casework import texts
from bridge.errors import Broken
from bridge.ledger import letters
from bridge.ledger.pages import data_of, find
from bridge.ledger.rows import REPLY, ROUTINE
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import events, messages, outbox
from bridge.ledger.tokens import page_link
from bridge.model import Case, EventKind, Json, Reach, Source


def mail(s: Settlement, effect: fx.Mail) -> None:
    content = {
        "text": effect.text,
        "html": effect.html,
        "from_name": effect.from_name,
        "organisation": effect.organisation,
        "signature": effect.signature,
        "correction": effect.correction,
    }
    case = s.case(effect.case)
    files = [s.blob(case, f) for f in effect.files]
    queue_mail(s, case, effect.event_id, {**content, "files": files}, effect.wait)


def hold(s: Settlement, effect: fx.Hold) -> None:
    case = s.case(effect.case)
    content = {
        "text": effect.text,
        "html": effect.html,
        "from_name": effect.from_name,
        "organisation": effect.organisation,
        "signature": effect.signature,
        "files": [s.blob(case, f) for f in effect.files],
    }
    key = s.keys.person(s.conn, case.participant.id)
    held = key.seal(json.dumps(content).encode(), f"events/{effect.event_id}/held")
    s.kind(effect.event_id, EventKind.DOUBT, held)


def held(s: Settlement, event_id: str) -> tuple[Case, Json] | None:
    row = s.conn.execute(
        sa.select(events.c.case_id, events.c.held).where(events.c.event_id == event_id)
    ).one_or_none()
    if row is None or row.held is None:
        return None
    case = s.case(row.case_id)
    key = s.keys.person(s.conn, case.participant.id)
    return case, json.loads(key.open(row.held, f"events/{event_id}/held"))


def release(s: Settlement, effect: fx.Release) -> None:
    kept = held(s, effect.event_id)
    if kept is None:
        raise Broken("a message was released that is not held")
    s.kind(effect.event_id, EventKind.REPLY)
    queue_mail(s, kept[0], effect.event_id, kept[1], effect.wait)


def queue_mail(s: Settlement, case: Case, event_id: str | None, content: Json, wait: float) -> None:
    """An answer; who gets it, and how, is frozen here."""
    target = way(case)
    consultation = s.gather.consultation(case.slug)
    if consultation is None:
        raise Broken("a case belongs to no consultation")
    thread = chain(s, case)
    payload = {
        "to": case.participant.address if target is Source.EMAIL else None,
        "to_name": case.participant.name,
        "from_name": content["from_name"],
        "organisation": content["organisation"],
        "mailbox": consultation.mailbox,
        "token": s.token(case.id, case.participant.id),
        "subject": content.get("subject") or case.subject,
        "reference": case.reference,
        "text": content["text"],
        "html": content["html"],
        "language": case.participant.language,
        "in_reply_to": thread[-1] if thread else None,
        "references": thread,
        "automatic": content.get("automatic", False),
        "attachments": content["files"],
        "title": consultation.title,
        "signature": content.get("signature", ""),
        "quoted": None if event_id is None else last_words(s, case),
        "correction": content.get("correction", False),
        "corrected": sent_at(s, event_id) if content.get("correction") else None,
        "several": content.get("several", False),
        "unsubscribe": content.get("unsubscribe"),
    }
    mailing = content.get("mailing")
    s.rows.add(
        "mail",
        payload,
        target=target,
        lane=f"mail:{case.id}",
        room=case.slug,
        priority=REPLY if mailing is None else ROUTINE,
        mailing=mailing,
        case=case.id,
        participant=case.participant.id,
        source_event=event_id,
        not_before=s.now + int(wait * 1000),
    )


def way(case: Case) -> Source:
    """The channel that answers go by.  Raises `Broken` where there is none."""
    mailed = case.participant.reach is Reach.MAIL and case.participant.address is not None
    if not mailed and case.page is None:
        raise Broken("a mail was decided for a case without an address")
    return Source.EMAIL if mailed else Source.FORM


def last_words(s: Settlement, case: Case) -> Json | None:
    """The citizen's last message, to be quoted: its parts were stored at the same moment."""
    rows = s.conn.execute(
        sa.select(messages.c.id, messages.c.at, messages.c.body)
        .where(messages.c.case_id == case.id, messages.c.inward)
        .order_by(messages.c.id.desc())
        .limit(5)
    ).all()
    key = s.keys.person(s.conn, case.participant.id)
    parts = [
        json.loads(key.open(r.body, f"messages/{r.id}/body"))
        for r in reversed(rows)
        if r.at == rows[0].at and r.body is not None
    ]
    if not parts or any(part.get("moved") for part in parts):
        return None  # what was joined to the case may be somebody else's
    return {"at": rows[0].at, "text": "\n".join(part.get("own") or part["text"] for part in parts)}


def sent_at(s: Settlement, event_id: str | None) -> int | None:
    """When the newest mail for this staff message was handed over."""
    return s.conn.execute(
        sa.select(sa.func.max(outbox.c.done_at)).where(
            outbox.c.source_event == event_id, outbox.c.kind == "mail", outbox.c.state == "done"
        )
    ).scalar_one_or_none()


def chain(s: Settlement, case: Case) -> list[str]:
    """The Message-IDs of the conversation, oldest first, the citizen's last one at the end."""
    rows = s.conn.execute(
        sa.select(messages.c.id, messages.c.message_id, messages.c.inward)
        .where(messages.c.case_id == case.id, messages.c.message_id.is_not(None))
        .order_by(messages.c.id.desc())
        .limit(20)
    ).all()
    key = s.keys.person(s.conn, case.participant.id)
    known = [
        (key.open(r.message_id, f"messages/{r.id}/message_id").decode(), r.inward) for r in reversed(rows)
    ]
    last = next((m for m, inward in reversed(known) if inward), None)
    return [m for m, _ in known if m != last] + ([last] if last else [])


def acknowledge(s: Settlement, case: Case, copy: str) -> None:
    """By mail only: what is on the page is seen there.  With a `copy` it goes to a known person."""
    if case.participant.address is None or way(case) is not Source.EMAIL:
        return
    consultation = s.gather.consultation(case.slug)
    title = consultation.title if consultation else case.slug
    if copy:
        subject, text = _copied(s, case, copy)
    else:
        letters.named(s, case.participant.address, s.now, case.channel)
        values = {"reference": case.reference, "title": title}
        # the sender's own subject would make us a carrier for anybody's words
        subject, text = (
            texts.say(case.participant.language, key, **values) for key in ("ack_subject", "ack_body")
        )
    content: Json = {
        "text": text,
        "html": None,
        "from_name": title,
        "organisation": "",
        "files": [],
        "subject": subject,
        "automatic": True,
    }
    queue_mail(s, case, None, content, 0)


def _copied(s: Settlement, case: Case, copy: str) -> tuple[str, str]:
    """Subject and text of the acknowledgement that says again what was sent, and where its page is."""
    page = find(s.conn, case.page)
    if page is None:
        raise Broken("a copy was decided for a case without a page")
    values = {
        "reference": case.reference,
        "title": str(data_of(s.keys, page)["title"]),
        "copy": copy,
        "page": page_link(s.keys, s.public_url, page.id, page.turn),
    }
    language = case.participant.language
    return texts.say(language, "ack_copy_subject", **values), texts.say(language, "ack_copy_body", **values)


def waiting(s: Settlement, event_id: str) -> Any:
    return s.conn.execute(
        sa.select(outbox.c.id, outbox.c.participant_id, outbox.c.payload)
        .where(
            outbox.c.source_event == event_id,
            outbox.c.kind == "mail",
            outbox.c.state == "ready",
            outbox.c.progress.is_(None),  # not begun: the relay cannot have it
        )
        .limit(1)
    ).one_or_none()


def change_mail(s: Settlement, effect: fx.ChangeMail) -> None:
    if (kept := held(s, effect.event_id)) is not None:
        case, content = kept
        content |= {"text": effect.text, "html": effect.html}
        key = s.keys.person(s.conn, case.participant.id)
        sealed = key.seal(json.dumps(content).encode(), f"events/{effect.event_id}/held")
        s.kind(effect.event_id, EventKind.DOUBT, sealed)
        return
    row = waiting(s, effect.event_id)
    if row is None:
        raise Broken("a mail was changed that does not wait")
    key = s.keys.person(s.conn, row.participant_id)
    payload = json.loads(key.open(row.payload, f"outbox/{row.id}/payload"))
    payload |= {"text": effect.text, "html": effect.html}
    sealed = key.seal(json.dumps(payload).encode(), f"outbox/{row.id}/payload")
    s.conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(payload=sealed))


def stop_mail(s: Settlement, event_id: str) -> None:
    if (kept := held(s, event_id)) is not None:
        s.drop_blobs(kept[1]["files"])
    row = waiting(s, event_id)
    if row is not None:
        key = s.keys.person(s.conn, row.participant_id)
        s.drop_blobs(json.loads(key.open(row.payload, f"outbox/{row.id}/payload"))["attachments"])
        s.conn.execute(
            sa.update(outbox)
            .where(outbox.c.id == row.id)
            .values(state="stopped", payload=None, done_at=s.now)
        )
    if not s.gather.sent(event_id):  # a correction that is stopped leaves an answer that went out
        s.kind(event_id, EventKind.NOTE)
