"""What the forms' edge lays into the inbox, as bytes: a mark, a head in JSON, then files.

    mark (4 bytes) | length of the head (4 bytes, big endian) | head, UTF-8 | files, one after another

Packing and unpacking are inverse.  Anything else is `Broken`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from pydantic import TypeAdapter

from bridge.errors import Broken
from bridge.inbound import FormAnswer, FormIn, PageIn, ResumeIn, UnsubscribeIn
from bridge.model import Attachment, Json

_FORM, _OLD_FORM, _PAGE, _RESUME, _LEAVE = b"FMF2", b"FMF1", b"FMP1", b"FMR1", b"FML1"
_LENGTH = struct.Struct(">I")
_FILES = "attachments"

_Packed = TypeVar("_Packed", FormIn, PageIn, ResumeIn, UnsubscribeIn)
_FILELESS = (ResumeIn, UnsubscribeIn)


def pack(form: FormIn) -> bytes:
    """A submission as bytes."""
    return _pack(_FORM, form, form.attachments)


def unpack(raw: bytes) -> FormIn:
    """The inverse of `pack`; also reads what the first version packed."""
    if raw.startswith(_OLD_FORM):
        form, files = _unpack(_OLD_FORM, FormIn, raw, _brought_up)
    else:
        form, files = _unpack(_FORM, FormIn, raw)
    return replace(form, attachments=files)


def pack_page(page: PageIn) -> bytes:
    """What a citizen did on their page, as bytes."""
    return _pack(_PAGE, page, page.attachments)


def unpack_page(raw: bytes) -> PageIn:
    """The inverse of `pack_page`."""
    page, files = _unpack(_PAGE, PageIn, raw)
    return replace(page, attachments=files)


def pack_resume(resume: ResumeIn) -> bytes:
    """The wish for a link to come back by, as bytes."""
    return _pack(_RESUME, resume, ())


def unpack_resume(raw: bytes) -> ResumeIn:
    """The inverse of `pack_resume`."""
    return _unpack(_RESUME, ResumeIn, raw)[0]


def pack_unsubscribe(left: UnsubscribeIn) -> bytes:
    """The end of the mailings to somebody, as bytes."""
    return _pack(_LEAVE, left, ())


def unpack_unsubscribe(raw: bytes) -> UnsubscribeIn:
    """The inverse of `pack_unsubscribe`."""
    return _unpack(_LEAVE, UnsubscribeIn, raw)[0]


def _pack(
    mark: bytes, packed: FormIn | PageIn | ResumeIn | UnsubscribeIn, files: Sequence[Attachment]
) -> bytes:
    head = {f.name: _plain(getattr(packed, f.name)) for f in fields(packed) if f.name != _FILES}
    head["files"] = [[a.name, a.mime, len(a.data)] for a in files]
    encoded = json.dumps(head, ensure_ascii=False).encode()
    return b"".join([mark, _LENGTH.pack(len(encoded)), encoded, *(a.data for a in files)])


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [asdict(v) if hasattr(v, "__dataclass_fields__") else v for v in value]
    return value


def _unpack(
    mark: bytes, kind: type[_Packed], raw: bytes, bring_up: Callable[[Json], None] = lambda head: None
) -> tuple[_Packed, tuple[Attachment, ...]]:
    """What was packed, still without its files, and the files."""
    try:
        head, body = _parted(mark, raw)
        files = _files(head.pop("files"), body)
        bring_up(head)
        known = {f.name for f in fields(kind)} - {_FILES}
        if not known.issuperset(head) or (files and kind in _FILELESS):
            raise ValueError("keys")  # noqa: TRY301 – all that is not ours ends below
        return TypeAdapter(kind).validate_json(json.dumps(head), strict=True), files
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, struct.error):
        raise Broken("a stored form cannot be read") from None


def _parted(mark: bytes, raw: bytes) -> tuple[Json, bytes]:
    if not raw.startswith(mark):
        raise ValueError("mark")
    (length,) = _LENGTH.unpack_from(raw, len(mark))
    start = len(mark) + _LENGTH.size
    head = json.loads(raw[start : start + length])
    if not isinstance(head, dict):
        raise TypeError("head")
    return head, raw[start + length :]


def _files(told: list[list[Any]], body: bytes) -> tuple[Attachment, ...]:
    files, position = [], 0
    for name, mime, size in told:
        if not (isinstance(name, str) and isinstance(mime, str) and type(size) is int and size >= 0):
            raise ValueError("file")
        files.append(Attachment(name, mime, body[position : position + size]))
        position += size
    if position != len(body):
        raise ValueError("length")
    return tuple(files)


def _brought_up(head: Json) -> None:
    """Make a head of the first version, which knew no desk's language, one of this version."""
    head["staff_title"] = head["title"]
    pairs = [(label, text) for label, text in head["answers"]]
    head["answers"] = [asdict(FormAnswer("", label, text, label, text)) for label, text in pairs]
