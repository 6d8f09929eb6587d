"""What is done on the page of a submission that staff dropped.

Words are not thrown away with it: they are held back in their turn, and when staff let them through
they open the case that was not wanted before.
"""

from __future__ import annotations

from bridge.casework.effects import Effect, ForgetPage, HoldBack, OpenCase, Reply
from bridge.casework.known import KnownPage
from bridge.casework.spoken import spoken
from bridge.casework.texts import heard, say
from bridge.errors import Refuse
from bridge.inbound import PageIn
from bridge.model import Consultation, Reach, Source
from bridge.text import clean_line, clean_text, clip

_EXCERPT = 300  # bytes


def dropped(did: PageIn, known: KnownPage, consultation: Consultation) -> list[Effect]:
    """Effects of an act; `Refuse` for those that only make sense where something may come of it."""
    if did.act == "erase":
        return [ForgetPage(did.page)]
    if did.act not in ("write", "change"):
        raise Refuse("nothing comes of what was sent on this page")
    return _opens(did, known, consultation) if known.released else _held(did, known, consultation)


def _held(did: PageIn, known: KnownPage, consultation: Consultation) -> list[Effect]:
    slug = consultation.slug
    said = did.text or " · ".join(f"{change.label}: {change.after}" for change in did.changes)
    excerpt = clip(" ".join(clean_text(said).split()), _EXCERPT)
    sender = f"{known.reference} {known.address or ''}".strip()
    told = say(consultation.language, "held_notice")
    return [
        HoldBack(slug, "held_page", sender, clean_line(known.title, 500), excerpt),
        *([Reply(known.desk, told, once=f"held {slug}")] if known.desk is not None else []),
    ]


def _opens(did: PageIn, known: KnownPage, consultation: Consultation) -> list[Effect]:
    language = consultation.language
    mailed = known.confirmed and known.address is not None
    return [
        OpenCase(
            slug=consultation.slug,
            channel=Source.FORM,
            name=say(language, "unknown_name"),
            address=known.address,
            language=heard(known.language, language),
            subject=clean_line(known.title, 500),
            reference=known.reference,
            reach=Reach.MAIL if mailed else Reach.UNCONFIRMED if known.address else Reach.PAGE,
            page=did.page,
            retention_days=known.retention_days,
        ),
        *spoken(did, None, consultation),
    ]
