"""What is left of a mail that must not or cannot be parsed: sender, subject and the original.

Runs in the bridge itself, so it is one bounded scan of the header block, without the `email`
package's parser.  The mail itself is kept as a file, so that nothing is lost.
"""

from __future__ import annotations

import re

from bridge.email.addresses import strict
from bridge.email.automatic import concerns
from bridge.email.caps import Head, head
from bridge.email.encoded import header_text, one_line, raw_text, words
from bridge.email.mail import Mail
from bridge.model import Attachment

_HEAD = 64 * 1024
_VALUE = 4 * 1024
_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,250}>")


def salvage(raw: bytes) -> Mail:
    """Best effort from the first 64 kB of the header block; says `unreadable`.

    The address counts only where the field is so plain that no two parsers could differ:
    nothing but a name without specials and an address in angle brackets, or an address.
    """
    top = head(raw, limit=_HEAD)
    senders = top.all("from")
    text = raw_text(senders[0][:_VALUE]) if len(senders) == 1 else ""
    found = strict(text) if text.count("@") == 1 and not set(text) & set('(),:;"\\') else None
    ids = raw_text(top.first("message-id")[:_VALUE]).split()
    return Mail(
        from_address=found[1] if found and top.whole else None,
        from_name=one_line(words(found[0]), 200) if found else "",
        subject=header_text(top.first("subject")[:_VALUE], 500),
        attachments=(Attachment("original.eml", "message/rfc822", raw),),
        message_id=ids[0] if len(ids) == 1 and _ID.fullmatch(ids[0]) else None,
        auto=tuple(_auto(top)),
        warnings=("unreadable",),
    )


def _auto(top: Head) -> list[tuple[str, str]]:
    found = [(name, value) for name, value in top.fields if concerns(name)]
    return [(name, header_text(value[:200], 200)) for name, value in found[:50]]
