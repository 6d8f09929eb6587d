"""The Matrix channel: transactions in, events out, and the life of the bot's device.

    serve: listen, but take nothing yet ─> account, device, identity ─> /sync until empty
           ─> control room ─> an event there, refused once ─> ping: all that is owed is pushed
           ─> for ever: /sync; beside it the machine's tick, and once a look back into the rooms

Events come by transactions, keys by the bot's own `/sync`: a homeserver drops the keys of
transactions while we are away.  A homeserver that has restarted begins to push again only with
a new event, hence the one in the control room; why it is refused is told in `http`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from bridge.appservice import render
from bridge.appservice.client import Client, fate
from bridge.appservice.delivering import Deliverer
from bridge.appservice.engine import Engine, Hooks
from bridge.appservice.http import Endpoint, Listener
from bridge.appservice.layout import server_of
from bridge.appservice.media import Media
from bridge.appservice.members import Members
from bridge.appservice.reading import Reader
from bridge.appservice.rooms import Rooms
from bridge.appservice.send import ENCRYPTED, Gate, Sender
from bridge.appservice.settings import MatrixSettings
from bridge.channel import Accept, Arrival, Item, Outcome, Outgoing
from bridge.e2ee.api import MatrixError
from bridge.e2ee.core import wall_clock
from bridge.e2ee.errors import Notice, Unsigned
from bridge.errors import Broken, Retry
from bridge.inbound import Inbound
from bridge.model import Json, RoomKind, Source
from bridge.points import Probe, quiet

log = logging.getLogger(__name__)

_POLL = 30_000  # ms a /sync waits for something new
_TICK = 15.0  # seconds between two ticks of the machine
_HOLD = 3.0  # seconds we wait for the transaction that is refused
_PING_TRIES = 3
_PING_PAUSE = 0.3  # seconds
_PINGS = 8
_AGAIN = 0.25  # seconds after a ping in which the refused transaction should come again
LOOK_BACK = 24 * 3600 * 1000  # ms; the ledger remembers what it took for longer
_PATIENCE = 20.0  # seconds that a delivery waits for the start
_LONGEST_PAUSE = 60.0  # seconds between two tries while the homeserver is away


class MatrixChannel:
    """`bridge.channel.Channel` for Matrix.

    `make_engine` builds the machine around the hooks it is given.  `on_recovery_key` must have
    kept the key when it returns.  `on_room` hears of the control room and of direct rooms.
    `on_key` is called whenever a room key came: parked items are worth another look.
    `clock` gives ms since 1970.
    """

    name = Source.MATRIX

    def __init__(
        self,
        settings: MatrixSettings,
        make_engine: Callable[[Hooks], Engine],
        *,
        on_recovery_key: Callable[[str], Awaitable[None]],
        on_room: Callable[[str, RoomKind], Awaitable[None]],
        on_key: Callable[[], None] = lambda: None,
        probe: Probe = quiet,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self.settings = settings
        self.client = Client(settings.url, settings.as_token, settings.bot, probe=probe)
        self.members = Members(self.client)
        self.port = settings.listen_port
        self.reachable = False  # the homeserver answered that it reaches us
        self.control_room: str | None = None
        self._on_recovery_key = on_recovery_key
        self._on_room = on_room
        self._clock = clock
        self._accept: Accept | None = None
        self._endpoint: Endpoint | None = None
        self._ready = asyncio.Event()
        self._away = False  # the homeserver did not answer the last /sync
        self.engine = make_engine(
            Hooks(
                api=self.client,
                user_id=settings.bot,
                use_device=self.client.use_device,
                members=self.members,
                notify=self._notice,
                on_key=lambda room_id, session_id: on_key(),
            )
        )
        self._gate = Gate(self.client)
        self._rooms = Rooms(
            self.client, settings.alias_secret, settings.room_version, self.engine.share_history
        )
        media = Media(self.client, settings.largest_file)
        self._reader = Reader(self.engine, media, self.members, settings.bot, clock)
        self._deliverer = Deliverer(
            self.client,
            self.engine,
            Sender(self.client, self.engine, self._gate, clock),
            media,
            self._rooms,
            control=self._control,
            on_room=on_room,
        )

    @property
    def ready(self) -> bool:
        """Whether the start is over: rows are delivered and items read."""
        return self._ready.is_set()

    # ------------------------------------------------------------------ the channel

    async def serve(self, accept: Accept) -> None:
        """See `Channel`.  Raises `Broken` when we cannot listen, or homeserver and store disagree."""
        self._accept = accept
        endpoint = Endpoint(self.settings.hs_token, self.settings.bot, accept, self._observe)
        endpoint.hold()
        self._endpoint = endpoint
        listener = Listener(endpoint, self.settings.listen_host, self.settings.listen_port)
        try:
            await listener.start()
        except OSError as error:
            address = f"{self.settings.listen_host}:{self.settings.listen_port}"
            raise Broken(f"appservice: cannot listen on {address}: {error.strerror}") from error
        self.port = listener.port
        try:
            await self._again_until_done(self._begin, "start")
            self._ready.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._for_ever(self._sync, "sync"))
                group.create_task(self._for_ever(self._tick, "tick"))
                group.create_task(self._again_until_done(self._look_back, "look back"))
        finally:
            self._ready.clear()
            await listener.stop()
            await self.client.close()

    async def read(self, item: Item) -> Inbound | None:
        """See `Channel`."""
        await self._until_ready()
        return await self._reader.read(item)

    async def deliver(self, out: Outgoing) -> Outcome:
        """See `Channel`; the payloads are those of `bridge.appservice.delivering`."""
        await self._until_ready()
        return await self._deliverer.deliver(out)

    async def started(self) -> None:
        """Returns once `ready`."""
        await self._ready.wait()

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._ready.wait()
        except TimeoutError as error:
            raise Retry("the homeserver is not there yet", after=5) from error

    # ------------------------------------------------------------------ the start

    async def _begin(self) -> None:
        """Every step may be done twice."""
        await self.client.register()
        recovery_key = await self.engine.start()
        if recovery_key is not None:
            await self._on_recovery_key(recovery_key)
            await self.engine.recovery_key_kept()
        await self.client.set_name(self.settings.display_name)
        while await self.engine.sync_once(0):
            pass
        self.control_room, changes = await self._rooms.control(self.settings.operators)
        for room_id, user_id in changes.uninvited:
            log.warning("%s could not be invited into the control room %s", user_id, room_id)
        await self._on_room(self.control_room, RoomKind.CONTROL)
        await self._catch_up(self.control_room, "Folkmoot has started.")

    async def _catch_up(self, control_room: str, text: str) -> None:
        """Makes the homeserver push all that it owes us, oldest first."""
        if self._endpoint is not None:
            self._endpoint.hold()
            await self._say(control_room, text)
            await self._ping()  # one that knows it has failed before tries at once, not after minutes
            owed = await self._endpoint.release(_HOLD if self.reachable else 0)
            for _ in range(_PINGS):
                await self._ping()
                # a ping that comes before the homeserver has noted its failure does nothing
                if not owed or not self.reachable or await self._endpoint.pushed(_AGAIN):
                    return

    async def _look_back(self) -> None:
        """Fetches what was said of late and was perhaps never pushed; what we have is a duplicate.

        A Synapse that ends forgets the events that waited in its memory behind a transaction
        (seen with 1.163): nobody but the room itself still has them.
        """
        if self._endpoint is None:
            return
        since = self._clock() - LOOK_BACK
        for room_id in await self.client.joined_rooms():
            events, _ = await self.client.messages(room_id, only={"not_senders": [self.settings.bot]})
            late = [event for event in reversed(events) if event.get("origin_server_ts", 0) >= since]
            found = await self._endpoint.take(late)
            if found:
                log.info("%d events came by the look back, before any push", found)

    async def _ping(self) -> None:
        """Asks the homeserver to reach us; it then also pushes at once what it could not push before.

        Asked again twice before we believe a no: Synapse 1.163 also says it when its own timer
        for the next push ran out at that moment ("already-called", "already-cancelled").
        """
        for rest in reversed(range(_PING_TRIES)):
            try:
                milliseconds = await self.client.ping(f"start{self._clock()}")
            except MatrixError as error:
                if error.errcode not in {"M_CONNECTION_FAILED", "M_CONNECTION_TIMEOUT", "M_BAD_STATUS"}:
                    raise
                if rest:
                    await asyncio.sleep(_PING_PAUSE)
                    continue
                self.reachable = False
                log.warning(
                    "the homeserver cannot reach the bridge (%s): check url and hs_token in the registration",
                    error,
                )
            else:
                self.reachable = True
                log.info("the homeserver reaches the bridge in %.0f ms", milliseconds)
                return

    async def _say(self, room_id: str, text: str) -> None:
        """Outside the outbox: nobody minds when a crash loses it."""
        await self._gate.check(room_id)
        encrypted = await self.engine.encrypt(room_id, "m.room.message", render.notice(text))
        await self.client.send(room_id, ENCRYPTED, encrypted.content, f"say{self._clock()}")

    def _control(self) -> str:
        if self.control_room is None:
            raise Retry("the control room is not there yet")
        return self.control_room

    # ------------------------------------------------------------------ for ever

    async def _sync(self) -> None:
        try:
            await self.engine.sync_once(_POLL)
            if self._away:
                await self._catch_up(self._control(), "The homeserver is back.")
                await self._look_back()
        except MatrixError:
            self._away = True
            raise
        self._away = False

    async def _tick(self) -> None:
        await asyncio.sleep(_TICK)
        await self.engine.tick()
        if not self.reachable:
            await self._ping()

    async def _for_ever(self, step: Callable[[], Awaitable[None]], what: str) -> None:
        while True:
            await self._again_until_done(step, what)

    async def _again_until_done(self, step: Callable[[], Awaitable[None]], what: str) -> None:
        """`step`, again and again while the homeserver or the ledger cannot take it."""
        pause = 1.0
        while True:
            try:
                return await step()
            except (MatrixError, Retry) as error:
                trouble = fate(error) if isinstance(error, MatrixError) else error
                log.warning("%s, again in %.0f s: %s", what, pause, trouble.reason)
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    # ------------------------------------------------------------------ what is noticed

    async def _observe(self, event: Json) -> None:
        """What must be known before the event is accepted: who is in the room, how it encrypts, whose
        server is there."""
        room_id, sender = event["room_id"], event["sender"]
        if sender != self.settings.bot:
            self.engine.heard_from(server_of(sender))  # a server that was away may be owed keys
        if event["type"] == "m.room.encryption":
            self._gate.doubt(room_id)
        if event["type"] != "m.room.member" or not isinstance(event.get("state_key"), str):
            return
        self.members.forget(room_id)
        await self.engine.membership(room_id, event["state_key"], str(event["content"].get("membership")))

    async def _notice(self, notice: Notice) -> None:
        """Into the inbox with it: told once more after a crash, but never lost."""
        if self._accept is None:
            raise Retry("the bridge is still starting")
        if isinstance(notice, Unsigned):
            kind, key = "unsigned", f"unsigned:{notice.user_id}:{notice.device_id}"
            raw = {"user_id": notice.user_id, "device": notice.device_id}
        else:
            # not once and for all: an identity that was confirmed may change again
            kind, key = "identity", f"identity:{notice.user_id}:{self._clock()}"
            raw = {"user_id": notice.user_id}
        await self._accept([Arrival(Source.MATRIX, kind, key, json.dumps(raw).encode())])
