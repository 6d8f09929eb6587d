"""What is known when an item is decided: look-ups only, inside the deciding transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bridge import reference, specs
from bridge.casework import commands
from bridge.casework import holding as held_commands
from bridge.casework.known import (
    EventRef,
    HeldMail,
    Known,
    KnownApply,
    KnownRoom,
)
from bridge.casework.policy import NEAR_MS
from bridge.errors import Retry
from bridge.inbound import (
    ApplyIn,
    ChannelTrouble,
    DeviceUnsigned,
    FormIn,
    IdentityChanged,
    Inbound,
    MailIn,
    PageIn,
    ResumeIn,
    RoomMember,
    RoomMessage,
    RoomPlain,
    RoomRedaction,
    RoomUnreadable,
    UnsubscribeIn,
)
from bridge.ledger.keys import Keys
from bridge.ledger.known_mail import held_of, known_mail
from bridge.ledger.known_mailing import known_mailing, leaving
from bridge.ledger.known_page import from_the_pages
from bridge.ledger.tables import (
    DAY_MS,
    FORGOTTEN,
    acknowledgements,
    cases,
    consultations,
    events,
    outbox,
    participants,
    rooms,
)
from bridge.model import (
    Case,
    Consultation,
    EventKind,
    MailState,
    Participant,
    Reach,
    RoomKind,
    Source,
    Status,
    Verdict,
)


@dataclass(slots=True)
class Gather:
    """Answers for one item (its inbox ID), which was received at `received` (ms since 1970).

    `freeze(outbox_id)` asks for a mail to stay where it is while it is decided about; it returns
    False when the mail is on its way already.
    """

    conn: sa.Connection
    keys: Keys
    now: int
    operators: tuple[str, ...]
    freeze: Callable[[int], bool]
    received: int = 0
    item: int | None = None
    _shelf: dict[tuple[str, str], tuple[Consultation, str | None]] = field(default_factory=dict)

    def known(self, inbound: Inbound) -> Known:
        """Everything `decide` may ask about `inbound`."""
        match inbound:
            case MailIn():
                return known_mail(self, inbound)
            case FormIn() | PageIn() | ResumeIn():
                return from_the_pages(self, inbound)
            case UnsubscribeIn():
                return leaving(self, inbound)
            case ApplyIn():
                return self._apply(inbound)
            case DeviceUnsigned() | IdentityChanged() | ChannelTrouble():
                return KnownRoom(None, operators=self.operators)
            case _:
                return self._room(inbound)

    # -------------------------------------------------------------- mail

    def acknowledged(self, address: str | None, source: Source | None = None) -> int:
        """Mails in fixed words to the address in the last 24 hours, or for the next day already;
        `source`: only those because of it."""
        if address is None:
            return 0
        which = sa.and_(
            acknowledgements.c.address_mac == self.keys.address_mac(address),
            acknowledgements.c.at > self.now - DAY_MS,
        )
        if source is not None:
            which = sa.and_(which, acknowledgements.c.source == source.value)
        return self.conn.execute(
            sa.select(sa.func.count()).select_from(acknowledgements).where(which)
        ).scalar_one()

    def _apply(self, request: ApplyIn) -> KnownApply:
        wanted = request.consultation
        row = self.conn.execute(
            sa.select(consultations).where(consultations.c.slug == wanted.slug)
        ).one_or_none()
        others = [
            specs.load(spec)
            for spec in self.conn.execute(
                sa.select(consultations.c.spec).where(consultations.c.slug != wanted.slug)
            ).scalars()
        ]
        mailbox = next((one.slug for one in others if one.mailbox == wanted.mailbox), None)
        forms = tuple((f, one.slug) for one in others for f in one.forms if f in wanted.forms)
        if row is None:
            return KnownApply(None, None, mailbox, forms)
        return KnownApply(specs.load(row.spec), row.digest, mailbox, forms)

    # -------------------------------------------------------------- rooms

    def _room(
        self, inbound: RoomMessage | RoomPlain | RoomUnreadable | RoomRedaction | RoomMember
    ) -> KnownRoom:
        room = self.conn.execute(sa.select(rooms).where(rooms.c.room_id == inbound.room_id)).one_or_none()
        if room is None:
            if isinstance(inbound, RoomMember):
                self._await_rooms()
            return KnownRoom(None, operators=self.operators)
        consultation = None if room.slug is None else self.consultation(room.slug)
        kind = RoomKind(room.kind)
        if isinstance(inbound, RoomMember):
            return KnownRoom(kind, consultation, operators=self.operators)
        replied = target = None
        thread: str | None = None
        if isinstance(inbound, RoomRedaction):
            target = self.event(inbound.target)
        else:
            thread = inbound.thread
            replied = self.event(inbound.reply_to) if inbound.reply_to else None
            if isinstance(inbound, RoomMessage) and inbound.replaces:
                target = self.event(inbound.replaces)
        case = self._case_of(inbound.room_id, thread, target, replied)
        if case is None and not isinstance(inbound, RoomRedaction) and (thread or inbound.reply_to):
            self._await_ours(inbound.room_id)
        last, named = None, None
        doubts: tuple[EventRef, ...] = ()
        if isinstance(inbound, RoomMessage):
            last = self._last(inbound)
            named = self._named(inbound, case)
            doubts = self._doubts(case)
        return KnownRoom(
            kind,
            consultation,
            case,
            replied,
            target,
            self._mail_state(target),
            last,
            doubts,
            named,
            corrected=target is not None and self.sent(target.event_id),
            held=self._held(inbound, kind, consultation),
            mailing=known_mailing(self, inbound, consultation if kind is RoomKind.DESK else None),
            operators=self.operators,
        )

    def _held(
        self, inbound: Inbound, kind: RoomKind, consultation: Consultation | None
    ) -> tuple[HeldMail, ...]:
        """What is held back, for a message in the desk that is a command about it."""
        if kind is not RoomKind.DESK or consultation is None or not isinstance(inbound, RoomMessage):
            return ()
        command = commands.parse(inbound)
        if command is None or command.word not in held_commands.WORDS:
            return ()
        return held_of(self.conn, self.keys, consultation.slug)

    def sent(self, event_id: str) -> bool:
        """Whether some text of this staff message was mailed already."""
        query = sa.select(outbox.c.id).where(
            outbox.c.source_event == event_id, outbox.c.kind == "mail", outbox.c.state == "done"
        )
        return self.conn.execute(query.limit(1)).first() is not None

    def _await_rooms(self) -> None:
        """An unknown room may be one that is just being made: some clients join within the second.

        Raises `Retry` while a consultation's rooms were begun and are not noted yet.
        """
        begun = self.conn.execute(
            sa.select(outbox.c.id)
            .where(
                outbox.c.state == "ready",
                outbox.c.kind == "provision",
                outbox.c.created <= self.received,
            )
            .limit(1)
        ).first()
        if begun is not None:
            raise Retry("its room may be one that is still being made", after=1)

    def _await_ours(self, room_id: str) -> None:
        """What is answered may be ours: the homeserver has it, and we have not noted yet that it has.

        Raises `Retry` while something that was begun before the answer came is on its way.
        """
        begun = self.conn.execute(
            sa.select(outbox.c.id)
            .where(
                outbox.c.state == "ready",
                outbox.c.room == room_id,
                outbox.c.kind.in_(("head", "words", "file", "notice")),
                outbox.c.progress.is_not(None),  # stored before the homeserver is asked
                outbox.c.created <= self.received,
            )
            .limit(1)
        ).first()
        if begun is not None:
            raise Retry("it answers something that is still on its way", after=0.5)

    def _case_of(
        self, room_id: str, thread: str | None, target: EventRef | None, replied: EventRef | None
    ) -> Case | None:
        """By the thread's root, else by the event edited or replied to; never from another room."""
        if thread is not None:
            found = self.conn.execute(
                sa.select(cases.c.id).where(cases.c.root == thread, cases.c.room_id == room_id)
            ).scalar_one_or_none()
            return None if found is None else self.case(found)
        for ref in (target, replied):
            if ref is not None and ref.room_id == room_id:
                return self.case(ref.case_id)
        return None

    def _last(self, message: RoomMessage) -> EventRef | None:
        row = self.conn.execute(
            sa.select(events)
            .where(
                events.c.room_id == message.room_id,
                events.c.sender == message.sender,
                events.c.ts > message.ts - NEAR_MS,
                events.c.ts <= message.ts,
            )
            .order_by(events.c.ts.desc())
            .limit(1)
        ).one_or_none()
        if row is None or row.device != message.device:
            return None
        return _ref(row)

    def _named(self, said: RoomMessage, case: Case | None) -> Case | None:
        """The case that a command names; a bare `!join` means the one that its own case claims."""
        command = commands.parse(said)
        names = reference.parse(command.argument)[:1] if command else []
        if command == commands.Command("join") and case is not None and case.claims is not None:
            names = [case.claims]
        for name in names:
            found = self.conn.execute(
                sa.select(cases.c.id).where(cases.c.reference == name)
            ).scalar_one_or_none()
            return None if found is None else self.case(found)
        return None

    def _doubts(self, case: Case | None) -> tuple[EventRef, ...]:
        if case is None:
            return ()
        rows = self.conn.execute(
            sa.select(events)
            .where(events.c.case_id == case.id, events.c.kind == EventKind.DOUBT)
            .order_by(events.c.ts)
        ).all()
        return tuple(_ref(r) for r in rows)

    def _mail_state(self, target: EventRef | None) -> MailState | None:
        if target is None or target.kind is not EventKind.REPLY:
            return None
        row = self.conn.execute(
            sa.select(outbox.c.id, outbox.c.state, outbox.c.progress)
            .where(outbox.c.source_event == target.event_id, outbox.c.kind == "mail")
            .order_by(outbox.c.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        if row.state == "ready":
            # progress is written before the relay is asked: it may have the mail already
            return MailState.WAITING if row.progress is None and self.freeze(row.id) else MailState.SENDING
        return {
            "done": MailState.SENT,
            "stopped": MailState.STOPPED,
        }.get(row.state, MailState.FAILED)

    # -------------------------------------------------------------- rows to words

    def consultation(self, slug: str) -> Consultation | None:
        found = self.shelf(consultations.c.slug, slug)
        return None if found is None else found[0]

    def desk(self, slug: str) -> str | None:
        """The room ID of the consultation's desk, None while there is none."""
        found = self.shelf(consultations.c.slug, slug)
        return None if found is None else found[1]

    def shelf(self, column: sa.Column[str], value: str) -> tuple[Consultation, str | None] | None:
        """A consultation and its desk, by slug or mailbox; asked once in a transaction."""
        place = (column.name, value)
        if place not in self._shelf:
            row = self.conn.execute(
                sa.select(consultations.c.spec, consultations.c.desk).where(column == value)
            ).one_or_none()
            if row is None:
                return None
            found = (specs.load(row.spec), row.desk)
            self._shelf[("slug", found[0].slug)] = self._shelf[place] = found
        return self._shelf[place]

    def event(self, event_id: str) -> EventRef | None:
        row = self.conn.execute(sa.select(events).where(events.c.event_id == event_id)).one_or_none()
        return None if row is None else _ref(row)

    def case(self, case_id: int | None) -> Case | None:
        """None: there is no such case, or its citizen was forgotten."""
        row = self.conn.execute(
            sa.select(
                cases,
                participants.c.address,
                participants.c.name,
                participants.c.language,
                participants.c.bounces,
                participants.c.reach,
            )
            .join(participants, participants.c.id == cases.c.participant_id)
            .where(cases.c.id == case_id)
        ).one_or_none()
        if row is None or row.status == FORGOTTEN:
            return None
        key = self.keys.person(self.conn, row.participant_id)

        def opened(value: bytes | None, table: str, row_id: int, column: str) -> str | None:
            return None if value is None else key.open(value, f"{table}/{row_id}/{column}").decode()

        person = Participant(
            row.participant_id,
            opened(row.name, "participants", row.participant_id, "name") or "",
            opened(row.address, "participants", row.participant_id, "address"),
            row.language,
            row.bounces,
            Reach(row.reach),
        )
        return Case(
            row.id,
            row.reference,
            row.slug,
            person,
            Source(row.channel),
            Status(row.status),
            opened(row.subject, "cases", row.id, "subject") or "",
            row.room_id,
            row.root,
            row.latest,
            row.claims,
            None if row.trust is None else Verdict(row.trust),
            row.page_id,
        )


def _ref(row: sa.Row[Any]) -> EventRef:
    return EventRef(
        row.event_id,
        row.room_id,
        row.case_id,
        EventKind(row.kind),
        row.sender,
        row.device,
        row.ts,
        row.threaded,
    )
