"""Lanes: order within a lane, replies first, rooms in turn, nothing lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bridge.lanes import Lanes
from bridge.ledger.rows import Ref
from bridge.model import Source


def ref(n: int, lane: str = "a", room: str = "r", priority: int = 0, not_before: int = 0) -> Ref:
    return Ref(n, Source.MATRIX, lane, room, priority, not_before)


def drain(lanes: Lanes, now: int = 0) -> list[int]:
    """Run everything that may run, each to its end."""
    ran = []
    while (row := lanes.next(now)) is not None:
        ran.append(row.id)
        lanes.done(row)
    return ran


def test_a_running_row_holds_its_lane() -> None:
    lanes = Lanes()
    lanes.add(ref(1))
    lanes.add(ref(2))
    first = lanes.next(0)
    assert first is not None and first.id == 1
    assert lanes.next(0) is None
    lanes.again(replace(first, not_before=50))
    assert lanes.next(49) is None
    assert lanes.wait(40) == 0.01
    assert lanes.next(50) == replace(first, not_before=50)
    lanes.done(first)
    assert drain(lanes) == [2]
    assert lanes.wait(0) is None


def test_replies_go_before_new_cases() -> None:
    lanes = Lanes()
    for n, priority in enumerate([2, 2, 1, 0, 2, 0]):
        lanes.add(ref(n, lane=f"lane {n}", priority=priority))
    assert drain(lanes) == [3, 5, 2, 0, 1, 4]


def test_rooms_take_turns_so_that_a_flood_in_one_starves_no_other() -> None:
    lanes = Lanes()
    for n in range(100):
        lanes.add(ref(n, lane=f"flood {n}", room="flooded"))
    for n in range(100, 103):
        lanes.add(ref(n, lane=f"quiet {n}", room="quiet"))
    assert [n for n in drain(lanes)[:6] if n >= 100] == [100, 101, 102]


rows = st.lists(
    st.builds(
        lambda lane, priority: (lane, priority),
        st.integers(0, 5),
        st.integers(0, 2),
    ),
    max_size=60,
)


@given(rows)
def test_no_room_waits_longer_than_one_round(made: list[tuple[int, int]]) -> None:
    """Between two turns of a room, each other room of the same priority has at most one."""
    lanes = Lanes()
    by_id = {}
    for n, (room, priority) in enumerate(made):
        by_id[n] = (room, priority)
        lanes.add(ref(n, lane=f"lane {n}", room=str(room), priority=priority))
    order = [by_id[n] for n in drain(lanes)]
    assert sorted(order) == sorted(made)
    assert [p for _, p in order] == sorted(p for _, p in made)
    for priority in range(3):
        turns = [room for room, p in order if p == priority]
        for i, room in enumerate(turns):
            if room in turns[i + 1 :]:
                between = turns[i + 1 : turns.index(room, i + 1)]
                assert max(Counter(between).values(), default=0) <= 1


class Life(RuleBasedStateMachine):
    """Any sequence of adding, running, finishing and postponing."""

    @initialize()
    def begin(self) -> None:
        self.lanes = Lanes()
        self.now = 0
        self.made = 0
        self.waiting: dict[str, list[int]] = {}
        self.running: list[Ref] = []
        self.times: dict[int, int] = {}

    @rule(lane=st.sampled_from("abcd"), priority=st.integers(0, 2), delay=st.integers(0, 30))
    def add(self, lane: str, priority: int, delay: int) -> None:
        self.made += 1
        row = ref(self.made, lane, lane.upper() if lane < "c" else "C", priority, self.now + delay)
        self.lanes.add(row)
        self.waiting.setdefault(lane, []).append(row.id)
        self.times[row.id] = row.not_before

    @rule()
    def run(self) -> None:
        row = self.lanes.next(self.now)
        if row is None:
            ready = [
                ids[0]
                for lane, ids in self.waiting.items()
                if ids and lane not in {r.lane for r in self.running} and self.times[ids[0]] <= self.now
            ]
            assert ready == []
            return
        assert self.waiting[row.lane][0] == row.id  # the first of its lane
        assert row.lane not in {r.lane for r in self.running}  # which runs one at a time
        assert self.times[row.id] <= self.now
        self.running.append(row)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        row = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        self.lanes.done(row)
        assert self.waiting[row.lane].pop(0) == row.id

    @precondition(lambda self: self.running)
    @rule(data=st.data(), delay=st.integers(1, 30))
    def postpone(self, data: st.DataObject, delay: int) -> None:
        row = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        row = replace(row, not_before=self.now + delay)
        self.times[row.id] = row.not_before
        self.lanes.again(row)

    @rule(passed=st.integers(1, 20))
    def wait(self, passed: int) -> None:
        self.now += passed

    @invariant()
    def nothing_is_lost(self) -> None:
        assert len(self.lanes) == sum(len(ids) for ids in self.waiting.values())

    def teardown(self) -> None:
        if not hasattr(self, "lanes"):
            return
        for row in self.running:
            self.lanes.done(row)
            self.waiting[row.lane].remove(row.id)
        left = sorted(n for ids in self.waiting.values() for n in ids)
        assert sorted(drain(self.lanes, self.now + 1000)) == left
        assert len(self.lanes) == 0


TestLife = Life.TestCase
