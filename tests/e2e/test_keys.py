"""Keys that were replaced, a device that nobody signed, a key that does not come.

Two minutes pass until staff hear of a missing key.  `FOLKMOOT_LONG=1` waits them; else the bridge
is stopped, the parked item's time of arrival in its database is set back, and it starts again.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bridge.demo.officer import Officer
from bridge.demo.town import PASSWORD
from tests.e2e.place import BOT, SEEN, VERA, Case, Place, marked, open_case
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
LONG = os.environ.get("FOLKMOOT_LONG") == "1"
TWO_MINUTES = 120_000  # ms


async def test_replaced_keys_are_found_out(town: Place, tmp_path: Path) -> None:
    """Birch's administrator takes an officer's account over: no key, no mail, until an operator confirms."""
    operator = await town.operator()
    control = await town.control_room()
    vera = await town.client(town.lab.birch.url, VERA)
    await vera.cross_sign(PASSWORD)
    await vera.wait_joined(town.desk, SEEN)
    before = await open_case(town)
    await vera.wait_for(lambda e: e.event_id == before.words.event_id and e.readable, SEEN)
    await before.reply("It is I, Vera.", vera)
    await before.mailed("It is I, Vera.")

    await reset_password(town, vera.user_id, "taken over")
    async with Officer(town.lab.birch.url, VERA, "taken over", tmp_path / "intruder") as intruder:
        await intruder.replace_identity()
        told = await operator.wait_for(
            lambda e: e.room_id == control and f"The identity of {vera.user_id} has changed" in e.body, SEEN
        )
        assert told.encrypted and f"!trust {vera.user_id}" in told.body
        case = await open_case(town)
        await intruder.wait_for(lambda e: e.event_id == case.words.event_id, SEEN)
        replies = [await case.reply("From the intruder.", intruder), await case.reply("From Vera.", vera)]
        for event_id in replies:
            await marked(town.officer, event_id, "⚠️")
        await case.notice("Not sent: it was written on a device that its owner has not verified")
        last = await case.barrier()
        assert case.mails() == [last]
        for someone in (intruder, vera):
            assert not someone.seen[case.words.event_id].readable

        await town.officer.say(town.desk, f"!trust {vera.user_id}")  # no operator, no control room
        await operator.say(control, f"!trust {vera.user_id}")
        await operator.wait_for(lambda e: f"The present keys of {vera.user_id} are accepted" in e.body, SEEN)
        after = await open_case(town)
        await intruder.wait_for(lambda e: e.event_id == after.words.event_id and e.readable, SEEN)
        event_id = await after.reply("Confirmed by telephone.", intruder)
        await after.mailed("Confirmed by telephone.")
        await marked(town.officer, event_id, "✉️")


async def reset_password(town: Place, user_id: str, password: str) -> None:
    """As an administrator of Birch does it (Synapse admin API, "Reset password")."""
    await town.lab.birch.register("root", PASSWORD, admin=True)
    _, _, token = await town.lab.birch.login("root", PASSWORD)
    path = f"/_synapse/admin/v1/reset_password/{quote(user_id)}"
    body = {"new_password": password, "logout_devices": False}
    await town.lab.birch.request("POST", path, body, token=token)


async def test_an_unsigned_device_gets_no_key_until_it_is_signed(town: Place) -> None:
    other = await town.officer.new_device()
    try:
        await other.wait_joined(town.desk, SEEN)
        case = await open_case(town)
        await other.wait_for(lambda e: e.event_id == case.words.event_id, SEEN)
        advice = await until(lambda: town.said_directly(town.officer, other.device_id), SEEN, "advice")
        assert f"Your device {other.device_id}" in advice and "Verify this device" in advice
        event_id = await case.reply("From an unsigned device.", other)
        await marked(town.officer, event_id, "⚠️")
        last = await case.barrier()
        assert case.mails() == [last]
        assert not other.seen[case.words.event_id].readable
        await other.cross_sign()
        await other.wait_for(lambda e: e.event_id == case.root and e.readable, SEEN)
        await other.wait_for(lambda e: e.event_id == case.words.event_id and e.readable, SEEN)
        await case.reply("From a signed device.", other)
        await case.mailed("From a signed device.")
    finally:
        await other.stop()


async def test_a_key_that_does_not_come_is_told_and_waited_for(town: Place) -> None:
    case = await open_case(town)
    hand_over = await without_key(town, case, "Late, but not lost.")
    database = town.bridge.directory / "folkmoot.db"
    await until(lambda: parked(database), SEEN, "the item is parked")
    assert not [e for e in town.officer.seen.values() if "cannot be decrypted yet" in e.body]
    if not LONG:
        async with town.away():
            parked(database, older_by=TWO_MINUTES)
    told = "cannot be decrypted yet, because its key has not arrived"
    await town.officer.wait_for(lambda e: e.thread == case.root and told in e.body, SEEN + 120 * LONG)
    last = await case.barrier()
    assert case.mails() == [last]
    await hand_over()
    mail = await case.mailed("Late, but not lost.")
    await case.barrier()
    assert case.mails().count(mail) == 1
    assert len([m for m in case.mails() if "Late, but not lost." in m.text]) == 1
    assert len([e for e in town.officer.seen.values() if e.thread == case.root and told in e.body]) == 1
    assert not parked(database)


def parked(database: Path, older_by: int = 0) -> list[int]:
    """The parked items; with `older_by` they have come that many ms earlier."""
    with sqlite3.connect(database, timeout=10) as conn:
        found = [row[0] for row in conn.execute("SELECT id FROM inbox WHERE state = 'parked'")]
        if older_by:
            conn.execute("UPDATE inbox SET received = received - ? WHERE state = 'parked'", (older_by,))
    conn.close()
    return found


async def without_key(town: Place, case: Case, text: str) -> Callable[[], Awaitable[Any]]:
    """An officer's reply whose key the bridge does not get; what is returned sends it the key."""
    officer = town.officer
    client = officer._running
    devices = list(client.device_store.active_user_devices(BOT))
    assert devices
    for device in devices:
        client.blacklist_device(device)
    officer.rotate(town.desk)
    client.olm.create_outbound_group_session(town.desk)
    session = client.olm.outbound_group_sessions[town.desk]
    key = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "room_id": town.desk,
        "session_id": session.id,
        "session_key": session.session_key,
    }
    await case.reply(text)
    for device in devices:
        client.unblacklist_device(device)

    async def hand_over() -> None:
        olm = client.olm
        messages = {
            d.id: olm._olm_encrypt(olm.session_store.get(d.curve25519), d, "m.room_key", key) for d in devices
        }
        path = f"/_matrix/client/v3/sendToDevice/m.room.encrypted/{uuid.uuid4().hex}"
        await officer.door.request("PUT", path, {"messages": {BOT: messages}}, token=officer.token)

    return hand_over
