"""Attack 11: a line end in some field becomes a header of its own (CVE-2024-6923).

Out: names, subjects and references that strangers chose stand in our answers; a CR, LF or NUL
that survived could add recipients, forge an author or end the header.  In: the same octets in a
mail that comes must not become a field that we believe.
"""

from __future__ import annotations

import re
from dataclasses import fields as fields_of
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from bridge.email.compose import OutMail, compose
from bridge.email.parse import read
from bridge.email.quoting import Quoted
from bridge.errors import Broken
from bridge.model import Attachment
from tests.email.composed import expected_fields
from tests.email.mails import DOMAIN, TOKEN, mail

ENDS = [
    "\r\n",
    "\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
    "\0\r\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\r\r\n",
]
SPELLED = ["=?utf-8?q?=0D=0A?=", "=?utf-8?b?DQo=?=", "%0d%0a", "\\r\\n", "=0D=0A"]
EVIL = "Bcc: eve@evil.example"
OUT = OutMail(
    sender=f"park-2027@{DOMAIN}",
    to="ada@home.example",
    reply_to=f"park-2027+{TOKEN}@{DOMAIN}",
    message_id=f"<1.2.abc@{DOMAIN}>",
    date=1_800_000_000,
    subject="Benches",
    text="Thank you.",
    to_name="Ada Citizen",
    from_name="Robin Officer",
    organisation="Birch County",
    reference="PARK-7F3K-9Q",
    title="Riverside Park 2027",
    in_reply_to="<1@home.example>",
    references=("<1@home.example>",),
    list_id=None,
)
FREE = [
    "subject",
    "text",
    "to_name",
    "from_name",
    "organisation",
    "reference",
    "title",
    "language",
    "signature",
]
IDS = ["message_id", "in_reply_to", "references"]
ADDRESSES = ["sender", "to", "reply_to"]
MAILING = ["unsubscribe", "list_id"]


def test_every_field_of_a_mail_is_attacked_here() -> None:
    plain = {"date", "html", "automatic", "attachments", "quoted", "correction", "corrected"}
    assert {f.name for f in fields_of(OutMail)} - plain == {*FREE, *IDS, *ADDRESSES, *MAILING}


def sound(out: OutMail) -> None:
    """The mail has the fields it should have, one line end between each, and one recipient."""
    raw = compose(out)
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert not re.search(r"\0|\r(?!\n)|(?<!\r)\n", head)
    message = message_from_bytes(raw)
    names = sorted(name.lower() for name in message.keys())  # noqa: SIM118 – repeats count
    assert [n for n in names if n != "message-id"] == sorted(
        n for n in expected_fields(out) if n != "message-id"
    )
    for name in ("from", "to", "reply-to", "subject"):
        shown = str(make_header(decode_header(str(message[name]).replace("\r\n", ""))))
        assert not re.search("[\0-\x1f\x7f-\x9f\u2028\u2029]", shown), name
    got = read(raw)
    assert (got.from_address, got.to, got.cc) == (OUT.sender, (OUT.to,), ())


@pytest.mark.parametrize("end", [*ENDS, *SPELLED])
@pytest.mark.parametrize("field", FREE)
def test_out_a_field_that_people_fill(field: str, end: str) -> None:
    for value in (
        f"x{end}{EVIL}",
        f"{end}{EVIL}",
        f"x{end} {EVIL}{end}",
        f'x"{end}{EVIL}',
        "x" * 70 + end + EVIL,
    ):
        sound(replace(OUT, **{field: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [*ENDS, *SPELLED])
@pytest.mark.parametrize("field", IDS)
def test_out_an_id_that_a_strangers_program_made(field: str, end: str) -> None:
    for value in (f"<a@b>{end}{EVIL}", f"<a{end}{EVIL}@b>", f"{end}<a@b>"):
        given: object = (value, "<ok@x>") if field == "references" else value
        sound(replace(OUT, **{field: given}))  # type: ignore[arg-type]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("field", [*ADDRESSES, *MAILING])
def test_out_an_address_with_a_line_end_is_refused(field: str, end: str) -> None:
    good = {"unsubscribe": "https://x.example/a", "list_id": "a.b"}.get(field, "ada@home.example")
    for value in (f"{good}{end}{EVIL}", f"{end}{good}", f"{good}{end}"):
        with pytest.raises((ValueError, Broken)):
            compose(replace(OUT, **{field: value}))  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [*ENDS, *SPELLED])
def test_out_names_of_files_and_of_who_is_quoted(end: str) -> None:
    files = [Attachment(f"a{end}{EVIL}.txt", f"text/plain{end}{EVIL}", b"x")]
    quoted = Quoted(f"Ada{end}{EVIL}", 0, f"words{end}{EVIL}")
    out = replace(OUT, attachments=files, quoted=quoted)
    sound(out)
    for part in message_from_bytes(compose(out)).walk():
        assert "bcc" not in part
    assert f"\n{EVIL}" not in read(compose(out)).text


@pytest.mark.parametrize("end", ["\n", "\r", "\0\n"])
def test_in_a_bare_line_end_makes_no_sender(end: str) -> None:
    """What a lone CR or LF hides is at most a field of its own, never an author whom we believe."""
    got = read(mail(**{"subject": f"x{end}From: eve@evil.example", "from": "Ada <ada@home.example>"}))
    assert got.from_address in (None, "ada@home.example")
    assert not re.search("[\0-\x1f]", got.subject + got.from_name)


@pytest.mark.parametrize("spelled", SPELLED)
def test_in_an_encoded_line_end_stays_on_its_line(spelled: str) -> None:
    got = read(mail(**{"subject": f"x{spelled}{EVIL}", "from": f'"Ada {spelled}{EVIL}" <ada@home.example>'}))
    assert not re.search("[\0-\x1f]", got.subject + got.from_name)
    sound(replace(OUT, subject=got.subject, to_name=got.from_name))
