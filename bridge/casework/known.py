"""What is known when an item is decided: looked up by the ledger, read by `decide`."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.casework.known_mailing import NO_MAILING, KnownLeaving, KnownMailing
from bridge.model import Case, Consultation, EventKind, MailState, RoomKind


@dataclass(frozen=True, slots=True)
class EventRef:
    """An event of a case that the ledger remembers.

    `threaded`: clients show it inside the thread; a plain reply to what stands outside does
    not belong to the case.
    """

    event_id: str
    room_id: str
    case_id: int
    kind: EventKind
    sender: str
    device: str | None
    ts: int
    threaded: bool = True


@dataclass(frozen=True, slots=True)
class Returned:
    """The mail of ours whose signed return path a mail came to; `event_id`: the staff message it was."""

    case: Case
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """New cases that mails and forms asked for within the last hour, this one not counted."""

    address: int = 0
    network: int = 0
    consultation: int = 0


@dataclass(frozen=True, slots=True)
class HeldMail:
    """Something that is held back: its inbox ID, the code staff name it by, why, and what it says."""

    id: int
    code: str
    why: str  # a key of casework.texts
    at: int
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    excerpt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownMail:
    """For a `MailIn`.  `consultation` None: no such mailbox any more.

    `desk`: its room ID, None while it is not there.  `released`: staff took the mail out of what
    was held back.
    """

    consultation: Consultation | None
    by_token: Case | None = None  # the case whose reply token the mail carries
    token_revoked: bool = False
    by_references: Case | None = None  # the case one of whose mails the References name
    acknowledged_today: int = 0  # acknowledgements to this address in the last 24 hours
    returned: Returned | None = None
    traffic: Traffic = Traffic()
    released: bool = False
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class KnownForm:
    """For a `FormIn`.  `acknowledged_today`: mails in fixed words to its address in 24 hours.

    `confirmed`: on the page of this very form the address was shown to be theirs; `released`: staff
    took it out of what is held.
    """

    consultation: Consultation | None
    acknowledged_today: int = 0
    confirmed: bool = False
    released: bool = False
    traffic: Traffic = Traffic()
    desk: str | None = None


@dataclass(frozen=True, slots=True)
class KnownPage:
    """For a `PageIn` and a `ResumeIn`.

    `case` None: what was sent there waits, or staff dropped it (`held` tells), or the page is gone
    (then `consultation` is None).  `held`: it is held back, or not settled yet; `item` is its inbox
    ID while it is held back.  `address`: the one they named; `confirmed` as for a form; `title` of
    the form in the citizen's language, `receipt` its JSON text; `desk` is the desk's room ID.
    `released`: staff took this very act out of what is held.
    """

    consultation: Consultation | None
    case: Case | None = None
    address: str | None = field(default=None, repr=False)
    language: str = ""
    reference: str = ""
    title: str = field(default="", repr=False)
    confirmed: bool = False
    held: bool = False
    item: int | None = None
    receipt: str = field(default="", repr=False)
    desk: str | None = None
    released: bool = False
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class KnownRoom:
    """For everything that happens in a room.  `kind` None: not a room of ours.

    `case` is found by the thread's root, else by the event replied to or edited;
    `replied`, `target` (of an edit or redaction) and `last` (the same sender's and device's
    newest message in a thread of this room within 120 s) are events the ledger remembers;
    `mail` is the state of the target's mail; `doubts` are the case's open ones, newest last;
    `named` is the case that a command names; for a bare `!join` the one that the case claims.
    """

    kind: RoomKind | None
    consultation: Consultation | None = None
    case: Case | None = None
    replied: EventRef | None = None
    target: EventRef | None = None
    mail: MailState | None = None
    last: EventRef | None = None
    doubts: tuple[EventRef, ...] = ()
    named: Case | None = None
    corrected: bool = False  # an earlier text of the target was sent already
    held: tuple[HeldMail, ...] = ()  # for a command about what is held back
    operators: tuple[str, ...] = ()
    mailing: KnownMailing = NO_MAILING  # for `!mail`, and what happens to the message of one


@dataclass(frozen=True, slots=True)
class KnownApply:
    """For an `ApplyIn`: what the ledger holds of that slug, None when it is new.

    `forms_taken`: those of its forms' ids that another consultation has, each with that one's slug.
    """

    before: Consultation | None
    digest: str | None = None
    mailbox_taken_by: str | None = None
    forms_taken: tuple[tuple[str, str], ...] = ()


Known = KnownMail | KnownForm | KnownPage | KnownLeaving | KnownRoom | KnownApply
