"""What is known of mailings: who could get one, which wait, and who ended theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bridge import specs
from bridge.casework import addressed, commands, mailing
from bridge.casework.known_mailing import NO_MAILING, Addressee, KnownLeaving, KnownMailing, Mailing
from bridge.formstore import Mailed, leave_key
from bridge.inbound import Inbound, RoomMessage, RoomRedaction, UnsubscribeIn
from bridge.ledger.keys import Keys
from bridge.ledger.mailing_tables import mailings
from bridge.ledger.tables import DAY_MS, FORGOTTEN, cases, consultations, inbox, outbox, participants
from bridge.model import Consultation, Reach, Source, Status

if TYPE_CHECKING:
    from bridge.ledger.gather import Gather

_AT_ONCE = 500  # cases that one query names


def known_mailing(gather: Gather, inbound: Inbound, consultation: Consultation | None) -> KnownMailing:
    """For what happens in the desk of the consultation, None for any other room."""
    if consultation is None or not isinstance(inbound, RoomMessage | RoomRedaction):
        return NO_MAILING
    if isinstance(inbound, RoomRedaction) or inbound.replaces is not None:
        target = inbound.target if isinstance(inbound, RoomRedaction) else inbound.replaces
        return KnownMailing(named=_find(gather, consultation.slug, mailings.c.event_id == target))
    command = commands.parse(inbound)
    if command is None or command.word != mailing.WORD:
        return NO_MAILING
    wish = addressed.asked(command.argument)
    if wish.kind == "act":
        return _acted(gather, wish, consultation.slug)
    codes = sa.select(mailings.c.code).where(mailings.c.slug == consultation.slug)
    return KnownMailing(
        addressees=_addressees(gather.conn, consultation.slug, wish),
        codes=tuple(gather.conn.execute(codes).scalars()),
    )


def _acted(gather: Gather, wish: addressed.Asked, slug: str) -> KnownMailing:
    named = _find(gather, slug, mailings.c.code == wish.code)
    if named is None:
        return NO_MAILING
    if wish.act == "stop":
        return _stoppable(gather, named)
    query = sa.select(mailings.c.cases).where(mailings.c.id == named.id)
    meant: list[int] = gather.conn.execute(query).scalar_one()
    found = {one.case: one for one in _among(gather.conn, slug, cases.c.id, meant)}
    return KnownMailing(addressees=tuple(found[case] for case in meant if case in found), named=named)


def _stoppable(gather: Gather, named: Mailing) -> KnownMailing:
    """The rows that wait stay where they are while this is decided."""
    rows = gather.conn.execute(
        sa.select(outbox.c.id, outbox.c.case_id, outbox.c.state, outbox.c.progress)
        .where(outbox.c.mailing == named.id, outbox.c.state != "stopped")
        .order_by(outbox.c.id)
    ).all()
    waits = [r for r in rows if r.state == "ready" and r.progress is None and gather.freeze(r.id)]
    stoppable = tuple((r.id, r.case_id) for r in waits)
    return KnownMailing(named=named, stoppable=stoppable, begun=len(rows) - len(waits))


def _find(gather: Gather, slug: str, which: sa.ColumnElement[bool]) -> Mailing | None:
    recent = mailings.c.slug == slug, mailings.c.at > gather.now - DAY_MS
    query = sa.select(mailings).where(which, *recent).order_by(mailings.c.id.desc()).limit(1)
    row = gather.conn.execute(query).one_or_none()
    if row is None:
        return None
    content = {}
    if row.content is not None:
        key = gather.keys.person(gather.conn, None)
        content = json.loads(key.open(row.content, f"mailings/{row.id}/content"))
    return Mailing(row.id, row.code, row.room_id, row.event_id, row.sender, row.state, **content)


# ------------------------------------------------------------------ who could get it


def _addressees(conn: sa.Connection, slug: str, wish: addressed.Asked) -> tuple[Addressee, ...]:
    if wish.kind == "named":
        there = {one.reference: one for one in _among(conn, slug, cases.c.reference, wish.references)}
        return tuple(there[name] for name in wish.references if name in there)
    if wish.kind == "open":
        return tuple(_people(conn, slug, cases.c.status.in_([status.value for status in addressed.OPEN])))
    return tuple(_people(conn, slug, sa.true())) if wish.kind == "all" else ()


def _among(
    conn: sa.Connection, slug: str, column: sa.Column[Any], wanted: Sequence[int | str]
) -> Iterator[Addressee]:
    """Those whose `column` is one of `wanted`, asked for so many at a time that every database takes it."""
    for at in range(0, len(wanted), _AT_ONCE):
        yield from _people(conn, slug, column.in_(wanted[at : at + _AT_ONCE]))


def _people(conn: sa.Connection, slug: str, which: sa.ColumnElement[bool]) -> Sequence[Addressee]:
    """The citizens of cases of the consultation, the newest case first."""
    rows = conn.execute(
        sa.select(
            *(cases.c.id, cases.c.reference, cases.c.status, cases.c.claims, cases.c.page_id),
            *(participants.c.reach, participants.c.address_mac, participants.c.bounces),
            participants.c.no_mailings,
        )
        .join(participants, participants.c.id == cases.c.participant_id)
        .where(cases.c.slug == slug, cases.c.status != FORGOTTEN, which)
        .order_by(cases.c.id.desc())
    ).all()
    left = _left(conn, slug)
    return [_addressee(row, left) for row in rows]


def _left(conn: sa.Connection, slug: str) -> frozenset[bytes]:
    """The digests of addresses whose owner ended the mailings of the consultation."""
    query = (
        sa.select(participants.c.address_mac)
        .join(cases, cases.c.participant_id == participants.c.id)
        .where(cases.c.slug == slug, participants.c.no_mailings, participants.c.address_mac.is_not(None))
    )
    return frozenset(bytes(mac) for mac in conn.execute(query).scalars())


def _addressee(row: Any, left: frozenset[bytes]) -> Addressee:
    address = None if row.address_mac is None else bytes(row.address_mac)
    return Addressee(
        case=row.id,
        reference=row.reference,
        status=Status(row.status),
        reach=Reach(row.reach),
        address=address,
        page=row.page_id is not None,
        joined=row.claims is not None,
        bounces=row.bounces,
        unsubscribed=row.no_mailings or (address in left and row.reach == Reach.MAIL),
    )


# ------------------------------------------------------------------ who ends theirs


def leaving(gather: Gather, left: UnsubscribeIn) -> KnownLeaving:
    row = gather.conn.execute(
        sa.select(cases.c.id, cases.c.slug, participants.c.no_mailings)
        .join(participants, participants.c.id == cases.c.participant_id)
        .where(participants.c.id == left.participant, participants.c.wrapped_key.is_not(None))
    ).one_or_none()
    if row is None:
        return KnownLeaving(None)
    return KnownLeaving(gather.consultation(row.slug), gather.case(row.id), row.no_mailings)


def mailed(conn: sa.Connection, keys: Keys, token: str) -> Mailed | None:
    """Whom the link in a mailing was made for, None for any other token."""
    row = conn.execute(
        sa.select(
            *(participants.c.id, participants.c.language, participants.c.reach, participants.c.no_mailings),
            consultations.c.spec,
        )
        .join(cases, cases.c.participant_id == participants.c.id)
        .join(consultations, consultations.c.slug == cases.c.slug)
        .where(participants.c.leave_mac == keys.page_mac(token), participants.c.wrapped_key.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    waits = sa.select(inbox.c.id).where(
        inbox.c.source == Source.FORM.value,
        inbox.c.key == leave_key(row.id),
        inbox.c.state.in_(("new", "parked")),
    )
    left = row.no_mailings or conn.execute(waits).first() is not None
    return Mailed(row.id, specs.load(row.spec).title, row.language, Reach(row.reach), left)
