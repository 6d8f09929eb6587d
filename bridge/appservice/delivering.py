"""An outbox row becomes what the room shows, or what the room is.

head words file notice tell   encrypted, by `Sender`
mark unmark redact direct     in the clear by nature: a mark, its end, the end of what was said of
                              somebody who is forgotten, a line for one member of staff
provision invite confirm      rooms, people, identities
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bridge import specs
from bridge.appservice import labels, render
from bridge.appservice.client import Client, fate
from bridge.appservice.engine import Engine
from bridge.appservice.media import Media
from bridge.appservice.render import Thread
from bridge.appservice.rooms import Rooms
from bridge.appservice.send import Sender
from bridge.channel import Outcome, Outgoing
from bridge.e2ee.api import MatrixError
from bridge.errors import Broken, Retry
from bridge.model import Json, RoomKind

_Handler = Callable[[Outgoing, Json], Awaitable[Json]]
_LONGEST_WAIT = 1800.0  # seconds between two tries to invite


class Deliverer:
    """Delivers rows.  `control` gives the control room's ID; `on_room` hears of a new direct room."""

    def __init__(
        self,
        client: Client,
        engine: Engine,
        sender: Sender,
        media: Media,
        rooms: Rooms,
        *,
        control: Callable[[], str],
        on_room: Callable[[str, RoomKind], Awaitable[None]],
    ) -> None:
        self._client = client
        self._engine = engine
        self._sender = sender
        self._media = media
        self._rooms = rooms
        self._control = control
        self._on_room = on_room
        self._direct_rooms: dict[str, str] = {}
        self._handlers: dict[str, _Handler] = {
            "head": self._head,
            "words": self._words,
            "file": self._file,
            "notice": self._notice,
            "tell": self._tell,
            "mark": self._mark,
            "unmark": self._unmark,
            "redact": self._redact,
            "direct": self._direct,
            "provision": self._provision,
            "invite": self._invite,
            "confirm": self._confirm,
        }

    async def deliver(self, out: Outgoing) -> Outcome:
        """Raises the fates."""
        handler = self._handlers.get(out.kind)
        if handler is None:
            raise Broken(f"nobody delivers rows of kind {out.kind} to Matrix")
        try:
            return Outcome(await handler(out, out.payload))
        except MatrixError as error:
            raise fate(error) from error

    # ------------------------------------------------------------------ encrypted

    async def _head(self, out: Outgoing, row: Json) -> Json:
        language = row["language"]
        content = render.head(
            row["reference"],
            labels.status(language, row["status"], row["claims"], row.get("trust")),
            labels.word(language, row["channel"]),
            row["name"],
            row["subject"],
        )
        if row["root"] is not None:
            content = render.edit_of(row["root"], content)
        return await self._send(out, row["room"], content)

    async def _words(self, out: Outgoing, row: Json) -> Json:
        content = render.words(
            row["name"], row["profile"], row["text"], row["html"], _thread(row), row.get("folded", "")
        )
        return await self._send(out, row["room"], content)

    async def _file(self, out: Outgoing, row: Json) -> Json:
        file = row.get("file") or await self._media.put(out)
        size = row["size"] if row["size"] is not None else len(await out.load(row["blob"]))
        content = render.file(
            row["name"], row["profile"], row["filename"], row["mime"], size, file, _thread(row)
        )
        return {**await self._send(out, row["room"], content, {"file": file}), "file": file}

    async def _notice(self, out: Outgoing, row: Json) -> Json:
        content = render.notice(row["text"], _thread(row, row["to"]))
        if row["root"] is None and row["to"] is not None:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": row["to"]}}
        return await self._send(out, row["room"], content)

    async def _tell(self, out: Outgoing, row: Json) -> Json:
        return await self._send(out, self._control(), render.notice(row["text"]))

    async def _send(self, out: Outgoing, room_id: str, content: Json, more: Json | None = None) -> Json:
        return {"event_id": await self._sender.send(out, room_id, content, more)}

    # ------------------------------------------------------------------ in the clear

    async def _mark(self, out: Outgoing, row: Json) -> Json:
        content = render.reaction(row["event_id"], row["mark"])
        try:
            event_id = await self._client.send(row["room"], "m.reaction", content, f"fm{out.id}.0")
        except MatrixError as error:
            if error.errcode != "M_DUPLICATE_ANNOTATION":
                raise
            return {}  # it is there already
        return {"event_id": event_id}

    async def _unmark(self, out: Outgoing, row: Json) -> Json:
        if row["event_id"] is None:
            return {}  # the mark itself never got there
        return {"event_id": await self._client.redact(row["room"], row["event_id"], f"fm{out.id}.0")}

    async def _redact(self, out: Outgoing, row: Json) -> Json:
        """What is gone already, or was never seen, is as it should be."""
        try:
            return {"event_id": await self._client.redact(row["room"], row["event_id"], f"fm{out.id}.0")}
        except MatrixError as error:
            if error.status != 404:
                raise
            return {}

    async def _direct(self, out: Outgoing, row: Json) -> Json:
        room_id = await self._direct_room(row["user_id"])
        content = {"msgtype": "m.text", "body": row["text"], "m.mentions": {}}
        event_id = await self._client.send(room_id, "m.room.message", content, f"fm{out.id}.0")
        return {"event_id": event_id, "room": room_id}

    async def _direct_room(self, user_id: str) -> str:
        room_id = self._direct_rooms.get(user_id)
        if room_id is None:
            room_id, changes = await self._rooms.direct(user_id)
            await self._on_room(room_id, RoomKind.DIRECT)
            if changes.uninvited:
                raise Retry("somebody's homeserver does not take our invitation now")
            self._direct_rooms[user_id] = room_id
        return room_id

    # ------------------------------------------------------------------ rooms and people

    async def _provision(self, out: Outgoing, row: Json) -> Json:
        ids, changes = await self._rooms.consultation(specs.load(row["consultation"]))
        return {
            "rooms": {kind.value: room_id for kind, room_id in ids.items()},
            "changed": changes.changed,
            "uninvited": [list(pair) for pair in changes.uninvited],
            "strangers": changes.strangers,
            "declined": changes.declined,
        }

    async def _invite(self, out: Outgoing, row: Json) -> Json:
        room_id, user_id = row["room"], row["user_id"]
        if await self._present(room_id, user_id):
            return {}
        # MSC4268: the keys of what was said before go out just before the bot's own invitation
        await self._engine.share_history(room_id, user_id)
        try:
            await self._client.invite(room_id, user_id)
        except MatrixError as error:
            if error.status >= 500:  # ours answers, theirs does not: perhaps for days
                after = min(_LONGEST_WAIT, 2.0 ** min(out.tries, 16))
                raise Retry("their homeserver does not take our invitation now", after) from error
            if error.status != 403 or not await self._present(room_id, user_id):
                raise
        return {}

    async def _present(self, room_id: str, user_id: str) -> bool:
        member = await self._client.state_of(room_id, "m.room.member", user_id)
        return member is not None and member.get("membership") in {"join", "invite"}

    async def _confirm(self, out: Outgoing, row: Json) -> Json:
        await self._engine.confirm(row["user_id"])
        return {}


def _thread(row: Json, answers: str | None = None) -> Thread | None:
    """Where the row belongs; `answers` is the message it answers, else the thread's latest is named."""
    root = row["root"]
    if root is None:
        return None
    return Thread(root, answers or row["latest"] or root, answers=answers is not None)
