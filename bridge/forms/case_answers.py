"""The answers of a submission as its citizen reads them on the page and in their downloads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.forms import conditions
from bridge.forms.fields import FileField, say
from bridge.forms.said import said
from bridge.forms.schema import Form
from bridge.forms.words import Words
from bridge.formstore import CasePage


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer, "" for none."""

    label: str
    text: str = field(repr=False)


def answers(page: CasePage, form: Form | None, words: Words) -> Sequence[Row]:
    """The answers as they are now, in the language of `words`; as they were sent, where the form is not
    known any more.  Files are those that were sent."""
    sent: Sequence[Mapping[str, Any]] = json.loads(page.receipt)["answers"]
    if form is None:
        return [Row(a["question"], a["answer"] or _names(a)) for a in sent]
    files = {a["id"]: _names(a) for a in sent if a["files"]}
    asked = conditions.asked(form, {**page.values, **{k: [v] for k, v in files.items()}})
    return [
        Row(
            say(q.label, words.language),
            files.get(q.id, "") if isinstance(q, FileField) else said(q, page.values, (), words),
        )
        for q in asked
    ]


def _names(answer: Mapping[str, Any]) -> str:
    return "\n".join(f["name"] for f in answer["files"])
