"""The channel between two real homeservers: rooms, transactions, sending, reading, restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio

from bridge.appservice import registration as reg
from bridge.demo.lab import Lab
from bridge.demo.officer import Officer
from bridge.demo.ports import free_port
from bridge.demo.seen import Seen
from bridge.e2ee.api import MatrixError
from bridge.inbound import DeviceUnsigned, RoomMember, RoomMessage, RoomPlain, RoomRedaction
from bridge.model import Consultation, Partner, RoomKind
from tests.appservice.bridge_at import Bridge, MemoryLedger, Row, bridge_at
from tests.lab import PASSWORD, staff, unique
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
HEAD = {
    "case": 1,
    "reference": "PARK-7F3K-9Q",
    "status": "open",
    "channel": "email",
    "name": "Ada Citizen",
    "subject": "Lamps",
    "claims": None,
    "language": "en",
    "root": None,
}


@dataclass
class World:
    """Two homeservers, the bridge's registration at Alder, and one bridge that runs."""

    lab: Lab
    registration: reg.Registration
    port: int
    bridge: Bridge
    directory: Path

    def park(self, *officers: str, slug: str = "") -> Consultation:
        """A consultation of its own for each test."""
        partner = Partner("Birch County", "birch.example", officers)
        slug = slug or unique("park")
        return Consultation(slug, "Riverside Park 2027", ("en",), slug, (), (partner,))

    async def provision(self, wanted: Consultation) -> dict[str, Any]:
        return await self.bridge.deliver("provision", consultation=asdict(wanted), digest="d")

    async def seat(self, officer: Officer) -> dict[str, str]:
        """Rooms with the officer in lobby and desk, as the casework would bring them there."""
        wanted = self.park(officer.user_id)
        rooms: dict[str, str] = (await self.provision(wanted))["rooms"]
        await officer.wait_joined(rooms["lobby"])
        await self.bridge.deliver("invite", room=rooms["desk"], user_id=officer.user_id)
        await officer.wait_joined(rooms["desk"])
        await until(lambda: self._knows(rooms["desk"], officer.user_id), what="the bridge knows the officer")
        return rooms

    async def _left(self, room_id: str, user_id: str) -> bool:
        member = await self.bridge.channel.client.state_of(room_id, "m.room.member", user_id)
        return member == {"membership": "leave"}

    async def _knows(self, room_id: str, user_id: str) -> bool:
        return user_id in await self.bridge.channel.members(room_id)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    directory = tmp_path_factory.mktemp("matrix")
    port = free_port()
    registration = reg.create(f"http://127.0.0.1:{port}", "alder.example")
    async with (
        Lab(directory, registration=reg.dump(registration)) as lab,
        bridge_at(lab.alder.url, registration, port, MemoryLedger()) as bridge,
    ):
        yield World(lab, registration, port, bridge, directory)


# ------------------------------------------------------------------------------ rooms


async def test_a_second_run_changes_nothing(world: World) -> None:
    wanted = world.park("@away:birch.example")
    first = await world.provision(wanted)
    assert set(first["rooms"]) == {"space", "lobby", "desk"}
    assert "desk: created" in first["changed"]
    second = await world.provision(wanted)
    assert second["rooms"] == first["rooms"]
    assert second["changed"] == second["uninvited"] == second["strangers"] == []


async def test_rooms_that_were_changed_are_mended(world: World) -> None:
    wanted = world.park()
    rooms = (await world.provision(wanted))["rooms"]
    client = world.bridge.channel.client
    await client.put_state(rooms["desk"], "m.room.join_rules", {"join_rule": "public"})
    await client.put_state(rooms["lobby"], "m.room.server_acl", {"allow": ["*"]})
    assert set((await world.provision(wanted))["changed"]) == {"desk: who may join", "lobby: servers"}
    titled = replace(wanted, title="Riverside Park 2028")
    assert (await world.provision(titled))["changed"] == ["space: name", "lobby: name", "desk: name"]


async def test_what_the_homeserver_keeps_of_a_desk(world: World) -> None:
    rooms = (await world.provision(world.park("@away:birch.example")))["rooms"]
    state = {e["type"]: e["content"] for e in await world.bridge.channel.client.state(rooms["desk"])}
    assert state["m.room.create"]["room_version"] == "12"
    assert state["m.room.join_rules"] == {"join_rule": "invite"}
    assert state["m.room.history_visibility"] == {"history_visibility": "shared"}
    assert state["m.room.guest_access"] == {"guest_access": "forbidden"}
    assert state["m.room.encryption"]["algorithm"] == "m.megolm.v1.aes-sha2"
    assert state["m.room.server_acl"]["allow"] == [
        "alder.example",
        "alder.example:*",
        "birch.example",
        "birch.example:*",
    ]
    assert state["m.room.power_levels"]["users"] == {}
    assert state["m.room.power_levels"]["invite"] == 100


async def test_the_lobby_is_joined_through_the_space(world: World) -> None:
    """A user of Birch who was invited to nothing but the space may join the lobby."""
    async with staff(world.lab.birch, "walker", world.directory) as walker:
        rooms = (await world.provision(world.park()))["rooms"]
        client = world.bridge.channel.client
        # as the ACL names Birch only while the file does
        acl = {"allow": ["*"], "deny": [], "allow_ip_literals": False}
        for room in ("space", "lobby"):
            await client.put_state(rooms[room], "m.room.server_acl", acl)
        with pytest.raises(MatrixError) as caught:
            await walker.join(rooms["lobby"], ["alder.example"])
        assert caught.value.status == 403
        await client.invite(rooms["space"], walker.user_id)
        await walker.wait_joined(rooms["space"])
        assert await walker.join(rooms["lobby"], ["alder.example"]) == rooms["lobby"]
        with pytest.raises(MatrixError):
            await walker.join(rooms["desk"], ["alder.example"])


async def test_a_new_officer_gets_to_the_desk_after_the_lobby(world: World) -> None:
    async with staff(world.lab.birch, "first", world.directory) as first:
        wanted = world.park(first.user_id)
        rooms = (await world.provision(wanted))["rooms"]
        await first.wait_joined(rooms["lobby"])
        desk = world.bridge.channel.client.state_of(rooms["desk"], "m.room.member", first.user_id)
        assert await desk is None
        await until(lambda: world._knows(rooms["lobby"], first.user_id))
        assert (await world.provision(wanted))["changed"] == [f"desk: invited {first.user_id}"]
        await first.wait_joined(rooms["desk"])
        # inviting again is harmless
        assert await world.bridge.deliver("invite", room=rooms["desk"], user_id=first.user_id) == {}


async def test_who_is_no_longer_in_the_file_is_named(world: World) -> None:
    async with staff(world.lab.birch, "former", world.directory) as former:
        wanted = world.park(former.user_id)
        rooms = (await world.provision(wanted))["rooms"]
        await former.wait_joined(rooms["lobby"])
        after = await world.provision(replace(wanted, partners=()))
        assert after["strangers"] == [former.user_id]
        acl = await world.bridge.channel.client.state_of(rooms["lobby"], "m.room.server_acl")
        assert acl is not None and "birch.example" in acl["allow"]  # an ACL evicts nobody


async def test_who_left_is_not_asked_again(world: World) -> None:
    async with staff(world.lab.birch, "gone", world.directory) as gone:
        wanted = world.park(gone.user_id)
        rooms = (await world.provision(wanted))["rooms"]
        await gone.wait_joined(rooms["space"])
        path = f"/_matrix/client/v3/rooms/{quote(rooms['space'])}/leave"
        await gone.door.request("POST", path, {}, token=gone.token)
        await until(lambda: world._left(rooms["space"], gone.user_id))
        after = await world.provision(wanted)
        assert (after["declined"], after["uninvited"]) == ([gone.user_id], [])
        assert not any("space: invited" in line for line in after["changed"])


# ------------------------------------------------------------------------------ sending


async def readable(officer: Officer, event_id: str) -> Seen:
    """The event, once the officer has decrypted it."""
    return await officer.wait_for(lambda seen: seen.event_id == event_id and not seen.fault)


async def test_a_case_is_read_at_birch(world: World) -> None:
    async with staff(world.lab.birch, "reader", world.directory) as officer:
        room = (await world.seat(officer))["desk"]
        deliver = world.bridge.deliver
        root = (await deliver("head", **HEAD, room=room))["event_id"]
        place = {"room": room, "root": root, "latest": root, "name": "Ada Citizen", "profile": "p1"}
        words = (await deliver("words", **place, text="The lamps are broken.", html=None))["event_id"]
        notice = {"room": room, "root": root, "latest": words, "text": "A notice."}
        told = (await deliver("notice", **notice, to=None))["event_id"]
        edit = {**HEAD, "status": "answered", "room": room, "root": root}
        edited = (await deliver("head", **edit))["event_id"]

        seen = {event_id: await readable(officer, event_id) for event_id in (root, words, told, edited)}
        assert all(s.encrypted for s in seen.values())
        assert "PARK-7F3K-9Q" in seen[root].content["body"] and "Ada Citizen" in seen[root].content["body"]
        assert seen[words].content["body"] == "Ada Citizen: The lamps are broken."
        relation = seen[words].wire["m.relates_to"]
        assert (relation["rel_type"], relation["event_id"]) == ("m.thread", root)
        assert seen[told].content["m.relates_to"]["m.in_reply_to"] == {"event_id": words}
        assert seen[edited].wire["m.relates_to"] == {"rel_type": "m.replace", "event_id": root}
        assert "answered" in seen[edited].content["m.new_content"]["body"]


async def test_a_file_is_stored_encrypted_and_read_at_birch(world: World) -> None:
    async with staff(world.lab.birch, "files", world.directory) as officer:
        room = (await world.seat(officer))["desk"]
        data = b"canary-in-a-file" * 100
        root = (await world.bridge.deliver("head", **HEAD, room=room))["event_id"]
        payload = {"room": room, "root": root, "latest": None, "name": "Ada", "profile": "p1"}
        about = {"filename": "lamp.txt", "mime": "text/plain", "size": len(data), "blob": 7}
        row = Row("file", {**payload, **about}, {7: data})
        event_id = (await world.bridge.channel.deliver(row.out())).facts["event_id"]
        seen = await readable(officer, event_id)
        assert seen.content["filename"] == "lamp.txt"
        assert await officer.download(seen.content["file"]) == data
        stored = [p.read_bytes() for p in world.lab.alder.media.rglob("*") if p.is_file()]
        assert stored and not any(b"canary" in content for content in stored)


async def test_a_row_that_is_repeated_is_one_event(world: World) -> None:
    """After a crash at any moment: the same ciphertext under the same ID, or found in the room."""
    async with staff(world.lab.birch, "once", world.directory) as officer:
        room = (await world.seat(officer))["desk"]
        row = Row("notice", {"room": room, "root": None, "latest": None, "to": None, "text": "once"})
        first = (await world.bridge.channel.deliver(row.out())).facts
        assert (await world.bridge.channel.deliver(row.out())).facts == first  # the answer was lost
        row.progress["at"] -= 21 * 3600 * 1000  # older than the homeserver's memory
        assert (await world.bridge.channel.deliver(row.out())).facts == first
        row.progress["at"] += 21 * 3600 * 1000
        await readable(officer, first["event_id"])
        assert sum(s.content.get("body") == "once" for s in officer.seen.values()) == 1


async def test_marks_are_set_and_taken_away(world: World) -> None:
    async with staff(world.lab.birch, "marked", world.directory) as officer:
        room = (await world.seat(officer))["desk"]
        said = await officer.say(room, "hello")
        await world.bridge.arrived(said)
        row = Row("mark", {"room": room, "event_id": said, "mark": "✉️"})
        mark = (await world.bridge.channel.deliver(row.out())).facts["event_id"]
        await officer.wait_for(lambda s: s.event_id == mark)
        again = Row("mark", dict(row.payload))
        assert (await world.bridge.channel.deliver(again.out())).facts == {}
        await world.bridge.deliver("unmark", room=room, event_id=mark)
        assert await world.bridge.deliver("unmark", room=room, event_id=None) == {}
        event = await world.bridge.channel.client.event(room, mark)
        assert event["content"] == {}


async def test_a_direct_line_and_the_control_room(world: World) -> None:
    async with staff(world.lab.birch, "direct", world.directory) as officer:
        facts = await world.bridge.deliver("direct", user_id=officer.user_id, text="Please verify.")
        await officer.wait_joined(facts["room"])
        # said before the join: clients scroll back for it
        path = f"/_matrix/client/v3/rooms/{quote(facts['room'])}/messages?dir=b&limit=50"

        async def bodies() -> list[str]:
            page = await world.lab.birch.request("GET", path, token=officer.token)
            return [str(event["content"].get("body")) for event in page["chunk"]]

        async def said() -> bool:
            return "Please verify." in await bodies()

        await until(said, what="the line in the room's history at Birch")
        again = await world.bridge.deliver("direct", user_id=officer.user_id, text="Please do.")
        assert again["room"] == facts["room"]
        seen = await officer.wait_for(lambda s: s.event_id == again["event_id"])
        assert (seen.encrypted, seen.content["body"]) == (False, "Please do.")
        assert world.bridge.ledger.rooms[RoomKind.DIRECT] == facts["room"]
    told = await world.bridge.deliver("tell", text="A fault.")
    control = world.bridge.ledger.rooms[RoomKind.CONTROL]
    event = await world.bridge.channel.client.event(control, told["event_id"])
    assert event["type"] == "m.room.encrypted"


# ------------------------------------------------------------------------------ reading


async def test_what_an_officer_does_is_read(world: World) -> None:
    async with staff(world.lab.birch, "writer", world.directory) as officer:
        room = (await world.seat(officer))["desk"]
        read = world.bridge.read
        root = (await world.bridge.deliver("head", **HEAD, room=room))["event_id"]
        await readable(officer, root)
        said = await read(await officer.reply_in_thread(room, root, "We are on it."))
        assert isinstance(said, RoomMessage)
        assert (said.text, said.thread, said.sender) == ("We are on it.", root, officer.user_id)
        assert (said.trusted, said.device, said.sender_name) == (True, officer.device_id, officer.localpart)
        file = await read(await officer.send_file(room, "plan.txt", "text/plain", b"a plan of the park"))
        assert isinstance(file, RoomMessage)
        assert [(a.name, a.mime, a.data) for a in file.attachments] == [
            ("plan.txt", "text/plain", b"a plan of the park")
        ]
        plain = await read(await officer.send_plain(room, {"msgtype": "m.text", "body": "in the clear"}))
        assert isinstance(plain, RoomPlain)
        gone = await read(await officer.redact(room, said.event_id))
        assert isinstance(gone, RoomRedaction) and gone.target == said.event_id


async def test_memberships_are_read(world: World) -> None:
    async with staff(world.lab.birch, "member", world.directory) as officer:
        rooms = await world.seat(officer)
        wanted = RoomMember(rooms["desk"], "", officer.user_id, "join")

        async def found() -> bool:
            for key in list(world.bridge.ledger.arrivals):
                item = world.bridge.ledger.item(key)
                inbound = await world.bridge.channel.read(item) if b"m.room.member" in item.raw else None
                if isinstance(inbound, RoomMember) and replace(inbound, event_id="") == wanted:
                    return True
            return False

        await until(found, what="the officer's join of the desk")


async def test_somebody_without_permission_gets_no_key(world: World) -> None:
    async with staff(world.lab.birch, "barred", world.directory) as officer:
        world.bridge.ledger.strangers.add(officer.user_id)
        room = (await world.seat(officer))["desk"]
        event_id = (await world.bridge.deliver("head", **HEAD, room=room))["event_id"]
        seen = await officer.wait_for(lambda s: s.event_id == event_id)
        assert seen.encrypted and seen.fault


# ------------------------------------------------------------------------------ transactions


async def test_a_repeated_transaction_is_all_duplicates(world: World) -> None:
    """Two pushes of the same transaction, as a homeserver does whose first was not answered."""
    event = {
        "type": "m.room.message",
        "event_id": "$pushed-twice",
        "room_id": "!r",
        "sender": "@x:birch.example",
        "origin_server_ts": 1,
        "content": {"msgtype": "m.text", "body": "x"},
    }
    url = f"http://127.0.0.1:{world.port}/_matrix/app/v1/transactions/again"
    async with aiohttp.ClientSession() as session:
        for token, status in (
            ("wrong", 403),
            (world.registration.hs_token, 200),
            (world.registration.hs_token, 200),
        ):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.put(url, json={"events": [event]}, headers=headers) as answer:
                assert answer.status == status
        async with session.put(f"{url}?access_token={world.registration.hs_token}", json={}) as answer:
            assert answer.status == 401
    assert world.bridge.ledger.accepted[-2:] == [[True], [False]]


async def test_an_event_says_that_its_senders_server_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(world.bridge.channel.engine, "heard_from", heard.append)
    pushed = [
        {
            "type": "m.room.message",
            "event_id": f"$heard-{number}",
            "room_id": "!r",
            "sender": sender,
            "origin_server_ts": 1,
            "content": {"msgtype": "m.text", "body": "x"},
        }
        for number, sender in enumerate([world.registration.bot, "@x:cedar.example", "@y:cedar.example:8448"])
    ]
    url = f"http://127.0.0.1:{world.port}/_matrix/app/v1/transactions/heard"
    headers = {"Authorization": f"Bearer {world.registration.hs_token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.put(url, json={"events": pushed}, headers=headers) as answer,
    ):
        assert answer.status == 200
    strange = [server for server in heard if server.startswith("cedar.example")]
    assert strange == ["cedar.example", "cedar.example:8448"]
    assert "alder.example" not in heard, "our own event says nothing of a server"


async def test_what_the_ledger_refuses_comes_again(world: World) -> None:
    async with staff(world.lab.birch, "patient", world.directory) as officer:
        room = (await world.seat(officer))["desk"]
        world.bridge.ledger.refusing = True
        said = await officer.say(room, "while the ledger is full")
        await asyncio.sleep(0)
        world.bridge.ledger.refusing = False
        found = await world.bridge.read(said)
        assert isinstance(found, RoomMessage) and found.text == "while the ledger is full"


async def test_restart(tmp_path: Path) -> None:
    """While the bridge is away an officer writes; after the start everything is there and readable.

    The homeserver restarts in between, so that only the start's own event makes it push again.
    """
    port, ledger = free_port(), MemoryLedger()
    registration = reg.create(f"http://127.0.0.1:{port}", "alder.example")
    async with Lab(tmp_path / "lab", registration=reg.dump(registration)) as lab:
        await lab.alder.register("clerk", PASSWORD)
        async with Officer(lab.alder.url, "clerk", PASSWORD, tmp_path / "clerk") as clerk:
            await clerk.cross_sign()
            wanted = Consultation("park", "Park", ("en",), "park", (clerk.user_id,))
            async with bridge_at(lab.alder.url, registration, port, ledger) as bridge:
                spec = asdict(wanted)
                rooms = (await bridge.deliver("provision", consultation=spec, digest="d"))["rooms"]
                await clerk.wait_joined(rooms["lobby"])
                device = bridge.channel.client.device_id
                assert bridge.channel.reachable
            assert len(ledger.recovery_keys) == 1
            control = ledger.rooms[RoomKind.CONTROL]
            clerk.rotate(rooms["lobby"])
            said = [await clerk.say(rooms["lobby"], f"number {n}") for n in range(5)]
            await clerk.stop()
            await lab.alder.restart()
            async with bridge_at(lab.alder.url, registration, port, ledger) as bridge:
                assert bridge.channel.client.device_id == device
                assert len(ledger.recovery_keys) == 1
                assert ledger.rooms[RoomKind.CONTROL] == control
                found = [await bridge.read(event_id) for event_id in said]
                assert [m.text for m in found if isinstance(m, RoomMessage)] == [
                    f"number {n}" for n in range(5)
                ]
                again = await bridge.deliver("provision", consultation=spec, digest="d")
                assert again["rooms"] == rooms
                await lab.alder.restart()  # and now while the bridge runs
                path = f"/_matrix/client/v3/rooms/{quote(rooms['lobby'])}/send/m.room.message/t"
                body = {"msgtype": "m.text", "body": "after the restart"}
                answer = await lab.alder.request("PUT", path, body, token=clerk.token)
                assert isinstance(await bridge.read(answer["event_id"]), RoomPlain)


async def test_a_device_that_is_not_signed_is_noticed(world: World) -> None:
    async with staff(world.lab.birch, "unsigned", world.directory, cross_signed=False) as officer:
        room = (await world.seat(officer))["desk"]
        event_id = (await world.bridge.deliver("head", **HEAD, room=room))["event_id"]
        key = f"unsigned:{officer.user_id}:{officer.device_id}"
        await until(lambda: key in world.bridge.ledger.arrivals, 60, "the notice in the inbox")
        found = await world.bridge.channel.read(world.bridge.ledger.item(key))
        assert found == DeviceUnsigned(officer.user_id, officer.device_id)
        seen = await officer.wait_for(lambda s: s.event_id == event_id)
        assert seen.fault
        await officer.cross_sign()
        assert "PARK-7F3K-9Q" in (await readable(officer, event_id)).content["body"]
