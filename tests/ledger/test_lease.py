"""The lease: one process at a time, and a killed one does not hold it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge.errors import Refuse
from bridge.ledger.engine import open_engine
from bridge.ledger.lease import Lease
from tests.waiting import until

ROOT = Path(__file__).parent.parent.parent

HOLDER = """
import asyncio, sys
from bridge.ledger.engine import open_engine
from bridge.ledger.lease import Lease

async def main():
    lease = Lease(open_engine(sys.argv[1]))
    await lease.take()
    print("taken", flush=True)
    sys.stdin.read()  # until the test ends it

asyncio.run(main())
"""


@asynccontextmanager
async def lease_on(url: str) -> AsyncIterator[Lease]:
    engine = open_engine(url)
    lease = Lease(engine)
    try:
        yield lease
    finally:
        await lease.release()
        await engine.dispose()


async def test_a_second_holder_is_refused_until_the_first_gives_back(database_url: str) -> None:
    async with lease_on(database_url) as first, lease_on(database_url) as second:
        await first.take()
        for _ in range(2):
            with pytest.raises(Refuse, match="another Folkmoot"):
                await second.take()
        assert not await second.is_free()
        await first.release()
        await second.take()
        with pytest.raises(Refuse):
            await first.take()


async def test_asking_whether_it_is_free_takes_nothing(database_url: str) -> None:
    async with lease_on(database_url) as asking, lease_on(database_url) as taking:
        assert await asking.is_free()
        assert await asking.is_free()
        await taking.take()
        assert not await asking.is_free()


async def test_a_killed_process_does_not_hold_it(database_url: str) -> None:
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, database_url, cwd=ROOT, stdin=pipe, stdout=pipe
    )
    try:
        assert holder.stdout is not None
        assert (await asyncio.wait_for(holder.stdout.readline(), 30)).strip() == b"taken"
        async with lease_on(database_url) as lease:
            with pytest.raises(Refuse):
                await lease.take()
            holder.kill()
            await holder.wait()
            await until(lease.is_free, 10, "the lease of a killed process")
            await lease.take()
    finally:
        if holder.returncode is None:
            holder.kill()
            await holder.wait()
