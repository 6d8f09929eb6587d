"""What a decision brings about: settled by the ledger in one commit.

`case` is a case's ID, or None for the case that an `OpenCase` of the same decision opens.
Nothing here acts by itself; each effect becomes rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.casework import effects_mailing, effects_page
from bridge.model import (
    Attachment,
    Consultation,
    EventKind,
    Mark,
    Reach,
    RoomKind,
    Source,
    Status,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A new case with its participant and reply token; posts the head line.

    `claims`: the reference a locked case says it belongs to.  `reference` None: the ledger
    makes one.  `page`: the ID of the citizen's page, which is the case's from now on;
    `retention_days`: how long after its end the case is kept, None for ever.
    """

    slug: str
    channel: Source
    name: str
    address: str | None
    language: str
    subject: str
    reference: str | None = None
    locked: bool = False
    claims: str | None = None
    trust: Verdict | None = None
    reach: Reach = Reach.MAIL
    page: int | None = None
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The citizen's words and files, posted in the thread under their name.

    `message_id`: of the mail they came in, for the References of the answer; `folded`: signature
    and disclaimer, shown folded below the words.  `own`: the same in the citizen's language, for
    their page and for quotes in mails to them, where staff read it in another; `change`: they are
    answers that were changed.
    """

    case: int | None
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    files: tuple[Attachment, ...] = ()
    message_id: str | None = None
    folded: str = field(default="", repr=False)
    own: str = field(default="", repr=False)
    change: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """The bridge's own words in the thread; `to` is the event it answers."""

    case: int | None
    text: str = field(repr=False)
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The bridge's own words in a room outside any thread (lobby, desk, control room).

    `once`: as for `Tell`.
    """

    room_id: str
    text: str = field(repr=False)
    to: str | None = None
    once: str = ""


@dataclass(frozen=True, slots=True)
class Tell:
    """A line for the operators in the control room; never a word of a citizen.

    `once`: lines with the same one are said once a day (UTC), however often they come.
    """

    text: str
    once: str = ""


@dataclass(frozen=True, slots=True)
class Direct:
    """A line for one staff member in a direct room, unencrypted: never a citizen's word."""

    user_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """The case's status; the head line is edited when it changes."""

    case: int | None
    status: Status


@dataclass(frozen=True, slots=True)
class SetMark:
    """The bridge's one reaction on a staff message; replaces the former one."""

    room_id: str
    event_id: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Record:
    """Remember what this event of a case is.  `threaded`: clients show it inside the thread."""

    event_id: str
    room_id: str
    case: int
    kind: EventKind
    sender: str
    device: str | None
    ts: int
    threaded: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep a doubtful message, sealed, until `!send`.  Its event is recorded before it as a doubt."""

    event_id: str
    case: int
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    files: tuple[Attachment, ...]
    from_name: str
    organisation: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Send a held message now: it becomes a mail as if it had been a `Mail`."""

    event_id: str
    wait: float


@dataclass(frozen=True, slots=True)
class Mail:
    """An answer to the citizen, to be sent after `wait` seconds."""

    case: int
    event_id: str
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    files: tuple[Attachment, ...]
    from_name: str
    organisation: str
    wait: float
    signature: str = ""
    correction: bool = False  # the citizen has an earlier text of this message


@dataclass(frozen=True, slots=True)
class ChangeMail:
    """Another text for a mail that still waits; also for a held doubt."""

    event_id: str
    text: str = field(repr=False)
    html: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class StopMail:
    """Take back a mail that still waits, or a held doubt."""

    event_id: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The one acknowledgement of a case: reference and privacy line, in fixed words.

    `copy`: what was sent, to an address that is known to be theirs; then the mail is `ack_copy_…`
    of `casework.texts`, filled with `reference`, `title`, `copy` and `page`, the page's address.
    Without it the mail is `ack_…`, filled with `reference` and `title`.
    """

    case: int | None
    copy: str = field(default="", repr=False)


Letter = effects_page.Letter
Confirmed = effects_page.Confirmed
SetReach = effects_page.SetReach
SetLanguage = effects_page.SetLanguage
Step = effects_page.Step
Forget = effects_page.Forget
ForgetPage = effects_page.ForgetPage
KeepMailing = effects_mailing.KeepMailing
EndMailing = effects_mailing.EndMailing
MailOne = effects_mailing.MailOne
StopMailing = effects_mailing.StopMailing
NoMailings = effects_mailing.NoMailings


@dataclass(frozen=True, slots=True)
class Unlock:
    """A locked case becomes a case of its own right, with a reply token that may go out."""

    case: int


@dataclass(frozen=True, slots=True)
class Join:
    """A locked case's words move into the case `into`; the locked one is closed."""

    case: int
    into: int


@dataclass(frozen=True, slots=True)
class Discard:
    """A locked case of which nothing shall come."""

    case: int


@dataclass(frozen=True, slots=True)
class Bounced:
    """A mail to the case's citizen came back for good."""

    case: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The citizen has written: what came back before is history."""

    case: int


@dataclass(frozen=True, slots=True)
class Original:
    """Post the mail as it came, as an encrypted file; `to` names the citizen's message, or None: the latest.

    `missing` is said in the thread when it is not kept any more.
    """

    case: int
    to: str | None
    answer: str  # the event that asked
    missing: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail asked for a new case: counted for the brake."""

    slug: str
    address: str | None = field(repr=False)
    network: str


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Keep this mail, form or page act out of the room until staff say what becomes of it.

    `why` is a key of the words.  The item stays the ledger's until `ReleaseHeld` or `DiscardHeld`
    names it, or until `Confirmed` frees a form that was held for it (`held_unconfirmed`).
    """

    slug: str
    why: str
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    excerpt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReleaseHeld:
    """These held mails are read again, and pass."""

    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DiscardHeld:
    """Nothing comes of these held mails; the originals go after the usual days.

    `withdrawn`: it was the sender who said so, on their page.
    """

    items: tuple[int, ...]
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Provision:
    """Make the real rooms what the consultation's file says; its `forms` open."""

    consultation: Consultation
    digest: str
    forms: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Invite:
    """Invite somebody who belongs there into a room of the consultation."""

    slug: str
    room: RoomKind
    user_id: str


@dataclass(frozen=True, slots=True)
class ConfirmIdentity:
    """Pin the user's present master key: an operator said so."""

    user_id: str


@dataclass(frozen=True, slots=True)
class Stay:
    """The item stays parked until its key comes; staff have been told."""


Effect = (
    OpenCase
    | Words
    | Notice
    | Reply
    | Tell
    | Direct
    | Move
    | SetMark
    | Record
    | Hold
    | Release
    | Mail
    | ChangeMail
    | StopMail
    | Acknowledge
    | Letter
    | Confirmed
    | SetReach
    | SetLanguage
    | Step
    | Forget
    | ForgetPage
    | KeepMailing
    | EndMailing
    | MailOne
    | StopMailing
    | NoMailings
    | Unlock
    | Join
    | Discard
    | Bounced
    | Reached
    | Original
    | Arrived
    | HoldBack
    | ReleaseHeld
    | DiscardHeld
    | Provision
    | Invite
    | ConfirmIdentity
    | Stay
)
