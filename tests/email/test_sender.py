"""The relay: refusals at each verb, lost lines, reuse of connections, TLS and login."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.demo.ports import free_port
from bridge.email.sender import Sender
from bridge.email.settings import Relay
from bridge.errors import Fate, Refuse, Retry
from bridge.points import Phase, Point
from tests.email.sink import DROP, SILENCE, Sink
from tests.waiting import until

RAW = b"Subject: x\r\n\r\nwords\r\n.\r\n..dots\r\n"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Probed:
    """Remembers each visit."""

    def __init__(self) -> None:
        self.visits: list[tuple[Point, Phase]] = []

    def __call__(self, point: Point, phase: Phase) -> None:
        self.visits.append((point, phase))


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await sink.start()
    yield sink
    server.close()


def sender(sink: Sink, probe: Probed | None = None, clock: Clock | None = None, **more: object) -> Sender:
    relay = Relay("127.0.0.1", sink.port, **{"timeout": 5, "data_timeout": 5, **more})  # type: ignore[arg-type]
    return Sender(relay, "consult.alder.example", probe or Probed(), clock or Clock())


async def test_the_answer_after_data_is_believed(sink: Sink) -> None:
    probe = Probed()
    out = sender(sink, probe)
    assert await out.send("", "kim@example.org", RAW) == "250 2.0.0 queued as 1"
    await out.close()
    (taken,) = sink.taken
    assert (taken.mail_from, taken.recipient, taken.raw) == ("", "kim@example.org", RAW)
    assert probe.visits == [(Point.MAIL, "before"), (Point.MAIL, "after")]
    assert "EHLO consult.alder.example" in sink.commands


async def test_what_the_server_says_is_a_detail_beside_its_codes(sink: Sink) -> None:
    """It may quote the citizen's name or subject: `reason` is logged, `detail` is not."""
    out = sender(sink)
    sink.script = {".": ["554 5.7.1 Kim Citizen: “The lamp” looks like spam", "450 Kim Citizen, later"]}
    for fate, reason in ((Refuse, "refused it: 554 5.7.1"), (Retry, "asks to try later: 450")):
        with pytest.raises(fate) as caught:
            await out.send("", "kim@example.org", RAW)
        assert caught.value.reason == f"The mail server {reason}"
        assert "Kim Citizen" in caught.value.detail
    await out.close()


@pytest.mark.parametrize(
    ("verb", "answer", "fate"),
    [
        *((verb, "451 later, <kim@example.org>", Retry) for verb in ("CONNECT", "MAIL", "RCPT", "DATA", ".")),
        ("EHLO", "no", Retry),
        *((verb, "421 going down", Retry) for verb in ("CONNECT", "MAIL", "RCPT", "DATA", ".")),
        *((verb, "550 5.1.1 <kim@example.org> unknown", Refuse) for verb in ("MAIL", "RCPT", "DATA", ".")),
        ("CONNECT", "554 no service", Retry),
        ("AUTH", "535 5.7.8 no", Retry),
        ("AUTH", "454 later", Retry),
        *((verb, DROP, Retry) for verb in ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", ".")),
        ("DATA", "nonsense", Retry),
        (".", "999 what", Retry),
    ],
)  # fmt: skip
async def test_a_fault_at_each_verb(sink: Sink, verb: str, answer: str, fate: type[Fate]) -> None:
    probe = Probed()
    out = sender(sink, probe, username="folkmoot", password="canary-password")
    sink.script = {verb: [answer]}
    with pytest.raises(Fate) as caught:
        await out.send("park@consult.example", "kim@example.org", RAW)
    assert type(caught.value) is fate and not sink.taken
    assert "@" not in caught.value.reason and "canary" not in caught.value.reason
    if answer[:3].isdigit():
        assert answer[:3] in caught.value.reason
    assert probe.visits == [(Point.MAIL, "before")]
    assert (await out.send("park@consult.example", "kim@example.org", RAW)).startswith("250")  # and goes on
    await out.close()
    assert len(sink.taken) == 1


async def test_a_server_that_says_nothing_is_not_waited_for(sink: Sink) -> None:
    sink.script = {".": SILENCE}
    out = sender(sink, data_timeout=0.3)
    with pytest.raises(Retry):
        await out.send("", "kim@example.org", RAW)
    await out.close()


async def test_nobody_listens() -> None:
    out = Sender(Relay("127.0.0.1", free_port(), timeout=5), "x.example", Probed(), Clock())
    with pytest.raises(Retry, match="no proper connection"):
        await out.send("", "kim@example.org", RAW)


async def test_a_line_is_used_again_and_each_mail_has_its_own_recipient(sink: Sink) -> None:
    out = sender(sink)
    sink.script = {"RCPT": ["550 no such user"]}
    with pytest.raises(Refuse):
        await out.send("a@x.example", "one@example.org", RAW)
    for name in ("two", "three"):
        await out.send("", f"{name}@example.org", RAW)
    await out.close()
    assert sink.verbs["CONNECT"] == 1 and sink.verbs["RSET"] >= 2
    assert [(t.mail_from, t.recipient) for t in sink.taken] == [
        ("", "two@example.org"),
        ("", "three@example.org"),
    ]


async def test_an_old_or_broken_line_is_not_used_again(sink: Sink) -> None:
    clock = Clock()
    out = sender(sink, clock=clock)
    await out.send("", "one@example.org", RAW)
    clock.now += 60
    await out.send("", "two@example.org", RAW)
    assert sink.verbs["CONNECT"] == 2
    sink.script = {"RSET": [DROP]}
    await out.send("", "three@example.org", RAW)
    await out.close()
    assert sink.verbs["CONNECT"] == 3 and len(sink.taken) == 3


async def test_many_at_once_share_few_lines(sink: Sink) -> None:
    out = sender(sink, connections=3)
    await asyncio.gather(*(out.send("", f"n{n}@example.org", RAW) for n in range(20)))
    await out.close()
    assert sorted(t.recipient for t in sink.taken) == sorted(f"n{n}@example.org" for n in range(20))
    assert sink.verbs["CONNECT"] <= 3


async def test_a_cancelled_send_leaves_no_half_line_behind(sink: Sink) -> None:
    out = sender(sink)
    sink.script = {"RCPT": [SILENCE]}
    task = asyncio.create_task(out.send("", "one@example.org", RAW))
    await until(lambda: sink.verbs["RCPT"])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await out.send("", "two@example.org", RAW)
    await out.close()
    assert [t.recipient for t in sink.taken] == ["two@example.org"] and sink.verbs["CONNECT"] == 2


async def test_other_letters_need_a_server_that_knows_them(sink: Sink) -> None:
    out = sender(sink)
    with pytest.raises(Refuse, match="letters"):
        await out.send("", "jörg@example.org", RAW)
    await out.close()
    sink.extensions = (*sink.extensions, "SMTPUTF8")
    out = sender(sink)
    await out.send("", "jörg@example.org", RAW)
    await out.close()
    assert sink.taken[0].recipient == "jörg@example.org"
    assert any("SMTPUTF8" in command for command in sink.commands if command.startswith("MAIL"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay.example")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + built.public_bytes(pem))
    return path


class _Handler:
    def __init__(self) -> None:
        self.seen: list[tuple[bytes, bool]] = []

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:
        self.seen.append((envelope.content, session.ssl is not None))  # type: ignore[attr-defined]
        return "250 2.0.0 taken"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("trusted", [True, False])
async def test_tls(certificate: Path, tls: Literal["starttls", "tls"], trusted: bool) -> None:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    handler, sink = _Handler(), Sink()
    loop = asyncio.get_running_loop()
    if tls == "tls":
        server = await sink.start(ours)
        port = sink.port
    else:
        server = await loop.create_server(
            lambda: SMTP(handler, tls_context=ours, require_starttls=True, hostname="x", loop=loop),
            "127.0.0.1",
            0,
        )
        port = server.sockets[0].getsockname()[1]
    theirs = ssl.create_default_context(cafile=str(certificate)) if trusted else ssl.create_default_context()
    out = Sender(Relay("127.0.0.1", port, tls=tls, timeout=5), "x.example", Probed(), Clock(), theirs)
    try:
        if trusted:
            assert (await out.send("", "kim@example.org", RAW)).startswith("250")
            assert handler.seen == [(RAW, True)] if tls == "starttls" else len(sink.taken) == 1
        else:
            with pytest.raises(Retry):
                await out.send("", "kim@example.org", RAW)
            assert not handler.seen and not sink.taken
    finally:
        await out.close()
        server.close()


async def test_a_relay_without_starttls_gets_no_mail_in_the_clear(sink: Sink) -> None:
    out = sender(sink, tls="starttls")
    with pytest.raises(Retry):
        await out.send("", "kim@example.org", RAW)
    assert not sink.taken and not sink.verbs["MAIL"]
