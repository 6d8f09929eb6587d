"""Citizens at their pages: forms that were sent, acts on pages, and what the ledger makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from bridge.channel import Arrival, Item
from bridge.errors import Retry
from bridge.forms.channel import READERS
from bridge.forms.packing import pack, pack_page, pack_resume
from bridge.formstore import CasePage, NewPage
from bridge.inbound import FormAnswer, FormIn, PageIn, ResumeIn
from bridge.model import Attachment, Source
from tests.ledger.home import Home, Sent

ADA = "ada@home.example"
VALUES = {"idea": ["A bench by the river"], "part": ["meadow", "paths"]}
RECEIPT = '{"answers": [{"answer": "A bench by the river", "files": [], "question": "Your idea"}]}'
_numbers = count(1)


def form_in(**changes: Any) -> FormIn:
    """A form without an address, as it was read."""
    values: dict[str, Any] = {
        "slug": "park-2027",
        "form": "ideas",
        "title": "Ideen",
        "staff_title": "Ideas",
        "reference": f"PARK-{next(_numbers):04d}-00",
        "language": "en",
        "name": "Ada Citizen",
        "address": None,
        "answers": (FormAnswer("idea", "Ihre Idee", "Eine Bank", "Your idea", "A bench by the river"),),
        **changes,
    }
    return FormIn(**values)


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent, and the token of its page."""

    form: FormIn
    item: Item
    token: str

    @property
    def page(self) -> int:
        return self.form.page

    async def seen(self, home: Home) -> CasePage:
        """The page as the citizen sees it now."""
        page = await home.store.page(self.token)
        assert page is not None
        return page


async def draft_of(home: Home, values: Mapping[str, Sequence[str]] = VALUES) -> int:
    """A new draft of the form; its ID."""
    found = await home.store.draft(await home.store.begin("ideas", "de", values=values))
    assert found is not None
    return found.id


def arrival(home: Home, form: FormIn, draft: int) -> Arrival:
    """The form on its way, with the page that is made with it."""
    key = f"form:{draft:x}"
    new = NewPage(
        id=form.page,
        draft=draft,
        arrival=key,
        form=form.form,
        slug=form.slug,
        reference=form.reference,
        language=form.language,
        address=form.address,
        title=form.title,
        receipt=RECEIPT,
        values=VALUES,
    )
    also = home.store.with_page(new)
    return Arrival(Source.FORM, "submission", key, pack(form), reference=form.reference, also=also)


async def send(home: Home, draft: int | None = None, **changes: Any) -> Submission:
    """A form is sent and accepted, and not settled yet."""
    form = form_in(page=home.store.id(), **changes)
    (item,) = await home.ledger.accept([arrival(home, form, draft or await draft_of(home))])
    assert item is not None
    return Submission(form, item, home.store.page_token(form.page))


async def sent(home: Home, **changes: Any) -> tuple[Submission, list[Sent]]:
    """A form is sent, settled, and what follows is delivered."""
    submission = await send(home, **changes)
    return submission, await work(home)


async def act(home: Home, page: int, what: str, **more: Any) -> Item:
    """Something is done on a page, and not settled yet."""
    key = f"page:{page}:{next(_numbers)}"
    raw = pack_page(PageIn(page, what, **more))  # type: ignore[arg-type]
    (item,) = await home.ledger.accept([Arrival(Source.FORM, "page", key, raw)])
    assert item is not None
    return item


async def acted(home: Home, page: int, what: str, **more: Any) -> list[Sent]:
    """Something is done on a page, settled, and what follows is delivered."""
    await act(home, page, what, **more)
    return await work(home)


async def resumed(home: Home, address: str = ADA) -> list[Sent]:
    """Somebody asks for the link to a saved form."""
    wish = ResumeIn("park-2027", "ideas", "Ideen", "en", address, "https://consult.alder.example/f/x")
    key = f"resume:{next(_numbers)}"
    (item,) = await home.ledger.accept([Arrival(Source.FORM, "resume", key, pack_resume(wish))])
    assert item is not None
    return await work(home)


async def work(home: Home) -> list[Sent]:
    """Settle what waits in the inbox, as the dispatcher does, and deliver what follows."""
    done: set[int] = set()
    while True:
        due = (await home.ledger.waiting_items(done)).items
        for item in due:
            done.add(item.id)
            if item.source is Source.FORM:
                try:
                    home.take(await home.ledger.settle(item, READERS[item.kind](item.raw)))
                except Retry as e:
                    await home.ledger.defer(item, e.after or 1, e.reason)
        if not due:
            return await home.flush()


def photo(size: int = 100, name: str = "bench.jpg") -> Attachment:
    return Attachment(name, "image/jpeg", b"\xff\xd8\xff" + b"x" * size)
