"""The words of the house as frozen data: what every room may import, and nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

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


# ------------------------------------------------------------------ what came, once read


@dataclass(frozen=True, slots=True)
class MailReport:
    """What a mail server says became of one of our mails (RFC 3464), or that somebody complained.

    `reason` is a key of `casework.texts` (`bounce_…`), `status` the enhanced code (RFC 3463) or "".
    """

    kind: Literal["failed", "delayed", "complaint"]
    permanent: bool
    reason: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class MailIn:
    """A mail for one of our mailboxes, read.

    `mailbox` is the local part without delimiter and token, in lower case; `token` the part
    after it.  `from_address` is None when From is missing, several, or two parsers disagree.
    `text` is what the citizen wrote, without the quoted mail below.  `automatic` says that
    nobody must be answered (RFC 3834 and the field's headers, or a null return path).

    `returned` is the outbox ID of the mail whose return path it came to; `reports` what it then
    reports of that mail.  `folded` are signature and disclaimer, `remarks` keys of
    `casework.texts` for what the mail is (`kind_…`), `invitations` readable lines.  `spam`: a
    trusted hop says so; `virus`: what the scanner found; `network`: where it came from, "" when
    that is not known.
    """

    mailbox: str
    token: str | None
    from_address: str | None
    from_name: str
    subject: str
    text: str
    html: str | None
    message_id: str | None
    references: tuple[str, ...]
    automatic: bool
    attachments: tuple[Attachment, ...] = ()
    warnings: tuple[str, ...] = ()  # keys of casework.texts: what could not be read as it was sent
    trust: Trust | None = None  # None: nobody looked
    folded: str = field(default="", repr=False)
    remarks: tuple[str, ...] = ()
    invitations: tuple[str, ...] = field(default=(), repr=False)
    returned: int | None = None
    reports: tuple[MailReport, ...] = ()
    spam: bool = False
    virus: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """One question of a form with its answer, in the citizen's language and in that of the desk.

    `staff_label` and `staff_text` are in the consultation's first language where the form has it;
    what people wrote in their own words is the same in both.  `personal`: it says who they are.
    """

    id: str
    label: str
    text: str = field(repr=False)
    staff_label: str
    staff_text: str = field(repr=False)
    personal: bool = False


@dataclass(frozen=True, slots=True)
class FormIn:
    """A form that was sent.  `answers` in the order of the form, without name and address.

    `page` is the ID of the citizen's page.  `confirm` says whether the address has to be shown to be
    theirs `before` the case opens, `after`, or not at all.  `notice` is the version of the privacy
    notice that was shown in `language`; `digest` the SHA-256 of the receipt, in hex.
    `suspicions` are keys of `casework.texts` (`spam_…`); `network`: where it came from, or "".
    `remarks` and `virus` as those of a mail: what the scanner said of its files.
    """

    slug: str
    form: str
    title: str
    staff_title: str
    reference: str
    language: str
    name: str = field(repr=False)
    address: str | None = field(repr=False)
    answers: tuple[FormAnswer, ...]
    attachments: tuple[Attachment, ...] = ()
    page: int = 0
    confirm: Literal["none", "before", "after"] = "none"
    notice: str = ""
    digest: str = ""
    suspicions: tuple[str, ...] = ()
    network: str = ""
    retention_days: int | None = None
    remarks: tuple[str, ...] = ()
    virus: str = ""


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer that the citizen changed; "" is none."""

    label: str
    before: str = field(repr=False)
    after: str = field(repr=False)


PageAct = Literal[
    "write", "change", "confirm", "remind", "withdraw", "erase", "language", "by_mail", "by_page"
]
"""What a citizen can do on the page of their case.  `remind`: send the confirmation mail once more."""


@dataclass(frozen=True, slots=True)
class PageIn:
    """What a citizen did on the page with the ID `page`.

    `text` and `attachments` of `write`, `changes` of `change` (labels in the desk's language),
    `language` of `language`; `remarks` and `virus` as those of a mail.
    """

    page: int
    act: PageAct
    text: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    changes: tuple[AnswerChange, ...] = ()
    language: str = ""
    remarks: tuple[str, ...] = ()
    virus: str = ""


@dataclass(frozen=True, slots=True)
class ResumeIn:
    """Somebody wants to come back to a form and asks for the link by mail."""

    slug: str
    form: str
    title: str
    language: str
    address: str = field(repr=False)
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnsubscribeIn:
    """Somebody, or their mail program, ended the mailings to them: the participant with this ID."""

    participant: int


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """A decrypted `m.room.message` of a user in a room we keep, taken apart by `appservice.events`.

    `trusted`: the sending device is signed under the sender's pinned identity.  For an edit
    (`replaces` set) the text, HTML and flags are those of `m.new_content`.  `text` and `html`
    are already without `<mx-reply>` and without the quote of the message replied to.
    """

    room_id: str
    event_id: str
    sender: str
    sender_name: str
    device: str | None
    trusted: bool
    ts: int
    msgtype: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    thread: str | None = None  # the event ID of an `m.thread` relation
    reply_to: str | None = None  # `m.in_reply_to`
    falling_back: bool = False  # `is_falling_back` is true: the reply is only for old clients
    replaces: str | None = None  # `m.replace`
    inside: bool = False  # begins with `!`, `！` or `/`, in the text or the HTML
    mention_first: bool = False  # begins with a mention of somebody
    disagree: bool = False  # text and HTML say different things once quotes are gone
    captioned: bool = False  # a file whose body is not its name
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomPlain:
    """An unencrypted message in an encrypted room: never obeyed, its sender is told."""

    room_id: str
    event_id: str
    sender: str
    thread: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class RoomUnreadable:
    """An event whose key has not come within two minutes; it stays parked for it."""

    room_id: str
    event_id: str
    sender: str
    thread: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class RoomRedaction:
    """Somebody redacted `target`."""

    room_id: str
    event_id: str
    sender: str
    target: str


@dataclass(frozen=True, slots=True)
class RoomMember:
    """A membership of a room we keep changed."""

    room_id: str
    event_id: str
    user_id: str
    membership: str


@dataclass(frozen=True, slots=True)
class DeviceUnsigned:
    """A staff device that gets no key because its owner has not cross-signed it."""

    user_id: str
    device: str


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """A user's cross-signing master key is no longer the pinned one."""

    user_id: str


@dataclass(frozen=True, slots=True)
class ApplyIn:
    """A request of the command or of the start: create or update a consultation.

    `forms` are the texts of its forms' files, in the order of `consultation.forms`.
    """

    consultation: Consultation
    digest: str
    forms: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ChannelTrouble:
    """An edge is in trouble that operators can end.  `key` is one of `casework.texts` (`tell_…`).

    `values` fill its sentence and hold nothing personal.
    """

    key: str
    values: tuple[tuple[str, str], ...] = ()


Inbound = (
    MailIn
    | FormIn
    | PageIn
    | ResumeIn
    | UnsubscribeIn
    | RoomMessage
    | RoomPlain
    | RoomUnreadable
    | RoomRedaction
    | RoomMember
    | DeviceUnsigned
    | IdentityChanged
    | ApplyIn
    | ChannelTrouble
)
