"""Requests of the command to the running bridge: a row in the inbox, and its outcome.

The command never drives the bot.  It writes what it wants, the bridge sees it within half a
second, and the outcome appears in the same row.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bridge import specs
from bridge.casework.settings import Settings
from bridge.channel import Accept, Arrival, Item, Outcome, Outgoing
from bridge.config import Config
from bridge.consultations import LoadedConsultation
from bridge.errors import Broken, Refuse
from bridge.inbound import ApplyIn
from bridge.ledger import schema
from bridge.ledger.engine import open_engine
from bridge.ledger.lease import Lease
from bridge.ledger.ledger import Ledger
from bridge.ledger.writer import Writer
from bridge.model import Source
from bridge.vault import Vault

PATIENCE = 120.0  # seconds the command waits for an outcome


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """What applying a consultation changed, in short phrases; empty when it was so already."""

    slug: str
    changed: list[str]


@dataclass(frozen=True, slots=True)
class ListedConsultation:
    """A consultation as `folkmoot list` shows it."""

    slug: str
    title: str
    mailbox: str
    address: str
    open_cases: int
    rooms_ready: bool
    partners: tuple[str, ...]


def arrival(loaded: LoadedConsultation) -> Arrival:
    """The request to create or update one consultation.  Reads its forms' files."""
    request = {
        "consultation": specs.dump(loaded.consultation),
        "digest": loaded.digest,
        "forms": [path.read_text("utf-8") for path in loaded.form_paths],
    }
    key = f"apply:{loaded.consultation.slug}:{secrets.token_hex(8)}"
    return Arrival(Source.COMMAND, "apply", key, json.dumps(request).encode())


class CommandChannel:
    """The requests' way in.  Implements `bridge.channel.Channel`."""

    @property
    def name(self) -> Source:
        return Source.COMMAND

    async def serve(self, accept: Accept) -> None:
        """Requests come through the ledger, written by another process: nothing to listen on."""
        await asyncio.Event().wait()

    async def read(self, item: Item) -> ApplyIn:
        request = json.loads(item.raw)
        return ApplyIn(specs.load(request["consultation"]), request["digest"], tuple(request["forms"]))

    async def deliver(self, out: Outgoing) -> Outcome:
        raise Broken("nothing is delivered to a command")


@asynccontextmanager
async def _ledger(config: Config, *, running: bool) -> AsyncIterator[Ledger]:
    """The running bridge's ledger, seen from another process; nothing is made that is not there.

    Raises `Refuse` when there is no database yet, or none of ours, or (`running`) nobody drives it.
    """
    file = config.database.sqlite
    if file is not None and not await asyncio.to_thread(file.exists):
        raise Refuse(f"there is no database at {file} yet: the first start makes it (folkmoot run)")
    engine = open_engine(config.database.full_url())
    writer = Writer(engine)
    try:
        if running and await Lease(engine).is_free():
            raise Refuse("no bridge is running on this database; start it with: folkmoot run")
        async with engine.connect() as conn:
            version = await conn.run_sync(schema.found)
        if version is None:
            raise Refuse("the database is empty: the first start fills it (folkmoot run)")
        if version != schema.expected():
            raise Refuse(
                f"the database has schema {version}, this command knows {schema.expected()}; "
                "start the bridge once with this version: folkmoot run"
            )
        writer.start()
        ledger = Ledger(
            engine,
            writer,
            Vault(config.master_key()),
            config.blob_folder,
            time.time,
            Settings(undo_seconds=config.email.undo_seconds),
            config.operators,
        )
        await ledger.join()
        yield ledger
    finally:
        await writer.stop()
        await engine.dispose()


async def apply(config: Config, loaded: LoadedConsultation) -> ApplyOutcome:
    """Ask for one consultation and wait for the outcome.

    Raises `Refuse` when no bridge runs, when it says no, or when it takes longer than two minutes
    (the request stays, and is carried out when the bridge can).
    """
    slug = loaded.consultation.slug
    async with _ledger(config, running=True) as ledger:
        item = (await ledger.accept([arrival(loaded)]))[0]
        if item is None:
            raise Broken("a fresh request was taken for a repeat")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            result = await ledger.result(item.id)
            if result is not None:
                if "error" in result:
                    raise Refuse(f"{loaded.path}: {result['error']}")
                return ApplyOutcome(slug, list(result["changed"]))
            await asyncio.sleep(0.1)
    raise Refuse(f"{slug}: no outcome within {PATIENCE:.0f} s; the request stays in line (folkmoot check)")


async def list_consultations(config: Config) -> list[ListedConsultation]:
    """What the ledger holds; works also while no bridge runs."""
    async with _ledger(config, running=False) as ledger:
        return [
            ListedConsultation(
                one.consultation.slug,
                one.consultation.title,
                one.consultation.mailbox,
                f"{one.consultation.mailbox}@{config.email.domain}",
                one.open_cases,
                one.ready,
                tuple(p.name for p in one.consultation.partners),
            )
            for one in await ledger.consultations()
        ]
