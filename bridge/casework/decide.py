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
from bridge.casework.known_mailing import KnownLeaving
from bridge.casework.letter import resume
from bridge.casework.mail import mail
from bridge.casework.mailing import after_mailing_failed, changed, unsubscribed
from bridge.casework.page import page
from bridge.casework.presence import device, identity, member, plain, trouble, unreadable
from bridge.casework.room import message
from bridge.casework.settings import Settings
from bridge.errors import Broken
from bridge.inbound import (
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
    UnsubscribeIn,
)

__all__ = [
    "Effect",
    "Settings",
    "after_ack_failed",
    "after_broken",
    "after_mail_failed",
    "after_mail_late",
    "after_mail_sent",
    "after_mailing_failed",
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
        case ((PageIn() | ResumeIn() | UnsubscribeIn()), (KnownPage() | KnownLeaving())):
            return _from_pages(inbound, known)
        case ApplyIn(), KnownApply():
            return apply(inbound, known, settings)
        case ((RoomMessage() | RoomPlain() | RoomUnreadable() | RoomRedaction() | RoomMember()), KnownRoom()):
            return _in_room(inbound, known, settings)
        case ((DeviceUnsigned() | IdentityChanged() | ChannelTrouble()), _):
            return _beside_rooms(inbound, settings)
        case _:
            raise _mixed_up()


def _from_pages(inbound: PageIn | ResumeIn | UnsubscribeIn, known: KnownPage | KnownLeaving) -> list[Effect]:
    match inbound, known:
        case PageIn(), KnownPage():
            return page(inbound, known)
        case ResumeIn(), KnownPage():
            return resume(inbound, known)
        case UnsubscribeIn(), KnownLeaving():
            return unsubscribed(inbound, known)
        case _:
            raise _mixed_up()


def _mixed_up() -> Broken:
    return Broken("an item was decided on what is known of something else")


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
            return [*changed(inbound, known), *message(inbound, known, settings)]
        case RoomPlain():
            return plain(inbound, known, settings)
        case RoomUnreadable():
            return unreadable(inbound, known, settings)
        case RoomRedaction():
            return [*changed(inbound, known), *redaction(inbound, known, settings)]
        case RoomMember():
            return member(inbound, known, settings)
