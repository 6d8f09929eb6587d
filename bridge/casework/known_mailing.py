"""What is known when a mailing is decided about: who could get it, and which ones wait for a yes."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.model import Case, Consultation, Reach, Status


@dataclass(frozen=True, slots=True)
class Addressee:
    """The citizen of one case of the consultation, as far as a mailing must know them.

    `address` is a digest that is the same for the same address, None without one; `page`: they have
    one; `joined`: the case claims to belong to another; `unsubscribed`: they want no mailings.
    """

    case: int
    reference: str
    status: Status
    reach: Reach = Reach.MAIL
    address: bytes | None = None
    page: bool = False
    joined: bool = False
    bounces: int = 0
    unsubscribed: bool = False


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mailing of this consultation that is not older than a day.  `state`: waiting | sent | dropped.

    Of one that does not wait any more nothing but its code and who wrote it is known.
    """

    id: int
    code: str
    room_id: str
    event_id: str
    sender: str
    state: str
    text: str = field(default="", repr=False)
    html: str | None = field(default=None, repr=False)
    from_name: str = ""
    organisation: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class KnownMailing:
    """For a message that is `!mail`, and for an edit or redaction of one.

    `addressees` are those whom the command names, or whom its mailing was kept for, in that order (all
    of a consultation: the newest case first); `named` the mailing of its code, or the one whose message
    was edited or redacted; `codes` are taken.  For `stop`: `stoppable` are outbox rows, each with its
    case, that nobody has begun to send and nobody will while this is decided; `begun` is the number of
    the others.
    """

    addressees: tuple[Addressee, ...] = ()
    named: Mailing | None = None
    codes: tuple[str, ...] = ()
    stoppable: tuple[tuple[int, int], ...] = ()
    begun: int = 0


NO_MAILING = KnownMailing()
"""For what has nothing to do with mailings."""


@dataclass(frozen=True, slots=True)
class KnownLeaving:
    """For an `UnsubscribeIn`.  `case` None: its citizen was forgotten; `left`: they had left already."""

    consultation: Consultation | None
    case: Case | None = None
    left: bool = False
