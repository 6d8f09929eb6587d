"""The main job once more with the bridge's ledger on PostgreSQL, and a kill in the middle of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.demo.received import Received
from bridge.demo.seen import Seen
from bridge.demo.town import Town
from tests.databases import Postgres

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADA = ("Ada Citizen", "ada@home.example")


async def test_the_main_job_on_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    name = postgres.create()
    try:
        async with Town(tmp_path, undo_seconds=0, more={"database": postgres.url(name)}) as town:
            await _story(town)
    finally:
        postgres.drop(name)


async def _story(town: Town) -> None:
    def words(text: str) -> Seen:
        return next(e for e in town.officer.seen.values() if text in e.body and e.thread)

    def mailed(text: str, mail: Received) -> bool:
        return ADA[1] in mail.rcpt_tos and text in mail.text

    await town.mail(ADA, "The lamp", "It is dark at the north landing.")
    await town.officer.wait_for(lambda e: "It is dark" in e.body and e.thread, 45)
    root = words("It is dark").thread or ""
    await town.officer.reply_in_thread(town.desk, root, "We repair it on Tuesday.")
    answer = await town.mailbox.wait_for(lambda m: mailed("We repair it", m), 45)

    await town.bridge.stop(kill=True)
    await town.officer.reply_in_thread(town.desk, root, "Or on Wednesday.")
    await town.bridge.start()
    await town.mailbox.wait_for(lambda m: mailed("Or on Wednesday", m), 45)
    # killed between the relay's answer and its commit, the bridge sends it once more as the same mail
    assert len({m.message_id for m in town.mailbox.mails if mailed("We repair it", m)}) == 1

    await town.mail(ADA, "Re: The lamp", "Thank you both.", reply=answer.message)
    await town.officer.wait_for(lambda e: "Thank you both" in e.body and e.thread == root, 45)
