"""Two machines, one homeserver: the story from first start to the last restart."""

from __future__ import annotations

import asyncio
import time

import pytest

from bridge.e2ee.errors import CannotDecrypt, IdentityChanged, MissingKey, Unsigned
from bridge.e2ee.outbound import Encrypted, Rotation
from bridge.e2ee.rows import OlmRow, SharedRow
from bridge.errors import Broken
from bridge.points import Point
from tests.e2ee.people import (
    BOT,
    CLERK,
    OFFICER,
    ROOM,
    World,
    fresh_login,
    identity,
    make,
    person,
    sealed_secrets,
    sign_device,
)


async def pair(world: World, **options: object) -> tuple:  # type: ignore[type-arg]
    bot, officer = await person(world, BOT, **options), await person(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    return bot, officer


async def test_both_directions_and_trust() -> None:
    world = World()
    bot, officer = await pair(world)
    event = await bot.say("hello")
    await officer.sync()
    assert await officer.read(event) == "hello"
    answer = await officer.say("good day")
    await bot.sync()
    decrypted = await bot.machine.decrypt(answer)
    assert (decrypted.content["body"], decrypted.sender, decrypted.trusted) == ("good day", OFFICER, True)
    assert decrypted.device_id == officer.machine.device_id
    assert (ROOM, decrypted.session_id) in bot.keys
    assert await bot.read(event) == "hello", "we read our own"


async def test_restart_keeps_everything() -> None:
    world = World()
    bot, officer = await pair(world)
    first = await bot.say("one")
    answer = await officer.say("two")
    bot = await bot.restart()
    await bot.sync()
    await officer.sync()
    assert await bot.read(answer) == "two"
    second = await bot.say("three")
    await officer.sync()
    assert await officer.read(first) == "one"
    assert await officer.read(second) == "three"
    assert first["content"]["session_id"] == second["content"]["session_id"]
    assert bot.machine.device_id == second["content"]["device_id"]


async def test_a_replay_is_refused_also_after_a_restart() -> None:
    world = World()
    bot, officer = await pair(world)
    event = await officer.say("pay")
    await bot.sync()
    assert await bot.read(event) == "pay"
    assert await bot.read(event) == "pay", "the same event again is no replay"
    for replay in ({**event, "event_id": "$other"}, {**event, "origin_server_ts": 1}):
        with pytest.raises(CannotDecrypt, match="replay"):
            await bot.read(replay)
    bot = await bot.restart()
    with pytest.raises(CannotDecrypt, match="replay"):
        await bot.read({**event, "event_id": "$other"})
    assert await bot.read(event) == "pay"


async def test_two_events_with_one_index_at_the_same_instant() -> None:
    world = World()
    bot, officer = await pair(world)
    event = await officer.say("pay")
    await bot.sync()
    twins = [event, {**event, "event_id": "$twin"}]
    results = await asyncio.gather(*(bot.read(e) for e in twins), return_exceptions=True)
    assert sum(isinstance(r, CannotDecrypt) for r in results) == 1


async def test_a_message_for_another_room_is_refused() -> None:
    world = World()
    bot, officer = await pair(world)
    world.rooms["!other:alder.example"] = dict(world.rooms[ROOM])
    event = await officer.say("inside")
    await bot.sync()
    with pytest.raises(MissingKey):
        await bot.read({**event, "room_id": "!other:alder.example"})


async def test_unsigned_device_gets_nothing_then_everything_it_may_have() -> None:
    world = World()
    bot = await person(world, BOT)
    keys = identity(world, OFFICER)
    officer = await fresh_login(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    early = [await bot.say(f"early {n}") for n in range(3)]
    await officer.sync()
    with pytest.raises(MissingKey) as caught:
        await officer.read(early[0])
    assert caught.value.withheld_code == "m.unverified"
    await bot.machine.tick()
    assert bot.notices == [Unsigned(OFFICER, officer.machine.device_id)]
    await bot.machine.tick()
    assert len(bot.notices) == 1, "told once"

    sign_device(world, OFFICER, officer.machine.device_id, keys)
    await bot.sync()
    await officer.sync()
    assert [await officer.read(e) for e in early] == ["early 0", "early 1", "early 2"]
    before = len(world.server.to_device_sizes)
    await bot.machine.tick()
    assert len(world.server.to_device_sizes) == before, "nothing is sent twice"


async def test_late_signer_gets_nothing_from_before_the_join() -> None:
    world = World()
    bot, clerk = await person(world, BOT), await person(world, CLERK)
    keys = identity(world, OFFICER)
    officer = await fresh_login(world, OFFICER)
    world.join(BOT)
    world.join(CLERK)
    before = [await bot.say("before 0"), await bot.say("before 1")]
    world.join(OFFICER)
    await bot.machine.membership(ROOM, OFFICER, "join")
    after = await bot.say("after")
    assert before[0]["content"]["session_id"] == after["content"]["session_id"], "a join does not rotate"
    sign_device(world, OFFICER, officer.machine.device_id, keys)
    await bot.sync()
    await officer.sync()
    assert await officer.read(after) == "after"
    for event in before:
        with pytest.raises(MissingKey):
            await officer.read(event)
    await clerk.sync()
    assert await clerk.read(before[0]) == "before 0"


async def test_late_keys_reach_older_sessions_but_none_of_rooms_without_the_user() -> None:
    world = World()
    bot = await person(world, BOT)
    keys = identity(world, OFFICER)
    officer = await fresh_login(world, OFFICER)
    world.rooms = {ROOM: {BOT: 0, OFFICER: 0}, "!secret:a": {BOT: 0}}
    old = await bot.say("old")
    secret = await bot.say("not for you", "!secret:a")
    await bot.machine.discard(ROOM)
    new = await bot.say("new")
    assert old["content"]["session_id"] != new["content"]["session_id"]
    bot = await bot.restart()
    sign_device(world, OFFICER, officer.machine.device_id, keys)
    await bot.machine.devices_changed([OFFICER])
    await bot.machine.tick()
    await officer.sync()
    assert [await officer.read(old), await officer.read(new)] == ["old", "new"]
    with pytest.raises(MissingKey):
        await officer.read(secret)


async def test_no_keys_of_sessions_from_before_the_join() -> None:
    world = World()
    bot = await person(world, BOT)
    officer = await person(world, OFFICER)
    world.join(BOT)
    before = await bot.say("before")
    await bot.machine.discard(ROOM)
    world.join(OFFICER)
    after = await bot.say("after")
    await bot.machine.tick()
    await officer.sync()
    assert await officer.read(after) == "after"
    with pytest.raises(MissingKey):
        await officer.read(before)


async def test_after_thirty_days_the_start_is_gone() -> None:
    world = World()
    bot = await person(world, BOT)
    keys = identity(world, OFFICER)
    officer = await fresh_login(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    old = await bot.say("old")
    world.time.now += 31 * 86_400_000
    await bot.say("new")
    await bot.machine.tick()
    sign_device(world, OFFICER, officer.machine.device_id, keys)
    await bot.sync()
    await officer.sync()
    with pytest.raises(MissingKey):
        await officer.read(old)
    assert not [r for r in bot.store.rows[SharedRow].values() if r.key[0] == old["content"]["session_id"]]


async def test_replaced_identity_gets_no_keys_and_no_obedience_until_confirmed() -> None:
    world = World()
    bot, officer = await pair(world)
    before = await bot.say("before")
    await officer.sync()
    assert await officer.read(before) == "before"

    keys = identity(world, OFFICER)
    intruder = await fresh_login(world, OFFICER)
    sign_device(world, OFFICER, intruder.machine.device_id, keys)
    await bot.sync()
    assert not await bot.machine.still_good(ROOM, before["content"]["session_id"])
    secret = await bot.say("secret")
    assert secret["content"]["session_id"] != before["content"]["session_id"]
    await intruder.sync()
    await officer.sync()
    for victim in (intruder, officer):
        with pytest.raises(MissingKey):
            await victim.read(secret)
    order = await intruder.say("send it to me")
    await bot.sync()
    assert (await bot.machine.decrypt(order)).trusted is False
    await bot.machine.tick()
    assert bot.notices == [IdentityChanged(OFFICER)]
    bot2 = await bot.restart()
    await bot2.machine.tick()
    assert bot2.notices == [], "told once, also over a restart"

    await bot2.machine.confirm(OFFICER)
    assert (await bot2.machine.decrypt(order)).trusted is True
    await bot2.machine.tick()
    await intruder.sync()
    assert await intruder.read(secret) == "secret", "the confirmed identity gets what it was a member for"
    again = await bot2.say("again")
    await intruder.sync()
    assert await intruder.read(again) == "again"


async def test_each_new_identity_is_told_once() -> None:
    world = World()
    bot, _ = await pair(world)
    await bot.say("x")
    for count in (1, 2):
        identity(world, OFFICER)
        await bot.sync()
        await bot.machine.tick()
        assert bot.notices == [IdentityChanged(OFFICER)] * count


@pytest.mark.parametrize("membership", ["leave", "ban"])
async def test_a_leave_rotates_and_takes_back_what_was_not_sent(membership: str) -> None:
    world = World()
    bot, officer = await pair(world)
    clerk = await person(world, CLERK)
    world.join(CLERK)
    before = await bot.say("before")
    session = before["content"]["session_id"]
    assert await bot.machine.still_good(ROOM, session)
    world.leave(OFFICER)
    await bot.machine.membership(ROOM, OFFICER, membership)
    assert not await bot.machine.still_good(ROOM, session)
    after = await bot.say("after")
    await officer.sync()
    await clerk.sync()
    assert await clerk.read(after) == "after"
    with pytest.raises(MissingKey):
        await officer.read(after)
    assert not await (await bot.restart()).machine.still_good(ROOM, session)


async def test_a_leave_nobody_told_us_of_is_seen_in_the_members() -> None:
    world = World()
    bot, _ = await pair(world)
    before = await bot.say("before")
    world.leave(OFFICER)
    assert not await bot.machine.still_good(ROOM, before["content"]["session_id"])
    assert (await bot.say("after"))["content"]["session_id"] != before["content"]["session_id"]


async def test_a_removed_device_rotates() -> None:
    world = World()
    bot, officer = await pair(world)
    before = await bot.say("before")
    world.server.remove_device(OFFICER, officer.machine.device_id)
    await bot.sync()
    assert not await bot.machine.still_good(ROOM, before["content"]["session_id"])
    assert (await bot.say("after"))["content"]["session_id"] != before["content"]["session_id"]


async def test_rotation_by_count_leaves_the_old_session_good() -> None:
    world = World()
    bot, _ = await pair(world, rotation=Rotation(messages=2))
    sessions = [(await bot.say(str(n)))["content"]["session_id"] for n in range(4)]
    assert sessions[0] == sessions[1] != sessions[2] == sessions[3]
    assert await bot.machine.still_good(ROOM, sessions[0])
    world.time.now += 86_400_000
    assert (await bot.say("next day"))["content"]["session_id"] not in sessions


async def test_an_unlisted_member_gets_no_key() -> None:
    world = World()
    bot, officer = await pair(world, strangers=frozenset({OFFICER}))
    event = await bot.say("not for strangers")
    await officer.sync()
    with pytest.raises(MissingKey):
        await officer.read(event)
    assert not world.server.claimed


async def test_share_with_all() -> None:
    world = World()
    bot = await person(world, BOT, share_with="all")
    officer = await fresh_login(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    event = await bot.say("for all")
    await officer.sync()
    assert await officer.read(event) == "for all"
    answer = await officer.say("not signed")
    await bot.sync()
    assert (await bot.machine.decrypt(answer)).trusted is False


async def test_share_with_all_means_nobody_whose_identity_changed() -> None:
    world = World()
    bot, officer = await pair(world, share_with="all")
    before = await bot.say("before")
    identity(world, OFFICER)
    await bot.sync()
    after = await bot.say("after")
    await officer.sync()
    assert await officer.read(before) == "before"
    with pytest.raises(MissingKey):
        await officer.read(after)


async def test_a_device_without_one_time_keys_is_told_and_tried_again() -> None:
    world = World()
    bot, officer = await pair(world)
    device = world.server.users[OFFICER].devices[officer.machine.device_id]
    kept, device.one_time, fallback, device.fallback = device.one_time, {}, device.fallback, {}
    event = await bot.say("early")
    again = await bot.say("still nothing")
    assert device.claims == 1, "a backoff"
    kinds = [e["content"].get("code") for _, e in device.inbox]
    assert kinds == ["m.no_olm"]
    device.one_time, device.fallback = kept, fallback
    bot = await bot.restart()
    world.time.now += 61_000
    await bot.machine.tick()
    await officer.sync()
    assert [await officer.read(event), await officer.read(again)] == ["early", "still nothing"]


async def test_traffic_of_a_server_ends_the_waiting() -> None:
    world = World()
    bot, officer = await pair(world)
    device = world.server.users[OFFICER].devices[officer.machine.device_id]
    kept, device.one_time, device.fallback = device.one_time, {}, {}
    event = await bot.say("early")
    device.one_time = kept
    await bot.machine.tick()
    await officer.sync()
    with pytest.raises(MissingKey):
        await officer.read(event)
    bot.machine.heard_from("birch.example")
    await bot.machine.tick()
    await officer.sync()
    assert await officer.read(event) == "early"


async def test_a_server_that_is_down_gets_its_keys_later() -> None:
    world = World()
    bot, officer = await pair(world)
    world.server.down.add("birch.example")
    event = await bot.say("while you were away")
    world.server.down.clear()
    world.time.now += 31_000
    await bot.machine.tick()
    await bot.say("next")
    await bot.machine.tick()
    await officer.sync()
    assert await officer.read(event) == "while you were away"


async def test_fallback_key_then_refill() -> None:
    world = World()
    bot = await person(world, BOT)
    device = world.server.users[BOT].devices[bot.machine.device_id]
    device.one_time.clear()
    officer = await person(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    event = await officer.say("by the fallback key")
    [old] = device.fallback
    await bot.sync()
    assert await bot.read(event) == "by the fallback key"
    assert old not in device.fallback
    assert len(device.one_time) == 50


async def test_a_wedged_channel_heals() -> None:
    world = World()
    bot, officer = await pair(world)
    await bot.say("hello")
    await officer.sync()
    await officer.say("good day")
    await bot.sync()
    bot.store.rows[OlmRow].clear()  # the bot forgets the channel: the next message cannot be read
    bot = await bot.restart()
    await officer.machine.discard()
    lost = await officer.say("one")
    claims = world.server.users[OFFICER].devices[officer.machine.device_id].claims
    await bot.sync()
    with pytest.raises(MissingKey):
        await bot.read(lost)
    assert world.server.users[OFFICER].devices[officer.machine.device_id].claims == claims + 1
    await officer.sync()
    await officer.machine.discard()
    event = await officer.say("two")
    await bot.sync()
    assert await bot.read(event) == "two"
    assert await bot.machine.request_key(lost)
    await officer.sync()
    await bot.sync()
    assert await bot.read(lost) == "one"


async def test_a_lost_key_is_asked_for_and_comes_from_its_maker_only() -> None:
    world = World()
    bot, officer = await pair(world)
    await bot.say("hello")
    await officer.sync()
    event = await officer.say("lost")
    device = world.server.users[BOT].devices[bot.machine.device_id]
    device.inbox.clear()
    await bot.sync()
    with pytest.raises(MissingKey):
        await bot.read(event)
    assert await bot.machine.request_key(event)
    await officer.sync()
    await bot.sync()
    assert await bot.read(event) == "lost"


async def test_history_for_somebody_who_is_about_to_be_invited() -> None:
    world = World()
    bot, _ = await pair(world)
    clerk = await person(world, CLERK)
    await bot.say("old")
    assert await bot.machine.share_history(ROOM, CLERK) == 1
    device = world.server.users[CLERK].devices[clerk.machine.device_id]
    assert len(device.inbox) == 1
    assert len(world.server.media) == 1
    stranger = await fresh_login(world, "@new:birch.example")
    assert await bot.machine.share_history(ROOM, "@new:birch.example") == 0
    assert stranger.machine.device_id


async def test_to_device_requests_name_at_most_250_devices() -> None:
    world = World()
    bot = await person(world, BOT)
    world.join(BOT)
    for n in range(260):
        user = f"@u{n}:birch.example"
        await person(world, user)
        world.join(user)
    world.server.to_device_sizes.clear()
    await bot.say("to all")
    assert world.server.to_device_sizes == [250, 10]


async def test_sixteen_at_once_cost_no_reads_and_few_microseconds() -> None:
    world = World()
    bot, officer = await pair(world)
    await bot.say("warm")
    loads, requests = bot.store.loads, len(world.server.requests)
    start = time.process_time()
    events = await asyncio.gather(*(bot.say(str(n)) for n in range(16)))
    spent = (time.process_time() - start) / 16
    assert (bot.store.loads, len(world.server.requests)) == (loads, requests)
    assert spent < 0.005
    await officer.sync()
    assert sorted([await officer.read(e) for e in events], key=int) == [str(n) for n in range(16)]


async def test_the_change_that_rides_along_sees_the_ciphertext() -> None:
    world = World()
    bot, _ = await pair(world)
    seen: list[Encrypted] = []
    encrypted = await bot.machine.encrypt(
        ROOM, "m.room.message", {"body": "x"}, also=lambda e: lambda conn: seen.append(e)
    )
    assert seen == [encrypted]
    assert bot.store.commits[-1] is Point.ENCRYPTED

    def refuse(_: object) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await bot.machine.encrypt(ROOM, "m.room.message", {"body": "x"}, also=lambda e: refuse)
    again = await bot.machine.encrypt(ROOM, "m.room.message", {"body": "x"})
    assert again.index == encrypted.index + 2, "an index is skipped, never used again"


# ------------------------------------------------------------ start


async def test_recovery_key_is_given_until_it_is_kept() -> None:
    world = World()
    bot = make(world, BOT)
    first = await bot.machine.start()
    assert first is not None
    second = make(world, BOT, store=bot.store)
    assert await second.machine.start() == first
    await second.machine.recovery_key_kept()
    assert await make(world, BOT, store=bot.store).machine.start() is None
    assert all(first.encode() not in s and len(s) > 40 for s in sealed_secrets(bot.store))


async def test_recovery_onto_an_empty_store() -> None:
    world = World()
    old = make(world, BOT)
    recovery = await old.machine.start()
    assert recovery is not None
    new = make(world, BOT)
    with pytest.raises(Broken, match="recovery key"):
        await new.machine.start()
    new = make(world, BOT)
    with pytest.raises(Broken, match="mistyped"):
        await new.machine.recover(recovery[:-1] + ("A" if recovery[-1] != "A" else "B"))
    await new.machine.recover(recovery)
    assert await new.machine.start() is None
    assert new.machine.master_key == old.machine.master_key
    assert new.machine.device_id != old.machine.device_id


async def test_a_device_that_the_server_lost_or_exchanged_is_broken() -> None:
    world = World()
    bot = await person(world, BOT)
    device = world.server.users[BOT].devices[bot.machine.device_id]
    assert device.keys is not None
    keys, name = device.keys, f"ed25519:{bot.machine.device_id}"
    device.keys = {**keys, "keys": {**keys["keys"], name: "x" * 43}}
    with pytest.raises(Broken, match="other keys"):
        await bot.restart()
    device.keys = None
    with pytest.raises(Broken, match="no longer"):
        await bot.restart()


async def test_a_replaced_identity_of_the_bot_is_broken() -> None:
    world = World()
    bot = await person(world, BOT)
    identity(world, BOT)
    with pytest.raises(Broken, match="another cross-signing identity"):
        await bot.restart()
