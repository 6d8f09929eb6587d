"""`!mail`: one text for several citizens, each of whom gets it alone.

    !mail … and the text ──> to how many, the first words, a code      nothing goes out
    !mail CODE yes ──> a mail or an entry on the page of each, and a notice in each thread
                       !mail CODE stop ──> what nobody has begun to send does not go
    !mail CODE no, an edit or a redaction of the message ──> dropped

Host staff and officers who may reply write it in the desk, outside the threads, on a verified device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bridge.casework import addressed
from bridge.casework.addressed import Asked, Chosen
from bridge.casework.aftermath import on_page
from bridge.casework.effects import Effect, Notice, Reply
from bridge.casework.effects_mailing import EndMailing, KeepMailing, MailOne, NoMailings, StopMailing
from bridge.casework.known import KnownRoom
from bridge.casework.known_mailing import Addressee, KnownLeaving, Mailing
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.errors import Refuse
from bridge.inbound import RoomMessage, RoomRedaction, UnsubscribeIn
from bridge.model import Case, Consultation
from bridge.text import clean_text, clip, split

WORD = "mail"
SHOWN = 10
"""References that an answer lists for one reason."""

_EXCERPT = 300  # bytes of the text in the question
_SECURE = "https://"  # RFC 8058 section 3.1: what programs end a mailing by


def command(
    argument: str, said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    """Effects of the command with its argument: whatever follows it, in as many lines as there are."""
    if not said.trusted:
        return _answer(said, consultation, "command_device")
    if not consultation.may_reply(said.sender):
        return _answer(said, consultation, "command_may_not", user=said.sender)
    wish = addressed.asked(argument)
    if wish.kind == "act":
        return _act(wish, said, known, consultation, settings)
    fault = _fault(wish, said, known, consultation)
    return fault or _asks(wish, said, known, consultation, settings)


def elsewhere(consultation: Consultation) -> str:
    """What is said to the command in a thread or in the lobby."""
    return say(consultation.language, "mailing_place")


# ------------------------------------------------------------------ the question


def _fault(
    wish: Asked, said: RoomMessage, known: KnownRoom, consultation: Consultation
) -> list[Effect] | None:
    """What is wrong with a new mailing, in words; None: nothing."""
    if wish.kind == "other":
        return _answer(said, consultation, "mailing_usage")
    if not wish.text:
        return _answer(said, consultation, "mailing_empty")
    if said.disagree:
        return _answer(said, consultation, "mailing_disagree")
    there = {one.reference for one in known.mailing.addressees}
    unknown = [name for name in wish.references if name not in there]
    return _answer(said, consultation, "mailing_unknown", references=_few(unknown)) if unknown else None


def _asks(
    wish: Asked, said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    language, chosen = consultation.language, addressed.choose(known.mailing.addressees)
    if not chosen.all:
        lines = [say(language, "mailing_nobody"), *_counts(chosen, language)]
        return [Reply(said.room_id, "\n".join(lines), said.event_id)]
    if _needs_link(chosen) and not settings.public_url.startswith(_SECURE):
        return _answer(said, consultation, "mailing_no_link")
    code = addressed.code_of(said.event_id, known.mailing.codes)
    excerpt = clip(" ".join(clean_text(wish.text).split()), _EXCERPT)
    lines = [
        say(language, "mailing_ask", count=str(len(chosen.all))),
        *_counts(chosen, language),
        say(language, "mailing_begins", excerpt=excerpt),
        say(language, "mailing_how", code=code),
    ]
    kept = KeepMailing(
        slug=consultation.slug,
        room_id=said.room_id,
        event_id=said.event_id,
        code=code,
        sender=said.sender,
        cases=tuple(one.case for one in known.mailing.addressees),
        text=wish.text,
        html=addressed.below_first_line(said.text, said.html),
        from_name=said.sender_name,
        organisation=consultation.organisation(said.sender) or "",
        signature=consultation.signs(said.sender),
    )
    return [kept, Reply(said.room_id, "\n".join(lines), said.event_id)]


def _needs_link(chosen: Chosen) -> bool:
    return bool(chosen.by_mail) and len(chosen.all) > 1


def _counts(chosen: Chosen, language: str) -> list[str]:
    """How many get it in which way, and how many not, each with its reason."""
    lines = [
        say(language, key, count=str(len(those)))
        for key, those in (("mailing_by_mail", chosen.by_mail), ("mailing_by_page", chosen.by_page))
        if those
    ]
    reasons: dict[str, list[Addressee]] = {}
    for why, one in chosen.left:
        reasons.setdefault(why, []).append(one)
    return lines + [_left(why, those, language) for why, those in reasons.items()]


def _left(why: str, those: Sequence[Addressee], language: str) -> str:
    names = _few([one.reference for one in those])
    return say(language, "mailing_left", count=str(len(those)), why=say(language, why), references=names)


def _few(references: Sequence[str]) -> str:
    return ", ".join(references[:SHOWN]) + (" …" if len(references) > SHOWN else "")


# ------------------------------------------------------------------ the answer


def _act(
    wish: Asked, said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    mailing = known.mailing.named
    if mailing is None or mailing.room_id != said.room_id:
        return _answer(said, consultation, "mailing_code", code=wish.code)
    if wish.act == "stop" and mailing.state == "sent":
        return _stop(said, known, consultation)
    if wish.act == "stop" or mailing.state != "waiting":
        return _answer(said, consultation, _STANDS[mailing.state], code=mailing.code)
    if wish.act == "no":
        return [EndMailing(mailing.id, "dropped"), *_answer(said, consultation, "mailing_dropped")]
    return _send(mailing, said, known, consultation, settings)


_STANDS: Mapping[str, str] = {
    "waiting": "mailing_waits",
    "sent": "mailing_was_sent",
    "dropped": "mailing_was_dropped",
}


def _send(
    mailing: Mailing, said: RoomMessage, known: KnownRoom, consultation: Consultation, settings: Settings
) -> list[Effect]:
    """To those of whom the question spoke and who may still get it."""
    language, chosen = consultation.language, addressed.choose(known.mailing.addressees)
    counts = _counts(chosen, language)
    if not chosen.all:
        lines = [say(language, "mailing_nobody"), *counts]
        return [EndMailing(mailing.id, "dropped"), Reply(said.room_id, "\n".join(lines), said.event_id)]
    if _needs_link(chosen) and not settings.public_url.startswith(_SECURE):
        return _answer(said, consultation, "mailing_no_link")
    seconds = f"{settings.undo_seconds:g}"
    first = say(language, "mailing_sent", count=str(len(chosen.all)), seconds=seconds, code=mailing.code)
    return [
        EndMailing(mailing.id, "sent"),
        *_each(mailing, chosen, consultation, settings),
        Reply(said.room_id, "\n".join([first, *counts]), said.event_id),
    ]


def _each(
    mailing: Mailing, chosen: Chosen, consultation: Consultation, settings: Settings
) -> Iterable[Effect]:
    count = len(chosen.all)
    key = "mailing_thread" if count > 1 else "mailing_thread_one"
    head = say(consultation.language, key, user=mailing.sender, count=str(count))
    told = [f"{head}\n\n{part}" if at == 0 else part for at, part in enumerate(split(mailing.text))]
    for one in chosen.all:
        yield MailOne(
            mailing=mailing.id,
            case=one.case,
            text=mailing.text,
            html=mailing.html,
            from_name=mailing.from_name,
            organisation=mailing.organisation,
            signature=mailing.signature,
            wait=settings.undo_seconds,
            several=count > 1,
        )
        yield from (Notice(one.case, part) for part in told)


def _stop(said: RoomMessage, known: KnownRoom, consultation: Consultation) -> list[Effect]:
    rows = known.mailing.stoppable
    counts = {"count": str(len(rows)), "begun": str(known.mailing.begun)}
    told = say(consultation.language, "mailing_thread_stopped")
    return [
        *([StopMailing(tuple(row for row, _ in rows))] if rows else []),
        *(Notice(case, told) for _, case in rows),
        *_answer(said, consultation, "mailing_stopped", **counts),
    ]


def changed(said: RoomMessage | RoomRedaction, known: KnownRoom) -> list[Effect]:
    """The message of a mailing was edited by its sender, or redacted: it does not go out as it stood."""
    mailing, consultation = known.mailing.named, known.consultation
    if mailing is None or consultation is None or said.room_id != mailing.room_id:
        return []
    if isinstance(said, RoomMessage) and (said.replaces is None or said.sender != mailing.sender):
        return []
    language = consultation.language
    if mailing.state == "waiting":
        told = say(language, "mailing_changed", code=mailing.code)
        return [EndMailing(mailing.id, "dropped"), Reply(said.room_id, told)]
    if mailing.state == "sent":
        return [Reply(said.room_id, say(language, "mailing_changed_late", code=mailing.code))]
    return []


def _answer(said: RoomMessage, consultation: Consultation, key: str, **values: str) -> list[Effect]:
    return [Reply(said.room_id, say(consultation.language, key, **values), said.event_id)]


# ------------------------------------------------------------------ afterwards


def after_mailing_failed(case: Case, reason: str, language: str) -> list[Effect]:
    """A mailing will not arrive here: staff see why in the case's thread."""
    return [Notice(case.id, on_page(say(language, "mailing_failed", reason=reason), case, language))]


def unsubscribed(left: UnsubscribeIn, known: KnownLeaving) -> list[Effect]:
    """A citizen wants no mailings any more; once is enough.  Raises `Refuse` when they were forgotten."""
    case, consultation = known.case, known.consultation
    if case is None or consultation is None:
        raise Refuse("whoever left is not known any more")
    if known.left:
        return []
    return [NoMailings(case.id), Notice(case.id, say(consultation.language, "mailing_unsubscribed"))]
