"""Whole journeys through the pages, as a browser without scripts makes them."""

from __future__ import annotations

import re

import pytest

from bridge.channel import Item
from bridge.errors import Broken, Retry
from bridge.forms.drafts import MemoryDrafts
from bridge.forms.schema import OpenForm
from bridge.model import Attachment, Source
from tests.forms.site import PNG, Browser, Clock, Page, Site, SmallLedger, open_forms, site

REFERENCE = re.compile(r"PARK-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}")
GOOD = {
    "name": "Ana Lindqvist",
    "email": "ana@example.org",
    "part": "meadow",
    "idea": "More <b>benches</b>\nand shade",
}
PHOTO = [("photo", "bench.png", "image/png", PNG)]


async def to_check(browser: Browser, **changes: str | None) -> Page:
    start = await browser.get("/f/park-ideas")
    page = await browser.submit(start, "check", PHOTO, **{**GOOD, **changes})
    assert page.status == 200, page.text()
    return page


def reference_of(page: Page) -> str:
    assert page.status == 200 and "/sent/" in page.url
    return page.text("strong")


async def test_from_the_list_to_the_confirmation() -> None:
    async with site() as s:
        front = await s.browser.get("/")
        assert "Riverside Park 2027" in front.text() and any(
            x.startswith("/f/park-ideas") for x in front.links
        )
        check = await to_check(s.browser)
        assert check.text("h1") == "Check your answers" and "Nothing has been sent yet." in check.text()
        assert "More <b>benches</b> and shade" in check.text() and "<b>benches" not in check.html
        assert not s.ledger.arrivals
        done = await s.browser.submit(check, "send")
        reference = reference_of(done)
        assert REFERENCE.fullmatch(reference)
        assert "ana" not in done.html.lower() and "bench" not in done.html
        (arrival,) = s.ledger.arrivals.values()
        assert (arrival.source, arrival.kind, arrival.reference) == (Source.FORM, "submission", reference)
        assert arrival.key.startswith("form:") and len(arrival.key) == 37
        assert arrival.meta == {"form": "park-ideas", "slug": "park-2027", "language": "en"}
        item = Item(1, arrival.source, arrival.kind, arrival.raw, arrival.meta)
        form = await s.channel.read(item)
        assert form == s.ledger.forms[0]
        assert (form.slug, form.form, form.title) == (
            "park-2027",
            "park-ideas",
            "Your idea for Riverside Park",
        )
        assert (form.name, form.address, form.reference, form.language) == (
            "Ana Lindqvist", "ana@example.org", reference, "en",
        )  # fmt: skip
        assert form.answers == (
            ("Which part of the park is it about?", "The meadow"),
            ("What is your idea?", "More <b>benches</b>\nand shade"),
            ("A photo or drawing", "bench.png"),
        )
        assert form.attachments == (Attachment("bench.png", "image/png", PNG),)
        bookmark = await s.browser.get(done.url)
        assert reference_of(bookmark) == reference


async def test_errors_are_told_and_everything_is_kept() -> None:
    async with site() as s:
        start = await s.browser.get("/f/park-ideas")
        assert start.status == 200 and not start.text("title").startswith("Error")
        wrong = await s.browser.submit(
            start, "check", PHOTO, name=" ", email="ana@nowhere", idea="Shade", agreement="yes"
        )
        assert wrong.status == 422 and wrong.text("title").startswith("Error: ")
        summary = wrong.html.index("There is a problem")
        assert summary < wrong.html.index("<h1>")
        assert [x for x in wrong.links if x.startswith("#")] == ["#page--main", "#name", "#email", "#part"]
        for words in (
            "Enter your name",
            "Enter an e-mail address in the format name@example.org",
            "Select the part of the park",
        ):
            assert wrong.html.count(words) == 2
        assert wrong.value("idea") == "Shade" and wrong.value("email") == "ana@nowhere"
        assert wrong.value("agreement") == "yes" and (wrong.value("photo--kept") or "").endswith(":bench.png")
        assert "Added: bench.png" in wrong.text()
        check = await s.browser.submit(wrong, "check", name="Ana", email="ana@example.org", part="paths")
        assert check.text("h1") == "Check your answers" and "bench.png" in check.text()
        reference_of(await s.browser.submit(check, "send"))
        assert [a.data for a in s.ledger.forms[0].attachments] == [PNG]


async def test_change_leads_back_with_everything() -> None:
    async with site() as s:
        check = await to_check(s.browser)
        change = next(a for t, a in check.tags if t == "button" and a.get("value") == "show")
        assert change["formaction"].endswith("#name") and change["aria-label"] == "Change: Your name"
        form = await s.browser.submit(check, "show")
        assert form.status == 200 and "problem" not in form.text()
        assert form.value("idea") == "More <b>benches</b>\nand shade" and form.value("part") == "meadow"
        again = await s.browser.submit(form, "check", **{"photo--remove": form.value("photo--kept")})
        assert "bench.png" not in again.text() and "Not provided" in again.text()
        reference_of(await s.browser.submit(again, "send"))
        assert not s.ledger.forms[0].attachments


async def test_a_new_file_replaces_the_only_one() -> None:
    async with site() as s:
        form = await s.browser.submit(await to_check(s.browser), "show")
        other = PNG + b"other"
        check = await s.browser.submit(form, "check", [("photo", "second.png", "image/png", other)])
        reference_of(await s.browser.submit(check, "send"))
        assert [(a.name, a.data) for a in s.ledger.forms[0].attachments] == [("second.png", other)]


async def test_the_same_sent_twice_is_one_and_shows_the_same() -> None:
    async with site() as s:
        check = await to_check(s.browser)
        first = await s.browser.submit(check, "send")
        second = await s.browser.submit(check, "send")
        assert first.url == second.url and reference_of(first) == reference_of(second)
        assert len(s.ledger.arrivals) == 1 and s.ledger.asked == 2


async def test_the_same_after_a_restart() -> None:
    ledger = SmallLedger()
    async with site(ledger) as s:
        start = await s.browser.get("/f/park-ideas")
        check = await s.browser.submit(start, "check", **GOOD)
        first = await s.browser.submit(check, "send")
    async with site(ledger, seed=b"after") as s:
        second = await s.browser.submit(check, "send")
        assert second.url == first.url and len(ledger.arrivals) == 1
        assert reference_of(await s.browser.get(first.url)) == reference_of(first)


async def test_files_lost_in_a_restart_are_asked_for_and_nothing_comes_twice() -> None:
    ledger = SmallLedger()
    async with site(ledger) as s:
        check = await to_check(s.browser)
        first = await s.browser.submit(check, "send")
    async with site(ledger, seed=b"after") as s:
        page = await s.browser.submit(check, "send")
        assert page.status == 422 and "Choose “bench.png” again: it is no longer stored here" in page.text()
        assert page.value("idea") == "More <b>benches</b>\nand shade"
        again = await s.browser.submit(page, "check", PHOTO)
        second = await s.browser.submit(again, "send")
        assert second.url == first.url and len(ledger.arrivals) == 1


async def test_what_was_changed_after_sending_is_not_dropped() -> None:
    async with site() as s:
        check = await to_check(s.browser)
        first = await s.browser.submit(check, "send")
        second = await s.browser.submit(check, "send", idea="Another idea")
        assert reference_of(first) != reference_of(second)
        assert [f.answers[1][1] for f in s.ledger.forms] == ["More <b>benches</b>\nand shade", "Another idea"]


@pytest.mark.parametrize("fault", [Retry("the ledger is locked", 5), Broken("full"), OSError("disk of Ana")])
async def test_not_accepted_is_said_and_can_be_sent_again(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with site() as s:
        check = await to_check(s.browser)
        s.ledger.fail = [fault]
        page = await s.browser.submit(check, "send")
        assert page.status == 503 and page.headers["Retry-After"] == "60"
        assert page.text("title").startswith("Not sent yet: ")
        assert "Your answers were not sent yet" in page.text() and "bench.png" in page.text()
        assert "Ana" not in caplog.text and str(fault) not in caplog.text
        assert not s.ledger.arrivals
        reference_of(await s.browser.submit(page, "send"))
        assert [a.data for a in s.ledger.forms[0].attachments] == [PNG]


async def test_an_answer_lost_after_the_commit() -> None:
    """The commit happened, its answer did not come: sending again finds it."""

    class Forgetful(SmallLedger):
        async def __call__(self, arrivals):  # type: ignore[no-untyped-def]
            result = await super().__call__(arrivals)
            if self.asked == 1:
                raise Retry("the answer was lost")
            return result

    ledger = Forgetful()
    async with site(ledger) as s:
        page = await s.browser.submit(await to_check(s.browser), "send")
        assert page.status == 503
        reference = reference_of(await s.browser.submit(page, "send"))
        assert [a.reference for a in ledger.arrivals.values()] == [reference]


async def test_a_taken_reference_gives_another_one_which_stays() -> None:
    trial = SmallLedger()
    async with site(trial) as s:
        await s.browser.submit(await to_check(s.browser), "send")
    taken = {a.reference or "" for a in trial.arrivals.values()}
    ledger = SmallLedger(taken=set(taken))
    async with site(ledger) as s:  # the same nonce, so the same first reference
        check = await to_check(s.browser)
        first = await s.browser.submit(check, "send")
        assert reference_of(first) not in taken
        assert reference_of(first) == ledger.forms[0].reference
        assert (await s.browser.submit(check, "send")).url == first.url
        assert len(ledger.arrivals) == 1


async def test_a_page_older_than_a_day_keeps_the_answers() -> None:
    async with site() as s:
        check = await to_check(s.browser)
        s.clock.now += 24 * 3600 + 1
        page = await s.browser.submit(check, "send")
        assert page.status == 422 and "This page was open for more than a day" in page.text()
        assert page.value("idea") == "More <b>benches</b>\nand shade" and not s.ledger.arrivals
        fresh = await s.browser.submit(page, "check")
        reference_of(await s.browser.submit(fresh, "send"))


@pytest.mark.parametrize("token", ["", "x", "A" * 51, "ü" * 51, "A" * 5000])
async def test_a_forged_token_sends_nothing(token: str) -> None:
    async with site() as s:
        page = await s.browser.submit(await to_check(s.browser), "send", _view=token)
        assert page.status == 422 and not s.ledger.asked
        assert page.value("_view") != token


async def test_a_token_of_another_form_sends_nothing() -> None:
    async with site() as s:
        other = await s.browser.get("/f/everything")
        await s.browser.submit(await to_check(s.browser), "send", _view=other.value("_view"))
        assert not s.ledger.asked


async def test_without_an_address_the_page_says_so() -> None:
    async with site() as s:
        check = await to_check(s.browser, email=None)
        assert "You have not given an e-mail address, so we cannot answer you." in check.text()
        done = await s.browser.submit(check, "send")
        assert "You gave no e-mail address" in done.text() and s.ledger.forms[0].address is None


async def test_languages_by_link_header_and_button() -> None:
    async with site() as s:
        german = await s.browser.get(
            "/f/park-ideas", **{"Accept-Language": "fr;q=0.9, de-AT;q=0.8, en;q=0.1"}
        )
        assert ("html", {"lang": "de", "dir": "ltr"}) in german.tags
        assert german.text("h1") == "Ihre Idee für den Riverside Park"
        assert "/f/park-ideas?lang=en" in german.links
        wrong = await s.browser.submit(german, "check", PHOTO, "de", idea="Schatten")
        assert wrong.text("title").startswith("Fehler: ") and "Geben Sie Ihren Namen ein" in wrong.text()
        english = await s.browser.submit(wrong, "show", (), "en")
        assert english.value("idea") == "Schatten" and "Added: bench.png" in english.text()
        assert english.text("h1") == "Your idea for Riverside Park" and english.status == 200
        check = await s.browser.submit(english, "check", (), "de", **GOOD)
        assert check.text("h1") == "Prüfen Sie Ihre Antworten"
        english_check = await s.browser.submit(check, "check", (), "en")
        assert english_check.text("h1") == "Check your answers" and "The meadow" in english_check.text()
        done = await s.browser.submit(check, "send", (), "de")
        assert done.text("h1") == "Ihre Antworten wurden gesendet" and s.ledger.forms[0].language == "de"
        assert s.ledger.forms[0].answers[0] == ("Um welchen Teil des Parks geht es?", "Die Wiese")


async def test_receipts_cannot_be_guessed_and_references_open_nothing() -> None:
    async with site() as s:
        done = await s.browser.submit(await to_check(s.browser), "send")
        receipt = done.url.split("/")[-1].split("?")[0]
        reference = reference_of(done)
        assert reference not in receipt and len(receipt) > 40
        for wrong in (
            f"/f/park-ideas/sent/{reference}",
            f"/f/park-ideas/sent/{receipt[:-1]}",
            f"/f/park-ideas/sent/A{receipt[1:]}",
            f"/f/everything/sent/{receipt}",
            f"/f/{reference}",
            f"/{reference}",
        ):
            page = await s.browser.get(wrong)
            assert page.status == 404 and page.text("h1") == "Page not found", wrong


async def test_a_form_that_closed() -> None:
    forms: dict[str, OpenForm] = {}
    async with site(forms=lambda: forms) as s:
        forms.update(open_forms())
        check = await to_check(s.browser)
        done = await s.browser.submit(check, "send")
        forms.clear()
        assert "No form is open" in (await s.browser.get("/")).text()
        assert (await s.browser.get("/f/park-ideas")).status == 404
        assert (await s.browser.submit(check, "send")).status == 404
        assert reference_of(await s.browser.get(done.url)) == reference_of(done)


async def test_many_files_and_every_kind_of_field() -> None:
    pdf = b"%PDF-1.7 paper"
    async with site() as s:
        start = await s.browser.get("/f/everything")
        empty = await s.browser.submit(start, "check")
        assert [x for x in empty.links if x.startswith("#")][1:] == [
            "#name", "#mail", "#words", "#one", "#many", "#agree", "#day--day", "#papers",
        ]  # fmt: skip
        assert all(x[1:] in empty.ids for x in empty.links if x.startswith("#"))
        assert len(empty.ids) == len(set(empty.ids))
        page = await s.browser.submit(
            empty,
            "check",
            [("papers", "a.png", "image/png", PNG), ("papers", "b.svg", "image/svg+xml", b"<svg/>")],
            name="Ana", mail="ana@example.org", words="w" * 101, one="b", many=["c", "a"], agree="yes",
            **{"day--day": "31", "day--month": "4", "day--year": "2027"},
        )  # fmt: skip
        assert "“Your words” must be 100 characters or less. You wrote 101." in page.text()
        assert "“The day” must be a real date" in page.text()
        assert "“b.svg” must be one of these types: PNG or PDF" in page.text()
        assert page.value("words") == "w" * 101 and page.value("day--month") == "4"
        check = await s.browser.submit(
            page,
            "check",
            [("papers", "b.pdf", "application/pdf", pdf)],
            words="w" * 100,
            **{"day--day": "30"},
        )
        done = await s.browser.submit(check, "send")
        assert done.text("strong").startswith("BUDG-")
        assert "Then we answer." in done.text() and "Ring 0123." in done.text()
        form = s.ledger.forms[0]
        assert form.answers == (
            ("Your words", "w" * 100),
            ("Which one?", "Pear"),
            ("Which of them?", "Apple\nPlum"),
            ("I agree", "Yes"),
            ("The day", "30 April 2027"),
            ("Your papers", "a.png\nb.pdf"),
        )
        assert [(a.name, a.mime, a.data) for a in form.attachments] == [
            ("a.png", "image/png", PNG), ("b.pdf", "application/pdf", pdf),
        ]  # fmt: skip


async def test_every_input_has_a_label_and_what_describes_it_exists() -> None:
    async with site() as s:
        start = await s.browser.get("/f/everything")
        for page in (start, await s.browser.submit(start, "check")):
            labelled = {a["for"] for t, a in page.tags if t == "label"}
            for tag, a in page.tags:
                if tag in ("input", "textarea") and a.get("type") != "hidden":
                    assert a["id"] in labelled
                for name in (a.get("aria-describedby", "") + " " + a.get("aria-labelledby", "")).split():
                    assert name in page.ids
            assert {a.get("autocomplete") for t, a in page.tags if t == "input"} >= {"name", "email"}


async def test_drafts_are_bounded_and_age() -> None:
    clock = Clock()
    drafts = MemoryDrafts(clock, room=3 * len(PNG))

    async def fill(s: Site) -> Page:
        start = await s.browser.get("/f/park-ideas")
        return await s.browser.submit(start, "check", PHOTO, **GOOD)

    async with site(clock=clock, drafts=drafts) as s:
        pages = [await fill(s) for _ in range(4)]
        assert (await s.browser.submit(pages[0], "send")).status == 422  # gave way to the fourth
        assert (await s.browser.submit(pages[1], "send")).status == 200
        await fill(s)  # what was sent goes first
        assert (await s.browser.submit(pages[2], "check")).status == 200
        clock.now += 23 * 3600
        assert (await s.browser.submit(pages[2], "check")).status == 200
        clock.now += 3700  # the token is too old, and so are the other drafts
        assert (await s.browser.submit(pages[3], "check")).status == 422
        assert sum(len(v) for v in drafts._kept) > 0


async def test_the_pages_live_below_a_path() -> None:
    async with site(public_url="https://alder.example/consult/") as s:
        front = await s.browser.get("/")
        assert any(x.startswith("/consult/f/park-ideas") for x in front.links)
        assert front.headers["Strict-Transport-Security"]
        start = await s.browser.get("/f/park-ideas")
        form = next(a for t, a in start.tags if t == "form")
        assert form["action"] == "/consult/f/park-ideas?lang=en"
