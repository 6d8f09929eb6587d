"""The pages on which citizens see what became of what they sent: made, found, revoked, ended.

A page has a key of its own, since it is there before the case.  `state` says where the submission
is; once there is a case, its status is the state.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from bridge.formstore import CasePage, NewPage, PageEntry, Values
from bridge.ledger import drafts as on_their_way
from bridge.ledger import timeline, tokens
from bridge.ledger.keys import Keys
from bridge.ledger.page_tables import drafts, pages
from bridge.ledger.tables import WITHDRAWN, cases, held_mails, inbox, participants
from bridge.model import Json, Reach, Source, Status

UNCONFIRMED = "held_unconfirmed"
"""Why a form is held back until its sender confirms the address."""
_WAYS = {"new": "received", "parked": "received", "broken": "received", "done": "received"}


def seal(keys: Keys, wrapped: bytes, page: int, data: Json) -> bytes:
    """`data`: address, title, receipt, values."""
    return keys.unwrap(wrapped).seal(json.dumps(data).encode(), f"pages/{page}/data")


def data_of(keys: Keys, row: sa.Row[Any]) -> Json:
    """The inverse, for a row of `pages` that is not forgotten."""
    data: Json = json.loads(keys.unwrap(row.wrapped_key).open(row.data, f"pages/{row.id}/data"))
    return data


def find(conn: sa.Connection, page: int | None) -> sa.Row[Any] | None:
    """The row of a page, None when there is none or it was forgotten."""
    which = pages.c.id == page, pages.c.wrapped_key.is_not(None)
    return conn.execute(sa.select(pages).where(*which)).one_or_none()


@dataclass(slots=True)
class Ending:
    """A `bridge.channel.Also` that ends a draft; `spare` are files to be removed once it is committed."""

    change: Callable[[sa.Connection], list[str]]
    spare: list[str] = field(default_factory=list)

    def __call__(self, conn: sa.Connection) -> None:
        self.spare = self.change(conn)


def made(keys: Keys, new: NewPage, now: Callable[[], int]) -> Ending:
    """Makes the page and ends its draft."""
    wrapped = keys.new()[1]
    data = {"address": new.address, "title": new.title, "receipt": new.receipt, "values": _plain(new.values)}

    def change(conn: sa.Connection) -> list[str]:
        row = {
            "id": new.id,
            "mac": keys.page_mac(tokens.page_token(keys, new.id, 0)),
            "turn": 0,
            "confirm_mac": keys.page_mac(tokens.confirm_token(keys, new.id)),
            "confirmed": False,
            "arrival": new.arrival,
            "form": new.form,
            "slug": new.slug,
            "reference": new.reference,
            "language": new.language,
            "created": now(),
            "letter_state": "",
            "letter_at": 0,
            "wrapped_key": wrapped,
            "data": seal(keys, wrapped, new.id, data),
        }
        conn.execute(sa.insert(pages), row)
        return on_their_way.end(conn, new.draft, new.reference, new.id, now())

    return Ending(change)


def changed(keys: Keys, draft: int, page: int, values: Values, now: Callable[[], int]) -> Ending:
    """Makes `values` the answers of the page and ends the draft that changed them."""

    def change(conn: sa.Connection) -> list[str]:
        row = find(conn, page)
        if row is None:
            return on_their_way.drop(conn, drafts.c.id == draft)
        data = seal(keys, row.wrapped_key, page, {**data_of(keys, row), "values": _plain(values)})
        conn.execute(sa.update(pages).where(pages.c.id == page).values(data=data))
        return on_their_way.end(conn, draft, row.reference, page, now())

    return Ending(change)


def _plain(values: Values) -> Json:
    return {name: list(posted) for name, posted in values.items()}


def revoke(conn: sa.Connection, keys: Keys, page: int) -> str | None:
    """The new token of the page; None when there is no such page any more."""
    row = find(conn, page)
    if row is None:
        return None
    token = tokens.page_token(keys, page, row.turn + 1)
    new = {"turn": row.turn + 1, "mac": keys.page_mac(token)}
    conn.execute(sa.update(pages).where(pages.c.id == page).values(**new))
    return token


def submission(conn: sa.Connection, row: sa.Row[Any]) -> Any:
    """ID and state in the inbox of what was sent with a page, when that ended, why it is or was held
    back and what came of it; None: too old."""
    return conn.execute(
        sa.select(
            inbox.c.id, inbox.c.state, inbox.c.settled_at, held_mails.c.why, held_mails.c.state.label("fate")
        )
        .join(held_mails, held_mails.c.id == inbox.c.id, isouter=True)
        .where(inbox.c.source == Source.FORM.value, inbox.c.key == row.arrival)
    ).one_or_none()


def shown(conn: sa.Connection, keys: Keys, row: sa.Row[Any]) -> CasePage:
    """What the page in this row of `pages` shows, but for what waits."""
    data = data_of(keys, row)
    entries = timeline.entries(conn, keys, row.created, row.case_id)
    of_case = _of_case(conn, row.case_id)
    if of_case is None:
        sent = submission(conn, row)
        state, reach = _state(sent), _reach(data["address"])
        if state == Status.CLOSED:
            entries.append(PageEntry(sent.settled_at, "step", timeline.WITHDRAWN))
    else:
        state, reach = of_case
    letter: Literal["", "waiting", "sent", "failed"] = row.letter_state
    return CasePage(
        id=row.id,
        reference=row.reference,
        form=row.form,
        slug=row.slug,
        title=data["title"],
        language=row.language,
        created=row.created,
        state=state,
        reach=reach,
        address=data["address"],
        confirmed=row.confirmed,
        receipt=data["receipt"],
        values=data["values"],
        entries=tuple(entries),
        letter=letter,
        letter_at=row.letter_at,
        turn=row.turn,
    )


def _of_case(conn: sa.Connection, case: int | None) -> tuple[str, str] | None:
    found = conn.execute(
        sa.select(cases.c.status, participants.c.reach)
        .join(participants, participants.c.id == cases.c.participant_id)
        .where(cases.c.id == case)
    ).one_or_none()
    return None if found is None else (found.status, found.reach)


def _state(sent: Any) -> str:
    if sent is None or sent.state == "refused":
        return Status.CLOSED.value if sent is not None and sent.fate == WITHDRAWN else "refused"
    if sent.state == "held":
        return "unconfirmed" if sent.why == UNCONFIRMED else "held"
    return _WAYS[sent.state]


def _reach(address: str | None) -> str:
    return (Reach.UNCONFIRMED if address else Reach.PAGE).value
