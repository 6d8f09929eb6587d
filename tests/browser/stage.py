"""Where a state of the pages is brought about: the pages with a store in memory, and a window before them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from bridge.forms.body import BodyReader
from bridge.forms.schema import Form, OpenForm, load
from bridge.formstore import CasePage, PageEntry, PageFile, Values
from tests.browser.chromium import WIDE, Watch, window
from tests.forms.a_case import a_receipt
from tests.forms.memory_store import MemoryStore
from tests.forms.site import PNG, Site, site

FORM: Form = load(Path(__file__).parent / "forms" / "riverside.yaml")

HOUR = 3_600_000  # milliseconds
SENT = 1_799_640_000_000  # when the submissions of the pages below /t/ came, in ms since 1970

IDEA = {
    "en": "More benches in the shade, and a drinking fountain near the mill.\n\nMy mother cannot stand long.",
    "ar": "مزيد من المقاعد في الظل، ونافورة لمياه الشرب قرب الطاحونة.\n\nأمي لا تستطيع الوقوف طويلًا.",
}
NAME = {"en": "Ada Citizen", "ar": "ليلى حداد"}
STREET = {"en": "1 Mill Lane", "ar": "1 شارع الطاحونة"}
TOWN = {"en": "Alder", "ar": "ألدر"}


def good(language: str) -> dict[str, Sequence[str]]:
    """Good answers to every question of `FORM` but the file, as they are posted."""
    return {
        "part": ["paths"],
        "spot": ["Mill Bridge"],
        "idea": [IDEA[language]],
        "wishes": ["shade", "benches"],
        "order--trees": ["2"],
        "order--water": ["1"],
        "order--toilets": ["3"],
        "district": ["harbour"],
        "width": ["2.5"],
        "day--day": ["27"],
        "day--month": ["3"],
        "day--year": ["2026"],
        "name": [NAME[language]],
        "email": ["ada@home.example"],
        "phone": ["0123 4567890"],
        "home--street": [STREET[language]],
        "home--postcode": ["AB1 2CD"],
        "home--town": [TOWN[language]],
        "publish": ["yes"],
    }


SELECTS = ("district", "order--trees", "order--water", "order--toilets")


def of(question: str, values: Values) -> dict[str, Sequence[str]]:
    """Those of the inputs of one question."""
    return {k: v for k, v in values.items() if k.partition("--")[0] == question}


@dataclass
class Stage:
    """The pages with a window in a language; `language` is one of `FORM`."""

    site: Site
    page: Page
    watch: Watch
    language: str

    async def go(self, path: str) -> None:
        """To an address, as somebody would come who has nothing yet but the link."""
        await self.page.goto(self.watch.root + path)

    async def press(self, *do: str, name: str = "_do") -> None:
        """The button `_do` with one of these values, and wait for the page that comes."""
        buttons = ", ".join(f'button[name="{name}"][value="{one}"]:not([tabindex="-1"])' for one in do)
        async with self.page.expect_navigation():
            await self.page.locator(buttons).first.click()

    async def fill(self, values: Values) -> None:
        """The inputs of the page with these names."""
        for name, given in values.items():
            for value in given:
                await self._fill(name, value)

    async def _fill(self, name: str, value: str) -> None:
        field = self.page.locator(f'[name="{name}"]')
        if await field.first.get_attribute("type") in ("radio", "checkbox"):
            await self.page.check(f'[name="{name}"][value="{value}"]')
        elif name in SELECTS:
            await field.select_option(value)
        else:
            await field.fill(value)

    async def draft(self, *, before: str | None = None, leave: Sequence[str] = ()) -> str:
        """As `whole_draft`, in the language of the stage."""
        return await whole_draft(self.site.store, self.language, before=before, leave=leave)

    async def question(self, question: str) -> None:
        """The page of a question that nobody answered yet."""
        await self.go(f"{await self.draft(before=question)}/q/{question}")

    async def photos(self, *names: str) -> None:
        """Choose pictures with these names."""
        chosen: list[Any] = [
            {"name": name, "mimeType": "image/png", "buffer": PNG + b"more" * 9000 * i}
            for i, name in enumerate(names)
        ]
        await self.page.set_input_files('input[type="file"]', chosen)

    def case(self, *entries: PageEntry, **changes: Any) -> str:
        """The address of a submission's page with these entries; `changes` are fields of `CasePage`."""
        page = case_page(self.language, entries)
        page = replace(page, **changes)
        self.site.store.pages[page.id] = page
        return f"/t/{self.site.store.page_token(page.id)}"

    def confirming(self) -> str:
        """The address in the mail that asks to confirm the address of `case`."""
        return f"/c/{self.site.store.confirm_token(7)}"


async def whole_draft(
    store: MemoryStore, language: str, *, before: str | None = None, leave: Sequence[str] = ()
) -> str:
    """The address of a draft with good answers to all questions, or to those `before` this one.

    `leave`: questions that were passed by.
    """
    ids = [q.id for q in FORM.questions]
    passed = ids[: ids.index(before)] if before else ids
    answers = good(language)
    values = {k: v for q in passed if q not in leave for k, v in of(q, answers).items()}
    token = await store.begin(FORM.id, language, values={})
    await store.save(store.tokens[token], values, passed, language)
    return f"/f/{FORM.id}/d/{token}"


def case_page(language: str, entries: Sequence[PageEntry]) -> CasePage:
    """A submission that came an hour ago and waits for its address to be confirmed."""
    values = {k: list(v) for k, v in good(language).items()}
    return CasePage(
        id=7,
        reference="PARK-7F3K-9Q",
        form=FORM.id,
        slug="park-2027",
        title=FORM.title[language],
        language=language,
        created=SENT,
        state="open",
        reach="mail",
        address="ada@home.example",
        confirmed=True,
        receipt=a_receipt(forms()[FORM.id], values, language),
        values=values,
        entries=(PageEntry(SENT, "step", "step_received"), *entries),
    )


REPLY = {
    "en": "<p>Thank you. We have put <strong>two benches</strong> on the list for this spring:</p>"
    "<ul><li>one at Mill Bridge</li><li>one under the lime trees</li></ul>"
    "<p>The plan is on <a href='https://alder.example/park'>alder.example/park</a>.</p>",
    "ar": "<p>شكرًا لك. لقد أدرجنا <strong>مقعدين</strong> في قائمة هذا الربيع:</p>"
    "<ul><li>واحد عند جسر الطاحونة</li><li>واحد تحت أشجار الزيزفون</li></ul>"
    "<p>الخطة منشورة على <a href='https://alder.example/park'>alder.example/park</a>.</p>",
}
WORDS = {
    "en": "Thank you! Could the one at the bridge have a back rest?",
    "ar": "شكرًا! هل يمكن أن يكون للمقعد عند الجسر مسند للظهر؟",
}
OFFICER = {"en": "Birgit Officer", "ar": "سامر الموظف"}
PLAN = PageFile(9, "bench plan.pdf", "application/pdf", 245_760)
SKETCH = PageFile(0, "sketch.png", "image/png", 2_411_724)


def conversation(language: str, *, waiting: bool = False) -> tuple[PageEntry, ...]:
    """A case with messages both ways; `waiting`: the newest is not in the room yet."""
    return (
        PageEntry(SENT + HOUR, "step", "step_confirmed"),
        PageEntry(
            SENT + 20 * HOUR,
            "reply",
            "",
            html=REPLY[language],
            who=OFFICER[language],
            organisation="Birch County",
            files=(PLAN,),
        ),
        PageEntry(SENT + 28 * HOUR, "words", WORDS[language], files=(SKETCH,)),
        PageEntry(SENT + 30 * HOUR, "change", "2.5 → 3", waiting=waiting),
    )


def forms() -> dict[str, OpenForm]:
    """The open form, and ones that are not open: by their IDs."""
    variants: Mapping[str, Mapping[str, object]] = {
        "riverside": {},
        "early": {"opens": "2027-03-01"},
        "closed": {"closes": "2026-12-31"},
        "full": {"most": 1},
    }
    raw = FORM.model_dump(mode="json", by_alias=True, exclude_unset=True)
    made = {
        name: Form.model_validate({**raw, "id": name, **changes}, context={"languages": tuple(FORM.title)})
        for name, changes in variants.items()
    }
    return {
        name: OpenForm(form, "park-2027", ("en", "ar"), "Riverside Park 2027") for name, form in made.items()
    }


@asynccontextmanager
async def stage(
    browser: Browser,
    language: str,
    *,
    width: int = WIDE,
    scripts: bool = True,
    reader: BodyReader | None = None,
) -> AsyncIterator[Stage]:
    """The pages and a window in `language`; nothing in it may have been amiss when the block ends."""
    known = forms()
    async with site(forms=lambda: known, reader=reader) as served:
        served.store.counted["full"] = 1
        async with window(browser, served.browser.root, width=width, language=language, scripts=scripts) as (
            page,
            watch,
        ):
            yield Stage(served, page, watch, language)
