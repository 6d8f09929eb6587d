"""What a mail server reports of one of our mails: to the very message, in plain words.

Only a report that came to the signed return path of a mail of ours, or returns its signed
Message-ID, says anything; any other one could be anybody's.  A delay is no failure.
"""

from __future__ import annotations

from bridge.casework import policy
from bridge.casework.aftermath import on_page
from bridge.casework.effects import Bounced, Effect, Move, Notice, SetMark
from bridge.casework.known import Returned
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.inbound import MailIn, MailReport
from bridge.model import Consultation, Mark, Status


def report(came: MailIn, of: Returned, consultation: Consultation | None, settings: Settings) -> list[Effect]:
    """Effects of a mail with `reports` on the mail of ours that they are about."""
    language = consultation.language if consultation is not None else settings.language
    failed = [one for one in came.reports if one.kind == "failed" and one.permanent]
    if failed:
        return _failed(failed[0], of, language)
    key = "complaint" if any(one.kind == "complaint" for one in came.reports) else "bounce_later"
    reason = _reason(came.reports[0], language)
    return [Notice(of.case.id, say(language, key, reason=reason), of.event_id)]


def _failed(one: MailReport, of: Returned, language: str) -> list[Effect]:
    case, effects = of.case, list[Effect]()
    told = say(language, "bounce_failed", reason=_reason(one, language))
    if of.event_id is not None:
        effects.append(SetMark(case.room_id, of.event_id, Mark.FAILED))
        told = on_page(told, case, language)
    effects += [Bounced(case.id), Notice(case.id, told, of.event_id)]
    if case.participant.bounces + 1 == policy.BOUNCES:
        effects.append(Notice(case.id, say(language, "bounce_marked")))
    if case.status is Status.ANSWERED:
        effects.append(Move(case.id, Status.OPEN))
    return effects


def _reason(one: MailReport, language: str) -> str:
    words = say(language, f"bounce_{one.reason}")
    return f"{words} ({one.status})" if one.status else words
