"""What a mail server that we trust found out about a mail: Authentication-Results (RFC 8601).

Anybody can write such a field.  One is believed when it names the trusted hop as its author and
stands where only that hop can have put it:

    Authentication-Results: hop; …     believed: the topmost one with the hop's name
    Received: … by hop …               the hop's own trace
    Authentication-Results: hop; …     not believed: the hop would have put its own above it
    Received: … by another.example …   from here down a stranger wrote
    Authentication-Results: hop; …     not believed

A correct hop removes fields that arrive under its name (section 5).  One that neither removes
them nor writes its own can be deceived, and must not be named as trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bridge.email.caps import Field
from bridge.email.encoded import raw_text

MAX_OCTETS = 8_192
"""A longer field is not read; what servers write has some hundred octets."""

MAX_RESULTS = 50

_IN_COMMENT = re.compile(r"[()]|(?:[^()\\]|\\.)+", re.DOTALL)
_PIECE = re.compile(r"""[ \t\r\n]+|"(?:[^"\\]|\\.)*"|[;=()]|(?:[^\s;="()\\]|\\.)+""")
_BY = re.compile(r"(?:^|[\s)])by[ \t]+([A-Za-z0-9._\-]+)", re.IGNORECASE)
_POLICY = re.compile(r"\bp(?:olicy)?=(none|quarantine|reject)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """One method and what it gave, in lower case; `properties` such as `("header.from", "a.example")`.

    `comment` holds the words in brackets: they have no rules, and prove nothing good.
    """

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()
    comment: str = ""

    def get(self, name: str) -> str:
        """The first property `name`, or nothing."""
        return next((value for key, value in self.properties if key == name), "")


@dataclass(frozen=True, slots=True)
class Results:
    """A field: who wrote it (`authserv_id`, in lower case), and the results in their order."""

    authserv_id: str
    results: tuple[Result, ...] = ()

    def all(self, method: str) -> list[Result]:
        return [one for one in self.results if one.method == method]


def parse(value: bytes) -> Results | None:
    """The field's content (section 2.2); None for what is too long or not of that form.

    A result that is not of its form is left out, as `none` is, which says that there is no result.
    """
    if len(value) > MAX_OCTETS:
        return None
    statements = _statements(raw_text(value))
    if not statements or len(statements) > MAX_RESULTS + 1:
        return None
    (head, _), *rest = statements
    if not head or "=" in head or not all(word.isdecimal() for word in head[1:]):
        return None
    results = [_result(words, comment) for words, comment in rest]
    return Results(head[0].lower(), tuple(one for one in results if one is not None))


def _statements(text: str) -> list[tuple[list[str], str]] | None:
    """Words and comment of each part between semicolons; None when quotes or brackets do not close."""
    parts: list[tuple[list[str], list[str]]] = [([], [])]
    depth = position = 0
    while position < len(text):
        match = (_IN_COMMENT if depth else _PIECE).match(text, position)
        if match is None:  # a quote that does not end, or a lone backslash
            return None
        piece, position = match[0], match.end()
        words, comments = parts[-1]
        if piece in ("(", ")"):
            depth += 1 if piece == "(" else -1
        elif depth:
            comments.append(piece)
        elif piece == ";":
            parts.append(([], []))
        elif not piece.isspace():
            words.append(_unquoted(piece))
        if depth < 0:
            return None
    return None if depth else [(words, " ".join(comments)) for words, comments in parts]


def _unquoted(piece: str) -> str:
    return re.sub(r"\\(.)", r"\1", piece[1:-1]) if piece.startswith('"') else piece


def _result(words: list[str], comment: str) -> Result | None:
    """`method=result`, then `reason=value` and `type.property=value` in any number."""
    if not words or len(words) % 3 or words[1::3] != ["="] * (len(words) // 3):
        return None
    pairs = list(zip((word.lower() for word in words[::3]), words[2::3], strict=True))
    (method, result), *rest = pairs
    properties = tuple((name, value) for name, value in rest if "." in name)
    return Result(method.partition("/")[0], result.lower(), properties, comment)


def from_hop(fields: Iterable[Field], hop: str) -> Results | None:
    """The results of the trusted server `hop`, or None when it left none that can be believed.

    `fields` are those of the whole header block, from the top.
    """
    name = hop.strip().rstrip(".").lower()
    for key, value in fields:
        if key == "received" and not _written_by(value, name):
            return None
        if key == "authentication-results" and _claims(value, name):
            found = parse(value)
            return found if found is not None and found.authserv_id.rstrip(".") == name else None
    return None


def _claims(value: bytes, name: str) -> bool:
    """Whether the field gives `name` as its author, even if the rest of it cannot be read."""
    text = re.sub(r"\([^()]*\)", " ", raw_text(value[:1_000])).strip(' \t"')
    return re.split(r"[\s;\"]", text, maxsplit=1)[0].rstrip(".").lower() == name


def _written_by(received: bytes, name: str) -> bool:
    """Whether a trace field was written by the host `name` or one below it (RFC 5321 section 4.4)."""
    hosts = [match[1].rstrip(".").lower() for match in _BY.finditer(raw_text(received[:2_000]))]
    return bool(hosts) and (hosts[-1] == name or hosts[-1].endswith(f".{name}"))


def dmarc(results: Results, domain: str) -> str:
    """What the server says of DMARC for the author's `domain`: a result's name, or nothing.

    `fail` comes as `fail`, `fail none`, `fail quarantine` or `fail reject`, as far as the server
    says which policy the domain has.
    """
    for one in results.all("dmarc"):
        if one.get("header.from").rstrip(".").lower() == domain:
            policy = one.get("policy.dmarc").lower() or _policy(one.comment)
            return f"{one.result} {policy}".strip() if one.result == "fail" else one.result
    return ""


def _policy(comment: str) -> str:
    match = _POLICY.search(comment)
    return match[1].lower() if match else ""


def spf(results: Results) -> tuple[str, str] | None:
    """Result and domain of the first SPF check of the envelope's sender, if the server made one."""
    for one in results.all("spf"):
        domain = one.get("smtp.mailfrom").rpartition("@")[2] or one.get("smtp.helo")
        if domain:
            return one.result, domain.rstrip(".").lower()
    return None
