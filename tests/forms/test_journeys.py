"""From the start page to the check page, as people walk it: with a browser that runs no scripts."""

from __future__ import annotations

import pytest

from bridge.forms.words import TABLES
from tests.forms.memory_store import MemoryStore
from tests.forms.site import everything, short, site
from tests.forms.walking import ANSWERS, path, to_question

# ------------------------------------------------------------------ before


async def test_the_list_names_the_open_forms_only() -> None:
    closed = short(closes="2020-01-01")
    async with site(forms=lambda: {"everything": everything(), "short": closed}) as s:
        page = await s.browser.get("/")
        assert page.status == 200 and "Everything" in page.text() and "Short" not in page.text()
        assert "/f/everything?lang=en" in page.links
    async with site(forms=dict) as s:
        assert "No form is open" in (await s.browser.get("/")).text()


async def test_the_start_page_says_what_is_coming() -> None:
    async with site() as s:
        page = await s.browser.get("/f/everything")
        said = page.text()
        for words in ("About this.", "about 7 minutes", "Your papers", "To plan.", "Nobody else."):
            assert words in said
        assert page.heading == "Everything" and "Ring 0123." in page.text("footer.bottom")
        assert page.status == 200 and not s.store.drafts


@pytest.mark.parametrize(
    ("keys", "heading", "text"),
    [
        ({"opens": "2040-03-01"}, "This form is not open yet", "1 March 2040"),
        ({"closes": "2026-03-01"}, "This form is closed", "1 March 2026"),
        ({"most": 3}, "This form takes no more answers", TABLES["en"]["shut.full.text"]),
    ],
)
async def test_a_form_that_takes_nothing_says_so_on_a_page(
    keys: dict[str, object], heading: str, text: str
) -> None:
    store = MemoryStore()
    async with site(store=store, forms=lambda: {"short": short(**keys)}) as s:
        store.counted["short"] = 3
        page = await s.browser.get("/f/short")
        assert page.status == 200 and page.heading == heading and text in page.text()
        assert not page.forms
        begun = await s.browser.post("/f/short", [("_do", "start")])
        assert begun.heading == heading and not store.drafts


async def test_a_draft_of_a_form_that_has_closed_leads_to_the_page_that_says_so() -> None:
    forms = {"short": short()}
    async with site(forms=lambda: forms) as s:
        page = await s.start()
        forms["short"] = short(closes="2020-01-01")
        for later in (await s.browser.get(page.url), await s.browser.submit(page, "continue", idea="x")):
            assert later.url == "/f/short" and later.heading == "This form is closed"
            assert TABLES["en"]["shut.nothing"] in later.text()


async def test_a_start_without_our_own_page_begins_nothing() -> None:
    async with site() as s:
        page = await s.browser.get("/f/short")
        token = page.value("_view") or ""
        other = (await s.browser.get("/f/everything")).value("_view") or ""
        for wrong in ("", "x", token[:-1], other, token + "A"):
            again = await s.browser.post("/f/short", [("_view", wrong), ("_do", "start")])
            assert again.status == 422 and again.value("_view") not in (None, wrong)
        s.clock.now += 25 * 3600
        assert (await s.browser.submit(page, "start")).status == 422
        assert not s.store.drafts


# ------------------------------------------------------------------ the questions


async def test_one_question_a_page_from_the_first_to_the_last() -> None:
    async with site() as s:
        page, seen = await s.start("everything"), []
        while path(page) != "check":
            assert page.status == 200 and len([t for t, _ in page.tags if t == "h1"]) == 1
            assert page.headers["Cache-Control"] == "no-store"
            seen.append(path(page))
            given = {k: v for k, v in ANSWERS.items() if k.partition("--")[0] == path(page)}
            page = await s.browser.submit(page, "continue", **given)
        assert seen == [q.id for q in everything().form.questions]
        for text in ("Ada Citizen", "1 Elm Road", "Pear", "It is sweet", "1.5", "Not provided"):
            assert text in page.text()
        assert [t for t in ("You", "What you think") if t in page.text("h2")] == ["You", "What you think"]


async def test_a_question_that_does_not_apply_is_not_asked() -> None:
    async with site() as s:
        page = await s.to_check("everything", **{**ANSWERS, "one": "a"})
        assert "Why a pear?" not in page.text()
        there = await s.browser.get(page.url.replace("/check", "/q/why"))
        assert path(there) == "check"


async def test_every_input_is_tied_to_its_label_hint_and_error() -> None:
    async with site() as s:
        page = await to_question(s, "everything", "one", name="Ada")
        wrong = await s.browser.submit(page, "continue")
        assert wrong.status == 422 and "Select an answer to “Which one?”" in wrong.text("div.summary")
        group = next(a for t, a in wrong.tags if t == "fieldset")
        assert group["aria-describedby"] == "one-error" and "one-error" in wrong.ids
        assert "#one" in wrong.links and "one" in wrong.ids
        assert wrong.text("title").startswith("Error: Which one?")
        summary = next(a for _, a in wrong.tags if a.get("class") == "summary")
        assert summary["role"] == "alert" and "autofocus" in summary and summary["tabindex"] == "-1"


@pytest.mark.parametrize(
    ("question", "given", "anchor"),
    [
        ("name", {"name": "A" * 21}, "name"),
        ("mail", {"mail": "ada at home"}, "mail"),
        ("phone", {"phone": "none"}, "phone"),
        ("born", {"born--day": "31", "born--month": "2", "born--year": "1980"}, "born--day"),
        ("order", {"order--a": "1", "order--b": "1"}, "order--b"),
        ("size", {"size": "100"}, "size"),
        ("words", {"words": "é" * 101}, "words"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_written_is_kept(
    question: str, given: dict[str, str], anchor: str
) -> None:
    async with site() as s:
        page = await to_question(s, "everything", question, **ANSWERS)
        wrong = await s.browser.submit(page, "continue", **given)
        assert wrong.status == 422 and path(wrong) == question
        assert {k: wrong.value(k) for k in given} == given
        assert f"#{anchor}" in wrong.links and anchor in wrong.ids
        assert not any(w in wrong.text().lower() for w in ("invalid", "please", "sorry"))


async def test_browsers_know_what_to_fill_in() -> None:
    async with site() as s:
        page = await s.start("everything")
        known: dict[str, str] = {}
        while path(page) != "check":
            known |= {a["id"]: a["autocomplete"] for _, a in page.tags if "autocomplete" in a and "id" in a}
            given = {k: v for k, v in ANSWERS.items() if k.partition("--")[0] == path(page)}
            page = await s.browser.submit(page, "continue", **given)
        assert known == {
            "name": "name",
            "mail": "email",
            "phone": "tel",
            "home--street": "address-line1",
            "home--extra": "address-line2",
            "home--postcode": "postal-code",
            "home--town": "address-level2",
            "born--day": "bday-day",
            "born--month": "bday-month",
            "born--year": "bday-year",
        }


async def test_back_leads_to_the_question_before_with_its_answer() -> None:
    async with site() as s:
        page = await to_question(s, "everything", "phone", name="Ada")
        back = await s.browser.get(page.links[2])
        assert path(back) == "mail"
        first = await s.browser.get(back.links[2])
        assert path(first) == "name" and first.value("name") == "Ada"
        assert first.links[2] == "/f/everything?lang=en"


async def test_out_of_turn_leads_to_the_first_open_question() -> None:
    async with site() as s:
        page = await s.start("everything")
        for later in ("q/words", "check", "q/mail", ""):
            assert path(await s.browser.get(page.url.replace("q/name", later).rstrip("/"))) == "name"
        assert (await s.browser.get(page.url.replace("q/name", "q/nothing"))).status == 404


async def test_a_post_out_of_turn_sends_nothing() -> None:
    async with site() as s:
        page = await s.start("everything")
        there = await s.browser.post(page.url.replace("q/name", "check"), [("_do", "send")])
        assert path(there) == "name" and not s.ledger.asked


async def test_change_leads_back_to_the_check_page() -> None:
    async with site() as s:
        check = await s.to_check("everything", **ANSWERS)
        link = next(a for a in check.links if "/q/size" in a)
        question = await s.browser.get(link)
        assert question.value("size") == "1.5" and question.links[2].endswith("/check")
        again = await s.browser.submit(question, "continue", size="100")
        assert again.status == 422
        done = await s.browser.submit(again, "continue", size="2")
        assert path(done) == "check" and "2 m" in done.text()


async def test_change_asks_what_newly_applies_first() -> None:
    async with site() as s:
        check = await s.to_check("everything", **{**ANSWERS, "one": "a"})
        question = await s.browser.get(next(a for a in check.links if "/q/one" in a))
        newly = await s.browser.submit(question, "continue", one="b")
        assert path(newly) == "why" and newly.links[2].endswith("/check")
        assert path(await s.browser.submit(newly, "continue", why="Sweet")) == "check"


async def test_an_answer_that_no_longer_applies_is_not_sent_but_kept() -> None:
    async with site() as s:
        check = await s.to_check("everything", **ANSWERS)
        one = await s.browser.get(next(a for a in check.links if "/q/one" in a))
        check = await s.browser.submit(one, "continue", one="a")
        assert "sweet" not in check.text()
        one = await s.browser.get(next(a for a in check.links if "/q/one" in a))
        check = await s.browser.submit(one, "continue", one="b")
        assert "It is sweet" in check.text()
