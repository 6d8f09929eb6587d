"""The whole way of a mail without homeservers: the real wing, the real ledger, a sink for what goes out.

octets ─> EmailChannel.read ─> Ledger.settle ─> room (what a clerk sees) and sink (what is mailed)
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bridge.casework.settings import Settings
from bridge.channel import Arrival, Item, Outcome, Outgoing
from bridge.email.channel import EmailChannel
from bridge.email.mail import Mail
from bridge.email.parse import read
from bridge.email.settings import EmailSettings, Listen, Relay
from bridge.email.sift import Checker
from bridge.email.signing import Signer
from bridge.errors import Refuse, Retry
from bridge.inbound import Inbound
from bridge.ledger.rows import Ref
from bridge.ledger.tables import cases
from bridge.model import Source
from bridge.points import quiet
from tests.email.mails import DOMAIN
from tests.email.sink import Sink, Taken
from tests.ledger.home import Home, Sent, said

PARK = f"park-2027@{DOMAIN}"
ADA = "ada@alder.example"


class Here:
    """Reads in this process."""

    async def read(self, raw: bytes) -> Mail:
        return read(raw, (DOMAIN,))


@dataclass(slots=True)
class Office:
    """`come` brings a mail in, `say` is the clerk; `sink.taken` are the mails that went out."""

    home: Home
    wing: EmailChannel
    sink: Sink
    _keys: Any = field(default_factory=lambda: count(1))

    async def accept(self, raw: bytes, to: str = PARK, mail_from: str = ADA, peer: str = "127.0.0.1") -> Item:
        """As the server hands a mail on."""
        meta = {"rcpt": to, "mail_from": mail_from, "peer": peer, "helo": "mx.alder.example"}
        (item,) = await self.home.ledger.accept(
            [Arrival(Source.EMAIL, "mail", f"mail {next(self._keys)}", raw, meta)]
        )
        assert item is not None
        return item

    async def settle(self, item: Item) -> None:
        """Read it and decide."""
        self.home.take(await self.home.ledger.settle(item, await self.wing.read(item)))

    async def come(self, raw: bytes, to: str = PARK, **how: str) -> list[Sent]:
        """A mail, and everything that follows from it at once."""
        await self.settle(await self.accept(raw, to, **how))
        return await self.flush()

    async def say(self, inbound: Inbound, wait: float = 60) -> list[Sent]:
        """What a clerk does in the room, and everything that follows within `wait` seconds."""
        await self.home.settle(inbound)
        return await self.flush(wait)

    async def answer(self, text: str, nth: int = 0) -> Taken:
        """The clerk writes in the thread of the nth case; the mail that this became."""
        before = len(self.sink.taken)
        await self.say(said(text, await self.root(nth)))
        (mail,) = self.sink.taken[before:]
        return mail

    async def flush(self, wait: float = 0) -> list[Sent]:
        """Deliver what may go: mails by the wing, the rest to nowhere."""
        self.home.clock.now += wait
        sent: list[Sent] = []
        while (row := self.home.lanes.next(self.home.ledger.now())) is not None:
            out = await self.home.ledger.outgoing(row)
            if out is None:
                assert await self.home.ledger.is_final(row)
            elif not await self._deliver(row, out, sent):
                continue
            self.home.lanes.done(row)
        return sent

    async def _deliver(self, row: Ref, out: Outgoing, sent: list[Sent]) -> bool:
        """Whether the row has met its fate."""
        ledger = self.home.ledger
        try:
            outcome = await self._outcome(row, out)
        except Retry as error:
            self.home.lanes.again(await ledger.postpone(row, 60, error.reason))
            return False
        except Refuse as error:
            self.home.take(await ledger.fail(row, error.reason, detail=error.detail))
            return True
        sent.append(Sent(row, out.kind, out.payload, outcome.facts.get("event_id")))
        self.home.take(await ledger.delivered(row, outcome))
        return True

    async def _outcome(self, row: Ref, out: Outgoing) -> Outcome:
        if row.target is Source.EMAIL:
            return await self.wing.deliver(out)
        return Outcome(self.home._facts(out.kind, out.id, row.target))

    # -------------------------------------------------------------- what can be seen

    async def cases(self) -> list[Any]:
        """The rows of all cases, oldest first."""
        return await self.home.all(cases)

    async def root(self, nth: int = 0) -> str:
        root = (await self.cases())[nth].root
        assert isinstance(root, str)
        return root

    def mailed(self, address: str = ADA) -> list[Taken]:
        return [taken for taken in self.sink.taken if taken.recipient == address]


def shown(sent: list[Sent], kind: str = "notice") -> str:
    """The texts of one kind that the room was shown."""
    return "\n".join(one.payload["text"] for one in sent if one.kind == kind)


def kinds(sent: list[Sent]) -> set[str]:
    return {one.kind for one in sent}


def field_of(taken: Taken, name: str) -> str:
    """The value of a header field, unfolded; "" when it is not there."""
    head = re.sub(rb"\r\n[ \t]+", b" ", taken.raw.partition(b"\r\n\r\n")[0])
    found = re.search(rb"(?im)^" + name.encode() + rb":[ \t]*(.*?)\r?$", head)
    return found[1].decode() if found else ""


def address_in(taken: Taken, name: str) -> str:
    """The address of a header field."""
    return field_of(taken, name).rpartition("<")[2].rstrip(">")


@asynccontextmanager
async def opened(
    url: str,
    folder: Path,
    *,
    checker: Checker | None = None,
    settings: Settings | None = None,
    believe_spam: bool = False,
    signer: Signer | None = None,
) -> AsyncIterator[Office]:
    """An office whose consultation has its rooms."""
    home = await Home(url, folder, settings=settings or Settings()).open()
    sink = Sink()
    server = await sink.start()
    relay = Relay("127.0.0.1", sink.port, timeout=5, idle=0)
    secret = home.ledger.keys.raw("message-id")
    configured = EmailSettings(DOMAIN, relay, secret, Listen(port=0), believe_spam=believe_spam)
    wing = EmailChannel(
        configured,
        lambda name: name == "park-2027",
        Here(),
        quiet,
        home.clock,
        checker=checker,
        signer=signer,
    )
    try:
        await home.provision()
        yield Office(home, wing, sink)
    finally:
        await wing._sender.close()
        server.close()
        await home.close()
