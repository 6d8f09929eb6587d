"""LMTP (RFC 2033): an answer for each recipient."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.email.settings import Address, Door
from bridge.errors import Retry
from tests.email.doors import BUDGET, LISTEN, LMTP, PARK, Desk, Line, opened, stuffed
from tests.email.mails import DOMAIN, TOKEN, mail
from tests.waiting import until


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened(LMTP) as desk:
        yield desk


async def answers(line: Line, raw: bytes, count: int) -> list[str]:
    """The answers after DATA."""
    first = await line.data(raw)
    return [first, *[await line.answer() for _ in range(count - 1)]]


async def test_the_greeting_is_lhlo(desk: Desk) -> None:
    """RFC 2033 section 4.1: LHLO, and neither HELO nor EHLO; section 5: what must be offered."""
    line = await desk.line(greet=None, door=Door.LMTP)
    assert await line.answer() == f"220 {DOMAIN} LMTP"
    for greeting in ("EHLO x.example", "HELO x.example"):
        assert (await line.say(greeting)).startswith("500")
    assert (await line.say("MAIL FROM:<kim@example.org>")).startswith("503")
    assert (await line.say("LHLO")).startswith("501")
    offered = set((await line.say("LHLO x.example")).split("\n"))
    assert {"250-PIPELINING", "250-ENHANCEDSTATUSCODES", "250-8BITMIME", "250-SMTPUTF8"} <= offered
    assert "250-STARTTLS" not in offered and not [one for one in offered if "AUTH" in one]


async def test_smtp_does_not_know_lhlo() -> None:
    async with opened() as desk:
        line = await desk.line(greet=None)
        await line.answer()
        assert (await line.say("LHLO x.example")).startswith("500")


async def test_each_recipient_gets_an_answer(desk: Desk) -> None:
    """ "LMTP answers per recipient": one for each RCPT that was taken, none for one that was refused."""
    line = await desk.begin(await desk.lmtp(), PARK)
    assert (await line.say(f"RCPT TO:<nobody@{DOMAIN}>")).startswith("550 5.1.1")
    assert (await line.say(f"RCPT TO:<{BUDGET}>")).startswith("250")
    assert await answers(line, stuffed(mail()), 2) == ["250 2.0.0 OK, stored"] * 2
    assert await line.say("NOOP") == "250 2.0.0 OK"  # nothing more was said
    assert desk.inbox.recipients == [PARK, BUDGET]
    assert desk.inbox.arrivals[0].meta["helo"] == "mx.home.example"


@pytest.mark.parametrize("fault", [Retry("locked"), OSError(28, "No space"), RuntimeError("words of Kim")])
async def test_a_commit_that_failed_is_one_recipients_451(desk: Desk, fault: Exception) -> None:
    """ "One refused recipient does not duplicate the others"; and what is tried again arrives once."""
    line = await desk.begin(await desk.lmtp(), PARK, BUDGET, "postmaster")
    desk.inbox.broken = {BUDGET: fault}
    assert [one[:9] for one in await answers(line, stuffed(mail()), 3)] == [
        "250 2.0.0",
        "451 4.3.0",
        "250 2.0.0",
    ]
    desk.inbox.broken = {}
    for recipient in (BUDGET, PARK):
        await desk.begin(line, recipient)
        assert (await answers(line, stuffed(mail()), 1))[0].startswith("250")
    assert sorted(desk.inbox.recipients) == sorted([PARK, BUDGET, "postmaster"])


async def test_two_recipients_of_one_mailbox_share_its_fate(desk: Desk) -> None:
    """A token address, its mailbox, and the same address again are one arrival and three answers."""
    reply = f"park-2027+{TOKEN}@{DOMAIN}"
    line = await desk.begin(await desk.lmtp(), PARK, reply, PARK)
    desk.inbox.broken = {reply: Retry("locked")}
    assert [one[:3] for one in await answers(line, stuffed(mail()), 3)] == ["451"] * 3
    desk.inbox.broken = {}
    await desk.begin(line, PARK, reply, PARK)
    assert [one[:3] for one in await answers(line, stuffed(mail()), 3)] == ["250"] * 3
    assert desk.inbox.recipients == [reply]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"Subject: a\nX-Evil: b\r\n\r\nx\r\n.\r\n", "554 5.6.0"),
        (stuffed(b"Received: x\r\n" * 51 + mail()), "554 5.4.6"),
        (stuffed(mail("x" * 20_000)), "552 5.3.4"),
    ],
)
async def test_a_mail_that_is_refused_is_refused_for_each(raw: bytes, code: str) -> None:
    async with opened(replace(LMTP, max_size=10_000)) as desk:
        line = await desk.begin(await desk.lmtp(), PARK, BUDGET)
        assert [one[:9] for one in await answers(line, raw, 2)] == [code] * 2
        assert not desk.inbox.arrivals
        await desk.begin(line, PARK)
        assert (await answers(line, stuffed(mail()), 1))[0].startswith("250")


async def test_two_mails_in_one_breath(desk: Desk) -> None:
    """PIPELINING: the second envelope is written before the first mail's answers were read."""
    line = await desk.begin(await desk.lmtp(), PARK, BUDGET)
    assert (await line.say("DATA")).startswith("354")
    line.writer.write(stuffed(mail("one")) + f"MAIL FROM:<>\r\nRCPT TO:<{BUDGET}>\r\nDATA\r\n".encode())
    assert [(await line.answer())[:3] for _ in range(5)] == ["250", "250", "250", "250", "354"]
    assert (await line.say(stuffed(mail("two")))).startswith("250")
    assert desk.inbox.recipients == [PARK, BUDGET, BUDGET]


async def test_data_without_a_recipient(desk: Desk) -> None:
    """RFC 2033 section 4.2: 503 when no RCPT was taken."""
    line = await desk.lmtp()
    await line.say("MAIL FROM:<kim@example.org>", f"RCPT TO:<nobody@{DOMAIN}>")
    assert (await line.say("DATA")).startswith("503")


async def test_a_socket_file(tmp_path: Path) -> None:
    """Its permissions say who comes in; it goes with the server, and a dead one is in nobody's way."""
    path, copy = tmp_path / "lmtp", tmp_path / "copy"
    async with opened(replace(LMTP, lmtp=path)) as desk:
        assert path.stat().st_mode & 0o777 == 0o660
        line = await desk.begin(await desk.lmtp(path), PARK)
        assert (await answers(line, stuffed(mail()), 1))[0].startswith("250")
        assert desk.inbox.arrivals[0].meta["peer"] == ""
        assert desk.server.ports == {}
        path.rename(copy)
    copy.rename(path)  # as a kill leaves it
    async with opened(replace(LMTP, lmtp=path)) as desk:
        await desk.begin(await desk.lmtp(path), PARK)
    assert not path.exists()


async def test_all_doors_lead_to_the_same_inbox() -> None:
    async with opened(replace(LISTEN, lmtp=Address("127.0.0.1", 0))) as desk:
        assert set(desk.server.ports) == {Door.SMTP, Door.LMTP}
        assert desk.server.port == desk.server.ports[Door.SMTP]
        assert (await (await desk.envelope(PARK)).data(stuffed(mail()))).startswith("250")
        line = await desk.begin(await desk.lmtp(), PARK, BUDGET)
        assert [one[:3] for one in await answers(line, stuffed(mail()), 2)] == ["250", "250"]
        assert desk.inbox.recipients == [PARK, BUDGET]


async def test_a_taken_address_closes_the_doors_that_were_open() -> None:
    async with opened() as desk:
        taken = replace(LISTEN, lmtp=Address("127.0.0.1", desk.server.port))
        with pytest.raises(OSError, match="in use"):
            async with opened(taken):
                pass


async def test_commits_of_several_mailboxes_survive_a_peer_that_hangs_up(desk: Desk) -> None:
    line = await desk.begin(await desk.lmtp(), PARK, BUDGET)
    desk.inbox.gate.clear()
    await line.say("DATA")
    line.writer.write(stuffed(mail()))
    await until(lambda: desk.inbox.calls == 2)
    line.writer.transport.abort()
    await until(lambda: not desk.server._lines)
    desk.inbox.gate.set()
    await until(lambda: len(desk.inbox.arrivals) == 2)


@pytest.mark.parametrize("reset", ["RSET", "LHLO again.example", "MAIL FROM:<other@example.org>"])
async def test_what_ends_a_transaction_leaves_no_recipient(desk: Desk, reset: str) -> None:
    """ "Envelope state is cleared by RSET, MAIL, EHLO and after DATA"."""
    line = await desk.begin(await desk.lmtp(), BUDGET)
    assert (await line.say(reset)).startswith("250")
    assert (await line.say("DATA")).startswith("503")
    await desk.begin(line, PARK)
    assert len(await answers(line, stuffed(mail()), 1)) == 1
    assert (await line.say("DATA")).startswith("503")
    assert desk.inbox.recipients == [PARK]


CATCH_ALL = f"inbox@{DOMAIN}"


@pytest.mark.parametrize(
    ("fields", "recipients"),
    [
        ({"to": PARK}, [PARK]),
        ({"to": "Park <PARK-2027@Consult.Alder.Example>, kim@example.org"}, [PARK]),
        ({"to": PARK, "cc": f"{BUDGET}, nobody@{DOMAIN}"}, [PARK, BUDGET]),
        ({"to": PARK, "x_original_to": BUDGET}, [BUDGET]),
        ({"to": BUDGET, "x_original_to": CATCH_ALL, "delivered_to": PARK}, [PARK]),
        ({"to": f"park-2027+{TOKEN}@{DOMAIN}"}, [f"park-2027+{TOKEN}@{DOMAIN}"]),
        ({"to": f"postmaster@{DOMAIN}"}, [f"postmaster@{DOMAIN}"]),
    ],
)
async def test_a_catch_all_finds_the_mailbox(fields: dict[str, str], recipients: list[str]) -> None:
    """A mail host that puts one address in place of all: the header says whose the mail is."""
    async with opened(replace(LMTP, port=0, catch_all=CATCH_ALL)) as desk:
        for line in (await desk.lmtp(), await desk.line()):  # the second time it is a duplicate
            await desk.begin(line, CATCH_ALL.upper())
            assert await answers(line, stuffed(mail(**fields)), 1) == ["250 2.0.0 OK, stored"]
        assert desk.inbox.recipients == recipients


@pytest.mark.parametrize("fields", [{"to": "kim@example.org"}, {"to": f"nobody@{DOMAIN}"}, {"to": CATCH_ALL}])
async def test_a_catch_all_takes_no_mail_that_names_no_mailbox(fields: dict[str, str]) -> None:
    async with opened(replace(LMTP, port=0, catch_all=CATCH_ALL)) as desk:
        for line in (await desk.lmtp(), await desk.line()):
            await desk.begin(line, CATCH_ALL)
            assert (await answers(line, stuffed(mail(**fields)), 1))[0].startswith("550 5.1.1")
        line = await desk.begin(await desk.lmtp(), CATCH_ALL, PARK)
        assert [one[:3] for one in await answers(line, stuffed(mail(**fields)), 2)] == ["550", "250"]
        assert desk.inbox.recipients == [PARK]


async def test_a_catch_all_is_one_address_and_no_mailbox_of_ours() -> None:
    """Only the address that was named; where it is a mailbox, the header does not lead away from it."""
    async with opened(replace(LMTP, catch_all=PARK)) as desk:
        line = await desk.lmtp()
        assert (await line.say("MAIL FROM:<>", f"RCPT TO:<{CATCH_ALL}>")).startswith("550 5.1.1")
        assert (await line.say(f"RCPT TO:<{PARK}>")).startswith("250")
        assert (await answers(line, stuffed(mail(to=BUDGET)), 1))[0].startswith("250")
        assert desk.inbox.recipients == [PARK]


async def test_a_catch_all_of_another_domain_with_a_broken_look_up() -> None:
    """451 while we cannot know; the address that stands for all of ours need not be ours."""
    asked = asyncio.Event()

    def broken(mailbox: str) -> bool:
        asked.set()
        raise RuntimeError("database is locked")

    async with opened(replace(LMTP, catch_all="box7@hoster.example"), broken) as desk:
        line = await desk.begin(await desk.lmtp(), "box7@hoster.example", "postmaster")
        assert not asked.is_set()
        assert [one[:9] for one in await answers(line, stuffed(mail(to=PARK)), 2)] == ["451 4.3.0"] * 2
        assert asked.is_set() and not desk.inbox.arrivals
