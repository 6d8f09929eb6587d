"""Mails of the bridge's own: to anybody's address in fixed words, to a confirmed one with what was sent."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bridge.casework import listed
from bridge.casework.effects import Effect, Letter
from bridge.casework.known import KnownPage
from bridge.casework.texts import heard
from bridge.errors import Broken
from bridge.formstore import KEPT_DAYS
from bridge.inbound import ResumeIn
from bridge.model import Consultation
from bridge.text import clean_line, clip

COPY_BYTES = 60_000
"""Of what was sent in an acknowledgement: as much as is read in a thread.  The page has all of it."""

_TITLE = 500  # bytes


def confirmation(
    address: str, title: str, reference: str, language: str, page: int, consultation: Consultation
) -> Letter:
    """Asks whoever reads it to confirm the address that stands on a page."""
    values = (("title", clean_line(title, _TITLE)), ("reference", reference))
    return Letter("confirm", consultation.slug, address, heard(language, consultation.language), values, page)


def resume(asked: ResumeIn, known: KnownPage) -> list[Effect]:
    """The link back to a form that was saved.  Raises `Broken` when its consultation is not there."""
    consultation = known.consultation
    if consultation is None:
        raise Broken("somebody comes back to a form whose consultation is not there")
    values = (("title", clean_line(asked.title, _TITLE)), ("link", asked.link), ("days", str(KEPT_DAYS)))
    language = heard(asked.language, consultation.language)
    return [Letter("resume", consultation.slug, asked.address, language, values)]


def copied(entries: Sequence[listed.Entry]) -> str:
    """What was sent, for the person who sent it."""
    return clip(listed.as_text(entries), COPY_BYTES)


def copy_of(receipt: str) -> str:
    """The same out of the text of a receipt; "" where there is none."""
    if not receipt:
        return ""
    try:
        told = [(a["question"], a["answer"] or _names(a["files"])) for a in json.loads(receipt)["answers"]]
    except (ValueError, TypeError, KeyError):
        raise Broken("a stored receipt cannot be read") from None
    return copied([listed.Entry(str(question), str(answer)) for question, answer in told if answer])


def _names(files: Sequence[dict[str, str]]) -> str:
    return "\n".join(clean_line(file["name"]) for file in files)
