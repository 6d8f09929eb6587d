"""What the edges ask at every turn, kept in memory: mailboxes, open forms, who belongs where."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bridge.forms.schema import FormFaults, OpenForm, parse
from bridge.ledger.ledger import Ledger
from bridge.model import Consultation, RoomKind

_log = logging.getLogger(__name__)


class Directory:
    """A copy of the ledger's consultations; `refresh` after any of them changed."""

    def __init__(self, ledger: Ledger, operators: tuple[str, ...]) -> None:
        self._ledger = ledger
        self._operators = operators
        self._mailboxes: frozenset[str] = frozenset()
        self._forms: dict[str, OpenForm] = {}
        self._rooms: dict[str, tuple[RoomKind, Consultation | None]] = {}

    async def refresh(self) -> None:
        """Read it again from the ledger."""
        stored = await self._ledger.consultations()
        rooms: dict[str, tuple[RoomKind, Consultation | None]] = {}
        by_slug = {one.consultation.slug: one.consultation for one in stored}
        for room_id, kind, slug in await self._ledger.rooms():
            rooms[room_id] = (kind, None if slug is None else by_slug.get(slug))
        forms: dict[str, OpenForm] = {}
        for one in stored:
            c = one.consultation
            for text in one.forms:
                try:
                    form = parse(text, f"a form of {c.slug}")
                except FormFaults:  # stored by an earlier version that wrote forms otherwise
                    _log.error(
                        "a form of %s is closed: it cannot be read any more; folkmoot check-form FILE "
                        "says what to mend in it, then folkmoot apply its consultation",
                        c.slug,
                    )
                    continue
                forms[form.id] = OpenForm(form, c.slug, c.languages, c.title)
        self._rooms, self._forms = rooms, forms
        self._mailboxes = frozenset(one.consultation.mailbox for one in stored)

    def mailbox_known(self, mailbox: str) -> bool:
        """Whether a mail for this local part (without token) belongs to a consultation."""
        return mailbox.lower() in self._mailboxes

    def forms(self) -> Mapping[str, OpenForm]:
        """The open forms by their id."""
        return self._forms

    def room(self, room_id: str) -> tuple[RoomKind, Consultation | None] | None:
        """The kind and consultation of a room we keep."""
        return self._rooms.get(room_id)

    def belongs(self, room_id: str, user_id: str) -> bool:
        """Whether this user may have the keys of that room: on the list, or an operator in the
        control room."""
        found = self._rooms.get(room_id)
        if found is None:
            return False
        kind, consultation = found
        if kind is RoomKind.CONTROL:
            return user_id in self._operators
        return consultation is not None and user_id in consultation.people
