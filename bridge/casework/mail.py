"""A mail for one of our mailboxes: it joins its case, opens one, is held back, or reports of ours.

report of our mail ──> casework.report       joins ──> words (an automatic one: a small notice)
report of any other ──> held back: it may be somebody's words after all
claims a case ──> locked case                opens ──> case, acknowledgement
                            too many, spam ──> held back until staff look
"""

from __future__ import annotations

from bridge.casework import policy, topic
from bridge.casework.effects import (
    Acknowledge,
    Arrived,
    Effect,
    HoldBack,
    Move,
    Notice,
    OpenCase,
    Reached,
    Reply,
    Tell,
)
from bridge.casework.known import KnownMail
from bridge.casework.report import report
from bridge.casework.said import remarked, said
from bridge.casework.settings import Settings
from bridge.casework.texts import say, warning
from bridge.errors import Broken
from bridge.inbound import MailIn
from bridge.model import Case, Consultation, Source, Status, Verdict
from bridge.text import clean_line, clean_text, clip

SUBJECT_BYTES = 500
POSTMASTER = "postmaster"
"""Every mail domain has this mailbox (RFC 5321 section 4.5.1); here it is the operators'."""

_SMALL = 1_500  # bytes of an automatic mail that fit a notice
_EXCERPT = 300  # bytes of a held mail that its line in the list shows


def mail(came: MailIn, known: KnownMail, settings: Settings) -> list[Effect]:
    """Effects of a mail.  Raises `Broken` when its mailbox belongs to no consultation any more."""
    if came.reports and known.returned is not None:
        return report(came, known.returned, known.consultation, settings)
    if came.mailbox == POSTMASTER:
        return [Tell(say(settings.language, "tell_postmaster"), once=POSTMASTER)]
    consultation = known.consultation
    if consultation is None:
        raise Broken("a mail came for a mailbox that belongs to no consultation")
    bound = policy.binding(came, known)
    if bound.joins is not None:
        return _joins(came, bound.joins, consultation)
    arrived = Arrived(consultation.slug, came.from_address, came.network)
    held = policy.brake(came, known, settings.brake)
    if held is not None and known.desk is not None:
        return [arrived, *_held(came, held, known.desk, consultation)]
    if bound.claims is not None:
        return [arrived, *_claims(came, bound.claims, bound.why, consultation)]
    return [arrived, *_opens(came, known.acknowledged_today, consultation, settings)]


def _joins(came: MailIn, case: Case, consultation: Consultation) -> list[Effect]:
    language = consultation.language
    text = clean_text(came.text).strip()
    if came.automatic and not came.attachments and len(text.encode("utf-8", "replace")) <= _SMALL:
        return [Notice(case.id, "\n".join([say(language, "automatic_joined"), text]).strip())]
    effects = [*_words(came, case.id, language), *_topic(came, case, language)]
    effects += _weaker(came, case, language)
    if came.automatic:
        return [*effects, Notice(case.id, say(language, "automatic_joined"))]
    if case.participant.bounces:
        effects.append(Reached(case.id))
    if policy.reopens(case, came.automatic):
        effects.append(Move(case.id, Status.OPEN))
    return effects


def _topic(came: MailIn, case: Case, language: str) -> list[Effect]:
    """The subject is the citizen's word too, where it is another one than that of the case."""
    if not topic.is_new(came.subject, case):
        return []
    subject = clean_line(came.subject, SUBJECT_BYTES)
    return [Notice(case.id, say(language, "topic_new", subject=subject))]


def _weaker(came: MailIn, case: Case, language: str) -> list[Effect]:
    """The case was opened by a mail that its sender's domain vouched for, and this one is none."""
    if case.trust is not Verdict.VERIFIED or came.trust is None or came.trust.verdict is Verdict.VERIFIED:
        return []
    return [Notice(case.id, _reasons(came, language, "trust_weaker"))]


def _claims(came: MailIn, claimed: Case, why: str, consultation: Consultation) -> list[Effect]:
    """A case of its own from which nothing goes out until staff say whose it is."""
    language = consultation.language
    sentences = [
        say(language, why, reference=claimed.reference),
        *([say(language, "locked_sender", address=came.from_address)] if came.from_address else []),
        say(language, "locked_how", reference=claimed.reference),
    ]
    return [
        _open(came, consultation, locked=True, claims=claimed.reference),
        *_words(came, None, language),
        Notice(None, " ".join(sentences)),
        *_suspicion(came, language),
    ]


def _opens(came: MailIn, today: int, consultation: Consultation, settings: Settings) -> list[Effect]:
    language = consultation.language
    locked = policy.doubtful(came) and came.from_address is not None
    effects = [_open(came, consultation, locked=locked), *_words(came, None, language)]
    if locked:
        how = say(language, "locked_suspicious")
        return [*effects, *_suspicion(came, language), Notice(None, how)]
    effects += _suspicion(came, language)
    if came.from_address is None:
        return [*effects, Notice(None, say(language, "no_address_mail"))]
    if came.automatic:
        return [*effects, Notice(None, say(language, "automatic_new"))]
    if today >= settings.acknowledgements_per_day:
        return [*effects, Notice(None, say(language, "ack_limit"))]
    return [*effects, Acknowledge(None)]


def _held(came: MailIn, why: str, desk: str, consultation: Consultation) -> list[Effect]:
    """Kept out of the room.  Staff hear of it once a day, however many there are."""
    slug = consultation.slug
    excerpt = clip(" ".join(clean_text(came.text).split()), _EXCERPT)
    sender = came.from_address or clean_line(came.from_name)
    return [
        HoldBack(slug, why, sender, clean_line(came.subject, SUBJECT_BYTES), excerpt),
        Reply(desk, say(consultation.language, "held_notice"), once=f"held {slug}"),
    ]


def _open(came: MailIn, consultation: Consultation, *, locked: bool, claims: str | None = None) -> OpenCase:
    language = consultation.language
    return OpenCase(
        slug=consultation.slug,
        channel=Source.EMAIL,
        name=clean_line(came.from_name) or came.from_address or say(language, "unknown_name"),
        address=came.from_address,
        language=language,
        subject=clean_line(came.subject, SUBJECT_BYTES),
        locked=locked,
        claims=claims,
        trust=None if came.trust is None else came.trust.verdict,
    )


def _suspicion(came: MailIn, language: str) -> list[Effect]:
    return [Notice(None, _reasons(came, language, "trust_suspicious"))] if policy.doubtful(came) else []


def _reasons(came: MailIn, language: str, headline: str) -> str:
    reasons = () if came.trust is None else came.trust.reasons
    return "\n".join(
        [say(language, headline), *(f"– {say(language, f'trust_{reason}')}" for reason in reasons)]
    )


def _words(came: MailIn, case: int | None, language: str) -> list[Effect]:
    effects = said(
        case, came.text, came.html, came.attachments, language, came.message_id, folded=came.folded
    )
    if came.invitations:
        effects.append(Notice(case, "\n".join(came.invitations)))
    effects += remarked(case, came.remarks, came.virus, language)
    if came.warnings:
        lines = dict.fromkeys(warning(language, key) for key in came.warnings)
        effects.append(Notice(case, "\n".join([say(language, "warnings"), *(f"– {line}" for line in lines)])))
    return effects
