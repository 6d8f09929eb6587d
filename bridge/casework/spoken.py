"""What a citizen says on their page, as effects: a message, or answers that they changed."""

from __future__ import annotations

from bridge.casework import listed
from bridge.casework.effects import Effect, Notice
from bridge.casework.said import remarked, said
from bridge.casework.texts import say
from bridge.inbound import PageIn
from bridge.model import Consultation


def spoken(did: PageIn, case: int | None, consultation: Consultation) -> list[Effect]:
    """For the thread of `case`, in the desk's language."""
    language = consultation.language
    if did.act == "change":
        return _changed(did, case, language)
    words = said(case, did.text, None, did.attachments, language)
    return [*words, *remarked(case, did.remarks, did.virus, language)]


def _changed(did: PageIn, case: int | None, language: str) -> list[Effect]:
    if not did.changes:
        return [Notice(case, say(language, "page_unchanged"))]
    none = say(language, "page_no_answer")
    entries = [
        listed.Entry(
            change.label,
            "\n".join(
                say(language, key, answer=answer or none)
                for key, answer in (("page_before", change.before), ("page_after", change.after))
            ),
        )
        for change in did.changes
    ]
    title = say(language, "page_changed")
    text, rich = f"{title}\n\n{listed.as_text(entries)}", f"<p>{title}</p>{listed.as_html(entries)}"
    return said(case, text, rich, (), language, change=True)
