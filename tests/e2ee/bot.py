"""The bot of an application service on a real homeserver, with the machine and its SQL store."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import yaml

from bridge.demo.homeserver import Homeserver
from bridge.demo.matrix import Door
from bridge.e2ee.api import MatrixError
from bridge.e2ee.errors import CannotDecrypt, MissingKey, Notice
from bridge.e2ee.inbound import Decrypted
from bridge.e2ee.machine import Machine
from bridge.ledger.crypto_store import SqlCryptoStore
from bridge.ledger.crypto_tables import TABLES
from bridge.ledger.engine import open_engine
from bridge.ledger.metadata import metadata
from bridge.ledger.writer import Writer
from bridge.model import Json
from bridge.points import Point
from tests.waiting import until

TOKEN = "as-token"
REGISTRATION = yaml.safe_dump(
    {
        "id": "engine",
        "url": None,
        "as_token": TOKEN,
        "hs_token": "hs-token",
        "sender_localpart": "engine",
        "rate_limited": False,
        "namespaces": {"users": [{"exclusive": True, "regex": "@bot-.*:alder\\.example"}]},
    }
)


class BotApi:
    """Requests as the bot, and once it exists as its device."""

    def __init__(self, url: str, user_id: str) -> None:
        self.door = Door(url)
        self.user_id = user_id
        self.device_id = ""

    def use_device(self, device_id: str) -> None:
        self.device_id = device_id

    async def request(
        self,
        point: Point,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        assert point
        asked = {**(query or {}), "user_id": self.user_id}
        if self.device_id:
            asked["device_id"] = self.device_id
        return await self.door.request(method, path, body, token=TOKEN, query=asked, timeout=timeout)

    async def upload(self, data: bytes) -> str:
        path = f"/_matrix/media/v3/upload?user_id={quote(self.user_id)}"
        headers = {"Content-Type": "application/octet-stream"}
        answer = await self.door._exchange("POST", path, TOKEN, None, 60, data=data, headers=headers)
        uri: str = answer["content_uri"]
        return uri


class Bot:
    """One process of the bot; `restart` is the next one on the same database."""

    def __init__(self, server: Homeserver, directory: Path, user_id: str = "") -> None:
        self.server = server
        self.directory = directory
        self.user_id = user_id or f"@bot-{uuid.uuid4().hex[:8]}:{server.server_name}"
        self.api = BotApi(server.url, self.user_id)
        self.notices: list[Notice] = []
        self.recovery_key: str | None = None
        self._engine = open_engine(f"sqlite+aiosqlite:///{directory}/{self.user_id[1:13]}.db")
        self.writer = Writer(self._engine)
        self.machine = Machine(
            self.api,
            SqlCryptoStore(self.writer, self.user_id),
            self.user_id,
            bytes(range(32)),
            members=self.members,
            notify=self._notify,
            use_device=self.api.use_device,
        )
        self._loop: asyncio.Task[None] | None = None
        self._open = False

    async def _notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    async def create_tables(self) -> None:
        """Open the database; once."""
        if not self._open:
            self._open = True
            async with self._engine.begin() as conn:
                await conn.run_sync(lambda c: metadata.create_all(c, list(TABLES.values())))
            self.writer.start()

    async def start(self) -> Bot:
        """Registers, starts the machine, and syncs until it is stopped."""
        await self.create_tables()
        body = {"type": "m.login.application_service", "username": self.user_id[1:].partition(":")[0]}
        with contextlib.suppress(MatrixError):  # a restart: it is registered
            await self.api.door.request("POST", "/_matrix/client/v3/register", body, token=TOKEN)
        self.recovery_key = await self.machine.start()
        if self.recovery_key is not None:
            await self.machine.recovery_key_kept()
        while await self.machine.sync_once(0):
            pass
        self._loop = asyncio.create_task(self._sync())
        return self

    async def _sync(self) -> None:
        while True:
            await self.machine.sync_once(10_000)

    async def stop(self) -> None:
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None
        await self.writer.stop()
        await self._engine.dispose()
        await self.api.door.close()

    async def restart(self) -> Bot:
        await self.stop()
        return await Bot(self.server, self.directory, self.user_id).start()

    async def members(self, room_id: str) -> Mapping[str, int]:
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/joined_members"
        answer = await self.api.request(Point.STATE, "GET", path)
        return dict.fromkeys(answer["joined"], 0)

    async def create_room(self, *invite: str) -> str:
        encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
        body = {
            "preset": "private_chat",
            "invite": list(invite),
            "initial_state": [{"type": "m.room.encryption", "state_key": "", "content": encryption}],
        }
        room: str = (
            await self.api.request(Point.CREATE_ROOM, "POST", "/_matrix/client/v3/createRoom", body)
        )["room_id"]
        return room

    async def wait_member(self, room_id: str, user_id: str) -> None:
        async def joined() -> bool:
            return user_id in await self.members(room_id)

        await until(joined, what=f"{user_id} joins")
        await self.machine.membership(room_id, user_id, "join")

    async def say(self, room_id: str, text: str) -> str:
        """Encrypt, look again, send."""
        encrypted = await self.machine.encrypt(room_id, "m.room.message", {"msgtype": "m.text", "body": text})
        assert await self.machine.still_good(room_id, encrypted.session_id)
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/send/m.room.encrypted/{uuid.uuid4().hex}"
        event_id: str = (await self.api.request(Point.SEND, "PUT", path, encrypted.content))["event_id"]
        return event_id

    async def event(self, room_id: str, event_id: str) -> Json:
        """The event as our homeserver has it, once it has it."""
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/event/{quote(event_id, safe='')}"

        async def there() -> Json | None:
            try:
                return await self.api.request(Point.READ_ROOM, "GET", path)
            except MatrixError as error:
                if error.status in (403, 404):
                    return None
                raise

        found = await until(there, what=f"{event_id} arrives")
        assert found is not None
        return found

    async def read(self, room_id: str, event_id: str) -> Decrypted:
        """Decrypt an event as soon as its key has come."""
        event = await self.event(room_id, event_id)

        async def readable() -> Decrypted | None:
            try:
                return await self.machine.decrypt(event)
            except MissingKey:
                return None

        found = await until(readable, what="the key comes")
        assert found is not None
        return found

    async def refuses(self, event: Json) -> str:
        """The reason why an event is not read."""
        try:
            await self.machine.decrypt(event)
        except CannotDecrypt as error:
            return error.reason
        raise AssertionError("it was read")
