"""A message that a citizen writes on the page of their submission: checked, its files taken in.

Files go into a draft of their own while they come, so that nothing of them is kept in memory and
they are still there when the words have to be mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.forms.body import Incoming, Posted, Reading
from bridge.forms.fields import FileField
from bridge.forms.said import clean, first
from bridge.forms.uploads import Intake
from bridge.forms.words import Words
from bridge.formstore import CasePage, Draft, DraftFile, Store
from bridge.model import Attachment

LONGEST = 10_000
"""Characters of a message."""

FILES = FileField.model_validate(
    {"id": "files", "type": "file", "label": "files", "max_files": 3, "max_mb": 10}
)
"""What may come with it, in the shape of a question."""

TEXT, REMOVE = "text", "_remove"


@dataclass(frozen=True, slots=True)
class Fault:
    """What to mend, in words, at the input that `href` leads to."""

    href: str
    text: str


class Writing:
    """One request that brings a message.  `token` is the draft that holds its files, "" for none yet."""

    def __init__(self, store: Store, page: CasePage, words: Words, token: str) -> None:
        self._store, self._page, self._words = store, page, words
        self.token = token
        self.text = ""
        self.faults: tuple[Fault, ...] = ()
        self._draft: Draft | None = None
        self._intake: Intake | None = None

    @property
    def files(self) -> Sequence[DraftFile]:
        """Those it has now."""
        return self._intake.mine if self._intake else ()

    async def take(self, file: Incoming) -> None:
        """A file that comes in.  Raises what the store raises."""
        if file.name == FILES.id:
            await (await self._open()).take(file)

    async def read(self, values: Posted) -> None:
        """Take the words, and drop the files that are not wanted any more."""
        self.text = clean(first(values, TEXT), lines=True)
        if self.token:
            await (await self._open()).remove(values.get(REMOVE, ()))

    def check(self) -> None:
        """Say in `faults` what has to be mended."""
        faults = [Fault(f"#{FILES.id}", error) for error in (self._intake.errors if self._intake else ())]
        if len(self.text) > LONGEST:
            told = self._words("case.write.long", max=LONGEST, number=len(self.text))
            faults.insert(0, Fault(f"#{TEXT}", told))
        elif not self.text and not self.files and not faults:
            faults.append(Fault(f"#{TEXT}", self._words("case.write.missing")))
        self.faults = tuple(faults)

    async def attachments(self, reading: Reading) -> tuple[Attachment, ...]:
        """The files with their bytes, which count towards what all requests may hold."""
        files: list[Attachment] = []
        if self._draft is not None:
            for file in self.files:
                reading.hold(2 * file.size)  # once as it is, once packed
                data = await self._store.read_file(self._draft.id, file.id)
                files.append(Attachment(file.name, file.mime, data))
        return tuple(files)

    async def done(self) -> None:
        """It was sent: its files need not be kept here any longer."""
        if self._draft is not None:
            for file in self.files:
                await self._store.drop_file(self._draft.id, file.id)

    async def _open(self) -> Intake:
        if self._intake is None:
            self._draft = await self._known() or await self._begun()
            self._intake = Intake(self._store, self._draft, FILES, self._words)
        return self._intake

    async def _known(self) -> Draft | None:
        """The draft of an earlier attempt, if it is one of this page."""
        draft = await self._store.draft(self.token) if self.token else None
        return draft if draft and draft.changes == self._page.id else None

    async def _begun(self) -> Draft:
        page = self._page
        self.token = await self._store.begin(page.form, page.language, changes=page.id, values={})
        draft = await self._store.draft(self.token)
        if draft is None:
            raise RuntimeError("a draft that was just begun is not there")
        return draft
