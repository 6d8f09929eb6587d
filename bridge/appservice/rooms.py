"""The rooms we keep, made and mended: what should be is compared with what is.

    resolve the alias -> (create | adopt) -> read the state -> put what differs -> invite who is missing

`createRoom` has no transaction ID, so a room is found again by its opaque alias; one that was
left half made by a crash is mended like any other.  A second run changes nothing.
Nobody is removed: who is in a room and no longer in the file is named, and gets no keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bridge.appservice import layout
from bridge.appservice.client import Client
from bridge.appservice.layout import Plan, State
from bridge.e2ee.api import MatrixError
from bridge.model import Consultation, Json, RoomKind

_PRESENT = frozenset({"join", "invite"})
_LABELS = {
    ("m.room.name", ""): "name",
    ("m.room.join_rules", ""): "who may join",
    ("m.room.history_visibility", ""): "history",
    ("m.room.guest_access", ""): "guests",
    ("m.room.server_acl", ""): "servers",
    ("m.room.encryption", ""): "encryption",
    ("m.room.power_levels", ""): "rights",
}


@dataclass(slots=True)
class Changes:
    """What a run did (`changed`) and saw.

    `uninvited`: (room ID, user ID) whose invitation failed in this run.  `strangers`: present but
    not in the file.  `declined`: in the file, but left or were banned; they are not asked again.
    """

    changed: list[str] = field(default_factory=list)
    uninvited: list[tuple[str, str]] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    declined: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Room:
    """A room of ours with its state and memberships."""

    room_id: str
    version: str
    state: State
    membership: Mapping[str, Json]  # user ID to their m.room.member event
    created: bool  # in this run: its state is then no news

    def is_in(self, user_id: str, among: frozenset[str] = _PRESENT) -> bool:
        event = self.membership.get(user_id)
        return event is not None and event["content"].get("membership") in among


class Rooms:
    """Provisioning.  `version` None: whatever the homeserver makes by default.  Raises `MatrixError`.

    `share_history(room_id, user_id)` is called just before the bot invites into a desk.
    """

    def __init__(
        self,
        client: Client,
        secret: bytes,
        version: str | None,
        share_history: Callable[[str, str], Awaitable[int]],
    ) -> None:
        self._client = client
        self._share_history = share_history
        self._secret = secret
        self._version = version

    async def consultation(self, wanted: Consultation) -> tuple[dict[RoomKind, str], Changes]:
        """Space, lobby and desk as the file says."""
        changes = Changes()
        plans = layout.plans(wanted, self._client.server_name)
        rooms = {kind: await self._ensure(plan, changes) for kind, plan in plans.items()}
        ids = {kind: room.room_id for kind, room in rooms.items()}
        for kind, room in rooms.items():
            await self._mend(plans[kind], room, changes, layout.links(kind, ids, plans[kind].servers))
        lobby = rooms[RoomKind.LOBBY]
        ready = tuple(user for user in wanted.people if lobby.is_in(user, frozenset({"join"})))
        for kind, room in rooms.items():
            people = ready if kind is RoomKind.DESK else wanted.people
            await self._people(plans[kind], room, people, changes)
        changes.strangers = sorted(set(changes.strangers))
        changes.declined = sorted(set(changes.declined))
        return ids, changes

    async def control(self, operators: tuple[str, ...]) -> tuple[str, Changes]:
        """The operators' room."""
        return await self._single(layout.control_plan(operators, self._client.server_name))

    async def direct(self, user_id: str) -> tuple[str, Changes]:
        """The unencrypted room with one staff member."""
        return await self._single(layout.direct_plan(user_id, self._client.server_name))

    async def _single(self, plan: Plan) -> tuple[str, Changes]:
        changes = Changes()
        room = await self._ensure(plan, changes)
        await self._mend(plan, room, changes, {})
        await self._people(plan, room, plan.people, changes)
        return room.room_id, changes

    # ------------------------------------------------------------------------------ one room

    async def _ensure(self, plan: Plan, changes: Changes) -> _Room:
        """The room behind the plan's alias, made when there is none."""
        alias = layout.opaque_alias(self._secret, plan.kind, plan.key)
        full = f"#{alias}:{self._client.server_name}"
        room_id = await self._client.resolve(full)
        created = room_id is None
        if room_id is None:
            try:
                room_id = await self._client.create_room(
                    layout.creation(plan, alias, self._client.user_id, await self._new_version())
                )
                changes.changed.append(f"{plan.kind}: created")
            except MatrixError as error:
                if error.errcode != "M_ROOM_IN_USE":
                    raise
                room_id = await self._client.resolve(full)
                if room_id is None:  # made by a request whose answer was lost, and not yet to be seen
                    raise MatrixError(0, "", "the room's alias does not resolve yet") from error
        return await self._read(room_id, created)

    async def _new_version(self) -> str:
        if self._version is None:
            self._version = await self._client.default_room_version()
        return self._version

    async def _read(self, room_id: str, created: bool) -> _Room:
        state: State = {}
        membership: dict[str, Json] = {}
        for event in await self._client.state(room_id):
            if event["type"] == "m.room.member":
                membership[event["state_key"]] = event
            else:
                state[event["type"], event["state_key"]] = event["content"]
        version = str(state.get(("m.room.create", ""), {}).get("room_version", "1"))
        return _Room(room_id, version, state, membership, created)

    async def _mend(self, plan: Plan, room: _Room, changes: Changes, links: State) -> None:
        """Puts every state event that is not as planned."""
        # An ACL evicts nobody, and a server under it never hears of its own leaving: servers of
        # people who are still there stay allowed until these people are gone.
        present = [layout.server_of(user) for user in room.membership if room.is_in(user)]
        wanted = layout.base_state(plan, [*plan.servers, *present])
        wanted["m.room.power_levels", ""] = layout.power_levels(plan, self._client.user_id, room.version)
        for (kind, key), content in (wanted | links).items():
            if room.state.get((kind, key)) != content:
                await self._client.put_state(room.room_id, kind, content, key)
                if not room.created:
                    changes.changed.append(f"{plan.kind}: {_LABELS.get((kind, key), 'links')}")

    async def _people(self, plan: Plan, room: _Room, people: tuple[str, ...], changes: Changes) -> None:
        """Invites who is missing; one server that is away does not hold up the others."""
        for user in people:
            if room.is_in(user):
                continue
            event = room.membership.get(user)
            if event is not None and _went(user, event):
                changes.declined.append(user)
                continue
            try:
                if plan.kind is RoomKind.DESK:
                    await self._share_history(room.room_id, user)
                await self._client.invite(room.room_id, user)
                changes.changed.append(f"{plan.kind}: invited {user}")
            except MatrixError as error:
                if error.status in {401, 429}:
                    raise
                changes.uninvited.append((room.room_id, user))
        ours = {*plan.people, self._client.user_id}
        changes.strangers += [user for user in room.membership if room.is_in(user) and user not in ours]


def _went(user_id: str, event: Json) -> bool:
    """Whether they left or declined by themselves, or were banned."""
    membership = event["content"].get("membership")
    return membership == "ban" or (membership == "leave" and event.get("sender") == user_id)
