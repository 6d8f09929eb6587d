"""What a decision brings about for mailings: one text that goes to several citizens, to each alone.

Part of `bridge.casework.effects`, which says what holds for all effects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class KeepMailing:
    """Keep a mailing, sealed, until somebody says yes to its `code`: nothing goes out.

    `event_id` is the message that asked for it, in `room_id`; `cases` are the only ones it can go to.
    """

    slug: str
    room_id: str
    event_id: str
    code: str
    sender: str
    cases: tuple[int, ...]
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    from_name: str
    organisation: str
    signature: str


@dataclass(frozen=True, slots=True)
class EndMailing:
    """The mailing waits no more; what it said is forgotten here."""

    mailing: int
    state: Literal["sent", "dropped"]


@dataclass(frozen=True, slots=True)
class MailOne:
    """A mailing's mail for the citizen of one case, or its place on their page, after `wait` seconds.

    `several`: others get it too; then the mail says how such mails are ended.
    """

    mailing: int
    case: int
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    from_name: str
    organisation: str
    signature: str
    wait: float
    several: bool


@dataclass(frozen=True, slots=True)
class StopMailing:
    """Take back these outbox rows of a mailing; nobody has begun to send them."""

    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NoMailings:
    """The citizen of this case gets no mailings of its consultation any more, in whatever case of theirs."""

    case: int
