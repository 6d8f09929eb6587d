"""TLS: STARTTLS (RFC 3207), TLS from the first octet (RFC 8314), and certificates that are renewed."""

from __future__ import annotations

import asyncio
import logging
import shutil
import smtplib
import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from bridge.demo.authority import Authority
from bridge.email.settings import Address, Door, KeyPair, Listen
from bridge.errors import Refuse
from tests.email.doors import LISTEN, LMTP, PARK, Desk, opened, stuffed
from tests.email.mails import DOMAIN, mail
from tests.waiting import until


@dataclass
class Keys:
    """Two files that a server reads, and whoever renews them."""

    folder: Path

    def __post_init__(self) -> None:
        self.pair = KeyPair(self.folder / "tls.crt", self.folder / "tls.key")
        self.root = self.folder / "root.crt"
        self._authority = Authority(self.folder / "root")
        shutil.copy(self._authority.certificate, self.root)
        self.renew(1)

    def issue(self, number: int) -> tuple[bytes, bytes]:
        """Certificate and key, other ones for each number."""
        found = self._authority.issue(f"n{number}.example", DOMAIN)
        return found.certificate.read_bytes(), found.key.read_bytes()

    def renew(self, number: int) -> bytes:
        """Put a pair in place; the certificate (DER)."""
        certificate, key = self.issue(number)
        self.put(self.pair.certificate, certificate)
        self.put(self.pair.key, key)
        return ssl.PEM_cert_to_DER_cert(certificate.decode())

    def put(self, path: Path, octets: bytes) -> None:
        new = path.with_suffix(".new")
        new.write_bytes(octets)
        new.replace(path)

    def trust(self) -> ssl.SSLContext:
        """What a careful peer checks with."""
        return ssl.create_default_context(cafile=str(self.root))

    def listen(self, listen: Listen = LISTEN) -> Listen:
        return replace(listen, tls=self.pair, smtps=Address("127.0.0.1", 0))


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
async def desk(keys: Keys) -> AsyncIterator[Desk]:
    async with opened(keys.listen()) as desk:
        yield desk


async def seen(desk: Desk, keys: Keys, door: Door) -> bytes:
    """The certificate that a new connection gets (DER)."""
    if door is Door.SMTPS:
        return (await desk.line(door=door, context=keys.trust(), name=DOMAIN)).certificate()
    line = await desk.line("LHLO x.example" if door is Door.LMTP else "EHLO x.example", door=door)
    await line.starttls(keys.trust(), DOMAIN)
    return line.certificate()


@pytest.mark.parametrize("door", [Door.SMTP, Door.SMTPS])
async def test_a_mail_by_an_ordinary_client(desk: Desk, keys: Keys, door: Door) -> None:
    context, port = keys.trust(), desk.server.ports[door]
    context.check_hostname = False  # it is called by its number here

    def send() -> dict[str, tuple[int, bytes]]:
        if door is Door.SMTPS:
            client: smtplib.SMTP = smtplib.SMTP_SSL("127.0.0.1", port, timeout=20, context=context)
        else:
            client = smtplib.SMTP("127.0.0.1", port, timeout=20)
            client.starttls(context=context)
        with client:
            return client.sendmail("kim@example.org", [PARK], mail("Hello park.\n.\n"))

    assert await asyncio.to_thread(send) == {}
    assert desk.inbox.arrivals[0].raw == mail("Hello park.\n.\n")


async def test_after_starttls_the_peer_begins_anew(desk: Desk, keys: Keys) -> None:
    """RFC 3207 section 4.2: neither the greeting nor the envelope of before counts; no second STARTTLS."""
    line = await desk.line(greet=None)
    await line.answer()
    assert "250-STARTTLS" in (await line.say("EHLO before.example")).split("\n")
    await desk.begin(line, PARK)
    assert (await line.say("STARTTLS now")).startswith("501")
    await line.starttls(keys.trust(), DOMAIN)
    assert (await line.say("MAIL FROM:<kim@example.org>")).startswith("503")
    assert (await line.say("DATA")).startswith("503")
    assert "STARTTLS" not in await line.say("EHLO after.example")
    assert (await line.say("STARTTLS")).startswith("503 5.5.1")
    assert (await line.say("DATA")).startswith("503")
    await desk.begin(line, PARK)
    assert (await line.data(stuffed(mail()))).startswith("250")
    (arrival,) = desk.inbox.arrivals
    assert (arrival.meta["helo"], arrival.meta["peer"]) == ("after.example", "127.0.0.1")
    assert (await line.say("QUIT")).startswith("221")
    assert await line.answer() == ""
    await until(lambda: not desk.server._lines)


async def test_smtps_offers_no_starttls(desk: Desk, keys: Keys) -> None:
    line = await desk.line(greet=None, door=Door.SMTPS, context=keys.trust(), name=DOMAIN)
    assert (await line.answer()).startswith("220")
    assert "STARTTLS" not in await line.say("EHLO x.example")


async def test_lmtp_speaks_tls_too(keys: Keys) -> None:
    async with opened(replace(LMTP, tls=keys.pair)) as desk:
        line = await desk.lmtp()
        await line.starttls(keys.trust(), DOMAIN)
        assert (await line.say("LHLO x.example")).startswith("250")
        await desk.begin(line, PARK)
        assert (await line.data(stuffed(mail()))).startswith("250")


async def test_without_a_key_pair_there_is_no_tls() -> None:
    async with opened() as desk:
        line = await desk.line(greet=None)
        await line.answer()
        assert "STARTTLS" not in await line.say("EHLO x.example")
        assert (await line.say("STARTTLS")).startswith("502 5.5.1")
        assert (await line.say("NOOP")).startswith("250")
    with pytest.raises(ValueError, match="key pair"):
        replace(LISTEN, smtps=Address("127.0.0.1", 0))


def ancient(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Speaks an old version and nothing else."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_tls_is_refused(desk: Desk, keys: Keys, version: ssl.TLSVersion) -> None:
    """RFC 8996: TLS 1.2 at least; with a server that takes old ones the same peer gets along."""
    context = ancient(keys.trust(), version)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(keys.pair.certificate, keys.pair.key)
    server = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=ancient(theirs, version))
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=DOMAIN)
        assert writer.get_extra_info("ssl_object").version() in ("TLSv1", "TLSv1.1")
        writer.close()
    with pytest.raises(OSError):
        await desk.line(door=Door.SMTPS, context=context, name=DOMAIN)
    await until(lambda: not desk.server._lines)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_new_tls_is_spoken(desk: Desk, keys: Keys, version: ssl.TLSVersion) -> None:
    context = keys.trust()
    context.minimum_version = context.maximum_version = version
    await desk.line(door=Door.SMTPS, context=context, name=DOMAIN)


@pytest.mark.parametrize("door", list(Door))
async def test_a_renewed_certificate_is_shown_without_a_restart(keys: Keys, door: Door) -> None:
    """From the next connection on; who is connected already goes on."""
    async with opened(replace(keys.listen(), lmtp=Address("127.0.0.1", 0))) as desk:
        first = keys.renew(1)
        assert await seen(desk, keys, door) == first
        old = await desk.line(door=Door.SMTPS, context=keys.trust(), name=DOMAIN)
        second = keys.renew(2)
        assert await seen(desk, keys, door) == second != first
        assert (await old.say("NOOP")).startswith("250")
        assert await seen(desk, keys, door) == second


@pytest.mark.parametrize("fault", ["no PEM", "a key that does not fit", "no file", "a passphrase"])
async def test_a_broken_renewal_leaves_the_old_certificate(
    desk: Desk, keys: Keys, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One complaint for each state of the files; the next good ones are taken."""
    caplog.set_level(logging.INFO)
    first = keys.renew(1)
    break_them(keys, fault)
    for _ in range(3):
        for door in (Door.SMTP, Door.SMTPS):
            assert await seen(desk, keys, door) == first
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1 and "the old certificate stays" in errors[0]
    second = keys.renew(2)
    assert await seen(desk, keys, Door.SMTP) == second


def break_them(keys: Keys, fault: str) -> None:
    if fault == "no PEM":
        keys.put(keys.pair.certificate, b"not a certificate")
    elif fault == "a key that does not fit":
        keys.put(keys.pair.key, keys.issue(3)[1])
    elif fault == "no certificate":
        keys.pair.certificate.unlink()
    elif fault == "a key that is none":
        keys.put(keys.pair.key, b"not a key")
    elif fault == "no file":
        keys.pair.key.unlink()
    else:
        key = load_pem_private_key(keys.issue(1)[1], password=None)
        secret = BestAvailableEncryption(b"secret")
        keys.put(keys.pair.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("no PEM", r"the certificate \S*tls\.crt: it is none in PEM"),
        ("no certificate", r"the certificate \S*tls\.crt: No such file"),
        (
            "a key that does not fit",
            r"the certificate \S*tls\.crt with the key \S*tls\.key: they do not belong together",
        ),
        ("no file", r"the key \S*tls\.key: No such file"),
        ("a passphrase", r"the key \S*tls\.key: it is none in PEM, or has a passphrase"),
        ("a key that is none", r"the key \S*tls\.key: it is none in PEM"),
    ],
)
async def test_a_server_does_not_start_with_a_broken_pair_and_names_the_file(
    keys: Keys, fault: str, said: str
) -> None:
    break_them(keys, fault)
    with pytest.raises(Refuse, match=f"^cannot use {said}"):
        async with opened(keys.listen()):
            pass


async def test_words_in_the_clear_where_tls_is_expected(desk: Desk, keys: Keys) -> None:
    """The connection ends without a word in the clear, and the door stays open for others."""
    line = await desk.line(greet=None, door=Door.SMTPS)
    line.writer.write(b"EHLO x.example\r\n" * 100)
    answer = await asyncio.wait_for(line.reader.read(), 20)
    assert b"220" not in answer and b"250" not in answer
    await until(lambda: not desk.server._lines)
    await desk.line(door=Door.SMTPS, context=keys.trust(), name=DOMAIN)


@pytest.mark.parametrize("door", [Door.SMTP, Door.SMTPS])
async def test_a_handshake_that_never_comes(keys: Keys, door: Door) -> None:
    """It is counted from the first moment, and cut off when the idle time is over."""
    async with opened(keys.listen(replace(LISTEN, idle=0.5))) as desk:
        line = await desk.line(greet=None, door=door)
        if door is Door.SMTP:
            await line.answer()
            await line.say("STARTTLS")
        await until(lambda: desk.server._lines)
        line.writer.write(b"\x16\x03")
        await asyncio.wait_for(line.reader.read(), 20)
        await until(lambda: not desk.server._lines)


@pytest.mark.parametrize("door", [Door.SMTP, Door.SMTPS])
async def test_a_peer_that_leaves_during_the_handshake(desk: Desk, keys: Keys, door: Door) -> None:
    for _ in range(5):
        line = await desk.line(greet=None, door=door)
        if door is Door.SMTP:
            await line.answer()
            await line.say("STARTTLS")
        line.writer.transport.abort()
    await until(lambda: not desk.server._lines)
    await seen(desk, keys, door)


async def test_closing_waits_for_no_handshake(keys: Keys) -> None:
    async with opened(keys.listen()) as desk:
        await desk.line(greet=None, door=Door.SMTPS)
        await until(lambda: desk.server._lines)
        await asyncio.wait_for(desk.server.close(), 5)
        await until(lambda: not desk.server._lines)


async def test_a_silent_peer_inside_tls_is_sent_away(keys: Keys) -> None:
    async with opened(keys.listen(replace(LISTEN, idle=1))) as desk:
        line = await desk.line(door=Door.SMTPS, context=keys.trust(), name=DOMAIN)
        assert (await line.answer()).startswith("421 4.4.2")
        await until(lambda: not desk.server._lines)
