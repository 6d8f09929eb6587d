"""What leaves the pages as a file: its name, its type, and what is in it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from email.message import Message
from urllib.parse import unquote

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Broken
from bridge.forms.case_copy import copy
from bridge.forms.case_files import MOST_PRINTED
from bridge.forms.downloads import disposition, safe_type, whole
from bridge.forms.pdf import Printer
from bridge.formstore import PageFile
from bridge.names import clean_name
from tests.forms.a_case import AT, HISTORY, VALUES, a_page, put
from tests.forms.site import PDF, PNG, Site, everything, short, site

OPAQUE = "application/octet-stream"


async def fetched(s: Site, path: str) -> tuple[aiohttp.ClientResponse, bytes]:
    """An answer with its bytes."""
    async with s.browser.session.get(s.browser.root + path) as answer:
        return answer, await answer.read()


# ------------------------------------------------------------------ names and types


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plan.pdf", 'attachment; filename="plan.pdf"'),
        ("my plan.pdf", 'attachment; filename="my plan.pdf"'),
        ("Straße 1.pdf", "attachment; filename=\"Stra_e 1.pdf\"; filename*=UTF-8''Stra%C3%9Fe%201.pdf"),
        ("a%41.txt", "attachment; filename=\"a_41.txt\"; filename*=UTF-8''a%2541.txt"),
        ("it's (1)*.txt", "attachment; filename=\"it_s _1__.txt\"; filename*=UTF-8''it%27s%20%281%29_.txt"),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
        (
            'a"; filename="b.exe',
            "attachment; filename=\"a__ filename__b.exe\"; filename*=UTF-8''a_%3B%20filename%3D_b.exe",
        ),
        ("", 'attachment; filename="file"'),
    ],
)
def test_names_of_downloads(name: str, header: str) -> None:
    assert disposition(name) == header


@given(st.text(max_size=300))
def test_no_name_breaks_the_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii() and header.isprintable() and header.count('"') == 2
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"
    plain = header.split('"')[1]
    assert clean_name(plain) == plain or "*=" in header
    extended = unquote(header.split("filename*=UTF-8''")[1]) if "*=" in header else plain
    assert extended == clean_name(name)


@pytest.mark.parametrize(
    ("name", "declared", "data", "mime"),
    [
        ("a.png", "image/png", PNG, "image/png"),
        ("a.pdf", "text/html", PDF, "application/pdf"),
        ("a.txt", "text/plain", b"words", "text/plain"),
        ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", OPAQUE),
        ("a.html", "text/html", b"<!doctype html>", OPAQUE),
        ("a.txt", "text/plain", b"  <script>alert(1)</script>", OPAQUE),
        ("a.xml", "application/xml", b"<?xml version='1.0'?>", OPAQUE),
        ("a.js", "text/javascript", b"alert(1)", OPAQUE),
        ("a.png", "image/png", b"MZ\x90", OPAQUE),
        ("a.zip", "application/zip", b"PK\x03\x04" + b"x" * 30, OPAQUE),
        ("a.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 30, OPAQUE),
        ("a.png", "image/png", b"", OPAQUE),
    ],
)
def test_only_what_is_plainly_harmless_keeps_its_type(
    name: str, declared: str, data: bytes, mime: str
) -> None:
    assert safe_type(name, declared, data) == mime


# ------------------------------------------------------------------ files of staff


async def test_a_file_of_staff_is_saved_and_never_shown() -> None:
    async with site() as s:
        path = put(s)
        files = {77: ("Plan für Ada.pdf", "application/pdf", PDF), 78: ("x.svg", "image/svg+xml", b"<svg/>")}
        for number, (name, mime, data) in files.items():
            s.store.page_files[4, number] = (PageFile(number, name, mime, len(data)), data)
        answer, data = await fetched(s, f"{path}/file/77")
        assert data == PDF and answer.content_type == "application/pdf"
        assert answer.headers["Content-Disposition"] == disposition("Plan für Ada.pdf")
        answer, data = await fetched(s, f"{path}/file/78")
        assert data == b"<svg/>" and answer.content_type == OPAQUE
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_files_of_others_are_not_found() -> None:
    async with site() as s:
        path, other = put(s), put(s, id=9)
        s.store.page_files[9, 80] = (PageFile(80, "theirs.pdf", "application/pdf", 5), PDF)
        assert (await fetched(s, f"{other}/file/80"))[0].status == 200
        for wrong in ("80", "0", "-1", "x", "1e3", "٧٧", "9" * 40, "80/", "../file/80"):
            answer, data = await fetched(s, f"{path}/file/{wrong}")
            assert answer.status == 404 and b"paper" not in data, wrong
        assert (await fetched(s, "/t/x/file/80"))[0].status == 404


# ------------------------------------------------------------------ the receipt and all the rest


async def test_the_receipt_is_what_the_shown_digest_is_of() -> None:
    async with site() as s:
        path = put(s)
        answer, data = await fetched(s, f"{path}/receipt.json")
        assert answer.content_type == "application/json" and data == a_page().receipt.encode()
        assert 'filename="PARK-7F3K-9Q-receipt.json"' in answer.headers["Content-Disposition"]
        for below in ("", "/sent"):
            page = await s.browser.get(path + below)
            assert page.text("code.digest") == hashlib.sha256(data).hexdigest()


async def test_everything_is_in_the_download_for_programs() -> None:
    async with site() as s:
        answer, data = await fetched(s, put(s) + "/data.json")
        assert answer.content_type == "application/json"
        assert "attachment" in answer.headers["Content-Disposition"]
        told = json.loads(data)
        assert told["reference"] == "PARK-7F3K-9Q" and told["created"] == "2027-01-14T04:13:20Z"
        assert told["address"] == "ada@home.example" and told["values"] == VALUES
        assert told["submission"]["answers"][0]["answer"] == "Benches\nand shade"
        assert [e["kind"] for e in told["history"]] == [e.kind for e in HISTORY]
        assert told["history"][2]["who"] == "Jo Officer" and told["history"][1]["files"] == [
            {"name": "bench.png", "type": "image/png", "size": 5000}
        ]
    assert json.loads(whole(a_page())) == told


async def test_everything_is_in_the_download_to_read() -> None:
    async with site() as s:
        path = put(s)
        answer, data = await fetched(s, f"{path}/data.html?lang=de")
        assert 'filename="PARK-7F3K-9Q-data.html"' in answer.headers["Content-Disposition"]
        html = data.decode()
        for part in ("PARK-7F3K-9Q", "Benches", "Jo Officer", "plan of the meadow.pdf", 'lang="de"', "ada@"):
            assert part in html, part
        assert "<script" not in html and "alert(1)" not in html
        assert path not in html, "the file may be passed on, the address is a key"
        assert "Benches &lt;b&gt;now" in html


# ------------------------------------------------------------------ the copy and the code


def test_the_copy_says_what_was_sent_in_its_language() -> None:
    opened = short()
    printed = copy(a_page(), opened.form, "Alder City", "Europe/Berlin")
    assert (printed.language, printed.rtl, printed.title, printed.at) == ("en", False, "Short", AT // 1000)
    assert [text for _, text in printed.facts] == [
        "PARK-7F3K-9Q",
        "14 January 2027, 05:13",
        hashlib.sha256(a_page().receipt.encode()).hexdigest(),
    ]
    rows = [(r.label, r.text) for b in printed.blocks for r in b.rows]
    assert rows == [("Your idea", "Benches\nand shade"), ("Your e-mail", "ada@home.example")]
    assert copy(a_page(), None, "Alder City", "UTC").notes == ()


def test_the_copy_has_the_sections_of_the_form() -> None:
    form = everything()
    values = {"name": ["Ada"], "one": ["b"], "why": ["Green"], "words": ["Hm"], "agree": ["yes"]}
    page = a_page(form, values=values)
    printed = copy(page, form.form, "Alder City", "UTC")
    assert [b.title for b in printed.blocks] == ["You", "What you think"]
    texts = {r.label: r.text for b in printed.blocks for r in b.rows}
    assert texts["Your papers"] == "bench.png" and texts["Which one?"] == "Pear"
    assert texts["Your number"] == "Not provided"
    assert [n.paragraphs for n in printed.notes] == [("We read it.", "Then we answer."), ("Ring 0123.",)]
    gone = copy(page, None, "Alder City", "UTC")
    assert [r for b in gone.blocks for r in b.rows] == [r for b in printed.blocks for r in b.rows]


async def test_the_copy_is_a_pdf() -> None:
    async with site() as s:
        answer, data = await fetched(s, put(s) + "/copy.pdf")
        assert answer.status == 200 and answer.content_type == "application/pdf"
        assert data.startswith(b"%PDF-")
        assert 'filename="PARK-7F3K-9Q.pdf"' in answer.headers["Content-Disposition"]


async def test_a_copy_that_cannot_be_made_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Printer, copy: object) -> bytes:
        raise Broken("no")

    monkeypatch.setattr(Printer, "pdf", broken)
    async with site() as s:
        page = await s.browser.get(put(s) + "/copy.pdf")
        assert page.status == 503 and page.heading and "Benches" not in page.html


async def test_copies_wait_in_a_short_line(monkeypatch: pytest.MonkeyPatch) -> None:
    enough = asyncio.Event()

    async def slow(self: Printer, copy: object) -> bytes:
        await enough.wait()
        return PDF

    monkeypatch.setattr(Printer, "pdf", slow)
    async with site() as s:
        path = put(s) + "/copy.pdf"
        waiting = [asyncio.create_task(fetched(s, path)) for _ in range(MOST_PRINTED + 1)]
        turned_away, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        assert [t.result()[0].status for t in turned_away] == [429]
        enough.set()
        answers = await asyncio.gather(*waiting)
        assert sorted(a.status for a, _ in answers) == [200] * MOST_PRINTED + [429]
        assert (await fetched(s, path))[0].status == 200


async def test_the_code_is_a_picture_in_a_sandbox() -> None:
    async with site() as s:
        answer, data = await fetched(s, put(s) + "/code.svg")
        assert answer.content_type == "image/svg+xml" and data.startswith(b"<svg")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
