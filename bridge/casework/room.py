"""A staff member's message in a room: to the citizen, inside, or a question.

    room ─> person ─> device ─> kind ─> may reply ─> doubt ─> case open to mail ─> Mail

Each step that says no says why, on the message and in the case's thread.
"""

from __future__ import annotations

from bridge.casework import commands, edits, policy
from bridge.casework.effects import Effect, Hold, Mail, Notice, Record, SetMark, Tell
from bridge.casework.known import KnownRoom
from bridge.casework.policy import Place
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.inbound import RoomMessage
from bridge.model import Case, Consultation, EventKind, Mark, RoomKind


def message(said: RoomMessage, known: KnownRoom, settings: Settings) -> list[Effect]:
    """Effects of a decrypted message."""
    consultation = known.consultation
    if known.kind is RoomKind.CONTROL:
        return commands.control(said, known, settings)
    if known.kind not in (RoomKind.LOBBY, RoomKind.DESK) or consultation is None:
        return []
    if said.replaces is not None:
        return edits.edit(said, known, consultation, settings)
    where = policy.place(said, known)
    if known.kind is RoomKind.LOBBY or where is Place.OUTSIDE:
        return commands.misplaced(said, known, consultation, settings)
    return _in_case(said, where, known, consultation, settings)


def _in_case(
    said: RoomMessage, where: Place, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    # A file without relation belongs, if at all, to the case of the message before it.
    case_id = known.last.case_id if where is Place.NEAR and known.last is not None else None
    case_id = known.case.id if case_id is None and known.case is not None else case_id
    if case_id is None:
        return []
    objection = policy.objection(said, consultation)
    stays = policy.inside(said)
    if objection is not None and (objection == "not_sent_stranger" or not stays):
        return _objected(said, case_id, where, objection, known, consultation, settings)
    if stays:
        kept = inside(said, case_id, where)
        return [*kept, *commands.in_case(said, known, consultation, settings)]
    if said.msgtype in policy.FILES and not said.attachments:
        return _failed(said, case_id, "not_sent_file", consultation.language)
    question = policy.doubt(said, where)
    if question is None and known.case is not None and policy.unreachable(known.case):
        question = "ask_bounced"
    if question is not None or known.case is None:
        return _asks(said, case_id, where, question or "ask_near", consultation)
    return _answer(said, known.case, consultation, settings)


def _objected(
    said: RoomMessage,
    case_id: int,
    where: Place,
    objection: str,
    known: KnownRoom,
    consultation: Consultation,
    settings: Settings,
) -> list[Effect]:
    """This person or device causes no mail."""
    if objection == "not_sent_may_not":
        text = say(consultation.language, objection, user=said.sender)
        return [*inside(said, case_id, where), Notice(case_id, text, said.event_id)]
    failed = _failed(said, case_id, objection, consultation.language)
    if objection != "not_sent_stranger":
        return failed
    reference = known.case.reference if known.case is not None else "?"
    told = {"user": said.sender, "reference": reference, "slug": consultation.slug}
    once = f"stranger {said.sender} {said.room_id}"
    return [*failed, Tell(say(settings.language, "tell_stranger", **told), once=once)]


def _answer(said: RoomMessage, case: Case, consultation: Consultation, settings: Settings) -> list[Effect]:
    """A message that is certainly meant for the citizen."""
    blocked = policy.blocked(case)
    if blocked is not None:
        note = _record(said, case.id, EventKind.NOTE)
        return [note, *_failed(said, case.id, blocked, consultation.language, case.claims)]
    return [
        _record(said, case.id, EventKind.REPLY),
        Mail(
            case=case.id,
            event_id=said.event_id,
            text=said.text,
            html=said.html,
            files=said.attachments,
            from_name=said.sender_name,
            organisation=consultation.organisation(said.sender) or "",
            wait=settings.undo_seconds,
            signature=consultation.signs(said.sender),
        ),
        SetMark(said.room_id, said.event_id, Mark.WAITING),
    ]


def inside(said: RoomMessage, case_id: int, where: Place) -> list[Effect]:
    """A message that stays inside.  One outside the thread is not remembered: nothing follows from it."""
    mark = SetMark(said.room_id, said.event_id, Mark.INSIDE)
    return [_record(said, case_id, EventKind.NOTE), mark] if where is Place.THREAD else [mark]


def _asks(
    said: RoomMessage, case_id: int, where: Place, question: str, consultation: Consultation
) -> list[Effect]:
    """Held until `!send`.  It is marked as waiting, because that is what it does."""
    language = consultation.language
    return [
        _record(said, case_id, EventKind.DOUBT, threaded=where is Place.THREAD),
        Hold(
            event_id=said.event_id,
            case=case_id,
            text=said.text,
            html=said.html,
            files=said.attachments,
            from_name=said.sender_name,
            organisation=consultation.organisation(said.sender) or "",
            signature=consultation.signs(said.sender),
        ),
        SetMark(said.room_id, said.event_id, Mark.WAITING),
        Notice(case_id, f"{say(language, question)} {say(language, 'ask_how')}", said.event_id),
    ]


def _failed(
    said: RoomMessage, case_id: int, why: str, language: str, claims: str | None = None
) -> list[Effect]:
    text = say(language, why, user=said.sender, reference=claims or "?")
    return [SetMark(said.room_id, said.event_id, Mark.FAILED), Notice(case_id, text, said.event_id)]


def _record(said: RoomMessage, case_id: int, kind: EventKind, *, threaded: bool = True) -> Record:
    return Record(said.event_id, said.room_id, case_id, kind, said.sender, said.device, said.ts, threaded)
