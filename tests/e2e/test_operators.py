"""`folkmoot apply` while the bridge runs: another consultation, its rooms, and nothing done twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bridge.demo.running import BridgeDied
from bridge.model import Json
from tests.e2e.place import SEEN, Place, name_of
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_second_consultation_is_applied_while_the_bridge_runs(town: Place, tmp_path: Path) -> None:
    file = tmp_path / "pool.yaml"
    wanted = {**town.consultation(), "slug": "pool-2027", "mailbox": "pool-2027", "forms": []}
    wanted |= {"title": "The Open-Air Pool", "languages": ["de"]}

    async def apply(**changes: object) -> Json:
        file.write_text(yaml.safe_dump({**wanted, **changes}))
        outcome = await town.bridge.command_json("apply", str(file))
        (one,) = outcome["consultations"]
        assert one["slug"] == "pool-2027"
        found: Json = one
        return found

    first = await apply()
    assert {"space: created", "lobby: created", "desk: created"} <= set(first["changed"])
    listed = await town.bridge.command_json("list")
    assert {one["slug"] for one in listed["consultations"]} == {"park-2027", "pool-2027"}

    async def rooms() -> bool:
        names = [await name_of(town.officer, room_id) for room_id in town.officer.joined]
        return sum("The Open-Air Pool" in name for name in names) == 3

    await until(rooms, SEEN, "space, lobby and desk of the second consultation at Birch")
    address = f"pool-2027@{town.bridge.domain}"
    await town.mail(("Cem", "cem@home.example"), "Das Becken", "Das Wasser ist kalt.", to=address)
    words = await town.officer.wait_for(lambda e: "Das Wasser ist kalt." in e.body and e.thread, SEEN)
    assert words.room_id != town.desk and words.encrypted
    ack = await town.mailbox.wait_for(lambda m: "cem@home.example" in m.rcpt_tos, SEEN)
    assert "Ihre Nachricht" in ack.text and "The Open-Air Pool" in ack.text

    assert (await apply())["changed"] == []
    assert (await town.bridge.command_json("apply", str(file)))["consultations"][0]["changed"] == []
    changed = await apply(title="The Old Pool")
    assert set(changed["changed"]) == {"space: name", "lobby: name", "desk: name"}
    with pytest.raises(BridgeDied, match="already belongs to the consultation"):
        await apply(mailbox="park-2027")
