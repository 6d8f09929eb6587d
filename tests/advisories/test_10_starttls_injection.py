"""STARTTLS injection: what a stranger in the middle wrote before TLS counts inside it (CVE-2024-34083).

Found in aiosmtpd 1.4.5 and, as CVE-2011-0411, in most mail servers before it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.email.settings import Address
from tests.email.doors import LISTEN, PARK, opened, stuffed
from tests.email.mails import DOMAIN, mail
from tests.email.test_tls import Keys
from tests.waiting import until

INJECTED = [
    b"EHLO evil.example\r\n",
    f"EHLO evil.example\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<{PARK}>\r\n".encode(),
    f"MAIL FROM:<evil@example.org>\r\nRCPT TO:<{PARK}>\r\nDATA\r\n".encode(),
    b"NOOP " + b"x" * 400 + b"\r\n",
    b"NOOP",  # half a line, to stand before the first word inside TLS
    b"NOOP\r\n" * 40_000,  # more than the buffer holds
]


@pytest.mark.parametrize("injected", INJECTED, ids=range(len(INJECTED)))
@pytest.mark.parametrize("greeted", [True, False])
async def test_what_came_before_tls_is_discarded(tmp_path: Path, injected: bytes, greeted: bool) -> None:
    """Pipelined after STARTTLS in the same segment: nothing of it is answered or obeyed inside TLS."""
    keys = Keys(tmp_path)
    async with opened(keys.listen()) as desk:
        line = await desk.line("EHLO client.example" if greeted else None)
        if not greeted:
            await line.answer()
        line.writer.write(b"STARTTLS\r\n" + injected)
        assert (await line.answer()).startswith("220")
        try:
            await line.handshake(keys.trust(), DOMAIN)
        except (OSError, asyncio.IncompleteReadError):  # the rest of it spoilt the handshake
            assert len(injected) > 65_536
            await until(lambda: not desk.server._lines)
            assert not desk.inbox.arrivals
            return
        assert (await line.say("MAIL FROM:<kim@example.org>")).startswith("503")
        assert (await line.say("EHLO client.example")).startswith("250-")
        assert (await line.say("DATA")).startswith("503")
        await desk.begin(line, PARK)
        assert (await line.data(stuffed(mail()))).startswith("250")
        (arrival,) = desk.inbox.arrivals
        assert (arrival.meta["mail_from"], arrival.meta["helo"]) == ("kim@example.org", "client.example")


async def test_what_comes_between_the_answer_and_the_handshake_ends_it(tmp_path: Path) -> None:
    """After the 220 only a handshake is read: words in the clear are none."""
    async with opened(Keys(tmp_path).listen()) as desk:
        line = await desk.line()
        assert (await line.say("STARTTLS")).startswith("220")
        line.writer.write(f"MAIL FROM:<evil@example.org>\r\nRCPT TO:<{PARK}>\r\n".encode() * 10)
        assert b"250" not in await asyncio.wait_for(line.reader.read(), 20)
        await until(lambda: not desk.server._lines)


async def test_lmtp_too(tmp_path: Path) -> None:
    """The same door, the same rule."""
    keys = Keys(tmp_path)
    async with opened(keys.listen(replace(LISTEN, lmtp=Address("127.0.0.1", 0)))) as desk:
        line = await desk.lmtp()
        line.writer.write(b"STARTTLS\r\nLHLO evil.example\r\nMAIL FROM:<evil@example.org>\r\n")
        assert (await line.answer()).startswith("220")
        await line.handshake(keys.trust(), DOMAIN)
        assert (await line.say(f"RCPT TO:<{PARK}>")).startswith("503")
