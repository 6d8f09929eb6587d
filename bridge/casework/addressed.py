"""Whom a mailing goes to, and what its message says: the rules of `!mail`, one function each.

    !mail PARK-7F3K-9Q PARK-2M8T-4C   these cases        !mail CODE yes    send it
    !mail open                        open or answered   !mail CODE no     drop it
    !mail all                         every case         !mail CODE stop   stop what has not begun

The text stands on the lines below the first.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bridge import reference
from bridge.casework.known_mailing import Addressee
from bridge.casework.policy import BOUNCES
from bridge.model import Reach, Status

ACTS = ("yes", "no", "stop")
EVERYBODY = ("open", "all")
OPEN = (Status.OPEN, Status.ANSWERED)

_CODE = 4  # symbols
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_WRITTEN_CODE = re.compile(rf"[0-9A-Za-z]{{{_CODE}}}")
_APART = re.compile(r"[\s,;]+")
_TOKEN = re.compile(r"(<[^<>]*>)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a `!mail` asks for.  `kind` `other`: it was not understood."""

    kind: Literal["named", "open", "all", "act", "other"]
    references: tuple[str, ...] = ()
    code: str = ""
    act: str = ""
    text: str = ""


def asked(argument: str) -> Asked:
    """The meaning of what stands behind `!mail`, in canonical spelling."""
    first, _, rest = argument.partition("\n")
    words, text = first.split(), rest.strip("\n \t")
    if len(words) == 2 and words[1].casefold() in ACTS and _WRITTEN_CODE.fullmatch(words[0]) and not text:
        return Asked("act", code=words[0].upper().translate(_LIKE), act=words[1].casefold())
    if [word.casefold() for word in words] == ["open"]:
        return Asked("open", text=text)
    if [word.casefold() for word in words] == ["all"]:
        return Asked("all", text=text)
    named = [_reference(word) for word in _APART.split(first.strip()) if word]
    found = tuple(dict.fromkeys(name for name in named if name is not None))
    if not named or None in named:
        return Asked("other")
    return Asked("named", references=found, text=text)


def _reference(word: str) -> str | None:
    found = reference.parse(word)
    return found[0] if len(found) == 1 and len(found[0]) == len(word) else None


def code_of(event_id: str, taken: Collection[str]) -> str:
    """The code of the mailing that this message asks for: the same at every try, and none of `taken`.

    It is no secret: only an encrypted message of somebody who may reply says yes to it.
    """
    return next(code for code in _codes(event_id) if code not in taken)


def _codes(event_id: str) -> Iterator[str]:
    number = 0
    while True:
        digest = hashlib.sha256(f"{number} {event_id}".encode()).digest()
        yield "".join(reference.ALPHABET[octet & 31] for octet in digest[:_CODE])
        number += 1


# ------------------------------------------------------------------ whom


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who gets a mailing by mail, who on their page only, and who not, each with a key of the words."""

    by_mail: tuple[Addressee, ...] = ()
    by_page: tuple[Addressee, ...] = ()
    left: tuple[tuple[str, Addressee], ...] = ()

    @property
    def all(self) -> tuple[Addressee, ...]:
        return (*self.by_mail, *self.by_page)


def choose(addressees: Sequence[Addressee]) -> Chosen:
    """One mail to an address, and nothing to whom nothing may or can be sent."""
    by_mail, by_page, left = list[Addressee](), list[Addressee](), list[tuple[str, Addressee]]()
    cases, addresses = set[int](), set[bytes]()
    for one in addressees:
        if one.case in cases:
            continue
        cases.add(one.case)
        why = why_not(one)
        if why is None and one.reach is not Reach.MAIL:
            by_page.append(one)
        elif why is None and one.address is not None and one.address not in addresses:
            addresses.add(one.address)
            by_mail.append(one)
        else:
            left.append((why or "left_same", one))
    return Chosen(tuple(by_mail), tuple(by_page), tuple(left))


def why_not(one: Addressee) -> str | None:
    """Why this citizen gets no mailing: a key of the words, or None."""
    if one.status is Status.LOCKED:
        return "left_locked"
    if one.status is Status.DISCARDED:
        return "left_discarded"
    if one.status is Status.CLOSED and one.joined:
        return "left_joined"
    if one.unsubscribed:
        return "left_unsubscribed"
    if one.reach is Reach.MAIL and one.address is not None:
        return "left_bounced" if one.bounces >= BOUNCES else None
    return None if one.page and one.reach in (Reach.PAGE, Reach.UNCONFIRMED) else "left_unreached"


# ------------------------------------------------------------------ the text, formatted


def below_first_line(text: str, formatted: str | None) -> str | None:
    """The clean HTML of a message without its first line; None where that cannot be told for sure.

    `text` is the whole message.  Clients end the line with `<br>`, or with its paragraph.
    """
    if not formatted:
        return None
    first, tokens = "", _TOKEN.split(formatted)
    for at, token in enumerate(tokens):
        if token in ("<br>", "</p>"):
            if first.split() != text.strip().partition("\n")[0].split():
                return None
            rest = "".join(tokens[at + 1 :]).strip()
            within = token == "<br>" and "<p>" in tokens[:at]  # noqa: S105 - a tag, no secret
            return (f"<p>{rest}" if within else rest) or None
        if token.startswith("<") and token != "<p>":  # noqa: S105 - a tag, no secret
            return None
        first += html.unescape(token) if not token.startswith("<") else ""
    return None
