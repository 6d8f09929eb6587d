"""Row IDs: they grow, whatever the clock does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.ledger.ids import Ids

seconds = st.floats(0, 4_102_444_800, allow_nan=False)  # to the year 2100


@given(st.lists(seconds, min_size=1, max_size=50), st.integers(0, 2**40))
def test_ids_grow_whatever_the_clock_does(times: list[float], highest: int) -> None:
    clock = iter(times)
    ids = Ids(lambda: next(clock))
    ids.seen(highest)
    made = [ids() for _ in times]
    assert made == sorted(set(made))
    assert all(highest < i < 2**63 for i in made)


@given(seconds, seconds)
def test_ids_sort_by_time(one: float, other: float) -> None:
    if int(one * 1000) < int(other * 1000):
        assert Ids(lambda: one)() < Ids(lambda: other)()


def test_two_processes_rarely_clash() -> None:
    made = [Ids(lambda: 1_800_000_000.0)() for _ in range(50)]
    assert len(set(made)) > 40
