"""What is known when a form, an act on a page, or a wish to come back is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.casework.known import KnownForm, KnownPage
from bridge.inbound import FormIn, PageIn, ResumeIn
from bridge.ledger.known_mail import released, traffic
from bridge.ledger.pages import data_of, find, submission
from bridge.ledger.tables import cases
from bridge.model import Source

if TYPE_CHECKING:
    from bridge.ledger.gather import Gather

_WAITING = ("new", "parked", "held")


def from_the_pages(gather: Gather, inbound: FormIn | PageIn | ResumeIn) -> KnownForm | KnownPage:
    """Everything that `decide` may ask about what came from the pages."""
    match inbound:
        case FormIn():
            return _form(gather, inbound)
        case PageIn():
            return _act(gather, inbound)
        case ResumeIn():
            return _wish(gather, inbound)


def _form(gather: Gather, form: FormIn) -> KnownForm:
    page = find(gather.conn, form.page)
    return KnownForm(
        consultation=gather.consultation(form.slug),
        acknowledged_today=gather.acknowledged(form.address, Source.FORM),
        confirmed=page is not None and page.confirmed,
        released=released(gather),
        traffic=traffic(gather, form.slug, form.address, form.network),
        desk=gather.desk(form.slug),
    )


def _act(gather: Gather, did: PageIn) -> KnownPage:
    """Nothing once the page is gone."""
    row = find(gather.conn, did.page)
    if row is None:
        return KnownPage(None)
    data = data_of(gather.keys, row)
    case = gather.case(row.case_id)
    sent = submission(gather.conn, row) if case is None else None
    return KnownPage(
        consultation=gather.consultation(row.slug),
        case=case,
        address=data["address"],
        language=row.language,
        reference=row.reference,
        title=data["title"],
        confirmed=row.confirmed,
        held=sent is not None and sent.state in _WAITING,
        item=sent.id if sent is not None and sent.state == "held" else None,
        receipt=data["receipt"],
        desk=gather.desk(row.slug),
        released=released(gather),
        retention_days=_retention_days(gather, row.case_id),
    )


def _retention_days(gather: Gather, case: int | None) -> int | None:
    query = sa.select(cases.c.retention_days).where(cases.c.id == case)
    return gather.conn.execute(query).scalar_one_or_none()


def _wish(gather: Gather, wish: ResumeIn) -> KnownPage:
    return KnownPage(
        consultation=gather.consultation(wish.slug),
        address=wish.address,
        language=wish.language,
        title=wish.title,
        desk=gather.desk(wish.slug),
    )
