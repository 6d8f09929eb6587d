"""One text for three citizens, each alone: asked, sent, answered, ended by one, with real homeservers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bridge.demo.canary import hits
from bridge.demo.received import Received
from bridge.demo.seen import Seen
from bridge.email import signing
from bridge.keyfile import write_secret
from tests.e2e.place import SEEN, Case, Place, open_case, unique
from tests.email.test_signing import tags, valid

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = "https://consult.alder.example"
KEY = signing.new_key()


class Office(Place):
    """A town whose pages stand behind https, as mailings need it, and whose mails are signed."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._more["web"] = {"public_url": PAGES}
        # time enough to say stop on a slow machine
        self._more["email"] |= {"dkim": {"selector": "new", "key_file": "dkim.pem"}, "undo_seconds": 5}

    async def boot(self) -> None:
        await super().boot()
        write_secret(self.bridge.directory / "dkim.pem", KEY)

    async def told(self, text: str, *, after: str) -> Seen:
        """The bridge's answer in the desk, outside the threads, to the message `after`."""

        def is_it(event: Seen) -> bool:
            answers = event.relation.get("m.in_reply_to", {}).get("event_id") == after
            return answers and event.thread is None and text in event.body

        seen = await self.officer.wait_for(is_it, SEEN)
        assert seen.encrypted
        return seen

    async def mailing(self, whom: str, text: str) -> tuple[str, str]:
        """The question to a new mailing, and its code."""
        asked = await self.officer.say(self.desk, f"!mail {whom}\n{text}")
        question = (await self.told("!mail ", after=asked)).body
        found = re.search(r"!mail ([0-9A-Z]{4}) yes", question)
        assert found, question
        return question, found[1]

    async def says(self, command: str, answer: str) -> str:
        """A command in the desk, and the answer with these words."""
        return (await self.told(answer, after=await self.officer.say(self.desk, command))).body


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    async with office:
        yield office


async def got(case: Case, text: str) -> Received:
    """The mailing as this citizen got it."""
    mail = await case.mailed(text)
    assert mail.rcpt_tos == (case.address,) and case.address in mail.header("To")
    return mail


def is_mailing(mail: Received, others: list[Case]) -> None:
    zone = {signing.record_name("new", "consult.alder.example"): signing.record(KEY)}
    assert mail.header("List-Unsubscribe").strip().startswith(f"<{PAGES}/u/")
    assert mail.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert mail.header("List-Id").strip() == "<park-2027.consult.alder.example>"
    raw = mail.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert valid(raw, zone=zone)
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= {n.strip() for n in tags(raw)["h"].split(":")}
    for other in others:
        assert other.mark not in mail.raw.decode() and other.reference not in mail.text
    assert link_of(mail) in mail.text and link_of(mail) in mail.html


def reply_address(mail: Received) -> str:
    found = re.search(r"<(park-2027\+a[^>]*)>", mail.header("Reply-To"))
    assert found
    return found[1]


def link_of(mail: Received) -> str:
    return mail.header("List-Unsubscribe").strip().strip("<>")


async def click(office: Office, mail: Received) -> None:
    """What a mail provider does, and what the person finds who then looks themselves."""
    url = link_of(mail).replace(PAGES, office.bridge.forms_url)
    async with aiohttp.ClientSession() as http:
        data = {"List-Unsubscribe": "One-Click"}
        async with http.post(url, data=data, allow_redirects=False) as answer:
            assert answer.status == 200
        async with http.get(url) as page:
            assert "You get no more messages to several people" in await page.text()


async def test_one_mailing_to_three_one_leaves_and_the_next_leaves_them_out(office: Office) -> None:
    ada, bea, cem = cases = [await open_case(office) for _ in range(3)]
    word = unique("tuesday")
    text = f"The meeting is on Tuesday at seven, {word}."
    question, code = await office.mailing(" ".join(c.reference for c in cases), text)
    assert "to 3" in question and word in question
    barrier = await ada.barrier()
    assert not [m for m in office.of(word) if m.number <= barrier.number], "nothing goes before the yes"

    assert f"!mail {code} stop" in await office.says(f"!mail {code} yes", "It goes to 3")
    mails = [await got(case, word) for case in cases]
    for case, mail in zip(cases, mails, strict=True):
        is_mailing(mail, [other for other in cases if other is not case])
        assert reply_address(mail) == reply_address(case.ack), "of their own case"
        assert case.sent["Message-ID"] in mail.header("References")
        assert (await case.notice(word)).encrypted
    assert len({m.message_id for m in mails}) == len({link_of(m) for m in mails}) == 3
    await office.says(f"!mail {code} yes", "was sent already")

    thanks = unique("thanks")
    await office.mail(bea.sender, "Re: meeting", f"I will be there {thanks}", reply=mails[1].message)
    answer = await office.officer.wait_for(lambda e: thanks in e.body, SEEN)
    assert answer.thread == bea.root

    await click(office, mails[2])
    await cem.notice("wants no messages to several people any more")
    await click(office, mails[2])

    again = unique("friday")
    question, code = await office.mailing("all", f"It is on Friday after all, {again}.")
    assert "by mail: 2" in question and "not: 1" in question and cem.reference in question
    await office.says(f"!mail {code} yes", "It goes to 2")
    for case in (ada, bea):
        is_mailing(await got(case, again), [cem])
    await cem.barrier()
    assert {m.rcpt_tos for m in office.of(again)} == {(ada.address,), (bea.address,)}
    assert len(office.of(word)) == 3, "nobody got it twice"

    places = [office.lab.alder.directory, office.lab.birch.directory]
    assert await asyncio.to_thread(hits, places, [word, again, thanks]) == []


async def test_a_no_and_a_stop_in_time(office: Office) -> None:
    dan = await open_case(office)
    dropped, stopped = unique("dropped"), unique("stopped")
    _, code = await office.mailing(dan.reference, f"Words {dropped}")
    await office.says(f"!mail {code} no", "Dropped")
    _, code = await office.mailing(dan.reference, f"Words {stopped}")
    # both before the undo time is over: neither waits for an answer
    yes = await office.officer.say(office.desk, f"!mail {code} yes")
    stop = await office.officer.say(office.desk, f"!mail {code} stop")
    await office.told("It goes to 1", after=yes)
    await office.told("Stopped: 1", after=stop)
    await dan.notice("was stopped in time")
    await dan.barrier()
    assert not office.of(dropped) and not office.of(stopped)


async def test_who_may_not_reply_sends_nothing(office: Office) -> None:
    guest = await office.client(office.lab.birch.url, "guest")
    await guest.cross_sign("folkmoot")
    await guest.wait_joined(office.desk, SEEN)
    asked = await guest.say(office.desk, f"!mail all\nWords {unique('guest')}")
    seen = await office.told("may not answer citizens", after=asked)
    assert "!mail" not in seen.body
