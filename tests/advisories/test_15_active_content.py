"""Files that a browser would run, under the name and type of something harmless.

Mail apps and help desks showed an SVG or HTML attachment inline, in their own origin
(CVE-2023-41318: a Matrix media repository did).  The type we believe is what the first bytes are;
what is markup, script or unknown is a stream of octets, and is never shown inline: not in a room, and not
on the citizens' pages, where it would run beside what they wrote.
"""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.appservice.render import file as file_event
from bridge.email.parse import read
from bridge.forms.downloads import safe_type
from bridge.forms.fields import FILE_TYPES
from bridge.formstore import PageFile
from bridge.names import OPAQUE, believed_type
from tests.email.mails import multipart
from tests.email.samples import PLAIN
from tests.forms.a_case import put
from tests.forms.site import everything, short, site
from tests.forms.walking import ANSWERS, to_question

SCRIPT = b"<script>alert(1)</script>"
ACTIVE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg with a prolog": b'<?xml version="1.0"?><!DOCTYPE svg><svg onload="alert(1)"/>',
    "svg after white space": b" \r\n\t" + b"<svg/onload=alert(1)>",
    "svg after a mark": b"\xef\xbb\xbf<svg onload=alert(1)>",
    "svg after a comment": b"<!-- x --><svg onload=alert(1)>",
    "svg far inside": b"words " * 500 + b"<svg onload=alert(1)>",
    "html": b"<!DOCTYPE html><html>" + SCRIPT,
    "html in capitals": b"<HTML><BODY ONLOAD=alert(1)>",
    "html without a head": SCRIPT,
    "html after words": b"Hello " + SCRIPT,
    "html in UTF-16": "<html><script>alert(1)</script>".encode("utf-16"),
    "html in UTF-7": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    "xml stylesheet": b'<?xml-stylesheet href="x.xsl"?><a/>',
    "mathml": b"<math><mi//xlink:href='javascript:alert(1)'>",
    "xul": b"<window xmlns='x' onload='alert(1)'/>",
    "mhtml": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html>" + SCRIPT,
    "program": b"MZ\x90\x00" + SCRIPT,
    "java": b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
    "elf": b"\x7fELF\x02\x01\x01",
    "shortcut": b"L\x00\x00\x00\x01\x14\x02\x00",
    "flash": b"CWS\x0f\x00\x00\x00\x00",
    "wasm": b"\x00asm\x01\x00\x00\x00",
    "empty": b"",
}
DECLARED = [
    *("image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/xml", "image/png"),
    *("text/javascript", "application/javascript", "application/x-shockwave-flash", "multipart/related"),
    *("application/pdf", "text/css", "message/rfc822x", "image/*", "", "IMAGE/SVG+XML; charset=utf-8"),
]
NAMES = ["a.svg", "a.png", "a.html", "a.txt", "a.pdf", "a", "a.svg.png", "a.docx", "a.js"]
INLINE = ("image/", "audio/", "video/")


@pytest.mark.parametrize("kind", ACTIVE)
def test_active_content_is_octets_whatever_it_calls_itself(kind: str) -> None:
    for declared in DECLARED:
        for name in NAMES:
            assert believed_type(name, declared, ACTIVE[kind][:4096]) in (OPAQUE, "text/plain"), (
                declared,
                name,
            )
            plain = believed_type(name, declared, ACTIVE[kind][:4096]) == "text/plain"
            assert not plain or b"<" not in ACTIVE[kind], "only what no browser would run is text"


@pytest.mark.parametrize("kind", ACTIVE)
def test_as_a_part_of_a_mail(kind: str) -> None:
    octets = b64encode(ACTIVE[kind]).decode()
    parts = [
        f'Content-Type: {declared}; name="{name}"\nContent-Disposition: {how}\n'
        f"Content-ID: <c>\nContent-Transfer-Encoding: base64\n\n{octets}".encode()
        for declared, name, how in (
            ("image/svg+xml", "a.svg", "inline"),
            ("image/png", "a.png", "inline"),
            ("text/html", "a.html", "attachment"),
            ("application/pdf", "a.pdf", "attachment"),
        )
    ]
    got = read(multipart("related", "Content-Type: text/html\n\n<p>hi <img src='cid:c'></p>", *parts))
    assert len(got.attachments) == 4 and "<script" not in (got.html or "")
    for file in got.attachments:
        assert file.data == ACTIVE[kind]
        assert file.mime == OPAQUE or (file.mime == "text/plain" and b"<" not in file.data)


@pytest.mark.parametrize(
    "mime", ["image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/xml"]
)
def test_in_the_room_it_is_a_file_and_no_picture(mime: str) -> None:
    """The last door, whatever type the parser had believed."""
    event = file_event("Ada", "p", "a.svg", mime, 5, {"url": "mxc://x/y"}, None)
    assert event["msgtype"] == "m.file" and event["info"]["mimetype"] == OPAQUE


@given(st.binary(max_size=80), st.sampled_from(DECLARED), st.sampled_from(NAMES))
def test_any_octets_have_a_type_that_runs_nothing(head: bytes, declared: str, name: str) -> None:
    got = believed_type(name, declared, head)
    assert "svg" not in got and "html" not in got and "xml" not in got.replace("openxmlformats", "")
    assert "script" not in got
    if got.startswith(INLINE):
        assert not head.lstrip().startswith(b"<")


def test_a_html_body_that_is_attached_is_a_file() -> None:
    page = "Content-Type: text/html\nContent-Disposition: attachment; filename=login.html\n\n<form action=x>"
    got = read(multipart("mixed", PLAIN + "see", page))
    assert got.html is None and [(f.name, f.mime) for f in got.attachments] == [("login.html", OPAQUE)]


# ------------------------------------------------------------------ on the citizens' pages


async def test_a_form_that_wants_pictures_takes_no_active_content() -> None:
    """Under the names and types of pictures and papers."""
    async with site() as s:
        page = await to_question(s, "everything", "papers", **ANSWERS)
        for data in ACTIVE.values():
            for name, declared in (
                ("a.png", "image/png"),
                ("a.pdf", "application/pdf"),
                ("a.svg", DECLARED[0]),
            ):
                got = await s.browser.submit(page, "add", [("papers", name, declared, data)])
                assert got.status == 422, (name, data)
        assert not s.store.contents


@pytest.mark.parametrize("kind", ACTIVE)
async def test_what_a_citizen_takes_home_runs_nowhere(kind: str) -> None:
    """A file of staff: always an attachment, of no type that runs, never guessed at, and in a sandbox."""
    async with site() as s:
        address = put(s)
        for declared in DECLARED:
            file = PageFile(77, "a.svg", declared, len(ACTIVE[kind]))
            s.store.page_files[(4, 77)] = (file, ACTIVE[kind])
            async with s.browser.session.get(f"{s.browser.root}{address}/file/77") as answer:
                assert answer.content_type in (OPAQUE, "text/plain"), declared
                assert answer.content_type == OPAQUE or b"<" not in ACTIVE[kind]
                head = answer.headers
            assert head["Content-Disposition"].startswith("attachment")
            assert head["X-Content-Type-Options"] == "nosniff"
            policy = head["Content-Security-Policy"].split("; ")
            assert "sandbox" in policy and "default-src 'none'" in policy
            assert head["X-Frame-Options"] == "DENY"


@given(st.binary(max_size=80), st.sampled_from(DECLARED), st.sampled_from(NAMES))
def test_any_octets_go_under_a_type_that_runs_nothing(head: bytes, declared: str, name: str) -> None:
    got = safe_type(name, declared, head)
    assert not [word for word in ("svg", "html", "script", "xhtml") if word in got]
    assert (
        got.startswith(INLINE)
        or got in (OPAQUE, "text/plain", "text/csv", "application/pdf")
        or "openxml" in got
    )


async def test_the_downloads_of_a_page_hold_words_and_run_none() -> None:
    """What somebody wrote stands in them as it is; none is ever shown as a page of ours."""
    words = "<svg onload=alert(1)><script>alert(2)</script>"
    async with site() as s:
        address = put(s, values={"idea": [words], "mail": [""]}, title=words)
        for name in ("data.html", "data.json", "receipt.json", "code.svg"):
            async with s.browser.session.get(f"{s.browser.root}{address}/{name}") as answer:
                assert answer.status == 200
                policy = answer.headers["Content-Security-Policy"].split("; ")
                assert "sandbox" in policy and not [rule for rule in policy if rule.startswith("script-src")]
                if name != "code.svg":
                    assert answer.headers["Content-Disposition"].startswith("attachment")
                if name.endswith("html"):
                    assert "<svg" not in await answer.text() and "<script" not in await answer.text()


def test_no_form_may_ask_for_active_content() -> None:
    for opened in (everything(), short()):
        types = {kind for field in opened.form.file_fields for kind in field.types}
        assert not [kind for kind in types if "svg" in kind or "html" in kind or "xml" in kind.split(".")[0]]
    assert not [kind for kind in FILE_TYPES if kind in ("image/svg+xml", "text/html", "application/xml")]
