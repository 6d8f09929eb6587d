"""The laboratory is real: servers federate, messages are encrypted, links break and heal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from bridge.demo.homeserver import Homeserver
from bridge.demo.lab import Lab
from bridge.e2ee import secret_storage
from bridge.e2ee.api import MatrixError
from bridge.e2ee.cross_signing import MASTER, SELF_SIGNING
from bridge.e2ee.signing import b64
from bridge.model import Json
from tests.element.client import ElementError
from tests.lab import PASSWORD, create_room, element, staff, unique
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def profile(server: Homeserver, token: str, user: str) -> Json | None:
    """The profile of `user` as `server` gets it; None when it cannot."""
    try:
        return await server.request("GET", f"/_matrix/client/v3/profile/{user}", token=token)
    except MatrixError:
        return None


async def test_names_without_dns_and_no_experimental_flag(lab: Lab) -> None:
    assert (lab.alder.server_name, lab.birch.server_name) == ("alder.example", "birch.example")
    config = (lab.alder.directory / "homeserver.yaml").read_text()
    assert "experimental" not in config
    assert '"127.0.0.1"' in config
    assert "0.0.0.0" not in config


async def test_a_file_name_thread_edit_reaction_and_redaction_across_servers(
    lab: Lab, tmp_path: Path
) -> None:
    async with (
        staff(lab.alder, "clerk", tmp_path) as clerk,
        staff(lab.birch, "officer", tmp_path) as officer,
    ):
        room = await create_room(lab.alder, clerk.token, invite=(officer.user_id,))
        await officer.wait_joined(room)

        profile_of_ada = {"id": "ada", "displayname": "Ada", "has_fallback": True}
        root = await clerk.send(
            room,
            {"msgtype": "m.text", "body": "Ada: hello", "com.beeper.per_message_profile": profile_of_ada},
        )
        seen = await officer.wait_for(lambda e: e.event_id == root and e.readable)
        assert (seen.sender, seen.body, seen.profile) == (clerk.user_id, "Ada: hello", profile_of_ada)
        assert seen.encrypted
        assert "body" not in seen.wire

        reply = await officer.reply_in_thread(room, root, "we are on it")
        got = await clerk.wait_for(lambda e: e.event_id == reply and e.readable)
        assert (got.thread, got.body, got.encrypted) == (root, "we are on it", True)
        assert got.wire["m.relates_to"]["event_id"] == root

        await officer.edit(room, reply, "we are working on it")
        edit = await clerk.wait_for(lambda e: e.replaces == reply and e.readable)
        assert edit.content["m.new_content"]["body"] == "we are working on it"

        await clerk.react(room, reply, "🔒")
        await officer.wait_for(lambda e: e.annotates == (reply, "🔒") and not e.encrypted)

        data = os.urandom(70_000)
        relation = {"rel_type": "m.thread", "event_id": root}
        file = await officer.send_file(room, "plan.pdf", "application/pdf", data, relates=relation)
        there = await clerk.wait_for(lambda e: e.event_id == file and e.readable)
        assert (there.thread, there.content["filename"]) == (root, "plan.pdf")
        assert await clerk.download(there.content["file"]) == data

        redaction = await officer.redact(room, reply)
        assert (await clerk.wait_for(lambda e: e.event_id == redaction)).redacts == reply

        plain = await officer.send_plain(room, {"msgtype": "m.text", "body": "in the clear"})
        assert not (await clerk.wait_for(lambda e: e.event_id == plain)).encrypted


async def test_cross_signing_satisfies_element_in_strict_mode(lab: Lab, tmp_path: Path) -> None:
    async with (
        element(lab.alder, "clerk", "strict") as clerk,
        staff(lab.birch, "officer", tmp_path) as officer,
    ):
        room = await create_room(lab.birch, officer.token, invite=(clerk.user_id,))
        await clerk.wait_joined(room)
        await officer.wait_for(
            lambda e: (
                e.type == "m.room.member"
                and e.state_key == clerk.user_id
                and e.content["membership"] == "join"
            )
        )

        sent = await officer.say(room, "from nio, signed")
        event = await clerk.wait_for(lambda e: e.id == sent and e.body == "from nio, signed")
        assert event.unshielded, event
        status = await clerk.status(officer.user_id)
        assert status["devices"][officer.device_id]["signedByOwner"]

        # strict mode gives its keys to signed devices only, so reading is another proof
        answer = await clerk.send(room, "from Element", thread=sent)
        got = await officer.wait_for(lambda e: e.event_id == answer and e.readable)
        assert (got.body, got.thread) == ("from Element", sent)

        unsigned = await officer.new_device()
        try:
            await unsigned.wait_joined(room)
            secret = await unsigned.say(room, "from an unsigned device")
            refused = await clerk.wait_for(lambda e: e.id == secret and e.failure)
            assert refused.body == ""
            hidden = await clerk.send(room, "not for unsigned devices")
            assert (await officer.wait_for(lambda e: e.event_id == hidden and e.readable)).body
            assert (await unsigned.wait_for(lambda e: e.event_id == hidden)).fault

            await unsigned.cross_sign()

            async def signed() -> bool:
                devices = (await clerk.status(officer.user_id))["devices"]
                return bool(devices[unsigned.device_id]["signedByOwner"])

            await until(signed)
            later = await unsigned.say(room, "signed by now")
            assert (await clerk.wait_for(lambda e: e.id == later and e.body)).unshielded
        finally:
            await unsigned.stop()


async def test_replaced_identity_is_noticed_by_element(lab: Lab, tmp_path: Path) -> None:
    async with (
        element(lab.alder, "clerk", "normal") as clerk,
        staff(lab.birch, "officer", tmp_path) as officer,
    ):
        room = await create_room(lab.birch, officer.token, invite=(clerk.user_id,))
        await clerk.wait_joined(room)
        first = officer.identity
        sent = await officer.say(room, "before")
        assert (await clerk.wait_for(lambda e: e.id == sent and e.body)).unshielded

        await officer.replace_identity()
        assert officer.identity is not first

        async def noticed() -> bool:
            return bool((await clerk.status(officer.user_id))["needsUserApproval"])

        await until(noticed)


async def test_cut_and_heal(lab: Lab, tmp_path: Path) -> None:
    async with (
        staff(lab.alder, "clerk", tmp_path) as clerk,
        staff(lab.birch, "officer", tmp_path) as officer,
    ):
        room = await create_room(lab.alder, clerk.token, invite=(officer.user_id,))
        await officer.wait_joined(room)
        first = await clerk.say(room, "before")
        await officer.wait_for(lambda e: e.event_id == first and e.readable)

        lab.proxy.cut("birch.example")
        try:
            assert await profile(lab.birch, officer.token, clerk.user_id) is None
            assert await profile(lab.alder, clerk.token, officer.user_id) is None
            clerk.rotate(room)
            second = await clerk.say(room, "during")
            await clerk.wait_for(lambda e: e.event_id == second)
            assert second not in officer.seen
        finally:
            lab.proxy.heal("birch.example")
        third = await clerk.say(room, "after")
        assert (await officer.wait_for(lambda e: e.event_id == third and e.readable, 40)).body == "after"
        assert (await officer.wait_for(lambda e: e.event_id == second and e.readable, 40)).body == "during"


async def test_an_officer_goes_on_as_the_same_device(lab: Lab, tmp_path: Path) -> None:
    async with (
        staff(lab.alder, "clerk", tmp_path) as clerk,
        staff(lab.birch, "officer", tmp_path) as officer,
    ):
        room = await create_room(lab.alder, clerk.token, invite=(officer.user_id,))
        await officer.wait_joined(room)
        device = officer.device_id
        await officer.stop()
        missed = await clerk.say(room, "while you were away")
        await officer.start()
        assert officer.device_id == device
        assert (await officer.wait_for(lambda e: e.event_id == missed and e.readable)).body
        answer = await officer.say(room, "back again")
        assert (await clerk.wait_for(lambda e: e.event_id == answer and e.readable)).body == "back again"


async def test_restricted_join_through_a_space(lab: Lab, tmp_path: Path) -> None:
    async with (
        staff(lab.alder, "clerk", tmp_path) as clerk,
        staff(lab.birch, "officer", tmp_path) as officer,
    ):
        space = await create_room(
            lab.alder,
            clerk.token,
            invite=(officer.user_id,),
            encrypted=False,
            creation_content={"type": "m.space"},
        )
        await officer.wait_joined(space)
        rule = {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": space}]}
        lobby = await create_room(lab.alder, clerk.token)
        await lab.alder.request(
            "PUT", f"/_matrix/client/v3/rooms/{lobby}/state/m.room.join_rules/", rule, token=clerk.token
        )
        assert await officer.join(lobby, via=["alder.example"]) == lobby
        said = await officer.say(lobby, "hello lobby")
        assert (await clerk.wait_for(lambda e: e.event_id == said and e.readable)).body == "hello lobby"


async def test_element_edits_reacts_redacts_and_warns_of_unsigned_devices(lab: Lab, tmp_path: Path) -> None:
    async with (
        element(lab.alder, "clerk") as clerk,
        staff(lab.birch, "officer", tmp_path, cross_signed=False) as officer,
    ):
        room = await create_room(lab.birch, officer.token, invite=(clerk.user_id,), name="Desk")
        await clerk.wait_joined(room)
        known = {known["id"]: known for known in await clerk.rooms()}
        assert (known[room]["name"], known[room]["encrypted"]) == ("Desk", True)

        unsigned = await officer.say(room, "who am I?")
        event = await clerk.wait_for(lambda e: e.id == unsigned and e.body == "who am I?")
        assert (event.shield, event.reason) == ("RED", "UNSIGNED_DEVICE")

        root = await clerk.send(room, "first")
        reply = await clerk.send(room, "in the thread", thread=root, reply=root)
        seen = await officer.wait_for(lambda e: e.event_id == reply and e.readable)
        assert seen.relation == {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": False,
            "m.in_reply_to": {"event_id": root},
        }
        await clerk.edit(room, reply, "in the thread, better")
        edit = await officer.wait_for(lambda e: e.replaces == reply and e.readable)
        assert edit.content["m.new_content"] == {"msgtype": "m.text", "body": "in the thread, better"}
        assert (await clerk.wait_for(lambda e: e.id == reply and e.current["body"].endswith("better"))).body

        await officer.react(room, reply, "✉️")
        await clerk.wait_for(lambda e: e.type == "m.reaction" and e.content["m.relates_to"]["key"] == "✉️")
        await clerk.react(room, unsigned, "⏳")
        await officer.wait_for(lambda e: e.annotates == (unsigned, "⏳"))
        redaction = await clerk.redact(room, reply)
        assert (await officer.wait_for(lambda e: e.event_id == redaction)).redacts == reply
        assert (await clerk.wait_for(lambda e: e.id == reply and e.redacted)).body == ""

        await officer.cross_sign()

        async def signed() -> bool:
            devices = (await clerk.status(officer.user_id))["devices"]
            return bool(devices[officer.device_id]["signedByOwner"])

        await until(signed)
        later = await officer.say(room, "signed by now")
        assert (await clerk.wait_for(lambda e: e.id == later and e.body)).unshielded
        with pytest.raises(ElementError, match="no such command"):
            await clerk.command("nonsense")
        assert clerk.faults == []


REGISTRATION = """
id: laboratory
url: null
as_token: {token}
hs_token: never-used
sender_localpart: laboratory
rate_limited: false
namespaces:
  users: [{{exclusive: true, regex: "@robot_.*:alder\\\\.example"}}]
  rooms: []
  aliases: []
"""


async def test_an_application_service_at_alder_and_a_third_server(tmp_path: Path) -> None:
    token = unique("token")
    async with Lab(tmp_path, registration=REGISTRATION.format(token=token), count=3) as lab:
        who = await lab.alder.request(
            "GET", "/_matrix/client/v3/account/whoami?user_id=@laboratory:alder.example", token=token
        )
        assert who["user_id"] == "@laboratory:alder.example"
        with pytest.raises(MatrixError):
            await lab.birch.request("GET", "/_matrix/client/v3/account/whoami", token=token)
        async with (
            staff(lab.alder, "clerk", tmp_path) as clerk,
            staff(lab.cedar, "guest", tmp_path) as guest,
        ):
            room = await create_room(lab.alder, clerk.token, invite=(guest.user_id,))
            await guest.wait_joined(room)
            said = await guest.say(room, "from the third server")
            assert (await clerk.wait_for(lambda e: e.event_id == said and e.readable)).encrypted


async def test_a_server_that_was_down_is_found_again(tmp_path: Path) -> None:
    async with (
        Lab(tmp_path) as lab,
        staff(lab.alder, "clerk", tmp_path) as clerk,
        staff(lab.birch, "officer", tmp_path) as officer,
    ):
        room = await create_room(lab.alder, clerk.token, invite=(officer.user_id,))
        await officer.wait_joined(room)
        # without an Olm session from before, no key could be left for a server that is down
        first = await clerk.say(room, "hello")
        await officer.wait_for(lambda e: e.event_id == first and e.readable)
        await lab.birch.stop()
        lost = await clerk.say(room, "while Birch was down")
        # after this Alder knows nothing of how to reach Birch, and must learn it anew
        await lab.alder.restart()
        await lab.birch.start()
        found = await clerk.say(room, "Birch is back")
        assert (await officer.wait_for(lambda e: e.event_id == found and e.readable, 40)).body
        assert (await officer.wait_for(lambda e: e.event_id == lost and e.readable, 40)).body


async def test_restart_keeps_port_users_and_rooms(tmp_path: Path) -> None:
    async with Lab(tmp_path, count=1) as lab:
        localpart = unique("clerk")
        await lab.alder.register(localpart, PASSWORD)
        _, _, token = await lab.alder.login(localpart, PASSWORD)
        room = await create_room(lab.alder, token)
        url, before = lab.alder.url, lab.alder.pid
        for kill in (False, True):
            await lab.alder.restart(kill)
            assert (lab.alder.url, lab.alder.pid != before) == (url, True)
            joined = await lab.alder.request("GET", "/_matrix/client/v3/joined_rooms", token=token)
            assert joined["joined_rooms"] == [room]
        pid = lab.alder.pid
    assert lab.alder.pid is None
    assert pid is not None
    assert not alive(pid)


CHILD = """
import asyncio, pathlib, sys
from bridge.demo.lab import Lab

async def main():
    async with Lab(pathlib.Path(sys.argv[1]), count=1) as lab:
        print(lab.alder.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_homeserver_dies_with_its_parent(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert alive(pid)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await until(lambda: not alive(pid), 5)


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_recovery_key_opens_the_officers_secret_storage(lab: Lab, tmp_path: Path) -> None:
    async with staff(lab.birch, "ruth", tmp_path) as officer:
        assert officer.identity is not None
        recovery = await officer.identity.store(officer.door, officer.token)
        key = secret_storage.decode_recovery_key(recovery)

        async def stored(name: str) -> Json:
            path = f"/_matrix/client/v3/user/{quote(officer.user_id)}/account_data/{name}"
            return await officer.door.request("GET", path, token=officer.token)

        key_id = (await stored("m.secret_storage.default_key"))["key"]
        assert secret_storage.opens(key, await stored(f"m.secret_storage.key.{key_id}"))
        for name, pair in ((MASTER, officer.identity.master), (SELF_SIGNING, officer.identity.self_signing)):
            secret = (await stored(name))["encrypted"][key_id]
            assert secret_storage.decrypt_secret(key, name, secret) == b64(pair.seed)
