"""The answers on paper: what was sent, as the receipt has it, in the language in which it was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.forms.fields import say
from bridge.forms.pdf import Copy, Note
from bridge.forms.receipt import digest
from bridge.forms.schema import Form
from bridge.forms.views import Block, Row, paragraphs
from bridge.forms.words import FALLBACK, TABLES, Words
from bridge.formstore import CasePage


def copy(page: CasePage, form: Form | None, organisation: str, timezone: str) -> Copy:
    """The copy of `page`, whose form is known or not any more."""
    sent: Mapping[str, Any] = json.loads(page.receipt)
    language = sent["language"] if sent["language"] in TABLES else FALLBACK
    words = Words(language)
    return Copy(
        language=language,
        rtl=words.direction == "rtl",
        organisation=organisation,
        title=sent["title"],
        footer=words("footer", organisation=organisation),
        facts=(
            (words("case.sent.reference"), page.reference),
            (words("case.state.received"), words.moment(page.created, timezone)),
            (words("case.copy.digest"), digest(page.receipt)),
        ),
        blocks=_blocks(sent["answers"], form, words),
        notes=_notes(form, words),
        at=page.created // 1000,
    )


def _blocks(sent: Sequence[Mapping[str, Any]], form: Form | None, words: Words) -> tuple[Block, ...]:
    """By section; what belongs to none that is known stands in the last one."""
    rows = {a["id"]: Row(a["id"], a["question"], _text(a) or words("case.log.none")) for a in sent}
    blocks = []
    for section in form.sections if form else ():
        title = say(section.title, words.language) if section.title else ""
        blocks.append(Block(title, tuple(rows.pop(q.id) for q in section.questions if q.id in rows)))
    blocks.append(Block("", tuple(rows.values())))
    return tuple(b for b in blocks if b.rows)


def _text(answer: Mapping[str, Any]) -> str:
    return answer["answer"] or "\n".join(f["name"] for f in answer["files"])


def _notes(form: Form | None, words: Words) -> tuple[Note, ...]:
    if form is None:
        return ()
    told = {"case.sent.next": form.next_steps, "help.title": form.contact}
    notes = ((key, paragraphs(text, words.language)) for key, text in told.items())
    return tuple(Note(words(key), tuple(said)) for key, said in notes if said)
