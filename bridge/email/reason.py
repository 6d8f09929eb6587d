"""Why a mail did not arrive: the words and codes of a strange server to one key that staff understand.

    no_such_address  mailbox_full  too_large  spam  refused  unreachable  moved  expired  unknown

A precise enhanced code wins (RFC 3463 section 3), then the server's words, then the subject of
the code, then the SMTP code (RFC 5321 section 4.2.3).  Many servers send one code for everything,
so words count more than a vague code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "no_such_address",
    "mailbox_full",
    "too_large",
    "spam",
    "refused",
    "unreachable",
    "moved",
    "expired",
    "unknown",
]

MAX_SAID = 2_000
"""Characters of a diagnostic that are looked at."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An enhanced code ("" when unknown), whether a repeat would fail as well, and the key."""

    status: str
    permanent: bool
    reason: Reason


_DECLARED = re.compile(r"\s*([245]\.[0-7]\.\d{1,3})(?!\d|\.\d)")
_HEARD = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?!\d|\.\d)")  # no version, no IP address
_SMTP = re.compile(r"(?<![\d.\[])([45][0-5]\d)(?=[ \-]|$)")
_HOST = re.compile(r"[(<\[]*(?:[\w-]+\.)+[a-z]{2,}(?:\[[0-9a-fA-F.:]{2,45}\])?[>)\]:,;.]*")

_SURE: dict[str, Reason] = {
    "1.1": "no_such_address",
    "1.2": "no_such_address",
    "1.3": "no_such_address",
    "1.4": "no_such_address",
    "1.6": "moved",
    "1.10": "no_such_address",  # RFC 7505; Exchange says it of a recipient not found
    "2.2": "mailbox_full",
    "2.3": "too_large",
    "3.4": "too_large",
    "4.7": "expired",
}
_BROAD: dict[str, Reason] = {
    "1": "refused",
    "2": "refused",
    "4": "unreachable",
    "5": "refused",
    "6": "refused",
    "7": "refused",
}
_SYSTEM: dict[str, Reason] = {"3.1": "unreachable", "3.2": "unreachable", "3.3": "refused"}
_CODES: dict[str, Reason] = {
    "551": "moved",
    "552": "mailbox_full",
    "553": "no_such_address",
    "556": "no_such_address",  # RFC 7504: the domain takes no mail
}


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_WORDS: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (
        "mailbox_full",
        _pattern(
            r"\bquota\b",
            r"overquota",
            r"(?:mailbox|inbox|mail box) (?:is |size )?(?:full|exceed)",
            r"storage (?:limit|allocation|quota)",
            r"insufficient mailbox (?:storage|space)",
            r"post(?:fach|eingang)\S{0,20} (?:\S{1,40} ){0,4}voll\b",
            r"postfach voll|kontingent|speicherplatz",
            r"bo[iî]te (?:\S{1,40} ){0,4}pleine",
        ),
    ),
    (
        "too_large",
        _pattern(
            r"(?:message|mail|header|size|content) (?:is )?too (?:large|big|long)",
            r"(?:message|mail|file) (?:size|length) (?:exceed|limit|violat)",
            r"exceed\w* (?:\S{1,40} ){0,4}(?:message )?size",
            r"size limit|zu gro(?:ß|ss)|trop volumineux",
        ),
    ),
    (
        "moved",
        _pattern(
            r"has moved|forwarding address|no longer (?:uses?|at) this",
            r"(?:new|changed) (?:e-?mail )?address|address (?:has )?changed|please try <",
            r"neue (?:e-?mail-?)?adresse|umgezogen|nicht mehr unter dieser adresse",
        ),
    ),
    (
        "spam",
        _pattern(
            r"(?<![\w-])(?:spam|junk|unsolicited|bulk mail|phishing)",
            r"(?:block|black|deny)[ -]?list|dnsbl|\brbl\b|spamhaus|reputation",
            r"blocked (?:using|by|for|because)|banned sending|(?<!not )listed (?:at|by|in|on)\b",
        ),
    ),
    (
        "expired",
        _pattern(
            r"(?:message|delivery time|queue\.?) ?expired|expired in (?:the )?queue",
            r"retry time(?:out)? (?:exceeded|not reached)|(?:long|longest) failure period",
            r"too long in (?:the )?queue|in (?:the )?queue too long|this message has been in the queue",
            r"(?:cannot|could not|unable to) (?:send|deliver) (?:\S{1,40} ){0,4}"
            r"(?:for|within|in) \d+ (?:day|hour)",
            r"(?:gave|giving) up after|frist (?:\S{1,40} ){0,3}(?:abgelaufen|überschritten)",
        ),
    ),
    (
        "no_such_address",
        _pattern(
            r"(?:user|recipient|address|mailbox|account|local.?part)\S{0,30} (?:\S{1,40} )?unknown",
            r"unknown (?:\S{1,40} )?(?:user|recipient|address|mailbox|account|domain|host|local)",
            r"no such (?:\S{1,40} )?(?:user|recipient|address|mailbox|person|account|domain|host|local)",
            r"no (?:mailbox|user|account) (?:here|by|with)|(?:does not|doesn't|do not|don't) exist",
            r"(?:user|recipient|address|mailbox|account|domain)\S{0,30} (?:\S{1,40} ){0,4}"
            r"(?:not|couldn't be) found",
            r"(?:doesn't|does not) have an? (?:\S{1,40} )?(?:account|mailbox)",
            r"no longer (?:valid|exist|available)",
            r"(?:account|mailbox|user) (?:is|has been) (?:disabled|discontinued|closed|deleted)",
            r"recip(?:ient)?notfound|host or domain name not found|host not found|unroute?able",
            r"(?:invalid|bad|undeliverable) (?:\S{1,40} ){0,2}(?:user|recipient|address|mailbox)",
            r"(?:mailbox|user|account) (?:is )?(?:\S{1,40} )?"
            r"(?:unavailable|disabled|inactive|deactivated|suspended)",
            r"recipient address rejected: (?:access denied|undeliverable)",  # Exchange Online with 5.4.1
            r"not (?:a )?(?:known|valid|registered|listed)",
            r"(?:benutzer|empfänger|adresse|teilnehmer|postfach|konto)\S{0,30} (?:\S{1,40} ){0,6}"
            r"(?:unbekannt|nicht (?:gefunden|bekannt|vorhanden)|existiert nicht)",
            r"existiert nicht|unbekannte[rs]? (?:benutzer|empfänger|adresse|teilnehmer)",
            r"(?:utilisateur|destinataire|adresse)\S{0,30} (?:\S{1,40} ){0,3}"
            r"(?:inconnu|introuvable|n'existe)",
        ),
    ),
    (
        "unreachable",
        _pattern(
            r"time(?:d )?-?out|connection (?:\S{1,40} ){0,2}(?:refused|lost|dropped|reset|closed|failed)",
            r"unreachable|no route|(?:could not|couldn't|cannot|can't|unable to|failed to) connect",
            r"temporar|try (?:again|later)|gr[ae]y-?list|lookup fail|name service error|not respond",
            r"too many hops|\bloop|network (?:error|problem)|verbindung|nicht erreichbar|vorübergehend",
        ),
    ),
)
_REFUSED = _pattern(
    r"reject|refus|denied|prohibit|not (?:authori[sz]ed|permitted|allowed|accept)|polic(?:y|ies)",
    r"blocked|relay|authenticat|\b(?:dmarc|dkim|spf)\b|restricted",
    r"abgelehnt|abgewiesen|verweigert|gesperrt|nicht (?:zugelassen|berechtigt|erlaubt)",
)
"""So general that a code says more."""


def cause(status: str, said: str) -> Cause:
    """The cause in a Status field and a server's words; either may be empty.  Total.

    A Status without a subject gives way to the enhanced code in the words, and one that says
    success is not believed.  Without any code only a reason that lasts counts as permanent.
    """
    said = said[:MAX_SAID]
    declared, heard, smtp = _DECLARED.match(status[:200]), _HEARD.search(said), _SMTP.search(said)
    code = declared[1] if declared and declared[1][0] != "2" else ""
    if heard and (not code or code.endswith(".0.0")):
        code = heard[1]
    answer = smtp[1] if smtp else ""
    reason = _reason(code, answer, said)
    level = (code or answer)[:1]
    lasting = reason not in ("unknown", "unreachable", "expired", "mailbox_full")
    return Cause(code, level == "5" if level else lasting, reason)


def _reason(code: str, answer: str, said: str) -> Reason:
    subject, words = code[2:], _words(said)
    return (
        _SURE.get(subject)
        or _by_words(words, lasting=(code or answer or "5")[0] == "5")
        or _SYSTEM.get(subject)
        or _BROAD.get(subject.partition(".")[0])
        or _CODES.get(answer)
        or ("refused" if _REFUSED.search(words) else None)
        or ("unreachable" if answer[:1] == "4" else "refused" if answer else "unknown")
    )


def _words(said: str) -> str:
    """Without addresses, links and host names: what they are called says nothing."""
    kept = (word for word in said.split() if "@" not in word and "://" not in word)
    return " ".join(word for word in kept if not _HOST.fullmatch(word))


def _by_words(words: str, *, lasting: bool) -> Reason | None:
    """The first key whose words stand there; a temporary answer never says that an address is wrong."""
    for reason, pattern in _WORDS:
        if (lasting or reason != "no_such_address") and pattern.search(words):
            return reason
    return None
