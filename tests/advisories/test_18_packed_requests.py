"""Requests that grow when they are unpacked (CVE-2025-69223, in aiohttp itself).

Some kilobytes became gigabytes in memory before any handler saw them.  The pages unpack nothing: not a
request, not a part of one, and not a file, which is stored as it came and looked at by its first bytes.
"""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
import zlib

import pytest

from tests.forms.routes import addresses
from tests.forms.site import PNG, Site, site
from tests.forms.walking import ANSWERS, to_question

GROWN = 64 * 1024 * 1024
GZIP = gzip.compress(b"\0" * GROWN, 9)
BOMBS = {
    "gzip": GZIP,
    "deflate": zlib.compress(b"\0" * GROWN, 9),
    "br": b"\xcf\xff\xff\x7f\xf8" + b"\0" * 50_000,
    "zstd": b"\x28\xb5\x2f\xfd" + b"\0" * 50_000,
    "gzip, gzip": gzip.compress(GZIP),
    "identity, gzip": GZIP,
    "x-gzip": GZIP,
}
KINDS = ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded")


@pytest.mark.parametrize("encoding", BOMBS)
async def test_no_page_takes_a_packed_request(encoding: str) -> None:
    async with site() as s:
        paths = list(addresses(s, "POST"))
        assert len(paths) > 8
        tracemalloc.start()
        for path in paths:
            for kind in KINDS:
                headers = {"Content-Encoding": encoding, "Content-Type": kind}
                async with s.browser.session.post(
                    s.browser.root + path, data=BOMBS[encoding], headers=headers
                ) as a:
                    assert a.status == 415, path
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < GROWN / 4, "it was never as large as it wanted to be"
        assert not s.store.drafts and not s.ledger.arrivals


async def test_a_packed_request_in_chunks_is_none_either() -> None:
    async with site() as s:
        page = await s.start()

        async def pieces() -> object:
            yield GZIP[:1000]
            yield GZIP[1000:]

        headers = {"Content-Encoding": "gzip", "Content-Type": KINDS[1]}
        async with s.browser.session.post(
            s.browser.root + page.url, data=pieces(), headers=headers
        ) as answer:
            assert answer.status == 415


async def upload(s: Site, name: str, data: bytes, head: bytes = b"") -> int:
    """The status of the answer to one file for the question `papers`."""
    page = await to_question(s, "everything", "papers", **ANSWERS)
    disposition = f'Content-Disposition: form-data; name="papers"; filename="{name}"\r\n'.encode()
    do = b'--x\r\nContent-Disposition: form-data; name="_do"\r\n\r\nadd\r\n'
    body = do + b"--x\r\n" + disposition + head + b"\r\n" + data + b"\r\n--x--\r\n"
    headers = {"Content-Type": KINDS[0]}
    async with s.browser.session.post(
        s.browser.root + page.forms[0].action, data=body, headers=headers
    ) as answer:
        return answer.status


@pytest.mark.parametrize("head", [b"Content-Encoding: gzip\r\n", b"content-encoding: deflate\r\n"])
async def test_no_part_is_unpacked(head: bytes) -> None:
    async with site() as s:
        assert await upload(s, "a.png", GZIP, head) == 415
        assert not s.store.contents


@pytest.mark.parametrize(
    "head", [b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: gzip\r\n"]
)
async def test_a_transfer_encoding_changes_no_octet(head: bytes) -> None:
    """RFC 7578, section 4.7: it is not used; what came is what is kept."""
    async with site() as s:
        assert await upload(s, "a.png", PNG, head) == 200
        assert list(s.store.contents.values()) == [PNG]


async def test_files_are_kept_as_they_came() -> None:
    """An archive, a picture and a PDF that would fill the memory if anybody opened them."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.writestr("a.xml", b"\0" * GROWN)
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0" + zlib.compress(
        b"\0" * GROWN
    )
    paper = b"%PDF-1.7\n1 0 obj <</Filter [/FlateDecode /FlateDecode]>> stream\n" + zlib.compress(GZIP)
    async with site() as s:
        tracemalloc.start()
        assert await upload(s, "a.docx", archive.getvalue()) == 422, (
            "it is not of the types that were asked for"
        )
        for name, data in (("a.png", picture), ("a.pdf", paper)):
            assert await upload(s, name, data) == 200
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < GROWN / 4
        assert list(s.store.contents.values()) == [picture, paper]
