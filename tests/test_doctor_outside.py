"""What the doctor asks of the world, on real sockets: a mail server, a mailbox, a scanner, certificates."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bridge import keyfile
from bridge.config_email import Certificate, Email, Mailbox, Scanner
from bridge.demo.authority import Authority
from bridge.demo.ports import free_port
from bridge.doctor import parts
from bridge.doctor.row import Row
from bridge.email.resolver import DnsResolver, StaticResolver
from bridge.email.settings import Door, KeyPair
from bridge.errors import Refuse, Retry
from bridge.look import Outside
from tests.email.authority import Authority as Strict
from tests.email.clamd import FakeClamd
from tests.email.doors import LISTEN, opened
from tests.email.dovecot import HOST as IMAP_HOST
from tests.email.dovecot import PASSWORD, Dovecot, dovecot
from tests.waiting import until

HOST = "mx.alder.example"
OURS = "consult.alder.example"


async def no_schema(url: str, master: bytes) -> tuple[str | None, str]:
    raise AssertionError(url)


def outside(trust: ssl.SSLContext | None = None, deadline: float = 10) -> Outside:
    return Outside(no_schema, deadline, greeting=3, trust=trust)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Stranger:
    """A server that talks as it likes; `lines` are the connections that came."""

    port: int = 0
    lines: list[asyncio.Task[None]] = field(default_factory=list)


@asynccontextmanager
async def stranger(talk: Talk) -> AsyncIterator[Stranger]:
    """Listens inside the block; every line is closed and gone afterwards."""
    told = Stranger()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        told.lines.append(task)
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        told.port = server.sockets[0].getsockname()[1]
        yield told
        for line in told.lines:
            line.cancel()
        await asyncio.gather(*told.lines, return_exceptions=True)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads until the client is gone, and says nothing."""
    await reader.read()


# ------------------------------------------------------------------ the mail server of the MX


@asynccontextmanager
async def mail_server(pair: KeyPair | None) -> AsyncIterator[int]:
    async with opened(replace(LISTEN, tls=pair)) as desk:
        yield desk.server.ports[Door.SMTP]


async def test_a_certificate_that_holds_is_shown(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    issued = authority.issue(HOST)
    trust = ssl.create_default_context(cafile=str(authority.certificate))
    async with mail_server(KeyPair(issued.certificate, issued.key)) as port:
        shown = await outside(trust).secured(HOST, "127.0.0.1", OURS, port)
        assert shown.doubt == ""
        days = (shown.until - datetime.datetime.now(datetime.UTC).timestamp()) / 86400
        assert 363 < days < 366
        with pytest.raises(Refuse, match=r"not valid for 'other\.alder\.example'"):
            await outside(trust).secured("other.alder.example", "127.0.0.1", OURS, port)
        assert (await outside().secured(HOST, "127.0.0.1", OURS, port)).doubt != ""


def expired(folder: Path) -> tuple[Strict, Path]:
    """Who issued it, and the file that holds a certificate and its key."""
    authority = Strict(folder)
    authority.server(HOST, expired=True)
    (path,) = folder.glob("server-*.pem")
    return authority, path


async def test_a_certificate_that_has_ended(tmp_path: Path) -> None:
    authority, path = expired(tmp_path)
    async with mail_server(KeyPair(path, path)) as port:
        with pytest.raises(Refuse, match="expired"):
            await outside(authority.client()).secured(HOST, "127.0.0.1", OURS, port)


async def test_a_server_without_starttls_and_one_that_only_says_so() -> None:
    async with mail_server(None) as port:
        with pytest.raises(Refuse, match="offers no STARTTLS"):
            await outside().secured(HOST, "127.0.0.1", OURS, port)

    async def boast(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go on\r\n")
        await reader.read(1)
        writer.write(b"not TLS at all\r\n" * 3)
        await reader.read()

    async with stranger(boast) as server:
        with pytest.raises(Refuse, match="TLS fails"):
            await outside().secured(HOST, "127.0.0.1", OURS, server.port)


async def test_a_server_that_is_not_reached_is_not_judged() -> None:
    with pytest.raises(Retry, match="does not serve us"):
        await outside().secured(HOST, "127.0.0.1", OURS, free_port())
    async with stranger(silence) as server:
        began = asyncio.get_running_loop().time()
        with pytest.raises(Retry, match="TimeoutError"):
            await Outside(no_schema, greeting=0.3).secured(HOST, "127.0.0.1", OURS, server.port)
        assert asyncio.get_running_loop().time() - began < 3


# ------------------------------------------------------------------ a mailbox


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


def mailbox(place: Path, port: int, password: str = PASSWORD, **more: Any) -> Mailbox:
    path = place / f"password-{password}"
    if not path.exists():
        keyfile.write_secret(path, password + "\n")
    plain = {"host": IMAP_HOST, "port": port, "tls": "none", "username": "doctor", "password_file": str(path)}
    return Mailbox.model_validate({**plain, **more})


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("check-imap")]


async def test_a_mailbox_that_lets_us_in_and_is_left_as_it_was(imap: Dovecot, tmp_path: Path) -> None:
    imap.deliver("doctor", b"Subject: waits\r\n\r\nwords\r\n")
    await outside().mailbox(mailbox(tmp_path, imap.port, done="Done", aside="Aside"))
    assert imap.flags("doctor") == [set()]
    with imap.client("doctor") as client:
        assert not client.folder_exists("Done")
        assert not client.folder_exists("Aside")
    assert threads() == []


async def test_a_mailbox_behind_tls(imap: Dovecot, tmp_path: Path) -> None:
    await outside(imap.context).mailbox(mailbox(tmp_path, imap.tls_port, tls="tls"))
    await outside(imap.context).mailbox(mailbox(tmp_path, imap.port, tls="starttls"))
    with pytest.raises(Retry, match="proves no identity"):
        await outside().mailbox(mailbox(tmp_path, imap.tls_port, tls="tls"))


async def test_what_keeps_us_out_of_a_mailbox(imap: Dovecot, tmp_path: Path) -> None:
    with pytest.raises(Retry, match="refuses our login") as caught:
        await outside().mailbox(mailbox(tmp_path, imap.port, "falsch"))
    assert "falsch" not in caught.value.reason
    with pytest.raises(Retry, match="cannot be opened"):
        await outside().mailbox(mailbox(tmp_path, imap.port, folder="Nowhere"))
    with pytest.raises(Refuse, match="cannot be reached"):
        await outside().mailbox(mailbox(tmp_path, free_port()))
    assert threads() == []


async def test_a_mail_server_that_says_nothing_holds_no_thread(tmp_path: Path) -> None:
    async with stranger(silence) as server:
        settings = mailbox(tmp_path, server.port)
        with pytest.raises(Retry, match="does not answer"):
            await outside(deadline=0.3).mailbox(settings)
        assert threads() == []
        asking = asyncio.create_task(outside(deadline=60).mailbox(settings))
        await until(lambda: len(server.lines) == 2 and threads(), what="the second question waits")
        asking.cancel()
        await asyncio.wait({asking}, timeout=5)
        assert asking.cancelled()
        assert threads() == []


# ------------------------------------------------------------------ scanner, name servers, certificate


async def test_a_scanner_is_asked() -> None:
    async with FakeClamd(b"PONG\0").running() as clamd:
        settings = Scanner.model_validate({"clamd": clamd.address})
        assert await outside().scanner(settings) == "ClamAV"
        assert clamd.commands == [b"zPING", b"zVERSION"]
    async with FakeClamd(None).running() as clamd:
        settings = Scanner.model_validate({"clamd": clamd.address, "timeout": 600})
        with pytest.raises(Retry):
            await outside(deadline=0.3).scanner(settings)


def test_who_answers_for_dns(tmp_path: Path) -> None:
    def email(**senders: str | list[str]) -> Email:
        return Email.model_validate({"domain": OURS, "senders": senders})

    assert isinstance(outside().resolver(email(nameservers=["127.0.0.1"])), DnsResolver)
    (tmp_path / "records.yaml").write_text("alder.example: {TXT: words}\n")
    assert isinstance(outside().resolver(email(records=str(tmp_path / "records.yaml"))), StaticResolver)
    with pytest.raises(Refuse, match=r"missing\.yaml"):
        outside().resolver(email(records=str(tmp_path / "missing.yaml")))


def test_our_own_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    issued, other = authority.issue(HOST, OURS), authority.issue("other.alder.example")
    now = datetime.datetime.now(datetime.UTC).timestamp()

    def row(certificate: Path, key: Path, days: float = 0) -> Row:
        pair = Certificate.model_validate({"certificate": str(certificate), "key_file": str(key)})
        return parts.certificate(pair, now + days * 86400)

    good = row(issued.certificate, issued.key)
    assert good.ok is True
    assert good.said.startswith(f"for {HOST}, {OURS}, until 20")
    for wrong, said in (
        (row(issued.certificate, other.key), f"certificate {issued.certificate} with the key {other.key}: "),
        (row(tmp_path / "missing.pem", issued.key), f"certificate {tmp_path}/missing.pem: No such file"),
        (row(issued.certificate, tmp_path / "missing.pem"), f"the key {tmp_path}/missing.pem: No such file"),
        (row(issued.certificate, issued.key, days=352), "within 14 days"),
        (row(issued.certificate, issued.key, days=400), "ended on"),
        (row(issued.certificate, issued.key, days=-3), "holds from"),
    ):
        assert wrong.ok is False
        assert said in wrong.said
        assert wrong.remedy
