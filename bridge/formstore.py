"""What the pages need stored, as a protocol: drafts on their way, and the pages of cases.

    draft   what somebody has answered so far; known by an unguessable token in its address
    page    what became of a submission; known by another one, durable and revocable

Only keyed digests of tokens are stored.  All that people wrote is sealed; a file is sealed piece
by piece while it is received.  Implemented by the ledger, used by the forms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bridge.channel import Also

Values = Mapping[str, Sequence[str]]
"""What was posted, by the name of the input."""

DRAFT_HOURS = 24
"""A draft that nobody touches for so long is gone…"""
KEPT_DAYS = 30
"""…unless it was saved to come back to."""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a draft: clean name, believed type, bytes, and the SHA-256 of its content in hex."""

    id: int
    question: str
    name: str = field(repr=False)
    mime: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers on their way; times in ms since 1970.

    `seen` are the questions that were passed; `kept`: it was saved to come back to; `changes` is
    the page whose answers it changes, None for a new submission; `sent` and `page`: its reference
    and its page, once sent.
    """

    id: int
    form: str
    language: str
    values: Values = field(repr=False)
    seen: tuple[str, ...]
    files: tuple[DraftFile, ...]
    created: int
    touched: int
    kept: bool = False
    changes: int | None = None
    sent: str | None = None
    page: int | None = None


class Sink(Protocol):
    """A file that is being received; what is not kept is gone."""

    async def write(self, data: bytes) -> None: ...

    async def keep(self, question: str, name: str, mime: str) -> DraftFile:
        """Durable when this returns."""
        ...


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page to be made with a submission.  `receipt` is the JSON text whose SHA-256 is shown.

    `values` are the answers as they were posted, so that they can be changed later.
    """

    id: int
    draft: int
    arrival: str  # the key of the submission
    form: str
    slug: str
    reference: str
    language: str
    address: str | None = field(repr=False)
    title: str = field(repr=False)
    receipt: str = field(repr=False)
    values: Values = field(repr=False)


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that staff sent, or the name and size of one that the citizen sent (`id` 0)."""

    id: int
    name: str = field(repr=False)
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One thing that happened, oldest first.

    `kind`: the citizen's `words` or `change`, staff's `reply`, the bridge's `step` (its `text` is a
    key of the pages' words).  `html` is clean.  `waiting`: it is not in the room yet.
    """

    at: int
    kind: Literal["words", "change", "reply", "step"]
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    who: str = field(default="", repr=False)
    organisation: str = ""
    files: tuple[PageFile, ...] = ()
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """What the page of a case shows.

    `state`: `unconfirmed` (we wait for them to confirm the address), `held` (staff look at it
    first), `received` (it is on its way into the room), `refused` (staff dropped it), or the
    case's status (`model.Status`).  `reach` as in `model.Reach`; `letter`: what became of the
    newest mail that asks to confirm: "" none yet, `waiting` (its time is `letter_at`), `sent`, `failed`.
    `turn`: how often the page got a new address, for `Store.page_token`.
    """

    id: int
    reference: str
    form: str
    slug: str
    title: str = field(repr=False)
    language: str
    created: int
    state: str
    reach: str
    address: str | None = field(repr=False)
    confirmed: bool
    receipt: str = field(repr=False)
    values: Values = field(repr=False)
    entries: tuple[PageEntry, ...] = field(repr=False)
    letter: Literal["", "waiting", "sent", "failed"] = ""
    letter_at: int = 0
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Mailed:
    """Whom the link at the end of a mailing was made for.

    `title` of the consultation, `reach` as in `model.Reach`; `left`: they get no mailings any more, or
    have just said so.
    """

    participant: int
    title: str
    language: str
    reach: str
    left: bool


def leave_key(participant: int) -> str:
    """The key of the arrival by which somebody ends the mailings to them: once is enough."""
    return f"unsubscribe:{participant}"


class Store(Protocol):
    """Raises `Retry` when the ledger cannot be reached or written."""

    def id(self) -> int:
        """A fresh row ID."""
        ...

    # drafts

    async def begin(self, form: str, language: str, *, changes: int | None = None, values: Values) -> str:
        """A new draft; its token (base64url, 128 bits of randomness)."""
        ...

    async def draft(self, token: str) -> Draft | None:
        """The draft of a token, None when there is none or no longer."""
        ...

    async def save(self, draft: int, values: Values, seen: Sequence[str], language: str) -> None: ...

    def receive(self, draft: int) -> AbstractAsyncContextManager[Sink]:
        """A file that is about to be received."""
        ...

    async def drop_file(self, draft: int, file: int) -> None: ...

    async def read_file(self, draft: int, file: int) -> bytes: ...

    async def keep(self, draft: int) -> str:
        """Save it to come back to: the code that opens it once (26 letters and digits); an earlier
        code is no longer good."""
        ...

    async def resume(self, code: str) -> tuple[str, str] | None:
        """Form and new token of the draft with this code, which is used up; so is the old token."""
        ...

    async def peek(self, code: str) -> str | None:
        """The form of the draft with this code, without using it up."""
        ...

    async def submissions(self, form: str) -> int:
        """How many were accepted of this form."""
        ...

    # pages

    def page_token(self, page: int, turn: int = 0) -> str:
        """The token of a page, derived and never stored (base64url, 128 bits); `turn` counts how often
        it was revoked."""
        ...

    def with_page(self, page: NewPage) -> Also:
        """Makes the page and ends its draft: rides with the submission (`Arrival.also`)."""
        ...

    def with_change(self, draft: int, page: int, values: Values) -> Also:
        """Makes `values` the answers of the page and ends the draft that changed them: rides with the
        page's act `change`."""
        ...

    async def page(self, token: str) -> CasePage | None:
        """The page of a token, None when there is none, or it was revoked or forgotten."""
        ...

    async def page_to_confirm(self, token: str) -> CasePage | None:
        """The page whose address this token (of a mail) confirms."""
        ...

    async def page_file(self, page: int, file: int) -> tuple[PageFile, bytes] | None:
        """A file that staff sent to the citizen."""
        ...

    async def revoke(self, page: int) -> str:
        """Make a new token for the page; the old one is no longer good."""
        ...

    # mailings

    async def mailed(self, token: str) -> Mailed | None:
        """Whom a mailing with this token went to, None when there is none, or they were forgotten."""
        ...
