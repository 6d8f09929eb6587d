"""The pages on a real socket, with a ledger and a store in memory and a browser without a screen."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from bridge.forms.body import BodyReader
from bridge.forms.channel import FormsChannel
from bridge.forms.schema import OpenForm, load, parse
from bridge.forms.settings import FormsSettings
from bridge.forms.submit import unpack
from bridge.inbound import FormIn
from tests.forms.memory_store import Clock, Counter, MemoryStore, SmallLedger
from tests.waiting import until

__all__ = ["Browser", "Clock", "Counter", "MemoryStore", "Page", "Site", "SmallLedger", "site"]

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20
PDF = b"%PDF-1.7\n" + b"paper" * 20
SECRET = b"s" * 32

EVERYTHING = """
id: everything
title: Everything
intro: "About this.\\n\\nAnd that."
minutes: 7
confirm: after
next_steps: "We read it.\\n\\nThen we answer."
contact: Ring 0123.
privacy: {purpose: To plan., notice: "Staff read it.\\n\\nNobody else.", version: "7", retention_days: 90}
sections:
  - title: You
    questions:
      - {id: name, type: text, role: name, label: Your name, required: true, max_length: 20}
      - {id: mail, type: email, role: address, label: Your e-mail}
      - {id: phone, type: phone, label: Your number, hint: In case of doubt.}
      - {id: home, type: address, label: Your address}
      - {id: born, type: date, label: Your birthday, birthday: true}
  - title: What you think
    questions:
      - id: one
        type: radios
        label: Which one?
        required: true
        options: [{value: a, label: Apple}, {value: b, label: Pear, hint: A green one}]
      - {id: why, type: text, label: "Why a pear?", required: true, show_if: {one: b}}
      - id: many
        type: checkboxes
        label: Which of them?
        required: true
        options: [{value: a, label: Apple}, {value: b, label: Pear}, {value: n, label: None, alone: true}]
      - id: town
        type: select
        label: Which town?
        options: [{value: x, label: Alder}, {value: y, label: Birch}]
      - id: order
        type: ranking
        label: In which order?
        options: [{value: a, label: Apple}, {value: b, label: Pear}]
      - {id: size, type: number, label: "How big?", least: 0, most: 99, decimals: 1, unit: m}
      - {id: words, type: long_text, label: Your words, required: true, max_length: 100}
      - id: papers
        type: file
        label: Your papers
        max_files: 2
        max_mb: 1
        types: [image/png, application/pdf]
      - {id: photo, type: file, label: A photo, max_mb: 1, types: [image/png]}
      - {id: agree, type: agreement, label: It may be published, required: true}
"""

SHORT = """
id: short
title: {en: Short, de: Kurz}
confirm: before
privacy:
  purpose: {en: To answer., de: Zum Antworten.}
  notice: {en: Staff read it., de: Wir lesen es.}
  version: "1"
  retention_days: 30
questions:
  - {id: idea, type: long_text, label: {en: Your idea, de: Ihre Idee}, required: true}
  - {id: mail, type: email, role: address, label: {en: Your e-mail, de: Ihre E-Mail}}
"""


@cache
def everything() -> OpenForm:
    """Every type of question, in two sections, with a condition."""
    return OpenForm(parse(EVERYTHING, "everything.yaml"), "budget-2028", ("en",), "Budget 2028")


def short(**changes: object) -> OpenForm:
    """Two questions in two languages; `changes` are keys of the form."""
    more = "".join(f"{key}: {value}\n" for key, value in changes.items())
    return OpenForm(parse(SHORT + more, "short.yaml"), "park-2027", ("en", "de"), "Riverside Park 2027")


def example(name: str = "park-ideas") -> OpenForm:
    """One of the forms that come with the product."""
    path = Path(str(files("bridge.forms") / "examples" / f"{name}.yaml"))
    return OpenForm(load(path), "park-2027", ("en", "de"), "Riverside Park 2027")


@cache
def open_forms() -> Mapping[str, OpenForm]:
    """The forms of most tests, by their id."""
    return {o.form.id: o for o in (everything(), short())}


@dataclass
class Posting:
    """A form on a page, and the values it would send."""

    action: str
    multipart: bool
    values: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a page says, and the forms on it."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})

    def __init__(self, status: int, url: str, html: str, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.status, self.url, self.html, self.headers = status, url, html, headers
        self.forms: list[Posting] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self._select = ""
        self.feed(html)
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v if v is not None else "" for k, v in attrs}
        self.tags.append((tag, a))
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        if tag == "form":
            self.forms.append(Posting(a["action"], a.get("enctype") == "multipart/form-data"))
        elif self.forms:
            self._control(tag, a)
        if tag not in self.VOID:
            self._open.append((tag, a.get("class", "")))

    def _control(self, tag: str, a: dict[str, str]) -> None:
        form = self.forms[-1]
        if tag == "select":
            self._select = a["name"]
            form.values.append((self._select, ""))
        elif tag == "option" and "selected" in a:
            form.values[-1] = (self._select, a["value"])
        elif tag == "textarea":
            form.values.append((a["name"], ""))
        elif tag == "button" and "name" in a:
            form.buttons.append((a["name"], a["value"]))
        elif tag == "input" and (a["type"] not in ("radio", "checkbox", "file") or "checked" in a):
            form.values.append((a["name"], a["value"]))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for tag, css in self._open:
            for key in {tag, f"{tag}.{css}" if css else tag}:
                self._texts.setdefault(key, []).append(data)
        if self._open and self._open[-1][0] == "textarea":
            form = self.forms[-1]
            form.values[-1] = (form.values[-1][0], data.removeprefix("\n"))

    def text(self, of: str = "main") -> str:
        return " ".join("".join(self._texts.get(of, [])).split())

    @property
    def heading(self) -> str:
        return self.text("h1")

    @property
    def values(self) -> list[tuple[str, str]]:
        return [pair for form in self.forms for pair in form.values]

    def value(self, name: str) -> str | None:
        return next((v for k, v in self.values if k == name), None)

    def form(self, button: tuple[str, str]) -> Posting:
        """The form with this button."""
        found = next((f for f in self.forms if button in f.buttons), None)
        assert found is not None, (button, [f.buttons for f in self.forms], self.text())
        return found

    def attributes(self, id: str) -> dict[str, str]:
        """Of the element with this ID."""
        return next(a for _, a in self.tags if a.get("id") == id)


Files = Sequence[tuple[str, str, str, bytes]]
"""Name of the input, file name, declared type, content."""


@dataclass
class Browser:
    """Follows forms as a browser would: hidden values go along, redirects are followed."""

    session: aiohttp.ClientSession
    root: str

    async def get(self, path: str, **headers: str) -> Page:
        async with self.session.get(self.root + path, headers=headers) as answer:
            return await _read(answer)

    async def post(
        self,
        path: str,
        values: Sequence[tuple[str, str]],
        sent: Files | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """As multipart when `sent` is given, with its files, else urlencoded."""
        kind = {} if sent is not None else {"Content-Type": "application/x-www-form-urlencoded"}
        data = urlencode(values) if sent is None else multipart(values, sent)
        async with self.session.post(
            self.root + path, data=data, headers={**kind, **(headers or {})}
        ) as answer:
            return await _read(answer)

    async def submit(
        self, page: Page, do: str = "continue", sent: Files = (), /, **changes: str | list[str] | None
    ) -> Page:
        """Sends the form with the button `_do` = `do`, with `changes` (None: left out)."""
        return await self.press(page, ("_do", do), sent, **changes)

    async def press(
        self, page: Page, button: tuple[str, str], sent: Files = (), /, **changes: str | list[str] | None
    ) -> Page:
        """Sends the form with this button."""
        form = page.form(button)
        values = [(k, v) for k, v in form.values if k not in changes]
        for k, v in changes.items():
            values += [(k, x) for x in ([v] if isinstance(v, str) else v or [])]
        assert form.multipart or not sent
        return await self.post(form.action, [*values, button], sent if form.multipart else None)


def multipart(values: Sequence[tuple[str, str]], sent: Files) -> aiohttp.FormData:
    """The body that a browser makes of these."""
    data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in values:
        data.add_field(name, value)
    for name, filename, mime, content in sent:
        data.add_field(name, io.BytesIO(content), filename=filename, content_type=mime)
    return data


async def _read(answer: aiohttp.ClientResponse) -> Page:
    html = await answer.text() if answer.content_type == "text/html" else ""
    return Page(answer.status, str(answer.url.relative()), html, answer.headers)


@dataclass
class Site:
    channel: FormsChannel
    ledger: SmallLedger
    store: MemoryStore
    clock: Clock
    browser: Browser

    @property
    def sent(self) -> list[FormIn]:
        """The submissions that were accepted."""
        return [unpack(a.raw) for a in self.ledger.of("submission")]

    async def start(self, form: str = "short", lang: str = "en") -> Page:
        """The first question of a new draft."""
        page = await self.browser.get(f"/f/{form}?lang={lang}")
        return await self.browser.submit(page, "start")

    async def to_check(self, form: str = "short", **answers: str) -> Page:
        """The check page of a draft with these answers, the other questions passed by."""
        page = await self.start(form)
        for _ in range(30):
            if page.url.split("?")[0].endswith("/check"):
                return page
            question = page.url.split("?")[0].rsplit("/", 1)[1]
            given = {k: v for k, v in answers.items() if k.partition("--")[0] == question}
            page = await self.browser.submit(page, "continue", **given)
            assert page.status == 200, page.text()
        raise AssertionError("the check page was not reached")


def settings(public_url: str = "http://forms.alder.example") -> FormsSettings:
    """Of pages on a free port of this machine."""
    return FormsSettings("127.0.0.1", 0, public_url, SECRET, "Alder City")


@asynccontextmanager
async def site(
    ledger: SmallLedger | None = None,
    clock: Clock | None = None,
    store: MemoryStore | None = None,
    forms: Callable[[], Mapping[str, OpenForm]] = open_forms,
    chosen: FormsSettings | None = None,
    seed: bytes = b"",
    reader: BodyReader | None = None,
) -> AsyncIterator[Site]:
    """The pages, served until the end of the block."""
    ledger, clock = ledger or SmallLedger(), clock or Clock()
    store = store or MemoryStore(clock)
    channel = FormsChannel(chosen or settings(), forms, store, clock, Counter(seed), reader)
    task = asyncio.create_task(channel.serve(ledger))
    try:
        await until(lambda: channel.port or task.done(), what="the pages listen")
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            yield Site(channel, ledger, store, clock, Browser(session, f"http://127.0.0.1:{channel.port}"))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
