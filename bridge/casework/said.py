"""What a citizen said, as effects: words short enough for events, and their files."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.casework.effects import Effect, Notice, Words
from bridge.casework.texts import say
from bridge.html import mail_text
from bridge.model import Attachment
from bridge.text import PART_BYTES, clean_text, clip, split

MOST_PARTS = 5
"""More of one message than this (60 kB) is not read in a thread: it becomes a file."""


def said(
    case: int | None,
    text: str,
    html: str | None,
    files: Sequence[Attachment],
    language: str,
    message_id: str | None = None,
    *,
    folded: str = "",
    own: str = "",
    change: bool = False,
) -> list[Effect]:
    """`Words` for the thread of `case`, in order; the files come with the last of them.

    HTML and `own`, the same in the citizen's language, go along only where the message is one part.
    Nothing is lost: what is too long to be posted is attached whole.  `folded` (signature,
    disclaimer) stands folded below the last part.
    """
    whole = clean_text(text).strip("\n")
    if not whole.strip():
        whole = mail_text(html) if html else ""
    parts = split(whole) or [say(language, "no_text")]
    attached = list(files)
    notices: list[Effect] = []
    if len(parts) > MOST_PARTS:
        parts = parts[:MOST_PARTS]
        name = say(language, "whole_name")
        attached.insert(0, Attachment(name, "text/plain", whole.encode()))
        notices = [Notice(case, say(language, "long_text", name=name))]
    rich = (
        html if len(parts) == 1 and html and len(html.encode("utf-8", "replace")) <= 2 * PART_BYTES else None
    )
    last = len(parts) - 1
    words: list[Effect] = [
        Words(
            case,
            part,
            rich,
            tuple(attached) if i == last else (),
            message_id if i == 0 else None,
            folded=clip(clean_text(folded).strip(), PART_BYTES // 2) if i == last else "",
            own=own if len(parts) == 1 else "",
            change=change,
        )
        for i, part in enumerate(parts)
    ]
    return [*words, *notices]


def remarked(case: int | None, remarks: Sequence[str], virus: str, language: str) -> list[Effect]:
    """What is to be said of a message and its files, such as that a virus was found."""
    if not remarks:
        return []
    return [Notice(case, " ".join(say(language, key, virus=virus) for key in remarks))]
