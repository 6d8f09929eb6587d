"""Mail out: what is composed is what is read, and nothing of any field becomes a header."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.email import fields
from bridge.email.compose import OutMail, compose, subject_line
from bridge.email.fields import MAX_REFERENCES
from bridge.email.parse import read
from bridge.email.quoting import Quoted
from bridge.email.text import MARKERS
from bridge.errors import Broken
from bridge.model import Attachment
from tests.email.composed import faults, page, wild
from tests.email.mails import DOMAIN, TOKEN

OUT = OutMail(
    sender=f"park-2027@{DOMAIN}",
    to="kim@example.org",
    reply_to=f"park-2027+{TOKEN}@{DOMAIN}",
    message_id=f"<1.2.abc@{DOMAIN}>",
    date=1_800_000_000,
    subject="Re: AW: Benches",
    text="Thank you.\nYours, Alder",
    to_name="Kim Doe",
    from_name="Robin Officer",
    organisation="Birch County",
    reference="PARK-7F3K-9Q",
    title="Riverside Park 2027",
    in_reply_to="<c@d>",
    references=("<a@b>", "<c@d>"),
)
FIELDS = {
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("content-language", "mime-version", "content-type"),
}
MAILS = st.builds(
    lambda seed, **drawn: replace(wild(Random(seed)), **drawn),
    st.integers(0, 2**64),
    text=st.text(max_size=200),
    subject=st.text(max_size=60),
    to_name=st.text(max_size=40),
)
"""Attacks and every language by a seed, all of Unicode by draws."""


@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MAILS)
def test_what_is_composed_is_read(mail: OutMail) -> None:
    """Text, recipient, names, subject, threading and files come back; nothing becomes a header."""
    assert faults(mail) == []


@settings(max_examples=50, deadline=None)
@given(MAILS)
def test_a_repeat_is_the_same_mail(mail: OutMail) -> None:
    assert compose(mail) == compose(replace(mail))


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("address", lambda name, display, addr_spec: f"{name}: {display} <{addr_spec}>"),
        ("text", lambda name, value: f"{name}: {value}\r\nBcc: eve@evil.example"),
        ("ids", lambda name, given: f"{name}: {' '.join(given)}"),
    ],
)
def test_the_check_itself_finds_what_is_injected(
    monkeypatch: pytest.MonkeyPatch, name: str, broken: Callable[..., str]
) -> None:
    mail = replace(
        OUT, to_name="Kim\r\nBcc: eve@evil.example", references=("<a@b>\r\nBcc: eve@evil.example",)
    )
    assert faults(mail) == []
    monkeypatch.setattr(fields, name, broken)
    monkeypatch.setattr(fields, "line", lambda given, limit: given)
    assert "fields" in faults(mail)


def words(raw: bytes) -> str:
    """The text without our marker and footer."""
    return read(raw).text.split("\n", 1)[1].rpartition("\n-- \n")[0].strip("\n")


def test_an_answer() -> None:
    raw = compose(OUT)
    got = read(raw)
    assert words(raw) == OUT.text
    assert got.subject == "Re: Benches [PARK-7F3K-9Q]"
    assert (got.from_address, got.from_name) == (OUT.sender, "Robin Officer, Birch County")
    assert got.to == (OUT.to,) and got.message_id == OUT.message_id and got.date == OUT.date
    assert (got.in_reply_to, got.references) == ("<c@d>", ("<a@b>", "<c@d>"))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert {name.lower() for name in message} == FIELDS
    assert message["reply-to"].addresses[0].addr_spec == OUT.reply_to
    assert message["to"].addresses[0].display_name == "Kim Doe"
    html = message.get_body(("html",))
    assert html is not None and '<html lang="en">' in html.get_content()
    assert raw == compose(OUT) and raw.isascii()


def test_an_acknowledgement_says_that_it_is_one() -> None:
    message = email.message_from_bytes(compose(replace(OUT, automatic=True, subject="We have your message")))
    assert message["auto-submitted"] == "auto-replied" and message["x-auto-response-suppress"] == "All"
    assert message["to"] == "<kim@example.org>" and not message["subject"].startswith("Re:")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "en"),
        ("de", "de"),
        ("fr", "fr"),
        ("ar", "ar"),
        ("de-AT", "de-AT"),
        ("xx", "xx"),
        ("../x", "en"),
        ("", "en"),
    ],
)
def test_the_marker_and_the_language(language: str, shown: str) -> None:
    raw = compose(replace(OUT, language=language))
    marker = MARKERS.get(language[:2], MARKERS["en"])
    assert read(raw).text.startswith(marker)
    html = page(email.message_from_bytes(raw))
    assert f'<html lang="{shown}"' in html and f"{marker}</p>" in html


def test_a_mail_that_has_no_place_for_answers_asks_for_none() -> None:
    raw = compose(replace(OUT, reply_to=None))
    assert MARKERS["en"] not in read(raw).text and 'class="marker"' not in page(email.message_from_bytes(raw))


def test_arabic_runs_from_right_to_left_around_whatever_staff_write() -> None:
    raw = compose(replace(OUT, language="ar"))
    html, text = page(email.message_from_bytes(raw)), read(raw).text
    assert '<html lang="ar" dir="rtl">' in html and '<main dir="auto">' in html
    assert "رقمكم المرجعي: PARK-7F3K-9Q" in text and "رقمكم المرجعي: PARK-7F3K-9Q" in html
    assert "dir=" not in page(email.message_from_bytes(compose(OUT)))


def test_the_signature_stands_in_the_place_of_the_bare_name() -> None:
    block = "Birch County\nParks and Gardens\r\nphone 0123 456\n"
    shown = read(compose(replace(OUT, signature=block))).text.partition("\n-- \n")[2]
    reference = "Your reference: PARK-7F3K-9Q. Please keep it in the subject when you write again."
    assert shown == f"Riverside Park 2027\nBirch County\nParks and Gardens\nphone 0123 456\n{reference}"
    assert "Parks and Gardens<br>phone 0123 456<br>" in page(
        email.message_from_bytes(compose(replace(OUT, signature=block)))
    )
    endless = read(compose(replace(OUT, signature="line\n" * 500))).text
    assert endless.count("\nline") == 12


@pytest.mark.parametrize(
    ("language", "dated", "undated"),
    [
        ("en", "Correction of our message of 15 January 2027 at 08:00 (UTC):",
         "Correction of our last message:"),
        ("de", "Berichtigung unserer Nachricht vom 15. Januar 2027 um 08:00 Uhr (UTC):",
         "Berichtigung unserer letzten Nachricht:"),
        ("fr", "Rectification de notre message du 15 janvier 2027 à 08:00 (UTC) :",
         "Rectification de notre dernier message :"),
    ],
)  # fmt: skip
def test_a_correction_says_so_first_and_keeps_the_subject(language: str, dated: str, undated: str) -> None:
    plain = compose(replace(OUT, language=language))
    for corrected, first in ((OUT.date, dated), (None, undated)):
        raw = compose(replace(OUT, language=language, correction=True, corrected=corrected))
        assert read(raw).text.split("\n")[2] == first and read(raw).subject == read(plain).subject
        assert f"<main>\n<p>{first}</p><p>Thank you." in page(email.message_from_bytes(raw))


def test_the_citizens_message_stands_below_the_answer() -> None:
    quoted = Quoted("Ada Citizen", 1_799_990_000, "Is there a bench?\n> older\n\nYours\nAda")
    raw = compose(replace(OUT, quoted=quoted))
    below = read(raw).text.partition("when you write again.\n\n")[2]
    assert below == (
        "On 15 January 2027 at 05:13 (UTC), Ada Citizen wrote:\n"
        "> Is there a bench?\n>> older\n>\n> Yours\n> Ada"
    )
    html = page(email.message_from_bytes(raw))
    assert html.index("Thank you.") < html.index("<footer>") < html.index('<blockquote type="cite">')
    assert "<p>Is there a bench?<br>&gt; older</p>" in html


def test_an_automatic_mail_quotes_nobody() -> None:
    """Else a stranger could have words of their choosing sent to a third."""
    raw = compose(replace(OUT, automatic=True, quoted=Quoted("Eve", 0, "Buy my pills")))
    assert "pills" not in read(raw).text and "pills" not in page(email.message_from_bytes(raw))


def test_a_mailing_can_be_left_with_one_click_and_is_no_answer() -> None:
    url = "https://consult.alder.example/leave/" + "t" * 120
    raw = compose(
        replace(
            OUT,
            subject="The plans are here",
            unsubscribe=url,
            list_id=f"park-2027.{DOMAIN}",
            in_reply_to=None,
        )
    )
    message = email.message_from_bytes(raw)
    assert message["list-unsubscribe"].strip() == f"<{url}>"
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["list-id"].strip() == f"<park-2027.{DOMAIN}>"
    assert read(raw).subject == "The plans are here [PARK-7F3K-9Q]"
    assert f"any more: {url}" in read(raw).text


@pytest.mark.parametrize(
    "url",
    ["", "http://x.example/a", "https://x.example/a\r\nBcc: b@c", "https://x.example/a>", "https://",
     "mailto:a@b", "https://x.example/ a", "https://x.example/ä", "https://x.example/" + "a" * 700],
)  # fmt: skip
def test_an_address_to_leave_at_is_a_plain_https_one(url: str) -> None:
    with pytest.raises(Broken, match="mailing"):
        compose(replace(OUT, unsubscribe=url))


@pytest.mark.parametrize("name", ["", "x", "a b.c", "a.b\r\nBcc: c@d", "<a.b>", "a..b", "a." + "b" * 300])
def test_a_lists_name_is_a_dotted_one(name: str) -> None:
    with pytest.raises(Broken, match="mailing"):
        compose(replace(OUT, list_id=name))


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("RE[2]: Fwd: WG: Benches", "Re: Benches [PARK-7F3K-9Q]"),
        ("Rép : Tr: Bancs", "Re: Bancs [PARK-7F3K-9Q]"),
        ("Benches [park-7f3k-9q]", "Re: Benches [park-7f3k-9q]"),
        ("Report: done", "Re: Report: done [PARK-7F3K-9Q]"),
        ("", "Re: [PARK-7F3K-9Q]"),
        ("x" * 900, f"Re: {'x' * 200} [PARK-7F3K-9Q]"),
    ],
)
def test_the_subject_has_one_prefix_and_the_reference_once(subject: str, shown: str) -> None:
    assert subject_line(replace(OUT, subject=subject)) == shown


def test_of_a_long_thread_the_beginning_and_the_end_are_named() -> None:
    ids = tuple(f"<{n}@x>" for n in range(50))
    found = read(compose(replace(OUT, references=ids))).references
    assert found == ("<0@x>", *ids[-MAX_REFERENCES + 1 :])


def test_long_lines_and_dots_survive() -> None:
    text = "x" * 5_000 + "\n.\n..two\nFrom me\n"
    assert words(compose(replace(OUT, text=text))) == text.strip("\n")


@pytest.mark.parametrize(
    "address", ["", "a", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>", "a b@c.example", "a@b>", "a\0@b"]
)
@pytest.mark.parametrize("field", ["to", "sender", "reply_to"])
def test_only_plain_addresses(field: str, address: str) -> None:
    if field == "reply_to" and not address:
        return
    with pytest.raises(ValueError, match="not an address"):
        compose(replace(OUT, **{field: address}))  # type: ignore[arg-type]


def test_html_of_the_caller_is_kept_and_text_is_escaped() -> None:
    html = page(email.message_from_bytes(compose(replace(OUT, html="<h2>Plan</h2><p><b>bold</b></p>"))))
    assert "<h2>Plan</h2><p><b>bold</b></p>" in html
    assert "&lt;script&gt;" in page(email.message_from_bytes(compose(replace(OUT, text="<script>"))))


def test_attachments_that_claim_to_be_structure_are_opaque() -> None:
    files = [
        Attachment("a.eml", "message/rfc822", b"From: x\n\ny"),
        Attachment("b", "multipart/mixed", b"--x"),
    ]
    got = read(compose(replace(OUT, attachments=[*files, Attachment("c", "a/b\r\nX: y", b"z")])))
    assert [file.data for file in got.attachments] == [b"From: x\n\ny", b"--x", b"z"]


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 57 * 512, 57 * 512 + 1, 300_000])
def test_files_of_every_size_come_back(size: int) -> None:
    data = Random(size).randbytes(size)
    raw = compose(replace(OUT, attachments=[Attachment("a.bin", "application/x-y", data)] * 2))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert not message.defects and message.get_content_type() == "multipart/mixed"
    assert [part.get_content() for part in message.iter_attachments()] == [data, data]
    assert max(map(len, raw.split(b"\r\n"))) <= 998 and raw.count(b"\n") == raw.count(b"\r\n")


def test_a_non_ascii_address_needs_utf8_headers() -> None:
    raw = compose(replace(OUT, to="jörg@bücher.example"))
    assert 'To: "Kim Doe"\r\n <jörg@bücher.example>'.encode() in raw
