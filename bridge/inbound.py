"""What came, once it was read: by mail, by a form, on a page, in a room, by a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bridge.model import Attachment, Consultation, Trust


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
