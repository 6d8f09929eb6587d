"""Events of a room taken apart into the words of the house.  Pure.

    wire event + decrypted content ─> quotes stripped ─> flags ─> model.RoomMessage

What comes from other servers may hold anything anywhere: what is no message is None, and
nothing here raises.  What belongs to which case is decided elsewhere; here is only said what
the client sent.  Sources: Client-Server API v1.15, "Instant messaging", "Rich replies",
"Threading", "Event replacements"; MSC2530 (captions); MSC3381 (polls).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.appservice.agree import agree
from bridge.appservice.relations import event_id, relations
from bridge.html import begins_with_mention, first_words, mail_html, plain, quotes, unquoted
from bridge.inbound import RoomMember, RoomMessage, RoomPlain, RoomRedaction, RoomUnreadable
from bridge.model import Attachment, Json
from bridge.names import clean_name
from bridge.text import begins_inside, clean_line, clean_text, trimmed

FILES = frozenset({"m.image", "m.file", "m.audio", "m.video"})

WORDLESS = frozenset({"m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start", "m.location"})
"""What people also say in rooms: never mailed, so only its kind is kept."""

_MESSAGE = "m.room.message"
_QUOTED_BY_CLIENT = re.compile(r"> (?:\* )?<@[^\s:>]+:[^\s>]+>")
_MENTION = re.compile(r"[\s>*]*<?@\w")
_MXC = re.compile(r"mxc://[^/\s?#]{1,255}/[A-Za-z0-9_~=.-]{1,255}")


@dataclass(frozen=True, slots=True)
class RoomFile:
    """The encrypted file of a message: `file` is its EncryptedFile (spec), `size` a claim or None."""

    name: str
    mime: str
    url: str
    file: Json = field(repr=False)
    size: int | None = None


def room_message(
    event: object,
    decrypted_content: object,
    *,
    sender_name: str,
    device: str | None,
    trusted: bool,
    attachments: Sequence[Attachment] = (),
    kind: str = _MESSAGE,
) -> RoomMessage | None:
    """The message in `event`, whose payload of type `kind` was decrypted to `decrypted_content`.

    None: no message, or one that is not well formed.  `attachments`: what the channel fetched
    for `file_in`.  The caller has checked that the payload's room is the event's.
    """
    place = _place(event)
    if place is None or not isinstance(event, dict) or not isinstance(decrypted_content, dict):
        return None
    room_id, own_id, sender = place
    related = relations(decrypted_content, event.get("content"))
    content = decrypted_content.get("m.new_content") if related.replaces else decrypted_content
    if not isinstance(content, dict):
        return None
    said = _said(content, falling_back=related.falling_back) if kind == _MESSAGE else _wordless(kind)
    if said is None:
        return None
    return RoomMessage(
        room_id=room_id,
        event_id=own_id,
        sender=sender,
        sender_name=clean_line(sender_name) or sender[1:].partition(":")[0],
        device=device,
        trusted=trusted,
        ts=_time(event.get("origin_server_ts")),
        msgtype=said.msgtype,
        text=said.text,
        html=said.html,
        thread=related.thread,
        reply_to=related.reply_to,
        falling_back=related.falling_back,
        replaces=related.replaces,
        inside=said.inside,
        mention_first=said.mention_first,
        disagree=said.disagree,
        captioned=said.captioned,
        attachments=tuple(attachments),
    )


def file_in(decrypted_content: object) -> RoomFile | None:
    """The encrypted file of a message's decrypted content, or of its edit; None: none we can read."""
    if not isinstance(decrypted_content, dict):
        return None
    content = decrypted_content.get("m.new_content", decrypted_content)
    if not isinstance(content, dict) or content.get("msgtype") not in tuple(FILES):
        return None
    file, info = content.get("file"), content.get("info")
    url = file.get("url") if isinstance(file, dict) else None
    if not isinstance(file, dict) or not isinstance(url, str) or not _MXC.fullmatch(url):
        return None
    details = info if isinstance(info, dict) else {}
    mime, size = details.get("mimetype"), details.get("size")
    known = isinstance(mime, str) and re.fullmatch(r"[\w.+-]{1,80}/[\w.+-]{1,80}", mime, re.ASCII)
    return RoomFile(
        name=clean_name(_string(content.get("filename")) or _string(content.get("body"))),
        mime=mime.lower() if known and isinstance(mime, str) else "application/octet-stream",
        url=url,
        file=file,
        size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
    )


def room_plain(event: object) -> RoomPlain | None:
    """An unencrypted message of an encrypted room."""
    place = _place(event)
    if place is None or not isinstance(event, dict):
        return None
    related = relations(event.get("content"), None)
    return RoomPlain(*place, thread=related.thread, reply_to=related.reply_to)


def room_unreadable(event: object) -> RoomUnreadable | None:
    """An encrypted event without its key; the relations are those outside the ciphertext."""
    place = _place(event)
    if place is None or not isinstance(event, dict):
        return None
    related = relations(event.get("content"), None)
    return RoomUnreadable(*place, thread=related.thread, reply_to=related.reply_to)


def room_redaction(event: object) -> RoomRedaction | None:
    """A redaction; its target stands in the content since room version 11."""
    place = _place(event)
    if place is None or not isinstance(event, dict):
        return None
    content = event.get("content")
    inner = content.get("redacts") if isinstance(content, dict) else None
    target = event_id(inner) or event_id(event.get("redacts"))
    return RoomRedaction(*place, target=target) if target else None


def room_member(event: object) -> RoomMember | None:
    """A change of membership: `user_id` is whose, not who made it."""
    place = _place(event)
    if place is None or not isinstance(event, dict):
        return None
    content, user = event.get("content"), _user(event.get("state_key"))
    membership = content.get("membership") if isinstance(content, dict) else None
    if user is None or not isinstance(membership, str):
        return None
    return RoomMember(place[0], place[1], user, membership)


# ------------------------------------------------------------------ the content


@dataclass(frozen=True, slots=True)
class _Said:
    msgtype: str
    text: str = ""
    html: str | None = None
    inside: bool = False
    mention_first: bool = False
    disagree: bool = False
    captioned: bool = False


def _wordless(kind: str) -> _Said | None:
    return _Said(msgtype=kind) if kind in WORDLESS else None


def _said(content: Json, *, falling_back: bool) -> _Said | None:
    msgtype, body = content.get("msgtype"), content.get("body")
    if not isinstance(msgtype, str) or not isinstance(body, str):
        return None
    raw = _formatted(content)
    captioned = msgtype in FILES and _string(content.get("filename")) not in ("", body)
    text, odd = _answer(clean_text(body), raw is not None and quotes(raw), falling_back)
    shown = None if raw is None else unquoted(raw)
    visible = "" if shown is None else plain(shown)
    disagree = odd or (shown is not None and not agree(text, shown, raw))
    inside = _begins_inside(text) or (shown is not None and _begins_inside(first_words(shown)))
    if msgtype in FILES and not captioned:
        # The body is the name: no words, but a name that begins with `!` stays inside as well.
        return _Said(msgtype, inside=inside)
    return _Said(
        msgtype,
        text=text or visible,
        html=None if shown is None or not visible else mail_html(shown),
        inside=inside,
        mention_first=_mentions_first(text) or (shown is not None and _html_mentions_first(shown, visible)),
        disagree=disagree,
        captioned=captioned,
    )


def _formatted(content: Json) -> str | None:
    html = content.get("formatted_body")
    if content.get("format") != "org.matrix.custom.html" or not isinstance(html, str):
        return None
    return html.encode("utf-8", "replace").decode()


def _answer(body: str, marked: bool, falling_back: bool) -> tuple[str, bool]:
    """The body without the quote a client put before it, and whether the quote looked odd.

    Only lines that a client quoted go: where the HTML marks the quote, or where the first line
    names a user as clients do and the reply is meant (in a thread `m.in_reply_to` may be there
    for older clients only).  What staff quoted by hand stays.
    """
    lines = body.split("\n")
    if not (marked or (_QUOTED_BY_CLIENT.match(lines[0]) and not falling_back)):
        return body.strip(), False
    end = next((i for i, line in enumerate(lines) if not line.startswith(">")), len(lines))
    # A client ends its quote with an empty line; without one, more of it may follow unmarked.
    odd = 0 < end < len(lines) and lines[end].strip() != ""
    return "\n".join(lines[end:]).strip(), odd


def _begins_inside(text: str) -> bool:
    """Also behind quote marks: a note that somebody quoted by hand is still a note."""
    return begins_inside(trimmed(text, also=">"))


def _mentions_first(text: str) -> bool:
    return _MENTION.match(trimmed(text)) is not None


def _html_mentions_first(shown: str, visible: str) -> bool:
    return begins_with_mention(shown) or _mentions_first(visible)


# ------------------------------------------------------------------ the envelope


def _place(event: object) -> tuple[str, str, str] | None:
    """Room, event ID and sender, where all three are there."""
    if not isinstance(event, dict):
        return None
    room, own, sender = event.get("room_id"), event_id(event.get("event_id")), _user(event.get("sender"))
    if not isinstance(room, str) or not room.startswith("!") or own is None or sender is None:
        return None
    return room, own, sender


def _user(value: object) -> str | None:
    ours = isinstance(value, str) and re.fullmatch(r"@[^\s:]*:[^\s]+", value) and len(value) <= 255
    return str(value) if ours else None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _time(value: object) -> int:
    fine = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if isinstance(value, int) and fine else 0
