"""The whole wing: a mail comes in by SMTP and is read, an answer goes out and is answered."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Sequence

import pytest

from bridge.channel import Arrival, Channel, Item, Outgoing
from bridge.email import thread
from bridge.email.channel import EmailChannel
from bridge.email.mail import Mail
from bridge.email.parse import read
from bridge.email.settings import EmailSettings, Listen, Relay
from bridge.email.worker import Pool
from bridge.errors import Broken, Refuse
from bridge.model import Json, MailIn, Source
from bridge.points import quiet
from tests.email.mails import DOMAIN, TOKEN, mail
from tests.email.sink import Sink

SECRET = b"0123456789abcdef"


class Here:
    """Reads in this process."""

    async def read(self, raw: bytes) -> Mail:
        return read(raw, (DOMAIN,))


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await sink.start()
    yield sink
    server.close()


def channel(sink: Sink | None = None, pool: Pool | None = None) -> EmailChannel:
    relay = Relay("127.0.0.1", sink.port if sink else 1, timeout=5, idle=0)
    settings = EmailSettings(DOMAIN, relay, SECRET, Listen(port=0))
    return EmailChannel(settings, lambda name: name == "park-2027", pool or Here(), quiet, lambda: 1.8e9)


def item(raw: bytes, rcpt: str = f"park-2027@{DOMAIN}", mail_from: str = "kim@example.org") -> Item:
    return Item(1, Source.EMAIL, "mail", raw, {"rcpt": rcpt, "mail_from": mail_from, "peer": "127.0.0.1"})


PAYLOAD: Json = {
    "to": "kim@example.org",
    "to_name": "Kim Doe",
    "from_name": "Robin Officer",
    "organisation": "Birch County",
    "mailbox": "park-2027",
    "token": TOKEN,
    "subject": "Benches",
    "reference": "PARK-7F3K-9Q",
    "text": "Thank you, there will be benches.",
    "html": None,
    "language": "en",
    "in_reply_to": "<1@example.org>",
    "references": ["<1@example.org>"],
    "automatic": False,
    "attachments": [{"name": "plan.pdf", "mime": "application/pdf", "blob": 5}],
    "title": "Riverside Park 2027",
}


def outgoing(kind: str = "mail", row: int = 7, **changes: object) -> Outgoing:
    async def save(progress: Json) -> None:
        raise AssertionError("nothing is saved on the way")

    async def load(blob: int) -> bytes:
        assert blob == 5
        return b"%PDF-1 plan"

    return Outgoing(
        row, kind, {**PAYLOAD, **changes}, {}, 1_800_000_000_000, 0, lambda p: lambda c: None, save, load
    )


async def fetched(got: MailIn | None) -> MailIn:
    assert got is not None
    return got


def address_of(raw: bytes, field: bytes) -> str:
    """The address in angle brackets of a header field."""
    return raw.partition(b"\r\n" + field)[2].partition(b"<")[2].partition(b">")[0].decode()


async def test_it_is_a_channel() -> None:
    wing: Channel = channel()
    assert wing.name is Source.EMAIL


async def test_what_a_citizen_writes(sink: Sink) -> None:
    reply = f"park-2027+{TOKEN}@{DOMAIN}"
    got = await fetched(await channel().read(item(mail("Hello."), rcpt=reply.upper())))
    assert (got.mailbox, got.token, got.from_address, got.text) == (
        "park-2027",
        TOKEN,
        "kim@example.org",
        "Hello.",
    )
    assert not got.automatic
    forwarded = await fetched(await channel().read(item(mail(to=reply))))
    assert forwarded.token == TOKEN
    assert (await fetched(await channel().read(item(mail(), mail_from="")))).automatic
    assert (await fetched(await channel().read(item(mail(), rcpt="postmaster")))).mailbox == "postmaster"
    assert await channel().read(Item(1, Source.EMAIL, "other", b"", {})) is None
    with pytest.raises(Broken):
        await channel().read(item(mail(), rcpt="x@elsewhere.example"))


async def test_references_are_nearest_first_and_none_is_forged() -> None:
    own = thread.message_id(7, 1, SECRET, DOMAIN)
    raw = mail(references=f"<a@b> {own} <7.1.aaaaaaaaaaaaaaaaaaaaaaaaaa@{DOMAIN}> <c@d>", in_reply_to="<e@f>")
    assert (await fetched(await channel().read(item(raw)))).references == ("<e@f>", "<c@d>", own, "<a@b>")


async def test_html_goes_along_only_when_nothing_was_cut() -> None:
    page = "<p>Hi</p><p>On Mon, A &lt;a@b.example&gt; wrote:</p><blockquote>x</blockquote>"
    whole = await fetched(await channel().read(item(mail(page, content_type="text/html"))))
    cut = await fetched(await channel().read(item(mail(page, content_type="text/html", in_reply_to="<a@b>"))))
    assert whole.html is not None and "wrote:" in whole.text
    assert cut.html is None and cut.text == "Hi"


async def test_an_answer_goes_out_once_stable(sink: Sink) -> None:
    wing = channel(sink)
    first, again = await wing.deliver(outgoing()), await wing.deliver(outgoing())
    assert (
        first.facts["message_id"]
        == again.facts["message_id"]
        == thread.message_id(7, 1_800_000_000_000, SECRET, DOMAIN)
    )
    assert first.facts["answer"] == "250 2.0.0 queued as 1"
    one, two = sink.taken
    assert one == two  # byte for byte the same mail
    assert (one.mail_from, one.recipient) == (f"park-2027+{TOKEN}@{DOMAIN}", "kim@example.org")
    got = read(one.raw)
    assert "there will be benches" in got.text and got.subject == "Re: Benches [PARK-7F3K-9Q]"
    assert [(f.name, f.data) for f in got.attachments] == [("plan.pdf", b"%PDF-1 plan")]
    assert address_of(one.raw, b"Reply-To:") == f"park-2027+{TOKEN}@{DOMAIN}"
    other = await wing.deliver(outgoing(row=8))
    assert other.facts["message_id"] != first.facts["message_id"]


async def test_an_acknowledgement_has_a_null_return_path(sink: Sink) -> None:
    await channel(sink).deliver(outgoing(automatic=True, attachments=[], subject="We have your message"))
    (taken,) = sink.taken
    assert taken.mail_from == "" and b"Auto-Submitted: auto-replied\r\n" in taken.raw
    assert read(taken.raw).auto == (("auto-submitted", "auto-replied"), ("x-auto-response-suppress", "All"))


async def test_what_cannot_be_delivered(sink: Sink) -> None:
    wing = channel(sink)
    for bad in ("no address", "a@b.example\r\nRCPT TO:<c@d.example>", ""):
        with pytest.raises(Refuse):
            await wing.deliver(outgoing(to=bad))
    with pytest.raises(Broken):
        await wing.deliver(outgoing(kind="event"))
    with pytest.raises(Broken):
        await wing.deliver(outgoing(mailbox="a b"))
    incomplete = outgoing()
    del incomplete.payload["text"]
    with pytest.raises(Broken):
        await wing.deliver(incomplete)
    assert not sink.taken


async def test_there_and_back_again(sink: Sink) -> None:
    """In by SMTP, read in a child, answered through the relay; the reply to that finds its case."""
    inbox: asyncio.Queue[Arrival] = asyncio.Queue()

    async def accept(arrivals: Sequence[Arrival]) -> list[bool]:
        for one in arrivals:
            inbox.put_nowait(one)
        return [True] * len(arrivals)

    async def write(raw: bytes, to: str) -> MailIn:
        def send() -> None:
            with smtplib.SMTP("127.0.0.1", wing.port, timeout=20) as client:
                client.sendmail("kim@example.org", [to], raw)

        await asyncio.to_thread(send)
        came = await inbox.get()
        return await fetched(await wing.read(Item(1, came.source, came.kind, came.raw, came.meta)))

    async with Pool((DOMAIN,), size=1) as pool:
        wing = channel(sink, pool)
        serving = asyncio.create_task(wing.serve(accept))
        await asyncio.wait_for(wing.listening.wait(), 10)
        first = await write(mail("Please more benches."), f"park-2027@{DOMAIN}")
        assert (first.text, first.token, first.references) == ("Please more benches.", None, ())
        await wing.deliver(outgoing(in_reply_to=first.message_id, references=[first.message_id]))
        answer = read(sink.taken[0].raw)
        quoted = "\n".join(f"> {line}" for line in answer.text.split("\n"))
        body = f"Thanks!\n\nOn Mon, 4 Jan 2027, {answer.from_name} <{answer.from_address}> wrote:\n{quoted}\n"
        reply_to = address_of(sink.taken[0].raw, b"Reply-To:")
        back = await write(
            mail(
                body,
                message_id="<2@example.org>",
                in_reply_to=answer.message_id or "",
                references="<1@example.org>",
            ),
            reply_to,
        )
        assert (back.mailbox, back.token, back.text) == ("park-2027", TOKEN, "Thanks!")
        assert back.references == (answer.message_id, "<1@example.org>")
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert not wing.listening.is_set()
