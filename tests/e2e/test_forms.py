"""A form from its start page to its withdrawal, on two real homeservers: the citizen has the pages and a
mailbox, the officer at Birch a client."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from bridge.demo.canary import hits
from bridge.demo.received import Received
from bridge.demo.seen import Seen
from tests.e2e.place import SEEN, Place, marked, unique
from tests.forms.site import PNG, Browser, Page
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORM = "/f/park-ideas"


class Pages(Place):
    """A town whose pages do not mind visitors that are quick."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._more["web"] = {"spam": {"seconds": 0}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pages]:
    async with Pages(tmp_path_factory.mktemp("pages")) as place:
        yield place


class Citizen:
    """Somebody with a browser and a mailbox; `mark` stands in all that they write."""

    def __init__(self, town: Pages, http: aiohttp.ClientSession, *, mail: bool = True) -> None:
        self.town, self.mark = town, unique("form")
        self.browser = Browser(http, town.bridge.forms_url)
        self.address = f"{self.mark}@home.example" if mail else ""
        self.name = f"Ada {self.mark}"
        self.idea = f"Benches in the shade {self.mark}\n\nOne of them with a back rest"
        self.place = ""  # the path of the page of the submission

    async def send(self) -> Page:
        """Fill in the form with a photo and send it: the confirmation."""
        answers = {
            "part": "paths",
            "spot": "Mill Bridge",
            "idea": self.idea,
            "name": self.name,
            "email": self.address,
            "agreement": "yes",
        }
        page = await self.browser.submit(await self.browser.get(FORM), "start")
        while not page.url.endswith("/check"):
            question = urlsplit(page.url).path.rpartition("/")[2]
            photo = [("photo", f"{self.mark}.png", "image/png", PNG)] if question == "photo" else []
            values = {question: answers[question]} if question in answers else {}
            page = await self.browser.submit(page, "continue", photo, **values)
            assert page.status == 200, page.text()
        sent = await self.browser.submit(page, "send")
        assert sent.status == 200 and sent.url.endswith("/sent"), sent.text()
        self.place = sent.url.removesuffix("/sent")
        return sent

    async def look(self) -> Page:
        return await self.browser.get(self.place)

    async def reads(self, text: str) -> Page:
        """The page, once it says so."""

        async def shown() -> Page | None:
            page = await self.look()
            return page if text in page.text() else None

        page = await until(shown, SEEN, f"“{text}” on the page")
        assert page is not None
        return page

    async def mailed(self, text: str) -> Received:
        return await self.town.mailbox.wait_for(
            lambda m: self.address in m.rcpt_tos and text in f"{m.subject}\n{m.text}", SEEN
        )

    async def receipt(self) -> str:
        """Its SHA-256, of the octets that are downloaded."""
        url = f"{self.town.bridge.forms_url}{self.place}/receipt.json"
        async with self.browser.session.get(url) as answer:
            return hashlib.sha256(await answer.read()).hexdigest()


@pytest_asyncio.fixture(loop_scope="session")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def at_birch(town: Pages, text: str) -> Seen:
    """What the officer reads of it in a thread; encrypted."""
    seen = await town.officer.wait_for(lambda e: text in e.body and e.thread, SEEN)
    assert seen.encrypted
    return seen


async def test_from_the_form_to_the_withdrawal(pages: Pages, http: aiohttp.ClientSession) -> None:
    ada = Citizen(pages, http)
    sent = await ada.send()
    reference = sent.text("strong")
    assert re.fullmatch(r"PARK-[0-9A-Z]{4}-[0-9A-Z]{2}", reference)

    letter = await ada.mailed("Confirm your e-mail address")
    await nobody_knows_yet(ada, letter)
    await confirmed_by_the_button(ada, letter)

    words = await at_birch(pages, ada.mark)
    head = await pages.officer.wait_for(lambda e: e.event_id == words.thread and e.readable, SEEN)
    assert head.body.startswith(f"{reference} · open · ") and ada.name in head.body and head.encrypted
    await all_answers(ada, words)

    copy = await ada.mailed("What you sent:")
    assert ada.idea.partition("\n")[0] in copy.text and f"{pages.bridge.forms_url}{ada.place}" in copy.text

    await answered_on_both_ways(ada, words)
    await written_on_the_page(ada, words)
    await withdrawn(ada, words, reference)
    places = [pages.lab.alder.directory, pages.lab.birch.directory, pages.bridge.log]
    assert await asyncio.to_thread(hits, places, [ada.mark]) == []


async def nobody_knows_yet(ada: Citizen, letter: Received) -> None:
    """The letter says nothing of what was written; staff hear that something waits, and no more."""
    assert ada.name not in letter.text and ada.idea.split("\n", maxsplit=1)[0] not in letter.text
    await ada.reads("Waiting for you")
    told = await ada.town.officer.wait_for(lambda e: "confirm" in e.body and not e.thread, SEEN)
    assert told.encrypted and ada.mark not in told.body
    assert not [e for e in ada.town.officer.seen.values() if ada.mark in e.body]


async def confirmed_by_the_button(ada: Citizen, letter: Received) -> None:
    """Looking at the link confirms nothing, as often as one likes; the button does."""
    found = re.search(re.escape(ada.town.bridge.forms_url) + r"(/c/\S+)", letter.text)
    assert found is not None, letter.text
    for _ in range(2):
        page = await ada.browser.get(found[1])
    assert page.status == 200 and ada.address not in page.text()
    assert "Waiting for you" in (await ada.look()).text()
    done = await ada.browser.submit(page, "confirm")
    assert urlsplit(done.url).path == ada.place
    await ada.reads("Being worked on")


async def all_answers(ada: Citizen, words: Seen) -> None:
    """A list in the order of the form, the photo as it was, and the receipt that the citizen has."""
    rich = words.content["formatted_body"]
    assert "<ol>" in rich and rich.count("<li>") >= 4
    asked = ["Which part of the park", "Which path or entrance", "What is your idea"]
    assert [words.body.index(label) for label in asked] == sorted(words.body.index(label) for label in asked)
    assert "The paths and entrances" in words.body and "One of them with a back rest" in words.body
    officer = ada.town.officer
    photo = await officer.wait_for(
        lambda e: e.thread == words.thread and e.content.get("msgtype") in ("m.image", "m.file"), SEEN
    )
    assert photo.encrypted and photo.body == f"{ada.mark}.png"
    assert await officer.download(photo.content["file"]) == PNG
    digest = await ada.receipt()
    await officer.wait_for(lambda e: e.thread == words.thread and digest[:16] in e.body, SEEN)
    assert digest in (await ada.look()).text()


async def answered_on_both_ways(ada: Citizen, words: Seen) -> None:
    town, word = ada.town, unique("answer")
    event = await town.officer.reply_in_thread(
        town.desk, words.thread or "", f"Two benches come {word}", words.event_id
    )
    mail = await ada.mailed(word)
    assert mail.subject.startswith("Re: ") and mail.header("Reply-To")
    page = await ada.reads(word)
    assert "Birch County" in page.text() and "Answered" in page.text()
    await marked(town.officer, event, "✉️")


async def written_on_the_page(ada: Citizen, words: Seen) -> None:
    word = unique("thanks")
    page = await ada.browser.submit(
        await ada.look(),
        "write",
        [("files", f"{ada.mark}-2.png", "image/png", PNG + b"2")],
        text=f"Thank you {word}",
    )
    assert page.status == 200 and word in page.text(), page.text()
    again = await at_birch(ada.town, word)
    assert again.thread == words.thread
    second = await ada.town.officer.wait_for(lambda e: e.body == f"{ada.mark}-2.png", SEEN)
    assert await ada.town.officer.download(second.content["file"]) == PNG + b"2"


async def withdrawn(ada: Citizen, words: Seen, reference: str) -> None:
    page = await ada.browser.get(f"{ada.place}/ask/withdraw")
    await ada.browser.submit(page, "withdraw")
    await ada.reads("Withdrawn by you")
    await ada.town.officer.wait_for(
        lambda e: (
            e.replaces == words.thread
            and e.content["m.new_content"]["body"].startswith(f"{reference} · closed")
        ),
        SEEN,
    )
    await ada.town.officer.wait_for(
        lambda e: e.thread == words.thread and e.event_id != words.event_id and "withdr" in e.body, SEEN
    )


async def test_without_an_address_the_page_is_the_way(pages: Pages, http: aiohttp.ClientSession) -> None:
    """The case opens at once, the answer stands on the page, and no mail goes anywhere."""
    ben = Citizen(pages, http, mail=False)
    await ben.send()
    words = await at_birch(pages, ben.mark)
    word = unique("answer")
    event = await pages.officer.reply_in_thread(
        pages.desk, words.thread or "", f"Two benches come {word}", words.event_id
    )
    page = await ben.reads(word)
    assert "Birch County" in page.text()
    await marked(pages.officer, event, "✉️")
    assert not pages.of(ben.mark) and not pages.of(word)
