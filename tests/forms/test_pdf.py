"""The copy on paper: what it says, for whom it is readable, and what it cannot be made to do."""

from __future__ import annotations

import re
import time
import zlib
from dataclasses import replace

import pytest

from bridge.errors import Broken, Retry
from bridge.forms.pdf import Copy, Note, Printer
from bridge.forms.typeset import typeset
from bridge.forms.views import Block, Row
from bridge.forms.words import TABLES, Words

COPY = Copy(
    language="en",
    rtl=False,
    organisation="Alder City",
    title="Your idea for Riverside Park",
    footer="PARK-7F3K-9Q",
    facts=(("Reference", "PARK-7F3K-9Q"), ("SHA-256", "ab" * 32)),
    blocks=(
        Block("About you", (Row("name", "Your name", "Ada Citizen"),)),
        Block("", (Row("idea", "Your idea", "A bench.\nAnd shade."),)),
    ),
    notes=(Note("How we use it", ("Staff read it.", "Nobody else.")),),
    at=1_800_000_000,
)


def said(text: str) -> Copy:
    """The copy of a submission in which this was written."""
    return replace(COPY, blocks=(Block("", (Row("idea", "Your idea", text),)),))


def opened(pdf: bytes) -> bytes:
    """The document with its packed streams opened."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def words(pdf: bytes) -> str:
    """What can be copied out of it: the texts that stand for glyphs (ISO 32000-1, 9.10)."""
    plain = opened(pdf)
    letters = re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]{4,})>", plain)
    return "".join(bytes.fromhex(x.decode()).decode("utf-16-be") for x in letters)


async def test_it_is_tagged_titled_and_made_to_last() -> None:
    pdf = opened(await Printer().pdf(COPY))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf  # ISO 14289-1
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf and b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"/StructTreeRoot" in pdf and b"/Marked true" in pdf and b"/Lang(en)" in pdf
    assert b"/DisplayDocTitle true" in pdf and b"Your idea for Riverside Park" in pdf
    for tag in (b"/S/H1", b"/S/H2", b"/S/H3", b"/S/P"):
        assert tag in pdf
    assert b"/JavaScript" not in pdf and b"/URI" not in pdf and b"/FontFile" in pdf


async def test_the_same_submission_gives_the_same_octets() -> None:
    assert await Printer().pdf(COPY) == await Printer().pdf(COPY)


@pytest.mark.parametrize("language", sorted(TABLES))
async def test_every_language_of_the_pages_can_be_printed(language: str) -> None:
    texts = [re.sub(r"\{\w+\}", "7", t) for t in TABLES[language].values()]
    rows = tuple(Row(str(i), text[:80] or "-", text) for i, text in enumerate(texts))
    copy = replace(
        COPY, language=language, rtl=Words(language).direction == "rtl", blocks=(Block("Words", rows),)
    )
    pdf = opened(await Printer().pdf(copy))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf and f"/Lang({language})".encode() in pdf


@pytest.mark.parametrize(
    "hostile",
    [
        '#emph[x] #eval("1+1") #read("/etc/passwd")',
        '#import "@preview/x:1.0.0": y',
        "= Heading\n/ term: x\n$x^2$ *bold* `raw` // comment",
        '"); #panic() ("',
        "\\u{1F600} \\ ~ --- <label> @ref",
        "a\u202eb\u2066c\u2028d\u0085e\ufefff",
        "\x00\x01\x1b\ud800",
        "",
    ],
)
async def test_what_somebody_wrote_is_never_markup(hostile: str) -> None:
    pdf = await Printer().pdf(said(hostile))
    assert b"root:x:0" not in opened(pdf)
    shown = {c for c in hostile if c.isalpha() and c.isascii()}
    assert shown <= set(words(pdf))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Nice \U0001f642", "slightly smiling face"),
        ("\u6f22", "U+6F22"),
        ("\ue000", "U+E000"),
        ("\u0378", "U+0378"),
    ],
)
async def test_a_character_without_a_glyph_is_named(text: str, named: str) -> None:
    pdf = await Printer().pdf(said(text))
    assert set(named.replace(" ", "")) <= set(words(pdf))


async def test_very_many_characters_without_a_glyph_still_give_a_copy() -> None:
    began = time.monotonic()
    pdf = await Printer().pdf(said("".join(chr(0x4E00 + i) for i in range(5000))))
    assert pdf.startswith(b"%PDF-") and time.monotonic() - began < 20


async def test_a_word_that_does_not_end_is_broken_into_lines() -> None:
    pages = re.search(rb"/Type/Pages/Count (\d+)", opened(await Printer().pdf(said("a" * 20_000))))
    assert pages is not None and int(pages[1]) > 1


async def test_what_takes_too_long_is_given_up_and_its_process_ended() -> None:
    printer = Printer(seconds=0.001)
    with pytest.raises(Retry, match="in time"):
        await printer.pdf(COPY)
    assert (await Printer().pdf(COPY)).startswith(b"%PDF-")


async def test_a_document_that_cannot_be_set_is_broken_without_words() -> None:
    with pytest.raises(Broken) as caught:
        await Printer().pdf(replace(COPY, language="no language", title="A secret"))
    assert "secret" not in str(caught.value)


def test_the_child_itself_says_what_it_is_told() -> None:
    copy = {
        "language": "ar",
        "rtl": True,
        "organisation": "A",
        "title": "T",
        "footer": "F",
        "facts": [{"label": "L", "text": "X"}],
        "blocks": [{"title": "", "rows": [{"label": "Q", "text": "جواب"}]}],
        "notes": [],
        "at": 0,
    }
    assert "ج" in words(typeset(copy))
