"""The checklist of bodies, attachments and senders, one test an item, named as there."""

from __future__ import annotations

from base64 import b64encode

import pytest

from bridge.email.body import MAX_ATTACHMENTS
from bridge.email.inline import placed
from bridge.email.parse import read
from tests.email import samples
from tests.email.mails import mail, multipart
from tests.email.samples import HTML, PLAIN, PNG, file, image, part

# ------------------------------------------------------------------------------- Body


@pytest.mark.parametrize("empty", ["", " \n\t\n", "\u00a0\n"])
def test_multipart_alternative_with_an_empty_text_part(empty: str) -> None:
    got = read(multipart("alternative", PLAIN + empty, HTML + "<p>The bench is <b>broken</b>.</p>"))
    assert got.text == "The bench is broken." and got.html == "<p>The bench is <strong>broken</strong>.</p>"


def test_html_only() -> None:
    got = read(mail("<html><body><p>One</p><ul><li>two</li></ul></body></html>", content_type="text/html"))
    assert got.text.split() == ["One", "*", "two"] and got.html == "<p>One</p><ul><li>two</li></ul>"
    assert got.warnings == ()


def test_nested_message_rfc822() -> None:
    """The inner mail is a file, whole, and nothing of its head becomes the outer one's."""
    inner = mail("inner words", subject="inner", **{"from": "Eve <eve@home.example>"})
    got = read(multipart("mixed", PLAIN + "see this", b"Content-Type: message/rfc822\n\n" + inner))
    assert (got.subject, got.from_address, got.text) == ("Benches", "kim@example.org", "see this")
    (only,) = got.attachments
    assert only.mime == "message/rfc822" and only.name.endswith(".eml")
    assert read(only.data).text == "inner words"


def test_nested_message_rfc822_in_base64() -> None:
    sealed = file("message/rfc822", mail("inner words", subject="inner"))
    got = read(multipart("mixed", PLAIN + "see this", sealed))
    assert read(got.attachments[0].data).subject == "inner"


@pytest.mark.parametrize(
    ("delsp", "text"),
    [
        ("no", "> quoted line that goes on\nmine is long\n-- \nAda"),
        ("yes", "> quoted linethat goes on\nmine islong\n-- \nAda"),
    ],
)
def test_format_flowed_with_delsp(delsp: str, text: str) -> None:
    body = "> quoted line \n> that goes on\n mine is \nlong\n-- \nAda"
    got = read(mail(body, content_type=f"text/plain; format=flowed; delsp={delsp}"))
    assert got.text == text


BETWEEN = "> When was it?\n\nOn Monday.\n\n> And where?\n\nAt the gate.\n"


def test_text_after_a_quote_is_never_dropped() -> None:
    got = read(mail(f"On Mon, Park <p@alder.example> wrote:\n{BETWEEN}", in_reply_to="<a@b>"))
    assert "On Monday." in got.words and "At the gate." in got.words
    assert "> And where?" in got.text


def test_right_to_left_text() -> None:
    """The letters stay; marks that turn the order of what follows are for the room to drop."""
    got = read(
        mail("שלום לכולם، مرحبا", subject="=?utf-8?b?" + b64encode("\u202eשלום".encode()).decode() + "?=")
    )
    assert got.text == "שלום לכולם، مرحبا" and got.subject == "שלום"


@pytest.mark.parametrize(
    ("octets", "label", "text", "doubt"),
    [
        ("Grüße".encode(), "", "Grüße", False),  # undeclared, UTF-8
        ("Grüße".encode("cp1252"), "", "Grüße", True),  # undeclared, western
        ("日本語".encode("iso2022_jp"), "", "日本語", False),  # undeclared, by its escapes
        ("Grüße".encode("cp1252"), "utf-8", "Grüße", True),  # wrong
        ("Grüße".encode(), "iso-8859-1", "Grüße", False),  # wrong, and nobody is harmed
        ("Grüße".encode(), "us-ascii", "Grüße", False),
        ("Grüße".encode(), "x-unheard-of", "Grüße", True),  # unknown
        ("朱镕基".encode("gbk"), "gb2312", "朱镕基", False),  # gb2312 that is gbk
        ("日本語①".encode("iso2022_jp_ext", "replace"), "iso-2022-jp", "日本語?", False),
        ("ｶﾅ".encode("iso2022_jp_ext"), "iso-2022-jp", "ｶﾅ", False),  # half-width letters by another escape
    ],
)
def test_undeclared_wrong_and_unknown_charsets(octets: bytes, label: str, text: str, doubt: bool) -> None:
    got = read(mail(octets, content_type="text/plain" + (f"; charset={label}" if label else "")))
    assert got.text == text and ("charset" in got.warnings) is doubt


def test_raw_8_bit_headers() -> None:
    for charset in ("utf-8", "cp1252"):
        got = read("From: Jörg <j@home.example>\r\nSubject: Grüße – bald\r\n\r\nx".encode(charset))
        assert (got.from_name, got.subject) == ("Jörg", "Grüße – bald")


def test_encoded_words_split_inside_a_character() -> None:
    octets = "Bürgerbänke".encode()
    words = "\r\n ".join(
        f"=?UTF-8?B?{b64encode(octets[n : n + 2]).decode()}?=" for n in range(0, len(octets), 2)
    )
    assert read(mail(subject=words)).subject == "Bürgerbänke"


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf"),
        ("filename*=iso-8859-1'de'Gr%FC%DFe.pdf", "Grüße.pdf"),
        ('filename*0="long "; filename*1="name.pdf"', "long name.pdf"),
        ("filename*0*=utf-8''Gr%C3; filename*1*=%BC%C3%9Fe; filename*2=.pdf", "Grüße.pdf"),
        ('filename="=?utf-8?b?R3LDvMOfZS5wZGY=?="', "Grüße.pdf"),
        ("filename=Grüße.pdf", "Grüße.pdf"),
    ],
)
def test_rfc_2231_file_names(parameter: str, name: str) -> None:
    got = read(
        multipart(
            "mixed",
            PLAIN + "x",
            file("application/pdf", b"%PDF-1", f"Content-Disposition: attachment; {parameter}\n"),
        )
    )
    assert got.attachments[0].name == name


def test_plain_words_that_say_they_are_base64() -> None:
    words = "The bench by the river\nis broken, and nobody cares.\n"
    got = read(mail(words, content_type="text/plain", content_transfer_encoding="base64"))
    assert got.text == words.strip() and "mime" in got.warnings


def test_base64_whose_lines_were_joined_is_base64() -> None:
    octets = b64encode(b"The bench by the river is broken, and nobody cares. " * 9)
    joined = b" ".join(octets[n : n + 76] for n in range(0, len(octets), 76))
    got = read(mail(joined, content_type="text/plain", content_transfer_encoding="base64"))
    assert got.text.startswith("The bench by the river") and got.warnings == ()


def test_a_signature_is_folded_and_never_dropped() -> None:
    got = read(mail("The bench is broken.\n\n-- \nAda Citizen\nGate 4"))
    assert got.words == "The bench is broken." and "Ada Citizen" in got.folded and "Gate 4" in got.text


def test_a_report_says_which_mail_did_not_arrive() -> None:
    (bounce,) = read(samples.BOUNCE).bounces
    assert (bounce.recipient, bounce.kind, bounce.permanent) == ("ada@home.example", "failed", True)
    assert (bounce.status, bounce.original_id) == ("5.1.1", "<out@consult.alder.example>")
    assert read(mail()).bounces == ()


# ------------------------------------------------------------------------ Attachments


def related(html: str, *images: bytes, text: str | None = None) -> bytes:
    words = HTML + html
    body = part("alternative", PLAIN + text, words, boundary="alt") if text is not None else words
    return multipart("related", body, *images, boundary="rel")


def test_referenced_and_unreferenced_cid() -> None:
    """Images that the text shows come first, in its order; the rest are ordinary files."""
    got = read(
        related(
            '<p>First <img src="cid:two@x">, then <IMG alt=x SRC=cid:one%40x></p>'
            "<p>and <img src='cid:gone'>.</p>",
            image("unseen@x", "unseen.png"),
            image("one@x", "one.png"),
            image("two@x", "two.png"),
        )
    )
    assert [a.name for a in got.attachments] == ["two.png", "one.png", "unseen.png"]
    assert got.inline == ("two@x", "one@x", "")
    assert " ".join(got.text.split()) == "First [image: two.png] , then [image: one.png] and ."
    assert got.html is not None and "[image: two.png]" in got.html and "cid:" not in got.html


def test_an_image_shown_twice_is_one_file() -> None:
    got = read(related('<img src="cid:a"> and <img src="cid:a">', image("a", "a.png"), image("a", "b.png")))
    assert got.text.count("[image: a.png]") == 2
    assert [a.name for a in got.attachments] == ["a.png", "b.png"] and got.inline == ("a", "")


def test_an_image_in_a_comment_is_not_shown() -> None:
    got = read(related('<p>x<!-- <img src="cid:a"> --></p>', image("a", "a.png")))
    assert got.text == "x" and got.inline == ("",) and len(got.attachments) == 1


@pytest.mark.parametrize("name", ["gmail", "outlook"])
def test_the_places_of_images_in_the_text_of_mail_programs(name: str) -> None:
    got = read(samples.SAMPLES[name].raw)
    shown = got.attachments[0].name
    assert got.text.count("[image: ") == 1 and f"\n[image: {shown}]\n" in got.text and got.inline[0]


@pytest.mark.parametrize(
    ("text", "says", "result"),
    [
        ("Look. Yes.", "Look. [image: a.png] Yes.", "Look. [image: a.png] Yes."),
        ("Look.\nYes.", "Look.\n[image: a.png]\nYes.", "Look.\n[image: a.png]\nYes."),
        ("Look.", "[image: a.png] Look.", "[image: a.png]\nLook."),
        ("One two", "Other words [image: a.png] two", "One\n[image: a.png] two"),
        ("Not the same", "Nothing [image: a.png] alike", "Not the same\n[image: a.png]"),
        ("See <a.png> here", "See [image: a.png] here", "See [image: a.png] here"),
        ("See [image: Bild 1] here", "See [image: a.png] here", "See [image: a.png] here"),
        ("See [cid:1] and [cid:2]", "See [image: a.png]", "See [image: a.png] and [cid:2]"),
        ("", "[image: a.png]", "[image: a.png]\n"),
    ],
)
def test_where_the_plain_text_shows_an_image(text: str, says: str, result: str) -> None:
    got = placed(text, says, [("1", "a.png")])
    assert got.replace(" [", "\n[") == result.replace(" [", "\n[")


def test_no_name_or_the_same_name_twice() -> None:
    pdf = file("application/pdf; name=a.pdf", b"%PDF-1")
    got = read(
        multipart("mixed", PLAIN + "x", pdf, pdf, file("application/pdf", b"%PDF-1"), file("image/png", PNG))
    )
    assert [a.name for a in got.attachments] == ["a.pdf", "a (2).pdf", "attachment-3.pdf", "attachment-4.png"]


def test_declared_against_sniffed_type() -> None:
    got = read(
        multipart(
            "mixed",
            PLAIN + "x",
            file("image/png; name=a.png", b"MZ\x90\x00"),
            file("text/plain; name=b.txt", PNG),
        )
    )
    assert [a.mime for a in got.attachments] == ["application/octet-stream", "image/png"]


def test_archives_are_never_unpacked() -> None:
    bomb = b"PK\x03\x04" + b"\x00" * 60 + b"PK\x05\x06"
    got = read(multipart("mixed", PLAIN + "x", file("application/zip; name=a.zip", bomb)))
    assert [(a.name, a.mime, a.data) for a in got.attachments] == [("a.zip", "application/zip", bomb)]


def test_tnef_calendar_and_cards_are_files() -> None:
    """And the mail says what they are."""
    card = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada Citizen\r\nEND:VCARD\r\n"
    got = read(samples.TNEF)
    assert [a.name for a in got.attachments] == ["winmail.dat"] and got.kinds == ("tnef",)
    got = read(samples.INVITATION)
    assert [(a.mime, a.data) for a in got.attachments] == [("text/calendar", samples.EVENT)]
    assert got.kinds == ("calendar",) and len(got.invitations) == 1
    assert "Walk in the park" in got.invitations[0] and "2027-01-10" in got.invitations[0]
    got = read(multipart("mixed", PLAIN + "x", file("text/vcard; name=ada.vcf", card)))
    assert [(a.name, a.mime, a.data) for a in got.attachments] == [("ada.vcf", "text/vcard", card)]
    assert got.kinds == ("vcard",)


@pytest.mark.parametrize(
    ("name", "file_name", "kind", "text"),
    [
        ("signed", "smime.p7s", "smime_signed", "Signed words"),
        ("sealed", "smime.p7m", "smime_encrypted", ""),
        ("pgp", "encrypted.asc", "pgp_encrypted", ""),
    ],
)
def test_s_mime_and_pgp_stay_files(name: str, file_name: str, kind: str, text: str) -> None:
    got = read(samples.SAMPLES[name].raw)
    assert got.attachments[-1].name == file_name and got.kinds == (kind,) and got.text == text


def test_pgp_in_the_text_is_named() -> None:
    armour = "-----BEGIN PGP MESSAGE-----\n\nhQEMA5xWEJeNsJV0AQf/abc\n=abcd\n-----END PGP MESSAGE-----"
    assert read(mail(armour)).kinds == ("pgp_encrypted",)


def test_more_files_than_anybody_looks_at_are_kept_as_the_mail_itself() -> None:
    raw = multipart("mixed", PLAIN + "x", *[file("application/pdf", b"%PDF-1")] * (MAX_ATTACHMENTS + 5))
    got = read(raw)
    assert len(got.attachments) == MAX_ATTACHMENTS + 1 and got.warnings == ("cut",)
    assert got.attachments[-1].name == "original.eml" and got.attachments[-1].data == raw


# --------------------------------------------------------------------------- Identity


@pytest.mark.parametrize(
    ("head", "address", "name"),
    [
        ("", None, ""),
        ("From:\r\n", None, ""),
        ("From: a@home.example\r\nFrom: b@home.example\r\n", None, ""),
        ("From: a@home.example, b@home.example\r\n", None, "a@home.example, b@home.example"),
        ("From: Park: a@home.example;\r\n", None, "Park: a@home.example;"),
        ('From: "mayor@alder.example" <a@home.example>\r\n', "a@home.example", "mayor@alder.example"),
        (
            "From: =?utf-8?q?mayor=40alder.example?= <a@home.example>\r\n",
            "a@home.example",
            "mayor@alder.example",
        ),
        ("From: mayor@alder.example <a@home.example>\r\n", None, "mayor@alder.example"),
        (
            "From: =?utf-8?q?x=3Cmayor=40alder.example=3E?= <a@home.example>\r\n",
            "a@home.example",
            "x<mayor@alder.example>",
        ),
        ("From: a@home.example\r\n b@home.example\r\n", None, "a@home.example b@home.example"),
        (" From: Ada <a@home.example>\r\n", "a@home.example", "Ada"),
    ],
)
def test_several_or_empty_from_group_syntax_an_address_in_the_name(
    head: str, address: str | None, name: str
) -> None:
    got = read(f"{head}Subject: x\r\n\r\nwords".encode())
    assert (got.from_address, got.subject, got.text) == (address, "x", "words")
    assert got.from_name == name and ("sender" in got.warnings) is (address is None)


def test_reply_to_unlike_from_is_kept_apart() -> None:
    got = read(mail(reply_to="Eve <eve@birch.example>", x_spam_flag="YES", list_id="<news.home.example>"))
    assert got.from_address == "kim@example.org"
    assert got.fields == (
        ("reply-to", "Eve <eve@birch.example>"),
        ("x-spam-flag", "YES"),
        ("list-id", "<news.home.example>"),
    )


def test_headers_with_frequent_faults_end_where_they_end() -> None:
    """A parameter on a line of its own, without the white space that folding needs."""
    head = 'Content-Type: application/pdf; x-mode=0600;\nname="a.pdf"\n'
    wrapped = f"{head}Content-Transfer-Encoding: base64\n\nJVBERi0x"
    got = read(multipart("mixed", PLAIN + "x", wrapped))
    assert [(a.name, a.data) for a in got.attachments] == [("a.pdf", b"%PDF-1")]
    assert read(mail("x", content_type="text/plain>")).text == "x"
