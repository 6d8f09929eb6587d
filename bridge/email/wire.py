"""How the bridge and its parsing children talk: frames of octets over pipes.

    request   4 octets of length, the raw mail
    answer    1 octet: 0 salvage it, 1 a mail; 4 octets of length, JSON; then the attachments

Not pickle: a child that hostile input took over must not be able to run code in the bridge,
so what it says is data, checked field by field.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any, get_args

from bridge.email.bounce import Bounce
from bridge.email.mail import Mail
from bridge.email.reason import Reason
from bridge.model import Attachment

LENGTH = struct.Struct(">I")
SALVAGE = b"\x00"
MAIL = b"\x01"
_TEXTS = ("from_name", "subject", "text", "words", "folded")
_MAYBE = ("from_address", "html", "message_id", "in_reply_to")
_LISTS = ("references", "to", "cc", "delivered_to", "warnings", "inline", "kinds", "invitations")
_BOUNCES = frozenset({"failed", "delayed", "complaint"})
_REASONS = frozenset(get_args(Reason))


class Nonsense(ValueError):
    """What no honest child says."""


def encode(mail: Mail) -> list[bytes]:
    """The pieces of an answer, in order: kind, length, JSON, and the attachments' octets."""
    document: dict[str, Any] = {name: getattr(mail, name) for name in (*_TEXTS, *_MAYBE, *_LISTS)}
    document |= {"date": mail.date, "auto": mail.auto, "fields": mail.fields}
    document["bounces"] = [asdict(bounce) for bounce in mail.bounces]
    document["files"] = [(file.name, file.mime, len(file.data)) for file in mail.attachments]
    body = json.dumps(document, ensure_ascii=False).encode("utf-8")
    return [MAIL, LENGTH.pack(len(body)), body, *(file.data for file in mail.attachments)]


def sizes(body: bytes) -> tuple[dict[str, Any], list[int]]:
    """The document of an answer, and how many octets follow for each attachment.

    Raises `Nonsense`, or `ValueError` when it is no JSON.
    """
    document = json.loads(body)
    if not isinstance(document, dict):
        raise Nonsense("not a document")
    files = document.get("files")
    if not isinstance(files, list):
        raise Nonsense("no list of files")
    lengths = []
    for file in files:
        if not (isinstance(file, list) and len(file) == 3 and isinstance(file[2], int) and file[2] >= 0):
            raise Nonsense("not a file")
        lengths.append(file[2])
    return document, lengths


def decode(document: dict[str, Any], contents: list[bytes]) -> Mail:
    """The mail of a document and the attachments' octets; raises `Nonsense`."""
    files = list(zip(_list(document.get("files")), contents, strict=True))
    texts = {name: _text(document.get(name)) for name in _TEXTS}
    maybe = {name: None if document.get(name) is None else _text(document[name]) for name in _MAYBE}
    lists = {name: tuple(_text(one) for one in _list(document.get(name))) for name in _LISTS}
    date = document.get("date")
    if date is not None and not isinstance(date, int):
        raise Nonsense("not a date")
    return Mail(
        **maybe,  # type: ignore[arg-type]  # mypy cannot see the names
        **texts,  # type: ignore[arg-type]
        **lists,  # type: ignore[arg-type]
        attachments=tuple(Attachment(_text(file[0]), _text(file[1]), data) for file, data in files),
        date=date,
        auto=_pairs(document.get("auto")),
        fields=_pairs(document.get("fields")),
        bounces=tuple(_bounce(one) for one in _list(document.get("bounces"))),
    )


def _bounce(said: object) -> Bounce:
    if not (isinstance(said, dict) and set(said) == {f.name for f in dataclass_fields(Bounce)}):
        raise Nonsense("not a bounce")
    for name in ("recipient", "kind", "status", "reason"):
        _text(said[name])
    if said["original_id"] is not None:
        _text(said["original_id"])
    if said["kind"] not in _BOUNCES or said["reason"] not in _REASONS or type(said["permanent"]) is not bool:
        raise Nonsense("not a kind, a reason or a fate")
    return Bounce(**said)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Nonsense("not a text")
    return value


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    pairs = [_list(pair) for pair in _list(value)]
    if any(len(pair) != 2 for pair in pairs):
        raise Nonsense("not a pair")
    return tuple((_text(name), _text(said)) for name, said in pairs)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise Nonsense("not a list")
    return value
