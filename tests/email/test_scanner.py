"""The virus scanner: what it finds, and what becomes of a mail when it does not answer."""

from __future__ import annotations

import asyncio
import base64
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bridge.demo.ports import free_port
from bridge.email.scanner import Clamd, Scanner, TooLarge
from bridge.errors import Retry
from tests.email.clamd import FILE_MAX, NAME, STREAM_MAX, VIRUS, FakeClamd, RealClamd, real_clamd, stuck_line
from tests.waiting import until


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fm-clamd-") as name:
        yield Path(name)


@pytest.fixture
async def clamd(folder: Path) -> AsyncIterator[RealClamd]:
    async with real_clamd(folder) as running:
        yield running


def with_file(content: bytes) -> bytes:
    """A mail with `content` as an attachment in base64."""
    lines = [
        b"From: Ada Citizen <ada@home.example>",
        b"Subject: a file",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="b"',
        b"",
        b"--b",
        b"Content-Type: text/plain",
        b"",
        b"See the file.",
        b"--b",
        b'Content-Type: application/octet-stream; name="plan.bin"',
        b"Content-Transfer-Encoding: base64",
        b"",
        *base64.encodebytes(content).splitlines(),
        b"--b--",
        b"",
    ]
    return b"\r\n".join(lines)


# ------------------------------------------------------------------ a real clamd


async def test_a_real_scanner_finds_and_clears(clamd: RealClamd) -> None:
    for address in (clamd.socket, f"127.0.0.1:{clamd.port}", f"localhost:{clamd.port}"):
        scanner: Scanner = Clamd(address)
        assert await scanner.scan(b"") is None
        assert await scanner.scan(b"The bench by the river.") is None
        assert await scanner.scan(b"The bench " + VIRUS + b" by the river") == f"{NAME}.UNOFFICIAL"
    scanner = Clamd(clamd.socket)
    infected, clean = with_file(b"\0" * 5_000 + VIRUS), with_file(b"\0" * 5_000 + VIRUS[::-1])
    assert VIRUS not in infected
    assert await scanner.scan(infected) == f"{NAME}.UNOFFICIAL"
    assert await scanner.scan(clean) is None
    late = os.urandom(FILE_MAX - 1_000) + VIRUS  # in the last of many chunks
    assert await scanner.scan(late) == f"{NAME}.UNOFFICIAL"


async def test_many_scans_at_once_are_not_mixed_up(clamd: RealClamd) -> None:
    scanner = Clamd(clamd.socket)
    files = [bytes(1_000 * n) + (VIRUS if n % 3 == 0 else b"") for n in range(40)]
    found = await asyncio.gather(*(scanner.scan(data) for data in files))
    assert [name is not None for name in found] == [n % 3 == 0 for n in range(40)]


async def test_a_real_scanner_says_its_version(clamd: RealClamd) -> None:
    assert (await Clamd(clamd.socket).ping()).startswith("ClamAV 1")


@pytest.mark.parametrize("size", [FILE_MAX + 10, STREAM_MAX + 10, STREAM_MAX * 10])
async def test_what_a_real_scanner_cannot_read_is_no_clean_one(clamd: RealClamd, size: int) -> None:
    with pytest.raises(TooLarge):
        await Clamd(clamd.socket, max_size=size).scan(bytes(size))
    with pytest.raises(TooLarge):
        await Clamd(f"127.0.0.1:{clamd.port}", max_size=size).scan(bytes(size))


async def test_a_scanner_that_dies_while_it_scans_is_asked_again(clamd: RealClamd) -> None:
    async with stuck_line(clamd, 300_000) as address:
        scan = asyncio.create_task(Clamd(address).scan(bytes(600_000)))
        await until(
            lambda: any(p.is_file() and p.stat().st_size for p in clamd.temporary.rglob("*")),
            what="clamd has a part of the stream",
        )
        assert not scan.done()
        await clamd.kill()
        with pytest.raises(Retry) as caught:
            await scan
        assert caught.value.after == 60
    with pytest.raises(Retry):
        await Clamd(clamd.socket).ping()
    await clamd.start()
    assert await Clamd(clamd.socket).scan(VIRUS) == f"{NAME}.UNOFFICIAL"


# ------------------------------------------------------------------ one that does as it is told


async def test_the_stream_is_sent_whole_and_in_chunks() -> None:
    data = os.urandom(300_000)
    async with FakeClamd().running() as fake:
        assert await Clamd(fake.address).scan(data) is None
        assert fake.commands == [b"zINSTREAM"]
        assert len(fake.chunks) > 2
        assert fake.chunks[-1] == b""
        assert b"".join(fake.chunks) == data


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"stream: OK\0", None),
        (b"stream: Eicar-Test-Signature FOUND\0", "Eicar-Test-Signature"),
        (b"stream: OK FOUND\0", "OK"),
        (b"stream: Odd \r\n name\x1b[1m FOUND\0stream: OK\0", "Odd name[1m"),
        (b"stream: " + b"x" * 500 + b" FOUND\0", "x" * 200),
    ],
)
async def test_answers(answer: bytes, found: str | None) -> None:
    async with FakeClamd(answer).running() as fake:
        assert await Clamd(fake.address).scan(b"words") == found


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",  # ends before its NUL
        b"stream: OK\n",
        b"\0",
        b"stream:  FOUND\0",
        b"stream: FOUND\0",
        b"OK\0",
        b"stream: OK, or perhaps not\0",
        b"stream: Can't allocate memory ERROR\0",
        b"COMMAND READ TIMED OUT\0",
        b"UNKNOWN COMMAND\0",
        b"\xff" * 100 + b"\0",
        b"x" * 100_000,
    ],
)
async def test_what_is_no_whole_answer_is_asked_again(answer: bytes) -> None:
    async with FakeClamd(answer).running() as fake:
        with pytest.raises(Retry) as caught:
            await Clamd(fake.address).scan(b"words")
    assert caught.value.reason == "The virus scanner does not answer."
    assert caught.value.after == 60


async def test_a_scanner_that_says_nothing_is_asked_again() -> None:
    async with FakeClamd(None).running() as fake:
        with pytest.raises(Retry):
            await Clamd(fake.address, timeout=0.2).scan(b"words")
        assert fake.chunks == [b"words", b""]


async def test_a_scanner_that_stops_reading_is_asked_again() -> None:
    async with FakeClamd(None, after=10).running() as fake:
        with pytest.raises(Retry):
            await Clamd(fake.address, timeout=0.5).scan(bytes(20_000_000))


async def test_a_scanner_that_hangs_up_early_is_asked_again() -> None:
    async with FakeClamd(b"", after=70_000).running() as fake:
        with pytest.raises(Retry):
            await Clamd(fake.address).scan(bytes(20_000_000))


async def test_an_answer_before_the_end_is_heard() -> None:
    async with FakeClamd(b"INSTREAM size limit exceeded. ERROR\0", after=70_000).running() as fake:
        for _ in range(20):  # the line is reset at another moment each time
            with pytest.raises(TooLarge):
                await Clamd(fake.address).scan(bytes(20_000_000))


async def test_no_scanner_is_asked_again(folder: Path) -> None:
    for address in (f"127.0.0.1:{free_port()}", str(folder / "none"), "/" + "x" * 200, "a.invalid:3310"):
        with pytest.raises(Retry) as caught:
            await Clamd(address).scan(b"words")
        assert caught.value.after == 60


async def test_above_our_own_limit_nobody_is_asked() -> None:
    async with FakeClamd().running() as fake:
        scanner = Clamd(fake.address, max_size=5)
        assert await scanner.scan(b"words") is None
        with pytest.raises(TooLarge):
            await scanner.scan(b"words!")
        assert len(fake.commands) == 1


async def test_ping_wants_the_right_answer() -> None:
    async with FakeClamd(b"PONG\0").running() as fake:  # and no version: the command is switched off
        assert await Clamd(fake.address).ping() == "ClamAV"
        assert fake.commands == [b"zPING", b"zVERSION"]
    async with FakeClamd(b"UNKNOWN COMMAND\0").running() as fake:
        with pytest.raises(Retry):
            await Clamd(fake.address).ping()


@pytest.mark.parametrize(
    "address",
    ["", "3310", "host", ":3310", "host:", "host:0", "host:65536", "host:٣", "h" * 64 + ":1", "a..b:1"],
)
def test_an_address_of_neither_form_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Clamd(address)


async def test_no_word_of_a_mail_is_in_the_error() -> None:
    async with FakeClamd(b"stream: ERROR\0").running() as fake:
        with pytest.raises(Retry) as caught:
            await Clamd(fake.address).scan(b"the citizen's words")
    assert "citizen" not in f"{caught.value} {caught.value.detail!r}"
