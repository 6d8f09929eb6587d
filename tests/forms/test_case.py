"""The page of a submission: what it shows, in which words, to whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from bridge.forms.case_views import masked
from bridge.forms.schema import OpenForm
from bridge.forms.words import TABLES, Words
from bridge.formstore import PageEntry
from tests.forms.a_case import AT, HISTORY, VALUES, a_page, opened, put
from tests.forms.site import Page, example, open_forms, short, site

STATES = {
    "unconfirmed": "Waiting for you",
    "held": "Being looked at first",
    "received": "Received",
    "refused": "Not taken up",
    "open": "Being worked on",
    "answered": "Answered",
    "locked": "Being looked at first",
    "closed": "Closed",
    "discarded": "Not taken up",
    "withdrawn": "Withdrawn by you",
    "forgotten": "Erased",
}


def well_made(page: Page) -> None:
    """One h1, headings without gaps, IDs that are one element's, and every reference leads somewhere."""
    levels = [int(t[1]) for t, _ in page.tags if re.fullmatch("h[1-6]", t)]
    assert levels.count(1) == 1
    after_h1 = levels[levels.index(1) :]
    assert all(b - a <= 1 for a, b in pairwise(after_h1)), levels
    assert len(page.ids) == len(set(page.ids))
    for _, a in page.tags:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set(a.get(name, "").split()) <= set(page.ids), (name, a)
    assert sum(t == "main" for t, _ in page.tags) == 1


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_every_state_has_words_in_every_language(language: str) -> None:
    form = replace(example("street-complaint"), languages=("en", "de", "ar"))
    async with site(forms=lambda: {form.form.id: form}) as s:
        for state, name in STATES.items():
            page = await opened(s, opened=form, state=state, language=language, values={})
            assert page.status == 200
            well_made(page)
            shown = TABLES[language][next(k for k, v in TABLES["en"].items() if v == name)]
            assert shown in page.text("div.state")
            html = next(a for t, a in page.tags if t == "html")
            assert html == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}


async def test_what_happened_is_told_in_order() -> None:
    async with site() as s:
        page = await opened(s)
        assert page.status == 200 and page.heading == "Your submission PARK-7F3K-9Q"
        well_made(page)
        said = page.text("ol.log")
        places = [
            said.index(x) for x in ("arrived", "Benches <b>now</b>", "Jo Officer, Birch County", "Thank")
        ]
        assert places == sorted(places)
        assert said.startswith("Your submission arrived 14 January 2027, 04:13 You 14 January 2027, 04:13")
        assert said.endswith("You 14 January 2027, 06:13 on its way Thank you")
        times = [a["datetime"] for t, a in page.tags if t == "time"]
        assert times[1] == "2027-01-14T04:13:20+00:00" and len(times) == 1 + len(HISTORY)
        assert "bench.png (5 kB)" in said and not any("bench.png" in x for x in page.links)
        assert any(x.endswith("/file/77") for x in page.links)


async def test_what_staff_wrote_is_harmless_and_keeps_the_order_of_headings() -> None:
    async with site() as s:
        page = await opened(s)
        assert "<strong>look</strong>" in page.html and "<p><strong>Dear Ada</strong></p>" in page.html
        for foul in ("<script", "alert(1)", "evil.example", "javascript:"):
            assert foul not in page.html
        assert "Benches &lt;b&gt;now&lt;/b&gt;" in page.html


async def test_steps_without_words_are_not_shown() -> None:
    async with site() as s:
        page = await opened(s, entries=(PageEntry(AT, "step", "step_of_tomorrow"), HISTORY[0]))
        assert "tomorrow" not in page.html and page.text("ol.log").count("14 January") == 1


def test_every_step_has_words() -> None:
    named = {k for k in TABLES["en"] if k.startswith("step_")}
    assert {"step_received", "step_confirmed", "step_withdrawn", "step_erase"} <= named


async def test_a_case_that_was_closed_because_they_withdrew_says_so() -> None:
    gone = PageEntry(AT, "step", "step_withdrawn")
    async with site() as s:
        page = await opened(s, state="closed", entries=(gone,))
        assert "Withdrawn by you" in page.text("div.state")
        assert not any("/ask/withdraw" in x for x in page.links)
        again = (gone, PageEntry(AT, "words", "One more thing"), PageEntry(AT, "step", "step_reopened"))
        assert "Closed" in (await opened(s, state="closed", entries=again)).text("div.state")


async def test_an_unknown_address_opens_nothing() -> None:
    async with site() as s:
        path = put(s)
        for wrong in (
            "/t/x",
            "/t/PARK-7F3K-9Q",
            "/t/4",
            path[:-1],
            path + "A",
            path.lower(),
            "/t/" + "é" * 22,
        ):
            page = await s.browser.get(wrong)
            assert page.status == 404, wrong
            assert "Benches" not in page.html and "PARK" not in page.text()
        page = await s.browser.get("/t/x?lang=de")
        assert page.heading and page.headers["Content-Language"] == "de"


async def test_nobody_keeps_or_frames_or_finds_the_page() -> None:
    async with site() as s:
        path = put(s)
        for below in ("", "/sent", "/ask/erase", "/receipt.json", "/data.html", "/data.json", "/code.svg"):
            page = await s.browser.get(path + below)
            assert page.status == 200 and page.headers["Cache-Control"] == "no-store", below
            assert "noindex" in page.headers["X-Robots-Tag"]
            assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
            assert page.headers["X-Frame-Options"] == "DENY" and "Set-Cookie" not in page.headers


async def test_looking_changes_nothing() -> None:
    async with site() as s:
        s.store.pages[4] = a_page(state="unconfirmed", confirmed=False, reach="unconfirmed")
        path, before = put(s, s.store.pages[4]), repr(s.store)
        for below in (
            "",
            "/sent",
            "/ask/erase",
            "/ask/withdraw",
            "/ask/address",
            "?_do=erase",
            "?done=erase",
        ):
            assert (await s.browser.get(path + below)).status == 200
        await s.browser.get(f"/c/{s.store.confirm_token(4)}")
        assert not s.ledger.arrivals and repr(s.store) == before


# ------------------------------------------------------------------ language


async def test_the_page_speaks_its_own_language_until_asked_otherwise() -> None:
    async with site() as s:
        path = put(s, language="de")
        page = await s.browser.get(path, **{"Accept-Language": "en"})
        assert page.heading == "Ihre Einsendung PARK-7F3K-9Q"
        assert (await s.browser.get(path + "?lang=en")).heading == "Your submission PARK-7F3K-9Q"
        assert (await s.browser.get(path + "?lang=xx")).headers["Content-Language"] == "de"
        assert {a["value"] for _, a in page.tags if a.get("name") == "language"} == {"en", "de"}


async def test_a_form_that_is_gone_leaves_the_page_as_it_was() -> None:
    async with site(forms=dict) as s:
        page = await opened(s, reach="unconfirmed", confirmed=False)
        assert page.status == 200 and "Short as it was" in page.html and "Benches and shade" in page.text()
        assert "Change your answers" not in page.text()
        assert (await s.browser.get(page.url + "/sent")).status == 200
        assert len([1 for _, a in page.tags if a.get("name") == "language"]) == len(TABLES)


# ------------------------------------------------------------------ what it offers


def closed() -> Mapping[str, OpenForm]:
    return {"short": short(closes="2026-01-01")}


async def test_answers_can_be_changed_while_the_form_is_open() -> None:
    async with site() as s:
        assert "Change your answers" in (await opened(s)).text()
        for state in ("closed", "refused", "withdrawn"):
            assert "Change your answers" not in (await opened(s, state=state)).text()
    async with site(forms=closed) as s:
        page = await opened(s)
        assert "Change your answers" not in page.text()
        assert TABLES["en"]["case.choice.answers.closed"] in page.text()
    async with site(forms=lambda: {"short": short(most=1)}) as s:
        s.store.counted["short"] = 1
        assert "Change your answers" in (await opened(s)).text(), "a change is no further submission"


async def test_the_answers_are_shown_as_they_are_now() -> None:
    async with site() as s:
        page = await opened(s, "?lang=de", values={**VALUES, "idea": ["Other words"]})
        assert "Other words" in page.text("dd.text") and "Benches" not in page.text("dd.text")
        assert page.text("dt") == "Ihre IdeeIhre E-Mail"
    async with site() as s:
        everything = open_forms()["everything"]
        values = {"name": ["Ada"], "one": ["b"], "why": ["Green"], "words": ["Hm"], "agree": ["yes"]}
        page = await opened(s, opened=everything, values=values)
        assert "Pear" in page.text("dd.text") and "bench.png" in page.text("dd.text")
        assert "Not provided" in page.text("dd.text")


async def test_a_confirmed_address_is_not_asked_for_again_while_the_case_is_on_its_way() -> None:
    async with site() as s:
        page = await opened(s, state="received", reach="unconfirmed", confirmed=True)
        assert Words("en")("case.choice.reach.mail", address="ada@home.example") in page.text()
        assert not page.text("section.notice")
        page = await opened(s, "?done=confirm", state="unconfirmed", reach="unconfirmed", confirmed=False)
        assert not page.text("section.notice"), "they have just done it"
        assert TABLES["en"]["case.done.soon"] in page.text("div.banner")
        assert TABLES["en"]["case.done.soon"] not in (await opened(s, "?done=write")).text()
        for foreign in ("?done=forget", "?done=", "?done=<b>"):
            assert not (await opened(s, foreign)).text("div.banner")


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"reach": "mail"}, "by_page"),
        ({"reach": "page"}, "by_mail"),
        ({"reach": "unconfirmed", "confirmed": False}, "by_page"),
        ({"reach": "page", "address": None, "confirmed": False}, ""),
        ({"reach": "mail", "state": "refused"}, ""),
    ],
)
async def test_the_other_way_for_answers_is_offered(changes: dict[str, Any], offered: str) -> None:
    async with site() as s:
        page = await opened(s, **changes)
        buttons = [v for f in page.forms for _, v in f.buttons]
        assert [v for v in buttons if v.startswith("by_")] == ([offered] if offered else [])
        said = Words("en")(f"case.choice.reach.{changes['reach']}", address="ada@home.example")
        assert said in page.text()


# ------------------------------------------------------------------ the mail that confirms


@pytest.mark.parametrize(
    ("letter", "at", "key", "again"),
    [
        ("", 0, "soon", False),
        ("waiting", 1_800_000_000_000, "soon", False),
        ("waiting", 1_800_050_000_000, "waiting", False),
        ("sent", 0, "sent", True),
        ("failed", 0, "failed", True),
    ],
)
@pytest.mark.parametrize("below", ["", "/sent"])
async def test_what_became_of_the_mail(letter: str, at: int, key: str, again: bool, below: str) -> None:
    async with site() as s:
        path = put(s, state="unconfirmed", confirmed=False, reach="unconfirmed", letter=letter, letter_at=at)
        page = await s.browser.get(path + below)
        text = TABLES["en"][f"case.mail.{key}"].split("{")[0]
        assert text in page.text("section.notice") and "ada@home.example" in page.text("section.notice")
        assert (("_do", "remind") in [b for f in page.forms for b in f.buttons]) is again
        well_made(page)


async def test_nothing_is_said_of_mails_where_there_is_nothing_to_confirm() -> None:
    async with site(forms=lambda: {"short": short(), "none": short(id="none", confirm="none")}) as s:
        nobody: dict[str, Any] = {"address": None, "reach": "page", "confirmed": False}
        for changes in ({}, nobody):
            assert not (await opened(s, **changes)).text("section.notice")


def test_an_address_is_masked() -> None:
    assert masked("ada@home.example") == "a…@home.example"
    assert masked("") == "…@" and masked("ü@x.example") == "ü…@x.example"


# ------------------------------------------------------------------ the confirmation


async def test_the_confirmation_is_a_bookmark_with_everything() -> None:
    async with site() as s:
        path = put(s)
        page = await s.browser.get(path + "/sent")
        assert page.status == 200 and page.text("strong") == "PARK-7F3K-9Q"
        well_made(page)
        assert f"http://forms.alder.example{path}" in page.text()
        assert {f"{path}/receipt.json", f"{path}/copy.pdf?lang=en"} <= set(page.links)
        assert re.search(r"[0-9a-f]{64}", page.text("code.digest"))
        assert "Benches" not in page.html, "it may stand open on a screen"


@pytest.mark.parametrize("what", ["withdraw", "erase", "address"])
async def test_pages_in_between_ask(what: str) -> None:
    async with site() as s:
        path = put(s)
        page = await s.browser.get(f"{path}/ask/{what}?lang=de")
        assert page.status == 200 and path in page.links and len(page.forms) == 1
        well_made(page)
        assert (await s.browser.get(f"{path}/ask/everything")).status == 404
        assert (await s.browser.get(f"/t/x/ask/{what}")).status == 404


async def test_what_nobody_has_read_is_erased_at_once_and_says_so() -> None:
    async with site() as s:
        for state, at_once in (("unconfirmed", True), ("held", True), ("refused", True), ("open", False)):
            page = await s.browser.get(put(s, state=state) + "/ask/erase")
            assert (TABLES["en"]["case.ask.erase.how.now"] in page.text()) is at_once
            assert (TABLES["en"]["case.ask.erase.stays"] in page.text()) is not at_once
        withdrawn = PageEntry(AT, "step", "step_withdrawn")
        for before, at_once in (((), True), (HISTORY[:2], False)):
            path = put(s, state="closed", entries=(*before, withdrawn))
            page = await s.browser.get(path + "/ask/erase")
            assert (TABLES["en"]["case.ask.erase.how.now"] in page.text()) is at_once
