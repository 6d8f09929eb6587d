"""DMARC (RFC 7489): what the author's domain wishes to happen, and which domains are the same house."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from publicsuffixlist import PublicSuffixList

Wish = Literal["none", "quarantine", "reject"]

_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_MAX_RECORD = 4_096  # characters; real ones have some hundred
_WISHES: dict[str, Wish] = {"none": "none", "quarantine": "quarantine", "reject": "reject"}


@dataclass(frozen=True, slots=True)
class Policy:
    """The wish for mail that fails, and whether SPF and DKIM must name the very same domain."""

    wish: Wish
    strict_dkim: bool = False
    strict_spf: bool = False


def ascii_domain(domain: str) -> str | None:
    """A domain as the name system knows it: lower case, A-labels, no final dot; None if it is none."""
    if not 0 < len(domain) <= 253:
        return None
    try:
        return domain.encode("idna").decode("ascii").lower().removesuffix(".") or None
    except UnicodeError:
        return None


@cache
def suffixes() -> PublicSuffixList:
    """The list of public suffixes; the first call takes some tenths of a second."""
    return PublicSuffixList()


def organisation(domain: str) -> str:
    """The organisational domain (section 3.2): one label more than the public suffix, or `domain` itself."""
    return suffixes().privatesuffix(domain) or domain


def aligned(domain: str, author: str, *, strict: bool = False) -> bool:
    """Whether an authenticated domain speaks for the author's domain (section 3.1)."""
    if strict or not domain:
        return domain == author
    return organisation(domain) == organisation(author)


def records(texts: Sequence[bytes]) -> list[str]:
    """Those of the TXT records at `_dmarc` that are DMARC's."""
    decoded = (text.decode("ascii", "replace") for text in texts if len(text) <= _MAX_RECORD)
    return [text for text in decoded if _VERSION.match(text)]


def policy(found: Sequence[str], *, below: bool) -> Policy | None:
    """What the records found say; `below`: they stand at the organisational domain of a subdomain.

    None when there is none, several, or one without a wish that can be read; with a `rua` such a
    record counts as `none` (section 6.6.3).  `pct` is not looked at: what holds for some mails
    of a domain is no reason to believe another.
    """
    if len(found) != 1:
        return None
    tags = _tags(found[0])
    wish = _WISHES.get(tags.get("p", "").lower())
    if below and "sp" in tags and wish:
        wish = _WISHES.get(tags["sp"].lower())
    if wish is None and "rua" in tags:
        wish = "none"
    if wish is None:
        return None
    return Policy(wish, tags.get("adkim", "").lower() == "s", tags.get("aspf", "").lower() == "s")


def _tags(record: str) -> dict[str, str]:
    """The tags of a record, each as it stands first."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, _, value = part.partition("=")
        tags.setdefault(name.strip().lower(), value.strip())
    return tags
