"""What was sent, ready for the ledger; and what a changed submission changes.

Each answer is said twice: in the language of the page, and in that of the desk.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.forms.answers import Answer, Checked, check
from bridge.forms.fields import FileField, is_personal, say
from bridge.forms.packing import pack, pack_page, pack_resume, unpack, unpack_page, unpack_resume
from bridge.forms.said import said
from bridge.forms.schema import Form, OpenForm
from bridge.forms.words import FALLBACK, TABLES, Words
from bridge.formstore import Values
from bridge.inbound import AnswerChange, FormAnswer, FormIn
from bridge.model import Attachment

__all__ = [
    "changes",
    "desk_language",
    "pack",
    "pack_page",
    "pack_resume",
    "submission",
    "unpack",
    "unpack_page",
    "unpack_resume",
]


def desk_language(form: Form, staff_language: str) -> str:
    """The language in which staff read the form's questions and options: their own where the form has
    it (a form of plain strings is in theirs), else the form's first one."""
    known = form.languages or (staff_language,)
    language = staff_language if staff_language in known else known[0]
    return language if language in TABLES else FALLBACK


def submission(
    opened: OpenForm,
    checked: Checked,
    reference: str,
    language: str,
    *,
    page: int = 0,
    digest: str = "",
    attachments: Sequence[Attachment] = (),
    suspicions: Sequence[str] = (),
    network: str = "",
) -> FormIn:
    """What was sent in `language`, for the ledger; `digest` is that of its receipt.

    The questions with a role are not repeated among the answers, and what was not answered is left
    out.  `attachments` are the files of `checked` with their bytes.
    """
    form = opened.form
    staff_language = desk_language(form, opened.languages[0])
    roles = {f.id for f in (form.name_field, form.address_field) if f is not None}
    address = checked.text(form.address_field) or None
    return FormIn(
        slug=opened.slug,
        form=form.id,
        title=say(form.title, language),
        staff_title=say(form.title, staff_language),
        reference=reference,
        language=language,
        name=checked.text(form.name_field),
        address=address,
        answers=tuple(
            _for_both(a, language, Words(staff_language))
            for a in checked.answers
            if a.text and a.field.id not in roles
        ),
        attachments=tuple(attachments),
        page=page,
        confirm=form.confirm if address else "none",
        notice=form.privacy.version if form.privacy else "",
        digest=digest,
        suspicions=tuple(suspicions),
        network=network,
        retention_days=form.privacy.retention_days if form.privacy else None,
    )


def _for_both(answer: Answer, language: str, staff: Words) -> FormAnswer:
    question = answer.field
    return FormAnswer(
        id=question.id,
        label=say(question.label, language),
        text=answer.text,
        staff_label=say(question.label, staff.language),
        staff_text=said(question, Checked((answer,)).values, answer.files, staff),
        personal=is_personal(question),
    )


def changes(form: Form, before: Values, after: Values, staff_language: str) -> tuple[AnswerChange, ...]:
    """What is different in `after`, in the order of the form and in the language of the desk.

    A question that is no longer asked has no answer.  Files are not compared: they stay as they are.
    """
    words = Words(desk_language(form, staff_language))
    old, new = (check(form, values, {}, words) for values in (before, after))
    return tuple(
        AnswerChange(say(question.label, words.language), old.text(question), new.text(question))
        for question in form.questions
        if not isinstance(question, FileField) and old.text(question) != new.text(question)
    )
