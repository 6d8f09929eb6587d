"""Answers that are files, of which name, believed type, size and digest are known here."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.forms.answer import Answer, missing
from bridge.forms.fields import FILE_TYPES, MAX_FILES_MB, MEGABYTE, FileField
from bridge.forms.words import Words
from bridge.formstore import DraftFile


def files(question: FileField, sent: Sequence[DraftFile], room: int, words: Words) -> Answer:
    """Those of `sent` that are good; the error is of the first that is not.

    `room` are the bytes that this question may still add to the submission.  The same file sent
    twice counts once.
    """
    taken: dict[str, DraftFile] = {}
    error: str | None = None
    for file in sent:
        if file.digest in taken:
            continue
        fault = _fault(question, file, len(taken), room, words)
        if fault is None:
            taken[file.digest] = file
            room -= file.size
        error = error or fault
    if not taken and not error:
        error = missing(question, words)
    good = tuple(taken.values())
    return Answer(question, "\n".join(f.name for f in good), (), good, error, question.id)


def _fault(question: FileField, file: DraftFile, taken: int, room: int, words: Words) -> str | None:
    if file.size > question.max_mb * MEGABYTE:
        return words("error.file.large", name=file.name, mb=question.max_mb)
    if not file.size:
        return words("error.file.empty", name=file.name)
    if file.mime not in question.types:
        types = words.listed([FILE_TYPES.get(t, t) for t in question.types])
        return words("error.file.type", name=file.name, types=types)
    if taken >= question.max_files:
        return words.count("error.file.number", question.max_files, name=file.name)
    return words("error.file.total", mb=MAX_FILES_MB, name=file.name) if file.size > room else None
