"""Log injection, and citizens' words or secrets in logs (no CVE: CWE-117, CWE-532).

Everything that a stranger may choose goes through the open door, the parser and the relay with the log
wide open: none of it may be read there, and nobody can begin a line of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge.email.channel import EmailChannel
from bridge.email.settings import EmailSettings, Listen, Relay
from bridge.email.worker import Pool
from bridge.ledger.tables import cases
from bridge.model import Source
from bridge.points import quiet
from tests.email.doors import Line, stuffed
from tests.email.mails import DOMAIN, mail, multipart
from tests.email.sink import DROP, Sink
from tests.ledger.home import said
from tests.test_dispatch import Bridge, bridge_on
from tests.waiting import until

CANARY = "kanarienvogel"
FORGED = "ERROR root: forged"
FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
EVIL = f"=?utf-8?q?{CANARY}=0D=0A{FORGED.replace(' ', '_')}?="


class Kept(logging.Handler):
    """Every record as the bridge writes it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(FORMAT)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Kept]:
    """The log at DEBUG, of everybody."""
    root, kept = logging.getLogger(), Kept()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)
    root.setLevel(before)


def clean(log: Kept) -> None:
    """There is a log, one line a record, and nothing of a citizen in it, in any spelling."""
    whole = "\n".join(log.lines).lower()
    assert log.lines, "nothing was logged at all: this proves nothing"
    assert CANARY not in whole and FORGED.lower() not in whole
    assert CANARY.encode().hex() not in whole
    assert [line for line in log.lines if "\n" in line or "\r" in line] == []


@asynccontextmanager
async def running(url: str, folder: Path, sink: Sink) -> AsyncIterator[tuple[Bridge, EmailChannel]]:
    """The dispatcher and the ledger with the real wing in the place of the e-mail channel."""
    async with bridge_on(url, folder) as bridge, Pool((DOMAIN,), size=1) as pool:
        await bridge.provision()
        settings = EmailSettings(
            DOMAIN,
            Relay("127.0.0.1", sink.port, timeout=5, idle=0),
            bridge.home.ledger.keys.raw("message-id"),
            Listen(port=0),
        )
        wing = EmailChannel(settings, lambda name: name == "park-2027", pool, quiet, bridge.home.clock)
        channels = bridge.running._channels
        assert isinstance(channels, dict)
        channels[Source.EMAIL] = wing
        serving = asyncio.create_task(wing.serve(bridge.running.accept))
        await asyncio.wait_for(wing.listening.wait(), 20)
        try:
            yield bridge, wing
        finally:
            serving.cancel()
            await asyncio.wait([serving])


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await sink.start()
    yield sink
    server.close()


async def talk(port: int) -> Line:
    line = Line(*await asyncio.open_connection("127.0.0.1", port))
    await line.answer()
    return line


def letter() -> bytes:
    """Canaries in every field, in the text, and in a file and its name."""
    file = (
        f'Content-Type: application/x-{CANARY}; name="{CANARY}.pdf"\n'
        f'Content-Disposition: attachment; filename="{CANARY}\\\n{FORGED}.pdf"\n\n{CANARY}'
    )
    return multipart(
        "mixed",
        f"Content-Type: text/plain; charset={CANARY}\nX-{CANARY}: {CANARY}\n\n{CANARY} {FORGED}",
        file,
        **{
            "from": f'"{CANARY}" <{CANARY}@home.example>',
            "subject": EVIL,
            "message_id": f"<{CANARY}@home.example>",
            "references": f"<{CANARY}.1@{DOMAIN}> <{CANARY}@x.example>",
            "reply_to": f"{EVIL} <{CANARY}2@home.example>",
            "received": f"from {CANARY} (HELO {CANARY})",
            f"x_{CANARY}": EVIL,
            "auto_submitted": "no",
        },
    )


async def test_nothing_that_comes_in_is_logged(
    migrated_sqlite: str, tmp_path: Path, sink: Sink, log: Kept
) -> None:
    """Greeting, envelope, commands that nobody knows, header, body, files, and forged lines."""
    async with running(migrated_sqlite, tmp_path, sink) as (bridge, wing):
        line = await talk(wing.port)
        for command in (
            f"EHLO {CANARY}.example",
            f"{CANARY} {FORGED}",
            f"VRFY {CANARY}",
            f"MAIL FROM:<{CANARY}@home.example> X-{CANARY}=1",
            f"MAIL FROM:<{CANARY}\r{FORGED}@home.example>",
            f"MAIL FROM:<{CANARY}@home.example>",
            f"RCPT TO:<{CANARY}@{DOMAIN}>",
            f"RCPT TO:<{CANARY}\x0b{FORGED}@{DOMAIN}>",
            f"RCPT TO:<park-2027+{CANARY}@{DOMAIN}>",
        ):
            await line.say(command)
        assert (await line.data(stuffed(letter()))).startswith("250")
        await line.say(f"MAIL FROM:<{CANARY}@home.example>", f"RCPT TO:<park-2027@{DOMAIN}>")
        bare = mail(f"{CANARY}").replace(b"\r\n\r\n", f"\r\nX: a\n{FORGED}\r\n\r\n".encode(), 1)
        await line.data(stuffed(bare))
        line.writer.write(f"MAIL FROM:<{CANARY}@".encode())
        line.writer.transport.abort()
        await bridge.quiet()
        assert len(await bridge.home.all(cases)) == 1 and CANARY in sink.taken[0].recipient
    assert any("mail accepted by smtp: " in text for text in log.lines)
    assert any(" handed over: <" in text for text in log.lines), "the acknowledgement went out"
    clean(log)


@pytest.mark.parametrize(
    "answer",
    [f"554 5.7.1 {CANARY}: {FORGED}", f"550-5.1.1 <{CANARY}@home.example>\r\n550 5.1.1 {CANARY}", DROP],
)
async def test_nothing_that_goes_out_is_logged(
    migrated_sqlite: str, tmp_path: Path, sink: Sink, log: Kept, answer: str
) -> None:
    """A relay that repeats the address and the words in its refusal, or hangs up: staff alone read it."""
    async with running(migrated_sqlite, tmp_path, sink) as (bridge, wing):
        line = await talk(wing.port)
        await line.say(
            "EHLO x.example", f"MAIL FROM:<{CANARY}@home.example>", f"RCPT TO:<park-2027@{DOMAIN}>"
        )
        assert (await line.data(stuffed(letter()))).startswith("250")
        line.writer.close()
        await bridge.quiet()
        head = next(one for one in bridge.world.arrived if one.kind == "head")
        sink.script["."] = [answer, None]
        await bridge.accept(said(f"{CANARY} {FORGED}", head.event_id, sender_name=f"{CANARY}\n{FORGED}"))
        await until(lambda: sink.verbs["."] >= 2, 20, "the relay was asked")
        if answer != DROP:
            await bridge.quiet()
            assert any(CANARY in text for text in bridge.world.texts("notice")), (
                "staff read what the relay said"
            )
    clean(log)


async def test_a_fault_of_ours_names_its_kind_alone(
    migrated_sqlite: str, tmp_path: Path, sink: Sink, log: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error whose text quotes a citizen: above DEBUG the log has its type, on one line."""
    async with running(migrated_sqlite, tmp_path, sink) as (bridge, wing):
        logging.getLogger().setLevel(logging.INFO)

        def broken(*_: object) -> None:
            raise ValueError(f"{CANARY}\n{FORGED}")

        monkeypatch.setattr(wing, "_mail_in", broken)
        line = await talk(wing.port)
        await line.say("EHLO x.example", "MAIL FROM:<a@home.example>", f"RCPT TO:<park-2027@{DOMAIN}>")
        assert (await line.data(stuffed(letter()))).startswith("250")
        line.writer.close()
        await until(lambda: bridge.running.counts["faults"] > 0, 20, "the fault was met")
    assert any("ValueError" in text for text in log.lines)
    clean(log)
