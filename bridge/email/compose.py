"""An answer or an acknowledgement as the octets of a mail.

The header block is written here, field by field, from values that were made harmless first:
no CR, LF or NUL of any field survives, encoded words are never split inside a character, and
no line is longer than 998 octets (RFC 5322 section 2.1.1).  Only the bodies are left to
Python's `email`, whose folding of long addresses has had holes (CVE-2024-6923).  The same
`OutMail` always gives the same octets, so that a repeat is the same mail.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from bridge.email.addresses import valid
from bridge.email.encoded import one_line
from bridge.email.text import MARKERS
from bridge.model import Attachment
from bridge.names import clean_name

MAX_REFERENCES = 20
_ASCII_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. -]*")
_ID = re.compile(r"<[!-;=?-~]{1,200}>")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|antw|sv|vs|ref|rép|fwd?|wg|tr|rv)\s*(?:\[\d{1,3}\])?\s*:\s*)+", re.IGNORECASE
)
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
_UNSAFE_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_FOOTERS = {
    "en": "Your reference: {reference}. Please keep it in the subject when you write again.",
    "de": "Ihr Zeichen: {reference}. Bitte lassen Sie es im Betreff stehen, wenn Sie wieder schreiben.",
    "fr": "Votre référence : {reference}. Merci de la conserver dans l'objet de vos messages.",
}
_STYLE = (
    "body{margin:0;padding:1rem;font:1rem/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1a1a1a;"
    "background:#fff}main{max-width:40rem}.marker,footer{color:#595959;font-size:.875rem}"
    "footer{border-top:1px solid #bbb;margin-top:2rem;padding-top:.5rem}blockquote{"
    "border-left:3px solid #bbb;margin:0 0 0 .5rem;padding-left:.75rem}"
)


@dataclass(frozen=True, slots=True)
class OutMail:
    """What goes out to one person.

    `sender` is the consultation's address, `reply_to` the one with the token.  `html` is
    sanitised by the caller.  `date` is in seconds since 1970.  An `automatic` mail says so and
    has no name in To and no "Re:", since a stranger may have chosen those.
    """

    sender: str
    to: str
    reply_to: str | None
    message_id: str
    date: float
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(repr=False, default=None)
    to_name: str = field(repr=False, default="")
    from_name: str = ""
    organisation: str = ""
    reference: str = ""
    title: str = ""
    language: str = "en"
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: bool = False
    attachments: Sequence[Attachment] = ()


def compose(mail: OutMail) -> bytes:
    """The mail with CRLF line ends, 7-bit unless an address is not ASCII (RFC 6532).

    Raises `ValueError` when an address is not one plain addr-spec.
    """
    for address in (mail.sender, mail.to, *([mail.reply_to] if mail.reply_to else [])):
        if not valid(address):
            raise ValueError("not an address")
    fields = [
        _address("From", _from_name(mail), mail.sender),
        _address("To", "" if mail.automatic else mail.to_name, mail.to),
        *([_address("Reply-To", _from_name(mail), mail.reply_to)] if mail.reply_to else []),
        _text("Subject", subject_line(mail)),
        f"Date: {format_datetime(datetime.fromtimestamp(int(mail.date), UTC))}",
        _ids("Message-ID", [mail.message_id]),
        _ids("In-Reply-To", [mail.in_reply_to] if mail.in_reply_to else []),
        _ids("References", list(mail.references)[-MAX_REFERENCES:]),
        f"Content-Language: {_language(mail)}",
    ]
    if mail.automatic:
        fields.append("Auto-Submitted: auto-replied")  # RFC 3834 section 5
        fields.append("X-Auto-Response-Suppress: All")
    header = "".join(f"{line}\r\n" for line in fields if line)
    return header.encode("utf-8") + _content(mail).as_bytes()


def subject_line(mail: OutMail) -> str:
    """ "Re: …" with the reference once, prefixes of any language not piled up."""
    subject = one_line(mail.subject, 200)
    if not mail.automatic:
        subject = f"Re: {_PREFIX.sub('', subject)}".strip()
    reference = one_line(mail.reference, 40)
    if reference and reference.lower() not in subject.lower():
        subject = f"{subject} [{reference}]"
    return subject


def _from_name(mail: OutMail) -> str:
    names = dict.fromkeys(one_line(n, 80) for n in (mail.from_name, mail.organisation or mail.title))
    return ", ".join(name for name in names if name)


def _language(mail: OutMail) -> str:
    return mail.language if _LANGUAGE.fullmatch(mail.language) else "en"


def _spoken(mail: OutMail, phrases: dict[str, str]) -> str:
    return phrases.get(_language(mail).split("-")[0].lower(), phrases["en"])


# ------------------------------------------------------------------ header fields


def _address(name: str, display: str, address: str) -> str:
    display = one_line(display, 120)
    if not display:
        return f"{name}: <{address}>"
    simple = _ASCII_PHRASE.fullmatch(display) and "=?" not in display
    phrase = f'"{display}"' if simple else _encoded(display)
    return f"{name}: {phrase}\r\n <{address}>"


def _text(name: str, value: str) -> str:
    if value.isascii() and "=?" not in value and len(value) <= 60:
        return f"{name}: {value}"
    return f"{name}: {_encoded(value)}"


def _encoded(value: str) -> str:
    """`value` as encoded words of whole characters, one a line (RFC 2047 section 2)."""
    words, chunk = [], b""
    for char in value:
        octets = char.encode("utf-8", "replace")
        if len(chunk) + len(octets) > 42:
            words.append(chunk)
            chunk = b""
        chunk += octets
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode('ascii')}?=" for word in words)


def _ids(name: str, ids: Sequence[str]) -> str:
    good = [one for one in dict.fromkeys(ids) if _ID.fullmatch(one)]
    folded = "\r\n ".join(good)
    return f"{name}: {folded}" if good else ""


# ------------------------------------------------------------------ bodies


def _content(mail: OutMail) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message.set_content(_plain(mail), charset="utf-8")
    message.add_alternative(_page(mail), subtype="html", charset="utf-8")
    for file in mail.attachments:
        kind = file.mime.lower() if _TYPE.fullmatch(file.mime.lower()) else "application/octet-stream"
        main, _, sub = kind.partition("/")
        if main in ("multipart", "message"):
            main, sub = "application", "octet-stream"
        message.add_attachment(file.data, maintype=main, subtype=sub, filename=clean_name(file.name))
    seed = hashlib.sha256(mail.message_id.encode("utf-8", "replace")).hexdigest()[:24]
    for number, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"=_folkmoot_{number}_{seed}")  # "=_" cannot occur in base64 or quoted-printable
    return message


def _body_text(text: str) -> str:
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE_TEXT.sub("", unified).encode("utf-8", "replace").decode("utf-8").strip("\n")


def _footer(mail: OutMail) -> list[str]:
    lines = [one_line(part, 200) for part in (mail.title, mail.organisation)]
    reference = one_line(mail.reference, 40)
    if reference:
        lines.append(_spoken(mail, _FOOTERS).format(reference=reference))
    return [line for line in lines if line]


def _plain(mail: OutMail) -> str:
    footer = _footer(mail)
    tail = "\n".join(["", "-- ", *footer]) if footer else ""
    return f"{_spoken(mail, MARKERS)}\n\n{_body_text(mail.text)}\n{tail}\n"


def _page(mail: OutMail) -> str:
    words = mail.html if mail.html else _paragraphs(_body_text(mail.text))
    words = _UNSAFE_TEXT.sub("", words).encode("utf-8", "replace").decode("utf-8")
    title = escape(subject_line(mail))
    footer = "<br>".join(escape(line) for line in _footer(mail))
    return (
        f'<!DOCTYPE html>\n<html lang="{_language(mail)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<p class="marker">{escape(_spoken(mail, MARKERS))}</p>\n<main>\n{words}\n</main>\n'
        f"<footer><p>{footer}</p></footer>\n</body>\n</html>\n"
    )


def _paragraphs(text: str) -> str:
    blocks = re.split(r"\n{2,}", escape(text))
    return "\n".join("<p>" + block.replace("\n", "<br>\n") + "</p>" for block in blocks if block.strip())
