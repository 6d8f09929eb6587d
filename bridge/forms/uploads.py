"""Files on their way into a draft: named and believed as little as possible, stored while they come."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.forms.body import Incoming
from bridge.forms.fields import FILE_TYPES, MAX_FILES_MB, MEGABYTE, FileField
from bridge.forms.words import Words
from bridge.formstore import Draft, DraftFile, Sink, Store
from bridge.names import believed_type, clean_name

HEAD = 4096
"""Bytes from which the type is told."""


class Intake:
    """Takes the files of one request for one question.

    `errors` says in words what was not taken; what is refused is not stored, and what does not fit
    is not even read into memory.
    """

    def __init__(self, store: Store, draft: Draft, question: FileField, words: Words) -> None:
        self._store, self._draft, self._question, self._words = store, draft, question, words
        self._files: list[DraftFile] = list(draft.files)
        self.errors: list[str] = []

    @property
    def mine(self) -> Sequence[DraftFile]:
        """What the question has now."""
        return [f for f in self._files if f.question == self._question.id]

    async def take(self, file: Incoming) -> None:
        """Store `file`, or say why not.  Raises what the store raises."""
        if file.name != self._question.id:
            return
        name = clean_name(file.filename)
        replaced = self.mine if self._question.max_files == 1 else ()
        if not replaced and len(self.mine) >= self._question.max_files:
            most = self._question.max_files
            self.errors.append(self._words.count("error.file.number", most, name=name))
            return
        kept = await self._keep(file, name, replaced)
        if kept is None:
            return
        if any(f.digest == kept.digest and f not in replaced for f in self.mine):
            replaced = (kept,)  # it is there already
        else:
            self._files.append(kept)
        for old in replaced:
            await self._drop(old)

    async def remove(self, chosen: Sequence[str]) -> None:
        """Drop those of the question's files whose IDs are `chosen`."""
        for file in [f for f in self.mine if str(f.id) in chosen]:
            await self._drop(file)

    async def _drop(self, file: DraftFile) -> None:
        await self._store.drop_file(self._draft.id, file.id)
        self._files = [f for f in self._files if f.id != file.id]

    async def _keep(self, file: Incoming, name: str, replaced: Sequence[DraftFile]) -> DraftFile | None:
        async with self._store.receive(self._draft.id) as sink:
            pouring = _Pouring(sink, self._question, name, file.declared, self._room(replaced))
            async for piece in file:
                await pouring.add(piece)
                if pouring.fault:
                    break
            await pouring.end()
            if pouring.fault:
                self._refuse(pouring.fault, name)
                return None
            return await sink.keep(self._question.id, name, pouring.mime)

    def _room(self, replaced: Sequence[DraftFile]) -> int:
        """Bytes that are left for all files together."""
        return MAX_FILES_MB * MEGABYTE - sum(f.size for f in self._files if f not in replaced)

    def _refuse(self, fault: str, name: str) -> None:
        question, words = self._question, self._words
        mb = MAX_FILES_MB if fault == "total" else question.max_mb
        types = words.listed([FILE_TYPES[t] for t in question.types])
        self.errors.append(words(f"error.file.{fault}", name=name, mb=mb, types=types))


class _Pouring:
    """Pieces on their way into a sink: nothing is written before the type is believed.

    `fault` is the last part of a key of the words, "" while all is well.
    """

    def __init__(self, sink: Sink, question: FileField, name: str, declared: str, room: int) -> None:
        self._sink, self._question, self._name, self._declared = sink, question, name, declared
        self._room = room
        self._head: bytearray | None = bytearray()
        self._size = 0
        self.mime = ""
        self.fault = ""

    async def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._question.max_mb * MEGABYTE:
            self.fault = "large"
        elif self._size > self._room:
            self.fault = "total"
        elif self._head is None:
            await self._sink.write(piece)
        else:
            self._head += piece
            if len(self._head) >= HEAD:
                await self._look()

    async def end(self) -> None:
        if not self._size:
            self.fault = "empty"
        elif self._head is not None and not self.fault:
            await self._look()

    async def _look(self) -> None:
        head, self._head = bytes(self._head or b""), None
        self.mime = believed_type(self._name, self._declared, head[:HEAD])
        if self.mime in self._question.types:
            await self._sink.write(head)
        else:
            self.fault = "type"
