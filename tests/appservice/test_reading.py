"""An item of the inbox becomes what came, or waits, or is told to staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bridge.appservice.client import Client
from bridge.appservice.engine import Decrypting
from bridge.appservice.media import Media
from bridge.appservice.members import Members
from bridge.appservice.reading import Reader
from bridge.channel import Item
from bridge.e2ee import attachments
from bridge.e2ee.api import MatrixError
from bridge.e2ee.errors import CannotDecrypt, MissingKey
from bridge.e2ee.inbound import Decrypted
from bridge.errors import Broken, KeyMissing, Retry
from bridge.inbound import (
    DeviceUnsigned,
    IdentityChanged,
    RoomMember,
    RoomMessage,
    RoomPlain,
    RoomRedaction,
    RoomUnreadable,
)
from bridge.model import Attachment, Json, Source
from tests.appservice.homeserver import BOT, FakeHomeserver, as_json

NOW = 10_000_000
OFFICER = "@officer:birch.example"


class FakeEngine(Decrypting):
    """Decrypts to what the test says, or raises it."""

    def __init__(self) -> None:
        self.result: Json | Exception = {}
        self.kind = "m.room.message"
        self.asked = 0
        self.ask_fails = False

    async def decrypt(self, event: Mapping[str, Any]) -> Decrypted:
        if isinstance(self.result, Exception):
            raise self.result
        return Decrypted(self.kind, self.result, OFFICER, "DEV", True, "session")

    async def request_key(self, event: Mapping[str, Any]) -> bool:
        self.asked += 1
        if self.ask_fails:
            raise MatrixError(502, "", "")
        return True


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def reader(client: Client, engine: FakeEngine) -> Reader:
    return Reader(engine, Media(client, 1000), Members(client), BOT, lambda: NOW)


def item(kind: str = "m.room.encrypted", content: Json | None = None, **more: object) -> Item:
    event = {
        "type": kind,
        "event_id": "$e",
        "room_id": "!r:alder.example",
        "sender": OFFICER,
        "origin_server_ts": 5,
        "content": {"ciphertext": "…"} if content is None else content,
        **more,
    }
    return Item(1, Source.MATRIX, "event", as_json(event), {}, received=NOW)


async def test_a_message(reader: Reader, engine: FakeEngine) -> None:
    engine.result = {"msgtype": "m.text", "body": "hello"}
    found = await reader.read(item())
    assert isinstance(found, RoomMessage)
    assert (found.text, found.device, found.trusted, found.sender) == ("hello", "DEV", True, OFFICER)


async def test_a_file_is_fetched(reader: Reader, engine: FakeEngine, client: Client) -> None:
    ciphertext, info = attachments.encrypt(b"a plan")
    file = {**info, "url": await client.upload(ciphertext)}
    engine.result = {
        "msgtype": "m.file",
        "body": "../plan.txt",
        "file": file,
        "info": {"mimetype": "text/plain"},
    }
    found = await reader.read(item())
    assert isinstance(found, RoomMessage)
    assert found.attachments == (Attachment("plan.txt", "text/plain", b"a plan"),)


async def test_a_file_that_is_away_puts_the_message_off(
    reader: Reader, engine: FakeEngine, homeserver: FakeHomeserver
) -> None:
    _, info = attachments.encrypt(b"x")
    file = {**info, "url": "mxc://birch.example/later"}
    engine.result = {"msgtype": "m.file", "body": "plan.txt", "file": file}
    with pytest.raises(Retry):
        await reader.read(item())


async def test_what_is_no_message_is_nothing(reader: Reader, engine: FakeEngine) -> None:
    engine.kind, engine.result = "m.call.invite", {"msgtype": "m.text", "body": "hello"}
    assert await reader.read(item()) is None


async def test_a_missing_key_parks_and_is_told_after_two_minutes(reader: Reader, engine: FakeEngine) -> None:
    engine.result = MissingKey("session-1")
    fresh = item(content={"ciphertext": "…", "m.relates_to": {"rel_type": "m.thread", "event_id": "$root"}})
    with pytest.raises(KeyMissing) as caught:
        await reader.read(fresh)
    assert (caught.value.session_id, engine.asked) == ("session-1", 1)
    late = replace(fresh, received=NOW - 120_000)
    assert await reader.read(late) == RoomUnreadable("!r:alder.example", "$e", OFFICER, "$root")
    with pytest.raises(KeyMissing):
        await reader.read(replace(late, told=True))


async def test_a_key_that_cannot_be_asked_for_is_waited_for_all_the_same(
    reader: Reader, engine: FakeEngine
) -> None:
    engine.result, engine.ask_fails = MissingKey("session-1"), True
    with pytest.raises(KeyMissing):
        await reader.read(item())


async def test_what_can_never_be_read_is_told_once(reader: Reader, engine: FakeEngine) -> None:
    engine.result = CannotDecrypt("a replay")
    assert await reader.read(item()) == RoomUnreadable("!r:alder.example", "$e", OFFICER)
    with pytest.raises(Broken, match="replay"):
        await reader.read(replace(item(), told=True))


async def test_a_homeserver_that_is_away_puts_it_off(reader: Reader, engine: FakeEngine) -> None:
    engine.result = MatrixError(0, "", "")
    with pytest.raises(Retry):
        await reader.read(item())


@pytest.mark.parametrize("kind", ["m.room.encrypted", "m.room.message"])
async def test_what_was_redacted_before_is_nothing(reader: Reader, kind: str) -> None:
    assert await reader.read(item(kind, {})) is None


async def test_in_the_clear(reader: Reader) -> None:
    assert isinstance(await reader.read(item("m.room.message", {"body": "x"})), RoomPlain)
    found = await reader.read(item("m.room.redaction", {"redacts": "$target"}))
    assert found == RoomRedaction("!r:alder.example", "$e", OFFICER, "$target")
    assert await reader.read(item("m.reaction", {"x": 1})) is None


@pytest.mark.parametrize(
    ("user", "before", "reported"),
    [
        (OFFICER, None, True),
        (OFFICER, "invite", True),
        (OFFICER, "join", False),  # only a new name
        (BOT, None, False),
    ],
)
async def test_memberships(reader: Reader, user: str, before: str | None, reported: bool) -> None:
    unsigned = {} if before is None else {"prev_content": {"membership": before}}
    found = await reader.read(
        item("m.room.member", {"membership": "join"}, state_key=user, unsigned=unsigned)
    )
    assert found == (RoomMember("!r:alder.example", "$e", user, "join") if reported else None)


async def test_what_the_machine_noticed(reader: Reader) -> None:
    unsigned = Item(1, Source.MATRIX, "unsigned", as_json({"user_id": OFFICER, "device": "D"}), {})
    assert await reader.read(unsigned) == DeviceUnsigned(OFFICER, "D")
    changed = Item(1, Source.MATRIX, "identity", as_json({"user_id": OFFICER}), {})
    assert await reader.read(changed) == IdentityChanged(OFFICER)
