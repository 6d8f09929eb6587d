"""Files of forms and of pages go past the scanner of the mails: one that is dangerous keeps all back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bridge.channel import Item
from bridge.errors import Retry
from bridge.forms.channel import FormsChannel, Scan
from bridge.forms.packing import pack, pack_page, pack_resume
from bridge.inbound import FormIn, PageIn, ResumeIn
from bridge.model import Attachment, Source
from tests.forms.memory_store import Clock, Counter, MemoryStore
from tests.forms.site import settings

PHOTO, PLAN = (
    Attachment("bench.jpg", "image/jpeg", b"jpeg"),
    Attachment("plan.pdf", "application/pdf", b"pdf"),
)
FORM = FormIn("park", "ideas", "Ideas", "Ideas", "PARK-7F3K-9Q", "en", "", None, (), (PHOTO, PLAN), page=7)


def channel(scan: Scan | None) -> FormsChannel:
    return FormsChannel(settings(), lambda: {}, MemoryStore(), Clock(), Counter(), scan=scan)


def item(kind: str, raw: bytes) -> Item:
    return Item(1, Source.FORM, kind, raw, {})


class Says:
    """A scanner with one answer, and what it was shown."""

    def __init__(self, *remarks: str, virus: str = "", silent: bool = False) -> None:
        self._answer, self._silent = (remarks, virus), silent
        self.shown: list[Sequence[Attachment]] = []

    async def __call__(self, files: Sequence[Attachment]) -> tuple[tuple[str, ...], str]:
        self.shown.append(files)
        if self._silent:
            raise Retry("The virus scanner does not answer.", after=60)
        return self._answer


async def test_a_virus_keeps_every_file_back_and_the_words_come() -> None:
    says = Says("kind_virus", virus="Test.Word")
    came = await channel(says).read(item("submission", pack(FORM)))
    assert isinstance(came, FormIn)
    assert (came.attachments, came.remarks, came.virus) == ((), ("kind_virus",), "Test.Word")
    assert came.reference == FORM.reference and says.shown == [(PHOTO, PLAN)]
    written = await channel(says).read(item("page", pack_page(PageIn(7, "write", "Here.", (PHOTO,)))))
    assert isinstance(written, PageIn)
    assert (written.text, written.attachments, written.virus) == ("Here.", (), "Test.Word")


async def test_what_is_clean_or_cannot_be_scanned_comes_with_what_was_said_of_it() -> None:
    assert await channel(Says()).read(item("submission", pack(FORM))) == FORM
    came = await channel(Says("kind_unscanned")).read(item("submission", pack(FORM)))
    assert isinstance(came, FormIn)
    assert came.attachments == FORM.attachments and came.remarks == ("kind_unscanned",)


async def test_a_scanner_that_is_down_holds_the_item() -> None:
    with pytest.raises(Retry) as caught:
        await channel(Says(silent=True)).read(item("submission", pack(FORM)))
    assert caught.value.after == 60


async def test_nobody_is_asked_where_there_is_no_file_or_no_scanner() -> None:
    says = Says(virus="Test.Word")
    act, wish = (
        PageIn(7, "erase"),
        ResumeIn("park", "ideas", "Ideas", "en", "ada@home.example", "https://x/f"),
    )
    assert await channel(says).read(item("page", pack_page(act))) == act
    assert await channel(says).read(item("resume", pack_resume(wish))) == wish
    assert says.shown == []
    assert await channel(None).read(item("submission", pack(FORM))) == FORM
