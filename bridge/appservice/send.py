"""An encrypted event on its way, so that no crash sends it twice or uses an index twice.

    row without progress ──> encrypt; ratchet and ciphertext in one commit ──┐
    row with ciphertext, young, its session still good ──────────────────────┼─> gate ─> PUT
    row with ciphertext, old or its session turned over ─> is it there? ──no─┘ (encrypted anew)
                                                              └─yes─> done

The transaction ID `fm<row>.<n>` names the n-th ciphertext of a row; from our device the
homeserver takes it once within 24 hours.  Before anything older is repeated, or another
ciphertext takes its place, we look whether it has arrived.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.appservice.client import Client, fate
from bridge.appservice.engine import Encrypting
from bridge.appservice.layout import MEGOLM
from bridge.channel import Also, Outgoing
from bridge.e2ee.api import MatrixError
from bridge.e2ee.outbound import Encrypted
from bridge.errors import Broken, Retry
from bridge.model import Json

ENCRYPTED = "m.room.encrypted"
_TRUSTED_AGE = 20 * 3600 * 1000  # ms for which we rely on the homeserver's 24 hours
_SLACK = 600_000  # ms our clock and the homeserver's may differ
_PAGES = 100  # of 100 events each that are looked through
_ROUNDS = 4  # ciphertexts a call may make
_REFUSED = frozenset({403, 413})


class Gate:
    """Which rooms are encrypted, by our own look at them: once per process, and after each change."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._encrypted: set[str] = set()

    async def check(self, room_id: str) -> None:
        """Raises `Broken` when the room is not encrypted; asks the homeserver at first sight only."""
        if room_id in self._encrypted:
            return
        content = await self._client.state_of(room_id, "m.room.encryption")
        if content is None or content.get("algorithm") != MEGOLM:
            raise Broken("the room is not encrypted: nothing is sent into it")
        self._encrypted.add(room_id)

    def doubt(self, room_id: str) -> None:
        """Its encryption settings changed: look again before the next event."""
        self._encrypted.discard(room_id)


class Sender:
    """Sends encrypted events of outbox rows.  `clock` gives ms since 1970."""

    def __init__(self, client: Client, engine: Encrypting, gate: Gate, clock: Callable[[], int]) -> None:
        self._client = client
        self._engine = engine
        self._gate = gate
        self._clock = clock

    async def send(self, out: Outgoing, room_id: str, content: Json, more: Json | None = None) -> str:
        """The event ID of `content`, sent into `room_id` exactly once.

        `more` goes into the row's progress together with the ciphertext.  Raises the fates.
        """
        try:
            return await self._send(out, room_id, content, {**out.progress, **(more or {})})
        except MatrixError as error:
            raise fate(error) from error

    async def _send(self, out: Outgoing, room_id: str, content: Json, progress: Json) -> str:
        await self._gate.check(room_id)
        if "content" in progress and not await self._may_repeat(room_id, progress):
            found = await self._find(room_id, progress)
            if found is not None:
                return found
            del progress["content"]
        for _ in range(_ROUNDS):
            if "content" not in progress:
                progress = await self._encrypt(out, room_id, content, progress)
                # sharing the key took time: look once more before it goes out
                await self._gate.check(room_id)
                if not await self._engine.still_good(room_id, progress["session"]):
                    del progress["content"]
                    continue
            try:
                return await self._client.send(
                    room_id, ENCRYPTED, progress["content"], f"fm{out.id}.{progress['n']}"
                )
            except MatrixError as error:
                if error.status not in _REFUSED:
                    raise
                if progress.get("refused"):
                    raise Broken(f"the homeserver refused the event: {error.errcode}") from error
                del progress["content"]
                progress["refused"] = True
        raise Retry("the room's members change too quickly", after=2)

    async def _may_repeat(self, room_id: str, progress: Json) -> bool:
        """Whether the stored ciphertext can go out under its own transaction ID."""
        young = 0 <= self._clock() - progress["at"] < _TRUSTED_AGE
        return young and await self._engine.still_good(room_id, progress["session"])

    async def _encrypt(self, out: Outgoing, room_id: str, content: Json, before: Json) -> Json:
        number, now = before.get("n", -1) + 1, self._clock()
        after: Json = {}

        def also(encrypted: Encrypted) -> Also:
            after.update(before, content=encrypted.content, session=encrypted.session_id, n=number, at=now)
            return out.keep(dict(after))

        await self._engine.encrypt(room_id, "m.room.message", content, also=also)
        return after

    async def _find(self, room_id: str, progress: Json) -> str | None:
        """The event that holds the stored ciphertext, if it is in the room.

        Raises `Broken` when so much was sent since that we cannot tell.
        """
        wanted = progress["content"]["ciphertext"]
        only = {"types": [ENCRYPTED], "senders": [self._client.user_id]}
        start = ""
        for _ in range(_PAGES):
            events, start = await self._client.messages(room_id, start=start, only=only)
            for event in events:
                if event.get("content", {}).get("ciphertext") == wanted:
                    return str(event["event_id"])
                if event.get("origin_server_ts", 0) < progress["at"] - _SLACK:
                    return None
            if not start:
                return None
        raise Broken("whether this was sent before cannot be told any more")
