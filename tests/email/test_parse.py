"""Reading mails: bodies, attachments, names, identities of messages, and garbage."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.body import MAX_TEXT
from bridge.email.caps import Over, broken
from bridge.email.parse import read
from bridge.email.salvage import salvage
from tests.email.mails import mail, multipart

PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"


def test_a_plain_mail() -> None:
    got = read(mail(to="park-2027@Consult.example, x@y.example", date="Mon, 04 Jan 2027 10:00:00 +0100"))
    assert (got.from_address, got.from_name, got.subject) == ("kim@example.org", "Kim Doe", "Benches")
    assert got.text == got.words == "Hello park."
    assert (got.html, got.attachments, got.warnings, got.auto) == (None, (), (), ())
    assert got.message_id == "<1@example.org>" and got.date == 1799053200
    assert got.to == ("park-2027@consult.example", "x@y.example")


def test_alternatives_are_two_forms_of_the_same_words() -> None:
    got = read(multipart("alternative", PLAIN + "Grüße", HTML + "<p>Gr&uuml;&szlig;e</p>"))
    assert got.text == "Grüße" and got.html == "<p>Grüße</p>" and not got.attachments


@pytest.mark.parametrize("empty", ["", "\n \n"])
def test_an_empty_text_part_gives_way_to_the_html(empty: str) -> None:
    got = read(multipart("alternative", PLAIN + empty, HTML + "<p>Words</p>"))
    assert got.text == "Words"


def test_text_around_a_picture_is_all_kept() -> None:
    picture = (
        "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
        + b64encode(b"\x89PNG\r\n\x1a\n").decode()
    )
    got = read(multipart("mixed", PLAIN + "before", picture, PLAIN + "after", HTML + "<p>footer</p>"))
    assert got.text == "before\n\nafter\n\nfooter"
    assert [(a.name, a.mime) for a in got.attachments] == [("attachment-1.png", "image/png")]


def test_a_forwarded_mail_becomes_a_file() -> None:
    inner = mail("inner words", subject="inner").decode()
    got = read(multipart("mixed", PLAIN + "see this", "Content-Type: message/rfc822\n\n" + inner))
    assert got.text == "see this"
    assert [(a.name, a.mime) for a in got.attachments] == [("attachment-1.eml", "message/rfc822")]
    assert b"inner words" in got.attachments[0].data


def test_related_inside_alternative_inside_mixed() -> None:
    related = (
        "Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n"
        '<p>hi <img src="cid:1"></p>\n'
        "--r\nContent-Type: image/gif; name=a.gif\nContent-ID: <1>\n\nGIF89a\n--r--\n"
    )
    alternative = (
        f"Content-Type: multipart/alternative; boundary=a\n\n--a\n{PLAIN}hi\n--a\n{related}\n--a--\n"
    )
    got = read(multipart("mixed", alternative, 'Content-Type: application/pdf; name="p.pdf"\n\n%PDF-1'))
    assert got.text == "hi\n[image: a.gif]" and got.html == "<p>hi  [image: a.gif] </p>"
    assert [(a.name, a.mime) for a in got.attachments] == [
        ("a.gif", "image/gif"),
        ("p.pdf", "application/pdf"),
    ]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('filename="report.pdf"', "report.pdf"),
        ("filename*=utf-8''na%C3%AFve%20plan.pdf", "naïve plan.pdf"),
        ("filename*0*=utf-8''na%C3%AF; filename*1*=ve; filename*2=.pdf", "naïve.pdf"),
        ("filename*=x-unknown''a%E4.pdf", "aä.pdf"),
        ('filename="=?utf-8?q?na=C3=AFve=2Epdf?="', "naïve.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\temp\\\\x.pdf"', "x.pdf"),
        ('filename="\u200b\u202e.htaccess"', "htaccess"),
        ('filename="e\u0301.txt"', "é.txt"),
        ('filename="..."', "attachment-1.pdf"),
        ("filename=" + "x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("", "attachment-1.pdf"),
    ],
)
def test_names_of_files(header: str, name: str) -> None:
    part = f"Content-Type: application/pdf\nContent-Disposition: attachment; {header}\n\n%PDF-1"
    assert [a.name for a in read(multipart("mixed", PLAIN + "x", part)).attachments] == [name]


def test_the_same_name_twice_and_what_a_browser_would_run() -> None:
    svg = 'Content-Type: image/svg+xml; name="a.svg"\n\n<svg onload="x()"/>'
    page = 'Content-Type: text/html; name="A.SVG"\nContent-Disposition: attachment\n\n<script>x</script>'
    got = read(multipart("mixed", PLAIN + "x", svg, svg, page))
    assert [a.name for a in got.attachments] == ["a.svg", "a (2).svg", "A (3).SVG"]
    assert {a.mime for a in got.attachments} == {"application/octet-stream"}
    assert got.html is None


def test_broken_multiparts_keep_their_words() -> None:
    no_delimiter = read(mail("words of Kim", content_type="multipart/mixed; boundary=zz"))
    assert no_delimiter.text == "words of Kim" and "mime" in no_delimiter.warnings
    no_boundary = read(mail("words of Kim", content_type="multipart/mixed"))
    assert no_boundary.text == "words of Kim"
    unended = read(mail(f"--zz\n{PLAIN}one\n--zz\n{PLAIN}two", content_type="multipart/mixed; boundary=zz"))
    assert unended.text == "one\n\ntwo"
    longer = read(
        mail(f"--zz\n{PLAIN}one\n--zzz\nstill one\n--zz--", content_type="multipart/mixed; boundary=zz")
    )
    assert longer.text == "one\n--zzz\nstill one"


@pytest.mark.parametrize(
    ("body", "encoding", "text"),
    [
        ("Gr=C3=BC=C3=9Fe=\n!", "quoted-printable", "Grüße!"),
        ("R3LDvMOfZQ==", "base64", "Grüße"),
        ("R3LD*vMOf!ZQ", "BASE64 ", "Grüße"),
        ("Gr\xfc\xdfe", "8bit", "Grüße"),
        ("=ZZ=", "quoted-printable", "=ZZ"),
        ("plain", "x-unheard-of", "plain"),
    ],
)
def test_transfer_encodings(body: str, encoding: str, text: str) -> None:
    raw = mail(
        body.encode("latin-1"), content_transfer_encoding=encoding, content_type="text/plain; charset=utf-8"
    )
    assert read(raw).text == text


def test_charsets_of_bodies() -> None:
    raw = mail("Grüße".encode("latin-1"), content_type="text/plain; charset=no-such-thing")
    assert read(raw).text == "Grüße" and read(raw).warnings == ("charset",)
    page = '<html><head><meta charset="koi8-r"></head><body>Привет</body></html>'.encode("koi8-r")
    assert read(mail(page, content_type="text/html")).text == "Привет"


def test_format_flowed_with_delsp() -> None:
    got = read(mail("Donau \ndampfer", content_type="text/plain; format=flowed; delsp=yes"))
    assert got.text == "Donaudampfer"


def test_identities_of_messages() -> None:
    got = read(
        mail(
            message_id="junk <a@b> more",
            in_reply_to="Your mail of Monday <c@d>",
            references="<x@y>\r\n\t<c@d> <x@y>",
        )
    )
    assert (got.message_id, got.in_reply_to, got.references) == ("<a@b>", "<c@d>", ("<x@y>", "<c@d>"))
    assert read(mail(message_id="bare@example.org")).message_id == "<bare@example.org>"
    assert read(mail(message_id="")).message_id is None
    assert len(read(mail(references=" ".join(f"<{n}@x>" for n in range(300)))).references) == 50


def test_history_is_cut_in_answers_only() -> None:
    text = "My words\n\nOn Mon, A <a@b.example> wrote:\n> theirs"
    assert read(mail(text)).words == text
    assert read(mail(text, in_reply_to="<c@d>")).words == "My words"
    assert read(mail(text, in_reply_to="<c@d>")).text == text


def test_long_text_is_kept_whole_as_a_file() -> None:
    got = read(mail("word " * 50_000))
    assert len(got.text) == MAX_TEXT and got.warnings == ("cut",)
    assert got.attachments[0].name == "message.txt" and len(got.attachments[0].data) >= 249_999


def test_limits_that_only_show_in_the_tree() -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(40))
    with pytest.raises(Over):
        read(mail("x").split(b"\r\n\r\n")[0] + b"\r\n" + nested.encode() + b"\nx")
    with pytest.raises(Over):
        read(mail("--b\n\n" * 1_500, content_type="multipart/mixed; boundary=b"))


@pytest.mark.parametrize("body", ["", "x"])
def test_a_mail_of_almost_nothing(body: str) -> None:
    got = read(body.encode())
    assert got.text == body and got.from_address is None and got.warnings == ("sender",)


LINES = st.lists(
    st.sampled_from(
        [
            b"From: a@b.example",
            b"Content-Type: multipart/mixed; boundary=b",
            b'Content-Type: multipart/alternative; boundary="c"',
            b"Content-Type: text/html",
            b"Content-Type: text/plain; charset=utf-16; format=flowed",
            b"Content-Type: message/rfc822",
            b"Content-Type: ;;;=",
            b"Content-Disposition: attachment; filename*0*=utf-8''%zz; filename*9=x",
            b"Content-Disposition: attachment; filename*=''",
            b"Content-Transfer-Encoding: base64",
            b"Date: x Jan 99999999999 99:99 +99999999",
            b"",
            b"",
            b"--b",
            b"--b--",
            b"--c",
            b"--c--",
            b"words\xff\x00",
            b"<p>tag",
        ]
    ),
    max_size=30,
)


@given(LINES.map(b"\r\n".join) | LINES.map(b"\n".join) | st.binary(max_size=200))
def test_any_octets_give_a_mail_or_break_a_limit(raw: bytes) -> None:
    if broken(raw) is None:
        got = read(raw)
        for text in (got.text, got.words, got.subject, got.from_name, *(a.name for a in got.attachments)):
            text.encode("utf-8")
            assert "\x00" not in text
    left = salvage(raw)
    assert left.warnings == ("unreadable",) and left.attachments[0].data == raw


@given(st.text(alphabet="ab -\n", max_size=60), st.sampled_from(["mixed", "alternative", "related", "junk"]))
def test_no_word_of_a_text_part_is_lost(text: str, kind: str) -> None:
    got = read(multipart(kind, PLAIN + text, boundary="=_boundary"))
    assert got.text.split() == text.split()


def test_what_is_salvaged() -> None:
    left = salvage(mail(auto_submitted="auto-replied", subject="=?utf-8?q?B=C3=A4nke?="))
    assert (left.from_address, left.from_name, left.subject) == ("kim@example.org", "Kim Doe", "Bänke")
    assert left.auto == (("auto-submitted", "auto-replied"),) and left.message_id == "<1@example.org>"
    assert salvage(b"From: a@b.example\r\nFrom: c@d.example\r\n\r\n").from_address is None
    assert salvage(b'From: "x" <a@b.example>\r\n\r\n').from_address is None
    assert salvage(b"Message-ID: <a\x00b@c>\r\n\r\n").message_id is None
