"""The tree of a MIME message, walked without recursion and without copying.

Only header blocks are given to Python's `email` (compat32); the bodies are cut by looking
for the delimiter lines (RFC 2046 section 5.1), so the cost is the size of the mail times the
depth, which is limited.  What is broken is still text: a multipart without any delimiter is
a leaf, one without its end runs to the end.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from bridge.email.caps import LIMITS, Cap, Head, Limits, Over, head
from bridge.email.encoded import decode, one_line, raw_text, unbase64, words

PARAMS = ("smime-type", "protocol", "profile")
"""Parameters of Content-Type that say what a part is."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that is no multipart: `raw[start:end]` is its body, still transfer-encoded.

    `group` is the number of the outermost multipart/alternative it stands in, or its own
    number, so that leaves of one group are different forms of the same words.  `content_id` has
    no angle brackets (RFC 2392).  `params` are those of `PARAMS`, in lower case.  `broken` says
    that it is not what it was declared as: no multipart, or no base64.
    """

    type: str
    charset: str
    flowed: bool
    delsp: bool
    attached: bool
    name: str
    encoding: str
    start: int
    end: int
    group: int
    alternative: bool
    content_id: str = ""
    params: tuple[tuple[str, str], ...] = ()
    broken: bool = False

    def content(self, raw: bytes) -> bytes:
        """The body without its transfer encoding (RFC 2045 section 6), read leniently."""
        data = raw[self.start : self.end]
        if self.encoding == "base64":
            return unbase64(data)
        if self.encoding == "quoted-printable":
            return binascii.a2b_qp(data)
        return data


@dataclass(slots=True)
class _Node:
    start: int
    end: int
    depth: int
    default: str
    group: int | None
    top: Head | None = None


def walk(raw: bytes, top: Head, limits: Limits = LIMITS) -> Iterator[Leaf]:
    """The leaves of the message in their order; raises `Over` beyond the limits of the tree."""
    stack = [_Node(0, len(raw), 0, "text/plain", None, top)]
    seen = spent = 0
    while stack:
        node = stack.pop()
        seen += 1
        if seen > limits.parts:
            raise Over(Cap.PARTS)
        if node.depth > limits.nesting:
            raise Over(Cap.NESTING)
        block = node.top or head(raw, node.start, node.end, limits.part_header_bytes)
        fields = _Fields(block)
        spent += fields.size
        if spent > limits.structure_bytes:
            raise Over(Cap.HEADER_BYTES)
        kind = fields.type(node.default)
        if not kind.startswith("multipart/"):
            lies = _no_base64(fields, kind, raw[block.body : min(node.end, block.body + 2_000)])
            yield _leaf(fields, kind, block.body, node, seen, broken=lies)
            continue
        boundary = fields.param("content-type", "boundary")
        parts = list(_cut(raw, block.body, node.end, boundary, limits.parts)) if boundary else []
        if not parts:
            if raw[block.body : node.end].strip():
                yield _leaf(fields, "text/plain", block.body, node, seen, broken=True)
            continue
        group = seen if node.group is None and kind == "multipart/alternative" else node.group
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        stack.extend(_Node(a, b, node.depth + 1, default, group) for a, b in reversed(parts))


def _cut(raw: bytes, start: int, end: int, boundary: str, most: int) -> Iterator[tuple[int, int]]:
    """The parts between the delimiter lines of `boundary` in `raw[start:end]`."""
    needle = b"--" + boundary.encode("utf-8", "surrogateescape").rstrip()
    begin: int | None = None
    position, found = start, 0
    while (at := raw.find(needle, position, end)) >= 0:
        position = at + len(needle)
        if at > start and raw[at - 1] != 0x0A:
            continue
        newline = raw.find(b"\n", position, end)
        line_end = end if newline < 0 else newline
        rest = raw[position : min(line_end, position + 200)].strip()
        if rest and rest != b"--" and not rest.startswith(b"-- "):
            continue
        if begin is not None:
            found += 1
            if found > most:
                raise Over(Cap.PARTS)
            yield begin, _before(raw, begin, at)
        if rest:
            return
        begin = position = min(line_end + 1, end)
    if begin is not None and begin < end:
        yield begin, end


def _before(raw: bytes, begin: int, at: int) -> int:
    """The end of a part: the line end before a delimiter belongs to the delimiter."""
    if at - 1 >= begin and raw[at - 1] == 0x0A:
        at -= 1
        if at - 1 >= begin and raw[at - 1] == 0x0D:
            at -= 1
    return at


_KIND = re.compile(r"\s*([a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+)")  # RFC 6838 section 4.2
_STRUCTURE = ("content-type", "content-disposition", "content-transfer-encoding", "content-id")
_LONGEST = 8_192  # octets of one field


class _Fields:
    """The fields of a part that make the tree, each parsed once; the first of a name counts."""

    def __init__(self, block: Head) -> None:
        self._values = {name: raw_text(block.first(name)[:_LONGEST]) for name in _STRUCTURE}
        self._params: dict[str, dict[str, str]] = {}
        self.size = sum(map(len, self._values.values()))
        """Characters that were, or may be, parsed."""

    def value(self, name: str) -> str:
        """The whole value, "" when there is none."""
        return self._values[name]

    def type(self, default: str) -> str:
        """The media type in lower case; `default` when none can be read."""
        found = _KIND.match(self._values["content-type"].lower())
        return found[1] if found else default

    def param(self, header: str, name: str) -> str:
        """A parameter in any of its spellings (RFC 2231, quoted, encoded words against the rules)."""
        if header not in self._params:
            self._params[header] = _params(self._values[header])
        return self._params[header].get(name, "")


def _params(value: str) -> dict[str, str]:
    message = Message()
    message["content-type"] = value
    try:
        found = message.get_params([]) or []
    except (ValueError, IndexError, TypeError):  # what Python's RFC 2231 code raises on junk
        return {}
    params: dict[str, str] = {}
    for name, given in found:
        params.setdefault(name.lower(), _param(given))
    return params


def _param(given: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(given, str):
        return given
    charset, _, octets = given
    return decode(str(octets).encode("latin-1", "replace"), charset)[0]


_TRANSFER = re.compile(r"[a-z0-9-]+")
_WORD_LENGTH = 20  # octets; lines of base64 have 76


def _transfer(fields: _Fields) -> str:
    found = _TRANSFER.search(fields.value("content-transfer-encoding").lower())
    return found[0] if found else ""


def _no_base64(fields: _Fields, kind: str, beginning: bytes) -> bool:
    """Whether a text that says it is base64 is plain words: lines with spaces between short words."""
    if not kind.startswith("text/") or _transfer(fields) != "base64":
        return False
    tokens = beginning.split()
    spaced = any(b" " in line.strip() for line in beginning.split(b"\n"))
    return spaced and len(tokens) > 3 and sum(map(len, tokens)) < _WORD_LENGTH * len(tokens)


def _leaf(fields: _Fields, kind: str, body: int, node: _Node, number: int, *, broken: bool = False) -> Leaf:
    disposition = fields.value("content-disposition").partition(";")[0].strip().lower()
    name = fields.param("content-disposition", "filename") or fields.param("content-type", "name")
    return Leaf(
        type=kind,
        charset=fields.param("content-type", "charset"),
        flowed=fields.param("content-type", "format").lower() == "flowed",
        delsp=fields.param("content-type", "delsp").lower() == "yes",
        attached=disposition == "attachment",
        name=one_line(words(name), 400),
        encoding="" if broken else _transfer(fields),
        start=body,
        end=max(body, node.end),
        group=number if node.group is None else node.group,
        alternative=node.group is not None,
        content_id=one_line(fields.value("content-id"), 250).strip("<> "),
        params=tuple((key, fields.param("content-type", key).lower()[:100]) for key in PARAMS),
        broken=broken,
    )
