"""The pages on a real socket, with a small ledger behind them and a browser without a screen."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import aiohttp

from bridge.channel import Arrival, ReferenceTaken
from bridge.forms.channel import FormsChannel
from bridge.forms.drafts import Drafts
from bridge.forms.pages import FormsSettings
from bridge.forms.schema import OpenForm, load, parse
from bridge.forms.submit import unpack
from bridge.model import FormIn
from tests.waiting import until

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20
SECRET = b"s" * 32

EVERYTHING = """
id: everything
title: Everything
next_steps: "We read it.\\n\\nThen we answer."
contact: Ring 0123.
fields:
  - {id: name, type: text, role: name, label: Your name, required: true, max_length: 20}
  - {id: mail, type: email, role: address, label: Your e-mail, required: true}
  - {id: words, type: long_text, label: Your words, required: true, max_length: 100}
  - id: one
    type: choice
    label: Which one?
    required: true
    options: [{value: a, label: Apple}, {value: b, label: Pear, hint: A green one}]
  - id: many
    type: choices
    label: Which of them?
    required: true
    options: [{value: a, label: Apple}, {value: b, label: Pear}, {value: c, label: Plum}]
  - {id: agree, type: checkbox, label: I agree, required: true}
  - {id: day, type: date, label: The day, required: true}
  - {id: papers, type: file, label: Your papers, required: true, max_files: 2, max_mb: 1, types: [image/png, application/pdf]}
"""  # noqa: E501


def example() -> OpenForm:
    path = Path(str(files("bridge.forms") / "examples" / "park-ideas.yaml"))
    return OpenForm(load(path), "park-2027", ("en", "de"), "Riverside Park 2027")


def everything() -> OpenForm:
    return OpenForm(parse(EVERYTHING, "everything.yaml"), "budget-2028", ("en",), "Budget 2028")


def open_forms() -> Mapping[str, OpenForm]:
    return {o.form.id: o for o in (example(), everything())}


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
            if a.key not in self.arrivals and a.reference in self.taken:
                raise ReferenceTaken
        new = [a.key not in self.arrivals for a in arrivals]
        for a in arrivals:
            self.arrivals.setdefault(a.key, a)
            self.taken.add(a.reference or "")
        return new

    @property
    def forms(self) -> list[FormIn]:
        return [unpack(a.raw) for a in self.arrivals.values()]


@dataclass
class Clock:
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


class Page(HTMLParser):
    """What a page says, and the values its form would send."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, status: int, url: str, html: str, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.status, self.url, self.html, self.headers = status, url, html, headers
        self.values: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v if v is not None else "" for k, v in attrs}
        self.tags.append((tag, a))
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "a":
            self.links.append(a["href"])
        if (
            tag == "input"
            and a["type"] != "file"
            and (a["type"] not in ("radio", "checkbox") or "checked" in a)
        ):
            self.values.append((a["name"], a["value"]))
        if tag == "textarea":
            self.values.append((a["name"], ""))
        if tag not in self.VOID:
            self._open.append((tag, a.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for tag, css in self._open:
            for key in {tag, f"{tag}.{css}" if css else tag}:
                self._texts.setdefault(key, []).append(data)
        if self._open and self._open[-1][0] == "textarea":
            self.values[-1] = (self.values[-1][0], data.removeprefix("\n"))

    def text(self, of: str = "main") -> str:
        return " ".join("".join(self._texts.get(of, [])).split())

    def value(self, name: str) -> str | None:
        return next((v for k, v in self.values if k == name), None)


Files = Sequence[tuple[str, str, str, bytes]]


@dataclass
class Browser:
    """Follows forms as a browser would: hidden values go along, redirects are followed."""

    session: aiohttp.ClientSession
    root: str

    async def get(self, path: str, **headers: str) -> Page:
        async with self.session.get(self.root + path, headers=headers) as answer:
            return Page(answer.status, str(answer.url.relative()), await answer.text(), answer.headers)

    async def post(
        self,
        path: str,
        values: Sequence[tuple[str, str]],
        sent: Files = (),
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in values:
            data.add_field(name, value)
        for name, filename, mime, content in sent:
            data.add_field(name, io.BytesIO(content), filename=filename, content_type=mime)
        async with self.session.post(self.root + path, data=data, headers=headers) as answer:
            return Page(answer.status, str(answer.url.relative()), await answer.text(), answer.headers)

    async def submit(
        self, page: Page, do: str, sent: Files = (), lang: str = "", /, **changes: str | list[str] | None
    ) -> Page:
        """Sends the form of `page` with `changes` (None: left out) and the button `do`."""
        values = [(k, v) for k, v in page.values if k not in changes]
        for k, v in changes.items():
            values += [(k, x) for x in ([v] if isinstance(v, str) else v or [])]
        path = page.url.split("?")[0] + (f"?lang={lang}" if lang else "")
        return await self.post(path, [*values, ("_do", do)], sent)


@dataclass
class Site:
    channel: FormsChannel
    ledger: SmallLedger
    clock: Clock
    browser: Browser


@asynccontextmanager
async def site(
    ledger: SmallLedger | None = None,
    clock: Clock | None = None,
    drafts: Drafts | None = None,
    forms: Callable[[], Mapping[str, OpenForm]] = open_forms,
    public_url: str = "http://forms.alder.example",
    seed: bytes = b"",
) -> AsyncIterator[Site]:
    ledger, clock = ledger or SmallLedger(), clock or Clock()
    settings = FormsSettings("127.0.0.1", 0, public_url, SECRET, "Alder City")
    channel = FormsChannel(settings, forms, clock, Counter(seed), drafts)
    task = asyncio.create_task(channel.serve(ledger))
    try:
        await until(lambda: channel.port or task.done(), what="the pages listen")
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            yield Site(channel, ledger, clock, Browser(session, f"http://127.0.0.1:{channel.port}"))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
