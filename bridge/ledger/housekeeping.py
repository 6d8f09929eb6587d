"""What is kept no longer than needed: raw mail some days after it settled, keys of repeats longer,
answers that were never sent, cases whose days are over."""

from __future__ import annotations

import sqlalchemy as sa

from bridge.ledger import drafts, forgetting, mailings
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import DAY_MS, acknowledgements, held_mails, inbox, mail_traffic, outbox, told

RAW_DAYS = 7  # the original, for looking at what a mail really said
REPEAT_DAYS = 60  # how long a second arrival of the same is known as one
_FINAL = ("done", "refused")  # what is broken stays until somebody looked


def tidy(s: Settlement) -> None:
    """Forget what is due: one settlement, whose `spare` are files that no row needs any more."""
    forgetting.due(s)
    forgetting.dropped(s, s.now - REPEAT_DAYS * DAY_MS)
    mailings.tidy(s.conn, s.now)
    s.spare += [*_rows(s.conn, s.now), *drafts.drop(s.conn, drafts.too_old(s.now))]


def _rows(conn: sa.Connection, now: int) -> list[str]:
    old = sa.and_(inbox.c.state.in_(_FINAL), inbox.c.settled_at < now - RAW_DAYS * DAY_MS)
    files = conn.execute(sa.select(inbox.c.file).where(old, inbox.c.file.is_not(None))).scalars().all()
    conn.execute(
        sa.update(inbox)
        .where(old, inbox.c.wrapped_key.is_not(None))
        .values(raw=None, file=None, meta=None, wrapped_key=None)
    )
    gone = now - REPEAT_DAYS * DAY_MS
    conn.execute(sa.delete(inbox).where(inbox.c.state.in_(_FINAL), inbox.c.settled_at < gone))
    conn.execute(sa.delete(outbox).where(outbox.c.state == "done", outbox.c.done_at < gone))
    conn.execute(sa.delete(acknowledgements).where(acknowledgements.c.at < now - 2 * DAY_MS))
    conn.execute(sa.delete(mail_traffic).where(mail_traffic.c.at < now - DAY_MS))
    conn.execute(
        sa.delete(held_mails).where(
            held_mails.c.state != "held", held_mails.c.at < now - REPEAT_DAYS * DAY_MS
        )
    )
    conn.execute(sa.delete(told).where(told.c.at < now - 2 * DAY_MS))
    return [f for f in files if f]
