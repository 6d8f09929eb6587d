"""What the author wrote in this mail, without the quoted history below it.

Losing the author's words is the worst error, so history is cut in three cases only:

1. an attribution ("On … wrote:") after which every line to the end is quoted with `>`;
2. quoted lines to the end that contain our own marker line;
3. an Outlook-like block ("-----Original Message-----", "From: … Sent: … To: …") to the end
   that contains our marker line or one of our addresses.

An answer between quoted lines, or below them, keeps the whole mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.email.html import html_to_text

MARKERS = {
    "en": "=== Please write your answer above this line ===",
    "de": "=== Bitte antworten Sie oberhalb dieser Zeile ===",
    "fr": "=== Merci de répondre au-dessus de cette ligne ===",
}
"""The line that begins each of our mails, by language."""

_MARKER = re.compile("|".join(re.escape(m.strip("= ")).replace(r"\ ", r"[\s>]+") for m in MARKERS.values()))
_QUOTED = re.compile(r"[ \t]{0,3}(?:>|\u200e?>)")
_ATTRIBUTION = re.compile(
    r"^[ \t]*(?:"
    r"On\b.{3,300}\bwrote|Am\b.{3,300}\bschrieb\b.{0,200}|Le\b.{3,300}\ba [ée]crit|El\b.{3,300}\bescribi[óo]"
    r"|Il\b.{3,300}\bha scritto|Op\b.{3,300}\bschreef\b.{0,200}|Em\b.{3,300}\bescreveu"
    r"|Den\b.{3,300}\bskrev\b.{0,200}"
    r"|W dniu\b.{3,300}\bnapisał\(?a?\)?|.{1,200}<[^<>\s]+@[^<>\s]+>\s{1,3}(?:wrote|schrieb|a [ée]crit)"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}.{3,200}<[^<>\s]+@[^<>\s]+>"
    r")[ \t\xa0]*:[ \t]*$",
    re.DOTALL,
)
_DIVIDER = re.compile(
    r"^[ \t]*-{2,}[ \t]*(?:Original Message|Original Appointment|Ursprüngliche Nachricht|Message d'origine"
    r"|Mensaje original|Messaggio originale|Oorspronkelijk bericht)[ \t]*-{2,}[ \t]*$|^[ \t]*_{20,}[ \t]*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^[ \t]*\*?(?:From|Von|De|Da|Van|Från|Fra)[ \t]*:\*?[ \t]*\S", re.IGNORECASE)
_HEADERS = re.compile(
    r"^[ \t]*\*?(?:Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Para|Asunto)"
    r"[ \t]*:\*?",
    re.IGNORECASE,
)


def reply_text(text: str, html: str | None = None, ours: Sequence[str] = ()) -> str:
    """The author's words of `text` (of `html` where the text is empty).

    `ours` are our own domains or addresses, which mark an Outlook-like block as our mail.
    When nothing is recognised with certainty the whole text comes back.
    """
    if not text.strip() and html:
        text = html_to_text(html)
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    cut = _trailing_quote(lines)
    if cut is None:
        cut = _forwarded_block(lines, ours)
    kept = "\n".join(lines if cut is None else lines[:cut]).strip("\n").rstrip()
    return kept if kept.strip() else "\n".join(lines).strip("\n")


def _trailing_quote(lines: list[str]) -> int | None:
    """Where the quoted lines that run to the end begin, with their attribution."""
    first = len(lines)
    while first > 0 and (not lines[first - 1].strip() or _QUOTED.match(lines[first - 1])):
        first -= 1
    quoted = [line for line in lines[first:] if line.strip()]
    if not quoted:
        return None
    above = first
    while above > 0 and not lines[above - 1].strip():
        above -= 1
    for height in (1, 2, 3, 4):  # attributions are wrapped
        start = above - height
        if start < 0 or not lines[start].strip():
            break
        if _ATTRIBUTION.match(" ".join(line.strip() for line in lines[start:above])):
            return start
    inside = " ".join(line.strip("> \t") for line in quoted[:2])  # Apple quotes the attribution too
    certain = _MARKER.search("\n".join(quoted)) or any(
        _ATTRIBUTION.match(top) for top in (quoted[0].strip("> \t"), inside)
    )
    return first if certain else None


def _forwarded_block(lines: list[str], ours: Sequence[str]) -> int | None:
    """Where an unquoted block of headers begins whose content to the end is a mail of ours."""
    text = "\n".join(lines)
    unquoted = [
        found.end()
        for found in _MARKER.finditer(text)
        if not _QUOTED.match(text, text.rfind("\n", 0, found.start()) + 1)
    ]
    marked = max(unquoted, default=-1)
    position = 0
    for index, line in enumerate(lines):
        begins, position = position, position + len(line) + 1
        divider = bool(_DIVIDER.match(line))
        start = (
            next((i for i in range(index, len(lines)) if lines[i].strip() and i > index), index)
            if divider
            else index
        )
        if (
            not _FROM.match(lines[start])
            or sum(bool(_HEADERS.match(x)) for x in lines[start + 1 : start + 8]) < 2
        ):
            continue
        block = "\n".join(lines[start : start + 8]).lower()
        if marked > begins or any(_names(block, own.lower()) for own in ours):
            return index
    return None


def _names(block: str, own: str) -> bool:
    return bool(own) and re.search(rf"(?<![\w.-]){re.escape(own)}(?![\w.-]*\w)", block) is not None


def unflow(text: str, delsp: bool) -> str:
    """Text of `format=flowed` with its lines joined again (RFC 3676 section 4)."""
    out: list[str] = []
    joined_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:]
        content = content.removeprefix(" ")
        flowed = content.endswith(" ") and content != "-- "
        piece = content[:-1] if flowed and delsp else content
        if joined_depth == depth and content != "-- ":
            out[-1] += piece
        else:
            out.append((">" * depth + " " if depth else "") + piece)
        joined_depth = depth if flowed else None
    return "\n".join(out)
