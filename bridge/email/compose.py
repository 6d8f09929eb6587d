"""An answer, an acknowledgement or a mailing as the octets of a mail.

    header fields (`fields`)
    text   marker · correction · answer · "-- " signature, reference · quote (`quoting`)
    HTML   the same, in the same order
    files

The header block is written field by field; only the bodies are left to Python's `email`.  The
same `OutMail` always gives the same octets, so that a repeat is the same mail.
"""

from __future__ import annotations

import hashlib
import re
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from bridge.email import fields, quoting
from bridge.email.addresses import valid
from bridge.email.phrases_out import correction, keep_reference, leave, right_to_left, spoken, tag
from bridge.email.quoting import Quoted, body_text
from bridge.email.text import MARKERS
from bridge.errors import Broken
from bridge.html import paragraphs
from bridge.model import Attachment
from bridge.names import clean_name

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|antw|sv|vs|ref|rép|fwd?|wg|tr|rv)\s*(?:\[\d{1,3}\])?\s*:\s*)+", re.IGNORECASE
)
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=78)
_SIGNATURE_LINES = 12
_PIECE = 57 * 512  # octets of a file at a time, in whole lines of base64 (RFC 2045 section 6.8)
_STYLE = (
    "body{margin:0;padding:1rem;font:1rem/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1a1a1a;"
    "background:#fff}main,.quoted{max-width:40rem}.marker,footer,.quoted{color:#595959;font-size:.875rem}"
    "footer{border-top:1px solid #bbb;margin-top:2rem;padding-top:.5rem}blockquote{"
    "border-left:3px solid #bbb;margin:0 0 0 .5rem;padding-left:.75rem}"
)


@dataclass(frozen=True, slots=True)
class OutMail:
    """What goes out to one person.

    `sender` is the consultation's address, `reply_to` the one with the token.  `html` is
    sanitised by the caller.  `date` is in seconds since 1970.  An `automatic` mail says so and
    has no name in To, no "Re:" and no quote, since a stranger may have chosen those.

    `signature` is the organisation's block, which stands in the place of its bare name.
    `quoted` is the citizen's last message.  A `correction` says so in its first line, with the
    time of the message it `corrected` (seconds since 1970) where that is known.  `unsubscribe`
    (https) and `list_id` make a mailing of it, which answers nothing and has no "Re:".
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
    signature: str = ""
    quoted: Quoted | None = None
    correction: bool = False
    corrected: float | None = None
    unsubscribe: str | None = field(repr=False, default=None)
    list_id: str | None = None


def compose(mail: OutMail) -> bytes:
    """The mail with CRLF line ends, 7-bit unless an address is not ASCII (RFC 6532).

    Raises `ValueError` when an address is not one plain addr-spec, and `Broken` when the
    address to unsubscribe at or the list's name cannot be written.
    """
    for address in (mail.sender, mail.to, *([mail.reply_to] if mail.reply_to else [])):
        if not valid(address):
            raise ValueError("not an address")
    lines = [*_addressing(mail), *_threading(mail), *_kind(mail)]
    header = "".join(f"{line}\r\n" for line in lines if line)
    return header.encode("utf-8") + _content(mail)


def subject_line(mail: OutMail) -> str:
    """ "Re: …" with the reference once, prefixes of any language not piled up."""
    subject = fields.line(mail.subject, 200)
    if not mail.automatic and not _mailing(mail):
        subject = f"Re: {_PREFIX.sub('', subject)}".strip()
    reference = fields.line(mail.reference, 40)
    if reference and reference.lower() not in subject.lower():
        subject = f"{subject} [{reference}]"
    return subject


def _mailing(mail: OutMail) -> bool:
    return mail.unsubscribe is not None or mail.list_id is not None


# ------------------------------------------------------------------ header fields


def _addressing(mail: OutMail) -> list[str]:
    name = _from_name(mail)
    return [
        fields.address("From", name, mail.sender),
        fields.address("To", "" if mail.automatic else mail.to_name, mail.to),
        fields.address("Reply-To", name, mail.reply_to) if mail.reply_to else "",
    ]


def _threading(mail: OutMail) -> list[str]:
    return [
        fields.text("Subject", subject_line(mail)),
        f"Date: {format_datetime(datetime.fromtimestamp(int(mail.date), UTC))}",
        fields.ids("Message-ID", [mail.message_id]),
        fields.ids("In-Reply-To", [mail.in_reply_to] if mail.in_reply_to else []),
        fields.ids("References", mail.references),
        f"Content-Language: {tag(mail.language)}",
    ]


def _kind(mail: OutMail) -> list[str]:
    """What the mail says of itself to machines."""
    lines = []
    if mail.automatic:
        lines += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]  # RFC 3834 section 5
    try:
        lines += [fields.list_id(mail.list_id)] if mail.list_id is not None else []
        lines += fields.one_click(mail.unsubscribe) if mail.unsubscribe is not None else []
    except ValueError as error:
        raise Broken(f"A mailing cannot be written: {error}.") from None
    return lines


def _from_name(mail: OutMail) -> str:
    names = dict.fromkeys(fields.line(n, 80) for n in (mail.from_name, mail.organisation or mail.title))
    return ", ".join(name for name in names if name)


# ------------------------------------------------------------------ bodies


def _content(mail: OutMail) -> bytes:
    """The content with its header fields.  Files are put in here: `email` takes seconds for large ones."""
    seed = hashlib.sha256(mail.message_id.encode("utf-8", "replace")).hexdigest()[:24]
    words = EmailMessage(policy=_POLICY)
    words.set_content(_plain(mail), charset="utf-8")
    words.add_alternative(_page(mail), subtype="html", charset="utf-8")
    words.set_boundary(f"=_folkmoot_1_{seed}")  # "=_" cannot occur in base64 or quoted-printable
    if not mail.attachments:
        return words.as_bytes()
    del words["MIME-Version"]
    boundary = f"=_folkmoot_0_{seed}"
    mixed = f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="{boundary}"\r\n\r\n'
    line = f"--{boundary}\r\n".encode("ascii")
    parts = [line + words.as_bytes(), *(line + _file(file) for file in mail.attachments)]
    return b"".join([mixed.encode("ascii"), *parts, f"--{boundary}--\r\n".encode("ascii")])


def _file(file: Attachment) -> bytes:
    """A part with its header; `email` writes the name (RFC 2231)."""
    kind = file.mime.lower() if _TYPE.fullmatch(file.mime.lower()) else "application/octet-stream"
    main, _, sub = kind.partition("/")
    if main in ("multipart", "message"):
        main, sub = "application", "octet-stream"
    part = EmailMessage(policy=_POLICY)
    part.set_content(b"", main, sub, cte="base64", filename=clean_name(file.name))
    del part["MIME-Version"]
    pieces = [encodebytes(file.data[at : at + _PIECE]) for at in range(0, len(file.data), _PIECE)]
    return part.as_bytes() + b"".join(piece.replace(b"\n", b"\r\n") for piece in pieces)


def _marker(mail: OutMail) -> str:
    """Where to write an answer, in a mail that has a place for answers."""
    return spoken(MARKERS, mail.language) if mail.reply_to else ""


def _first_line(mail: OutMail) -> str:
    return correction(mail.language, mail.corrected) if mail.correction else ""


def _footer(mail: OutMail) -> list[str]:
    block = body_text(mail.signature or mail.organisation).split("\n")[:_SIGNATURE_LINES]
    lines = [fields.line(part, 200) for part in (mail.title, *block)]
    reference = fields.line(mail.reference, 40)
    if reference:
        lines.append(keep_reference(mail.language, reference))
    if mail.unsubscribe is not None:
        lines.append(leave(mail.language, mail.unsubscribe))
    return [line for line in lines if line]


def _plain(mail: OutMail) -> str:
    footer = _footer(mail)
    quote = quoting.as_text(mail.quoted, mail.language) if mail.quoted and not mail.automatic else ""
    parts = [
        _marker(mail),
        _first_line(mail),
        body_text(mail.text),
        "\n".join(["-- ", *footer]) if footer else "",
        quote,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _page(mail: OutMail) -> str:
    words = mail.html if mail.html else paragraphs(body_text(mail.text))
    quote = quoting.as_html(mail.quoted, mail.language) if mail.quoted and not mail.automatic else ""
    # What staff write may well run the other way than our own words around it.
    whole, main = (' dir="rtl"', ' dir="auto"') if right_to_left(mail.language) else ("", "")
    parts = [
        f'<p class="marker">{escape(_marker(mail))}</p>' if _marker(mail) else "",
        f"<main{main}>\n{paragraphs(_first_line(mail))}{body_text(words)}\n</main>",
        f"<footer><p>{'<br>'.join(map(escape, _footer(mail)))}</p></footer>",
        quote,
    ]
    body = "\n".join(part for part in parts if part)
    return (
        f'<!DOCTYPE html>\n<html lang="{tag(mail.language)}"{whole}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(subject_line(mail))}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
