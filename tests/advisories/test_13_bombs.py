"""Bombs of MIME, encoded words and nesting: a small mail that costs a server minutes or gigabytes.

Seen in Python's own parser (CVE-2023-27043 is its cousin; nested comments and parts, thousands of
encoded words) and in most mail software.  Each mail here goes through the real pool: it is read,
or refused and salvaged, by a child that survives it, within 2 s of processor time and 512 MB of
address space, and the bridge's own loop is never held up for 50 ms.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from bridge.email.worker import Pool
from tests.email.bombs import BOMBS, MEASURED, nested
from tests.email.mails import mail
from tests.waiting import until

SECONDS = 2.0  # of processor time, for one mail
MEMORY = 512 * 1024 * 1024
TURN = 0.05  # seconds of the loop's own thread
_TICK = os.sysconf("SC_CLK_TCK")


def spent(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


@contextmanager
def no_collection() -> Iterator[None]:
    """The garbage of the whole test run is not the pool's to answer for."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """Seconds that each turn of the loop took of this thread's own time."""
    turns: list[float] = []

    async def watch() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            turns.append(time.thread_time() - last)
            last = time.thread_time()

    watcher = asyncio.create_task(watch())
    try:
        with no_collection():
            yield turns
            await until(lambda: turns)
    finally:
        watcher.cancel()


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_read_or_refused_within_its_means(name: str) -> None:
    raw = BOMBS[name]
    async with Pool(size=1, seconds=SECONDS, memory=MEMORY) as pool:
        await pool.read(mail())  # the start is not the mail's
        (pid,) = pool.pids
        before = spent(pid)
        async with watched() as turns:
            got = await pool.read(raw)
        assert pool.ended == 0 and pool.pids == [pid], "the child survived it"
        assert spent(pid) - before < SECONDS
    assert max(turns) < TURN
    refused = got.warnings == ("unreadable",)
    assert not refused or got.attachments[0].data == raw, "nothing is lost"
    assert refused or got.text or got.attachments or b"words" not in raw


def test_the_bombs_have_the_sizes_that_were_measured() -> None:
    assert len(MEASURED["one folded header of 25 MB"]) > 24_700_000
    assert len(MEASURED["450 deep around 5 MB"]) > 4_900_000
    assert MEASURED["50,000 encoded words"].count(b"=?utf-8?q?a?=") == 50_000


async def test_many_bombs_at_once_do_not_keep_an_honest_mail_waiting_for_good() -> None:
    async with Pool(size=2, seconds=SECONDS, memory=MEMORY) as pool:
        hostile = [pool.read(raw) for raw in MEASURED.values()]
        *_, honest = await asyncio.gather(*hostile, pool.read(mail()))
        assert honest.text == "Hello park." and pool.ended == 0


async def test_a_limit_of_the_kernel_ends_what_no_limit_of_ours_foresaw() -> None:
    """With next to no time allowed even a harmless mail is a bomb: salvaged, and the next one is read."""
    async with Pool(size=1, seconds=0.01) as pool:
        got = await pool.read(mail("<p>hello</p>" * 9_000, content_type="text/html"))
        assert pool.ended == 2 and got.warnings == ("unreadable",)
    async with Pool(size=1) as pool:
        assert (await pool.read(nested(20))).text == "words"
