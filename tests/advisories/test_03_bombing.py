"""Bombing a victim with acknowledgements: the desk as a carrier of anybody's words to anybody's address.

(No CVE: every form that confirms by mail.)  Many mails that name one address give at most three
acknowledgements a day, one a case; many forms, and whatever is done on their pages, give one mail a day.
All in fixed words, without the sender's subject, name or text.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import aiohttp
import pytest

from bridge import reference
from bridge.channel import Arrival, Item
from bridge.email.parse import read
from bridge.errors import Refuse, Retry
from bridge.forms.channel import READERS, FormsChannel
from bridge.forms.submit import unpack_page
from bridge.formstore import NewPage
from bridge.inbound import FormAnswer, FormIn, Inbound, PageAct, PageIn, ResumeIn
from bridge.ledger.formstore import FormStore
from bridge.model import Source
from tests.email.mails import mail
from tests.email.office import Office, kinds, opened, shown
from tests.email.sink import Taken
from tests.forms.memory_store import Counter
from tests.forms.site import Browser, Page, open_forms, settings
from tests.ledger.home import Sent
from tests.waiting import until

VICTIM = "victim@home.example"
WORD = "CheapPills"
DAY = 86_400
PAGES = "https://forms.alder.example"
Way = Callable[[Office, int], Awaitable[list[Sent]]]


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path) as office:
        yield office


async def by_mail(office: Office, n: int, address: str = VICTIM) -> list[Sent]:
    sender = {"from": f"{WORD} <{address}>", "subject": f"{WORD} {n}", "message_id": f"<{n}{WORD}@x.example>"}
    return await office.come(mail(f"{WORD} {n}", **sender), mail_from="bot@birch.example")


def form(n: int, address: str = VICTIM) -> FormIn:
    """A form of a stranger who names somebody's address, with words in every place they can fill."""
    return FormIn(
        slug="park-2027",
        form="ideas",
        title="Ideas",
        staff_title="Ideas",
        reference=reference.new("park-2027", lambda size: n.to_bytes(size, "big")),
        language="en",
        name=WORD,
        address=address,
        answers=(FormAnswer("idea", "Idea", f"{WORD} {n}", "Idea", f"{WORD} {n}"),),
        page=1_000 + n,
        network=f"192.0.2.{n}",
    )


async def submit(office: Office, sent: FormIn) -> list[Sent]:
    """As the pages hand a form on."""
    ledger = office.home.ledger
    store: FormStore = ledger.forms(unpack_page)
    receipt = json.dumps({"answers": [{"question": "Idea", "answer": WORD, "files": []}]})
    page = NewPage(
        id=sent.page,
        draft=0,
        arrival=f"form:{sent.page}",
        form=sent.form,
        slug=sent.slug,
        reference=sent.reference,
        language=sent.language,
        address=sent.address,
        title=sent.title,
        receipt=receipt,
        values={"idea": [WORD]},
    )
    arrival = Arrival(
        Source.FORM,
        "submission",
        page.arrival,
        b"{}",
        reference=sent.reference,
        also=store.with_page(page),
    )
    (item,) = await ledger.accept([arrival])
    assert item is not None
    office.home.take(await ledger.settle(item, sent))
    return await office.flush()


async def by_form(office: Office, n: int, address: str = VICTIM) -> list[Sent]:
    return await submit(office, form(n, address))


async def by_form_to_confirm(office: Office, n: int, address: str = VICTIM) -> list[Sent]:
    return await submit(office, replace(form(n, address), confirm="before"))


async def by_open_form(office: Office, n: int, address: str = VICTIM) -> list[Sent]:
    return await submit(office, replace(form(n, address), confirm="after"))


async def by_saved_form(office: Office, n: int, address: str = VICTIM) -> list[Sent]:
    link = f"{PAGES}/f/ideas/return/{n}"
    return await act(office, ResumeIn("park-2027", "ideas", "Ideas", "en", address, link))


async def by_reminder(office: Office, n: int) -> list[Sent]:
    """A form whose stranger then asks on its page for everything that could send a mail."""
    sent = await by_form_to_confirm(office, n)
    acts: tuple[PageAct, ...] = ("remind", "by_mail", "remind")
    for one in acts:
        sent += await act(office, PageIn(1_000 + n, one))
    return sent


async def act(office: Office, did: Inbound) -> list[Sent]:
    try:
        await office.home.settle(did, Source.FORM)
    except Refuse:  # a page that does not offer it
        return []
    return await office.flush()


def words(taken: Taken) -> str:
    """What the victim reads, but for the reference and the secret of a link."""
    got = read(taken.raw)
    shown = re.sub(r"PARK-\w{4}-\w{2}", "PARK", f"{got.from_name}|{got.subject}|{got.text}|{got.html}")
    return re.sub(r"/c/[\w-]+|/return/\d+", "/link", shown)


async def test_mails_give_at_most_three_acknowledgements_a_day(office: Office) -> None:
    for n in range(9):
        sent = await by_mail(office, n)
    assert len(office.mailed(VICTIM)) == 3
    assert "mail" not in kinds(sent)
    assert "enough" in shown(sent), "staff read why there was none"


FORMS: list[Way] = [by_form, by_form_to_confirm, by_open_form, by_saved_form, by_reminder]
NAMING = [by_form, by_form_to_confirm, by_open_form, by_saved_form]


@pytest.mark.parametrize("ways", [*([way] for way in FORMS), FORMS, FORMS[::-1]])
async def test_forms_give_one_mail_a_day_by_whatever_way(office: Office, ways: list[Way]) -> None:
    for n, way in zip(range(10), cycle(ways)):
        await way(office, n)
    assert len(office.mailed(VICTIM)) == 1


@pytest.mark.parametrize("ways", [FORMS, FORMS[::-1]])
async def test_the_next_one_comes_a_day_later(office: Office, ways: list[Way]) -> None:
    for day in range(4):
        for n, way in zip(range(5), cycle(ways)):
            await way(office, 10 * day + n)
        assert len(office.mailed(VICTIM)) == day + 1
        office.home.clock.now += DAY + 1


@pytest.mark.parametrize(("ways", "most"), [([by_mail], 3), (NAMING, 1), ([*NAMING, by_mail], 3)])
async def test_the_letters_of_an_address_make_no_other_victim(
    office: Office, ways: list[Callable[[Office, int, str], Awaitable[list[Sent]]]], most: int
) -> None:
    for n, address in enumerate((VICTIM, VICTIM.upper(), "Victim@home.example", "victim@HOME.example")):
        for kind, way in enumerate(ways):
            await way(office, 10 * kind + n, address)
    assert 1 <= len(office.sink.taken) <= most
    assert len(ways) > 1 or len(office.sink.taken) == most


@pytest.mark.parametrize("way", [by_mail, by_form, by_form_to_confirm, by_open_form, by_saved_form])
async def test_the_words_are_fixed(office: Office, way: Way) -> None:
    """Nothing that the attacker wrote, but for the Message-ID that threading needs, is in the mail."""
    await way(office, 1)
    office.home.clock.now += DAY + 1
    await way(office, 2)
    first, second = office.mailed(VICTIM)
    assert words(first) == words(second) and WORD not in words(first)
    for taken in (first, second):
        visible = re.sub(rb"(?m)^(In-Reply-To|References): .*\r\n", b"", taken.raw)
        assert WORD.encode() not in visible.replace(b"=\r\n", b"")
        assert taken.mail_from == "" or way is not by_mail


async def test_one_victim_does_not_use_up_anothers(office: Office) -> None:
    for n in range(5):
        await by_form(office, n)
    await by_form(office, 9, "bo@home.example")
    assert len(office.mailed("bo@home.example")) == 1


async def test_who_confirms_is_no_victim_and_gets_what_they_sent(office: Office) -> None:
    """The one mail of the day asks; the copy after it goes to somebody who has shown whose it is."""
    await by_form_to_confirm(office, 1)
    await act(office, PageIn(1_001, "confirm"))
    (item, *_) = (await office.home.ledger.waiting_items(set())).items
    office.home.take(await office.home.ledger.settle(item, replace(form(1), confirm="before")))
    await office.flush()
    asked, copied = office.mailed(VICTIM)
    assert WORD.encode() not in asked.raw and WORD in read(copied.raw).text


# ------------------------------------------------------------------ through the pages themselves


@asynccontextmanager
async def pages_of(office: Office) -> AsyncIterator[tuple[Browser, list[Item]]]:
    """The real pages before the office's ledger, and what they accepted."""
    came: list[Item] = []

    async def accept(arrivals: Sequence[Arrival]) -> list[bool]:
        items = await office.home.ledger.accept(list(arrivals))
        came.extend(item for item in items if item is not None)
        return [item is not None for item in items]

    clock = office.home.clock
    channel = FormsChannel(settings(PAGES), open_forms, office.home.store, clock, Counter())
    task = asyncio.create_task(channel.serve(accept))
    try:
        await until(lambda: channel.port or task.done(), what="the pages listen")
        async with aiohttp.ClientSession() as session:
            yield Browser(session, f"http://127.0.0.1:{channel.port}"), came
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def filled(office: Office, browser: Browser, address: str) -> Page:
    """A form of `short`, which has its address confirmed, sent with the victim's, not too fast."""
    page = await browser.submit(await browser.get("/f/short"), "start")
    office.home.clock.now += 60
    page = await browser.submit(page, "continue", idea=f"{WORD} http://{WORD}.example")
    page = await browser.submit(page, "continue", mail=address)
    return await browser.submit(page, "send")


async def mail_the_code(browser: Browser, address: str) -> None:
    """A form that is saved, its link mailed to the victim: three times the same, and a new code."""
    page = await browser.submit(await browser.get("/f/short"), "start")
    saved = await browser.get(page.url.partition("/q/")[0] + "/save")
    for _ in range(2):
        code = await browser.post(saved.forms[0].action, [])
        for _ in range(3):
            await browser.post(code.url.partition("?")[0], [("email", address)])


async def settled(office: Office, came: list[Item]) -> None:
    """What the dispatcher does with what the pages accepted."""
    while came:
        item = came.pop(0)
        try:
            office.home.take(await office.home.ledger.settle(item, READERS[item.kind](item.raw)))
        except Retry:  # what is written waits until the address is confirmed, which it never is
            continue
        await office.flush()


async def test_whatever_is_done_on_the_pages_gives_one_mail_a_day(office: Office) -> None:
    """Forms, the buttons of their pages, saved forms: many of them, by a machine that knows how."""
    async with pages_of(office) as (browser, came):
        for _ in range(6):
            done = await filled(office, browser, VICTIM)
            assert done.status == 200
            page = await browser.get(done.url.partition("/sent")[0])
            for act in ("remind", "by_mail", "remind", "write"):
                values = [("_once", page.value("_once") or ""), ("_do", act), ("text", WORD)]
                await browser.post(page.url, values)
            await mail_the_code(browser, VICTIM)
            await settled(office, came)
        (taken,) = office.mailed(VICTIM)
        assert WORD not in words(taken) and WORD.encode() not in taken.raw
        assert [taken.recipient for taken in office.sink.taken] == [VICTIM], "and nobody else got any"


@pytest.mark.parametrize(
    "address", ["victim@home.example\r\nBcc: bo@x.example", "victim@home.example, bo@x.example"]
)
async def test_one_form_names_one_address(office: Office, address: str) -> None:
    async with pages_of(office) as (browser, came):
        page = await browser.submit(await browser.get("/f/short"), "start")
        page = await browser.submit(page, "continue", idea="x")
        page = await browser.submit(page, "continue", mail=address)
        assert page.status == 422 and not came and not office.sink.taken
