"""The machine on a real homeserver, matrix-nio and Element's engine as the other side, over federation."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.demo.lab import Lab
from bridge.e2ee.errors import IdentityChanged, MissingKey, Unsigned
from bridge.errors import Broken
from bridge.ledger.crypto_tables import inbound
from bridge.points import Point
from tests.e2ee.bot import REGISTRATION, Bot
from tests.lab import element, staff
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """Alder with an application service, and Birch."""
    async with Lab(tmp_path_factory.mktemp("town"), registration=REGISTRATION) as running:
        yield running


@contextlib.asynccontextmanager
async def running(town: Lab, directory: Path) -> AsyncIterator[list[Bot]]:
    """A list with one bot; whatever is the last in it is stopped at the end."""
    bots = [await Bot(town.alder, directory).start()]
    try:
        yield bots
    finally:
        await bots[-1].stop()


async def test_both_directions_restart_and_replay(town: Lab, tmp_path: Path) -> None:
    async with running(town, tmp_path) as bots, staff(town.birch, "officer", tmp_path) as officer:
        [bot] = bots
        assert bot.recovery_key is not None
        room = await bot.create_room(officer.user_id)
        await bot.wait_member(room, officer.user_id)
        first = await bot.say(room, "hello from Alder")
        seen = await officer.wait_for(lambda e: e.event_id == first and e.readable)
        assert seen.body == "hello from Alder"
        assert seen.encrypted

        answer = await officer.say(room, "hello from Birch")
        decrypted = await bot.read(room, answer)
        assert (decrypted.content["body"], decrypted.sender) == ("hello from Birch", officer.user_id)
        assert (decrypted.trusted, decrypted.device_id) == (True, officer.device_id)

        bots.append(await bot.restart())
        bot = bots[-1]
        assert bot.recovery_key is None
        event = await bot.event(room, answer)
        assert (await bot.machine.decrypt(event)).content["body"] == "hello from Birch"
        assert "replay" in await bot.refuses({**event, "event_id": "$another"})
        second = await bot.say(room, "after the restart")
        await officer.wait_for(lambda e: e.event_id == second and e.body == "after the restart")
        sessions = {e.wire["session_id"] for e in officer.seen.values() if e.event_id in (first, second)}
        assert len(sessions) == 1, "a restart does not rotate"
        again = await officer.say(room, "and back")
        assert (await bot.read(room, again)).content["body"] == "and back"


async def test_messages_while_the_bot_is_down(town: Lab, tmp_path: Path) -> None:
    async with running(town, tmp_path) as bots, staff(town.birch, "officer", tmp_path) as officer:
        [bot] = bots
        room = await bot.create_room(officer.user_id)
        await bot.wait_member(room, officer.user_id)
        await bot.say(room, "closing")
        await bot.stop()
        sent = []
        for n in range(5):
            officer.rotate(room)
            sent.append(await officer.say(room, f"while down {n}"))
        bots.append(await Bot(town.alder, tmp_path, bot.user_id).start())
        bodies = [(await bots[-1].read(room, event)).content["body"] for event in sent]
        assert bodies == [f"while down {n}" for n in range(5)]


async def test_an_unsigned_device_gets_nothing_then_its_keys(town: Lab, tmp_path: Path) -> None:
    async with (
        running(town, tmp_path) as bots,
        staff(town.birch, "officer", tmp_path, cross_signed=False) as officer,
    ):
        [bot] = bots
        room = await bot.create_room(officer.user_id)
        await bot.wait_member(room, officer.user_id)
        sent = [await bot.say(room, f"early {n}") for n in range(3)]
        for event in sent:
            await officer.wait_for(lambda e, event=event: e.event_id == event)  # type: ignore[misc]
        await bot.machine.tick()
        assert bot.notices == [Unsigned(officer.user_id, officer.device_id)]
        answer = await officer.say(room, "from an unsigned device")
        assert (await bot.read(room, answer)).trusted is False
        assert not any(officer.seen[event].readable for event in sent)

        await officer.cross_sign()
        for n, event in enumerate(sent):
            await officer.wait_for(lambda e, event=event, n=n: e.event_id == event and e.body == f"early {n}")  # type: ignore[misc]

        async def trusted() -> bool:
            return (await bot.read(room, answer)).trusted

        await until(trusted)


async def test_a_replaced_identity_gets_nothing_until_it_is_confirmed(town: Lab, tmp_path: Path) -> None:
    async with running(town, tmp_path) as bots, staff(town.birch, "officer", tmp_path) as officer:
        [bot] = bots
        room = await bot.create_room(officer.user_id)
        await bot.wait_member(room, officer.user_id)
        before = await bot.say(room, "before")
        await officer.wait_for(lambda e: e.event_id == before and e.readable)
        pinned = bot.machine.pinned(officer.user_id)

        intruder = await officer.new_device(tmp_path / "intruder")
        try:
            identity = await intruder.replace_identity()
            await until(lambda: IdentityChanged(officer.user_id) in bot.notices)
            assert bot.machine.pinned(officer.user_id) == pinned != identity.master.public
            secret = await bot.say(room, "secret")
            order = await intruder.say(room, "obey me")
            assert (await bot.read(room, order)).trusted is False
            for device in (officer, intruder):
                seen = await device.wait_for(lambda e: e.event_id == secret)
                assert not seen.readable
                assert seen.wire["session_id"] != officer.seen[before].wire["session_id"]

            await bot.machine.confirm(officer.user_id)
            assert bot.machine.pinned(officer.user_id) == identity.master.public
            after = await bot.say(room, "after")
            await intruder.wait_for(lambda e: e.event_id == after and e.body == "after")
            assert (await bot.read(room, order)).trusted is True
        finally:
            await intruder.stop()


async def test_recovery_onto_an_empty_database(town: Lab, tmp_path: Path) -> None:
    async with running(town, tmp_path) as bots:
        [bot] = bots
        recovery, master = bot.recovery_key, bot.machine.master_key
        await bot.stop()
        (tmp_path / "new").mkdir()
        lost = Bot(town.alder, tmp_path / "new", bot.user_id)
        with pytest.raises(Broken, match="recovery key"):
            await lost.start()
        await lost.stop()
        (tmp_path / "newer").mkdir()
        found = Bot(town.alder, tmp_path / "newer", bot.user_id)
        bots.append(found)
        await found.create_tables()
        assert recovery is not None
        await found.machine.recover(recovery)
        assert await found.machine.start() is None
        assert found.machine.master_key == master


async def test_a_lost_key_is_asked_for_again(town: Lab, tmp_path: Path) -> None:
    async with running(town, tmp_path) as bots, element(town.birch, "officer", "strict") as officer:
        [bot] = bots
        room = await bot.create_room(officer.user_id)
        await officer.wait_joined(room)
        await bot.wait_member(room, officer.user_id)
        await bot.say(room, "hello")
        sent = await officer.send(room, "to be lost")
        first = await bot.read(room, sent)
        event = await bot.event(room, sent)
        await bot.stop()
        bots.append(Bot(town.alder, tmp_path, bot.user_id))
        bot = bots[-1]
        await bot.create_tables()
        lose = inbound.delete().where(inbound.c.session_id == first.session_id)
        await bot.writer.write(Point.CRYPTO_OLM, lambda conn: conn.execute(lose).rowcount)
        await bot.start()
        with pytest.raises(MissingKey):
            await bot.machine.decrypt(event)
        assert await bot.machine.request_key(event)
        assert (await bot.read(room, sent)).content["body"] == "to be lost"


@pytest.mark.parametrize("mode", ["normal", "strict"])
async def test_element_shows_no_shield(town: Lab, tmp_path: Path, mode: str) -> None:
    async with (
        running(town, tmp_path) as bots,
        element(town.birch, "officer", "strict" if mode == "strict" else "normal") as officer,
    ):
        [bot] = bots
        room = await bot.create_room(officer.user_id)
        await officer.wait_joined(room)
        await bot.wait_member(room, officer.user_id)
        sent = await bot.say(room, "hello Element")
        seen = await officer.wait_for(lambda e: e.id == sent and e.body == "hello Element")
        assert seen.unshielded, (seen.shield, seen.reason)
        answer = await officer.send(room, "hello bot")
        decrypted = await bot.read(room, answer)
        assert (decrypted.content["body"], decrypted.trusted) == ("hello bot", True)


async def test_history_reaches_element_by_bundle(town: Lab, tmp_path: Path) -> None:
    async with running(town, tmp_path) as bots, element(town.alder, "late", "strict") as late:
        [bot] = bots
        room = await bot.create_room()
        old = await bot.say(room, "said before you came")
        assert await bot.machine.share_history(room, late.user_id) == 1
        path = f"/_matrix/client/v3/rooms/{room.replace('!', '%21')}/invite"
        await bot.api.request(Point.INVITE, "POST", path, {"user_id": late.user_id})
        await late.wait_joined(room)
        await bot.wait_member(room, late.user_id)
        new = await bot.say(room, "welcome")
        await late.wait_for(lambda e: e.id == new and e.body == "welcome")
        seen = await late.wait_for(lambda e: e.id == old and e.body == "said before you came", deadline=30)
        assert seen.failure is None
