"""Alder with a running bridge, Birch with its officers, and what one test needs of them.

`Place` is a `Town` with more people at Birch: officers who come when a test needs them, one of them
with Element in strict mode, and a society that may read but not reply.  `open_case` makes a
citizen whom no other test knows.
"""

from __future__ import annotations

import asyncio
import smtplib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

from bridge.demo.officer import Officer
from bridge.demo.received import Received
from bridge.demo.seen import Seen
from bridge.demo.town import PASSWORD, Town
from bridge.e2ee.api import MatrixError
from bridge.model import Json
from tests.element.client import ElementClient
from tests.element.install import NotInstallable, ensure_installed
from tests.lacking import lacking
from tests.waiting import until

SEEN = 45.0  # seconds until something on the other side must have been seen
UNDO = 1  # seconds in which an edit changes a mail
BOT = "@folkmoot_bot:alder.example"
ELSA = "elsa"  # an officer of Birch County who uses Element
VERA = "vera"  # an officer of Birch County whose keys are replaced
GUEST = "guest"  # of a society on Birch's homeserver that may not reply


class Place(Town):
    """A town whose logs tell more, with further people at Birch beside the officer."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, undo_seconds=UNDO, more={"log": {"level": "debug"}}, log_level="INFO")
        self._element: ElementClient | None = None
        self._operator: Officer | None = None

    def consultation(self) -> Json:
        found = super().consultation()
        found["partners"][0]["officers"] += [f"@{name}:birch.example" for name in (ELSA, VERA)]
        society = {"name": "Friends of the Park", "server": "birch.example", "may_reply": False}
        found["partners"].append({**society, "officers": [f"@{GUEST}:birch.example"]})
        return found

    async def said_directly(self, officer: Officer, word: str) -> str:
        """The unencrypted line with `word` in one of the officer's rooms, "" while there is none.

        Asked for as a client does that scrolls back: it may be older than the officer's join.
        """
        for room_id in officer.joined - {self.desk}:
            path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/messages"
            query = {"dir": "b", "limit": "20"}
            page = await officer.door.request("GET", path, token=officer.token, query=query)
            for event in page["chunk"]:
                body = str(event.get("content", {}).get("body", ""))
                if event["type"] == "m.room.message" and word in body:
                    return body
        return ""

    async def boot(self) -> None:
        await super().boot()
        await asyncio.gather(*(self.lab.birch.register(name, PASSWORD) for name in (ELSA, VERA, GUEST)))

    async def element(self) -> ElementClient:
        """Elsa in the desk, with Element's engine in strict mode; started once."""
        if self._element is None:
            try:
                await asyncio.to_thread(ensure_installed)
            except NotInstallable as error:
                lacking(str(error))
            client = await ElementClient.start(self.lab.birch.url, ELSA, PASSWORD, "strict")
            self._stack.push_async_callback(client.close)
            await client.wait_joined(self.desk, SEEN)
            self._element = client
        return self._element

    async def operator(self) -> Officer:
        """The operator at Alder, cross-signed, in the control room; started once."""
        if self._operator is None:
            self._operator = await self.client(self.lab.alder.url, "admin")
            await self._operator.cross_sign(PASSWORD)
            await self._operator.wait_joined(await self.control_room(), SEEN)
        return self._operator

    async def control_room(self) -> str:
        """The room whose name says so, as the operator is invited to it."""
        if self._operator is None:
            raise RuntimeError("no operator yet")
        operator = self._operator

        async def look() -> str:
            while True:
                for room_id in operator.joined:
                    if "control" in (await name_of(operator, room_id)).lower():
                        return room_id
                await asyncio.sleep(0.1)

        return await asyncio.wait_for(look(), SEEN)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """The bridge is ended as an operator ends it, and runs again afterwards, come what may."""
        await self.bridge.stop()
        try:
            yield
        finally:
            await self.bridge.start()

    def of(self, mark: str) -> list[Received]:
        """Every mail that holds the unique word, or went to an address with it."""
        return [m for m in self.mailbox.mails if mark in m.text or any(mark in to for to in m.rcpt_tos)]


@dataclass
class Case:
    """One citizen's case, as they and an officer see it."""

    town: Place
    mark: str
    sender: tuple[str, str]
    sent: EmailMessage
    ack: Received
    head: Seen
    words: Seen
    reference: str = field(default="")

    @property
    def root(self) -> str:
        return self.head.event_id

    @property
    def address(self) -> str:
        return self.sender[1]

    def mails(self) -> list[Received]:
        """What the citizen got beside the acknowledgement."""
        mine = [m for m in self.town.mailbox.mails if self.address in m.rcpt_tos]
        return [m for m in mine if m.number != self.ack.number]

    async def mailed(self, text: str) -> Received:
        """The mail to this citizen in which `text` stands."""
        return await self.town.mailbox.wait_for(lambda m: self.address in m.rcpt_tos and text in m.text, SEEN)

    async def notice(self, text: str) -> Seen:
        """The bridge's own words in the thread."""
        return await self.town.officer.wait_for(
            lambda e: e.thread == self.root and e.content.get("msgtype") == "m.notice" and text in e.body,
            SEEN,
        )

    async def reply(self, text: str, officer: Officer | None = None) -> str:
        """An officer's message in the thread."""
        return await (officer or self.town.officer).reply_in_thread(
            self.town.desk, self.root, text, self.words.event_id
        )

    async def barrier(self) -> Received:
        """One more answer and its mail: whatever the officer did before has had its time by then."""
        word = unique("barrier")
        await self.reply(f"That is all {word}")
        return await self.mailed(word)


async def name_of(officer: Officer, room_id: str) -> str:
    """The room's name; "" when it has none, as a direct room."""
    path = f"/_matrix/client/v3/rooms/{quote(room_id)}/state/m.room.name"
    try:
        return str((await officer.door.request("GET", path, token=officer.token)).get("name", ""))
    except MatrixError as error:
        if error.status != 404:
            raise
        return ""


def unique(kind: str) -> str:
    """A word that nobody else uses."""
    return f"{kind}{uuid.uuid4().hex[:10]}"


async def open_case(
    town: Place,
    *,
    name: str = "",
    address: str = "",
    subject: str = "",
    text: str = "",
    files: dict[str, bytes] | None = None,
) -> Case:
    """A mail of a new citizen, read at Birch, and acknowledged."""
    mark = unique("case")
    sender = (name or f"Ada {mark}", address or f"{mark}@home.example")
    sent = await town.mail(
        sender, subject or f"About {mark}", text or f"The lamp is dark {mark}", files=files
    )
    return await seen_case(town, sent, sender, text or mark, mark)


async def seen_case(town: Place, sent: EmailMessage, sender: tuple[str, str], text: str, mark: str) -> Case:
    """The case that a mail with an acknowledgement opened; `text` stands in its words."""
    words = await town.officer.wait_for(lambda e: text in e.body and e.thread and e.encrypted, SEEN)
    head = await town.officer.wait_for(lambda e: e.event_id == words.thread and e.readable, SEEN)
    ack = await town.mailbox.wait_for(
        lambda m: sender[1] in m.rcpt_tos and m.header("Auto-Submitted") == "auto-replied", SEEN
    )
    return Case(town, mark, sender, sent, ack, head, words, head.body.partition(" ")[0])


async def submit(town: Town, message: EmailMessage, mail_from: str) -> None:
    """A mail by SMTP under any return path ("" is the null one)."""

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", town.bridge.ports.smtp, timeout=30) as smtp:
            smtp.send_message(message, from_addr=mail_from or "<>", to_addrs=[str(message["To"])])

    await asyncio.to_thread(send)


def marks(officer: Officer, event_id: str) -> list[str]:
    """The bridge's reactions that stand on a message now."""
    gone = {e.redacts for e in officer.seen.values() if e.redacts}
    return [
        e.annotates[1]
        for e in officer.seen.values()
        if e.annotates is not None
        and e.annotates[0] == event_id
        and e.sender == BOT
        and e.event_id not in gone
    ]


async def marked(officer: Officer, event_id: str, *wanted: str) -> None:
    """Until exactly these reactions of the bridge stand on the message."""
    await until(lambda: marks(officer, event_id) == list(wanted), SEEN, f"{wanted} on {event_id}")
