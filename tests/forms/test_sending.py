"""What is sent, once and whole; and changes of what was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bridge.channel import Arrival
from bridge.errors import Retry
from bridge.forms.receipt import digest
from bridge.forms.submit import unpack_page
from bridge.forms.words import TABLES
from bridge.formstore import DRAFT_HOURS
from bridge.inbound import AnswerChange, FormIn, PageIn
from tests.forms.memory_store import SmallLedger
from tests.forms.site import PNG, Page, Site, open_forms, site
from tests.forms.walking import ANSWERS, path, to_question

# ------------------------------------------------------------------ sending


async def test_what_is_sent() -> None:
    async with site() as s:
        page = await to_question(s, "everything", "papers", **ANSWERS)
        page = await s.browser.submit(page, "continue", [("papers", "plan.png", "", PNG)])
        page = await s.browser.submit(page, "continue")
        check = await s.browser.submit(page, "continue", agree="yes")
        s.clock.now += 60
        done = await s.browser.submit(check, "send")
        assert done.status == 200 and done.url.startswith("/t/") and path(done) == "sent"
        (form,) = s.sent
        assert (form.name, form.address, form.confirm) == ("Ada Citizen", "ada@home.example", "after")
        assert {a.id: a.text for a in form.answers}["words"] == "A bench.\nAnd shade."
        assert [(a.name, a.data) for a in form.attachments] == [("plan.png", PNG)]
        assert (form.notice, form.retention_days, form.suspicions) == ("7", 90, ())
        (arrival,) = s.ledger.of("submission")
        assert arrival.reference == form.reference and form.reference in done.text()
        kept = s.store.pages[form.page]
        assert digest(kept.receipt) == form.digest and form.digest in done.text()
        assert json.loads(kept.receipt)["reference"] == form.reference
        assert kept.values["words"] == ["A bench.\nAnd shade."]


@pytest.mark.parametrize("at_once", [1, 2, 5])
async def test_however_often_it_is_sent_it_is_one_case(at_once: int) -> None:
    async with site() as s:
        check = await s.to_check(idea="A bench")
        pages = await asyncio.gather(*(s.browser.submit(check, "send") for _ in range(at_once)))
        later = [await s.browser.submit(check, "send"), await s.browser.get(check.url)]
        back = await s.browser.get(check.url.replace("check", "q/idea"))
        assert len({p.url for p in (*pages, *later, back)}) == 1
        assert len(s.sent) == 1 and len(s.store.pages) == 1


async def test_a_taken_reference_is_replaced_by_another() -> None:
    class Taken(SmallLedger):
        refused = 0

        async def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
            if self.refused < 2:
                self.refused += 1
                self.taken |= {a.reference or "" for a in arrivals}
            return await super().__call__(arrivals)

    ledger = Taken()
    async with site(ledger) as s:
        done = await s.browser.submit(await s.to_check(idea="A bench"), "send")
        assert s.sent[0].reference in done.text() and len(ledger.taken) == 3
        assert len({a.key for a in ledger.arrivals.values()}) == 1


@pytest.mark.parametrize("fault", [Retry("locked"), OSError("disk full"), RuntimeError("ours")])
async def test_when_it_cannot_be_stored_the_page_says_so_and_keeps_all(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with site(SmallLedger(fail=[fault])) as s:
        check = await s.to_check(idea="A secret bench")
        page = await s.browser.submit(check, "send")
        assert (
            page.status == 503
            and TABLES["en"]["retry.title"] in page.text()
            and "A secret bench" in page.text()
        )
        assert page.text("title").startswith("Not sent yet: ") and not s.sent and not s.store.pages
        assert "secret" not in caplog.text
        done = await s.browser.submit(page, "send")
        assert path(done) == "sent" and len(s.sent) == 1


async def test_the_answer_comes_after_the_commit() -> None:
    gate = asyncio.Event()

    class Slow(SmallLedger):
        async def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
            await gate.wait()
            return await super().__call__(arrivals)

    async with site(Slow()) as s:
        check = await s.to_check(idea="A bench")
        task = asyncio.create_task(s.browser.submit(check, "send"))
        assert (await s.browser.get("/")).status == 200
        assert not task.done()
        gate.set()
        assert path(await task) == "sent"


async def test_a_store_that_cannot_be_reached_is_a_page_and_loses_nothing() -> None:
    async with site() as s:
        page = await s.start()
        s.store.fail = [Retry("locked")]
        busy = await s.browser.submit(page, "continue", idea="A bench")
        assert busy.status == 503 and busy.headers["Retry-After"] == "60" and "A bench" not in busy.html
        assert (await s.browser.submit(page, "continue", idea="A bench")).status == 200


async def test_an_answer_that_the_form_no_longer_takes_is_mended_before_it_is_sent() -> None:
    forms = dict(open_forms())
    async with site(forms=lambda: forms) as s:
        check = await s.to_check(idea="A bench")
        opened = forms["short"]
        idea = opened.form.questions[0].model_copy(update={"max_length": 3})
        smaller = opened.form.model_copy(update={"alone": (idea, *opened.form.questions[1:])})
        forms["short"] = replace(opened, form=smaller)
        page = await s.browser.submit(check, "send")
        assert page.status == 422 and not s.ledger.asked
        link = next(a for a in page.links if a.endswith("/q/idea?from=check"))
        mended = await s.browser.submit(await s.browser.get(link), "continue", idea="Yes")
        assert path(await s.browser.submit(mended, "send")) == "sent"


async def test_a_draft_is_gone_after_a_day_without_a_touch() -> None:
    async with site() as s:
        page = await s.start()
        s.clock.now += DRAFT_HOURS * 3600 - 1
        page = await s.browser.submit(page, "continue", idea="A bench")
        assert page.status == 200
        s.clock.now += DRAFT_HOURS * 3600 + 1
        for gone in (await s.browser.get(page.url), await s.browser.submit(page, "continue")):
            assert gone.status == 410 and gone.heading == TABLES["en"]["expired.title"]


async def test_a_draft_opens_under_its_own_form_only() -> None:
    async with site() as s:
        page = await s.start()
        other = page.url.replace("/short/", "/everything/").replace("/q/idea", "/q/name")
        assert (await s.browser.get(other)).status == 410


# ------------------------------------------------------------------ changing what was sent


async def changing(s: Site) -> tuple[FormIn, Page]:
    """A submission, and the check page of a draft that changes it."""
    await s.browser.submit(await s.to_check("everything", **ANSWERS), "send")
    (form,) = s.sent
    values = {**s.store.pages[form.page].values, "_turn": ["0"]}
    token = await s.store.begin("everything", "en", changes=form.page, values=values)
    return form, await s.browser.get(f"/f/everything/d/{token}/check")


async def test_a_change_is_sent_as_what_is_different() -> None:
    async with site() as s:
        form, page = await changing(s)
        assert "Your papers" not in page.text() and not any("/save" in a for a in page.links)
        assert page.form(("_do", "send")) and "Send your changes" in page.text()
        size = await s.browser.get(next(a for a in page.links if "/q/size" in a))
        page = await s.browser.submit(size, "continue", size="3")
        assert path(page) == "check"
        done = await s.browser.submit(page, "send")
        assert done.url == f"/t/{s.store.page_token(form.page)}?done=change"
        (arrival,) = s.ledger.of("page")
        assert unpack_page(arrival.raw) == PageIn(
            form.page, "change", changes=(AnswerChange("How big?", "1.5\u00a0m", "3\u00a0m"),)
        )
        assert s.store.pages[form.page].values["size"] == ["3"]
        assert (await s.browser.submit(page, "send")).url == done.url and len(s.ledger.of("page")) == 1


async def test_a_change_of_nothing_is_said_and_not_sent() -> None:
    async with site() as s:
        _, page = await changing(s)
        page = await s.browser.submit(page, "send")
        assert page.status == 200 and TABLES["en"]["unchanged.title"] in page.text()
        assert not s.ledger.of("page")


async def test_a_change_asks_what_newly_applies() -> None:
    async with site() as s:
        _, page = await changing(s)
        one = await s.browser.get(next(a for a in page.links if "/q/one" in a))
        page = await s.browser.submit(one, "continue", one="a")
        assert path(page) == "check" and "sweet" not in page.text()


async def test_a_change_dies_with_the_address_that_it_came_from() -> None:
    async with site() as s:
        form, page = await changing(s)
        await s.store.revoke(form.page)
        size = await s.browser.get(next(a for a in page.links if "/q/size" in a))
        page = await s.browser.submit(size, "continue", size="3")
        assert (await s.browser.submit(page, "send")).status == 410 and not s.ledger.of("page")
