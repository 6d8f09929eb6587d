"""Which outbox row is next: in order within a lane, replies first, no room starving another.

A lane is a queue: only its first row may run, and while it runs or waits for its time the
others wait behind it.  Among the rows that may run now the lowest priority number wins;
among equals the rooms take turns.  Pure: knows neither time nor tasks.
"""

from __future__ import annotations

import heapq
from collections import deque

from bridge.ledger.rows import Ref


class Lanes:
    """Rows by lane, rooms by turn."""

    def __init__(self) -> None:
        self._lanes: dict[str, deque[Ref]] = {}
        self._ready: dict[int, dict[str, deque[Ref]]] = {}  # priority → room → first rows of lanes
        self._later: list[tuple[int, int, Ref]] = []  # (not_before, id, first row of a lane)

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._lanes.values())

    def add(self, row: Ref) -> None:
        """A new row, at the end of its lane."""
        lane = self._lanes.setdefault(row.lane, deque())
        lane.append(row)
        if len(lane) == 1:
            self._offer(row)

    def _offer(self, row: Ref) -> None:
        heapq.heappush(self._later, (row.not_before, row.id, row))

    def next(self, now: int) -> Ref | None:
        """The row to run now (ms), or None.  It keeps its lane until `done` or `again`."""
        while self._later and self._later[0][0] <= now:
            row = heapq.heappop(self._later)[2]
            self._ready.setdefault(row.priority, {}).setdefault(row.room, deque()).append(row)
        for priority in sorted(self._ready):
            turns = self._ready[priority]
            room = next(iter(turns))
            rows = turns.pop(room)
            row = rows.popleft()
            if rows:
                turns[room] = rows  # back at the end: the next room has its turn
            if not turns:
                del self._ready[priority]
            return row
        return None

    def wait(self, now: int) -> float | None:
        """Seconds until a row may become ready by time alone; None when none will."""
        if self._ready:
            return 0.0
        return max(0.0, (self._later[0][0] - now) / 1000) if self._later else None

    def done(self, row: Ref) -> None:
        """The row is final: the lane's next one may run."""
        lane = self._lanes[row.lane]
        lane.popleft()
        if lane:
            self._offer(lane[0])
        else:
            del self._lanes[row.lane]

    def again(self, row: Ref) -> None:
        """The running row shall run again at its (new) `not_before`; its lane waits for it."""
        self._lanes[row.lane][0] = row
        self._offer(row)
