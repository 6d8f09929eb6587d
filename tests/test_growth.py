"""What is quadratic is found out."""

from __future__ import annotations

from tests.growth import grows_evenly


def test_quadratic_work_is_told_from_linear_work() -> None:
    assert grows_evenly(lambda text: sum(map(ord, text)), "x" * 1_000_000)
    assert not grows_evenly(lambda text: sum(text[n:].count("a") for n in range(len(text))), "b" * 100_000)
