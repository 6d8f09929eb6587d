"""Posts that nobody meant: from another site's page, sent again, without end, or never ending.

(No one CVE: cross-site request forgery, replayed forms, Slowloris, floods.)  A browser says where a post
comes from, and no page listens to another site.  What is sent carries a number that is good once, or is
bound to a draft that is sent once.  Who stalls is let go, and costs nobody else their turn.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest

from bridge.forms import guard
from bridge.forms.body import BodyReader, Limits
from tests.forms.a_case import acts, put
from tests.forms.routes import addresses
from tests.forms.site import Page, Site, settings, site
from tests.forms.stalling import Stalled, honest, question_with_files
from tests.waiting import until

LIMIT = 0.5
"""Seconds that 99 of 100 requests of an honest visitor must stay below."""

ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://forms.alder.example.evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://forms.alder.example"},
)

# ------------------------------------------------------------------ from another site


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_no_page_listens_to_another_site(headers: dict[str, str]) -> None:
    """Every address that takes posts, but the one for programs that end mailings (RFC 8058)."""
    async with site() as s:
        check = await s.to_check(idea="A bench")
        address = put(s)
        case = await s.browser.get(address)
        (draft,) = s.store.drafts.values()
        token = check.url.split("/d/")[1].split("/")[0]
        page = address.rpartition("/")[2]
        paths = {*addresses(s, "POST", token=token), *addresses(s, "POST", token=page)}
        paths = {path for path in paths if not path.startswith("/u/")}
        assert f"/f/short/d/{token}/check" in paths and address in paths
        for path in sorted(paths):
            for page_of in (check, case):
                values = [*page_of.values, ("_do", "send"), ("_do", "erase"), ("text", "x")]
                assert (await s.browser.post(path, values, headers=headers)).status == 403, path
        assert not s.ledger.arrivals and list(s.store.drafts.values()) == [draft]
        done = await s.browser.submit(check, "send")
        assert done.url.split("?")[0].endswith("/sent"), "the person's own post is taken"


async def test_a_link_from_another_site_leads_here_and_does_nothing() -> None:
    """GET changes nothing, whoever made the link."""
    async with site() as s:
        check = await s.to_check(idea="A bench")
        address = put(s)
        before = (dict(s.store.drafts), dict(s.store.pages), dict(s.store.codes))
        token = check.url.split("/d/")[1].split("/")[0]
        for value in (token, address.rpartition("/")[2], s.store.confirm_token(4)):
            for path in addresses(s, "GET", token=value):
                query = "?_do=send&_do=erase&do=confirm&done=erase&text=x&from=check"
                await s.browser.get(path + query, **{"Sec-Fetch-Site": "cross-site"})
        assert (s.store.drafts, s.store.pages, s.store.codes) == before
        assert not s.ledger.arrivals


# ------------------------------------------------------------------ sent again


async def test_a_form_is_sent_once_however_often_it_is_posted() -> None:
    async with site() as s:
        check = await s.to_check(idea="A bench")
        pages = await asyncio.gather(*(s.browser.submit(check, "send") for _ in range(20)))
        assert len(s.sent) == 1 and len(s.store.pages) == 1
        assert len({page.url for page in pages}) == 1, "each of them shows what became of it"


async def test_a_start_that_was_recorded_is_not_good_for_ever_nor_for_another_form() -> None:
    async with site() as s:
        start = await s.browser.get("/f/short")
        values = [*start.values, ("_do", "start")]
        assert (await s.browser.post("/f/everything", values)).status == 422
        s.clock.now += 24 * 3600 + 1
        assert (await s.browser.post("/f/short", values)).status == 422
        assert not s.store.drafts
        forged = [("_view", "A" * 51), ("_do", "start")]
        assert (await s.browser.post("/f/short", forged)).status == 422


@pytest.mark.parametrize("act", ["write", "withdraw", "erase", "by_page", "revoke"])
async def test_an_act_is_done_once_however_often_it_is_posted(act: str) -> None:
    async with site() as s:
        address = put(s, reach="mail")
        page = await s.browser.get(address)
        values = [("_once", page.value("_once") or ""), ("_do", act), ("text", "I have a question")]
        for _ in range(5):
            await s.browser.post(address, values)
        assert [done.act for done in acts(s)] == ([act] if act != "revoke" else [])
        assert s.store.turns.get(4, 0) == (1 if act == "revoke" else 0)


async def test_a_number_of_one_page_is_none_of_another() -> None:
    async with site() as s:
        mine, theirs = put(s), put(s, id=5)
        once = (await s.browser.get(mine)).value("_once") or ""
        for act in ("erase", "withdraw", "write", "revoke"):
            got = await s.browser.post(theirs, [("_once", once), ("_do", act), ("text", "x")])
            assert got.status == 422
        assert not acts(s) and not s.store.turns


# ------------------------------------------------------------------ without end


def coming_from(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.51.{number}.7"}


async def submitted(s: Site, number: int) -> Page:
    """A form sent by somebody in the network with this number."""
    headers = coming_from(number)
    start = await s.browser.get("/f/short", **headers)
    page = await s.browser.post("/f/short", [*start.values, ("_do", "start")], headers=headers)
    for name, value in (("idea", f"Idea of {number}"), ("mail", "")):
        page = await s.browser.post(
            page.forms[0].action, [(name, value), ("_do", "continue")], headers=headers
        )
    s.clock.now += 60
    return await s.browser.post(page.forms[0].action, [("_do", "send")], headers=headers)


async def test_a_flood_of_one_network_is_held_and_nobody_is_refused() -> None:
    """It is staff who look: a school class sends as many."""
    behind = replace(settings(), proxies=(ip_network("127.0.0.0/8"),))
    async with site(chosen=behind) as s:
        for _ in range(behind.spam.per_network + 5):
            assert (await submitted(s, 1)).status == 200
        await submitted(s, 2)
        held = [sent.suspicions for sent in s.sent]
        assert held == [()] * behind.spam.per_network + [("spam_network",)] * 5 + [()]
        assert s.channel.numbers()["forms_network_total"] == 5


async def test_counting_alone_holds_nothing() -> None:
    counted = replace(settings(), spam=replace(settings().spam, mode="count", per_network=1))
    async with site(chosen=counted) as s:
        for _ in range(3):
            await s.browser.submit(await s.to_check(idea="x"), "send", _subject2="buy")
        assert [sent.suspicions for sent in s.sent] == [()] * 3
        numbers = s.channel.numbers()
        assert numbers["forms_trap_total"] == 3 and numbers["forms_network_total"] == 2
        assert numbers["forms_suspected_total"] == 3 and numbers["forms_fast_total"] == 3


# ------------------------------------------------------------------ never ending


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Enough for both ends of a thousand connections."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[1], 8192), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_a_thousand_who_stall_cost_nobody_their_turn(
    descriptors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the head of a request, in a file, and in reading what they asked for; then all are let go."""
    monkeypatch.setattr(guard, "STALLED", 12)
    monkeypatch.setattr("bridge.forms.channel.IDLE", 12)
    async with site(reader=BodyReader(Limits(stall=12))) as s:
        stalled = Stalled(s.channel.port, await question_with_files(s.browser, s.store))
        try:
            await stalled.open(1000)
            assert stalled.alive() == 1000
            await honest(s.browser, 1, stalled)  # what they asked for while they came is dealt with
            times = await honest(s.browser, 20, stalled)
            assert times.percentile(0.5) < LIMIT and times.percentile(0.95) < LIMIT
            await until(lambda: stalled.alive() == 0, deadline=90, what="all who stall are let go")
            assert s.store.contents == {} and len(s.sent) == 21
        finally:
            stalled.close()
