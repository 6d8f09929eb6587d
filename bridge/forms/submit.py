"""What was posted, held against the form: clean answers, or words that say what to mend.

    posted values + files ──check──> Checked ──submission──> FormIn ──pack──> bytes
                                       │ carry: the same again as hidden inputs

`check` never raises for what a stranger sent: every fault becomes an answer's `error`, and
what was written is kept beside it.  `pack` and `unpack` are inverse.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from bridge.errors import Broken
from bridge.forms.fields import (
    FILE_TYPES,
    MAX_FILES_MB,
    MEGABYTE,
    CheckboxField,
    ChoiceField,
    ChoicesField,
    DateField,
    EmailField,
    Field,
    FileField,
    LongTextField,
    TextField,
    say,
)
from bridge.forms.schema import Form, OpenForm
from bridge.forms.words import Words
from bridge.model import Attachment, FormIn
from bridge.names import believed_type, clean_name

KEPT, REMOVE = "--kept", "--remove"
PARTS = ("day", "month", "year")
YES = "yes"

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, with its clean name, believed type and `digest` of its bytes.

    `problem` says why there are no bytes: it was too large, or what was kept of an earlier
    page is no longer here.
    """

    name: str
    mime: str
    digest: str
    data: bytes = field(repr=False)
    problem: Literal["", "lost", "large"] = ""

    @property
    def kept(self) -> str:
        """The value of the hidden input that stands for it on the next page."""
        return f"{self.digest}:{self.name}"


def uploaded(name: str, declared: str, data: bytes, *, large: bool = False) -> Upload:
    """An `Upload` of what a browser sent."""
    clean = clean_name(name)
    digest = hashlib.sha256(data).hexdigest()[:32]
    return Upload(clean, believed_type(clean, declared, data[:4096]), digest, data, "large" if large else "")


def lost(kept: str) -> Upload:
    """The `Upload` for a hidden input whose file is no longer here."""
    digest, _, name = kept.partition(":")
    return Upload(clean_name(name), "", digest[:32], b"", "lost")


@dataclass(frozen=True, slots=True)
class Answer:
    """To one field: `text` as people read it ("" when not given), `carry` the hidden inputs that
    say the same again, `error` what to mend, at the input with the ID `anchor`."""

    field: Field
    text: str
    carry: tuple[tuple[str, str], ...]
    uploads: tuple[Upload, ...] = ()
    error: str | None = None
    anchor: str = ""

    def values(self, name: str) -> list[str]:
        return [v for k, v in self.carry if k == name]


@dataclass(frozen=True, slots=True)
class Checked:
    """All answers, in the order of the form."""

    answers: tuple[Answer, ...]

    @property
    def errors(self) -> tuple[Answer, ...]:
        return tuple(a for a in self.answers if a.error)

    @property
    def uploads(self) -> dict[str, tuple[Upload, ...]]:
        """The files that were taken, by field."""
        return {a.field.id: a.uploads for a in self.answers if a.uploads}

    def text(self, of: Field | None) -> str:
        return next((a.text for a in self.answers if of is not None and a.field.id == of.id), "")

    @property
    def digest(self) -> bytes:
        """The same for the same answers in whatever language the page was."""
        canonical = json.dumps([[a.field.id, a.carry] for a in self.answers])
        return hashlib.sha256(canonical.encode()).digest()


def check(form: Form, values: Values, files: Mapping[str, Sequence[Upload]], words: Words) -> Checked:
    """The answers to `form` in `values` and `files` (both by field), with errors in `words`."""
    room = MAX_FILES_MB * MEGABYTE
    answers = []
    for f in form.fields:
        if isinstance(f, FileField):
            answer = _files(f, files.get(f.id, ()), room, words)
            room -= sum(len(u.data) for u in answer.uploads)
        else:
            answer = _answer(f, values, words)
        answers.append(answer)
    return Checked(tuple(answers))


def _answer(f: Field, values: Values, words: Words) -> Answer:
    first = next(iter(values.get(f.id, ())), "")
    match f:
        case TextField() | LongTextField():
            return _text(f, first, words)
        case EmailField():
            return _email(f, first, words)
        case ChoiceField() | ChoicesField():
            return _options(f, values.get(f.id, ()), words)
        case CheckboxField():
            ticked = first == YES
            error = None if ticked or not f.required else _missing(f, words)
            carry = ((f.id, YES),) if ticked else ()
            return Answer(f, words("check.yes") if ticked else "", carry, error=error, anchor=f.id)
        case DateField():
            return _date(f, values, words)
        case FileField():
            return _files(f, (), 0, words)


def _missing(f: Field, words: Words) -> str:
    if f.missing is not None:
        return say(f.missing, words.language)
    if isinstance(f, TextField) and f.role:
        return words("missing.name")
    kind = f.type if f"missing.{f.type}" in MISSING else "any"
    return words(f"missing.{kind}", label=say(f.label, words.language))


MISSING = frozenset(f"missing.{kind}" for kind in ("email", "choice", "choices", "checkbox", "date", "file"))
"""The types that have their own sentence for an empty required field."""


def _clean(text: str, *, lines: bool) -> str:
    """NFC, one kind of line break or none, no other control characters, trimmed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not lines:
        text = " ".join(text.split())
    return "".join(
        c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp")
    ).strip()


_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # bidi that hides an order


def _text(f: TextField | LongTextField, raw: str, words: Words) -> Answer:
    text = _clean(raw, lines=isinstance(f, LongTextField))
    if isinstance(f, TextField):
        text = text.translate(_OVERRIDES)
    error = None
    if not text and f.required:
        error = _missing(f, words)
    elif len(text) > f.max_length:
        label = say(f.label, words.language)
        error = words("long", label=label, max=f.max_length, number=len(text))
    return Answer(f, text, ((f.id, text),) if text else (), error=error, anchor=f.id)


_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def email_address(text: str) -> str | None:
    """`text` as an address a mail can be sent to (RFC 5321, ASCII, dotted domain), or None.

    A domain in other letters is put into its ASCII form (IDNA 2003).
    """
    local, at, domain = text.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    good = (
        at
        and len(local) <= 64
        and len(local) + len(ascii_domain) < 254
        and _LOCAL.fullmatch(local)
        and len(labels) > 1
        and all(_LABEL.fullmatch(x) for x in labels)
        and not labels[-1].isdigit()
    )
    return f"{local}@{ascii_domain}" if good else None


def _email(f: EmailField, raw: str, words: Words) -> Answer:
    written = "".join(_clean(raw, lines=False).split())
    address = email_address(written)
    error = None
    if not written:
        error = _missing(f, words) if f.required else None
    elif address is None:
        error = words("email.format")
    text = address or written
    return Answer(f, text, ((f.id, text),) if text else (), error=error, anchor=f.id)


def _options(f: ChoiceField | ChoicesField, chosen: Sequence[str], words: Words) -> Answer:
    taken = [o for o in f.options if o.value in chosen]
    unknown = [c for c in chosen if c and all(o.value != c for o in f.options)]
    error = None
    if unknown or (isinstance(f, ChoiceField) and len(taken) > 1):
        error = words("option.unknown", label=say(f.label, words.language))
    elif f.required and not taken:
        error = _missing(f, words)
    text = "\n".join(say(o.label, words.language) for o in taken)
    return Answer(f, text, tuple((f.id, o.value) for o in taken), error=error, anchor=f.id)


def _date(f: DateField, values: Values, words: Words) -> Answer:
    parts = [_clean(next(iter(values.get(f"{f.id}--{p}", ())), ""), lines=False)[:20] for p in PARTS]
    carry = tuple((f"{f.id}--{p}", v) for p, v in zip(PARTS, parts, strict=True) if v)
    label = say(f.label, words.language)
    lacking = [p for p, v in zip(PARTS, parts, strict=True) if not v]

    def wrong(error: str, part: str) -> Answer:
        return Answer(f, " ".join(v for v in parts if v), carry, error=error, anchor=f"{f.id}--{part}")

    if len(lacking) == len(PARTS):
        anchor = f"{f.id}--day"
        return Answer(f, "", (), error=_missing(f, words) if f.required else None, anchor=anchor)
    if lacking:
        said = f" {words('date.and')} ".join(words(f"date.part.{p}") for p in lacking)
        return wrong(words("date.lacks", label=label, parts=said), lacking[0])
    day, month, year = (int(v) if v.isascii() and v.isdigit() else 0 for v in parts)
    if year and len(parts[2]) != 4:
        return wrong(words("date.year4", label=label), "year")
    try:
        real = date(year, month, day)
    except (ValueError, OverflowError):
        return wrong(words("date.real", label=label), "day")
    return Answer(f, words.date(real.day, real.month, real.year), carry, anchor=f"{f.id}--day")


def _files(f: FileField, sent: Sequence[Upload], room: int, words: Words) -> Answer:
    taken: list[Upload] = []
    error: str | None = None
    for upload in {u.digest if not u.problem else f"{u.problem}:{u.name}": u for u in sent}.values():
        fault = _file_fault(f, upload, len(taken), room, words)
        if fault is None:
            taken.append(upload)
            room -= len(upload.data)
        error = error or fault
    if not taken and not error and f.required:
        error = _missing(f, words)
    text = "\n".join(u.name for u in taken)
    carry = tuple((f.id + KEPT, u.kept) for u in taken)
    return Answer(f, text, carry, tuple(taken), error, f.id)


def _file_fault(f: FileField, upload: Upload, taken: int, room: int, words: Words) -> str | None:
    name, size = upload.name, len(upload.data)
    if upload.problem == "lost":
        return words("file.lost", name=name)
    if upload.problem == "large" or size > f.max_mb * MEGABYTE:
        return words("file.large", name=name, mb=f.max_mb)
    if not size:
        return words("file.empty", name=name)
    if upload.mime not in f.types:
        return words("file.type", name=name, types=words.listed([FILE_TYPES[t] for t in f.types]))
    if taken >= f.max_files:
        return words.count("file.number", f.max_files, name=name)
    return words("file.total", mb=MAX_FILES_MB, name=name) if size > room else None


# ------------------------------------------------------------------ on its way


def submission(opened: OpenForm, checked: Checked, reference: str, language: str) -> FormIn:
    """What was sent, for the ledger.  The fields with a role are not repeated among the answers,
    and what was not answered is left out."""
    form = opened.form
    roles = {f.id for f in (form.name_field, form.address_field) if f is not None}
    return FormIn(
        slug=opened.slug,
        form=form.id,
        title=say(form.title, language),
        reference=reference,
        language=language,
        name=checked.text(form.name_field),
        address=checked.text(form.address_field) or None,
        answers=tuple(
            (say(a.field.label, language), a.text)
            for a in checked.answers
            if a.text and a.field.id not in roles
        ),
        attachments=tuple(Attachment(u.name, u.mime, u.data) for a in checked.answers for u in a.uploads),
    )


_MAGIC = b"FMF1"
_LENGTH = struct.Struct(">I")


def pack(form: FormIn) -> bytes:
    """`form` as bytes: a mark, the length of a JSON head, the head, then the files one after another."""
    head: dict[str, Any] = {
        "slug": form.slug,
        "form": form.form,
        "title": form.title,
        "reference": form.reference,
        "language": form.language,
        "name": form.name,
        "address": form.address,
        "answers": [list(a) for a in form.answers],
        "files": [[a.name, a.mime, len(a.data)] for a in form.attachments],
    }
    encoded = json.dumps(head, ensure_ascii=False).encode()
    return b"".join([_MAGIC, _LENGTH.pack(len(encoded)), encoded, *(a.data for a in form.attachments)])


def unpack(raw: bytes) -> FormIn:
    """The inverse of `pack`.  Raises `Broken` for anything else."""
    start = len(_MAGIC) + _LENGTH.size
    try:
        if not raw.startswith(_MAGIC):
            raise ValueError("mark")  # noqa: TRY301
        (length,) = _LENGTH.unpack_from(raw, len(_MAGIC))
        head = json.loads(raw[start : start + length])
        position = start + length
        attachments = []
        for name, mime, size in head.pop("files"):
            attachments.append(Attachment(str(name), str(mime), raw[position : position + int(size)]))
            position += int(size)
        if position != len(raw):
            raise ValueError("length")  # noqa: TRY301
        answers = tuple((str(label), str(text)) for label, text in head.pop("answers"))
        return FormIn(**head, answers=answers, attachments=tuple(attachments))
    except (ValueError, TypeError, KeyError, AttributeError, struct.error):
        raise Broken("a stored form cannot be read") from None
