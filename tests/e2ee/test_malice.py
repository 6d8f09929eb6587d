"""Forged, replayed and malformed input: refused, and nobody else's message is lost by it."""

from __future__ import annotations

from typing import Any

import pytest
import vodozemac
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.e2ee.core import MEGOLM, compact
from bridge.e2ee.errors import CannotDecrypt, MissingKey, Unsigned
from bridge.e2ee.rows import InboundRow, SharedRow
from bridge.e2ee.signing import SigningKey, b64
from bridge.model import Json
from tests.e2ee.people import (
    BOT,
    CLERK,
    OFFICER,
    ROOM,
    Person,
    World,
    fresh_login,
    identity,
    person,
    sign_device,
)

MALLORY = "@mallory:birch.example"


async def trio() -> tuple[World, Person, Person, Person]:
    """The bot, an officer and somebody who means ill, all of them members."""
    world = World()
    people = [await person(world, user) for user in (BOT, OFFICER, MALLORY)]
    for one in people:
        world.join(one.user_id)
    await people[0].say("hello")
    for one in people:
        await one.sync()
    return world, people[0], people[1], people[2]


async def send_olm(sender: Person, to: Person, kind: str, content: Json, changed: Json | None = None) -> None:
    """An Olm message with a payload of our choice; a field that is changed to `...` is left out."""
    machine = sender.machine
    await machine._devices.refresh([to.user_id])
    device = machine._devices.get(to.user_id, to.machine.device_id)
    assert device is not None
    assert not await machine._olm.ensure([device])
    opened = machine._olm._open[device.curve25519][0]
    payload = {
        "type": kind,
        "content": content,
        "sender": sender.user_id,
        "recipient": to.user_id,
        "recipient_keys": {"ed25519": device.ed25519},
        "keys": {"ed25519": machine.ed25519},
        "sender_device_keys": machine._keys.device_keys(),
        **(changed or {}),
    }
    payload = {name: value for name, value in payload.items() if value is not ...}
    number, body = opened.session.encrypt(compact(payload)).to_parts()
    ciphertext = {device.curve25519: {"type": number, "body": b64(body)}}
    event = {
        "algorithm": "m.olm.v1.curve25519-aes-sha2",
        "sender_key": machine._keys.curve25519,
        "ciphertext": ciphertext,
    }
    sender.api.answer(
        "PUT",
        ["sendToDevice", "m.room.encrypted", "x"],
        {"messages": {to.user_id: {device.device_id: event}}},
        {},
    )


def room_key(session: vodozemac.GroupSession, **changed: Any) -> Json:
    content = {
        "algorithm": MEGOLM,
        "room_id": ROOM,
        "session_id": session.session_id,
        "session_key": session.session_key.to_base64(),
    }
    return {**content, **changed}


def stored(bot: Person, session_id: str) -> list[InboundRow]:
    rows = bot.store.rows.get(InboundRow, {}).values()
    return [row for row in rows if isinstance(row, InboundRow) and row.session_id == session_id]


async def test_a_room_key_in_an_honest_envelope_is_taken() -> None:
    _, bot, _, mallory = await trio()
    session = vodozemac.GroupSession()
    await send_olm(mallory, bot, "m.room_key", room_key(session))
    await bot.sync()
    assert len(stored(bot, session.session_id)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"sender": OFFICER},
        {"recipient": CLERK},
        {"recipient_keys": {"ed25519": "x"}},
        {"recipient_keys": None},
        {"keys": {}},
        {"keys": []},
        {"sender_device_keys": {}},
        {"sender_device_keys": None},
        {"org.matrix.msc4147.device_keys": {"device_id": "X"}},
        {"content": []},
        {"type": None},
    ],
)
async def test_a_forged_envelope_is_refused(changed: Json) -> None:
    _, bot, officer, mallory = await trio()
    session = vodozemac.GroupSession()
    await send_olm(mallory, bot, "m.room_key", room_key(session), changed)
    event = await officer.say("still heard")
    await bot.sync()
    assert not stored(bot, session.session_id)
    assert await bot.read(event) == "still heard"


async def test_device_keys_of_another_user_in_the_envelope_are_refused() -> None:
    """CVE-2026-45056: the device keys are right but for the `user_id` that signs them."""
    _, bot, officer, mallory = await trio()
    machine = mallory.machine
    foreign = {**machine._keys.device_keys(), "user_id": OFFICER}
    foreign.pop("signatures")
    foreign["signatures"] = {
        OFFICER: machine._keys.sign(foreign)["signatures"][MALLORY],
    }
    session = vodozemac.GroupSession()
    signatures = machine._keys.sign({**foreign, "signatures": {}})["signatures"]
    by_the_sender = {**foreign, "signatures": signatures}
    for keys in (foreign, by_the_sender, officer.machine._keys.device_keys()):
        await send_olm(mallory, bot, "m.room_key", room_key(session), {"sender_device_keys": keys})
        await bot.sync()
        assert not stored(bot, session.session_id)


async def test_a_forwarded_key_nobody_asked_for_is_refused() -> None:
    world, bot, officer, mallory = await trio()
    event = await officer.say("lost")
    world.server.users[BOT].devices[bot.machine.device_id].inbox.clear()
    await mallory.sync()
    [row] = stored(mallory, event["content"]["session_id"])
    session = vodozemac.InboundGroupSession.from_pickle(row.pickle, mallory.machine._core.pickle_key)
    exported = session.export_at(0)
    assert exported is not None
    forwarded = {
        "algorithm": MEGOLM,
        "room_id": ROOM,
        "session_id": row.session_id,
        "session_key": exported.to_base64(),
        "sender_key": row.sender_key,
        "sender_claimed_ed25519_key": row.signing_key,
        "forwarding_curve25519_key_chain": [],
    }
    await send_olm(mallory, bot, "m.forwarded_room_key", forwarded)
    await send_olm(officer, bot, "m.forwarded_room_key", forwarded)
    await bot.sync()
    assert not stored(bot, row.session_id), "not asked for, not even from its maker"
    with pytest.raises(MissingKey):
        await bot.read(event)
    assert await bot.machine.request_key(event)
    await send_olm(mallory, bot, "m.forwarded_room_key", forwarded)
    own = mallory.machine
    claimed = {"sender_key": own._keys.curve25519, "sender_claimed_ed25519_key": own.ed25519}
    await send_olm(mallory, bot, "m.forwarded_room_key", {**forwarded, **claimed})
    await bot.sync()
    assert not stored(bot, row.session_id), "asked for, but of another device"
    await send_olm(officer, bot, "m.forwarded_room_key", forwarded)
    await bot.sync()
    decrypted = await bot.machine.decrypt(event)
    assert (decrypted.content["body"], decrypted.trusted) == ("lost", True)


async def test_anothers_key_passed_off_as_ones_own_changes_nothing() -> None:
    world, bot, officer, mallory = await trio()
    event = await officer.say("mine")
    await mallory.sync()
    outbound = officer.machine._outbound._rooms[ROOM].current
    assert outbound is not None
    start = officer.machine._outbound.starts[outbound.row.session_id]
    key = officer.machine._sharing.key_at(start, 0)
    await send_olm(mallory, bot, "m.room_key", room_key(outbound.session, session_key=key))
    inbox = world.server.users[BOT].devices[bot.machine.device_id].inbox
    inbox.insert(0, (inbox[0][0], inbox.pop()[1]))  # the thief's comes first
    await bot.sync()
    assert len(stored(bot, outbound.row.session_id)) == 2
    stolen = {**event, "sender": MALLORY, "event_id": "$stolen"}
    theft = await bot.machine.decrypt(stolen)
    assert theft.sender == MALLORY
    honest = await bot.machine.decrypt(event)
    assert (honest.sender, honest.trusted, honest.content["body"]) == (OFFICER, True, "mine")


async def test_an_event_under_a_false_name_is_not_trusted() -> None:
    _, bot, officer, _ = await trio()
    event = await officer.say("approve")
    await bot.sync()
    forged = await bot.machine.decrypt({**event, "sender": MALLORY})
    assert (forged.trusted, forged.device_id) == (False, None)
    mine = await bot.say("ours")
    assert (await bot.machine.decrypt({**mine, "sender": MALLORY})).trusted is False


async def test_a_session_that_claims_another_devices_signing_key_is_not_trusted() -> None:
    _, bot, officer, mallory = await trio()
    session = vodozemac.GroupSession()
    false = {"keys": {"ed25519": officer.machine.ed25519}, "sender_device_keys": ...}
    await send_olm(mallory, bot, "m.room_key", room_key(session), false)
    await bot.sync()
    inside = {"room_id": ROOM, "type": "m.room.message", "content": {"body": "obey"}}
    ciphertext = session.encrypt(compact(inside)).to_base64()
    content = {"algorithm": MEGOLM, "session_id": session.session_id, "ciphertext": ciphertext}
    for sender in (MALLORY, OFFICER):
        event = {**officer.world.event(sender, content), "event_id": "$same", "origin_server_ts": 1}
        assert (await bot.machine.decrypt(event)).trusted is False


async def test_a_device_that_does_not_sign_its_own_keys_is_none() -> None:
    world = World()
    bot = await person(world, BOT)
    keys = identity(world, OFFICER)
    officer = await fresh_login(world, OFFICER)
    name = officer.machine.device_id
    device = world.server.users[OFFICER].devices[name].keys
    assert device is not None
    device["signatures"][OFFICER][f"ed25519:{name}"] = b64(bytes(64))
    sign_device(world, OFFICER, name, keys)
    world.join(BOT)
    world.join(OFFICER)
    event = await bot.say("secret")
    await officer.sync()
    with pytest.raises(MissingKey) as caught:
        await officer.read(event)
    assert caught.value.withheld_code is None, "nobody speaks to it at all"


async def test_a_worse_key_of_the_same_session_does_not_replace_the_better() -> None:
    _, bot, officer, _ = await trio()
    session = vodozemac.GroupSession()
    await send_olm(officer, bot, "m.room_key", room_key(session))
    first = room_key(session)
    session.encrypt(b"x")
    await send_olm(officer, bot, "m.room_key", room_key(session))
    await bot.sync()
    [row] = stored(bot, session.session_id)
    assert row.first_index == 0
    await send_olm(officer, bot, "m.room_key", {**first, "session_id": "another"})
    await bot.sync()
    assert not stored(bot, "another")


async def test_a_better_key_replaces_a_worse_one() -> None:
    _, bot, officer, _ = await trio()
    session = vodozemac.GroupSession()
    first = room_key(session)
    message = session.encrypt(
        compact({"room_id": ROOM, "type": "m.room.message", "content": {"body": "early"}})
    )
    await send_olm(officer, bot, "m.room_key", room_key(session))
    await bot.sync()
    content = {"algorithm": MEGOLM, "session_id": session.session_id, "ciphertext": message.to_base64()}
    event = officer.world.event(OFFICER, content)
    with pytest.raises(MissingKey):
        await bot.read(event)
    await send_olm(officer, bot, "m.room_key", first)
    await bot.sync()
    assert await bot.read(event) == "early"


async def test_the_room_inside_must_be_the_room_outside() -> None:
    _, bot, officer, _ = await trio()
    session = vodozemac.GroupSession()
    await send_olm(officer, bot, "m.room_key", room_key(session))
    await bot.sync()
    inside = {"room_id": "!other:a", "type": "m.room.message", "content": {"body": "x"}}
    payloads: list[Any] = [inside, {**inside, "room_id": ROOM, "content": 7}, {"room_id": ROOM}, [], 7]
    for payload in payloads:
        ciphertext = session.encrypt(compact(payload)).to_base64()
        content = {"algorithm": MEGOLM, "session_id": session.session_id, "ciphertext": ciphertext}
        with pytest.raises(CannotDecrypt):
            await bot.read(officer.world.event(OFFICER, content))


async def test_requests_are_answered_only_to_those_who_had_the_key() -> None:
    world, bot, officer, mallory = await trio()
    world.leave(MALLORY)
    await bot.machine.membership(ROOM, MALLORY, "leave")
    event = await bot.say("without mallory")
    await mallory.machine.request_key(event)
    await bot.sync()
    await mallory.sync()
    with pytest.raises(MissingKey):
        await mallory.read(event)
    await officer.sync()
    assert await officer.read(event) == "without mallory"
    inbox = world.server.users[OFFICER].devices[officer.machine.device_id].inbox
    inbox.clear()
    await officer.machine.request_key(event)
    await bot.sync()
    assert len(inbox) == 1
    await officer.machine.request_key(event)
    await bot.sync()
    assert len(inbox) == 1, "no more than once a minute"


async def test_a_self_signing_key_that_the_master_did_not_sign_counts_for_nothing() -> None:
    world, bot, officer, _ = await trio()
    published = world.server.users[OFFICER].cross_signing
    false = SigningKey.generate()
    public: Json = {
        "user_id": OFFICER,
        "usage": ["self_signing"],
        "keys": {f"ed25519:{false.public}": false.public},
    }
    public["signatures"] = {OFFICER: {f"ed25519:{false.public}": false.sign(public)}}
    world.server.users[OFFICER].cross_signing = {**published, "self_signing_key": public}
    sign_device(world, OFFICER, officer.machine.device_id, {"self_signing": false})
    await bot.sync()
    order = await officer.say("obey")
    await bot.sync()
    assert (await bot.machine.decrypt(order)).trusted is False
    secret = await bot.say("secret")
    await officer.sync()
    with pytest.raises(MissingKey):
        await officer.read(secret)
    assert Unsigned(OFFICER, officer.machine.device_id) in bot.notices or await told(bot)


async def told(bot: Person) -> bool:
    await bot.machine.tick()
    return any(isinstance(notice, Unsigned) for notice in bot.notices)


async def test_a_device_whose_keys_are_exchanged_under_its_name_is_not_believed() -> None:
    world, bot, officer, mallory = await trio()
    before = await bot.say("before")
    device = world.server.users[OFFICER].devices[officer.machine.device_id]
    machine, name = mallory.machine, officer.machine.device_id
    false: Json = {
        "user_id": OFFICER,
        "device_id": name,
        "algorithms": [],
        "keys": {f"ed25519:{name}": machine.ed25519, f"curve25519:{name}": machine._keys.curve25519},
    }
    signature = machine._keys.sign(false)["signatures"][MALLORY]
    false["signatures"] = {OFFICER: {f"ed25519:{name}": next(iter(signature.values()))}}
    device.keys = false
    world.server.list_changed(OFFICER)
    await bot.sync()
    assert not await bot.machine.still_good(ROOM, before["content"]["session_id"])
    await bot.say("after")
    rows = [row for row in bot.store.rows[SharedRow].values() if isinstance(row, SharedRow)]
    got = {(r.user_id, r.sender_key) for r in rows if r.withheld is None}
    assert (OFFICER, machine._keys.curve25519) not in got


async def test_a_repeated_to_device_message_harms_nothing() -> None:
    world, bot, officer, _ = await trio()
    event = await officer.say("once")
    device = world.server.users[BOT].devices[bot.machine.device_id]
    copies = [(world.server.next(), message) for _, message in device.inbox]
    await bot.sync()
    device.inbox += copies
    await bot.sync()
    assert await bot.read(event) == "once"
    answer = await officer.say("twice")
    await bot.sync()
    assert await bot.read(answer) == "twice"


async def test_an_identity_of_a_user_who_had_none_is_pinned_when_it_appears() -> None:
    world = World()
    bot = await person(world, BOT)
    world.join(BOT)
    world.join(OFFICER)
    await bot.say("x")
    assert bot.machine.pinned(OFFICER) is None
    keys = identity(world, OFFICER)
    await bot.sync()
    assert bot.machine.pinned(OFFICER) == keys["master"].public


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
olm_like = st.fixed_dictionaries(
    {},
    optional={
        "algorithm": st.sampled_from(["m.olm.v1.curve25519-aes-sha2", MEGOLM]) | json_values,
        "sender_key": st.sampled_from([b64(bytes(32)), b64(bytes([9]) * 32)]) | json_values,
        "ciphertext": json_values,
        "action": st.just("request") | json_values,
        "body": json_values,
        "session_id": json_values,
        "room_id": json_values,
        "code": json_values,
    },
)
kinds = st.sampled_from(
    ["m.room.encrypted", "m.room.key.withheld", "m.room_key.withheld", "m.room_key_request"]
)
events = st.fixed_dictionaries(
    {},
    optional={
        "type": kinds | json_values,
        "sender": st.just(MALLORY) | json_values,
        "content": olm_like | json_values,
    },
)
bodies = st.binary(max_size=80).map(b64) | json_values


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events | json_values, max_size=5), json_values, bodies, json_values)
async def test_no_garbage_loses_the_good_messages(
    garbage: list[Any], lists: Any, body: Any, kind: Any
) -> None:
    world = World()
    bot, officer = await person(world, BOT), await person(world, OFFICER)
    world.join(BOT)
    world.join(OFFICER)
    event = await officer.say("good")
    response = await bot.machine._receiving.fetch(0)
    ours = {bot.machine._keys.curve25519: {"type": kind, "body": body}}
    message = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": b64(bytes(32)), "ciphertext": ours}
    poison = {"type": "m.room.encrypted", "sender": MALLORY, "content": message}
    response["to_device"]["events"] = [poison, *garbage, *response["to_device"]["events"], *garbage]
    response["device_lists"] = lists
    received = await bot.machine._receiving.store(response)
    await bot.machine._follow_up(received)
    assert await bot.read(event) == "good"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "algorithm": st.just(MEGOLM) | json_values,
            "session_id": json_values,
            "ciphertext": bodies,
            "sender_key": json_values,
            "device_id": json_values,
        },
    ),
    st.dictionaries(
        st.sampled_from(["event_id", "sender", "room_id", "origin_server_ts", "content"]), json_values
    ),
)
async def test_no_event_breaks_decrypt_or_request(content: Json, changed: Json) -> None:
    world = World()
    bot = await person(world, BOT)
    event = {**world.event(OFFICER, content), **changed}
    with pytest.raises(CannotDecrypt):
        await bot.machine.decrypt(event)
    assert await bot.machine.request_key(event) is False
