"""A submission that is in the store, and the address of its page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.channel import Arrival
from bridge.forms.answers import check
from bridge.forms.packing import unpack_page
from bridge.forms.receipt import receipt
from bridge.forms.schema import OpenForm
from bridge.forms.words import Words
from bridge.formstore import CasePage, DraftFile, PageEntry, PageFile
from bridge.inbound import PageIn
from tests.forms.site import Page, Site, short

AT = 1_799_900_000_000
"""2027-01-14 04:13:20 UTC."""

VALUES = {"idea": ["Benches\nand shade"], "mail": ["ada@home.example"]}
DIGEST = "ab" * 32

HISTORY = (
    PageEntry(AT, "step", "step_received"),
    PageEntry(AT + 1000, "words", "Benches <b>now</b>", files=(PageFile(0, "bench.png", "image/png", 5000),)),
    PageEntry(
        AT + 3_600_000,
        "reply",
        "We will look",
        "<h1>Dear Ada</h1><p>We will <strong>look</strong></p><script>alert(1)</script>"
        '<img src="https://evil.example/x"><a href="javascript:alert(1)">here</a>',
        "Jo Officer",
        "Birch County",
        (PageFile(77, "plan of the meadow.pdf", "application/pdf", 2_345_678),),
    ),
    PageEntry(AT + 7_200_000, "words", "Thank you", waiting=True),
)


def a_receipt(opened: OpenForm, values: dict[str, list[str]], language: str = "en") -> str:
    """Of these answers to a form, with a file for each question that wants one."""
    files = {
        f.id: [DraftFile(5, f.id, "bench.png", "image/png", 5000, DIGEST)] for f in opened.form.file_fields
    }
    checked = check(opened.form, values, files, Words(language))
    return receipt(opened.form, checked, reference="PARK-7F3K-9Q", received=AT, language=language)


def a_page(opened: OpenForm | None = None, **changes: Any) -> CasePage:
    """The page of a submission that was answered."""
    opened = opened or short()
    values = changes.get("values", VALUES)
    page = CasePage(
        id=4,
        reference="PARK-7F3K-9Q",
        form=opened.form.id,
        slug=opened.slug,
        title="Short as it was",
        language="en",
        created=AT,
        state="answered",
        reach="mail",
        address="ada@home.example",
        confirmed=True,
        receipt=a_receipt(opened, values),
        values=values,
        entries=HISTORY,
    )
    return replace(page, **changes)


def put(site: Site, page: CasePage | None = None, **changes: Any) -> str:
    """Store a page; its address."""
    page = page or a_page(**changes)
    site.store.pages[page.id] = page
    return f"/t/{site.store.page_token(page.id, page.turn)}"


async def opened(site: Site, query: str = "", **changes: Any) -> Page:
    """A page that was stored, as a browser shows it."""
    return await site.browser.get(put(site, **changes) + query)


def acts(site: Site) -> list[PageIn]:
    """What was accepted from pages."""
    return [unpack_page(a.raw) for a in arrivals(site)]


def arrivals(site: Site) -> list[Arrival]:
    return site.ledger.of("page")
