"""The heart: what came and what is known become effects.  Pure: no clock, no database, no network.

decide(inbound, known, settings) ─> effects, to be settled in one commit
"""

from __future__ import annotations

from bridge.casework.aftermath import (
    after_ack_failed,
    after_broken,
    after_mail_failed,
    after_mail_late,
    after_mail_sent,
    after_provisioned,
)
from bridge.casework.apply import apply
from bridge.casework.edits import redaction
from bridge.casework.effects import Effect
from bridge.casework.form import form
from bridge.casework.known import Known, KnownApply, KnownForm, KnownMail, KnownPage, KnownRoom
from bridge.casework.letter import resume
from bridge.casework.mail import mail
from bridge.casework.page import page
from bridge.casework.presence import device, identity, member, plain, trouble, unreadable
from bridge.casework.room import message
from bridge.casework.settings import Settings
from bridge.errors import Broken
from bridge.model import (
    ApplyIn,
    ChannelTrouble,
    DeviceUnsigned,
    FormIn,
    IdentityChanged,
    Inbound,
    MailIn,
    PageIn,
    ResumeIn,
    RoomMember,
    RoomMessage,
    RoomPlain,
    RoomRedaction,
    RoomUnreadable,
)

__all__ = [
    "Effect",
    "Settings",
    "after_ack_failed",
    "after_broken",
    "after_mail_failed",
    "after_mail_late",
    "after_mail_sent",
    "after_provisioned",
    "decide",
]


def decide(inbound: Inbound, known: Known, settings: Settings) -> list[Effect]:
    """What `inbound` brings about, given what is `known`.

    Raises `Refuse` with words for whoever asked, `Retry` when it must wait for something else, and
    `Broken` when it can never be decided.
    """
    match inbound, known:
        case MailIn(), KnownMail():
            return mail(inbound, known, settings)
        case FormIn(), KnownForm():
            return form(inbound, known, settings)
        case ((PageIn() | ResumeIn()), KnownPage()):
            return page(inbound, known) if isinstance(inbound, PageIn) else resume(inbound, known)
        case ApplyIn(), KnownApply():
            return apply(inbound, known, settings)
        case ((RoomMessage() | RoomPlain() | RoomUnreadable() | RoomRedaction() | RoomMember()), KnownRoom()):
            return _in_room(inbound, known, settings)
        case ((DeviceUnsigned() | IdentityChanged() | ChannelTrouble()), _):
            return _beside_rooms(inbound, settings)
        case _:
            raise Broken("an item was decided on what is known of something else")


def _beside_rooms(
    inbound: DeviceUnsigned | IdentityChanged | ChannelTrouble, settings: Settings
) -> list[Effect]:
    match inbound:
        case DeviceUnsigned():
            return device(inbound, settings)
        case IdentityChanged():
            return identity(inbound, settings)
        case ChannelTrouble():
            return trouble(inbound, settings)


def _in_room(
    inbound: RoomMessage | RoomPlain | RoomUnreadable | RoomRedaction | RoomMember,
    known: KnownRoom,
    settings: Settings,
) -> list[Effect]:
    match inbound:
        case RoomMessage():
            return message(inbound, known, settings)
        case RoomPlain():
            return plain(inbound, known, settings)
        case RoomUnreadable():
            return unreadable(inbound, known, settings)
        case RoomRedaction():
            return redaction(inbound, known, settings)
        case RoomMember():
            return member(inbound, known, settings)
