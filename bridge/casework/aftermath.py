"""What follows from a delivery, done or failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge.casework.effects import Effect, Invite, Move, Notice, SetMark, Tell
from bridge.casework.texts import say
from bridge.model import Case, Mark, RoomKind, Status


def after_mail_sent(case: Case, room_id: str, event_id: str) -> list[Effect]:
    """The mail system has taken the answer, or it stands on the citizen's page where there is no mail."""
    sent = SetMark(room_id, event_id, Mark.SENT)
    return [sent, Move(case.id, Status.ANSWERED)] if case.status is Status.OPEN else [sent]


def after_mail_failed(
    case: Case, room_id: str, event_id: str, reason: str, language: str = "en"
) -> list[Effect]:
    """The answer will not arrive: staff see why, in their consultation's `language`."""
    told = on_page(say(language, "mail_failed", reason=reason), case, language)
    return [SetMark(room_id, event_id, Mark.FAILED), Notice(case.id, told, event_id)]


def on_page(told: str, case: Case, language: str) -> str:
    """The news of a mail that failed, and that it stands on the citizen's page all the same."""
    return told if case.page is None else f"{told.rstrip('. ')}. {say(language, 'page_only')}"


def after_mail_late(case: Case, event_id: str, reason: str, until: str, language: str = "en") -> list[Effect]:
    """The relay has not taken the answer for a while; its mark stays at waiting."""
    return [Notice(case.id, say(language, "mail_late", reason=reason.rstrip(". "), until=until), event_id)]


def after_ack_failed(case: Case, reason: str, language: str = "en") -> list[Effect]:
    """The acknowledgement did not arrive, so answers may not either."""
    return [Notice(case.id, say(language, "ack_failed", reason=reason.rstrip(". ")))]


def after_provisioned(
    slug: str,
    uninvited: Iterable[tuple[RoomKind, str]],
    strangers: Sequence[str],
    declined: Sequence[str],
    language: str = "en",
) -> list[Effect]:
    """Who could not be invited is invited again; who is where the file does not expect it is named."""
    effects: list[Effect] = [Invite(slug, kind, user) for kind, user in uninvited]
    if strangers:
        effects.append(Tell(say(language, "tell_strangers", slug=slug, users=", ".join(strangers))))
    if declined:
        effects.append(Tell(say(language, "tell_declined", slug=slug, users=", ".join(declined))))
    return effects


def after_broken(what: str, reference: str | None, reason: str, language: str = "en") -> list[Effect]:
    """Something is parked for good: operators hear what kind of thing, never a citizen's word."""
    if reference is None:
        return [Tell(say(language, "tell_broken", what=what, reason=reason))]
    return [Tell(say(language, "tell_broken_case", what=what, reference=reference, reason=reason))]
