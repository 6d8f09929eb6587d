"""The DKIM signatures of a mail (RFC 6376): which to try, and what each proves.

dkimpy does the cryptography over the header fields.  What it leaves open is decided here: the
body hash in bounded time (`bodyhash`), which keys are fit (`dkimkey`), and which signatures prove
nothing although they are valid, because they do not cover what the reader sees.

    read ─> Signed.candidates ─> (the caller looks the keys up) ─> Signed.verify
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from bridge.email import bodyhash, dkimkey
from bridge.email.caps import Head
from bridge.email.verdict import Proof

MAX_HEADER = 128 * 1024
"""Octets of a header block whose signatures are looked at."""

MAX_LINES = 2_000
MAX_SIGNATURE = 8 * 1024  # octets of one field
MAX_SIGNED = 100  # names that a signature lists

_OLD = 14 * 86_400  # seconds: servers try for five days, and then nobody sends it any more
_LATE = 300  # seconds that clocks may differ
_DOMAIN = re.compile(rb"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9])?")
_LONG_SPACE = re.compile(rb"\s{80}")
_SECONDS = re.compile(rb"[0-9]{1,12}")
_SHOWN = ("from", "subject")
"""Fields that a signature must cover where they are there: they are what staff see."""

ONCE = frozenset(
    {
        *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to"),
        *("references", "mime-version", "content-type", "content-transfer-encoding"),
    }
)
"""Fields that may stand once (RFC 5322 section 3.6, RFC 2045 section 3)."""

Tags = dict[bytes, bytes]


class Silent:
    """Takes the place of the library's logger, which would write down what a mail says."""

    def debug(self, *_: object) -> None: ...

    def error(self, *_: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A signature worth trying: which it is from the top, its domain, and where its key lies."""

    index: int
    domain: str
    key_name: str
    tags: Tags


class Signed:
    """A mail's header fields as they came, and the hashes of its body, computed when asked for."""

    def __init__(self, raw: bytes, head: Head, fields: list[list[bytes]]) -> None:
        self._raw = raw
        self._body = head.body
        self._hashes: dict[bool, bytes | None] = {}
        self._counts = Counter(name for name, _ in head.fields)
        self.fields = fields
        """Name and value with its line ends, as dkimpy has them."""

    def candidates(self, speaks: Callable[[str], bool], most: int) -> list[Candidate]:
        """The first `most` signatures whose domain `speaks` for the author."""
        values = [value for name, value in self.fields if name.lower() == b"dkim-signature"]
        found: list[Candidate] = []
        for index, value in enumerate(values):
            candidate = _candidate(index, value)
            if candidate is not None and speaks(candidate.domain):
                found.append(candidate)
                if len(found) == most:
                    break
        return found

    def verify(self, candidate: Candidate, records: list[bytes], now: float) -> Proof:
        """What the signature proves at the time `now` (seconds since 1970), given its key's records."""
        tags = candidate.tags
        key = dkimkey.usable(records, tags)
        if key is None or _expired(tags, now) or b"bh" not in tags:
            return "fail"
        if b"l" in tags:
            return "weak"  # whatever follows the signed part may be somebody else's
        if not self.body_matches(tags) or not self._header_matches(candidate, key):
            return "fail"
        if not self.covers(tags):
            return "weak"
        made = tags.get(b"t", b"")
        return "old" if _SECONDS.fullmatch(made) and int(made) < now - _OLD else "pass"

    def body_matches(self, tags: Tags) -> bool:
        """Whether the body has the hash that `bh=` gives, in the form that `c=` names."""
        _, _, form = tags.get(b"c", b"simple/simple").partition(b"/")
        if form not in (b"", b"simple", b"relaxed"):
            return False
        relaxed = form == b"relaxed"
        if relaxed not in self._hashes:
            self._hashes[relaxed] = bodyhash.digest(self._raw, self._body, relaxed=relaxed)
        try:
            given = base64.b64decode(b"".join(tags[b"bh"].split()), validate=True)
        except ValueError:
            return False
        return given == self._hashes[relaxed]

    def _header_matches(self, candidate: Candidate, key: bytes) -> bool:
        verifier: Any = dkim.DKIM(logger=Silent())
        verifier.headers = self.fields
        try:
            tags, included, fields = verifier.verify_headerprep(candidate.index)
            without_body = {name: value for name, value in tags.items() if name != b"bh"}
            found = verifier.verify_sig(without_body, included, fields[candidate.index], answering(key))
        except Exception:  # noqa: BLE001 - a stranger's octets in a library: whatever it raises, it is no proof
            return False
        return bool(found)

    def covers(self, tags: Tags) -> bool:
        """Whether every instance of what is shown, and of what stands twice against the rules, is signed."""
        signed = Counter(name.decode("latin-1") for name in names(tags))
        needed = [name for name in ONCE if self._counts[name] > 1 or name in _SHOWN]
        return all(signed[name] >= self._counts[name] for name in needed)


def read(raw: bytes, head: Head) -> Signed | None:
    """The mail for checking; None when its header block is too large or not of the form of RFC 5322.

    `head` is that of `raw`.  A mail without an empty line after its header cannot be signed.
    """
    block = raw[: head.body]
    ended = block.endswith((b"\n\r\n", b"\n\n"))
    if not ended or len(block) > MAX_HEADER or block.count(b"\n") > MAX_LINES:
        return None
    try:
        fields, _ = dkim.rfc822_parse(block)
    except (dkim.DKIMException, IndexError):  # IndexError: the first line is a continuation
        return None
    return Signed(raw, head, fields) if len(fields) == len(head.fields) else None


def repeated(fields: Iterable[tuple[str, bytes]]) -> bool:
    """Whether a field that may stand once stands twice."""
    counts = Counter(name for name, _ in fields)
    return any(counts[name] > 1 for name in ONCE)


def tag_list(value: bytes) -> Tags | None:
    """The tags of a signature's field (section 3.2); None when too long, shapeless or repeated."""
    if len(value) > MAX_SIGNATURE or _LONG_SPACE.search(value):
        return None
    try:
        tags: Tags = parse_tag_value(value)
    except InvalidTagValueList:
        return None
    return tags if len(names(tags)) <= MAX_SIGNED else None


def names(tags: Tags) -> list[bytes]:
    """The header fields that a signature lists, in lower case."""
    return [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]


def key_place(tags: Tags) -> tuple[str, str] | None:
    """Domain and name of the key's record, in lower case (section 3.6.2.1); None when unfit."""
    domain, selector = tags.get(b"d", b""), tags.get(b"s", b"")
    if not _DOMAIN.fullmatch(domain) or not _DOMAIN.fullmatch(selector):
        return None
    place = domain.decode("ascii").lower()
    return place, f"{selector.decode('ascii').lower()}._domainkey.{place}"


def answering(key: bytes) -> Callable[..., bytes]:
    """A look-up for dkimpy that always finds `key`."""
    return lambda name, timeout=0: key


def _candidate(index: int, value: bytes) -> Candidate | None:
    tags = tag_list(value)
    place = key_place(tags) if tags is not None else None
    return None if tags is None or place is None else Candidate(index, *place, tags)


def _expired(tags: Tags, now: float) -> bool:
    if b"x" not in tags:
        return False
    return not _SECONDS.fullmatch(tags[b"x"]) or int(tags[b"x"]) < now - _LATE
