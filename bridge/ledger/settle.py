"""Effects become rows: the one place where a decision is written down.

Called inside the deciding transaction, so that new state and outbox rows are one commit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from bridge import reference as references_of
from bridge import specs
from bridge.casework import effects as fx
from bridge.errors import Retry
from bridge.ledger import forgetting, holding, letters, mailings, mails, originals, reaching, timeline
from bridge.ledger.outgoing import close_row
from bridge.ledger.rows import NEW, ROUTINE, Ref
from bridge.ledger.settlement import Settlement
from bridge.ledger.sql import insert_new, upsert
from bridge.ledger.tables import (
    DAY_MS,
    cases,
    consultations,
    events,
    inbox,
    links,
    marks,
    messages,
    outbox,
    participants,
    references,
    rooms,
    told,
)
from bridge.model import Case, Consultation, Json, RoomKind, Status

OPEN = ("new", "parked")  # states of an inbox item that waits to be settled


def apply(s: Settlement, effects: Sequence[fx.Effect]) -> list[Ref]:
    """Write every effect in order; the new outbox rows.  Raises fates; then nothing is kept."""
    for effect in effects:
        _HANDLERS[type(effect)](s, effect)
    return s.rows.flush()


def open_case(s: Settlement, new: fx.OpenCase) -> None:
    desk = s.gather.desk(new.slug)
    if desk is None:
        raise Retry(f"the rooms of {new.slug} are not ready yet", after=2)
    person, case_id = s.ids(), s.ids()
    key, wrapped = s.keys.new()
    s.keys.remember(person, key)

    def sealed(text: str | None, table: str, row: int, column: str) -> bytes | None:
        return None if text is None else key.seal(text.encode(), f"{table}/{row}/{column}")

    s.conn.execute(
        sa.insert(participants),
        {
            "id": person,
            "wrapped_key": wrapped,
            "address_mac": None if new.address is None else s.keys.address_mac(new.address),
            "address": sealed(new.address, "participants", person, "address"),
            "name": sealed(new.name, "participants", person, "name"),
            "language": new.language,
            "reach": new.reach.value,
        },
    )
    s.conn.execute(
        sa.insert(cases),
        {
            "id": case_id,
            "reference": new.reference or new_reference(s, new.slug),
            "slug": new.slug,
            "participant_id": person,
            "channel": new.channel.value,
            "status": (Status.LOCKED if new.locked else Status.OPEN).value,
            "subject": sealed(new.subject, "cases", case_id, "subject"),
            "room_id": desk,
            "claims": new.claims,
            "opened": s.now,
            "trust": None if new.trust is None else new.trust.value,
            "page_id": new.page,
            "retention_days": new.retention_days,
        },
    )
    if new.page is not None:
        reaching.opened(s, new.page, case_id)
    s.conn.execute(
        sa.insert(links),
        {
            "mac": s.keys.token_mac(s.token(case_id, person)),
            "case_id": case_id,
            "participant_id": person,
            "created": s.now,
            "expires": None,
            "revoked": False,
        },
    )
    s.opened = case_id
    head(s, s.case(case_id), edit=False)


def new_reference(s: Settlement, slug: str) -> str:
    for _ in range(20):
        name = references_of.new(slug, s.random)
        if insert_new(s.conn, references, {"reference": name, "reserved_for": None}):
            return name
    raise Retry("no free reference was found")


def move(s: Settlement, case: Case, status: Status) -> None:
    if case.status is status:
        return
    ended = status in (Status.CLOSED, Status.DISCARDED)
    s.update_case(case.id, status=status.value, closed_at=s.now if ended else None)
    head(s, case, edit=True)


def join(s: Settlement, effect: fx.Join) -> None:
    """Post the locked case's words again where they belong; the locked one is over."""
    into, source = s.case(effect.into), s.case(effect.case)
    said = s.conn.execute(
        sa.select(messages).where(messages.c.case_id == source.id, messages.c.inward).order_by(messages.c.id)
    ).all()
    key = s.keys.person(s.conn, source.participant.id)
    for row in said:
        body = json.loads(key.open(row.body, f"messages/{row.id}/body"))
        words(s, fx.Words(into.id, body["text"], body["html"]), moved=True)
    originals.again(s, source, into)
    move(s, source, Status.CLOSED)
    move(s, into, Status.OPEN)


def head(s: Settlement, case: Case, *, edit: bool) -> None:
    s.post(case, "head", {"edit": edit}, ROUTINE if edit else NEW)


def words(s: Settlement, effect: fx.Words, *, moved: bool = False) -> None:
    """`moved`: somebody wrote them to another case; they are shown here, and never quoted in a mail."""
    case = s.case(effect.case)
    body: Json = {"text": effect.text, "html": effect.html, "moved": moved, "own": effect.own}
    body["files"] = timeline.named(effect.files)
    kind = timeline.CHANGE if effect.change else timeline.WORDS
    timeline.write(s, case.id, case.participant.id, kind, body, effect.message_id)
    said = {"text": effect.text, "html": effect.html, "folded": effect.folded}
    s.post(case, "words", said, origin=s.rows.inbox_id)
    for file in effect.files:
        stored = s.blob(case, file)
        payload = {"filename": file.name, "mime": file.mime, "size": len(file.data)}
        s.post(case, "file", {**payload, "blob": stored["blob"]}, origin=s.rows.inbox_id)


def record(s: Settlement, effect: fx.Record) -> None:
    row = {
        "event_id": effect.event_id,
        "room_id": effect.room_id,
        "case_id": effect.case,
        "kind": effect.kind.value,
        "sender": effect.sender,
        "device": effect.device,
        "ts": effect.ts,
        "threaded": effect.threaded,
    }
    upsert(s.conn, events, [row])


def mark(s: Settlement, effect: fx.SetMark) -> None:
    """The new reaction first, then the old one goes: there is never a moment without."""
    before = s.conn.execute(sa.select(marks).where(marks.c.event_id == effect.event_id)).one_or_none()
    if before is not None and before.mark == effect.mark.value:
        return
    lane, room = f"mark:{effect.event_id}", effect.room_id
    payload = {"room": room, "event_id": effect.event_id, "mark": effect.mark.value}
    new = s.rows.add("mark", payload, lane=lane, room=room)
    if before is not None:
        payload = {"room": room, "row": before.outbox_id}
        s.rows.add("unmark", payload, lane=lane, room=room, priority=ROUTINE)
    upsert(
        s.conn,
        marks,
        [{"event_id": effect.event_id, "outbox_id": new, "mark": effect.mark.value}],
    )


def provision(s: Settlement, effect: fx.Provision) -> None:
    wanted = effect.consultation
    spec = specs.dump(wanted)
    for row, waiting in _waiting_invites(s, wanted.slug):
        if waiting["user_id"] not in wanted.people:
            close_row(s.conn, row, s.now, "stopped", "no longer in the consultation's list of people")
    told = _forms_changed(s, wanted, effect.forms)
    upsert(
        s.conn,
        consultations,
        [
            {
                "slug": wanted.slug,
                "mailbox": wanted.mailbox,
                "spec": spec,
                "digest": effect.digest,
                "forms": list(effect.forms),
            }
        ],
    )
    payload = {"consultation": spec, "digest": effect.digest, "forms": told}
    s.rows.add("provision", payload, lane=f"rooms:{wanted.slug}", request=True)
    s.waits = True


def _forms_changed(s: Settlement, wanted: Consultation, forms: Sequence[str]) -> list[str]:
    """What becomes of the pages, for whoever applied the file."""
    row = s.conn.execute(
        sa.select(consultations.c.spec, consultations.c.forms).where(consultations.c.slug == wanted.slug)
    ).one_or_none()
    before = {} if row is None else dict(zip(specs.load(row.spec).forms, row.forms, strict=False))
    after = dict(zip(wanted.forms, forms, strict=False))
    return [
        *(f"form {name}: new" for name in after if name not in before),
        *(f"form {name}: changed" for name in after if before.get(name, after[name]) != after[name]),
        *(f"form {name}: taken away" for name in before if name not in after),
    ]


def invite(s: Settlement, effect: fx.Invite) -> None:
    room = s.conn.execute(
        sa.select(rooms.c.room_id).where(
            rooms.c.slug == effect.slug, rooms.c.kind == RoomKind(effect.room).value
        )
    ).scalar_one_or_none()
    if room is None:
        raise Retry(f"the rooms of {effect.slug} are not ready yet", after=2)
    lane = f"{_invites(effect.slug)}{effect.user_id.partition(':')[2]}"
    payload = {"room": room, "user_id": effect.user_id}
    if payload not in [waiting for _, waiting in _waiting_invites(s, effect.slug)]:
        s.rows.add("invite", payload, lane=lane, room=room)


def _invites(slug: str) -> str:
    """The beginning of the lanes of a consultation's invites: one for each server, so that one that
    is away holds up its own people only."""
    return f"invite:{slug}:"


def _waiting_invites(s: Settlement, slug: str) -> list[tuple[int, Json]]:
    """The invites of a consultation that are not delivered yet: outbox ID, payload."""
    found = s.conn.execute(
        sa.select(outbox.c.id, outbox.c.payload).where(
            outbox.c.state == "ready",
            outbox.c.kind == "invite",
            outbox.c.lane.startswith(_invites(slug), autoescape=True),
        )
    )
    key = s.keys.person(s.conn, None)
    return [(row.id, json.loads(key.open(row.payload, f"outbox/{row.id}/payload"))) for row in found]


def notice(s: Settlement, effect: fx.Notice) -> None:
    s.post(s.case(effect.case), "notice", {"text": effect.text, "to": effect.to}, origin=s.rows.inbox_id)


def reply(s: Settlement, effect: fx.Reply) -> None:
    if effect.once and not _first_today(s, effect.once):
        return
    payload = {"room": effect.room_id, "text": effect.text, "to": effect.to}
    s.rows.add("notice", payload, lane=f"room:{effect.room_id}", room=effect.room_id)


def tell(s: Settlement, effect: fx.Tell) -> None:
    if effect.once and not _first_today(s, effect.once):
        return
    s.rows.add("tell", {"text": effect.text}, lane="control", room="control")


def _first_today(s: Settlement, key: str) -> bool:
    """A line with a key of its own is said once a day: its key is written down with the day (UTC)."""
    return insert_new(s.conn, told, {"key": f"{key} {s.now // DAY_MS}", "at": s.now})


def direct(s: Settlement, effect: fx.Direct) -> None:
    payload = {"user_id": effect.user_id, "text": effect.text}
    s.rows.add("direct", payload, lane=f"direct:{effect.user_id}")


def moved(s: Settlement, effect: fx.Move) -> None:
    move(s, s.case(effect.case), effect.status)


def acknowledge(s: Settlement, effect: fx.Acknowledge) -> None:
    mails.acknowledge(s, s.case(effect.case), effect.copy)


def unlock(s: Settlement, effect: fx.Unlock) -> None:
    s.update_case(effect.case, status=Status.OPEN.value, claims=None)
    head(s, s.case(effect.case), edit=True)


def discard(s: Settlement, effect: fx.Discard) -> None:
    move(s, s.case(effect.case), Status.DISCARDED)


def bounced(s: Settlement, effect: fx.Bounced) -> None:
    case = s.case(effect.case)
    s.update_person(case, bounces=case.participant.bounces + 1)


def reached(s: Settlement, effect: fx.Reached) -> None:
    s.update_person(s.case(effect.case), bounces=0)


def confirm(s: Settlement, effect: fx.ConfirmIdentity) -> None:
    s.rows.add("confirm", {"user_id": effect.user_id}, lane=f"confirm:{effect.user_id}")


def stay(s: Settlement, _effect: fx.Stay) -> None:
    s.stayed = True


def stop(s: Settlement, effect: fx.StopMail) -> None:
    mails.stop_mail(s, effect.event_id)


_HANDLERS: dict[type, Callable[[Settlement, Any], None]] = {
    fx.OpenCase: open_case,
    fx.Words: words,
    fx.Notice: notice,
    fx.Reply: reply,
    fx.Tell: tell,
    fx.Direct: direct,
    fx.Move: moved,
    fx.SetMark: mark,
    fx.Record: record,
    fx.Hold: mails.hold,
    fx.Release: mails.release,
    fx.Mail: mails.mail,
    fx.ChangeMail: mails.change_mail,
    fx.StopMail: stop,
    fx.Acknowledge: acknowledge,
    fx.Letter: letters.letter,
    fx.Confirmed: reaching.confirmed,
    fx.SetReach: reaching.set_reach,
    fx.SetLanguage: reaching.set_language,
    fx.Step: reaching.step,
    fx.Forget: forgetting.case,
    fx.ForgetPage: forgetting.page,
    fx.KeepMailing: mailings.keep,
    fx.EndMailing: mailings.end,
    fx.MailOne: mailings.mail_one,
    fx.StopMailing: mailings.stop,
    fx.NoMailings: mailings.no_mailings,
    fx.Unlock: unlock,
    fx.Join: join,
    fx.Discard: discard,
    fx.Bounced: bounced,
    fx.Reached: reached,
    fx.Original: originals.original,
    fx.Arrived: holding.arrived,
    fx.HoldBack: holding.hold_back,
    fx.ReleaseHeld: holding.release,
    fx.DiscardHeld: holding.discard,
    fx.Provision: provision,
    fx.Invite: invite,
    fx.ConfirmIdentity: confirm,
    fx.Stay: stay,
}


def is_open(conn: sa.Connection, item: int) -> bool:
    """Whether the inbox item is not settled yet: a second attempt on a settled one does nothing."""
    state = conn.execute(sa.select(inbox.c.state).where(inbox.c.id == item)).scalar_one_or_none()
    return state in OPEN


def close_item(conn: sa.Connection, item: int, now: int, state: str, reason: str | None = None) -> None:
    """The inbox item is settled; its raw bytes stay for the days of grace."""
    conn.execute(
        sa.update(inbox).where(inbox.c.id == item).values(state=state, settled_at=now, reason=reason)
    )
