"""What a citizen does on the page of their case: it comes into the thread, like a mail.

    the case is open, answered ──> words, changes, wishes; staff read each of them
    closed, withdrawn ───────────> the same, and words put it back on the pile
    locked, discarded ───────────> the same, and the status stays
    no case yet: held, arriving ─> words wait for it; wishes that need no case are done at once
    staff dropped it ────────────> words are held back under a code of their own

Every act has an answer; what waits is seen as waiting on the page.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.casework import policy
from bridge.casework.dropped import dropped
from bridge.casework.effects import (
    Acknowledge,
    Confirmed,
    DiscardHeld,
    Effect,
    ForgetPage,
    Move,
    Notice,
    SetLanguage,
    SetReach,
    Step,
)
from bridge.casework.known import KnownPage
from bridge.casework.letter import confirmation, copy_of
from bridge.casework.spoken import spoken
from bridge.casework.texts import language_name, say
from bridge.errors import Refuse, Retry
from bridge.inbound import PageAct, PageIn
from bridge.model import Case, Consultation, Reach, Status

_GOES_ON = (Status.OPEN, Status.ANSWERED)
_MOST = 35  # characters of a language tag (RFC 5646 section 4.4.1)


def page(did: PageIn, known: KnownPage) -> list[Effect]:
    """Effects of an act.

    Raises `Retry` while the case is not there yet, and `Refuse` for what is not possible there: the
    page is gone, or does not offer it.
    """
    consultation = known.consultation
    if consultation is None:
        raise Refuse("this page is not there any more")
    if did.act == "language":
        return _language(did, known, consultation)
    if known.case is not None:
        return _IN_CASE[did.act](did, known, known.case, consultation)
    return _waiting(did, known, consultation) if known.held else dropped(did, known, consultation)


# ------------------------------------------------------------------ while there is a case


def _write(did: PageIn, known: KnownPage, case: Case, consultation: Consultation) -> list[Effect]:
    return [*spoken(did, case.id, consultation), *_reopened(case)]


def _confirm(did: PageIn, known: KnownPage, case: Case, consultation: Consultation) -> list[Effect]:
    """Once is enough: a second time changes nothing.  What is over is not acknowledged any more."""
    if known.confirmed or known.address is None:
        return [Confirmed(did.page)]
    notice = say(consultation.language, "page_confirmed", address=known.address)
    copy = copy_of(known.receipt) or case.reference
    return [
        Confirmed(did.page),
        SetReach(case.id, Reach.MAIL),
        Notice(case.id, notice),
        Step(case.id, "step_confirmed"),
        *([Acknowledge(case.id, copy)] if case.status in _GOES_ON else []),
    ]


def _remind(did: PageIn, known: KnownPage, case: Case, consultation: Consultation) -> list[Effect]:
    return _asks(did, known, consultation)


def _asks(did: PageIn, known: KnownPage, consultation: Consultation) -> list[Effect]:
    """The confirmation mail, once more."""
    if known.confirmed or known.address is None:
        raise Refuse("there is no address to be confirmed")
    letter = confirmation(known.address, known.title, known.reference, known.language, did.page, consultation)
    return [letter]


def _by_mail(did: PageIn, known: KnownPage, case: Case, consultation: Consultation) -> list[Effect]:
    """Back to mails, which an address that is not confirmed has to be first."""
    if case.participant.reach is Reach.MAIL:
        return [SetReach(case.id, Reach.MAIL)]
    if not known.confirmed or known.address is None:
        return _asks(did, known, consultation)
    notice = say(consultation.language, "page_by_mail", address=known.address)
    return [SetReach(case.id, Reach.MAIL), Notice(case.id, notice), Step(case.id, "step_by_mail")]


def _by_page(did: PageIn, known: KnownPage, case: Case, consultation: Consultation) -> list[Effect]:
    if case.participant.reach is Reach.PAGE:
        return [SetReach(case.id, Reach.PAGE)]
    notice = say(consultation.language, "page_by_page")
    return [SetReach(case.id, Reach.PAGE), Notice(case.id, notice), Step(case.id, "step_by_page")]


def _withdraw(did: PageIn, known: KnownPage, case: Case, consultation: Consultation) -> list[Effect]:
    """It is over, as far as the citizen is concerned; a decision of staff about the case stays."""
    return [
        Notice(case.id, say(consultation.language, "page_withdrawn")),
        Step(case.id, "step_withdrawn"),
        *([Move(case.id, Status.CLOSED)] if case.status in _GOES_ON else []),
    ]


def _erase(did: PageIn, known: KnownPage, case: Case, consultation: Consultation) -> list[Effect]:
    """Staff decide, since others may have a duty to keep it; so the case is on their pile again."""
    return [
        Notice(case.id, say(consultation.language, "page_erase", reference=case.reference)),
        Step(case.id, "step_erase"),
        *([Move(case.id, Status.OPEN)] if policy.reopens(case, automatic=False) else []),
    ]


_Act = Callable[[PageIn, KnownPage, Case, Consultation], list[Effect]]
_IN_CASE: dict[PageAct, _Act] = {
    "write": _write,
    "change": _write,
    "confirm": _confirm,
    "remind": _remind,
    "by_mail": _by_mail,
    "by_page": _by_page,
    "withdraw": _withdraw,
    "erase": _erase,
}


def _reopened(case: Case) -> list[Effect]:
    """New words put the case back on the pile."""
    if not policy.reopens(case, automatic=False):
        return []
    told: list[Effect] = [Step(case.id, "step_reopened")] if case.status is Status.CLOSED else []
    return [*told, Move(case.id, Status.OPEN)]


# ------------------------------------------------------------------ while there is none


def _waiting(did: PageIn, known: KnownPage, consultation: Consultation) -> list[Effect]:
    """The submission is held back or on its way: nobody has read it."""
    if did.act == "confirm":
        return [Confirmed(did.page)]
    if did.act == "erase":
        return [ForgetPage(did.page)]
    asks = did.act in ("remind", "by_mail") and known.address is not None and not known.confirmed
    if did.act == "remind" or asks:
        return _asks(did, known, consultation)
    if did.act == "withdraw" and known.item is not None:
        return [DiscardHeld((known.item,), withdrawn=True)]
    raise Retry("what was sent on this page has not become a case yet")


def _language(did: PageIn, known: KnownPage, consultation: Consultation) -> list[Effect]:
    wanted = did.language
    if not wanted or len(wanted) > _MOST or not wanted.replace("-", "").isalnum():
        raise Refuse("that is no language")
    case, chosen = known.case, SetLanguage(did.page, wanted)
    if case is None or wanted == known.language:
        return [chosen]
    name = language_name(consultation.language, wanted)
    return [chosen, Notice(case.id, say(consultation.language, "page_language", shown=name))]
