"""Files on their way into a draft."""

from __future__ import annotations

import pytest

from tests.forms.site import PDF, PNG, Page, Site, site
from tests.forms.walking import ANSWERS, path, to_question


async def papers(s: Site) -> Page:
    return await to_question(s, "everything", "papers", **ANSWERS)


async def test_files_are_added_shown_and_removed() -> None:
    async with site() as s:
        page = await papers(s)
        page = await s.browser.submit(page, "add", [("papers", "../up/plan.png", "text/html", PNG)])
        page = await s.browser.submit(page, "add", [("papers", "plan.pdf", "", PDF)])
        assert path(page) == "papers" and "plan.png" in page.text() and "plan.pdf" in page.text()
        kept = next(iter(s.store.drafts.values())).files
        assert [(f.name, f.mime) for f in kept] == [
            ("plan.png", "image/png"),
            ("plan.pdf", "application/pdf"),
        ]
        page = await s.browser.press(page, ("_remove", str(kept[0].id)))
        assert "plan.png" not in page.text() and "plan.pdf" in page.text()
        assert list(s.store.contents.values()) == [PDF]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("run.exe", b"MZ" + bytes(500), "must be one of these types: PNG or PDF"),
        ("page.png", b"<html><script>alert(1)</script>" * 200, "must be one of these types: PNG or PDF"),
        ("big.png", PNG + bytes(1024 * 1024), "must be 1 MB or smaller"),
        ("none.png", b"", "is empty"),
    ],
)
async def test_a_file_that_is_not_taken_is_named_and_leaves_nothing(
    name: str, data: bytes, words: str
) -> None:
    async with site() as s:
        page = await papers(s)
        good = ("papers", "good.png", "image/png", PNG)
        page = await s.browser.submit(page, "continue", [good, ("papers", name, "image/png", data)])
        assert page.status == 422 and f"“{name}”" in page.text() and words in page.text()
        assert "good.png" in page.text("ul.added") and list(s.store.contents.values()) == [PNG]
        assert path(await s.browser.submit(page, "continue")) == "photo"


async def test_more_files_than_may_be_are_not_taken() -> None:
    async with site() as s:
        page = await papers(s)
        three = [("papers", f"{n}.png", "image/png", PNG + bytes([n])) for n in range(3)]
        page = await s.browser.submit(page, "continue", three)
        assert page.status == 422 and "You can add up to 2 files. “2.png” was not added" in page.text()
        assert len(s.store.contents) == 2


async def test_a_new_file_takes_the_place_of_the_only_one() -> None:
    async with site() as s:
        page = await to_question(s, "everything", "photo", **ANSWERS)
        page = await s.browser.submit(page, "continue", [("photo", "one.png", "", PNG)])
        page = await s.browser.get(page.url.replace("q/agree", "q/photo"))
        page = await s.browser.submit(page, "continue", [("photo", "two.png", "", PNG + b"2")])
        assert [f.name for f in next(iter(s.store.drafts.values())).files] == ["two.png"]


async def test_the_same_file_twice_counts_once() -> None:
    async with site() as s:
        page = await papers(s)
        await s.browser.submit(page, "add", [("papers", "a.png", "", PNG), ("papers", "b.png", "", PNG)])
        assert [f.name for f in next(iter(s.store.drafts.values())).files] == ["a.png"]
        assert len(s.store.contents) == 1
