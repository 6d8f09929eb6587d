"""A mail for one of our mailboxes: it joins its case, or opens one."""

from __future__ import annotations

from bridge.casework import policy
from bridge.casework.effects import Acknowledge, Effect, Move, Notice, OpenCase, Tell
from bridge.casework.known import KnownMail
from bridge.casework.said import said
from bridge.casework.settings import Settings
from bridge.casework.texts import say, warning
from bridge.errors import Broken
from bridge.model import Case, Consultation, MailIn, Source, Status
from bridge.text import clean_line

SUBJECT_BYTES = 500
POSTMASTER = "postmaster"
"""Every mail domain has this mailbox (RFC 5321 section 4.5.1); here it is the operators'."""


def mail(came: MailIn, known: KnownMail, settings: Settings) -> list[Effect]:
    """Effects of a mail.  Raises `Broken` when its mailbox belongs to no consultation any more."""
    if came.mailbox == POSTMASTER:
        return [Tell(say(settings.language, "tell_postmaster"), once=POSTMASTER)]
    consultation = known.consultation
    if consultation is None:
        raise Broken("a mail came for a mailbox that belongs to no consultation")
    bound = policy.binding(came, known)
    if bound.joins is not None:
        return _joins(came, bound.joins, consultation)
    if bound.claims is not None:
        return _claims(came, bound.claims, bound.why, consultation)
    return _opens(came, known.acknowledged_today, consultation, settings)


def _joins(came: MailIn, case: Case, consultation: Consultation) -> list[Effect]:
    language = consultation.language
    effects = _words(came, case.id, language)
    if came.automatic:
        effects.append(Notice(case.id, say(language, "automatic_joined")))
    if policy.reopens(case, came.automatic):
        effects.append(Move(case.id, Status.OPEN))
    return effects


def _claims(came: MailIn, claimed: Case, why: str, consultation: Consultation) -> list[Effect]:
    """A case of its own from which nothing goes out until staff say whose it is."""
    language = consultation.language
    sentences = [
        say(language, why, reference=claimed.reference),
        *([say(language, "locked_sender", address=came.from_address)] if came.from_address else []),
        say(language, "locked_how", reference=claimed.reference),
    ]
    return [
        _open(came, consultation, claims=claimed.reference),
        *_words(came, None, language),
        Notice(None, " ".join(sentences)),
    ]


def _opens(came: MailIn, today: int, consultation: Consultation, settings: Settings) -> list[Effect]:
    language = consultation.language
    effects = [_open(came, consultation), *_words(came, None, language)]
    if came.from_address is None:
        return [*effects, Notice(None, say(language, "no_address_mail"))]
    if came.automatic:
        return [*effects, Notice(None, say(language, "automatic_new"))]
    if today >= settings.acknowledgements_per_day:
        return [*effects, Notice(None, say(language, "ack_limit"))]
    return [*effects, Acknowledge(None)]


def _open(came: MailIn, consultation: Consultation, claims: str | None = None) -> OpenCase:
    language = consultation.language
    return OpenCase(
        slug=consultation.slug,
        channel=Source.EMAIL,
        name=clean_line(came.from_name) or came.from_address or say(language, "unknown_name"),
        address=came.from_address,
        language=language,
        subject=clean_line(came.subject, SUBJECT_BYTES),
        locked=claims is not None,
        claims=claims,
    )


def _words(came: MailIn, case: int | None, language: str) -> list[Effect]:
    effects = said(case, came.text, came.html, came.attachments, language, came.message_id)
    if came.warnings:
        lines = dict.fromkeys(warning(language, key) for key in came.warnings)
        effects.append(Notice(case, "\n".join([say(language, "warnings"), *(f"– {line}" for line in lines)])))
    return effects
