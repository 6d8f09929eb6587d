"""The receipt of a submission: what was sent, in a text that is the same bytes wherever it is made.

The citizen downloads it; its SHA-256 stands on the confirmation and in the room.  Whoever holds the
text can show later what was sent, and that nothing was changed since.

It is JSON in the canonical form of RFC 8785: UTF-8, no white space, keys in order.  Its keys:

    version    1
    form       the form's id, and `title` its title
    reference  the public reference, and `received` the time in UTC, such as 2027-03-27T13:05:00Z
    language   of the page, and `notice` the version of the privacy notice that was shown, or null
    answers    of each question that was asked: `id`, `question`, `answer` (as it was read; "" for none)
               and `files` (each with `name`, `size` in bytes and `sha256` of its content in hex)
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from bridge.forms.answers import Answer, Checked
from bridge.forms.fields import say
from bridge.forms.schema import Form

VERSION = 1


def receipt(form: Form, checked: Checked, *, reference: str, received: int, language: str) -> str:
    """The receipt's text.  `received` in ms since 1970, of which it keeps the seconds."""
    told = {
        "version": VERSION,
        "form": form.id,
        "title": say(form.title, language),
        "reference": reference,
        "received": f"{datetime.fromtimestamp(received // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "language": language,
        "notice": form.privacy.version if form.privacy else None,
        "answers": [_answer(a, language) for a in checked.answers],
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _answer(answer: Answer, language: str) -> dict[str, Any]:
    files = [{"name": f.name, "size": f.size, "sha256": f.digest} for f in answer.files]
    text = "" if files else answer.text
    return {
        "id": answer.field.id,
        "question": say(answer.field.label, language),
        "answer": text,
        "files": files,
    }


def digest(text: str) -> str:
    """The SHA-256 of a receipt's text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
