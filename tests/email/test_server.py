"""SMTP as it is spoken on the wire, line by line."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.data import Data
from bridge.errors import Retry
from bridge.model import Source
from tests.email.doors import BUDGET, LISTEN, PARK, Desk, opened, stuffed
from tests.email.mails import DOMAIN, TOKEN, mail
from tests.waiting import until


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened() as desk:
        yield desk


async def test_a_mail_by_an_ordinary_client(desk: Desk) -> None:
    raw = mail("Hello\n.dots\n..more\n.\n")

    def send() -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", desk.server.port, timeout=20) as client:
            return client.sendmail("kim@example.org", [PARK], raw)

    assert await asyncio.to_thread(send) == {}
    (arrival,) = desk.inbox.arrivals
    assert (arrival.source, arrival.kind, arrival.raw) == (Source.EMAIL, "mail", raw)
    assert arrival.meta.pop("helo")
    assert arrival.meta == {"rcpt": PARK, "mail_from": "kim@example.org", "peer": "127.0.0.1"}


async def test_250_comes_only_after_the_commit(desk: Desk) -> None:
    """The list says: 250 only after the durable commit."""
    line = await desk.envelope()
    desk.inbox.gate.clear()
    assert (await line.say("DATA")).startswith("354")
    line.writer.write(stuffed(mail()))
    await until(lambda: desk.inbox.calls)
    answer = asyncio.create_task(line.answer())
    done, _ = await asyncio.wait([answer], timeout=0.2)
    assert not done
    desk.inbox.gate.set()
    assert (await answer).startswith("250")


async def test_a_peer_that_hangs_up_cannot_undo_the_commit(desk: Desk) -> None:
    line = await desk.envelope()
    desk.inbox.gate.clear()
    await line.say("DATA")
    line.writer.write(stuffed(mail()))
    await until(lambda: desk.inbox.calls)
    line.writer.transport.abort()
    await until(lambda: not desk.server._lines)
    desk.inbox.gate.set()
    await until(lambda: desk.inbox.arrivals)


@pytest.mark.parametrize(
    "fault", [RuntimeError("secret words of Kim"), Retry("locked"), OSError(28, "No space")]
)
async def test_our_own_fault_is_451_without_details(
    desk: Desk, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """4xx while the database or disk fails, never a 5xx for our own fault."""
    caplog.set_level(logging.DEBUG)
    line = await desk.envelope()
    desk.inbox.fault = fault
    assert await line.data(stuffed(mail())) == "451 4.3.0 Temporary failure, please try again later"
    desk.inbox.fault = None
    assert (await line.say("DATA")).startswith("503")  # the envelope is gone
    await line.say("MAIL FROM:<kim@example.org>", f"RCPT TO:<{PARK}>")
    assert (await line.data(stuffed(mail()))).startswith("250")
    assert "kim@" not in caplog.text and "Kim" not in caplog.text and "park" not in caplog.text


async def test_a_broken_look_up_is_451() -> None:
    def broken(mailbox: str) -> bool:
        raise RuntimeError("database is locked")

    async with opened(predicate=broken) as desk:
        line = await desk.line()
        assert (await line.say("MAIL FROM:<k@x.example>", f"RCPT TO:<{PARK}>")).startswith("451 4.3.0 T")
        assert (await line.say("RCPT TO:<postmaster>")).startswith("250")


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        (PARK, "250"),
        (PARK.upper(), "250"),
        (f"park-2027+{TOKEN}@{DOMAIN}", "250"),
        (f"park-2027+whatever@{DOMAIN}", "250"),
        ("postmaster", "250"),
        (f"Postmaster@{DOMAIN}", "250"),
        (f"nobody@{DOMAIN}", "550 5.1.1"),
        ("park-2027@elsewhere.example", "550 5.7.1"),
        (f"park-2027%elsewhere.example@{DOMAIN}", "550 5.1.1"),
        ("park-2027", "550"),
        ("", "5"),
    ],
)
async def test_who_is_taken(desk: Desk, recipient: str, code: str) -> None:
    line = await desk.line()
    assert (await line.say("MAIL FROM:<kim@example.org>", f"RCPT TO:<{recipient}>")).startswith(code)


async def test_the_null_sender_is_taken(desk: Desk) -> None:
    """`MAIL FROM:<>` is accepted: bounces come with it (`postmaster`: see who is taken)."""
    line = await desk.envelope(sender="")
    assert (await line.data(stuffed(mail()))).startswith("250")
    assert desk.inbox.arrivals[0].meta["mail_from"] == ""


@pytest.mark.parametrize(
    "reset", ["RSET", "EHLO again.example", "HELO again.example", "MAIL FROM:<other@example.org>"]
)
async def test_what_ends_a_transaction_leaves_no_recipient(desk: Desk, reset: str) -> None:
    """Envelope state is cleared by RSET, MAIL and EHLO."""
    line = await desk.envelope(BUDGET)
    assert (await line.say(reset)).startswith("250")
    assert (await line.say("DATA")).startswith("503")
    await line.say("MAIL FROM:<kim@example.org>", f"RCPT TO:<{PARK}>")
    assert (await line.data(stuffed(mail()))).startswith("250")
    assert [arrival.meta["rcpt"] for arrival in desk.inbox.arrivals] == [PARK]


async def test_many_mails_over_one_line_keep_apart(desk: Desk) -> None:
    """Many mails per connection; the envelope is cleared after DATA."""
    line = await desk.line()
    for number, recipient in enumerate((PARK, BUDGET, PARK)):
        await line.say("MAIL FROM:<kim@example.org>", f"RCPT TO:<{recipient}>")
        assert (await line.data(stuffed(mail(f"n{number}")))).startswith("250")
    assert [arrival.meta["rcpt"] for arrival in desk.inbox.arrivals] == [PARK, BUDGET, PARK]


async def test_one_mail_to_two_mailboxes(desk: Desk) -> None:
    """The same ID for two mailboxes is legal; a refused recipient costs the others nothing."""
    line = await desk.envelope(PARK, BUDGET, PARK)
    assert (await line.say(f"RCPT TO:<nobody@{DOMAIN}>")).startswith("550")
    assert (await line.data(stuffed(mail()))).startswith("250")
    assert [arrival.meta["rcpt"] for arrival in desk.inbox.arrivals] == [PARK, BUDGET]
    assert len({arrival.key for arrival in desk.inbox.arrivals}) == 2


async def test_a_token_address_and_its_mailbox_are_one_arrival(desk: Desk) -> None:
    reply = f"park-2027+{TOKEN}@{DOMAIN}"
    line = await desk.envelope(PARK, reply.upper())
    raw = mail(to=f"{PARK}, {reply}")
    assert (await line.data(stuffed(raw))).startswith("250")
    assert [arrival.meta["rcpt"] for arrival in desk.inbox.arrivals] == [reply.upper()]
    line = await desk.envelope(PARK)  # the same mail, split by another server
    assert (await line.data(stuffed(raw))).startswith("250")
    assert len(desk.inbox.arrivals) == 1


async def test_a_recipient_that_is_refused_for_now_does_not_double_the_others() -> None:
    """One refused recipient does not duplicate the others, even where all are sent again."""
    locked = {"budget"}

    def look(mailbox: str) -> bool:
        if mailbox in locked:
            raise RuntimeError("database is locked")
        return mailbox in ("park-2027", "budget")

    async with opened(predicate=look) as desk:
        line = await desk.envelope(PARK)
        assert (await line.say(f"RCPT TO:<{BUDGET}>")).startswith("451")
        assert (await line.data(stuffed(mail()))).startswith("250")
        locked.clear()
        for recipients in ((BUDGET,), (PARK, BUDGET)):
            await desk.begin(line, *recipients)
            assert (await line.data(stuffed(mail()))).startswith("250")
        assert desk.inbox.recipients == [PARK, BUDGET]


@pytest.mark.parametrize(
    ("greeting", "helo"),
    [
        (b"EHLO mx.home.example", "mx.home.example"),
        (b"HELO [192.0.2.7]", "[192.0.2.7]"),
        (b"EHLO \xff\xfe", ""),
        (b"EHLO a\x1b[31mb", ""),
        (b"EHLO " + b"x" * 256, ""),
    ],
)
async def test_what_the_peer_calls_itself_is_kept(desk: Desk, greeting: bytes, helo: str) -> None:
    line = await desk.line(greet=None)
    await line.answer()
    assert (await line.say(greeting + b"\r\n")).startswith("250")
    await desk.begin(line, PARK)
    assert (await line.data(stuffed(mail()))).startswith("250")
    assert desk.inbox.arrivals[0].meta["helo"] == helo


async def test_nobody_learns_who_has_a_mailbox_nor_logs_in(desk: Desk) -> None:
    line = await desk.line()
    assert await line.say("VRFY park-2027") == await line.say("VRFY nobody")
    assert (await line.say("EXPN park-2027")).startswith("502 5.5.1")
    assert (await line.say("AUTH PLAIN AGtpbQBraW0=")).startswith("500 5.5.1")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (mail("Hello park."), True),
        (mail("Hello park.", received="from x by y"), True),
        (mail("Hello parq."), False),
        (mail("Hello park.", message_id="<2@example.org>"), False),
    ],
)
async def test_duplicates_by_recipient_id_and_body(desk: Desk, other: bytes, same: bool) -> None:
    """Duplicates: recipient + Message-ID + digest of the body; by the ID alone a forged mail suppresses."""
    for raw in (mail("Hello park."), other):
        assert (await (await desk.envelope()).data(stuffed(raw))).startswith("250")
    assert len(desk.inbox.arrivals) == (1 if same else 2)


@pytest.mark.parametrize(
    ("fields", "same"),
    [({"date": "Mon"}, True), ({"date": "Tue"}, False), ({"date": "Mon", "from": "x@y.example"}, False)],
)
async def test_without_an_id_date_and_sender_count(desk: Desk, fields: dict[str, str], same: bool) -> None:
    for raw in (mail(message_id="", date="Mon"), mail(message_id="", **fields)):
        assert (await (await desk.envelope()).data(stuffed(raw))).startswith("250")
    assert len(desk.inbox.arrivals) == (1 if same else 2)


async def test_the_true_end_in_any_pieces(desk: Desk) -> None:
    whole = stuffed(mail("a\n.b"))
    line = await desk.line()
    for cut in range(1, len(whole)):
        await line.say("MAIL FROM:<kim@example.org>", f"RCPT TO:<{PARK}>", "DATA")
        line.writer.write(whole[:cut])
        await line.writer.drain()
        await asyncio.sleep(0)
        assert (await line.say(whole[cut:])).startswith("250")
    assert {arrival.raw for arrival in desk.inbox.arrivals} == {mail("a\n.b")}


async def test_a_mail_that_is_empty(desk: Desk) -> None:
    line = await desk.envelope()
    assert (await line.data(b".\r\n")).startswith("250")
    assert desk.inbox.arrivals[0].raw == b""


async def test_header_injection_by_a_bare_line_feed_is_refused(desk: Desk) -> None:
    line = await desk.envelope()
    assert (await line.data(b"Subject: a\nX-Evil: b\r\n\r\nx\r\n.\r\n")).startswith("554 5.6.0")
    assert not desk.inbox.arrivals


async def test_pipelined_commands_and_two_mails_at_once(desk: Desk) -> None:
    """PIPELINING (RFC 2920), also over the end of a mail."""
    line = await desk.line(greet=None)
    await line.answer()
    assert {"250-PIPELINING", "250-8BITMIME", "250-SMTPUTF8"} <= set(
        (await line.say("EHLO x.example")).split("\n")
    )
    line.writer.write(
        f"MAIL FROM:<k@x.example>\r\nRCPT TO:<nobody@{DOMAIN}>\r\nRCPT TO:<{PARK}>\r\nDATA\r\n".encode()
    )
    assert [(await line.answer())[:3] for _ in range(4)] == ["250", "550", "250", "354"]
    line.writer.write(
        stuffed(mail("one")) + f"MAIL FROM:<k@x.example>\r\nRCPT TO:<{BUDGET}>\r\nDATA\r\n".encode()
    )
    assert [(await line.answer())[:3] for _ in range(4)] == ["250", "250", "250", "354"]
    assert (await line.say(stuffed(mail("two")))).startswith("250")
    assert [(a.meta["rcpt"], a.raw) for a in desk.inbox.arrivals] == [
        (PARK, mail("one")),
        (BUDGET, mail("two")),
    ]


async def test_8_bit_and_utf8_addresses(desk: Desk) -> None:
    """8BITMIME (RFC 6152) and SMTPUTF8 (RFC 6531)."""
    line = await desk.line()
    assert (await line.say("MAIL FROM:<jörg@bücher.example> BODY=8BITMIME SMTPUTF8")).startswith("250")
    assert (await line.say(f"RCPT TO:<{PARK}>")).startswith("250")
    assert (await line.data(stuffed(mail("Grüße")))).startswith("250")
    assert desk.inbox.arrivals[0].meta["mail_from"] == "jörg@bücher.example"


async def test_sizes() -> None:
    """SIZE (RFC 1870): refused at MAIL where it is said, else after the mail."""
    async with opened(replace(LISTEN, max_size=10_000)) as desk:
        line = await desk.line()
        assert (await line.say("MAIL FROM:<k@x.example> SIZE=10001")).startswith("552")
        assert (await line.say("MAIL FROM:<k@x.example> SIZE=10000", f"RCPT TO:<{PARK}>")).startswith("250")
        exact = mail("x" * (10_000 - len(mail(""))))
        assert len(exact) == 10_000 and (await line.data(stuffed(exact))).startswith("250")
        await line.say("MAIL FROM:<k@x.example>", f"RCPT TO:<{PARK}>")
        assert (await line.data(stuffed(exact[:-2] + b"x\r\n"))).startswith("552 5.3.4")
        await line.say("MAIL FROM:<k@x.example>", f"RCPT TO:<{PARK}>")
        assert (await line.data(stuffed(mail("short")))).startswith("250")
        assert [len(a.raw) for a in desk.inbox.arrivals] == [10_000, len(mail("short"))]


async def test_a_mail_without_end_is_cut_off() -> None:
    async with opened(replace(LISTEN, max_size=1_000, idle=2)) as desk:
        line = await desk.envelope()
        assert (await line.say("DATA")).startswith("354")

        async def pour() -> None:
            while True:
                line.writer.write(b"x" * 20_000)
                await line.writer.drain()
                await asyncio.sleep(0.02)

        pouring = asyncio.create_task(pour())
        await until(lambda: not desk.server._lines)
        with pytest.raises(ConnectionError):
            await pouring
        assert not desk.inbox.arrivals


PIECE = st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"a", b"\r\n.", b"\r\n..", b"xyz"])


@given(st.lists(PIECE, max_size=12).map(b"".join), st.lists(st.integers(0, 40), max_size=6))
def test_a_mail_taken_in_any_pieces_is_the_same(wire: bytes, cuts: list[int]) -> None:
    """Against the definition, line by line; the pieces begin with a line end as in DATA."""
    wire = (b"\r\n" + wire + b"\r\n.\r\n").partition(b"\r\n.\r\n")[0] + b"\r\n.\r\n"
    data = Data(1_000)
    places = sorted({0, len(wire), *(cut for cut in cuts if cut <= len(wire) - 5)})
    for start, end in pairwise(places):
        assert not data.ended
        data.add(wire[start:end])
    assert data.ended and not data.too_big
    lines = wire[2:-3].split(b"\r\n")
    assert data.content() == b"\r\n".join(line.removeprefix(b".") for line in lines)
    stripped = wire.replace(b"\r\n", b"")
    assert (data.fault is not None) == (b"\r" in stripped or b"\n" in stripped)


@pytest.mark.parametrize(
    ("path", "sender"),
    [
        ("<kim..doe@mobile.example>", "kim..doe@mobile.example"),
        ("<@relay.example,@other.example:kim@example.org>", "kim@example.org"),
        ('<"Kim Doe"@example.org>', '"Kim Doe"@example.org'),
        (" <kim@example.org> SIZE=100", "kim@example.org"),
        ("<" + "(" * 300 + ">", "(" * 300),
        ("<kim@example.org", None),
        ("kim@example.org", None),
        ("<kim doe@example.org>", None),
        ("<kim@example.org>junk", None),
        ("<kim@example.org\x00>", None),
    ],
)
async def test_paths_of_senders(desk: Desk, path: str, sender: str | None) -> None:
    line = await desk.line()
    answer = await line.say(f"MAIL FROM:{path}")
    assert answer.startswith("250" if sender else "553")
    if sender:
        await line.say(f"RCPT TO:<{PARK}>")
        assert (await line.data(stuffed(mail()))).startswith("250")
        assert desk.inbox.arrivals[0].meta["mail_from"] == sender


async def test_a_path_that_is_no_text_is_refused(desk: Desk) -> None:
    line = await desk.line()
    assert (await line.say(b"MAIL FROM:<k\xffm@example.org>\r\n")).startswith("553")


@pytest.mark.parametrize(
    "body", [b"x" * 3_000_000 + b"\r\n", b"\r\n" * 500_000, b".." + b"\r\n.." * 300_000 + b"\r\n"]
)
async def test_long_and_short_lines(desk: Desk, body: bytes) -> None:
    line = await desk.envelope()
    assert (await line.data(b"Subject: x\r\n\r\n" + body + b".\r\n")).startswith("250")
    assert desk.inbox.arrivals[0].raw == b"Subject: x\r\n\r\n" + body.replace(b"..", b".")


async def test_a_mail_that_goes_in_circles(desk: Desk) -> None:
    """A cap on Received headers."""
    line = await desk.envelope()
    assert (await line.data(stuffed(b"Received: x\r\n" * 51 + mail()))).startswith("554 5.4.6")
    await line.say("MAIL FROM:<k@x.example>", f"RCPT TO:<{PARK}>")
    assert (await line.data(stuffed(b"Received: x\r\n" * 50 + mail()))).startswith("250")


async def test_too_many_recipients() -> None:
    async with opened(replace(LISTEN, max_recipients=2)) as desk:
        line = await desk.envelope(PARK, BUDGET)
        assert (await line.say(f"RCPT TO:<{PARK}>")).startswith("452 4.5.3")


async def test_nothing_of_a_conversation_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line = await desk.envelope(sender="canary@example.org")
    assert (await line.data(stuffed(mail("canary words")))).startswith("250")
    await line.say("canary words outside of DATA")
    assert "canary" not in caplog.text and "park-2027" not in caplog.text
