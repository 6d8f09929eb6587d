"""The rules, one function each: no words, no effects, only answers.

Where a rule is not sure that somebody meant the citizen, its answer is the careful one: a
wrong mail cannot be recalled.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bridge.casework.known import EventRef, KnownForm, KnownMail, KnownRoom
from bridge.casework.settings import Brake
from bridge.inbound import FormIn, MailIn, RoomMessage
from bridge.model import Case, Consultation, Dmarc, EventKind, Reach, Status, Verdict

NEAR_MS = 120_000
"""A file without relation this soon after its sender's message in a thread may belong to it."""

FILES = frozenset({"m.image", "m.file", "m.audio", "m.video"})
SPOKEN = FILES | {"m.text"}
"""What can go to a citizen; notices, emotes, stickers, polls and locations never do."""


# ------------------------------------------------------------------ mail


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a mail belongs: it `joins` a case, or opens one; then locked if it `claims` another."""

    joins: Case | None = None
    claims: Case | None = None
    why: str = ""  # the key of the words that explain the claim


def same_address(one: str | None, other: str | None) -> bool:
    """Whether two addresses are one person's; local parts differ by case for nobody in practice."""
    return one is not None and other is not None and one.strip().casefold() == other.strip().casefold()


def binding(mail: MailIn, known: KnownMail) -> Binding:
    """Who joins a case.

    The token opens the case but does not prove the person: the address must be the case's own, and
    its domain must not disown the mail.  References are no secret: they join only where the
    domain vouches for the mail.  Everything else opens a locked case that says what it claims.
    """
    dmarc = Dmarc.UNCHECKED if mail.trust is None else mail.trust.dmarc
    case = known.by_token
    if case is not None:
        if known.token_revoked:
            return Binding(claims=case, why="locked_revoked")
        if not _is_theirs(mail, case, known):
            return Binding(claims=case, why="locked_token")
        return Binding(claims=case, why="locked_disowned") if dmarc is Dmarc.FAIL else Binding(joins=case)
    case = known.by_references
    if case is not None:
        if _is_theirs(mail, case, known) and dmarc is Dmarc.PASS:
            return Binding(joins=case)
        return Binding(claims=case, why="locked_references")
    return Binding()


def _is_theirs(mail: MailIn, case: Case, known: KnownMail) -> bool:
    ours = known.consultation is not None and case.slug == known.consultation.slug
    return ours and same_address(mail.from_address, case.participant.address)


def doubtful(mail: MailIn) -> bool:
    """Whether something speaks against the author that the mail names: nothing goes to that address."""
    return mail.trust is not None and mail.trust.verdict is Verdict.SUSPICIOUS


def brake(mail: MailIn, known: KnownMail, limits: Brake) -> str | None:
    """Why a mail that would open a case is held back: the key of the words, or None."""
    if known.released or known.desk is None:
        return None
    if mail.spam or mail.reports:
        return "held_spam" if mail.spam else "held_report"
    return _too_much(mail.from_address, mail.network, known, limits)


def _too_much(address: str | None, network: str, known: KnownMail | KnownForm, limits: Brake) -> str | None:
    traffic = known.traffic
    if address is not None and traffic.address >= limits.per_address:
        return "held_address"
    if network and traffic.network >= limits.per_network:
        return "held_network"
    return "held_consultation" if traffic.consultation >= limits.per_consultation else None


# ------------------------------------------------------------------ forms

LETTERS_A_DAY = 1
"""Mails in fixed words to an address that a form names: it may be anybody's."""


def form_brake(sent: FormIn, known: KnownForm, limits: Brake) -> str | None:
    """Why a form is held back: the key of the words, or None.

    Whoever has shown that the address is theirs is a person, however the form looks: that is the way
    in for everybody whom a sign of spam would shut out.
    """
    if known.released or known.confirmed or known.desk is None:
        return None
    if sent.suspicions:
        return "held_spam_form"
    return _too_much(sent.address, sent.network, known, limits)


def waits_for_sender(sent: FormIn, known: KnownForm) -> bool:
    """Whether a form waits until the address in it is confirmed."""
    return sent.confirm == "before" and reach(sent, known) is Reach.UNCONFIRMED and not known.released


def reach(sent: FormIn, known: KnownForm) -> Reach:
    """How answers reach the sender of a form."""
    if sent.address is None:
        return Reach.PAGE if sent.page else Reach.NONE
    return Reach.MAIL if known.confirmed or sent.confirm == "none" else Reach.UNCONFIRMED


# ------------------------------------------------------------------ what comes for a case


def reopens(case: Case, automatic: bool) -> bool:
    """Whether new words of the citizen put the case back on the pile."""
    return not automatic and case.status in (Status.ANSWERED, Status.CLOSED)


# ------------------------------------------------------------------ what belongs to a case


class Place(Enum):
    """Where a message stands, as clients show it and the ledger knows it."""

    OUTSIDE = auto()  # nothing to do with a case
    THREAD = auto()  # inside a case's thread
    BESIDE = auto()  # answers the case, but stands outside its thread
    NEAR = auto()  # a file without relation, soon after a message in a thread


def place(message: RoomMessage, known: KnownRoom) -> Place:
    """Where `message` stands.  Only an exact match of room, root and case counts."""
    case = known.case if known.case is not None and known.case.room_id == message.room_id else None
    if message.thread is not None:
        return Place.THREAD if case is not None and case.root == message.thread else Place.OUTSIDE
    if message.reply_to is not None:
        return Place.OUTSIDE if case is None else _answers(message, case, known.replied)
    if message.msgtype in FILES and known.last is not None and _near(message, known.last):
        return Place.NEAR
    return Place.OUTSIDE


def _answers(message: RoomMessage, case: Case, replied: EventRef | None) -> Place:
    """A plain reply: clients show it in the thread, except when it answers the root."""
    if message.reply_to == case.root:
        return Place.BESIDE
    if replied is None or replied.event_id != message.reply_to or replied.case_id != case.id:
        return Place.OUTSIDE
    if replied.room_id != message.room_id:
        return Place.OUTSIDE
    inside = replied.threaded and replied.kind is not EventKind.HEAD
    return Place.THREAD if inside else Place.BESIDE


def _near(message: RoomMessage, last: EventRef) -> bool:
    same = (last.room_id, last.sender, last.device) == (message.room_id, message.sender, message.device)
    return same and abs(message.ts - last.ts) <= NEAR_MS


# ------------------------------------------------------------------ what may go out


def inside(message: RoomMessage) -> bool:
    """Whether a message stays inside by what it is: marked so, of another kind, or empty."""
    empty = message.msgtype == "m.text" and not message.text.strip()
    return message.inside or message.msgtype not in SPOKEN or empty


def objection(message: RoomMessage, consultation: Consultation) -> str | None:
    """Why this sender or device causes no mail: the key of the words, or None."""
    if consultation.organisation(message.sender) is None:
        return "not_sent_stranger"
    if not message.trusted:
        return "not_sent_device"
    if not consultation.may_reply(message.sender):
        return "not_sent_may_not"
    return None


def doubt(message: RoomMessage, where: Place) -> str | None:
    """Why it is not sure that this was meant for the citizen: the key of the question, or None."""
    if where is Place.NEAR:
        return "ask_near"
    if where is Place.BESIDE:
        return "ask_root"
    if message.msgtype in FILES and not message.captioned:
        return "ask_file"
    if message.disagree:
        return "ask_disagree"
    if message.mention_first:
        return "ask_mention"
    return None


BOUNCES = 2
"""So many mails that came back for good say that an address does not work."""


def unreachable(case: Case) -> bool:
    """Whether what was mailed to the citizen came back too often to go on without asking."""
    return case.participant.reach is Reach.MAIL and case.participant.bounces >= BOUNCES


def joined(case: Case) -> bool:
    """Whether a locked case was joined to the one it claimed: its sender was never verified."""
    return case.status is Status.CLOSED and case.claims is not None


def blocked(case: Case) -> str | None:
    """Why no answer leaves this case at all: the key of the words, or None."""
    if case.locked:
        return "not_sent_locked"
    if case.status is Status.DISCARDED:
        return "not_sent_discarded"
    if joined(case):
        return "not_sent_joined"
    return None if _reached(case) else "not_sent_no_address"


def _reached(case: Case) -> bool:
    """Whether there is a way to the citizen: their page, or else an address."""
    reach = case.participant.reach
    by_mail = reach is Reach.MAIL and case.participant.address is not None
    return by_mail or reach in (Reach.PAGE, Reach.UNCONFIRMED)
