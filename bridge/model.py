"""The words of the house as frozen data: what every room may import, and nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Source(StrEnum):
    """Where an inbox item came from, and where an outbox row goes: the channel's name."""

    EMAIL = "email"
    FORM = "form"
    MATRIX = "matrix"
    COMMAND = "command"


class RoomKind(StrEnum):
    """The rooms the bridge keeps.  `DIRECT` is an unencrypted room with one staff member."""

    SPACE = "space"
    LOBBY = "lobby"
    DESK = "desk"
    CONTROL = "control"
    DIRECT = "direct"


class Status(StrEnum):
    """Of a case: waits for staff, was answered, is locked until staff say who wrote, is over.

    `DISCARDED`: it was locked, and staff said that nothing shall come of it.
    """

    OPEN = "open"
    ANSWERED = "answered"
    LOCKED = "locked"
    CLOSED = "closed"
    DISCARDED = "discarded"


class MailState(StrEnum):
    """Of a staff message on its way to the citizen."""

    WAITING = "waiting"  # in the outbox, may still be changed or stopped
    SENDING = "sending"  # handed to the relay at this moment, or perhaps already accepted
    SENT = "sent"
    FAILED = "failed"
    STOPPED = "stopped"


class Mark(StrEnum):
    """The bridge's reaction on a staff message: its fate."""

    INSIDE = "🔒"
    WAITING = "⏳"
    SENT = "✉️"
    FAILED = "⚠️"


class EventKind(StrEnum):
    """What an event in a case's thread is, by what the ledger knows of it."""

    HEAD = "head"  # the thread's root
    WORDS = "words"  # the citizen's
    NOTICE = "notice"  # the bridge's own
    REPLY = "reply"  # staff's, meant for the citizen
    NOTE = "note"  # staff's, inside
    DOUBT = "doubt"  # staff's, held until `!send`


class Reach(StrEnum):
    """How an answer reaches a citizen.

    `UNCONFIRMED`: they named an address and nobody has shown yet that it is theirs, so that nothing
    personal is mailed to it; the answer stands on their page.
    """

    MAIL = "mail"  # by mail, and on their page where they have one
    PAGE = "page"  # on their page only
    UNCONFIRMED = "unconfirmed"
    NONE = "none"  # there is neither address nor page


class Verdict(StrEnum):
    """Whether a mail comes from whom it names as its author, in three words for people."""

    VERIFIED = "verified"  # the author's own domain vouches for it (an aligned DMARC pass)
    UNVERIFIED = "unverified"  # nobody vouches for it, and nothing speaks against it
    SUSPICIOUS = "suspicious"  # the author's domain disowns it, or it deceives about its author


class Dmarc(StrEnum):
    """What the author's domain says of a mail (RFC 7489).  `FAIL`: and its policy is not `none`."""

    PASS = "pass"  # noqa: S105 - a result, no secret
    NONE = "none"  # no policy, or a failure under the policy `none`
    FAIL = "fail"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Trust:
    """Who wrote a mail, as far as it can be known.  `reasons` are keys of `casework.texts`."""

    verdict: Verdict = Verdict.UNVERIFIED
    dmarc: Dmarc = Dmarc.UNCHECKED
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file with a clean `name`, the `mime` type we believe, and its bytes."""

    name: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation with its own homeserver `server`, and its officers' Matrix user IDs."""

    name: str
    server: str
    officers: tuple[str, ...]
    may_reply: bool = True
    signature: str = ""  # stands below the mails that its officers write


@dataclass(frozen=True, slots=True)
class Consultation:
    """One public matter, as its file says."""

    slug: str
    title: str
    languages: tuple[str, ...]
    mailbox: str
    staff: tuple[str, ...]
    partners: tuple[Partner, ...] = ()
    forms: tuple[str, ...] = ()  # ids of the forms
    signature: str = ""  # stands below the mails of the host's staff

    @property
    def language(self) -> str:
        """The first language: the one the bridge speaks to staff, and to citizens by default."""
        return self.languages[0]

    @property
    def people(self) -> tuple[str, ...]:
        """Every staff member and officer, without repeats."""
        return tuple(dict.fromkeys([*self.staff, *(o for p in self.partners for o in p.officers)]))

    def organisation(self, user_id: str) -> str | None:
        """The partner's name for an officer, "" for host staff, None for a stranger."""
        if user_id in self.staff:
            return ""
        return next((p.name for p in self.partners if user_id in p.officers), None)

    def signs(self, user_id: str) -> str:
        """The signature of the organisation that this user writes for."""
        return next((p.signature for p in self.partners if user_id in p.officers), self.signature)

    def may_reply(self, user_id: str) -> bool:
        """Whether what this user writes in a case's thread may go to a citizen."""
        return user_id in self.staff or any(p.may_reply and user_id in p.officers for p in self.partners)


@dataclass(frozen=True, slots=True)
class Participant:
    """The citizen behind a case.  `address` is None when they left none.

    `bounces`: so many mails to it came back for good since the citizen last wrote.
    """

    id: int
    name: str
    address: str | None
    language: str
    bounces: int = 0
    reach: Reach = Reach.MAIL


@dataclass(frozen=True, slots=True)
class Case:
    """One citizen's conversation.  `root` and `latest` are event IDs once delivered."""

    id: int
    reference: str
    slug: str
    participant: Participant
    channel: Source
    status: Status
    subject: str
    room_id: str
    root: str | None = None
    latest: str | None = None
    claims: str | None = None  # a locked case: the reference it claims to belong to
    trust: Verdict | None = None  # of the mail that opened it, where that was checked
    page: int | None = None  # the ID of the citizen's page, where they have one

    @property
    def locked(self) -> bool:
        return self.status is Status.LOCKED
