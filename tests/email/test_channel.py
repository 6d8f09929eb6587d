"""The whole wing: a mail comes in by SMTP and is read, an answer goes out and is answered."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bridge import replytoken
from bridge.channel import Accept, Arrival, Channel, Item, Outgoing
from bridge.email import thread
from bridge.email.channel import EmailChannel
from bridge.email.imap_folder import Imap
from bridge.email.imap_notices import Tell
from bridge.email.mail import Mail
from bridge.email.parse import read
from bridge.email.scanner import TooLarge
from bridge.email.settings import Address, Door, EmailSettings, Listen, Relay
from bridge.email.worker import Pool
from bridge.errors import Broken, Refuse, Retry
from bridge.inbound import ChannelTrouble, MailIn
from bridge.model import Attachment, Dmarc, Json, Source, Trust, Verdict
from bridge.points import quiet
from tests.email.doors import Inbox
from tests.email.mails import DOMAIN, TOKEN, mail, multipart
from tests.email.sink import Sink
from tests.waiting import until

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


async def fetched(got: object) -> MailIn:
    assert isinstance(got, MailIn)
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
    path = f"park-2027+{replytoken.new_return(7, SECRET)}@{DOMAIN}"
    assert (one.mail_from, one.recipient) == (path, "kim@example.org")
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


# ------------------------------------------------------------------ letters


async def test_a_letter_is_answered_by_nobody_and_heard_of_when_it_comes_back(sink: Sink) -> None:
    """An acknowledgement has no return path; a letter needs one, since a page shows what became of it."""
    fixed: Json = {"token": None, "automatic": True, "attachments": [], "reference": "", "to_name": ""}
    for kind in ("mail", "letter"):
        await channel(sink).deliver(outgoing(kind, **fixed))
    acknowledgement, letter = sink.taken
    assert acknowledgement.mail_from == ""
    local, _, domain = letter.mail_from.partition("@")
    assert domain == DOMAIN and replytoken.returned(local.partition("+")[2], SECRET) == 7
    assert b"\r\nAuto-Submitted: auto-replied\r\n" in letter.raw and b"\r\nReply-To:" not in letter.raw
    came = await channel().read(item(BOUNCE, letter.mail_from, ""))
    assert isinstance(came, MailIn) and (came.returned, came.reports[0].kind) == (7, "failed")


# ------------------------------------------------------------------ return paths and what comes back


BOUNCE = b"""From: MAILER-DAEMON@home.example\r
To: x@consult.alder.example\r
Subject: Undelivered\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
It did not arrive.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; home.example\r
\r
Final-Recipient: rfc822; kim@home.example\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 no such user\r
\r
--b--\r
"""


async def test_a_report_to_the_signed_return_path_names_the_very_mail() -> None:
    path = f"park-2027+{replytoken.new_return(77, SECRET)}@{DOMAIN}"
    came = await channel().read(item(BOUNCE, path.upper(), ""))
    assert isinstance(came, MailIn)
    assert (came.returned, came.token, came.automatic) == (77, None, True)
    [report] = came.reports
    assert (report.kind, report.permanent, report.reason, report.status) == (
        "failed",
        True,
        "no_such_address",
        "5.1.1",
    )


async def test_a_return_path_that_we_did_not_make_is_none() -> None:
    forged = f"park-2027+{replytoken.new_return(77, b'another secret!!')}@{DOMAIN}"
    came = await channel().read(item(BOUNCE, forged, ""))
    assert isinstance(came, MailIn)
    assert came.returned is None and came.token is None and came.reports


# ------------------------------------------------------------------ who is asked about a mail


class Says:
    """A checker and a scanner that give one answer, and remember what they were asked."""

    def __init__(self, trust: Trust = Trust(), virus: str | Exception | None = None) -> None:  # noqa: B008
        self.trust = trust
        self.virus = virus
        self.asked: list[tuple[str, str, str]] = []

    async def check(self, raw: bytes, mail_from: str, peer: str, helo: str) -> Trust:
        self.asked.append((mail_from, peer, helo))
        return self.trust

    async def scan(self, data: bytes) -> str | None:
        if isinstance(self.virus, Exception):
            raise self.virus
        return self.virus


def asking(says: Says, *, believe_spam: bool = False) -> EmailChannel:
    settings = EmailSettings(DOMAIN, Relay("127.0.0.1", 1), SECRET, Listen(port=0), believe_spam=believe_spam)
    return EmailChannel(
        settings, lambda name: name == "park-2027", Here(), quiet, lambda: 1.8e9, checker=says, scanner=says
    )


def from_peer(raw: bytes, peer: str) -> Item:
    meta = {"rcpt": f"park-2027@{DOMAIN}", "mail_from": "kim@example.org", "peer": peer, "helo": "mx.example"}
    return Item(1, Source.EMAIL, "mail", raw, meta)


async def test_who_wrote_and_from_where_goes_along() -> None:
    says = Says(Trust(Verdict.VERIFIED, Dmarc.PASS))
    came = await asking(says).read(from_peer(mail("Hello"), "203.0.113.77"))
    assert isinstance(came, MailIn) and came.trust == says.trust
    assert says.asked == [("kim@example.org", "203.0.113.77", "mx.example")]
    assert came.network == ""  # a documentation address is no network of anybody's


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("8.8.4.77", "8.8.4.0/24"),
        ("::ffff:8.8.4.77", "8.8.4.0/24"),
        ("2a00:1450:4001:830::77", "2a00:1450:4001:830::/64"),
        ("127.0.0.1", ""),
        ("10.0.0.7", ""),
        ("", ""),
        ("junk", ""),
    ],
)
async def test_the_network_is_a_strangers(peer: str, network: str) -> None:
    came = await asking(Says()).read(from_peer(mail("Hello"), peer))
    assert isinstance(came, MailIn) and came.network == network


async def test_a_scanner_that_is_down_holds_the_mail_and_operators_are_told() -> None:
    wing = asking(Says(virus=Retry("The virus scanner does not answer.", after=60)))
    told: list[Arrival] = []

    async def accept(arrivals: Sequence[Arrival]) -> list[bool]:
        told.extend(arrivals)
        return [True for _ in arrivals]

    serving = asyncio.create_task(wing.serve(accept))
    async with asyncio.timeout(10):
        await wing.listening.wait()
        for _ in range(2):
            with pytest.raises(Retry):
                await wing.read(from_peer(mail("Hello"), "127.0.0.1"))
        await until(lambda: len(told) == 2, 5, "told twice")
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert told[0].key == told[1].key, "within an hour it is the same trouble"
    said = await wing.read(Item(2, Source.EMAIL, told[0].kind, told[0].raw, {}))
    assert said == ChannelTrouble("scanner_down")


async def test_what_the_scanner_finds_keeps_its_files_back() -> None:
    file = "Content-Type: application/pdf; name=bill.pdf\nContent-Disposition: attachment\n\n%PDF-1.4"
    raw = multipart("mixed", "Content-Type: text/plain\n\nHello", file)
    came = await asking(Says(virus="Test.Word")).read(from_peer(raw, "127.0.0.1"))
    assert isinstance(came, MailIn)
    assert (came.attachments, came.virus, came.remarks) == ((), "Test.Word", ("kind_virus",))
    assert came.text.strip() == "Hello"
    clean = await asking(Says()).read(from_peer(raw, "127.0.0.1"))
    assert isinstance(clean, MailIn) and len(clean.attachments) == 1 and not clean.remarks


async def test_files_that_came_by_another_way_are_scanned_one_by_one() -> None:
    clean, bad = Attachment("a.jpg", "image/jpeg", b"clean"), Attachment("b.jpg", "image/jpeg", b"bad")

    class Knows(Says):
        async def scan(self, data: bytes) -> str | None:
            if data == b"large":
                raise TooLarge
            return "Test.Word" if data == b"bad" else None

    wing = asking(Knows())
    assert await wing.scan([clean]) == ((), "")
    assert await wing.scan([clean, bad, clean]) == (("kind_virus",), "Test.Word")
    large = Attachment("c.jpg", "image/jpeg", b"large")
    assert await wing.scan([large, clean]) == (("kind_unscanned",), "")
    assert await wing.scan([large, bad]) == (("kind_virus",), "Test.Word")
    with pytest.raises(Retry):
        await asking(Says(virus=Retry("It does not answer."))).scan([clean])
    assert await channel().scan([bad]) == ((), ""), "nobody looks where no scanner is named"


@pytest.mark.parametrize(
    ("believe", "peer", "spam"),
    [(True, "127.0.0.1", True), (True, "", True), (True, "203.0.113.7", False), (False, "127.0.0.1", False)],
)
async def test_only_a_hop_of_ours_marks_spam(believe: bool, peer: str, spam: bool) -> None:
    raw = b"X-Spam-Flag: YES\r\n" + mail("Buy now")
    came = await asking(Says(), believe_spam=believe).read(from_peer(raw, peer))
    assert isinstance(came, MailIn) and came.spam is spam


async def test_a_door_that_cannot_be_opened_is_said_in_one_line(tmp_path: Path) -> None:
    listen = Listen(port=None, lmtp=tmp_path / "missing" / "lmtp.sock")
    settings = EmailSettings(DOMAIN, Relay("127.0.0.1", 1), SECRET, listen)
    wing = EmailChannel(settings, lambda name: True, Here(), quiet, lambda: 1.8e9)

    async def accept(arrivals: Sequence[Arrival]) -> list[bool]:
        raise AssertionError(arrivals)

    with pytest.raises(ExceptionGroup) as caught:
        await wing.serve(accept)
    [error] = caught.value.exceptions
    assert isinstance(error, Refuse) and "lmtp.sock" in error.reason and "folder" in error.reason


# ------------------------------------------------------------------ what the operators see


async def mails_by(wing: EmailChannel, accept: Accept, door: Door, *raws: bytes) -> None:
    """Bring mails to an open door, each over a line of its own."""
    serving = asyncio.create_task(wing.serve(accept))
    await asyncio.wait_for(wing.listening.wait(), 10)
    client = smtplib.LMTP if door is Door.LMTP else smtplib.SMTP

    def send(raw: bytes) -> None:
        with client("127.0.0.1", wing.ports[door], timeout=20) as line:
            line.sendmail("kim@example.org", [f"park-2027@{DOMAIN}"], raw)

    for raw in raws:
        await asyncio.to_thread(send, raw)
    serving.cancel()
    await asyncio.wait([serving])


@pytest.mark.parametrize("door", [Door.SMTP, Door.LMTP])
async def test_each_mail_that_comes_is_a_line_and_a_count(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    listen = Listen(port=0, lmtp=Address("127.0.0.1", 0))
    settings = EmailSettings(DOMAIN, Relay("127.0.0.1", 1), SECRET, listen)
    wing = EmailChannel(settings, lambda name: True, Here(), quiet, lambda: 1.8e9)
    inbox = Inbox()
    raw, other = mail("Hello", subject="Secret"), mail("Hello", message_id="<2@example.org>")
    await mails_by(wing, inbox, door, raw, raw, other)
    first, second = inbox.arrivals
    said = [record.getMessage() for record in caplog.records if record.name == "bridge.email.traffic"]
    assert said == [
        f"mail accepted by {door}: {first.key[:12]}, {len(first.raw)} octets",
        f"mail came again by {door}: {first.key[:12]}, {len(first.raw)} octets",
        f"mail accepted by {door}: {second.key[:12]}, {len(second.raw)} octets",
    ]
    for word in ("kim", "Secret", "park-2027", "example.org"):
        assert word not in "".join(said)
    numbers = wing.numbers()
    assert numbers[f'mails_total{{what="accepted",door="{door}"}}'] == 2
    assert numbers[f'mails_total{{what="repeated",door="{door}"}}'] == 1
    other_door = Door.SMTP if door is Door.LMTP else Door.LMTP
    assert numbers[f'mails_total{{what="accepted",door="{other_door}"}}'] == 0, "counted from the start"


async def test_a_mail_that_is_fetched_is_counted_and_trouble_is_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    arrival = Arrival(Source.EMAIL, "mail", "0123456789abcdef", b"raw", {})

    class Edge:
        def __init__(self, mailbox: Imap, arrivals: object, ours: object, tell: Tell, clock: object) -> None:
            self._tell = tell

        async def serve(self, accept: Accept) -> None:
            self._tell("imap_login", host="imap.host.example")
            await accept([arrival])

    monkeypatch.setattr("bridge.email.channel.ImapEdge", Edge)
    inbox: list[Arrival] = []

    async def accept(arrivals: Sequence[Arrival]) -> list[bool]:
        inbox.extend(arrivals)
        return [True] * len(arrivals)

    settings = EmailSettings(DOMAIN, Relay("127.0.0.1", 1), SECRET, None)
    mailbox = Imap(host="imap.host.example", username="all", password="word")
    wing = EmailChannel(settings, lambda name: True, Here(), quiet, lambda: 1.8e9, imap=[mailbox])
    await wing.serve(accept)
    assert sorted(one.kind for one in inbox) == ["mail", "trouble"]
    assert wing.numbers()['mails_total{what="accepted",door="imap"}'] == 1
    assert [record.getMessage() for record in caplog.records if record.name == "bridge.email.traffic"] == [
        "mail accepted by imap: 0123456789ab, 3 octets"
    ]


async def test_a_mail_that_goes_is_a_line_with_the_codes_alone(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sink.script["."] = ["250 2.0.0 OK, queued for kim@example.org"]
    wing = channel(sink)
    outcome = await wing.deliver(outgoing())
    [said] = [record.getMessage() for record in caplog.records if record.name == "bridge.email.traffic"]
    assert said == f"mail of row {outgoing().id} handed over: {outcome.facts['message_id']}, 250 2.0.0"
    assert wing.numbers()['mails_total{what="handed_over",door="relay"}'] == 1
    sink.script["."] = ["554 5.7.1 no"]
    with pytest.raises(Refuse):
        await wing.deliver(outgoing())
    assert wing.numbers()['mails_total{what="handed_over",door="relay"}'] == 1
