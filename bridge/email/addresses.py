"""Addresses: who a mail claims to be from, believed only when two parsers read the same.

Python's parser and the small strict one here have nothing in common; a field on which they
differ (CVE-2023-27043), several addresses, a group or a broken form give no address at all.
"""

from __future__ import annotations

import re
from email.utils import getaddresses

from bridge.email.encoded import one_line, raw_text, words

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80-\U0010ffff]"
_DOT_ATOM = rf"{_ATEXT}+(?:\.{_ATEXT}+)*"
_LABEL = r"[A-Za-z0-9\x80-\U0010ffff](?:[A-Za-z0-9\-\x80-\U0010ffff]*[A-Za-z0-9\x80-\U0010ffff])?"
_ADDR_SPEC = re.compile(rf"({_DOT_ATOM})@({_LABEL}(?:\.{_LABEL})*)")
_PHRASE = re.compile(rf"(?:{_ATEXT}|[. \t])+")
_LOOSE = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]{1,64}@[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]{1,255}")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\s(?<![ \t])"
)


def valid(address: str) -> bool:
    """Whether `address` is one plain addr-spec: dot-atom, at most 64 and 254 octets (RFC 5321 4.5.3.1)."""
    match = _ADDR_SPEC.fullmatch(address)
    return (
        match is not None
        and not _HIDDEN.search(address)
        and len(match[1].encode("utf-8", "replace")) <= 64
        and len(address.encode("utf-8", "replace")) <= 254
    )


def strict(value: str) -> tuple[str, str] | None:
    """Display name (encoded words not decoded) and address of a field with exactly one mailbox.

    RFC 5322 section 3.4 without groups, routes, domain literals and quoted local parts; None
    for anything else.  Dots in an unquoted name are allowed, as everybody writes them.
    """
    if _HIDDEN.search(value):
        return None
    text = _without_comments(value)
    if text is None:
        return None
    text = text.strip(" \t")
    if valid(text):
        return "", _lower(text)
    before, opened, rest = text.rpartition("<")
    address = rest.removesuffix(">").strip(" \t")
    if not opened or not rest.endswith(">") or not valid(address):
        return None
    name = _display(before.strip(" \t"))
    return None if name is None else (name, _lower(address))


def _display(name: str) -> str | None:
    """A display name: a phrase, or exactly one quoted string."""
    if name.startswith('"'):
        return _unquoted(name)
    return name if not name or _PHRASE.fullmatch(name) else None


def _lower(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def _unquoted(name: str) -> str | None:
    """The content of a name that is exactly one quoted string."""
    out: list[str] = []
    position = 1
    while position < len(name):
        char = name[position]
        if char == '"':
            return "".join(out) if position == len(name) - 1 else None
        if char == "\\":
            position += 1
            char = name[position : position + 1]
        out.append(char)
        position += 1
    return None


def _without_comments(value: str) -> str | None:
    """`value` with comments outside quoted strings made a space; None when unbalanced."""
    out: list[str] = []
    depth, quoted, position = 0, False, 0
    while position < len(value):
        char = value[position]
        if char == "\\" and (quoted or depth):
            if not depth:
                out.append(value[position : position + 2])
            position += 2
            continue
        if char == '"' and not depth:
            quoted = not quoted
        if char == "(" and not quoted:
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            if not depth:
                out.append(" ")
        elif not depth:
            out.append(char)
        position += 1
    return None if depth or quoted else "".join(out)


def sender(values: list[bytes]) -> tuple[str | None, str]:
    """The address and the name that the From fields `values` give.

    The address is None unless there is exactly one field with exactly one mailbox on which
    both parsers agree.  The name is only ever a label: it proves nothing.
    """
    if not values:
        return None, ""
    text = raw_text(values[0])
    ours = strict(text)
    if ours is None:
        name = one_line(words(text.partition("<")[0]).replace('"', " "), 200)
        return None, name
    name = one_line(words(ours[0]), 200)
    theirs = [address for _, address in getaddresses([text])]
    agreed = len(values) == 1 and len(theirs) == 1 and _lower(theirs[0]) == ours[1]
    return (ours[1] if agreed else None), name


def loosely(values: list[bytes], limit: int = 200) -> tuple[str, ...]:
    """Whatever looks like an address in recipient fields, in lower case, without repeats.

    Good enough to look for our own addresses; never for who somebody is.
    """
    found: dict[str, None] = {}
    for value in values:
        for match in _LOOSE.finditer(raw_text(value)):
            found[match[0].lower()] = None
            if len(found) >= limit:
                return tuple(found)
    return tuple(found)
