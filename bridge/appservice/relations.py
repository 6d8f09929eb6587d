"""What a message says it belongs to: threads, replies and edits, as clients write them.  Pure.

A relation inside the ciphertext is believed; where the payload has none, the one outside is
read, because some clients (FluffyChat) move it there.  Nheko writes its own list beside the
standard one, which can hold several relations (im.nheko.relations.v1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

NHEKO = "im.nheko.relations.v1.relations"
_NHEKO_REPLY = "im.nheko.relations.v1.in_reply_to"
_NHEKO_FALLBACK = "im.nheko.relations.v1.is_fallback"
_LONGEST = 255  # bytes of an event ID: spec, "Size limits"


@dataclass(frozen=True, slots=True)
class Relations:
    """Event IDs, each None where there is no such relation."""

    thread: str | None = None
    reply_to: str | None = None
    falling_back: bool = False
    replaces: str | None = None


def relations(payload: object, wire: object) -> Relations:
    """The relations of a decrypted content `payload`, else of the content `wire` around it."""
    for content in (payload, wire):
        if isinstance(content, dict) and ("m.relates_to" in content or NHEKO in content):
            return _of(content)
    return Relations()


def event_id(value: object) -> str | None:
    """`value` if it can be an event ID."""
    if isinstance(value, str) and value.startswith("$") and len(value.encode("utf-8", "replace")) <= _LONGEST:
        return value
    return None


def _of(content: dict[object, object]) -> Relations:
    thread = reply_to = replaces = None
    falling_back = False
    for kind, target, fallback in [*_standard(content.get("m.relates_to")), *_nheko(content.get(NHEKO))]:
        if kind == "m.thread":
            thread = thread or target
        elif kind == "m.replace":
            replaces = replaces or target
        elif kind == "m.in_reply_to" and reply_to is None:
            reply_to, falling_back = target, fallback
    return Relations(thread, reply_to, falling_back and thread is not None, replaces)


def _standard(relates: object) -> Iterator[tuple[str, str, bool]]:
    if not isinstance(relates, dict):
        return
    kind, target = relates.get("rel_type"), event_id(relates.get("event_id"))
    if isinstance(kind, str) and kind in ("m.thread", "m.replace") and target:
        yield kind, target, False
    reply = relates.get("m.in_reply_to")
    answered = event_id(reply.get("event_id")) if isinstance(reply, dict) else None
    if answered:
        yield "m.in_reply_to", answered, relates.get("is_falling_back") is True


def _nheko(listed: object) -> Iterator[tuple[str, str, bool]]:
    for entry in listed[:10] if isinstance(listed, list) else []:
        if not isinstance(entry, dict):
            continue
        kind, target = entry.get("rel_type"), event_id(entry.get("event_id"))
        if target and kind == _NHEKO_REPLY:
            yield "m.in_reply_to", target, entry.get(_NHEKO_FALLBACK) is True
        elif target and isinstance(kind, str) and kind in ("m.thread", "m.replace"):
            yield kind, target, False
