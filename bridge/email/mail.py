"""A mail once read: what the parsing child hands to the bridge."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.email.bounce import Bounce
from bridge.model import Attachment


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, read.

    `from_address` is None when there is no, several or a doubtful From (see `addresses`).
    `text` is the whole text, `words` what the author wrote of it, without quoted history and
    without `folded`, the signature or disclaimer; `[image: NAME]` stands where an attached image
    stood.  `html` is what `bridge.html.room_html` left of the same text.  `inline` runs beside
    `attachments`: the Content-ID of an image that the text shows, "" for any other file; those
    images come first, in the order of the text.  IDs keep their angle brackets; `references` are
    in the order they came, oldest first.  `date` is in seconds since 1970.  `auto` holds the
    header fields that say a machine wrote it, `fields` those of spam filters, lists and Reply-To,
    both in their order with lower-case names.  `bounces` are what the mail reports of others,
    `invitations` one line for each event of its calendars.  `kinds` are keys of `bridge.email.kinds`.
    `warnings` are keys: unreadable, charset, mime, cut, sender.
    """

    from_address: str | None
    from_name: str = field(repr=False, default="")
    subject: str = field(repr=False, default="")
    text: str = field(repr=False, default="")
    words: str = field(repr=False, default="")
    folded: str = field(repr=False, default="")
    html: str | None = field(repr=False, default=None)
    attachments: tuple[Attachment, ...] = ()
    inline: tuple[str, ...] = ()
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    to: tuple[str, ...] = field(repr=False, default=())
    cc: tuple[str, ...] = field(repr=False, default=())
    delivered_to: tuple[str, ...] = field(repr=False, default=())
    date: int | None = None
    auto: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = field(repr=False, default=())
    kinds: tuple[str, ...] = ()
    invitations: tuple[str, ...] = field(repr=False, default=())
    bounces: tuple[Bounce, ...] = ()
    warnings: tuple[str, ...] = ()
