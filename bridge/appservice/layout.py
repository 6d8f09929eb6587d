"""What our rooms should look like, as state events.  PURE: names and people in, contents out.

    kind     encrypted  who joins                         who invites
    space    no         by invitation                     the bot, one moderator a partner
    lobby    yes        members of the space, or invited  the bot, one moderator a partner
    desk     yes        invited by the bot                the bot
    control  yes        invited by the bot                the bot
    direct   no         invited by the bot                the bot

A partner needs a moderator because a restricted join works, while our server is away, only
through a server that has somebody with the invite right.  No partner is ever a creator.
Sources: Client-Server API, "Spaces", "Restricted rooms", "m.room.server_acl"; MSC4289
(creators of version 12 reign without being listed).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.appservice.registration import PREFIX
from bridge.model import Consultation, Json, RoomKind

State = dict[tuple[str, str], Json]
"""State type and state key to content."""

MEGOLM = "m.megolm.v1.aes-sha2"
ENCRYPTION: Json = {
    "algorithm": MEGOLM,
    "rotation_period_ms": 24 * 60 * 60 * 1000,
    "rotation_period_msgs": 1000,  # the default of 100 means a new session every second under load
}
_BOT_LEVEL = 100
_MODERATOR = 50


def opaque_alias(secret: bytes, kind: RoomKind, key: str) -> str:
    """The local part of a room's alias: always the same for the same room, and says nothing of it."""
    digest = hmac.new(secret, f"{kind}\0{key}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b32encode(digest[:20]).decode("ascii").lower()


def server_of(user_id: str) -> str:
    """The server name in a user ID."""
    return user_id.partition(":")[2]


def reigning_creator(version: str) -> bool:
    """Whether creators of this room version stand above all power levels (MSC4289)."""
    return version == "org.matrix.hydra.11" or (version.isdecimal() and int(version) >= 12)


def server_acl(servers: Iterable[str]) -> Json:
    """Exactly these servers, each with and without a port.

    Raises ValueError when there is none: such an ACL would lock everybody out for ever.
    """
    hosts = sorted({_host(server) for server in servers})
    if not hosts:
        raise ValueError("an ACL needs at least our own server")
    return {
        "allow": [form for host in hosts for form in (host, f"{host}:*")],
        "deny": [],
        "allow_ip_literals": any(_is_ip(host) for host in hosts),
    }


def _host(server: str) -> str:
    """The name without its port; an IPv6 literal keeps its brackets."""
    if server.startswith("["):
        return server.partition("]")[0] + "]"
    return server.partition(":")[0]


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Plan:
    """One room as it should be.  `servers` begins with our own; `key` names it in its alias."""

    kind: RoomKind
    key: str
    name: str | None
    servers: tuple[str, ...]
    people: tuple[str, ...]
    moderators: tuple[str, ...] = ()

    @property
    def encrypted(self) -> bool:
        return self.kind in {RoomKind.LOBBY, RoomKind.DESK, RoomKind.CONTROL}


def plans(consultation: Consultation, server_name: str) -> dict[RoomKind, Plan]:
    """The three rooms of a consultation.  Names hold its public title and nothing of a person."""
    servers = tuple(
        dict.fromkeys(
            [server_name, *(p.server for p in consultation.partners), *map(server_of, consultation.people)]
        )
    )
    moderators = tuple(p.officers[0] for p in consultation.partners if p.officers)
    names = {
        RoomKind.SPACE: consultation.title,
        RoomKind.LOBBY: f"{consultation.title} – Lobby",
        RoomKind.DESK: f"{consultation.title} – Desk",
    }
    return {
        kind: Plan(
            kind,
            consultation.slug,
            name,
            servers,
            consultation.people,
            () if kind is RoomKind.DESK else moderators,
        )
        for kind, name in names.items()
    }


def control_plan(operators: Sequence[str], server_name: str) -> Plan:
    """The operators' room."""
    servers = tuple(dict.fromkeys([server_name, *map(server_of, operators)]))
    return Plan(RoomKind.CONTROL, "", "Folkmoot – Control room", servers, tuple(operators))


def direct_plan(user_id: str, server_name: str) -> Plan:
    """An unencrypted room with one staff member."""
    servers = tuple(dict.fromkeys([server_name, server_of(user_id)]))
    return Plan(RoomKind.DIRECT, user_id, None, servers, (user_id,))


def power_levels(plan: Plan, bot: str, version: str) -> Json:
    """Who may do what: people talk, moderators invite, the bot rules."""
    users = {user: _MODERATOR for user in plan.moderators}
    if not reigning_creator(version):
        users[bot] = _BOT_LEVEL
    return {
        "users": users,
        "users_default": 0,
        "events": {},
        "events_default": _BOT_LEVEL if plan.kind is RoomKind.SPACE else 0,
        "state_default": _BOT_LEVEL,
        "invite": _MODERATOR if plan.kind in {RoomKind.SPACE, RoomKind.LOBBY} else _BOT_LEVEL,
        "kick": _BOT_LEVEL,
        "ban": _BOT_LEVEL,
        "redact": _BOT_LEVEL,
        "notifications": {"room": _BOT_LEVEL},
    }


def base_state(plan: Plan, servers: Iterable[str] | None = None) -> State:
    """The room's own state, but for power levels and for what refers to other rooms.

    `servers` replaces the plan's in the ACL.
    """
    state: State = {
        ("m.room.join_rules", ""): {"join_rule": "invite"},
        ("m.room.history_visibility", ""): {"history_visibility": "shared"},
        ("m.room.guest_access", ""): {"guest_access": "forbidden"},
        ("m.room.server_acl", ""): server_acl(plan.servers if servers is None else servers),
    }
    if plan.encrypted:
        state["m.room.encryption", ""] = dict(ENCRYPTION)
    if plan.name is not None:
        state["m.room.name", ""] = {"name": plan.name}
    return state


def links(kind: RoomKind, rooms: dict[RoomKind, str], servers: Sequence[str]) -> State:
    """What ties a consultation's rooms together.  Room IDs of version 12 need `via`."""
    via = list(servers)
    if kind is RoomKind.SPACE:
        return {
            ("m.space.child", rooms[RoomKind.LOBBY]): {"via": via, "suggested": True, "order": "a"},
            ("m.space.child", rooms[RoomKind.DESK]): {"via": via, "suggested": False, "order": "b"},
        }
    state: State = {("m.space.parent", rooms[RoomKind.SPACE]): {"via": via, "canonical": True}}
    if kind is RoomKind.LOBBY:
        state["m.room.join_rules", ""] = {
            "join_rule": "restricted",
            "allow": [{"type": "m.room_membership", "room_id": rooms[RoomKind.SPACE]}],
        }
    return state


def creation(plan: Plan, alias: str, bot: str, version: str) -> Json:
    """The body of `createRoom`; nobody is invited yet."""
    state = base_state(plan)
    body: Json = {
        "room_alias_name": alias,
        "preset": "private_chat",
        "visibility": "private",
        "room_version": version,
        "initial_state": [
            {"type": kind, "state_key": key, "content": content} for (kind, key), content in state.items()
        ],
        "power_level_content_override": power_levels(plan, bot, version),
    }
    if plan.kind is RoomKind.SPACE:
        body["creation_content"] = {"type": "m.space"}
    if plan.kind is RoomKind.DIRECT:
        body["is_direct"] = True
    return body
