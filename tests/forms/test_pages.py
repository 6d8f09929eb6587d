"""What all pages have in common: languages, colours, words that stay words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.forms.fields import (
    AddressField,
    CheckboxesField,
    DateField,
    Field,
    FileField,
    RadiosField,
    RankingField,
    SelectField,
)
from bridge.forms.schema import OpenForm, parse
from bridge.forms.words import TABLES
from tests.forms.memory_store import Clock
from tests.forms.site import example, settings, short, site
from tests.forms.walking import path

# ------------------------------------------------------------------ languages


async def test_the_language_is_chosen_kept_and_changed_on_the_way() -> None:
    async with site() as s:
        page = await s.start("short", "de")
        assert page.heading == "Ihre Idee" and page.headers["Content-Language"] == "de"
        page = await s.browser.submit(page, "continue", idea="Eine Bank")
        assert "Ihre E-Mail" in page.heading
        english = await s.browser.get(next(a for a in page.links if "lang=en" in a and "/q/" in a))
        assert "Your e-mail" in english.heading
        check = await s.browser.submit(english, "continue")
        await s.browser.submit(check, "send")
        assert s.sent[0].language == "en" and "Eine Bank" in check.text()


async def test_change_keeps_its_way_back_in_another_language() -> None:
    async with site() as s:
        check = await s.to_check(idea="A bench")
        question = await s.browser.get(next(a for a in check.links if "/q/idea" in a))
        german = await s.browser.get(next(a for a in question.links if "lang=de" in a))
        assert path(await s.browser.submit(german, "continue")) == "check"


def answer(question: Field) -> dict[str, str]:
    """Something that the question takes, as inputs send it."""
    match question:
        case RadiosField() | SelectField() | CheckboxesField():
            return {question.id: question.options[0].value}
        case RankingField():
            return {f"{question.id}--{o.value}": str(n) for n, o in enumerate(question.options, 1)}
        case DateField():
            return {f"{question.id}--{p}": v for p, v in (("day", "3"), ("month", "2"), ("year", "2026"))}
        case AddressField():
            return {f"{question.id}--{p}": "1" for p in ("street", "postcode", "town")}
        case FileField():
            return {}
        case _:
            return {question.id: GIVEN.get(question.type, "Ada")}


GIVEN = {"email": "ada@home.example", "phone": "0123 456789", "number": "3", "agreement": "yes"}


@pytest.mark.parametrize("name", ["park-ideas", "park-survey", "street-complaint"])
@pytest.mark.parametrize("language", sorted(TABLES))
async def test_every_page_is_whole_in_every_language(name: str, language: str) -> None:
    """Every question of the example forms, empty and answered, to the confirmation."""
    opened = replace(example(name), languages=(language, "en"))
    spoken = language if language in opened.form.languages else opened.form.languages[0]
    questions = {q.id: q for q in opened.form.questions}
    async with site(forms=lambda: {opened.form.id: opened}) as s:
        page = await s.start(opened.form.id, language)
        while path(page) != "check":
            question = questions[path(page)]
            assert page.headers["Content-Language"] == spoken
            assert next(a for t, a in page.tags if t == "html")["lang"] == spoken
            if question.required:
                wrong = await s.browser.submit(page, "continue")
                assert wrong.status == 422 and wrong.links
            page = await s.browser.submit(page, "continue", **answer(question))
            assert page.status == 200, page.text()
        done = await s.browser.submit(page, "send")
        assert path(done) == "sent" and s.sent[0].language == spoken


# ------------------------------------------------------------------ spam, themes, other sites


async def test_what_only_machines_fill_in_holds_the_submission_and_refuses_nobody() -> None:
    async with site() as s:
        check = await s.to_check(idea="A bench")
        done = await s.browser.submit(check, "send", _subject2="buy now")
        assert path(done) == "sent" and "spam_trap" in s.sent[0].suspicions


async def test_the_network_of_a_submission_is_known_for_the_brake() -> None:
    async with site() as s:
        await s.browser.submit(await s.to_check(idea="A bench"), "send")
        assert s.sent[0].network == "127.0.0.0/24"


async def test_colours_come_from_the_form_or_the_organisation() -> None:
    green = OpenForm(
        parse(
            'id: green\ntitle: Green\ntheme: {colour: "#1d5c2e"}\nquestions: [{id: a, type: text, label: A}]',
            "f",
        ),
        "x",
        ("en",),
        "X",
    )
    async with site(forms=lambda: {"green": green, "short": short()}) as s:
        page = await s.browser.get("/f/green")
        sheets = [a["href"] for t, a in page.tags if t == "link" and a["rel"] == "stylesheet"]
        assert [x.split("?")[0] for x in sheets] == ["/static/folkmoot.css", "/theme/green.css"]
        for name, text in (
            ("green", ":root { --brand: #1d5c2e; }"),
            ("short", ""),
            ("-", ""),
            ("none", None),
        ):
            async with s.browser.session.get(f"{s.browser.root}/theme/{name}.css") as answer:
                assert answer.status == (404 if text is None else 200)
                assert text is None or (await answer.text()).strip() == text


async def test_links_begin_with_the_path_of_the_public_address() -> None:
    async with site(chosen=settings("https://alder.example/say/")) as s:
        page = await s.browser.get("/f/short")
        assert page.forms[0].action.startswith("/say/f/short")
        assert all(a.startswith(("/say/", "#")) for a in page.links)


async def test_hostile_words_stay_words() -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'
    async with site() as s:
        page = await s.start()
        check = await s.browser.submit(page, "continue", idea=evil)
        check = await s.browser.submit(check, "continue")
        assert evil in check.text() and "49" not in check.text()
        assert not any(t in ("script", "img") for t, _ in check.tags)
        question = await s.browser.get(next(a for a in check.links if "/q/idea" in a))
        assert question.value("idea") == evil and "<script" not in question.html


async def test_nothing_is_fetched_from_elsewhere_and_no_cookie_is_set() -> None:
    async with site() as s:
        for page in (await s.browser.get("/"), await s.start("everything"), await s.to_check(idea="x")):
            loaded = [
                a.get("src") or a.get("href", "") for t, a in page.tags if t in ("link", "img", "script")
            ]
            assert loaded and all(x.startswith("/") and not x.startswith("//") for x in loaded)
            assert "Set-Cookie" not in page.headers and not any(t == "script" for t, _ in page.tags)
        assert not list(s.browser.session.cookie_jar)


async def test_two_stores_in_time_keep_drafts_apart() -> None:
    async with site(clock=Clock()) as s:
        one, two = await s.start(), await s.start()
        await s.browser.submit(one, "continue", idea="One")
        await s.browser.submit(two, "continue", idea="Two")
        assert (await s.browser.get(one.url)).value("idea") == "One"
        assert (await s.browser.get(two.url)).value("idea") == "Two"
