"""What the pages need stored, in memory: a twin of the ledger's store for fast tests."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.channel import Also, Arrival, ReferenceTaken
from bridge.formstore import (
    DRAFT_HOURS,
    KEPT_DAYS,
    CasePage,
    Draft,
    DraftFile,
    Mailed,
    NewPage,
    PageEntry,
    PageFile,
    Sink,
    Values,
)

HOUR, DAY = 3_600_000, 86_400_000
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class Clock:
    """Seconds since 1970."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Counter:
    """Bytes that look random, never repeat, and are the same in every run of a test."""

    def __init__(self, seed: bytes = b"") -> None:
        self._seed, self._n = seed, 0

    def __call__(self, n: int) -> bytes:
        self._n += 1
        return hashlib.shake_256(self._seed + self._n.to_bytes(8, "big")).digest(n)


@dataclass
class SmallLedger:
    """Keeps arrivals by key and references by name; does what `fail` says first."""

    arrivals: dict[str, Arrival] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    fail: list[Exception] = field(default_factory=list)
    asked: int = 0

    async def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
        self.asked += 1
        if self.fail:
            raise self.fail.pop(0)
        for a in arrivals:
            if a.reference is not None and a.key not in self.arrivals and a.reference in self.taken:
                raise ReferenceTaken
        return [self._take(a) for a in arrivals]

    def _take(self, a: Arrival) -> bool:
        if a.key in self.arrivals:
            return False
        self.arrivals[a.key] = a
        self.taken.add(a.reference or "")
        if a.also is not None:
            a.also(None)
        return True

    def of(self, kind: str) -> list[Arrival]:
        """What came of one kind, in order."""
        return [a for a in self.arrivals.values() if a.kind == kind]


@dataclass
class MemorySink:
    """A file that is being received; `pieces` remembers how it came."""

    store: MemoryStore
    draft: int
    data: bytearray = field(default_factory=bytearray)

    async def write(self, data: bytes) -> None:
        self.store.stumble()
        self.store.largest_piece = max(self.store.largest_piece, len(data))
        self.data += data

    async def keep(self, question: str, name: str, mime: str) -> DraftFile:
        self.store.stumble()
        digest = hashlib.sha256(self.data).hexdigest()
        kept = DraftFile(self.store.id(), question, name, mime, len(self.data), digest)
        draft = self.store.drafts[self.draft]
        self.store.drafts[self.draft] = replace(draft, files=(*draft.files, kept))
        self.store.contents[kept.id] = bytes(self.data)
        return kept


@dataclass
class MemoryStore:
    """Implements `bridge.formstore.Store`.

    `fail` are errors that the next calls raise; tests put what they want into `drafts` and `pages`, and
    into `mailings`, by token.
    """

    clock: Callable[[], float] = field(default_factory=Clock)
    random: Callable[[int], bytes] = field(default_factory=lambda: Counter(b"store"))
    drafts: dict[int, Draft] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)
    pages: dict[int, CasePage] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)
    page_files: dict[tuple[int, int], tuple[PageFile, bytes]] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    mailings: dict[str, Mailed] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    fail: list[Exception] = field(default_factory=list)
    largest_piece: int = 0
    last_id: int = 0

    def stumble(self) -> None:
        """Raise the next fault there is."""
        if self.fail:
            raise self.fail.pop(0)

    def id(self) -> int:
        self.last_id += 1
        return self.last_id

    def _now(self) -> int:
        return int(self.clock() * 1000)

    def _token(self) -> str:
        return base64.urlsafe_b64encode(self.random(16)).decode().rstrip("=")

    # drafts

    async def begin(self, form: str, language: str, *, changes: int | None = None, values: Values) -> str:
        self.stumble()
        draft = Draft(self.id(), form, language, values, (), (), self._now(), self._now(), changes=changes)
        if changes is not None:
            draft = replace(draft, seen=tuple(dict.fromkeys(k.partition("--")[0] for k in values)))
        self.drafts[draft.id] = draft
        token = self._token()
        self.tokens[token] = draft.id
        return token

    async def draft(self, token: str) -> Draft | None:
        self.stumble()
        return self._alive(self.tokens.get(token))

    def _alive(self, draft: int | None) -> Draft | None:
        found = self.drafts.get(draft or 0)
        if found is None:
            return None
        age = KEPT_DAYS * DAY if found.kept else DRAFT_HOURS * HOUR
        return found if self._now() - found.touched <= age else None

    async def save(self, draft: int, values: Values, seen: Sequence[str], language: str) -> None:
        self.stumble()
        self.drafts[draft] = replace(
            self.drafts[draft], values=values, seen=tuple(seen), language=language, touched=self._now()
        )

    @asynccontextmanager
    async def receive(self, draft: int) -> AsyncIterator[Sink]:
        yield MemorySink(self, draft)

    async def drop_file(self, draft: int, file: int) -> None:
        self.stumble()
        found = self.drafts[draft]
        self.drafts[draft] = replace(found, files=tuple(f for f in found.files if f.id != file))
        if all(f.id != file for f in self.drafts[draft].files) and any(f.id == file for f in found.files):
            del self.contents[file]

    async def read_file(self, draft: int, file: int) -> bytes:
        self.stumble()
        assert any(f.id == file for f in self.drafts[draft].files)
        return self.contents[file]

    async def keep(self, draft: int) -> str:
        self.stumble()
        self.codes = {c: d for c, d in self.codes.items() if d != draft}
        code = "".join(LETTERS[b % 32] for b in self.random(26))
        self.codes[code] = draft
        self.drafts[draft] = replace(self.drafts[draft], kept=True, touched=self._now())
        return code

    async def resume(self, code: str) -> tuple[str, str] | None:
        self.stumble()
        draft = self._alive(self.codes.pop(code, None))
        if draft is None:
            return None
        self.tokens = {t: d for t, d in self.tokens.items() if d != draft.id}
        token = self._token()
        self.tokens[token] = draft.id
        return draft.form, token

    async def peek(self, code: str) -> str | None:
        self.stumble()
        draft = self._alive(self.codes.get(code))
        return draft.form if draft else None

    async def submissions(self, form: str) -> int:
        self.stumble()
        return self.counted.get(form, 0)

    # pages

    def page_token(self, page: int, turn: int = 0) -> str:
        mac = hashlib.sha256(f"page {page} {turn}".encode()).digest()[:16]
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def confirm_token(self, page: int) -> str:
        """The one that the ledger puts into the mail."""
        mac = hashlib.sha256(f"confirm {page}".encode()).digest()[:16]
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def with_page(self, page: NewPage) -> Also:
        def also(_: Any) -> None:
            self.counted[page.form] = self.counted.get(page.form, 0) + 1
            self.drafts[page.draft] = replace(self.drafts[page.draft], sent=page.reference, page=page.id)
            self.pages[page.id] = CasePage(
                id=page.id,
                reference=page.reference,
                form=page.form,
                slug=page.slug,
                title=page.title,
                language=page.language,
                created=self._now(),
                state="received",
                reach="unconfirmed" if page.address else "page",
                address=page.address,
                confirmed=False,
                receipt=page.receipt,
                values=page.values,
                entries=(PageEntry(self._now(), "step", "step_received"),),
            )

        return also

    def with_change(self, draft: int, page: int, values: Values) -> Also:
        def also(_: Any) -> None:
            found = self.pages[page] = replace(self.pages[page], values=values)
            self.drafts[draft] = replace(self.drafts[draft], sent=found.reference, page=page)

        return also

    async def page(self, token: str) -> CasePage | None:
        self.stumble()
        found = (p for p in self.pages.values() if self.page_token(p.id, self.turns.get(p.id, 0)) == token)
        return next(found, None)

    async def page_to_confirm(self, token: str) -> CasePage | None:
        self.stumble()
        return next((p for p in self.pages.values() if self.confirm_token(p.id) == token), None)

    async def page_file(self, page: int, file: int) -> tuple[PageFile, bytes] | None:
        self.stumble()
        return self.page_files.get((page, file))

    async def mailed(self, token: str) -> Mailed | None:
        self.stumble()
        return self.mailings.get(token)

    async def revoke(self, page: int) -> str:
        self.stumble()
        turn = self.turns[page] = self.turns.get(page, 0) + 1
        self.pages[page] = replace(self.pages[page], turn=turn)
        return self.page_token(page, turn)
