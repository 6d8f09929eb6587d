"""Mails to be composed out of anything, and what must be true of each once it is read again."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from html import escape
from typing import Any

from bridge.email.compose import OutMail, compose, subject_line
from bridge.email.encoded import one_line
from bridge.email.mail import Mail
from bridge.email.parse import read
from bridge.email.phrases_out import attribution, correction, keep_reference, leave, tag
from bridge.email.quoting import CUT, MAX_BYTES, MAX_LINES, Quoted
from bridge.email.text import MARKERS
from bridge.model import Attachment
from bridge.names import clean_name
from tests.email.mails import DOMAIN, TOKEN

HOSTILE = (
    *("\r\n", "\n", "\r", "\0", "\x0b", "\x85", "\u2028", "\u2029", "\ufeff", "\u202e", "\u200b", "\ud800"),
    *(
        "Bcc: eve@evil.example",
        "\r\nBcc: eve@evil.example\r\n\r\n",
        "\nX-Evil: 1",
        "\r.\r\n",
        "\n.\n",
        "--",
        "-- ",
    ),
    *(
        "=?utf-8?q?=0D=0ABcc:_x?=",
        "=?utf-8?b?Cg==?=",
        "=?x",
        "?=",
        '"',
        "\\",
        "<",
        ">",
        ",",
        ";",
        "(",
        ")",
        "@",
        ":",
    ),
    *(
        "<script>",
        "</blockquote>",
        "&lt;",
        "> ",
        ">",
        "From ",
        "=_folkmoot_0_",
        " " * 80,
        "x" * 1_200,
        "\t",
        "%0d%0a",
    ),
)
WORDS = (
    *(
        "The bench by the lamp",
        "Straßenbäume",
        "Où est le parc ?",
        "Дерево",
        "公園のベンチ",
        "مقعد",
        "ספסל",
        "🌳🚲",
    ),
    *(
        "e\u0301a\u0308",
        "Ω",
        "Re: AW: ",
        "Antw: ",
        "[PARK-7F3K-9Q]",
        "a.b",
        "c_d",
        "100 %",
        "€",
        "naïve",
        "\n\n",
    ),
)
IDS = (
    "<a@b>",
    "<1.x@home.example>",
    "<c@d>\r\nBcc: x",
    "no-id",
    "<>",
    "<ä@b>",
    "<a b@c>",
    f"<{'y' * 190}@z>",
    "",
)
NAMES = (
    "plan.pdf",
    "../../etc/passwd",
    "a\r\nb.txt",
    "Übersicht 2027.odt",
    "写真.jpg",
    "",
    "con",
    "x" * 300,
    'a"b;.png',
)


def wild(chance: random.Random) -> OutMail:
    """A mail whose every field is a draw from words and from what attackers write."""

    def text(most: int) -> str:
        pool = HOSTILE if chance.random() < 0.3 else WORDS
        return "".join(
            chance.choice((*pool, " ", chance.choice(WORDS))) for _ in range(chance.randrange(most))
        )

    files = [
        Attachment(
            chance.choice(NAMES) + text(2),
            chance.choice(("application/pdf", "message/rfc822", "a\r\nb/c")),
            b,
        )
        for b in (chance.randbytes(chance.randrange(200)) for _ in range(chance.choice((0, 0, 1, 3))))
    ]
    mailing = chance.random() < 0.2
    return OutMail(
        sender=f"park-2027@{DOMAIN}",
        to=chance.choice(("ada@home.example", "Ada.Citizen+x@Home.example", "o'b@home.example")),
        reply_to=chance.choice((None, f"park-2027+{TOKEN}@{DOMAIN}")),
        message_id=f"<{chance.getrandbits(40):x}@{DOMAIN}>",
        date=chance.randrange(1_700_000_000, 2_000_000_000),
        subject=text(8),
        text=text(30),
        to_name=text(6),
        from_name=text(4),
        organisation=text(4),
        reference=chance.choice(("PARK-7F3K-9Q", "", text(3))),
        title=text(4),
        language=chance.choice(("en", "de", "fr", "ar", "de-AT", "FR", "xx", "e\r\nn", "")),
        in_reply_to=chance.choice((None, *IDS)),
        references=tuple(chance.choice(IDS) for _ in range(chance.randrange(6))),
        automatic=chance.random() < 0.2,
        attachments=files,
        signature=text(8),
        quoted=Quoted(text(4), chance.randrange(2_000_000_000), text(40)) if chance.random() < 0.5 else None,
        correction=chance.random() < 0.2,
        corrected=chance.choice((None, 1_800_000_000.5)),
        unsubscribe="https://consult.alder.example/leave/abc" if mailing else None,
        list_id=f"park-2027.{DOMAIN}" if mailing else None,
    )


def faults(mail: OutMail) -> list[str]:
    """What is wrong with `mail` composed and read again: names of properties, none when all hold."""
    raw = compose(mail)
    got, message = read(raw), message_from_bytes(raw)
    checks = (*_wire(raw), *_header(got, message, mail), *_contents(got, mail), *_page(message, mail))
    return [name for name, holds in checks if not holds]


def _wire(raw: bytes) -> Iterator[tuple[str, bool]]:
    lines = raw.split(b"\r\n")
    yield "line ends", raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    yield "length of lines", max(map(len, lines)) <= 998
    yield "octets", raw.isascii() and b"\0" not in raw


def expected_fields(mail: OutMail) -> list[str]:
    """The names of the header fields, in order."""
    names = ["from", "to", *(["reply-to"] if mail.reply_to else []), "subject", "date", "message-id"]
    names += ["in-reply-to"] if _ids([mail.in_reply_to or ""]) else []
    names += ["references"] if _ids(mail.references) else []
    names += ["content-language"]
    names += ["auto-submitted", "x-auto-response-suppress"] if mail.automatic else []
    names += ["list-id"] if mail.list_id else []
    names += ["list-unsubscribe", "list-unsubscribe-post"] if mail.unsubscribe else []
    return [*names, "mime-version", "content-type"]


def _header(got: Mail, message: Message[Any, Any], mail: OutMail) -> Iterator[tuple[str, bool]]:
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 – each field, repeats too
    yield "fields", sorted(names) == sorted(expected_fields(mail))
    yield "From", got.from_address == mail.sender
    yield "name in From", got.from_name == _from_name(mail)
    yield "To", got.to == (mail.to.lower(),) and got.cc == ()
    to_name = "" if mail.automatic else one_line(_line(mail.to_name, 120), 120)
    shown = str(make_header(decode_header(str(message["to"]).replace("\r\n", ""))))
    yield "name in To", shown.rpartition("<")[0].strip(' "') == to_name.strip(' "')
    yield "Subject", got.subject == one_line(subject_line(mail), 500)
    yield "Message-ID", got.message_id == mail.message_id
    yield "In-Reply-To", got.in_reply_to == next(iter(_ids([mail.in_reply_to or ""])), None)
    yield "References", list(got.references) == _ids(mail.references)
    yield "Date", got.date == int(mail.date)


def _contents(got: Mail, mail: OutMail) -> Iterator[tuple[str, bool]]:
    yield "text", got.text == _shown(mail)
    yield "HTML", got.html is not None
    yield "files", [file.data for file in got.attachments] == [file.data for file in mail.attachments]
    names = zip(got.attachments, mail.attachments, strict=False)
    yield "names of files", all(_same_name(have.name, clean_name(want.name)) for have, want in names)
    yield "doubts", not got.warnings


def page(message: Message[Any, Any]) -> str:
    """The HTML as it is sent."""
    (part,) = (p for p in message.walk() if p.get_content_type() == "text/html" and not p.get_filename())
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode("utf-8").replace("\r\n", "\n")


def _page(message: Message[Any, Any], mail: OutMail) -> Iterator[tuple[str, bool]]:
    html = page(message)
    turned = ' dir="rtl"' if tag(mail.language) == "ar" else ""
    yield "language of the HTML", f'<html lang="{tag(mail.language)}"{turned}>' in html
    yield "quote in the HTML", html.count('<blockquote type="cite">') == int(bool(_quote(mail)))
    yield "markup", "<script" not in html and html.count("</blockquote>") == html.count("<blockquote")
    yield "title", f"<title>{escape(subject_line(mail))}</title>" in html


def _same_name(have: str, want: str) -> bool:
    """Whether a file kept its name, but for the number that keeps two of one name apart."""
    numbered = re.fullmatch(r"(.*) \(\d+\)(\.[^.]*)?", have)
    return have == want or (numbered is not None and want.startswith(numbered[1]))


def _ids(given: Sequence[str]) -> list[str]:
    return [one for one in dict.fromkeys(given) if re.fullmatch(r"<[!-;=?-~]{1,200}>", one)]


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _line(text: str, limit: int) -> str:
    return one_line(_whole(text), limit)


def _from_name(mail: OutMail) -> str:
    parts = dict.fromkeys(_line(part, 80) for part in (mail.from_name, mail.organisation or mail.title))
    return one_line(one_line(", ".join(part for part in parts if part), 120), 200)


# ------------------------------------------------------------------ the text, by its own rules


def _clean(text: str) -> str:
    for end in ("\r\n", "\r", "\x85", "\u2028", "\u2029"):
        text = text.replace(end, "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", _whole(text)).strip("\n")


def _quote(mail: OutMail) -> list[str]:
    if mail.automatic or mail.quoted is None or not _clean(mail.quoted.text).strip():
        return []
    words = _clean(mail.quoted.text)
    lines = words.split("\n")[:MAX_LINES]
    kept = "\n".join(lines).encode()[:MAX_BYTES].decode("utf-8", "ignore")
    if kept != words:
        kept = f"{kept.rstrip()}\n{CUT}"
    above = attribution(mail.language, _line(mail.quoted.name, 120), mail.quoted.date)
    return [above, *(f">{x}" if not x or x[0] == ">" else f"> {x}" for x in kept.split("\n"))]


def _footer(mail: OutMail) -> list[str]:
    block = _clean(mail.signature or mail.organisation).split("\n")[:12]
    lines = [_line(line, 200) for line in (mail.title, *block)]
    reference = _line(mail.reference, 40)
    lines.append(keep_reference(mail.language, reference) if reference else "")
    lines.append(leave(mail.language, mail.unsubscribe) if mail.unsubscribe else "")
    kept = [line for line in lines if line]
    return ["-- ", *kept] if kept else []


def _shown(mail: OutMail) -> str:
    """The whole text as a reader must find it."""
    marker = MARKERS.get(
        mail.language[:2].lower() if re.match("[A-Za-z]{2}(-|$)", mail.language) else "", MARKERS["en"]
    )
    parts = [
        marker if mail.reply_to else "",
        correction(mail.language, mail.corrected) if mail.correction else "",
        _clean(mail.text),
    ]
    parts += ["\n".join(_footer(mail)), "\n".join(_quote(mail))]
    return "\n\n".join(part for part in parts if part).replace("\ufeff", "").strip("\n")
