"""The bridge is down while staff write with new keys: every answer is mailed, once.

`FOLKMOOT_LONG=1`: down for a minute; else for as long as writing takes.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import Counter

import pytest

from bridge.demo.officer import Officer
from tests.e2e.place import SEEN, Case, Place, marked, open_case, unique
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
REPLIES = 50
DOWN = 60.0 if os.environ.get("FOLKMOOT_LONG") == "1" else 3.0  # seconds at least


async def test_fifty_answers_written_while_the_bridge_was_down(town: Place) -> None:
    """Each under a Megolm session of its own, some on a device that the bridge has never seen."""
    cases = await asyncio.gather(*(open_case(town) for _ in range(5)))
    word = unique("down")
    async with town.away():
        began = time.monotonic()
        fresh = await town.officer.new_device()
        try:
            await fresh.cross_sign()
            await fresh.wait_joined(town.desk)
            sent = await write(town, cases, [town.officer, fresh], word)
        finally:
            await fresh.stop()  # what it owes the bridge lies with the homeservers
        await until(lambda: time.monotonic() - began >= DOWN, DOWN + 1, "the bridge was down long enough")
        assert not town.of(word)
    sessions = {town.officer.seen[event_id].wire["session_id"] for event_id in sent.values()}
    assert len(sessions) == REPLIES
    await until(lambda: len(town.of(word)) >= REPLIES, 90, "fifty mails")
    await asyncio.gather(*(case.barrier() for case in cases))
    found = town.of(word)
    mailed = Counter(one for m in found for one in re.findall(rf"n\d+-{word}", m.text.partition("\n>")[0]))
    assert mailed == Counter(dict.fromkeys(sent, 1))
    assert len({m.message_id for m in found}) == REPLIES
    await asyncio.gather(*(marked(town.officer, event_id, "✉️") for event_id in sent.values()))


async def write(town: Place, cases: list[Case], officers: list[Officer], word: str) -> dict[str, str]:
    """The event ID of each answer by its first word; the officers write side by side."""
    sent: dict[str, str] = {}

    async def one(officer: Officer, numbers: range) -> None:
        for number in numbers:
            officer.rotate(town.desk)
            name, case = f"n{number}-{word}", cases[number % len(cases)]
            sent[name] = await case.reply(f"{name} is the answer", officer)

    count = len(officers)
    await asyncio.gather(*(one(o, range(first, REPLIES, count)) for first, o in enumerate(officers)))
    await until(lambda: set(sent.values()) <= set(town.officer.seen), SEEN, "all of them at Birch")
    return sent
