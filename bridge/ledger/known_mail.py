"""What is known when a mail is decided: whose it may be, what of ours it answers, how much there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.casework.known import HeldMail, KnownMail, Returned, Traffic
from bridge.casework.policy import binding
from bridge.inbound import MailIn
from bridge.ledger.keys import Keys
from bridge.ledger.tables import (
    cases,
    consultations,
    held_mails,
    inbox,
    links,
    mail_traffic,
    messages,
    outbox,
    participants,
)
from bridge.model import Case

if TYPE_CHECKING:
    from bridge.ledger.gather import Gather

WINDOW_MS = 3_600_000  # of the brake
_COUNTED = 5_000  # rows of traffic that are looked at: more than any limit
_NAMED = 60  # Message-IDs of a mail that are looked up


def known_mail(gather: Gather, mail: MailIn) -> KnownMail:
    """Everything that `decide` may ask about a mail."""
    addressed = gather.shelf(consultations.c.mailbox, mail.mailbox)
    by_token, revoked = _by_token(gather, mail.token) if mail.token else (None, False)
    returned = _returned(gather, mail.returned) if mail.returned is not None else None
    if by_token is None and returned is not None:
        by_token = returned.case  # somebody, or a machine, answered to the envelope's sender
    by_references = None
    if by_token is None and mail.references:
        by_references = _by_references(gather, mail.references)
    known = KnownMail(
        None if addressed is None else addressed[0],
        by_token,
        revoked,
        by_references,
        gather.acknowledged(mail.from_address),
        returned,
    )
    ours = bool(mail.reports) and returned is not None
    if addressed is None or ours or binding(mail, known).joins is not None:
        return known  # it opens no case: the brake has no say
    return KnownMail(
        known.consultation,
        by_token,
        revoked,
        by_references,
        known.acknowledged_today,
        returned,
        traffic(gather, addressed[0].slug, mail.from_address, mail.network),
        released(gather),
        addressed[1],
    )


def _by_token(gather: Gather, token: str) -> tuple[Case | None, bool]:
    """The case of a reply token, and whether the token is no longer good."""
    link = gather.conn.execute(
        sa.select(links).where(links.c.mac == gather.keys.token_mac(token))
    ).one_or_none()
    if link is None:
        return None, False
    revoked = link.revoked or (link.expires is not None and link.expires < gather.now)
    return _case(gather, link.case_id), revoked


def _by_references(gather: Gather, references: tuple[str, ...]) -> Case | None:
    """The case of the first mail of ours that is named; `references` have the nearest first."""
    macs = [gather.keys.message_id_mac(m) for m in references[:_NAMED]]
    query = sa.select(messages.c.message_id_mac, messages.c.case_id).where(
        messages.c.message_id_mac.in_(macs), messages.c.inward.is_(False)
    )
    ours = {bytes(row.message_id_mac): row.case_id for row in gather.conn.execute(query)}
    found = next((ours[mac] for mac in macs if mac in ours), None)
    return None if found is None else _case(gather, found)


def _returned(gather: Gather, row_id: int) -> Returned | None:
    """The mail of ours with that outbox ID, as long as it is remembered."""
    row = gather.conn.execute(
        sa.select(outbox.c.case_id, outbox.c.source_event).where(
            outbox.c.id == row_id, outbox.c.kind == "mail"
        )
    ).one_or_none()
    case = None if row is None or row.case_id is None else _case(gather, row.case_id)
    return None if case is None or row is None else Returned(case, row.source_event)


def _case(gather: Gather, case_id: int) -> Case | None:
    """The case, unless its citizen was forgotten: then it is nobody's, and a mail for it is a new one."""
    key = gather.conn.execute(
        sa.select(participants.c.wrapped_key)
        .join(cases, cases.c.participant_id == participants.c.id)
        .where(cases.c.id == case_id)
    ).scalar_one_or_none()
    return None if key is None else gather.case(case_id)


def traffic(gather: Gather, slug: str, from_address: str | None, from_network: str) -> Traffic:
    """What asked for new cases within the last hour: from this address, this network, in all."""
    recent = (
        sa.select(mail_traffic)
        .where(mail_traffic.c.at > gather.now - WINDOW_MS)
        .order_by(mail_traffic.c.at.desc())
        .limit(_COUNTED)
        .subquery()
    )

    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    address: sa.ColumnElement[bool] = sa.false()
    network: sa.ColumnElement[bool] = sa.false()
    if from_address is not None:
        address = recent.c.address_mac == gather.keys.address_mac(from_address)
    if from_network:
        network = recent.c.network_mac == gather.keys.network_mac(from_network)
    row = gather.conn.execute(
        sa.select(count(address), count(network), count(recent.c.slug == slug)).select_from(recent)
    ).one()
    return Traffic(int(row[0]), int(row[1]), int(row[2]))


def released(gather: Gather) -> bool:
    """Whether staff let this item through."""
    which = held_mails.c.id == gather.item
    state = gather.conn.execute(sa.select(held_mails.c.state).where(which)).scalar_one_or_none()
    return state == "released"


def held_of(conn: sa.Connection, keys: Keys, slug: str) -> tuple[HeldMail, ...]:
    """What is held back of a consultation, oldest first."""
    rows = conn.execute(
        sa.select(held_mails, inbox.c.wrapped_key)
        .join(inbox, inbox.c.id == held_mails.c.id)
        .where(held_mails.c.slug == slug, held_mails.c.state == "held")
        .order_by(held_mails.c.id)
    )
    found = []
    for row in rows:
        told = json.loads(keys.unwrap(row.wrapped_key).open(row.summary, f"held_mails/{row.id}/summary"))
        found.append(
            HeldMail(row.id, row.code, row.why, row.at, told["sender"], told["subject"], told["excerpt"])
        )
    return tuple(found)
