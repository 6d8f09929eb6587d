"""What both halves of the ledger stand on: its parts, and one settlement being written."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bridge.casework import decide
from bridge.errors import Retry
from bridge.ledger.files import Files
from bridge.ledger.gather import Gather
from bridge.ledger.ids import Ids
from bridge.ledger.keys import Keys
from bridge.ledger.remembered import ForgottenList
from bridge.ledger.rows import Ref, Rows
from bridge.ledger.settlement import Settlement, Stored
from bridge.ledger.tables import participants
from bridge.ledger.writer import Unreachable, Writer
from bridge.points import Point
from bridge.vault import Vault

log = logging.getLogger(__name__)
T = TypeVar("T")
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement left behind: new outbox rows, and whether the item stays parked."""

    refs: list[Ref]
    stayed: bool = False


class Base:
    """Not used by itself: see `ledger.Ledger`."""

    def __init__(
        self,
        engine: AsyncEngine,
        writer: Writer,
        vault: Vault,
        files: Path,
        clock: Clock,
        settings: decide.Settings,
        operators: tuple[str, ...],
        forgotten: Path | None = None,
    ) -> None:
        """`files` is the folder of large files, `forgotten` the list of who was (else beside it)."""
        self._engine = engine
        self._writer = writer
        self._files = Files(files)
        self._clock = clock
        self._settings = settings
        self._operators = operators
        self.keys = Keys(vault)
        self._ids = Ids(clock)
        self._claims = threading.Lock()  # decisions are made in a thread
        self._sending: set[int] = set()  # mails that are with the relay now
        self._claimed: dict[int, sa.Row[Any]] = {}  # rows as they were claimed: nobody changes them
        self._frozen: dict[int, int] = {}  # mails a decision is being made about
        self._list = ForgottenList(forgotten or files.with_name("forgotten"))

    def now(self) -> int:
        """ms since 1970."""
        return int(self._clock() * 1000)

    async def _raw(self, row: sa.Row[Any]) -> bytes:
        """What came with this row of the inbox, as it came."""
        sealed = row.raw if row.file is None else await self._files.read(row.file)
        return self.keys.unwrap(row.wrapped_key).open(sealed, f"inbox/{row.id}/raw")

    async def _write(self, point: Point, work: Callable[[sa.Connection], T], files: Sequence[str]) -> T:
        """Commit `work`; when it is not stored, the `files` written for it go.

        Where a crash or a lost connection leaves that in doubt they stay; the next start sweeps them.
        """
        try:
            return await self._writer.write(point, work)
        except Unreachable:
            raise
        except Exception:
            self._files.discard(files)
            raise

    def _settlement(
        self,
        conn: sa.Connection,
        item: int | None,
        stored: Stored,
        frozen: list[int],
        received: int = 0,
    ) -> Settlement:
        now = self.now()

        def freeze(row: int) -> bool:
            with self._claims:
                if row in self._sending:
                    return False
                self._frozen[row] = self._frozen.get(row, 0) + 1
            frozen.append(row)
            return True

        gather = Gather(conn, self.keys, now, self._operators, freeze, received, item)
        rows = Rows(conn, self.keys, self._ids, now, item, [])
        language, public_url = self._settings.language, self._settings.public_url
        return Settlement(gather, self.keys, self._ids, now, rows, stored, os.urandom, language, public_url)

    async def _clear_away(self, done: Sequence[Settlement], *, late: bool = False) -> None:
        """After the commit: files that nobody needs go, and who was forgotten is so on the disk too.

        What cannot be done now is done `late`: at the next start, or with the next housekeeping.
        """
        for settlement in done:
            self._files.discard(settlement.spare)
            for participant in settlement.forgotten:
                self.keys.forget(participant)
        if not late and not any(settlement.forgotten for settlement in done):
            return
        try:
            await asyncio.to_thread(self._list.add, await self._writer.read(_forgotten), self.now())
            if not await self._writer.checkpoint():
                log.info("somebody reads the database: what was forgotten leaves its log later")
        except (Retry, OSError) as e:
            log.warning("who was forgotten is not off the disk yet: %s", type(e).__name__)

    def _thaw(self, row: int) -> None:
        with self._claims:
            self._frozen[row] -= 1
            if not self._frozen[row]:
                del self._frozen[row]


def _forgotten(conn: sa.Connection) -> list[int]:
    return list(
        conn.execute(sa.select(participants.c.id).where(participants.c.wrapped_key.is_(None))).scalars()
    )
