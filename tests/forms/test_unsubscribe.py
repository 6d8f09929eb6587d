"""Ending mailings over real HTTP: by a person's button, and by a program's one click."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bridge.errors import Broken, Retry
from bridge.forms.packing import pack_unsubscribe, unpack_unsubscribe
from bridge.forms.words import TABLES
from bridge.formstore import Mailed
from bridge.inbound import UnsubscribeIn
from tests.forms.site import Site, settings, site
from tests.forms.test_case import well_made

TOKEN = "jb9wJ3bHkKzQb7n1k0mY2g"
HERE = f"/u/{TOKEN}"
ADA = Mailed(7, "Riverside Park 2027", "en", "mail", left=False)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def known(s: Site, mailed: Mailed = ADA) -> None:
    s.store.mailings[TOKEN] = mailed


def heard(s: Site) -> list[UnsubscribeIn]:
    return [unpack_unsubscribe(a.raw) for a in s.ledger.of("unsubscribe")]


@pytest.fixture(name="site_")
async def _site() -> AsyncIterator[Site]:
    """The pages, with a token that leads to Ada."""
    async with site() as s:
        known(s)
        yield s


async def clicks(s: Site, path: str = HERE, **headers: str) -> aiohttp.ClientResponse:
    """What a mail provider does (RFC 8058 section 3.2): no cookies, no nonce, no redirect."""
    async with s.browser.session.post(
        s.browser.root + path, data=ONE_CLICK, headers=headers, allow_redirects=False
    ) as answer:
        await answer.read()
        return answer


async def test_one_click_is_asked_nothing(site_: Site) -> None:
    answer = await clicks(site_)
    assert answer.status == 200 and heard(site_) == [UnsubscribeIn(7)]
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"


async def test_a_program_may_post_it_as_a_form_with_parts(site_: Site) -> None:
    data = aiohttp.FormData(default_to_multipart=True)
    data.add_field("List-Unsubscribe", "One-Click")
    async with site_.browser.session.post(site_.browser.root + HERE, data=data) as answer:
        assert answer.status == 200
    assert heard(site_) == [UnsubscribeIn(7)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://mail.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Referer": "https://mail.example/inbox"},
    ],
)
async def test_it_may_come_from_anywhere(site_: Site, headers: dict[str, str]) -> None:
    assert (await clicks(site_, **headers)).status == 200 and len(heard(site_)) == 1


async def test_looking_ends_nothing(site_: Site) -> None:
    for _ in range(2):
        page = await site_.browser.get(HERE)
        assert page.status == 200 and page.heading == TABLES["en"]["leave.title"]
    async with site_.browser.session.head(site_.browser.root + HERE) as answer:
        assert answer.status == 200
    for query in ("?List-Unsubscribe=One-Click", "?_do=leave", "?done=leave"):
        assert (await site_.browser.get(HERE + query)).heading == TABLES["en"]["leave.title"]
    assert not site_.ledger.arrivals


async def test_a_person_is_asked_and_then_told(site_: Site) -> None:
    page = await site_.browser.get(HERE)
    well_made(page)
    assert "Riverside Park 2027" in page.text() and TABLES["en"]["leave.stays.mail"] in page.text()
    async with site_.browser.session.post(
        site_.browser.root + HERE, data={"_do": "leave"}, allow_redirects=False
    ) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, HERE)
    assert heard(site_) == [UnsubscribeIn(7)]
    known(site_, replace(ADA, left=True))
    done = await site_.browser.submit(page, "leave")
    well_made(done)
    assert done.heading == TABLES["en"]["leave.done.title"] and not done.forms
    assert TABLES["en"]["leave.stays.mail"] in done.text() and "Riverside Park 2027" in done.text()


async def test_twice_is_as_good_as_once(site_: Site) -> None:
    for _ in range(3):
        assert (await clicks(site_)).status == 200
    assert len(heard(site_)) == 1
    known(site_, replace(ADA, left=True))
    site_.ledger.fail.append(Retry("locked"))
    assert (await clicks(site_)).status == 200, "nothing has to be noted any more"


@pytest.mark.parametrize("reach", ["mail", "page", "unconfirmed", "none"])
@pytest.mark.parametrize("language", sorted(TABLES))
async def test_every_language_and_every_way_has_words(language: str, reach: str) -> None:
    async with site() as s:
        known(s, replace(ADA, language=language, reach=reach))
        asks = await s.browser.get(HERE)
        known(s, replace(ADA, language=language, reach=reach, left=True))
        says = await s.browser.get(HERE)
        for page, key in ((asks, "leave.title"), (says, "leave.done.title")):
            shown, stays = (" ".join(TABLES[language][k].split()) for k in (key, f"leave.stays.{reach}"))
            assert page.heading == shown and page.headers["Content-Language"] == language
            assert stays in page.text()
            well_made(page)
        assert (await s.browser.get(HERE + "?lang=de")).headers["Content-Language"] == "de"


async def test_the_language_stays_that_was_chosen(site_: Site) -> None:
    page = await site_.browser.get(HERE + "?lang=fr")
    done = await site_.browser.submit(page, "leave")
    assert done.headers["Content-Language"] == "fr" and done.url == f"{HERE}?lang=fr"


async def test_other_posts_end_nothing(site_: Site) -> None:
    for values in (
        {},
        {"_do": "stay"},
        {"List-Unsubscribe": "Two-Clicks"},
        {"list-unsubscribe": "One-Click"},
    ):
        page = await site_.browser.post(HERE, list(values.items()))
        assert page.status == 400
    assert not site_.ledger.arrivals


async def test_a_link_that_is_not_ours_says_so(site_: Site) -> None:
    for token in ("x", "A" * 22, TOKEN[:-1]):
        page = await site_.browser.get(f"/u/{token}")
        assert (page.status, page.heading) == (404, TABLES["en"]["leave.gone.title"])
        well_made(page)
        assert (await clicks(site_, f"/u/{token}")).status == 404
    assert not site_.ledger.arrivals


async def test_many_dead_links_do_not_shut_a_provider_out(site_: Site) -> None:
    """Mail providers click for all of their people, from one network."""
    for number in range(120):
        assert (await clicks(site_, f"/u/dead{number}")).status == 404
    assert (await clicks(site_)).status == 200 and len(heard(site_)) == 1


async def test_what_cannot_be_stored_is_tried_again(site_: Site) -> None:
    site_.ledger.fail += [Retry("locked"), RuntimeError("full")]
    assert (await clicks(site_)).status == 503
    page = await site_.browser.submit(await site_.browser.get(HERE), "leave")
    assert page.status == 503 and TABLES["en"]["case.retry.title"] in page.text()
    assert not heard(site_)
    await site_.browser.submit(page, "leave")
    assert heard(site_) == [UnsubscribeIn(7)]


async def test_a_store_that_is_away_is_a_page(site_: Site) -> None:
    site_.store.fail.append(Retry("away"))
    assert (await clicks(site_)).status == 503


async def test_nobody_keeps_frames_or_finds_these_pages(site_: Site) -> None:
    page = await site_.browser.get(HERE)
    assert page.headers["Cache-Control"] == "no-store" and "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


async def test_below_a_path_of_a_proxy() -> None:
    async with site(chosen=settings("https://www.alder.example/say")) as s:
        known(s)
        page = await s.browser.get(HERE)
        assert [f.action for f in page.forms] == [f"/say{HERE}"]
        async with s.browser.session.post(
            s.browser.root + HERE, data={"_do": "leave"}, allow_redirects=False
        ) as answer:
            assert answer.headers["Location"] == f"/say{HERE}"


def test_bytes_and_back() -> None:
    raw = pack_unsubscribe(UnsubscribeIn(117964800000068132))
    assert unpack_unsubscribe(raw) == UnsubscribeIn(117964800000068132)
    for broken in (b"", raw[:-1], raw + b"x", raw.replace(b"participant", b"participent"), b"FMP1" + raw[4:]):
        with pytest.raises(Broken):
            unpack_unsubscribe(broken)
