"""What is held back of mails, forms and acts on pages, and the traffic that the brake looks at."""

from __future__ import annotations

import json

import sqlalchemy as sa

from bridge.casework import effects as fx
from bridge.errors import Broken
from bridge.ledger.settlement import Settlement
from bridge.ledger.sql import upsert
from bridge.ledger.tables import WITHDRAWN, held_mails, inbox, mail_traffic
from bridge.reference import ALPHABET

_CODE = 4  # symbols


def arrived(s: Settlement, effect: fx.Arrived) -> None:
    s.conn.execute(
        sa.insert(mail_traffic),
        {
            "id": s.ids(),
            "slug": effect.slug,
            "address_mac": None if effect.address is None else s.keys.address_mac(effect.address),
            "network_mac": s.keys.network_mac(effect.network) if effect.network else None,
            "at": s.now,
        },
    )


def hold_back(s: Settlement, effect: fx.HoldBack) -> None:
    """The item waits under a code of its own until staff name it."""
    item = s.rows.inbox_id
    if item is None:
        raise Broken("only what came in can be held back")
    wrapped = s.conn.execute(sa.select(inbox.c.wrapped_key).where(inbox.c.id == item)).scalar_one()
    summary = {"sender": effect.sender, "subject": effect.subject, "excerpt": effect.excerpt}
    sealed = s.keys.unwrap(wrapped).seal(json.dumps(summary).encode(), f"held_mails/{item}/summary")
    row = {
        "id": item,
        "slug": effect.slug,
        "code": _new_code(s, effect.slug),
        "why": effect.why,
        "at": s.now,
        "state": "held",
        "summary": sealed,
    }
    upsert(s.conn, held_mails, [row])  # what was let through may be held again for another reason
    s.held = True


def _new_code(s: Settlement, slug: str) -> str:
    taken = set(
        s.conn.execute(
            sa.select(held_mails.c.code).where(held_mails.c.slug == slug, held_mails.c.state == "held")
        ).scalars()
    )
    while (code := "".join(ALPHABET[b & 31] for b in s.random(_CODE))) in taken:
        pass  # a million codes
    return code


def release(s: Settlement, effect: fx.ReleaseHeld) -> None:
    """The items are new again; the dispatcher finds them as those of another process."""
    _move(s, effect.items, "released", {"state": "new", "next_at": s.now})


def discard(s: Settlement, effect: fx.DiscardHeld) -> None:
    who = "its sender withdrew it" if effect.withdrawn else "staff dropped it from what was held back"
    values = {"state": "refused", "settled_at": s.now, "reason": who}
    _move(s, effect.items, WITHDRAWN if effect.withdrawn else "discarded", values)


def _move(s: Settlement, items: tuple[int, ...], state: str, values: dict[str, object]) -> None:
    mine = held_mails.c.id.in_(items), held_mails.c.state == "held"
    s.conn.execute(sa.update(held_mails).where(*mine).values(state=state, summary=None))
    s.conn.execute(sa.update(inbox).where(inbox.c.id.in_(items), inbox.c.state == "held").values(**values))
