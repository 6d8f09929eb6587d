"""Done when: killed at every boundary in both directions, 0 of 200 lost, 0 doubled, 0 indices reused."""

from __future__ import annotations

from pathlib import Path

from tests.crash.scenario import Scenario


async def test_killed_at_every_point(tmp_path: Path) -> None:
    report = await Scenario(tmp_path).run(200, print)
    print(report.line())
    assert not report.faults()
