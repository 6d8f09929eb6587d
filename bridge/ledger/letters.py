"""Mails in fixed words to addresses of which nobody knows whose they are.

At most one a day goes to an address, from whatever form: the next one waits for its day, a third is
not written.  The page shows what became of its newest one; nobody else is told.
"""

from __future__ import annotations

import sqlalchemy as sa

from bridge.casework import effects as fx
from bridge.casework import texts
from bridge.errors import Broken
from bridge.inbound import MailIn
from bridge.ledger import tokens
from bridge.ledger.page_tables import pages
from bridge.ledger.settlement import Settlement
from bridge.ledger.tables import DAY_MS, acknowledgements, outbox
from bridge.model import Json, Source


def letter(s: Settlement, effect: fx.Letter) -> None:
    """Write it for the day on which it may go; nothing where one waits already."""
    at = next_day(s, effect.address)
    if at is None:
        return
    consultation = s.gather.consultation(effect.slug)
    if consultation is None:
        raise Broken("a letter was decided for a consultation that is not there")
    confirm = tokens.confirm_link(s.keys, s.public_url, effect.page) if effect.page else ""
    values = {"confirm": confirm, **dict(effect.values)}
    payload: Json = {
        "to": effect.address,
        "to_name": "",
        "from_name": consultation.title,
        "organisation": "",
        "mailbox": consultation.mailbox,
        "token": None,
        "subject": texts.say(effect.language, f"{effect.key}_subject", **values),
        "reference": "",
        "text": texts.say(effect.language, f"{effect.key}_body", **values),
        "html": None,
        "language": effect.language,
        "automatic": True,
        "attachments": [],
        "title": consultation.title,
    }
    row = s.rows.add(
        "letter",
        payload,
        target=Source.EMAIL,
        lane=lane(effect.page or s.ids()),
        room=effect.slug,
        not_before=at,
    )
    named(s, effect.address, at, Source.FORM)
    if effect.page:
        now = {"letter": row, "letter_state": "waiting", "letter_at": at}
        s.conn.execute(sa.update(pages).where(pages.c.id == effect.page).values(**now))


def lane(page: int) -> str:
    """Of the letters of a page."""
    return f"letter:{page}"


def next_day(s: Settlement, address: str) -> int | None:
    """When the next mail in fixed words may go to an address (ms); None: one waits already."""
    last = s.conn.execute(
        sa.select(sa.func.max(acknowledgements.c.at)).where(
            acknowledgements.c.address_mac == s.keys.address_mac(address),
            acknowledgements.c.source == Source.FORM.value,
        )
    ).scalar_one_or_none()
    if last is None or last + DAY_MS <= s.now:
        return s.now
    return last + DAY_MS if last <= s.now else None


def named(s: Settlement, address: str, at: int, source: Source) -> None:
    """An address is written to at that time without knowing whose it is."""
    row = {"id": s.ids(), "address_mac": s.keys.address_mac(address), "at": at, "source": source.value}
    s.conn.execute(sa.insert(acknowledgements), row)


def fate(conn: sa.Connection, row: int, state: str) -> None:
    """What became of a letter is shown on its page, where it is the newest one."""
    conn.execute(sa.update(pages).where(pages.c.letter == row).values(letter_state=state))


def came_back(conn: sa.Connection, mail: MailIn) -> bool:
    """Whether a mail is a machine's answer to a letter: nobody is told of it.

    It came to the signed return path of one, or returns its signed Message-ID.
    """
    if mail.returned is None or not (mail.reports or mail.automatic):
        return False
    ours = sa.select(outbox.c.id).where(outbox.c.id == mail.returned, outbox.c.kind == "letter")
    if conn.execute(ours).first() is None:
        return False
    if any(report.kind == "failed" and report.permanent for report in mail.reports):
        fate(conn, mail.returned, "failed")
    return True
