"""A client that missed events while two homeservers could not reach each other finds them all."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from bridge.demo.lab import Lab
from tests.lab import create_room, lab, staff
from tests.waiting import until

__all__ = ["lab"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

MISSED = 60  # more than a homeserver hands over by itself afterwards


async def test_what_was_said_during_a_break_is_found(lab: Lab, tmp_path: Path) -> None:
    async with staff(lab.alder, "ada", tmp_path) as ada, staff(lab.birch, "ben", tmp_path) as ben:
        room = await create_room(lab.alder, ada.token, invite=(ben.user_id,), encrypted=False)
        await ben.wait_joined(room, 30)
        await ada.send_plain(room, {"msgtype": "m.text", "body": "before"})
        await ben.wait_for(lambda e: e.body == "before", 30)
        lab.proxy.cut("birch.example")
        try:
            for number in range(MISSED):
                await ada.send_plain(room, {"msgtype": "m.text", "body": f"missed {number}"})
        finally:
            lab.proxy.heal("birch.example")

        def found() -> bool:
            return {f"missed {n}" for n in range(MISSED)} <= {e.body for e in ben.seen.values()}

        for number in range(30):  # traffic wakes the homeserver that waits with its next try
            await ada.send_plain(room, {"msgtype": "m.text", "body": f"after {number}"})
            with contextlib.suppress(AssertionError):
                await until(found, 3)
                break
        assert found()
