"""How answers reach a citizen: what is written down when they confirm, choose, or are told a step."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.casework import effects as fx
from bridge.ledger import pages as on_pages
from bridge.ledger import timeline
from bridge.ledger.page_tables import pages
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import held_mails, inbox


def confirmed(s: Settlement, effect: fx.Confirmed) -> None:
    """What was held back is new again; the dispatcher finds it as one of another process."""
    row = on_pages.find(s.conn, effect.page)
    if row is None:
        return
    s.conn.execute(sa.update(pages).where(pages.c.id == row.id).values(confirmed=True))
    sent = on_pages.submission(s.conn, row)
    if sent is not None and sent.state == "held":
        s.conn.execute(sa.delete(held_mails).where(held_mails.c.id == sent.id))
        s.conn.execute(sa.update(inbox).where(inbox.c.id == sent.id).values(state="new", next_at=s.now))


def set_reach(s: Settlement, effect: fx.SetReach) -> None:
    s.update_person(s.case(effect.case), reach=effect.reach.value)


def set_language(s: Settlement, effect: fx.SetLanguage) -> None:
    """Of the page, and of whoever is behind its case."""
    row = on_pages.find(s.conn, effect.page)
    if row is None:
        return
    s.conn.execute(sa.update(pages).where(pages.c.id == row.id).values(language=effect.language))
    if row.case_id is not None:
        s.update_person(s.case(row.case_id), language=effect.language)


def step(s: Settlement, effect: fx.Step) -> None:
    """Where nobody has a page there is nobody to see it; that it arrived a page says from its beginning."""
    case = s.case(effect.case)
    if case.page is not None and effect.key != timeline.RECEIVED:
        timeline.write(s, case.id, case.participant.id, timeline.STEP, {"text": effect.key})


def opened(s: Settlement, page: int, case: int) -> None:
    """The page shows this case from now on."""
    s.conn.execute(sa.update(pages).where(pages.c.id == page).values(case_id=case))
