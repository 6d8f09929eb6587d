"""What a decision brings about beyond the thread: letters, the citizen's page, and forgetting them.

Part of `bridge.casework.effects`, which says what holds for all effects.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.model import Reach


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in fixed words to an address of which nobody knows whose it is; it is not answered.

    `key` is one of `casework.texts`: `{key}_subject` and `{key}_body`, filled with `values`; in
    `body` `{confirm}` stands for the link that confirms the address of `page`.  At most one mail a
    day goes to such an address: the next one waits for the next day, and a third is not written.
    `page`: whose page shows what became of it, 0 for none.
    """

    key: str
    slug: str
    address: str = field(repr=False)
    language: str
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    page: int = 0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The citizen has shown that the address is theirs: answers go there, and what was held comes in."""

    page: int


@dataclass(frozen=True, slots=True)
class SetReach:
    """How answers reach the case's citizen from now on."""

    case: int
    reach: Reach


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The citizen's language from now on: of their page and of our own words to them."""

    page: int
    language: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the citizen sees among what happened to their case: a key of the pages' words
    (`step_…`); nothing of staff's is in it."""

    case: int | None
    key: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Destroy what is known of the case's citizen, and redact what the room was sent about them."""

    case: int


@dataclass(frozen=True, slots=True)
class ForgetPage:
    """Destroy a page and what was sent on it, of which there is no case: the held submission too."""

    page: int
