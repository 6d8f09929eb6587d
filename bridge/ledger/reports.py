"""What others want to see of the ledger: consultations, rooms, numbers.  Look-ups only."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bridge import specs
from bridge.ledger.page_tables import drafts
from bridge.ledger.tables import FORGOTTEN, cases, consultations, held_mails, inbox, outbox, rooms
from bridge.model import Consultation, RoomKind, Source, Status


@dataclass(frozen=True, slots=True)
class StoredConsultation:
    """A consultation, its forms' texts, whether its rooms are there, its cases not closed."""

    consultation: Consultation
    forms: tuple[str, ...]
    ready: bool
    open_cases: int


def all_consultations(conn: sa.Connection) -> list[StoredConsultation]:
    counted = (
        sa.select(cases.c.slug, sa.func.count().label("n"))
        .where(cases.c.status.not_in((Status.CLOSED.value, FORGOTTEN)))
        .group_by(cases.c.slug)
    )
    numbers = {slug: n for slug, n in conn.execute(counted)}
    return [
        StoredConsultation(
            specs.load(row.spec), tuple(row.forms), row.desk is not None, numbers.get(row.slug, 0)
        )
        for row in conn.execute(sa.select(consultations).order_by(consultations.c.slug))
    ]


def all_rooms(conn: sa.Connection) -> list[tuple[str, RoomKind, str | None]]:
    """Room ID, kind, slug."""
    return [(r.room_id, RoomKind(r.kind), r.slug) for r in conn.execute(sa.select(rooms))]


def numbers(conn: sa.Connection) -> dict[str, float]:
    """Rows by state, for `/metrics`."""
    found: dict[str, float] = {}
    for name, table in (("inbox", inbox), ("outbox", outbox)):
        for state, n in conn.execute(sa.select(table.c.state, sa.func.count()).group_by(table.c.state)):
            found[f'{name}_rows{{state="{state}"}}'] = n
    for status, n in conn.execute(sa.select(cases.c.status, sa.func.count()).group_by(cases.c.status)):
        found[f'cases{{status="{status}"}}'] = n
    for kept, n in conn.execute(
        sa.select(drafts.c.kept, sa.func.count()).where(drafts.c.sent.is_(None)).group_by(drafts.c.kept)
    ):
        found[f'drafts{{kept="{"yes" if kept else "no"}"}}'] = n
    held = sa.select(held_mails.c.why, sa.func.count()).join(inbox, inbox.c.id == held_mails.c.id)
    forms = inbox.c.source == Source.FORM.value, held_mails.c.state == "held"
    for why, n in conn.execute(held.where(*forms).group_by(held_mails.c.why)):
        found[f'submissions_held{{why="{why}"}}'] = n
    return found
