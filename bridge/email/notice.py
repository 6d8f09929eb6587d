"""Bounces without a machine-readable part: who failed, from a mail server's plain words.

flufl.bounce knows the wordings of many servers.  Its detectors take time that grows with the
square of a line, want a message that Python's `email` has parsed, and match loosely, one of them
any address between commas.  So they see only what we build here: the first text, short, without
the returned mail below it, and only when a mail server wrote it and it speaks of a failure.  For
what they do not know, German above all, an address at the beginning of a line below the word of
failure is the one that failed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import Message

from flufl.bounce import all_failures

from bridge.email.addresses import loosely, valid
from bridge.email.caps import Head
from bridge.email.encoded import decode, header_text, plain
from bridge.email.html import html_to_text
from bridge.email.mime import Leaf
from bridge.email.reason import Cause, cause
from bridge.email.reports import MAX_RECIPIENTS, Said

_MAX_BYTES = 64 * 1024
_MAX_TEXT = 8_000
_MAX_LINE = 300
_MAX_LINES = 500
_NEAR = 800
"""Characters after an address in which its reason is looked for."""

_ROBOTS = frozenset(
    {
        *("mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mail.daemon", "mdaemon", "daemon"),
        *("postmaster", "mailsystem", "mail-system", "maildelivery", "mmdf", "bounce", "bounces"),
        "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
    }
)
_SYSTEM = re.compile(
    r"mail delivery (?:sub)?system|mailer-daemon|\bpostmaster\b(?=[\s<\"(])|system administrator"
    r"|mail delivery service|mail-?zustell(?:ung|system|dienst)",
    re.IGNORECASE,
)
"""Names that mail servers give themselves where their address is another."""

_SOMEBODY = re.compile(
    r"(?:re|fwd?|aw|wg|sv|vs|tr|rv|rif|antw)(?:\[\d+\])?:|out of (?:the )?office|abwesen"
    r"|(?:auto(?:matic|matische)?|réponse)[ -]?(?:reply|response|antwort|automatique)",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"(?:e?-?mail |message )?(?:undeliver|deliver\w{0,3} (?:status|fail|delay|problem|error|notif)"
    r"|returned mail|failure notice|delivery has failed|unzustellbar|nicht zustellbar|zustell(?:ung|fehler)"
    r"|non remis|warning: message|returned to sender)",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"undeliver|deliver\w{0,3} (?:\S{1,40} ){0,2}(?:fail|problem|error|delay|status|notif)|returned mail"
    r"|(?:not|n't|unable to|able to|failed to) (?:yet )?(?:be |been )?(?:deliver|reach|send)"
    r"|mail failed|failed (?:mail|address|recipient)|returning (?:to|message)"
    r"|(?:failure|bounce|delivery|warning)\b|rejected|could not (?:\S{1,40} ){0,2}deliver"
    r"|unzustellbar|zustell(?:ung|fehler|bericht|problem)|zugestellt|nicht (?:\S{1,40} ){0,3}zustell"
    r"|non (?:remis|distribu|délivr)|no (?:se )?(?:pudo|ha podido) (?:\S{1,40} )?entregar|mancata consegna",
    re.IGNORECASE,
)
_LATE = re.compile(
    r"\bdelay|\bwarning\b(?!.{0,200}(?:unknown|fail|undeliver))"
    r"|not yet been delivered|still being retried|verzöger|noch nicht zugestellt|retard",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"^[ \t]{0,10}(?:[-=_*]{2,}+.{0,60}\b(?:copy|original|unsent|returned|below|enclosed|header|headers|kopie"
    r"|ursprüngliche|originalnachricht|zurückgesandte)\b"
    r"|original message headers|ursprüngliche nachrichtenkopfzeilen|originalnachrichtenkopfzeilen).*$",
    re.IGNORECASE | re.MULTILINE,
)
_RETURNED_ID = re.compile(
    r"^[> \t]{0,8}message-id:[ \t]{0,10}(?:\n[ \t]{1,10})?(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE
)
_ADDRESS = re.compile(
    r"^[ \t>*•·-]{0,10}(?:(?:rcpt )?to:|an:|recipient:|empfänger:)?[ \t]{0,4}[<'\"(]?(?:mailto:|smtp:)?"
    r"([^\s<>()\[\]\\,;:\"'@]{1,64}@[^\s<>()\[\]\\,;:\"'@]{1,255})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Who failed or waits, and the Message-ID of the mail that stands below the words."""

    said: tuple[Said, ...]
    original_id: str | None


_NOTHING = Notice((), None)


def by_machine(top: Head) -> bool:
    """Whether a mail server seems to have written it: by its sender, by Exim's field, or without a
    return path under a subject that begins with a failure.  Never what answers or forwards.
    """
    subject = header_text(top.first("subject"), 200)
    if _SOMEBODY.match(subject):
        return False
    sender = header_text(top.first("from")[:2_000])
    robots = (one.partition("@")[0].partition("+")[0] in _ROBOTS for one in loosely([sender.encode()]))
    if any(robots) or _SYSTEM.match(sender.lstrip("\"'<")):
        return True
    quiet = top.first("return-path").strip() == b"<>" or top.first("auto-submitted")[:5].lower() == b"auto-"
    return bool(top.first("x-failed-recipients") or (quiet and _BEGINS.match(subject)))


def notice(raw: bytes, top: Head, leaves: Sequence[Leaf], multipart: str) -> Notice:
    """What the first text of the mail says; `multipart` is the type of the whole when it is one.

    The codes and words after an address, up to the next one, are its cause.
    """
    text = _text(raw, leaves)
    subject = header_text(top.first("subject"), 200)
    below = _RETURNED.search(text)
    words = text[: below.end() if below else _MAX_TEXT][:_MAX_TEXT]
    if not _FAILED.search(f"{subject}\n{words}"):
        return _NOTHING
    late, failed = _known(top, words, multipart)
    ours = set(loosely(top.all("to")[:1] + top.all("from")[:1]))
    late, failed = _wanted(late, ours), _wanted(failed, ours)
    if not late and not failed:
        failed = _wanted(_named(words), ours)
    if _LATE.search(subject):
        late, failed = [*late, *failed], []
    found = _RETURNED_ID.search(text, below.end() if below else 0)
    said = [Said(one, "failed", _near(words, one, failed)) for one in failed]
    said += [Said(one, "delayed", _near(words, one, late)) for one in late if one not in failed]
    return Notice(tuple(said[:MAX_RECIPIENTS]), found[1] if found else None)


def _text(raw: bytes, leaves: Sequence[Leaf]) -> str:
    for kind in ("text/plain", "text/html"):
        leaf = next((leaf for leaf in leaves if leaf.type == kind and not leaf.attached), None)
        if leaf is not None:
            part = replace(leaf, end=min(leaf.end, leaf.start + _MAX_BYTES))
            text = decode(part.content(raw), leaf.charset)[0]
            return plain(text if kind == "text/plain" else html_to_text(text))
    return ""


def _known(top: Head, words: str, multipart: str) -> tuple[list[str], list[str]]:
    """What flufl.bounce finds: who waits, who failed.

    It is given well-formed fields only: one of the detectors fails on an empty From.
    """
    whole = _message(words, multipart)
    senders = [one for one in loosely(top.all("from")[:1]) if one.isascii() and valid(one)]
    named = [one for one in loosely(top.all("x-failed-recipients")) if one.isascii() and valid(one)]
    whole["From"] = senders[0] if senders else "nobody@invalid"
    if named:
        whole["X-Failed-Recipients"] = ", ".join(named[:MAX_RECIPIENTS])
    whole["X-Mailer"] = _ascii(header_text(top.first("x-mailer")[:200], 100))
    late, failed = all_failures(whole)
    return _strings(late), _strings(failed)


def _message(words: str, multipart: str) -> Message:
    """`words` as the kind of message they came in, in ASCII, with few and short lines."""
    text = Message()
    text["Content-Type"] = "text/plain"
    lines = words.split("\n")[:_MAX_LINES]
    text.set_payload(_ascii("".join(f"{line[:_MAX_LINE]}\n" for line in lines)))
    if not multipart:
        return text
    text["Content-Description"] = "notification"
    rest, whole = Message(), Message()
    rest["Content-Type"] = "application/octet-stream"
    whole["Content-Type"] = multipart if multipart == "multipart/report" else "multipart/mixed"
    whole.attach(text)
    whole.attach(rest)
    return whole


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _strings(found: frozenset[bytes]) -> list[str]:
    return sorted(one.decode("ascii", "replace") for one in found)


def _named(words: str) -> list[str]:
    """Addresses at the beginning of a line at or below the first word of failure."""
    start = _FAILED.search(words)
    lines = words[start.start() if start else 0 :].split("\n")
    return [match[1] for line in lines if (match := _ADDRESS.match(line))]


def _wanted(found: Sequence[str], ours: set[str]) -> list[str]:
    """Valid addresses without repeats, but not of a mail server or of whom the notice is from or to."""
    kept: dict[str, None] = {}
    for one in found:
        local, _, domain = one.strip(" .<>").rpartition("@")
        address = f"{local}@{domain.lower()}"
        if valid(address) and local.lower() not in _ROBOTS and address.lower() not in ours:
            kept[address] = None
    return list(kept)[:MAX_RECIPIENTS]


def _near(words: str, one: str, others: Sequence[str]) -> Cause:
    """The cause in the words after an address, else in the whole notice when it is the only one."""
    lower = words.lower()
    at = lower.find(one.lower())
    if at < 0:
        return cause("", words if len(others) == 1 else "")
    begin = at + len(one)
    ends = [lower.find(other.lower(), begin, begin + _NEAR) for other in others if other != one]
    end = min((end for end in ends if end >= 0), default=begin + _NEAR)
    found = cause("", lower[begin:end])
    return cause("", words) if found.reason == "unknown" and len(others) == 1 else found
