"""The contents of the events that the bridge sends.  Pure.

The bot's one device speaks for everyone: who wrote is a per-message profile (MSC4144) with the
fallback that every client shows, the name inside the first paragraph.  Files carry the profile
*without* fallback, or the name would become part of the file's name.  `m.mentions` is always
empty (MSC3952): nothing a citizen writes pings anybody.
"""

from __future__ import annotations

import html as escaping
import json
from dataclasses import dataclass

from bridge.html import paragraphs, plain, room_html
from bridge.model import Json
from bridge.names import clean_name
from bridge.text import clean_line, clean_text, clip

PROFILE = "com.beeper.per_message_profile"
HTML = "org.matrix.custom.html"

EVENT_BYTES = 65_536
"""Client-Server API, "Size limits": a whole event, as canonical JSON."""

_AROUND_EVENT = 6_144  # sender, hashes, signatures, auth and previous events, relations in the clear
_AROUND_PAYLOAD = 512  # type and room of the payload; Megolm's header, padding, MAC and signature
_ACTIVE = frozenset({"image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/xml"})
_KINDS = {"image": "m.image", "audio": "m.audio", "video": "m.video"}


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a message belongs: a case's root, and the thread's latest event.

    `answers`: the message answers `latest` itself; else that is only said for clients that
    know no threads (Client-Server API, "Fallback for unthreaded clients").
    """

    root: str
    latest: str
    answers: bool = False


def fits(content: Json) -> bool:
    """Whether `content`, encrypted with Megolm, stays below the limit of an event."""
    size = len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    return (size + _AROUND_PAYLOAD) * 4 / 3 + _AROUND_EVENT <= EVENT_BYTES


def head(reference: str, status: str, channel: str, name: str, subject: str) -> Json:
    """The root of a case's thread: `PARK-7F3K-9Q · open · e-mail — Ada: “Lamps”`, in the bot's name.

    `status` and `channel` are words already; they, `name` and `subject` may be empty.
    """
    facts = " · ".join(part for part in map(clean_line, (reference, status, channel)) if part)
    who, what = clean_line(name), clean_line(subject, 500)
    tail = who + (f": “{what}”" if what else "") if who else (f"“{what}”" if what else "")
    bold, _, rest = facts.partition(" · ")
    rich = f"<strong>{_safe(bold)}</strong>" + (f" · {_safe(rest)}" if rest else "")
    return {
        "msgtype": "m.text",
        "body": f"{facts} — {tail}" if tail else facts,
        "format": HTML,
        "formatted_body": f"{rich} — {_safe(tail)}" if tail else rich,
        "m.mentions": {},
    }


def words(
    name: str, profile_id: str, text: str, html: str | None, thread: Thread | None, folded: str = ""
) -> Json:
    """A citizen's words under their name.  HTML that does not fit gives way to the text.

    `folded`, their signature, stands below: folded in where clients can, else behind "-- ".
    """
    shown = clean_line(name) or "?"
    said, below = clean_text(text), clean_text(folded).strip()
    profile = {"id": clip(profile_id, 255), "displayname": shown, "has_fallback": True}
    content: Json = {
        "msgtype": "m.text",
        "body": f"{shown}: {said}" + (f"\n-- \n{below}" if below else ""),
        "m.mentions": {},
        PROFILE: profile,
        **_related(thread),
    }
    fold = f"<details><summary>--</summary>{paragraphs(below)}</details>" if below else ""
    for rich in (room_html(html) if html else "", paragraphs(said)):
        full = {**content, "format": HTML, "formatted_body": _named(shown, rich) + fold}
        if plain(rich).strip() and fits(full):
            return full
    return content


def file(
    name: str,
    profile_id: str,
    filename: str,
    mime: str,
    size: int,
    encrypted: Json,
    thread: Thread | None,
) -> Json:
    """A citizen's file.  `encrypted` is the spec's EncryptedFile with its `url`, `size` in bytes.

    What a browser would run (SVG, HTML) is sent as bytes, never to be shown inline.
    """
    clean, kind = clean_name(filename), mime.lower()
    kind = "application/octet-stream" if kind in _ACTIVE else kind
    return {
        "msgtype": _KINDS.get(kind.partition("/")[0], "m.file"),
        "body": clean,
        "filename": clean,
        "info": {"mimetype": kind, "size": size},
        "file": encrypted,
        "m.mentions": {},
        PROFILE: {"id": clip(profile_id, 255), "displayname": clean_line(name) or "?"},
        **_related(thread),
    }


def notice(text: str, thread: Thread | None = None) -> Json:
    """The bridge's own words: `m.notice`, so that no other bot answers them."""
    return {
        "msgtype": "m.notice",
        "body": clean_text(text),
        "format": HTML,
        "formatted_body": paragraphs(clean_text(text)),
        "m.mentions": {},
        **_related(thread),
    }


def edit_of(root: str, content: Json) -> Json:
    """The edit that makes of our event `root` what `content` says ("Event replacements")."""
    new = {key: value for key, value in content.items() if key != "m.relates_to"}
    edit = {**new, "body": f"* {new['body']}"}
    if "formatted_body" in new:
        edit["formatted_body"] = f"* {new['formatted_body']}"
    return {
        **edit,
        "m.mentions": {},
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": root},
    }


def reaction(event_id: str, mark: str) -> Json:
    """An `m.reaction`: in the clear by nature, so never more than a mark."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": mark}}


def _related(thread: Thread | None) -> Json:
    if thread is None:
        return {}
    relation = {
        "rel_type": "m.thread",
        "event_id": thread.root,
        "is_falling_back": not thread.answers,
        "m.in_reply_to": {"event_id": thread.latest},
    }
    return {"m.relates_to": relation}


def _named(name: str, rich: str) -> str:
    """`rich` with the fallback name in its first paragraph (a new one before a list or quote)."""
    label = f"<strong data-mx-profile-fallback>{_safe(name)}: </strong>"
    if rich.startswith("<p>"):
        return f"<p>{label}{rich.removeprefix('<p>')}"
    if rich.startswith(("<ul", "<ol", "<blockquote", "<pre")):
        return f"<p>{label}</p>{rich}"
    return label + rich


def _safe(text: str) -> str:
    return escaping.escape(text, quote=False)
