"""The whole town on one machine: two homeservers, a bridge, citizens' mailboxes, an officer.

async with Town(directory) as town:
    await town.mail("Ada Citizen <ada@home.example>", "The lamp", "It is dark.")
"""

from __future__ import annotations

import asyncio
import smtplib
import sys
from contextlib import AsyncExitStack
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from bridge.appservice import registration
from bridge.demo.lab import Lab
from bridge.demo.mailbox import Mailbox
from bridge.demo.officer import Officer
from bridge.demo.running import Bridge
from bridge.model import Json

SLUG = "park-2027"
PASSWORD = "folkmoot"  # noqa: S105 - of test users on loopback
RUN = (sys.executable, "-m", "bridge", "run", "-c")


class Town:
    """Alder runs the bridge, Birch is its partner.  `officer` is at Birch, in lobby and desk."""

    def __init__(
        self,
        directory: Path,
        *,
        undo_seconds: float = 1,
        more: Json | None = None,
        command: tuple[str, ...] = RUN,
        officers: int = 1,
        count: int = 2,
        log_level: str = "WARNING",
    ) -> None:
        self.directory = directory
        self.bridge = Bridge(directory / "bridge", "alder.example", command=command)
        self.mailbox = Mailbox()
        self._more = {"operators": ["@admin:alder.example"], **(more or {})}
        self._more["email"] = {"undo_seconds": undo_seconds, **self._more.get("email", {})}
        # its visitors fill in forms faster than people do
        self._more["web"] = {"spam": {"seconds": 0, "per_network": 1_000_000}, **self._more.get("web", {})}
        self._names = ["officer", *(f"officer{n}" for n in range(2, officers + 1))]
        self._count = count
        self._log_level = log_level
        self._stack = AsyncExitStack()
        self.officers: list[Officer] = []

    @property
    def officer(self) -> Officer:
        """The first officer of Birch County, whose device is cross-signed."""
        return self.officers[0]

    @property
    def desk(self) -> str:
        """The desk's room ID, once the officer is in it."""
        return self._desk

    @property
    def address(self) -> str:
        """The consultation's mailbox."""
        return f"{SLUG}@{self.bridge.domain}"

    def consultation(self) -> Json:
        """The example consultation as its file says it."""
        officers = [f"@{name}:birch.example" for name in self._names]
        return {
            "slug": SLUG,
            "title": "Riverside Park 2027",
            "languages": ["en"],
            "mailbox": SLUG,
            "staff": ["@clerk:alder.example"],
            "partners": [
                {"name": "Birch County", "server": "birch.example", "officers": officers, "may_reply": True}
            ],
            "forms": ["../forms/park-ideas.yaml"],
        }

    async def boot(self) -> None:
        """Homeservers, users and the mail sink; the bridge's files are written."""
        await self._stack.enter_async_context(self.mailbox)
        self.lab = Lab(
            self.directory / "lab",
            registration=self._registration(),
            count=self._count,
            log_level=self._log_level,
        )
        await self._stack.enter_async_context(self.lab)
        self.bridge.write(self.lab.alder.url, self.mailbox.port, self.consultation(), self._more)
        await asyncio.gather(
            self.lab.alder.register("admin", PASSWORD),
            self.lab.alder.register("clerk", PASSWORD),
            *(self.lab.birch.register(name, PASSWORD) for name in self._names),
        )

    def _registration(self) -> str:
        return registration.dump(self.bridge.registration)

    async def staff_in(self) -> None:
        """Log the officers in, sign their devices, wait until they are in the desk."""
        for name in self._names:
            officer = await self.client(self.lab.birch.url, name)
            await officer.cross_sign(PASSWORD)
            self.officers.append(officer)
        self._desk = await self.room("desk")
        for officer in self.officers:
            await officer.wait_joined(self._desk, deadline=60)

    async def client(self, url: str, name: str) -> Officer:
        """A staff client of `name`, ended with the town."""
        folder = self.directory / "clients" / f"{name}-{len(list(self.directory.glob('clients/*')))}"
        folder.mkdir(parents=True)
        officer = Officer(url, name, PASSWORD, folder)
        await self._stack.enter_async_context(officer)
        return officer

    async def room(self, kind: str, deadline: float = 60) -> str:
        """The ID of the consultation's room whose name ends with `kind`'s word, as an officer sees it."""

        async def look() -> str:
            while True:
                for room_id in self.officer.joined:
                    if await self._is(room_id, kind):
                        return room_id
                await asyncio.sleep(0.1)

        return await asyncio.wait_for(look(), deadline)

    async def _is(self, room_id: str, kind: str) -> bool:
        path = f"/_matrix/client/v3/rooms/{quote(room_id)}/state/m.room.name"
        name = await self.officer.door.request("GET", path, token=self.officer.token)
        return kind in str(name.get("name")).lower()

    async def __aenter__(self) -> Self:
        try:
            await self.boot()
            await self.bridge.start()
            await self.staff_in()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.bridge.stop()
        await self._stack.aclose()

    # -------------------------------------------------------------- citizens

    async def mail(
        self,
        sender: tuple[str, str],
        subject: str,
        text: str,
        *,
        to: str | None = None,
        reply: EmailMessage | None = None,
        files: dict[str, bytes] | None = None,
    ) -> EmailMessage:
        """What a citizen's mail program sends by SMTP; with `reply` an answer to that mail."""
        message = EmailMessage()
        name, address = sender
        local, _, domain = address.partition("@")
        message["From"] = str(Address(name, local, domain))
        message["To"] = to or (str(reply["Reply-To"] or reply["From"]) if reply else self.address)
        message["Subject"] = subject
        message["Message-ID"] = make_msgid(domain=domain)
        if reply is not None:
            message["In-Reply-To"] = str(reply["Message-ID"])
            message["References"] = f"{reply['References'] or ''} {reply['Message-ID']}".strip()
        message.set_content(text)
        for file, data in (files or {}).items():
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=file)
        await asyncio.to_thread(self._submit, message, address)
        return message

    def _submit(self, message: EmailMessage, sender: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.bridge.ports.smtp, timeout=30) as smtp:
            smtp.send_message(message, from_addr=sender)
