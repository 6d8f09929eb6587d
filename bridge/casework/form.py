"""A form that was sent: always a case of its own, under the reference its sender has seen."""

from __future__ import annotations

import html

from bridge.casework.effects import Acknowledge, Effect, Notice, OpenCase
from bridge.casework.known import KnownForm
from bridge.casework.said import said
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.errors import Broken
from bridge.model import FormIn, Source
from bridge.text import clean_line, clean_text


def form(sent: FormIn, known: KnownForm, settings: Settings) -> list[Effect]:
    """Effects of a form.  Raises `Broken` when its consultation is no longer there."""
    consultation = known.consultation
    if consultation is None:
        raise Broken("a form was sent for a consultation that is not there")
    language = consultation.language
    effects: list[Effect] = [
        OpenCase(
            slug=consultation.slug,
            channel=Source.FORM,
            name=clean_line(sent.name) or say(language, "unknown_name"),
            address=sent.address,
            language=sent.language,
            subject=clean_line(sent.title, 500),
            reference=sent.reference,
        ),
        *said(None, answers_text(sent), answers_html(sent), sent.attachments, language),
    ]
    if sent.address is None:
        return [*effects, Notice(None, say(language, "no_address_form"))]
    if known.acknowledged_today >= settings.acknowledgements_per_day:
        return [*effects, Notice(None, say(language, "ack_limit"))]
    return [*effects, Acknowledge(None)]


def answers_text(sent: FormIn) -> str:
    """Every question with its answer, in the order of the form."""
    return "\n\n".join(f"{clean_line(label)}\n{clean_text(answer)}" for label, answer in sent.answers)


def answers_html(sent: FormIn) -> str:
    """The same, the questions set off."""
    pairs = [(html.escape(clean_line(q)), html.escape(clean_text(a))) for q, a in sent.answers]
    return "".join(f"<p><strong>{q}</strong><br>{a.replace(chr(10), '<br>')}</p>" for q, a in pairs)
