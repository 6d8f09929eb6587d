"""SMTP smuggling: two servers that disagree on where a mail ends make two mails of one.

CVE-2023-51764 (Postfix), CVE-2023-51765 (Sendmail), CVE-2023-51766 (Exim), CVE-2024-27305
(aiosmtpd): a second mail hides behind a false end of data and comes with the first one's good name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bridge.channel import Arrival
from bridge.email.settings import Door
from tests.email.doors import BUDGET, LISTEN, LMTP, PARK, Desk, Line, opened
from tests.email.mails import mail
from tests.email.postfix import Postfix, postfix_folder
from tests.waiting import until

ENDS = [
    b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\r.\n",
    b"\r\n\x00.\r\n", b"\n\n.\r\n", b"\r\r\n.\r\r\n", b"\r\n.\r\r\n", b"\r\n.\x00\r\n", b"\r\n. \r\n",
]  # fmt: skip
SMUGGLED = (
    f"MAIL FROM:<mayor@alder.example>\r\nRCPT TO:<{PARK}>\r\nDATA\r\n"
    "From: mayor@alder.example\r\n\r\nforged\r\n"
).encode()


def around(end: bytes, number: int = 1) -> bytes:
    """A mail with a false end, a whole second mail behind it, and the true end."""
    return mail("first", message_id=f"<{number}@home.example>").rstrip(b"\r\n") + end + SMUGGLED + b".\r\n"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("door", [Door.SMTP, Door.LMTP])
async def test_every_end_of_data_gives_one_mail_or_a_refusal(end: bytes, door: Door) -> None:
    """What follows a false end belongs to the same mail: one answer, and at most one arrival."""
    async with opened(LISTEN if door is Door.SMTP else LMTP) as desk:
        line = await desk.line() if door is Door.SMTP else await desk.lmtp()
        answer = await (await desk.begin(line, PARK)).data(around(end))
        assert answer.startswith(("250", "554 5.6.0"))
        assert await line.say("NOOP") == "250 2.0.0 OK"
        assert len(desk.inbox.arrivals) == answer.startswith("250")
        assert all(b"forged" in arrival.raw for arrival in desk.inbox.arrivals)
        bare = end.replace(b"\r\n", b"")
        assert answer.startswith("554") == (b"\r" in bare or b"\n" in bare)


HARDENED = {"smtpd_forbid_bare_newline": "normalize", "smtpd_forbid_bare_newline_exclusions": ""}
TRUSTING = {"smtpd_forbid_bare_newline": "no"}


async def hand_over(postfix: Postfix, octets: bytes) -> int:
    """Send what follows DATA; how many mails Postfix takes it for."""
    line = Line(*await asyncio.open_connection("127.0.0.1", postfix.port))
    await line.answer()
    await line.say("EHLO home.example", "MAIL FROM:<ada@home.example>", f"RCPT TO:<{BUDGET}>", "DATA")
    answers = [await line.say(octets)]
    line.writer.write(b"QUIT\r\n")
    while not answers[-1].startswith("221"):
        answers.append(await line.answer())
    line.writer.close()
    return sum("queued as" in answer for answer in answers)


async def quiet(postfix: Postfix) -> bool:
    return not await postfix.queue()


async def arrived(postfix: Postfix, desk: Desk, octets: bytes) -> tuple[int, list[Arrival]]:
    """How many mails Postfix took of `octets`, and those that came out at our side."""
    before = len(desk.inbox.arrivals)
    taken = await hand_over(postfix, octets)
    await until(partial(quiet, postfix))
    return taken, desk.inbox.arrivals[before:]


@asynccontextmanager
async def behind(way: str, settings: dict[str, str]) -> AsyncIterator[tuple[Postfix, Desk]]:
    """A Postfix that hands everything to us."""
    async with opened(replace(LISTEN, lmtp=LMTP.lmtp)) as desk:
        where = ("127.0.0.1", desk.server.ports[Door(way)])
        to: dict[str, Any] = {"relay_to": where} if way == "smtp" else {"lmtp_to": where}
        with postfix_folder() as folder:
            async with Postfix(folder, **to, local_domain="home.example", settings=settings) as postfix:
                yield postfix, desk
                assert postfix.mails() == []  # nothing bounced


WAYS = pytest.mark.parametrize("way", ["smtp", "lmtp"])


@WAYS
async def test_every_end_of_data_through_a_real_postfix(way: str) -> None:
    """Exactly one mail, whatever the false end is; Postfix is told to want CRLF "." CRLF as we do."""
    async with behind(way, HARDENED) as (postfix, desk):
        for number, end in enumerate(ENDS):
            taken, came = await arrived(postfix, desk, around(end, number))
            assert (taken, [one.meta["rcpt"] for one in came]) == (1, [BUDGET]), end
            assert b"forged" in came[0].raw


@WAYS
async def test_between_a_postfix_that_is_fooled_and_us_nothing_more_is_smuggled(way: str) -> None:
    """Without that setting (its default before 3.9) some ends make two mails in Postfix itself.

    Then they are its two mails here as well, and never a third one.
    """
    async with behind(way, TRUSTING) as (postfix, desk):
        counts = set()
        for number, end in enumerate(ENDS):
            taken, came = await arrived(postfix, desk, around(end, number))
            assert len(came) == taken, end
            counts.add(taken)
        assert counts == {1, 2}  # it is fooled by some of them: the test sees a difference
