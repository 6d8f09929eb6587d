"""Mails made to be expensive.  `MEASURED` are those that brought Python's own parser down."""

from __future__ import annotations

MEGABYTE = 1_000_000
HEAD = b"From: a@b.example\r\n"
_PAGE = HEAD + b"Content-Type: text/html\r\n\r\n"
_ANSWER = HEAD + b"In-Reply-To: <a@b>\r\n\r\n"


def coded(how: bytes) -> bytes:
    """The head of a mail in a transfer encoding."""
    return HEAD + b"Content-Transfer-Encoding: " + how + b"\r\n\r\n"


def written(charset: bytes) -> bytes:
    """The head of a mail in a charset."""
    return HEAD + b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n"


def nested(depth: int, filling: bytes = b"") -> bytes:
    """A multipart in a multipart, `depth` times, around `filling` and a word."""
    levels = [b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth)]
    return HEAD + b"".join(levels) + b"\r\n" + filling + b"words"


def parts(part: bytes, count: int) -> bytes:
    """A multipart of `count` times the same part, which brings its header block."""
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b\r\n" + part) * count


def filled(piece: bytes, size: int) -> bytes:
    """`piece` again and again, `size` octets or a little less."""
    return piece * (size // len(piece))


MEASURED = {
    "50,000 encoded words": HEAD + b"Subject: " + b" ".join([b"=?utf-8?q?a?="] * 50_000) + b"\r\n\r\nwords",
    "50,000 addresses": HEAD + b"To: " + b", ".join([b"abcd@b.example"] * 50_000) + b"\r\n\r\nwords",
    "50,000 parameters": HEAD + b"Content-Type: text/plain" + b"; aaa=bbb" * 50_000 + b"\r\n\r\nwords",
    "500,000 empty parts": parts(b"\r\n", 500_000),
    "450 deep around 5 MB": nested(450, b"x" * 5 * MEGABYTE),
    "one folded header of 25 MB": HEAD + b"X: " + b"x\r\n " * 6_200_000 + b"\r\n\r\nwords",
    "1,000 deep": nested(1_000),
    "1,000 comments in From": b"From: " + b"(" * 1_000 + b"a@b.example" + b")" * 1_000 + b"\r\n\r\nwords",
    "an unknown charset": HEAD + b"Content-Type: text/plain; charset=x-nobody\r\n\r\nwords",
}

OURS = {
    "30 deep around 5 MB": nested(30, filled(b"x" * 70 + b"\r\n", 5 * MEGABYTE)),
    "990 encoded words": HEAD + b"Subject: " + b" ".join([b"=?utf-8?b?w6Q=?="] * 990) + b"\r\n\r\nwords",
    "999 parts": parts(b"Content-Type: text/plain\r\n\r\n" + b"words\r\n" * 3_000, 999),
    "999 files with heads": parts(
        b"Content-Type: a/b" + b"; a=b" * 3_000 + b"; name*0*=u'x\r\n\r\nJVBERi0\r\n", 999
    ),
    "49,000 delimiters that are none": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--bb\r\n" * 49_000,
    "comments that never open": _PAGE + filled(b"<!--", MEGABYTE),
    "scripts that never end": _PAGE + filled(b"<script>", MEGABYTE),
    "deep HTML": _PAGE + filled(b"<div>", MEGABYTE) + b"words",
    "deep tables": _PAGE + filled(b"<table><tr><td>", MEGABYTE) + b"words",
    "deep quotes": _PAGE + filled(b"<blockquote>x<br>", MEGABYTE),
    "ampersands": _PAGE + b"&" * 190_000,
    "bold words": _PAGE + filled(b"<p>hello <b>x</b></p>", 190_000),
    "a wide table": _PAGE + b"<table><tr>" + filled(b"<td>x", 300_000),
    "many lists": _PAGE + filled(b"<ul><li>x</ul>", MEGABYTE),
    "20 MB of HTML": _PAGE + filled(b"<p>hello</p>\r\n", 20 * MEGABYTE),
    "20 MB of one tag": _PAGE + b"<img src=cid:" + b"x" * 20 * MEGABYTE,
    "images without an end": _PAGE + filled(b"<img src = ", 3 * MEGABYTE),
    "20 MB of base64": HEAD
    + b"Content-Transfer-Encoding: base64\r\n\r\n"
    + filled(b"d29yZHMg\r\n", 20 * MEGABYTE),
    "20 MB of broken base64": HEAD
    + b"Content-Transfer-Encoding: base64\r\n\r\n"
    + filled(b"d*\r\n", 20 * MEGABYTE)
    + b"=",
    "20 MB of quoted-printable": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + filled(b"=", 20 * MEGABYTE),
    "20 MB of line ends": written(b"utf-8") + filled(b"\r\n", 20 * MEGABYTE),
    "20 MB in one line": written(b"utf-8") + filled("ä ".encode(), 20 * MEGABYTE),
    "20 MB of quotes": _ANSWER + filled(b">" * 60 + b"\r\n", 20 * MEGABYTE),
    "flowed quotes": HEAD
    + b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n"
    + filled(b"> words \r\n", 10 * MEGABYTE),
    "attributions": HEAD
    + b"In-Reply-To: <a@b>\r\n\r\n"
    + filled(b"On Mon, somebody\r\n> x\r\n", 5 * MEGABYTE),
    "On, and on": _ANSWER + filled(b"On ", 90_000) + b"\r\n> x\r\n",
    "headers quoted": HEAD
    + b"In-Reply-To: <a@b>\r\n\r\n"
    + filled(b"From: x\r\nSent: y\r\nTo: z\r\n", 90_000),
    "dividers": _ANSWER + filled(b"-----Original Message-----\r\n", 90_000),
    "20 MB of UTF-7": HEAD
    + b"Content-Type: text/plain; charset=utf-7\r\n\r\n"
    + filled(b"+AOQ-", 20 * MEGABYTE),
    "20 MB of escapes": HEAD
    + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    + filled(b"\x1b$B\x1b(B", 20 * MEGABYTE),
    "20 MB of a wrong charset": HEAD
    + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    + filled(b"\xe4\xf6 ", 20 * MEGABYTE),
    "pieces of a file name": HEAD
    + b"Content-Disposition: attachment"
    + b"".join(b"; filename*%d*=a" % n for n in range(3_000))
    + b"\r\n\r\nwords",
    "2,000 marks of images": HEAD
    + b"Content-Type: multipart/related; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/html\r\n\r\n"
    + b"".join(b"x <img src=cid:%d> y" % n for n in range(8_000))
    + b"".join(b"\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <%d>\r\n\r\nx" % n for n in range(190)),
    "quotes in From": b"From: " + b'"' * 60_001 + b" <a@b.example>\r\n\r\nwords",
    "brackets in From": b"From: " + b"<" * 60_001 + b"a@b.example>\r\n\r\nwords",
    "60,000 references": HEAD + b"References: " + b"<a" * 30_000 + b"\r\n\r\nwords",
    "1,000 fields": HEAD
    + b"X-Spam-Status: "
    + b"\xe4" * 200
    + b"\r\n"
    + b"List-Id: =?utf-8?q?" * 990
    + b"\r\n\r\nwords",
    "quotes of Gmail": _PAGE + filled(b"<div class=gmail_quote>x", 190_000),
    "quotes of Outlook": _PAGE
    + filled(b'<div style="border:none;border-top:solid #E1E1E1 1pt">x</div>', 900_000),
    "attributions of HTML": _PAGE
    + filled(b"<blockquote type=cite>x</blockquote>On a, b wrote:<br>", 900_000),
    "20 MB of a calendar": HEAD
    + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"
    + filled(b"BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n", 20 * MEGABYTE),
    "a calendar of parameters": HEAD
    + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART"
    + filled(b";A=B", 900_000),
    "a calendar that is folded": HEAD
    + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:"
    + filled(b"x\r\n ", 900_000),
    "100 calendars": parts(
        b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"
        + filled(b"BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20270101\r\nEND:VEVENT\r\n", 150_000),
        100,
    ),
    "a report on everybody": HEAD
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    + filled(
        b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n", 20 * MEGABYTE
    ),
    "a bounce in words": b"From: MAILER-DAEMON@b.example\r\nSubject: Undelivered Mail\r\n\r\n"
    + filled(b"<a@b.example>: user unknown, failed permanently, \r\n", 5 * MEGABYTE),
    "a bounce in one line": b"From: MAILER-DAEMON@b.example\r\nSubject: Undelivered Mail\r\n\r\n"
    + filled(b"<a@b.example>: failed, ", 900_000),
    "a signature without an end": HEAD + b"\r\nwords\r\n-- \r\n" + filled(b"-- \r\n_____\r\nx\r\n", 90_000),
    "lines that may be an attribution": _ANSWER
    + filled(b"On Mon, 1 Jan 2027 at 10:00 somebody <a@b.example>\r\n", 95_000)
    + b"wrote:\r\n> x\r\n",
}

BOMBS = MEASURED | OURS
