"""Whole mails of the kinds that mail programs send, for the checklist, the corpus and the mutations.

`SAMPLES` maps a name to the mail, the address and name of its author, and its subject.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from tests.email.mails import mail, multipart

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail, and what must be read from its head."""

    raw: bytes
    address: str | None
    name: str
    subject: str


def image(content_id: str, name: str = "", kind: str = "image/png", disposition: str = "inline") -> bytes:
    """A part that is a small picture with a Content-ID."""
    named = f'; filename="{name}"' if name else ""
    head = f"Content-Type: {kind}\nContent-ID: <{content_id}>\nContent-Disposition: {disposition}{named}\n"
    return f"{head}Content-Transfer-Encoding: base64\n\n{b64encode(PNG).decode()}".encode()


def part(kind: str, *parts: str | bytes, boundary: str) -> bytes:
    """A multipart inside another one."""
    octets = [piece.encode() if isinstance(piece, str) else piece for piece in parts]
    marker = b"--" + boundary.encode()
    body = b"".join(marker + b"\n" + piece + b"\n" for piece in octets) + marker + b"--"
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode() + body


def file(kind: str, data: bytes, head: str = "Content-Disposition: attachment\n") -> bytes:
    """A part that is a file, in base64."""
    head = f"Content-Type: {kind}\n{head}Content-Transfer-Encoding: base64\n\n"
    return head.encode() + b64encode(data)


GMAIL = multipart(
    "related",
    part(
        "alternative",
        PLAIN + "Look:\n[image: bench.png]\nIt is broken.\n\nOn Mon, 4 Jan 2027 at 10:00, Riverside Park\n"
        "<park-2027@consult.alder.example> wrote:\n\n> Where is it?\n",
        HTML
        + '<div dir="ltr">Look:<div><img src="cid:ii_1" alt="bench.png"></div><div>It is broken.</div></div>'
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, 4 Jan 2027 at 10:00, Riverside Park wrote:'
        "<br></div><blockquote>Where is it?</blockquote></div>",
        boundary="000000000000b1",
    ),
    image("ii_1", "bench.png"),
    boundary="000000000000b2",
    in_reply_to="<x@consult.alder.example>",
)
OUTLOOK = multipart(
    "related",
    part(
        "alternative",
        PLAIN + "Good day,\n\n[cid:image001.png@01D9A0B0.1C2D3E40]\n\nAda Citizen\n",
        HTML + "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style>p {margin:0}</style>"
        '</head><body><p class="MsoNormal">Good day,<o:p></o:p></p><p class="MsoNormal">'
        '<!--[if gte vml 1]><v:imagedata src="cid:image001.png@01D9A0B0.1C2D3E40"/><![endif]-->'
        '<img width="9" src="cid:image001.png@01D9A0B0.1C2D3E40"></p><p class="MsoNormal">Ada Citizen</p>'
        "</body></html>",
        boundary="_000_alt",
    ),
    image("image001.png@01D9A0B0.1C2D3E40", "image001.png"),
    boundary="_004_rel",
    thread_index="AdmgsLAc",
)
APPLE = multipart(
    "alternative",
    PLAIN + "Before\nAfter\n",
    part(
        "mixed",
        HTML + "<html><body>Before<br></body></html>",
        file("application/pdf; name=plan.pdf", b"%PDF-1.7 plan", "Content-Disposition: inline\n"),
        HTML + "<html><body>After</body></html>",
        boundary="Apple-Mail=_2",
    ),
    boundary="Apple-Mail=_1",
)
FLOWED = mail(
    "> You wrote a line \n> that was long.\n\nI answer in a line \nthat is long, too.\n-- \nAda\n",
    content_type="text/plain; charset=UTF-8; format=flowed",
)
JAPANESE = mail(
    "こんにちは。公園について。\n".encode("iso2022_jp"),
    content_type="text/plain; charset=iso-2022-jp",
    content_transfer_encoding="7bit",
    subject="=?ISO-2022-JP?B?" + b64encode("公園の件".encode("iso2022_jp")).decode() + "?=",
)
CHINESE = mail(
    "朱镕基：公园".encode("gbk"),
    content_type="text/plain; charset=gb2312",
    content_transfer_encoding="8bit",
    subject="=?gb2312?B?" + b64encode("朱镕基".encode("gbk")).decode() + "?=",
)
SIGNED = multipart(
    "signed",
    PLAIN + "Signed words",
    file("application/pkcs7-signature; name=smime.p7s", b"0\x80signature"),
    boundary="sig",
)
SEALED = mail(
    b64encode(b"0\x80sealed"),
    content_type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
    content_transfer_encoding="base64",
    content_disposition="attachment; filename=smime.p7m",
)
PGP = multipart(
    "encrypted",
    "Content-Type: application/pgp-encrypted\n\nVersion: 1",
    "Content-Type: application/octet-stream; name=encrypted.asc\n\n"
    "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----",
    boundary="pgp",
)
TNEF = multipart(
    "mixed",
    PLAIN + "From Outlook",
    file("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22tnef"),
    boundary="tnef",
)
EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Folkmoot//EN\r\nMETHOD:REQUEST\r\n"
    b"BEGIN:VEVENT\r\nUID:1@home.example\r\nDTSTAMP:20270104T090000Z\r\n"
    b"DTSTART:20270110T100000Z\r\nDTEND:20270110T110000Z\r\nSUMMARY:Walk in the park\r\n"
    b"LOCATION:Gate\r\nORGANIZER:mailto:ada@home.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
INVITATION = multipart(
    "alternative",
    PLAIN + "Come along",
    HTML + "<p>Come along</p>",
    b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n" + EVENT,
    boundary="cal",
)
FORWARDED = multipart(
    "mixed",
    PLAIN + "see below",
    b"Content-Type: message/rfc822\n\n" + multipart("alternative", PLAIN + "inner", HTML + "<p>inner</p>"),
    boundary="fwd",
)
BOUNCE = multipart(
    "report; report-type=delivery-status",
    PLAIN + "It could not be delivered.",
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.home.example\n\n"
    "Final-Recipient: rfc822; ada@home.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 No such user\n",
    "Content-Type: text/rfc822-headers\n\nMessage-ID: <out@consult.alder.example>\n",
    boundary="dsn",
    **{"from": "MAILER-DAEMON@mx.home.example", "auto_submitted": "auto-replied"},
)
NAMES = multipart(
    "mixed",
    PLAIN + "files",
    file(
        "application/pdf",
        b"%PDF-1",
        "Content-Disposition: attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf\n",
    ),
    file("application/pdf", b"%PDF-2", 'Content-Disposition: attachment; filename="../../plan.pdf"\n'),
    file("application/pdf; name=plan.pdf", b"%PDF-3"),
    boundary="names",
)

_KIM = ("kim@example.org", "Kim Doe", "Benches")
SAMPLES = {
    "plain": Sample(mail(), *_KIM),
    "gmail": Sample(GMAIL, *_KIM),
    "outlook": Sample(OUTLOOK, *_KIM),
    "apple": Sample(APPLE, *_KIM),
    "flowed": Sample(FLOWED, *_KIM),
    "japanese": Sample(JAPANESE, *_KIM[:2], "公園の件"),
    "chinese": Sample(CHINESE, *_KIM[:2], "朱镕基"),
    "signed": Sample(SIGNED, *_KIM),
    "sealed": Sample(SEALED, *_KIM),
    "pgp": Sample(PGP, *_KIM),
    "tnef": Sample(TNEF, *_KIM),
    "invitation": Sample(INVITATION, *_KIM),
    "forwarded": Sample(FORWARDED, *_KIM),
    "bounce": Sample(BOUNCE, "MAILER-DAEMON@mx.home.example", "", "Benches"),
    "names": Sample(NAMES, *_KIM),
    "raw header": Sample(
        b"From: J\xf6rg <joerg@home.example>\r\nSubject: Gr\xfc\xdfe\r\n\r\nB\xe4nke\r\n",
        *("joerg@home.example", "Jörg", "Grüße"),
    ),
    "two senders": Sample(
        b"From: a@home.example, b@home.example\r\nSubject: x\r\n\r\ny\r\n",
        None,
        "a@home.example, b@home.example",
        "x",
    ),
    "nothing": Sample(b"", None, "", ""),
}
