"""Save and come back: the code, the link, the mail, and what they give away (nothing)."""

from __future__ import annotations

import asyncio

import pytest

from bridge.errors import Retry
from bridge.forms import qr
from bridge.forms.resume import CODE, tidy
from bridge.forms.submit import unpack_resume
from bridge.forms.words import TABLES
from bridge.formstore import DRAFT_HOURS, KEPT_DAYS
from bridge.inbound import ResumeIn
from tests.forms.memory_store import SmallLedger
from tests.forms.site import Page, Site, site
from tests.forms.walking import path

EN = TABLES["en"]


async def saved(s: Site, idea: str = "Half an ide") -> tuple[Page, str]:
    """The page with the code of a draft in which something was written, and the code."""
    page = await s.start()
    page = await s.browser.submit(page, "save", idea=idea)
    assert page.heading == EN["save.title"] and path(page) == "save"
    page = await s.browser.submit(page, "save")
    return page, path(page)


async def test_what_was_written_is_kept_though_it_was_not_finished() -> None:
    async with site() as s:
        page, code = await saved(s)
        assert page.status == 200 and len(code) == CODE
        assert page.text("p.letters").replace(" ", "") == code
        back = await s.browser.get("/f/short/return")
        question = await s.browser.submit(back, "return", code=code)
        assert path(question) == "idea" and question.value("idea") == "Half an ide"


async def test_a_code_opens_once_and_ends_the_old_address() -> None:
    async with site() as s:
        old = await s.start()
        await s.browser.submit(old, "save", idea="Half")
        offered = await s.browser.get(old.url.replace("q/idea", "save"))
        code = path(await s.browser.submit(offered, "save"))
        back = await s.browser.get("/f/short/return")
        assert path(await s.browser.submit(back, "return", code=code)) == "idea"
        assert (await s.browser.get(old.url)).status == 410
        again = await s.browser.submit(back, "return", code=code)
        assert again.status == 404 and again.value("code") == code
        assert "#code" in again.links and again.text("title").startswith("Error: ")


async def test_two_who_come_back_at_once_are_let_in_once() -> None:
    async with site() as s:
        _, code = await saved(s)
        back = await s.browser.get("/f/short/return")
        pages = await asyncio.gather(*(s.browser.submit(back, "return", code=code) for _ in range(4)))
        assert sorted(p.status for p in pages) == [200, 404, 404, 404]


async def test_a_newer_code_ends_the_earlier_one() -> None:
    async with site() as s:
        page, code = await saved(s)
        offered = await s.browser.get(page.url.rsplit("/", 1)[0])
        newer = path(await s.browser.submit(offered, "save"))
        back = await s.browser.get("/f/short/return")
        assert (await s.browser.submit(back, "return", code=code)).status == 404
        assert (await s.browser.submit(back, "return", code=newer)).status == 200


@pytest.mark.parametrize(
    "typed",
    [
        "{low}",
        " {code} ",
        "{groups}",
        "{dashes}",
        "{like}",
    ],
)
async def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    async with site() as s:
        _, code = await saved(s)
        groups = [code[i : i + 4] for i in range(0, CODE, 4)]
        like = code.replace("0", "o").replace("1", "l")
        written = typed.format(
            code=code, low=code.lower(), groups=" ".join(groups), dashes="-".join(groups), like=like
        )
        back = await s.browser.get("/f/short/return")
        assert (await s.browser.submit(back, "return", code=written)).status == 200


@pytest.mark.parametrize("written", ["", "   ", "ABC", "Ü" * CODE, "A" * 5000, "A" * (CODE + 1), "../" * 9])
def test_what_can_be_no_code_is_none(written: str) -> None:
    assert tidy(written) == ""


def test_letters_that_look_like_digits_are_read_as_those() -> None:
    assert tidy("oil0 " + "a" * 22) == "0110" + "A" * 22


async def test_an_empty_code_and_a_wrong_one_are_told_apart() -> None:
    async with site() as s:
        back = await s.browser.get("/f/short/return")
        assert EN["return.missing"] in (await s.browser.submit(back, "return", code=" ")).text()
        wrong = await s.browser.submit(back, "return", code="A" * CODE)
        assert wrong.status == 404 and EN["return.wrong"].split("{")[0] in wrong.text()


async def test_a_get_of_the_link_uses_nothing_up() -> None:
    async with site() as s:
        _, code = await saved(s)
        for _ in range(3):
            page = await s.browser.get(f"/f/short/return/{code}")
            assert page.status == 200 and page.heading == EN["return.title"]
            assert page.value("code") is None
        question = await s.browser.submit(page, "return")
        assert question.value("idea") == "Half an ide"
        used = await s.browser.get(f"/f/short/return/{code}")
        assert used.status == 404 and used.value("code") == ""


async def test_a_link_of_another_form_leads_to_its_own() -> None:
    async with site() as s:
        _, code = await saved(s)
        assert (await s.browser.get(f"/f/everything/return/{code}")).status == 404
        back = await s.browser.get("/f/everything/return")
        assert (await s.browser.submit(back, "return", code=code)).url.startswith("/f/short/d/")


async def test_who_had_answered_all_comes_back_to_the_check_page() -> None:
    async with site() as s:
        check = await s.to_check(idea="A bench")
        page = await s.browser.get(next(a for a in check.links if a.endswith("/save")))
        code = path(await s.browser.submit(page, "save"))
        back = await s.browser.get(f"/f/short/return/{code}")
        assert path(await s.browser.submit(back, "return")) == "check"


async def test_saved_answers_are_kept_for_days_and_then_gone() -> None:
    async with site() as s:
        page, code = await saved(s)
        s.clock.now += DRAFT_HOURS * 3600 + 1
        assert (await s.browser.get(page.url)).status == 200
        s.clock.now += KEPT_DAYS * 86400
        assert (await s.browser.get(f"/f/short/return/{code}")).status == 404
        assert (await s.browser.get(page.url)).status == 410


# ------------------------------------------------------------------ the link by mail and as a picture


async def test_the_link_is_mailed_in_fixed_words_once() -> None:
    async with site() as s:
        page, code = await saved(s, idea="My secret")
        for address in ("ada@home.example", " ada@home.example ", "ben@home.example"):
            told = await s.browser.submit(page, "mail", email=address)
            assert told.status == 200 and EN["saved.mailed.title"] in told.text("div.banner")
            assert "home.example" not in told.html
        arrivals = s.ledger.of("resume")
        assert len(arrivals) == 2 and "My secret" not in repr([a.raw for a in arrivals])
        assert unpack_resume(arrivals[0].raw) == ResumeIn(
            slug="park-2027",
            form="short",
            title="Short",
            language="en",
            address="ada@home.example",
            link=f"http://forms.alder.example/f/short/return/{code}",
        )
        assert "home" not in arrivals[0].key and code not in arrivals[0].key


@pytest.mark.parametrize("address", ["", "ada", "ada@home.example\nBcc: eve@home.example,x@y"])
async def test_an_address_that_is_none_is_said(address: str) -> None:
    async with site() as s:
        page, _ = await saved(s)
        wrong = await s.browser.submit(page, "mail", email=address)
        assert wrong.status == 422 and "#email" in wrong.links and not s.ledger.asked
        assert wrong.attributes("email")["aria-invalid"] == "true"


async def test_a_mail_that_cannot_be_asked_for_is_said() -> None:
    async with site(SmallLedger(fail=[Retry("locked")])) as s:
        page, _ = await saved(s)
        assert (await s.browser.submit(page, "mail", email="ada@home.example")).status == 503
        assert (await s.browser.submit(page, "mail", email="ada@home.example")).status == 200


async def test_the_picture_is_the_link_and_comes_from_here() -> None:
    async with site() as s:
        page, code = await saved(s)
        source = next(a["src"] for t, a in page.tags if t == "img")
        assert next(a["alt"] for t, a in page.tags if t == "img") == EN["saved.qr.alt"]
        async with s.browser.session.get(s.browser.root + source) as answer:
            body = await answer.read()
            assert answer.content_type == "image/svg+xml" and answer.headers["Cache-Control"] == "no-store"
        assert body == qr.svg(f"http://forms.alder.example/f/short/return/{code}")
        assert b"<script" not in body and b"style" not in body


async def test_a_code_that_opens_nothing_shows_no_page_and_no_picture() -> None:
    async with site() as s:
        page, code = await saved(s)
        other = page.url.replace(code, "A" * CODE)
        for address in (other, other + "/qr.svg"):
            assert (await s.browser.get(address)).status == 404
        fresh = await s.start()
        assert (await s.browser.get(fresh.url.replace("q/idea", f"save/{code}"))).status == 404


async def test_changes_of_what_was_sent_are_not_saved() -> None:
    async with site() as s:
        await s.browser.submit(await s.to_check(idea="A bench"), "send")
        token = await s.store.begin("short", "en", changes=s.sent[0].page, values={"idea": ["A bench"]})
        assert (await s.browser.get(f"/f/short/d/{token}/save")).status == 404
        assert (await s.browser.post(f"/f/short/d/{token}/save", [("_do", "save")])).status == 404
