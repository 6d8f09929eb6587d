"""Behind a real Postfix, as most towns will run it: by SMTP and by LMTP."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from bridge.email.settings import Address, Door, KeyPair
from bridge.errors import Retry
from tests.email.doors import BUDGET, LISTEN, PARK, Desk, opened
from tests.email.mails import DOMAIN, TOKEN, mail
from tests.email.postfix import Postfix, postfix_folder
from tests.email.test_tls import Keys
from tests.test_documents import postfix_settings
from tests.waiting import until

Way = Literal["smtp", "lmtp"]
BOTH = replace(LISTEN, lmtp=Address("127.0.0.1", 0))
WAYS = pytest.mark.parametrize("way", ["smtp", "lmtp"])


@pytest.fixture
def folder() -> Iterator[Path]:
    with postfix_folder() as folder:
        yield folder


@asynccontextmanager
async def behind(folder: Path, way: Way) -> AsyncIterator[tuple[Desk, Postfix]]:
    """Our doors, and a Postfix before one of them."""
    async with opened(BOTH) as desk:
        where = ("127.0.0.1", desk.server.ports[Door(way)])
        to = {"relay_to": where} if way == "smtp" else {"lmtp_to": where}
        async with Postfix(folder, **to) as postfix:  # type: ignore[arg-type]
            yield desk, postfix


async def send(postfix: Postfix, raw: bytes, *recipients: str, sender: str = "ada@home.example") -> None:
    """Hand a mail to Postfix as an ordinary client does; each recipient must be taken."""

    def hand_over() -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as client:
            return client.sendmail(sender, recipients, raw)

    assert await asyncio.to_thread(hand_over) == {}


async def settled(postfix: Postfix) -> list[str]:
    """The recipients that are deferred, once nothing is on its way any more."""

    async def still() -> bool:
        return all(one["queue_name"] == "deferred" for one in await postfix.queue())

    await until(still)
    return sorted(str(r["address"]) for one in await postfix.queue() for r in one["recipients"])


@WAYS
async def test_a_mail_arrives_once_for_each_mailbox(folder: Path, way: Way) -> None:
    """One mail to two mailboxes, one of them by its token too; then a second mail over the same Postfix."""
    reply = f"park-2027+{TOKEN}@{DOMAIN}"
    async with behind(folder, way) as (desk, postfix):
        await send(postfix, mail("Hello.\n.\n..dots"), PARK, BUDGET, reply)
        await postfix.until(lambda: len(desk.inbox.arrivals) >= 2)
        await send(postfix, mail("Second", message_id="<2@home.example>"), BUDGET)
        await postfix.until(lambda: len(desk.inbox.arrivals) >= 3)
        assert await settled(postfix) == []
        assert sorted(desk.inbox.recipients) == sorted([reply, BUDGET, BUDGET])
        for arrival in desk.inbox.arrivals[:2]:
            assert arrival.raw.endswith(mail("Hello.\n.\n..dots").partition(b"\r\n\r\n")[2])
            assert (arrival.meta["mail_from"], arrival.meta["helo"]) == (
                "ada@home.example",
                "mx.home.example",
            )


@WAYS
async def test_the_null_sender_and_postmaster_come_through(folder: Path, way: Way) -> None:
    async with behind(folder, way) as (desk, postfix):
        await send(postfix, mail(), f"postmaster@{DOMAIN}", sender="")
        await postfix.until(lambda: desk.inbox.arrivals)
        assert desk.inbox.arrivals[0].meta["mail_from"] == ""
        assert await settled(postfix) == []


@WAYS
async def test_451_makes_postfix_try_again(folder: Path, way: Way) -> None:
    """Deferred, not bounced; the next attempt is taken once, with the same key."""
    async with behind(folder, way) as (desk, postfix):
        desk.inbox.fault = OSError(28, "No space")
        await send(postfix, mail(), PARK)
        await postfix.until(lambda: desk.inbox.calls)
        assert await settled(postfix) == [PARK]
        assert not desk.inbox.arrivals
        desk.inbox.fault = None
        await postfix.flush()
        await postfix.until(lambda: desk.inbox.arrivals)
        assert await settled(postfix) == []
        assert desk.inbox.recipients == [PARK]


@WAYS
async def test_one_mailbox_that_fails_does_not_double_the_other(folder: Path, way: Way) -> None:
    """By LMTP only the failed one comes again; by SMTP both do, and the one that was stored is known."""
    async with behind(folder, way) as (desk, postfix):
        desk.inbox.broken = {BUDGET: Retry("locked")}
        await send(postfix, mail(), PARK, BUDGET)
        await postfix.until(lambda: desk.inbox.calls)
        assert await settled(postfix) == ([BUDGET] if way == "lmtp" else sorted([PARK, BUDGET]))
        assert desk.inbox.recipients == ([PARK] if way == "lmtp" else [])
        desk.inbox.broken = {}
        await postfix.flush()
        await postfix.until(lambda: len(desk.inbox.arrivals) == 2)
        assert await settled(postfix) == []
        assert sorted(desk.inbox.recipients) == sorted([PARK, BUDGET])


@WAYS
async def test_a_lost_answer_is_no_second_mail(folder: Path, way: Way) -> None:
    """The commit is done when the line breaks: what Postfix then brings again is a duplicate."""
    async with behind(folder, way) as (desk, postfix):
        desk.inbox.gate.clear()
        await send(postfix, mail(), PARK)
        await postfix.until(lambda: desk.inbox.calls)
        for line in list(desk.server._lines):
            line.drop()
        desk.inbox.gate.set()
        await until(lambda: desk.inbox.arrivals)
        assert await settled(postfix) == [PARK]
        await postfix.flush()
        await postfix.until(lambda: desk.inbox.calls == 2)
        assert await settled(postfix) == []
        assert desk.inbox.recipients == [PARK]


@WAYS
async def test_many_mails_over_one_postfix_keep_apart(folder: Path, way: Way) -> None:
    """Postfix keeps lines open and sends several mails over each."""
    async with behind(folder, way) as (desk, postfix):
        for number in range(40):
            recipient = (PARK, BUDGET)[number % 2]
            await send(postfix, mail(f"number {number}", message_id=f"<{number}@home.example>"), recipient)
        await postfix.until(lambda: len(desk.inbox.arrivals) == 40)
        assert await settled(postfix) == []
        for arrival in desk.inbox.arrivals:
            number = int(arrival.raw.rpartition(b"number ")[2])
            assert arrival.meta["rcpt"] == (PARK, BUDGET)[number % 2]


async def test_an_unknown_mailbox_is_postfix_s_to_bounce(folder: Path) -> None:
    """550 for one recipient: the other's mail arrives, and the sender is told by Postfix."""
    async with (
        opened(BOTH) as desk,
        Postfix(
            folder,
            lmtp_to=("127.0.0.1", desk.server.ports[Door.LMTP]),
            local_domain="home.example",
        ) as postfix,
    ):
        await send(postfix, mail(), PARK, f"nobody@{DOMAIN}")
        await postfix.until(postfix.mails)
        (bounce,) = postfix.mails()
        assert b"There is no such mailbox here" in bounce and b"Action: failed" in bounce
        assert desk.inbox.recipients == [PARK]
        assert await settled(postfix) == []


async def test_postfix_by_a_socket_file(folder: Path) -> None:
    path = folder / "lmtp"
    async with opened(replace(BOTH, lmtp=path)) as desk, Postfix(folder, lmtp_to=path) as postfix:
        path.chmod(0o666)  # as the folder's group would let Postfix in
        await send(postfix, mail(), PARK)
        await postfix.until(lambda: desk.inbox.arrivals)
        assert desk.inbox.recipients == [PARK]


async def test_postfix_by_starttls_that_it_verifies(folder: Path, tmp_path: Path) -> None:
    """Postfix speaks TLS to our SMTP door, and checks the certificate's name."""
    keys = Keys(tmp_path)
    pair = KeyPair(keys.pair.certificate, keys.pair.key)
    root = folder / "root.crt"
    root.write_bytes(keys.root.read_bytes())
    verified = {
        "smtp_tls_security_level": "secure",
        "smtp_tls_CAfile": str(root),
        "smtp_tls_secure_cert_match": DOMAIN,
        "smtp_tls_loglevel": "1",
    }
    async with (
        opened(replace(BOTH, tls=pair)) as desk,
        Postfix(folder, relay_to=("127.0.0.1", desk.server.port), settings=verified) as postfix,
    ):
        await send(postfix, mail(), PARK)
        await postfix.until(lambda: desk.inbox.arrivals)
        assert "Verified TLS connection established" in postfix.log()


async def test_the_lines_of_the_page_about_mail(folder: Path) -> None:
    """From outside: our mailboxes are taken, invented ones and other domains are refused at RCPT."""
    maps = {"transport": "lmtp:inet:127.0.0.1:{port}", "ask_folkmoot": "reject_unverified_recipient"}
    settings = {name: text for name, text in postfix_settings().items() if "milter" not in name}
    settings = {
        name: text.replace("hash:/etc/postfix", f"texthash:{folder}") for name, text in settings.items()
    }
    settings |= {"relay_domains": DOMAIN, "mynetworks": "192.0.2.0/24", "smtpd_relay_restrictions": ""}
    async with opened(BOTH) as desk:
        for name, value in maps.items():
            (folder / name).write_text(f"{DOMAIN}    {value.format(port=desk.server.ports[Door.LMTP])}\n")
        async with Postfix(folder, settings=settings) as postfix:

            def asked() -> list[int]:
                with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as client:
                    client.ehlo()
                    client.mail("ada@home.example")
                    reply = f"park-2027+{TOKEN}@{DOMAIN}"
                    recipients = (PARK, reply, f"nobody@{DOMAIN}", "a@birch.example")
                    return [client.rcpt(recipient)[0] for recipient in recipients]

            assert await asyncio.to_thread(asked) == [250, 250, 550, 554], postfix.log()
            await send(postfix, mail(), PARK)
            await postfix.until(lambda: desk.inbox.arrivals)
