"""Mail out: what is composed is what is read, and nothing of any field becomes a header."""

from __future__ import annotations

import email
import email.policy
import re
import unicodedata
from dataclasses import replace
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.compose import OutMail, compose
from bridge.email.encoded import one_line
from bridge.email.parse import read
from bridge.email.text import MARKERS
from bridge.model import Attachment
from bridge.names import clean_name
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
WILD = st.text(max_size=80) | st.lists(
    st.sampled_from(
        [
            "\r\n",
            "\n",
            "\r",
            "\0",
            "Bcc: x@evil.example",
            ":",
            " ",
            "ä",
            "\u2028",
            "=?utf-8?q?=0A?=",
            '"',
            "x" * 90,
        ]
    ),
    max_size=8,
).map("".join)


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
    page = message.get_body(("html",))
    assert page is not None and '<html lang="en">' in page.get_content()
    assert raw == compose(OUT) and raw.isascii()


def test_an_acknowledgement_says_that_it_is_one() -> None:
    message = email.message_from_bytes(compose(replace(OUT, automatic=True, subject="We have your message")))
    assert message["auto-submitted"] == "auto-replied" and message["x-auto-response-suppress"] == "All"
    assert message["to"] == "<kim@example.org>" and not message["subject"].startswith("Re:")


@pytest.mark.parametrize("language", ["en", "de", "fr", "de-AT", "xx", "../x"])
def test_the_marker_and_the_language(language: str) -> None:
    raw = compose(replace(OUT, language=language))
    marker = MARKERS.get(language[:2], MARKERS["en"])
    assert read(raw).text.startswith(marker)
    expected = language if re.fullmatch("[a-zA-Z-]+", language) else "en"
    assert f'<html lang="{expected}">' in (read(raw).html or "")


@given(WILD, WILD, WILD, WILD, WILD, WILD)
def test_no_field_injects_a_header(
    subject: str, to: str, who: str, where: str, reference: str, ids: str
) -> None:
    out = replace(
        OUT, subject=subject, to_name=to, from_name=who, organisation=where, title=where, reference=reference,
        in_reply_to=ids, references=(ids, "<ok@x>"), language=who, message_id=OUT.message_id,
    )  # fmt: skip
    raw = compose(out)
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert "\0" not in head and not re.search(r"\r(?!\n)|(?<!\r)\n", head)
    assert {line.partition(":")[0].lower() for line in head.split("\r\n") if line[:1] not in " \t"} <= FIELDS
    got = read(raw)
    assert got.from_address == OUT.sender and got.to == (OUT.to,)
    message = email.message_from_bytes(raw)
    assert (
        message.get_all("to") is not None and len(message.get_all("to") or []) == 1 and "bcc" not in message
    )
    for name in ("from", "to", "reply-to", "subject"):
        shown = str(make_header(decode_header(str(message[name]).replace("\r\n", ""))))
        assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in shown), name
    assert one_line(reference, 40).lower() in got.subject.lower() or len(got.subject) >= 200


@given(st.text(max_size=300), st.lists(st.text(max_size=40), max_size=3), st.binary(max_size=300))
def test_what_is_composed_is_read(text: str, names: list[str], data: bytes) -> None:
    files = [Attachment(clean_name(name), "application/pdf", data) for name in names]
    raw = compose(replace(OUT, text=text, attachments=files))
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r") and b"\0" not in raw
    got = read(raw)
    want = re.sub(
        "[^\\S\n]+", " ", re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]", "", text)
    )
    have = words(raw)
    assert re.sub(r"\s+", "", have) == re.sub(r"\s+", "", want)
    assert [file.data for file in got.attachments] == [data for _ in files]
    seen = [re.sub(r" \(\d+\)", "", file.name) for file in got.attachments]
    assert [name.casefold() for name in seen] == [re.sub(r" \(\d+\)", "", f.name).casefold() for f in files]


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
    assert "<b>bold</b>" in (read(compose(replace(OUT, html="<p><b>bold</b></p>"))).html or "")
    assert "&lt;script&gt;" in (read(compose(replace(OUT, text="<script>"))).html or "")


def test_attachments_that_claim_to_be_structure_are_opaque() -> None:
    files = [
        Attachment("a.eml", "message/rfc822", b"From: x\n\ny"),
        Attachment("b", "multipart/mixed", b"--x"),
    ]
    got = read(compose(replace(OUT, attachments=[*files, Attachment("c", "a/b\r\nX: y", b"z")])))
    assert [file.data for file in got.attachments] == [b"From: x\n\ny", b"--x", b"z"]


def test_a_non_ascii_address_needs_utf8_headers() -> None:
    raw = compose(replace(OUT, to="jörg@bücher.example"))
    assert 'To: "Kim Doe"\r\n <jörg@bücher.example>'.encode() in raw
