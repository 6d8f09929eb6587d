"""What happens without words: joins, devices, identities, messages nobody can read, edges in trouble."""

from __future__ import annotations

from bridge.casework.effects import Direct, Effect, Invite, Notice, Reply, SetMark, Stay, Tell
from bridge.casework.known import KnownRoom
from bridge.casework.settings import Settings
from bridge.casework.texts import say
from bridge.inbound import (
    ChannelTrouble,
    DeviceUnsigned,
    IdentityChanged,
    RoomMember,
    RoomPlain,
    RoomUnreadable,
)
from bridge.model import Case, Mark, RoomKind

_WATCHED = (RoomKind.SPACE, RoomKind.LOBBY, RoomKind.DESK)


def plain(said: RoomPlain, known: KnownRoom, settings: Settings) -> list[Effect]:
    """An unencrypted message is never obeyed; where staff may have meant it, they are told."""
    if known.kind is RoomKind.CONTROL:
        text = say(settings.language, "control_plain", user=said.sender)
        return [Reply(said.room_id, text, said.event_id)]
    case = _case(said.room_id, known)
    if case is None or said.sender in settings.ours:
        return []
    text = say(_language(known, settings), "not_sent_plain")
    return [
        SetMark(said.room_id, said.event_id, Mark.FAILED),
        Notice(case.id, text, said.event_id),
    ]


def unreadable(said: RoomUnreadable, known: KnownRoom, settings: Settings) -> list[Effect]:
    """Said once; the item stays parked for its key."""
    if known.kind is None:
        return []
    text = say(_language(known, settings), "unreadable", user=said.sender)
    case = _case(said.room_id, known)
    if case is not None:
        return [Notice(case.id, text, said.event_id), Stay()]
    return [Reply(said.room_id, text, said.event_id), Stay()]


def member(changed: RoomMember, known: KnownRoom, settings: Settings) -> list[Effect]:
    """Who joined the lobby is invited to the desk; who joins without being listed is reported."""
    user, consultation = changed.user_id, known.consultation
    if changed.membership != "join" or user in settings.ours:
        return []
    if known.kind is RoomKind.CONTROL:
        foreign = user not in known.operators
        return [Tell(say(settings.language, "tell_foreign_control", user=user))] if foreign else []
    if known.kind not in _WATCHED or consultation is None:
        return []
    if user in consultation.people:
        return [Invite(consultation.slug, RoomKind.DESK, user)] if known.kind is RoomKind.LOBBY else []
    if user in known.operators:
        return []
    room = say(settings.language, f"room_{known.kind.value}")
    return [Tell(say(settings.language, "tell_foreign", user=user, room=room, slug=consultation.slug))]


def device(unsigned: DeviceUnsigned, settings: Settings) -> list[Effect]:
    """Clients do not say why they can read nothing: the bridge does, and what to click."""
    return [Direct(unsigned.user_id, say(settings.language, "direct_device", device=unsigned.device))]


def identity(changed: IdentityChanged, settings: Settings) -> list[Effect]:
    """Operators hear of replaced keys, and of the remedy."""
    return [Tell(say(settings.language, "tell_identity", user=changed.user_id))]


def trouble(told: ChannelTrouble, settings: Settings) -> list[Effect]:
    """Operators hear once a day of what keeps an edge from its work."""
    values = dict(told.values)
    once = " ".join([told.key, *(v for k, v in told.values if k != "count")])
    return [Tell(say(settings.language, f"tell_{told.key}", **values), once=once)]


def _case(room_id: str, known: KnownRoom) -> Case | None:
    return known.case if known.case is not None and known.case.room_id == room_id else None


def _language(known: KnownRoom, settings: Settings) -> str:
    return known.consultation.language if known.consultation is not None else settings.language
