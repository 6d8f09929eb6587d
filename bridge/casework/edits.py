"""Edits and redactions: what waits can still be changed or stopped, what is gone is gone.

reply that waits   edit: the mail changes        `!…`: stopped         doubtful: asked again
doubt, held        edit: the held text changes   `!…`: dropped
reply that went    edit: a marked correction goes out    `!…`, redaction: staff are told that the
                   citizen has the earlier text
note               never becomes a reply
"""

from __future__ import annotations

from bridge.casework import policy
from bridge.casework.effects import ChangeMail, Effect, Hold, Mail, Notice, SetMark, StopMail
from bridge.casework.known import EventRef, KnownRoom
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.inbound import RoomMessage, RoomRedaction
from bridge.model import Consultation, EventKind, MailState, Mark

_GONE = (MailState.SENDING, MailState.SENT)


def edit(said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings) -> list[Effect]:
    """An edit by the sender of the message; anybody else's is none."""
    target = known.target
    if target is None or (target.event_id, target.sender) != (said.replaces, said.sender):
        return []
    if target.room_id != said.room_id:
        return []
    if target.kind is EventKind.NOTE:
        return [] if policy.inside(said) else [_notice(target, consultation, "edit_note", said)]
    if target.kind not in (EventKind.REPLY, EventKind.DOUBT):
        return []
    if not _stoppable(target, known.mail):
        return _too_late(said, target, known, consultation, settings)
    return _in_time(said, target, known, consultation)


def _in_time(
    said: RoomMessage, target: EventRef, known: KnownRoom, consultation: Consultation
) -> list[Effect]:
    language = consultation.language
    objection = policy.objection(said, consultation)
    if objection is not None:
        # Who may not write may still stop: the careful side of a message that nobody vouches for.
        why = f"{say(language, objection, user=said.sender)} {say(language, 'edit_stopped')}"
        return [
            StopMail(target.event_id),
            SetMark(target.room_id, target.event_id, Mark.FAILED),
            Notice(target.case_id, why, said.event_id),
        ]
    if policy.inside(said) and known.corrected:
        mark = SetMark(target.room_id, target.event_id, Mark.FAILED)
        return [StopMail(target.event_id), mark, _notice(target, consultation, "edit_inside_late", said)]
    if policy.inside(said):
        return [StopMail(target.event_id), SetMark(target.room_id, target.event_id, Mark.INSIDE)]
    question = policy.doubt(said, policy.Place.THREAD)
    if target.kind is EventKind.DOUBT or question is None:
        return [ChangeMail(target.event_id, said.text, said.html)]
    return [
        StopMail(target.event_id),
        Hold(
            event_id=target.event_id,
            case=target.case_id,
            text=said.text,
            html=said.html,
            files=said.attachments,
            from_name=said.sender_name,
            organisation=consultation.organisation(said.sender) or "",
            signature=consultation.signs(said.sender),
        ),
        SetMark(target.room_id, target.event_id, Mark.WAITING),
        Notice(target.case_id, f"{say(language, question)} {say(language, 'ask_how')}", said.event_id),
    ]


def _too_late(
    said: RoomMessage, target: EventRef, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    if known.mail in _GONE and policy.inside(said):
        mark = SetMark(target.room_id, target.event_id, Mark.FAILED)
        return [mark, _notice(target, consultation, "edit_inside_late", said)]
    if known.mail in _GONE:
        return _corrects(said, target, known, consultation, settings)
    return [] if policy.inside(said) else [_notice(target, consultation, "edit_over", said)]


def _corrects(
    said: RoomMessage, target: EventRef, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    """What was mailed cannot be changed: one correction follows it, for which the same rules hold."""
    language, case = consultation.language, known.case
    objection = policy.objection(said, consultation)
    blocked = None if case is None else policy.blocked(case)
    if objection is not None or blocked is not None or case is None:
        return [_notice(target, consultation, "edit_late", said)]
    if policy.doubt(said, policy.Place.THREAD) is not None or not said.text.strip():
        return [_notice(target, consultation, "edit_late", said)]
    return [
        Mail(
            case=case.id,
            event_id=target.event_id,
            text=said.text,
            html=said.html,
            files=(),
            from_name=said.sender_name,
            organisation=consultation.organisation(said.sender) or "",
            wait=settings.undo_seconds,
            signature=consultation.signs(said.sender),
            correction=True,
        ),
        SetMark(target.room_id, target.event_id, Mark.WAITING),
        Notice(case.id, say(language, "edit_corrects"), said.event_id),
    ]


def redaction(deleted: RoomRedaction, known: KnownRoom, settings: Settings) -> list[Effect]:
    """A redaction by anybody whom the room lets: it stops what can be stopped, and sends nothing."""
    target = known.target
    if target is None or (target.event_id, target.room_id) != (deleted.target, deleted.room_id):
        return []
    if target.kind not in (EventKind.REPLY, EventKind.DOUBT):
        return []
    language = known.consultation.language if known.consultation is not None else settings.language
    if _stoppable(target, known.mail):
        key = "deleted_doubt" if target.kind is EventKind.DOUBT else "deleted_waiting"
        key = "deleted_correction" if known.corrected else key
        return [StopMail(target.event_id), Notice(target.case_id, say(language, key))]
    if known.mail in _GONE:
        return [Notice(target.case_id, say(language, "deleted_late"))]
    return []


def _stoppable(target: EventRef, mail: MailState | None) -> bool:
    """A mail that waits, or a doubt of which there is no mail yet."""
    return mail is MailState.WAITING or (target.kind is EventKind.DOUBT and mail is None)


def _notice(target: EventRef, consultation: Consultation, key: str, said: RoomMessage) -> Notice:
    return Notice(target.case_id, say(consultation.language, key), said.event_id)
