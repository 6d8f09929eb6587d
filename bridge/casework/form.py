"""A form that was sent: held back, or a case of its own under the reference its sender has seen.

looks like spam, too many ──> held until staff look, or the sender confirms their address
address to be confirmed ────> held until they do; a letter asks them
else ───────────────────────> case, words, a line of facts
                                address confirmed ──> acknowledgement with a copy
                                not asked for ──────> acknowledgement in fixed words
                                not confirmed yet ──> a letter asks; answers stand on the page
"""

from __future__ import annotations

from bridge.casework import listed, policy
from bridge.casework.effects import (
    Acknowledge,
    Arrived,
    Effect,
    HoldBack,
    Notice,
    OpenCase,
    Reply,
    Step,
)
from bridge.casework.known import KnownForm
from bridge.casework.letter import confirmation, copied
from bridge.casework.said import remarked, said
from bridge.casework.settings import Settings
from bridge.casework.texts import heard, language_name, say, suspicion
from bridge.errors import Broken
from bridge.inbound import FormIn
from bridge.model import Consultation, Reach, Source
from bridge.text import clean_line, clean_text, clip

_EXCERPT = 300  # bytes of a held form that its line in the list shows
_DIGEST = 16  # hex digits of the receipt's, enough to find it by
_FACTS = {
    Reach.PAGE: "form_page",
    Reach.UNCONFIRMED: "form_unconfirmed",
    Reach.NONE: "form_none",
}


def form(sent: FormIn, known: KnownForm, settings: Settings) -> list[Effect]:
    """Effects of a form.  Raises `Broken` when its consultation is no longer there."""
    consultation = known.consultation
    if consultation is None:
        raise Broken("a form was sent for a consultation that is not there")
    counted: list[Effect] = []
    if not (known.released or known.confirmed):  # it is looked at for the first time
        counted = [Arrived(consultation.slug, sent.address, sent.network)]
    held = policy.form_brake(sent, known, settings.brake)
    if held is not None:
        return [*counted, *_held(sent, held, known, consultation)]
    if policy.waits_for_sender(sent, known):
        held_back = _held(sent, "held_unconfirmed", known, consultation)
        return [*counted, *held_back, *_asks(sent, consultation)]
    return [*counted, *_opens(sent, known, consultation)]


def _asks(sent: FormIn, consultation: Consultation) -> list[Effect]:
    """The letter that asks to confirm the address, where there is one."""
    if sent.address is None:
        return []
    return [confirmation(sent.address, sent.title, sent.reference, sent.language, sent.page, consultation)]


def _held(sent: FormIn, why: str, known: KnownForm, consultation: Consultation) -> list[Effect]:
    """Kept out of the room.  Staff hear of it once a day, however many there are."""
    language, slug = consultation.language, consultation.slug
    waits = why == "held_unconfirmed"
    answers = " · ".join(f"{a.staff_label}: {a.staff_text}" for a in sent.answers)
    excerpt = clip(" ".join(clean_text(answers).split()), _EXCERPT)
    signs = " ".join(suspicion(language, key) for key in sent.suspicions)
    sender = ", ".join(part for part in (clean_line(sent.name), sent.address or "") if part)
    told = say(language, "held_unconfirmed_notice" if waits else "held_notice")
    once = f"held {'unconfirmed ' if waits else ''}{slug}"
    return [
        HoldBack(slug, why, sender, _title(sent), f"{excerpt} – {signs}" if signs else excerpt),
        *([Reply(known.desk, told, once=once)] if known.desk is not None else []),
    ]


def _opens(sent: FormIn, known: KnownForm, consultation: Consultation) -> list[Effect]:
    language = consultation.language
    reach = policy.reach(sent, known)
    return [
        OpenCase(
            slug=consultation.slug,
            channel=Source.FORM,
            name=clean_line(sent.name) or say(language, "unknown_name"),
            address=sent.address,
            language=heard(sent.language, language),
            subject=_title(sent),
            reference=sent.reference,
            reach=reach,
            page=sent.page or None,
            retention_days=sent.retention_days,
        ),
        *_words(sent, language),
        Notice(None, _facts(sent, known, reach, language)),
        *(Step(None, key) for key in _steps(sent, known)),
        *_answered(sent, known, reach, consultation),
    ]


def _steps(sent: FormIn, known: KnownForm) -> list[str]:
    """What the citizen sees on their page beside their words."""
    if not sent.page:
        return []
    return ["step_received", *(["step_confirmed"] if known.confirmed else [])]


def _answered(sent: FormIn, known: KnownForm, reach: Reach, consultation: Consultation) -> list[Effect]:
    """What goes to the address at once, if anything."""
    if reach is Reach.UNCONFIRMED:
        return _asks(sent, consultation)
    if reach is not Reach.MAIL:
        return []
    if known.confirmed:
        return [Acknowledge(None, copied(_own(sent)) or sent.reference)]
    if known.acknowledged_today >= policy.LETTERS_A_DAY:
        return [Notice(None, say(consultation.language, "ack_limit"))]
    return [Acknowledge(None)]


def _words(sent: FormIn, language: str) -> list[Effect]:
    """What was answered, in the desk's language."""
    personal = say(language, "form_personal")
    entries = [
        listed.Entry(a.staff_label, a.staff_text, personal if a.personal else "") for a in sent.answers
    ]
    text, rich, own = listed.as_text(entries), listed.as_html(entries), listed.as_text(_own(sent))
    effects = said(None, text, rich, sent.attachments, language, own="" if own == text else own)
    return [*effects, *remarked(None, sent.remarks, sent.virus, language)]


def _own(sent: FormIn) -> list[listed.Entry]:
    """In the citizen's language."""
    return [listed.Entry(a.label, a.text) for a in sent.answers]


def _facts(sent: FormIn, known: KnownForm, reach: Reach, language: str) -> str:
    """What staff should know beside the answers."""
    shown = language_name(language, sent.language)
    key = "form_notice" if sent.notice else "form_language"
    lines = [say(language, key, version=clean_line(sent.notice, 80), shown=shown)]
    if sent.digest:
        lines[0] += " " + say(language, "form_receipt", digest=sent.digest[:_DIGEST])
    mailed = "form_mail" if known.confirmed else "form_mail_unchecked"
    lines.append(say(language, _FACTS.get(reach, mailed), address=sent.address or ""))
    if sent.suspicions and known.released:
        signs = (f"– {suspicion(language, sign)}" for sign in sent.suspicions)
        lines += [say(language, "form_suspect"), *signs]
    return "\n".join(lines)


def _title(sent: FormIn) -> str:
    return clean_line(sent.staff_title, 500) or clean_line(sent.title, 500)
