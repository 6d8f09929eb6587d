"""An item of the inbox becomes what came: decrypted, its files fetched, taken apart.

m.room.encrypted  decrypt ─> files ─> RoomMessage | KeyMissing (parked) | RoomUnreadable (staff are told)
m.room.message    RoomPlain: in the clear, never obeyed
m.room.redaction  RoomRedaction
m.room.member     RoomMember, when the membership changed
unsigned, identity  what the machine noticed, by way of the inbox so that no crash loses it
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from bridge.appservice import events
from bridge.appservice.client import fate
from bridge.appservice.engine import Decrypting
from bridge.appservice.media import Media
from bridge.appservice.members import Members
from bridge.channel import Item
from bridge.e2ee.api import MatrixError
from bridge.e2ee.errors import CannotDecrypt, MissingKey
from bridge.errors import Broken, KeyMissing
from bridge.inbound import DeviceUnsigned, IdentityChanged, Inbound, RoomMember
from bridge.model import Attachment, Json
from bridge.names import believed_type

log = logging.getLogger(__name__)

_PATIENCE = 120_000  # ms until staff are told that a message cannot be read
_HEAD = 4096  # bytes that tell a file's type


class Reader:
    """Reads items.  `clock` gives ms since 1970; `bot` is our own user."""

    def __init__(
        self, engine: Decrypting, media: Media, members: Members, bot: str, clock: Callable[[], int]
    ) -> None:
        self._engine = engine
        self._media = media
        self._members = members
        self._bot = bot
        self._clock = clock

    async def read(self, item: Item) -> Inbound | None:
        """What came; None: nothing to do.  Raises `KeyMissing`, `Retry`, `Broken`."""
        found = json.loads(item.raw)
        if item.kind == "unsigned":
            return DeviceUnsigned(found["user_id"], found["device"])
        if item.kind == "identity":
            return IdentityChanged(found["user_id"])
        if found["type"] == "m.room.encrypted":
            return await self._encrypted(item, found)
        return self._in_the_clear(found)

    def _in_the_clear(self, event: Json) -> Inbound | None:
        match event["type"]:
            case "m.room.message" if event["content"]:  # empty: redacted before we saw it
                return events.room_plain(event)
            case "m.room.redaction":
                return events.room_redaction(event)
            case "m.room.member":
                return self._member(event)
        return None

    def _member(self, event: Json) -> RoomMember | None:
        """A new name or picture is no change of membership; our own is not reported."""
        member = events.room_member(event)
        unsigned = event.get("unsigned")
        before = unsigned.get("prev_content") if isinstance(unsigned, dict) else None
        if member is None or member.user_id == self._bot:
            return None
        if isinstance(before, dict) and before.get("membership") == member.membership:
            return None
        return member

    async def _encrypted(self, item: Item, event: Json) -> Inbound | None:
        if "ciphertext" not in event["content"]:
            return None  # redacted before we saw it; its redaction follows
        try:
            decrypted = await self._engine.decrypt(event)
        except MissingKey as error:
            if self._clock() - item.received >= _PATIENCE and not item.told:
                return events.room_unreadable(event)
            await self._ask(event)
            raise KeyMissing(error.session_id) from error
        except CannotDecrypt as error:
            if not item.told:
                return events.room_unreadable(event)
            raise Broken(error.reason) from error
        except MatrixError as error:
            raise fate(error) from error
        return events.room_message(
            event,
            decrypted.content,
            sender_name=await self._name(event),
            device=decrypted.device_id,
            trusted=decrypted.trusted,
            attachments=await self._files(decrypted.content, item.tries),
            kind=decrypted.type,
        )

    async def _ask(self, event: Json) -> None:
        """Asks the sender for the key; when that fails now, the item comes again anyway."""
        try:
            await self._engine.request_key(event)
        except MatrixError as error:
            log.warning("a room key could not be asked for: %s", error)

    async def _name(self, event: Json) -> str:
        try:
            return await self._members.name(event["room_id"], event["sender"])
        except MatrixError as error:
            raise fate(error) from error

    async def _files(self, content: Json, tries: int) -> tuple[Attachment, ...]:
        file = events.file_in(content)
        if file is None:
            return ()
        data = await self._media.get(file.file, tries)
        return (Attachment(file.name, believed_type(file.name, file.mime, data[:_HEAD]), data),)
