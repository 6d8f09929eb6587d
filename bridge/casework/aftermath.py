"""What follows from a delivery, done or failed."""

from __future__ import annotations

from bridge.casework.effects import Effect, Move, Notice, SetMark, Tell
from bridge.casework.texts import say
from bridge.model import Case, Mark, Status


def after_mail_sent(case: Case, room_id: str, event_id: str) -> list[Effect]:
    """The mail system has taken the answer."""
    sent = SetMark(room_id, event_id, Mark.SENT)
    return [sent, Move(case.id, Status.ANSWERED)] if case.status is Status.OPEN else [sent]


def after_mail_failed(
    case: Case, room_id: str, event_id: str, reason: str, language: str = "en"
) -> list[Effect]:
    """The answer will not arrive: staff see why, in their consultation's `language`."""
    return [
        SetMark(room_id, event_id, Mark.FAILED),
        Notice(case.id, say(language, "mail_failed", reason=reason), event_id),
    ]


def after_ack_failed(case: Case, reason: str, language: str = "en") -> list[Effect]:
    """The acknowledgement did not arrive, so answers may not either."""
    return [Notice(case.id, say(language, "ack_failed", reason=reason.rstrip(". ")))]


def after_broken(what: str, reference: str | None, reason: str, language: str = "en") -> list[Effect]:
    """Something is parked for good: operators hear what kind of thing, never a citizen's word."""
    if reference is None:
        return [Tell(say(language, "tell_broken", what=what, reason=reason))]
    return [Tell(say(language, "tell_broken_case", what=what, reference=reference, reason=reason))]
