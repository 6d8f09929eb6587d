"""Confirming an address by the link in a mail."""

from __future__ import annotations

from dataclasses import replace

from bridge.errors import Retry
from bridge.forms.words import TABLES
from bridge.inbound import PageIn
from tests.forms.a_case import a_page, acts, arrivals, put
from tests.forms.site import Site, site
from tests.forms.test_case import well_made


def unconfirmed(s: Site) -> str:
    """The link of the mail for a page whose address is not confirmed."""
    put(s, state="unconfirmed", confirmed=False, reach="unconfirmed")
    return f"/c/{s.store.confirm_token(4)}"


async def test_the_link_shows_a_button_and_the_button_confirms() -> None:
    async with site() as s:
        link = unconfirmed(s)
        for _ in range(3):
            page = await s.browser.get(link)
            assert page.status == 200 and not s.ledger.arrivals, "programs that look into mails follow links"
        well_made(page)
        assert "a…@home.example" in page.text() and "ada@" not in page.html and "Benches" not in page.html
        assert "“Short”" in page.text() and "14 January 2027, 04:13" in page.text()
        assert not any("/t/" in x for x in page.links)
        done = await s.browser.submit(page, "confirm")
        assert done.url == f"/t/{s.store.page_token(4)}?done=confirm" and done.status == 200
        assert acts(s) == [PageIn(4, "confirm")] and done.text("div.banner")


async def test_twice_is_as_good_as_once() -> None:
    async with site() as s:
        link = unconfirmed(s)
        page = await s.browser.get(link)
        for _ in range(3):
            assert (await s.browser.submit(page, "confirm")).status == 200
        assert len(arrivals(s)) == 1
        s.store.pages[4] = replace(s.store.pages[4], confirmed=True, reach="mail", state="open")
        again = await s.browser.get(link)
        assert again.status == 200 and not again.forms
        well_made(again)
        assert f"/t/{s.store.page_token(4)}" in again.links
        assert (await s.browser.submit(page, "confirm")).status == 200 and len(arrivals(s)) == 1


async def test_it_leads_to_the_page_where_that_is_now() -> None:
    async with site() as s:
        link = unconfirmed(s)
        await s.store.revoke(4)
        done = await s.browser.submit(await s.browser.get(link), "confirm")
        assert done.status == 200 and done.url.startswith(f"/t/{s.store.page_token(4, 1)}?")


async def test_a_link_that_is_not_known_says_what_to_do() -> None:
    async with site() as s:
        link = unconfirmed(s)
        for wrong in (link[:-1], link + "x", "/c/x", f"/c/{s.store.page_token(4)}"):
            page = await s.browser.get(wrong)
            assert page.status == 404 and page.heading == TABLES["en"]["case.confirm.gone.title"]
            assert (await s.browser.post(wrong, [("_do", "confirm")])).status == 404
        assert not s.ledger.arrivals


async def test_the_token_of_a_mail_is_no_key_to_the_page() -> None:
    async with site() as s:
        link = unconfirmed(s)
        assert (await s.browser.get(link.replace("/c/", "/t/"))).status == 404


async def test_the_ledger_out_of_reach_is_said() -> None:
    async with site() as s:
        page = await s.browser.get(unconfirmed(s))
        s.ledger.fail = [Retry("locked")]
        failed = await s.browser.submit(page, "confirm")
        assert failed.status == 503 and failed.text("div.banner")
        well_made(failed)
        done = await s.browser.submit(failed, "confirm")
        assert done.status == 200 and len(arrivals(s)) == 1


async def test_it_speaks_the_language_of_the_page() -> None:
    async with site() as s:
        s.store.pages[4] = a_page(language="de", confirmed=False, reach="unconfirmed")
        page = await s.browser.get(f"/c/{s.store.confirm_token(4)}", **{"Accept-Language": "en"})
        assert page.headers["Content-Language"] == "de" and "„Kurz“" in page.text()
        english = await s.browser.get(page.url + "?lang=en")
        assert english.headers["Content-Language"] == "en"


async def test_another_site_cannot_confirm() -> None:
    async with site() as s:
        link = unconfirmed(s)
        answer = await s.browser.post(link, [("_do", "confirm")], headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status == 403 and not s.ledger.arrivals
