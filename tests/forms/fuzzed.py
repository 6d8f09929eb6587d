"""Posts made of anything, sent to the real pages over a real socket, and what must hold of every answer.

`Fuzzer` reads the forms on the pages and follows redirects, so that it comes as far as people do: drafts,
saved forms, submissions, pages of cases.  What it sends is then right, nearly right, hostile, or no HTTP
at all.  The same seed sends the same again.
"""

from __future__ import annotations

import asyncio
import html
import json
import logging
import random
import re
from collections import Counter as Count
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from urllib.parse import quote, urlencode

from bridge.channel import Item
from bridge.errors import Retry
from bridge.forms.channel import FormsChannel
from bridge.forms.settings import Logo
from bridge.formstore import Mailed, PageFile
from bridge.model import Source
from tests.forms.memory_store import Clock, Counter, MemoryStore, SmallLedger
from tests.forms.site import PDF, PNG, everything, example, settings, short
from tests.waiting import until

MARK = "<x-fuzz"
"""Never stands in a page as it was sent: that would be markup."""

LEAVE = "/u/" + "l" * 22
"""Where somebody ends their mailings."""

ANSWERS = frozenset({200, 303, 400, 403, 404, 405, 408, 410, 413, 415, 417, 422, 429, 503})
NEEDED = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")

HOSTILE = (
    *(
        f"\"'>{MARK} onload=1>",
        f"{MARK}>",
        "javascript:alert(1)",
        "{{7*7}}{% raw %}",
        "${7*7}",
        "' OR 1=1 --",
    ),
    *(
        "\x00",
        "\r\nSet-Cookie: a=b",
        "\u202e\u2066x",
        "\ud800",
        "\ufeff",
        "e\u0301" * 40,
        "😀" * 30,
        "\u2028",
    ),
    *("", " ", "yes", "no", "0", "-1", "1e309", "NaN", "٣", "１２", "9" * 400, "x" * 3000, "ä" * 200, "a,b"),
    *("../../etc/passwd", "%2e%2e%2f", "%00", "//evil.example", "/\\evil.example", "?done=write", "#x"),
    *(
        "ada@home.example",
        "a@b@c.example",
        "ada@[127.0.0.1]",
        "=cmd|' /C calc'!A0",
        "31",
        "2",
        "2027",
        "a",
        "b",
    ),
)
NAMES = (
    *("_do", "_view", "_once", "_remove", "_subject2", "_turn", "altcha", "code", "email", "text", "files"),
    *(
        "language",
        "draft",
        "lang",
        "name",
        "mail",
        "words",
        "idea",
        "one",
        "many",
        "papers",
        "photo",
        "agree",
    ),
    *("home--street", "born--day", "born--month", "order--a", "size", "", "[]", "__proto__", "a" * 300),
)
BUTTONS = (
    *(
        "start",
        "continue",
        "add",
        "save",
        "send",
        "write",
        "change",
        "withdraw",
        "erase",
        "language",
        "revoke",
    ),
    *("by_mail", "by_page", "remind", "confirm", "use", "leave", "none"),
)
TYPES = (
    *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=b"),
    *(
        'multipart/form-data; boundary="' + "x" * 80 + '"',
        "multipart/form-data; boundary=",
        "multipart/mixed",
    ),
    *(
        "text/plain",
        "application/json",
        "",
        "a/b; charset=\x01",
        "application/x-www-form-urlencoded; charset=utf-7",
    ),
)
HEADS = (
    *("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin", "Origin: http://[", "Origin: null"),
    *(
        "Content-Encoding: gzip",
        "Content-Encoding: identity",
        "Accept-Language: ar",
        "Accept-Language: \xff;q=x",
    ),
    *(
        "Accept-Language: " + "de;q=0.1," * 400,
        "X-Forwarded-For: 198.51.100.9",
        'Forwarded: for="',
        "Expect: x",
    ),
    *("Expect: 100-continue", "Host: [", "Host:", "Range: bytes=0-1", "If-None-Match: *", "Cookie: a=b"),
    *("X-HTTP-Method-Override: DELETE", "Connection: close", "Upgrade: websocket", "Transfer-Encoding: gzip"),
)
FILES = (
    *(
        ("a.png", "image/png", PNG),
        ("paper.pdf", "application/pdf", PDF),
        ("a.svg", "image/svg+xml", b"<svg onload=1>"),
    ),
    *(("../../x.html", "text/html", b"<script>"), ("", "", b""), ("x" * 400, "image/png", PNG * 50)),
    *((f"{MARK}.png", "image/png", PNG), ("a\x00.png", "image/png", PNG), ("a.png", "x/y", b"")),
)

_INPUT = re.compile(r'<(?:input|button|option)[^>]*?name="([^"]*)"[^>]*?value="([^"]*)"')
_FORM = re.compile(r'<form[^>]*?action="([^"]*)"')
_PAGE = re.compile(r"/[ftcu]/")
_LINK = re.compile(r'(?:href|action)="(/[^"#]*)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `raw` is "" when the connection was closed without an answer."""

    status: int
    head: str
    body: str

    def header(self, name: str) -> str:
        found = re.search(rf"^{name}: (.*)$", self.head, re.MULTILINE | re.IGNORECASE)
        return found[1].strip() if found else ""

    @property
    def ours(self) -> bool:
        """Whether the pages answered, and not the HTTP server before them."""
        return bool(self.header("Content-Security-Policy"))


@dataclass
class Wire:
    """A browser without manners: one connection, whatever octets."""

    port: int
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def send(self, octets: bytes, *, last: bool = False) -> Answer | None:
        """The answer, None when the connection was closed without one.  `last`: nothing comes after it."""
        async with asyncio.timeout(30):
            try:
                return await self._ended(octets) if last else await self._sent(octets)
            except (ConnectionError, asyncio.IncompleteReadError):
                await self.close()
                return None

    async def _ended(self, octets: bytes) -> Answer | None:
        """What the server said before it closed a connection on which no more will come."""
        await self.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(octets)
        writer.write_eof()
        head, _, body = (await reader.read()).decode("latin-1").partition("\r\n\r\n")
        writer.close()
        status = re.match(r"HTTP/1.1 (\d{3}) ", head)
        return Answer(int(status[1]), head.replace("\r\n", "\n"), body) if status else None

    async def _sent(self, octets: bytes) -> Answer:
        if self._reader is None or self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writer.write(octets)
        await self._writer.drain()
        while True:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").replace("\r\n", "\n")
            if not head.startswith("HTTP/1.1 100"):
                break
        answer = Answer(int(head.split(" ", 2)[1]), head, "")
        length = int(answer.header("Content-Length") or 0)
        body = await self._reader.readexactly(length) if length else b""
        if answer.header("Connection").lower() == "close":
            await self.close()
        return replace(answer, body=body.decode("utf-8", "replace"))

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._reader = self._writer = None


class Overheard(logging.Handler):
    """What was logged as a warning or worse, by its words."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@dataclass
class Fuzzer:
    """`finds` is what did not hold, in words with the request that showed it."""

    chance: random.Random
    channel: FormsChannel
    ledger: SmallLedger
    store: MemoryStore
    clock: Clock
    finds: list[str] = field(default_factory=list)
    answers: Count[int] = field(default_factory=Count)
    _paths: list[str] = field(
        default_factory=lambda: ["/", "/f/short", "/f/everything", "/f/street-complaint", LEAVE]
    )
    _here: str = "/f/short"

    async def run(self, posts: int) -> None:
        """Send so many posts, each with the reading before it that a browser would do."""
        wire, overheard = Wire(self.channel.port), Overheard()
        logging.getLogger().addHandler(overheard)
        try:
            for _ in range(posts):
                await self._round(wire)
                expected = [said for said in overheard.said if "Retry" not in said]
                self.finds += [f"log: {said}" for said in expected]
                overheard.said.clear()
        finally:
            logging.getLogger().removeHandler(overheard)
            await wire.close()
        await self._read_all()

    async def _read_all(self) -> None:
        """Everything that was accepted can be read."""
        for n, arrival in enumerate(self.ledger.arrivals.values()):
            try:
                await self.channel.read(Item(n, Source.FORM, arrival.kind, arrival.raw, arrival.meta))
            except Exception as error:  # noqa: BLE001 – whatever it is, it is what is looked for
                self.finds.append(f"accepted and not readable: {arrival.kind}, {type(error).__name__}")

    async def _round(self, wire: Wire) -> None:
        chance = self.chance
        if chance.random() < 0.01:
            chance.choice([self.ledger.fail, self.store.fail]).append(Retry("locked"))
        if chance.random() < 0.02:
            self.clock.now += chance.choice([1, 60, 3600, 90_000, -60])
        path = self._path()
        if chance.random() < 0.7:
            got = await self._sent(
                wire, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1", "replace")
            )
            await self._sent(wire, self._filled(path, got.body if got else ""))
        elif chance.random() < 0.9:
            await self._sent(wire, self._blind(path))
        else:
            await self._sent(wire, self._broken(path), last=True)

    # -------------------------------------------------------------- what is sent

    def _path(self) -> str:
        if self.chance.random() < 0.06:
            self._here = self.chance.choice(self._paths[:4])
        known = self._here if self.chance.random() < 0.75 else self.chance.choice(self._paths)
        if self.chance.random() < 0.85:
            return known
        parts = known.split("/")
        parts[self.chance.randrange(len(parts))] = quote(self._text(), safe="%?/#\\", errors="surrogatepass")[
            :600
        ]
        return "/" + "/".join(parts).lstrip("/") if self.chance.random() < 0.9 else "/".join(parts) or "/"

    def _text(self) -> str:
        text = self.chance.choice(HOSTILE)
        return text + self.chance.choice(HOSTILE) if self.chance.random() < 0.2 else text

    def _filled(self, path: str, page: str) -> bytes:
        """The form on the page as somebody fills it in who means well, more or less."""
        action = html.unescape(self.chance.choice(_FORM.findall(page) or [path]))
        values = [(html.unescape(k), html.unescape(v)) for k, v in _INPUT.findall(page)]
        buttons = [pair for pair in values if pair[0] == "_do"]
        fields = set(re.findall(r'<(?:input|textarea|select)[^>]*?name="([^"]*)"', page))
        if self.chance.random() < 0.5:
            return self._honest(action, values, sorted(fields), multipart="multipart" in page)
        pairs = [pair for pair in values if pair[0] != "_do" and self.chance.random() < 0.7]
        pairs += [(html.unescape(n), self._answer(n)) for n in sorted(fields - {k for k, _ in values}) if n]
        pairs.append(self.chance.choice(buttons or [("_do", self.chance.choice(BUTTONS))]))
        if self.chance.random() < 0.4:
            pairs = [(k, self._text() if self.chance.random() < 0.3 else v) for k, v in pairs]
        if self.chance.random() < 0.1:
            pairs.append((self.chance.choice(NAMES), self._text()))
        return self._post(action, pairs, multipart="multipart" in page or self.chance.random() < 0.2)

    def _honest(
        self, action: str, values: Sequence[tuple[str, str]], fields: Sequence[str], *, multipart: bool
    ) -> bytes:
        """One value for each name, the trap left empty, the main button pressed."""
        first = list(values)
        self.chance.shuffle(first)
        given = dict(first) | {name: self._answer(name) for name in fields if name not in dict(values)}
        given |= {"_do": next((v for k, v in values if k == "_do"), "continue"), "_subject2": ""}
        given.pop("_remove", None)
        return self._post(action, list(given.items()), multipart=multipart)

    def _answer(self, name: str) -> str:
        """Something that a question with this name may take."""
        good = {
            "mail": "ada@home.example",
            "email": "ada@home.example",
            "size": "3,5",
            "phone": "01632 960001",
        }
        good |= {"day": "7", "month": "3", "year": "1980"}
        return good.get(name.rpartition("--")[2], self.chance.choice(["Some words", "1", "2", ""]))

    def _blind(self, path: str) -> bytes:
        names = [self.chance.choice(NAMES) for _ in range(self.chance.randrange(8))]
        pairs = [(name, self.chance.choice(BUTTONS) if name == "_do" else self._text()) for name in names]
        return self._post(path, pairs, multipart=self.chance.random() < 0.6)

    def _post(self, path: str, pairs: Sequence[tuple[str, str]], *, multipart: bool) -> bytes:
        chance, boundary = self.chance, f"b{self.chance.randrange(10**6)}"
        if multipart:
            kind, body = f"multipart/form-data; boundary={boundary}", self._parts(boundary, pairs)
        else:
            kind, body = TYPES[0], urlencode(pairs, errors="surrogatepass").encode()
        if chance.random() < 0.05:
            kind = chance.choice(TYPES)
        if chance.random() < 0.05:
            body = self._bent(body)
        heads = [chance.choice(HEADS) for _ in range(chance.randrange(3))] if chance.random() < 0.15 else []
        return self._request("POST", path, [f"Content-Type: {kind}", *heads], body)

    def _parts(self, boundary: str, pairs: Sequence[tuple[str, str]]) -> bytes:
        out = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode(
                "utf-8", "replace"
            )
            + value.encode("utf-8", "surrogatepass")
            for name, value in pairs
        ]
        for _ in range(self.chance.choice((0, 0, 0, 1, 1, 2, 4))):
            name, mime, data = self.chance.choice(FILES)
            field_name = self.chance.choice(("papers", "photo", "files", "photo", "x"))
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="{field_name}"; filename="{name}"\r\n'
            )
            out.append(head.encode("utf-8", "replace") + f"Content-Type: {mime}\r\n\r\n".encode() + data)
        return b"\r\n".join([*out, f"--{boundary}--\r\n".encode()])

    def _bent(self, body: bytes) -> bytes:
        """A body with something wrong at one place."""
        at = self.chance.randrange(len(body) + 1)
        junk = self.chance.choice(
            [b"", b"\r\n", b"--", b"%", b"%zz", b"\x00", b"\xff\xfe", b"&&==", b"--b--\r\n"]
        )
        return body[:at] + junk + body[at + self.chance.randrange(20) :]

    def _request(self, method: str, path: str, heads: Sequence[str], body: bytes) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: x", *heads, f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body

    def _broken(self, path: str) -> bytes:
        """What is no request, or one that aiohttp itself must refuse; ends with a closed connection."""
        method = self.chance.choice(["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "X", "GET"])
        junk = bytes(self.chance.choices(b"\x00\r\n :/HTP1.\xffabc", k=self.chance.randrange(40)))
        whole = self._request(method, path, ["Connection: close", self.chance.choice(HEADS)], b"")
        return self.chance.choice([whole, whole.replace(b"\r\nHost", junk + b"\r\nHost"), junk + b"\r\n\r\n"])

    # -------------------------------------------------------------- what must hold

    async def _sent(self, wire: Wire, octets: bytes, *, last: bool = False) -> Answer | None:
        answer = await wire.send(octets, last=last)
        if answer is None:
            return None
        self.answers[answer.status] += 1
        self.finds += [f"{wrong}: {octets[:1500]!r}" for wrong in faults(answer)]
        if answer.status == 303:
            self._here = answer.header("Location").split("#")[0]
            self._paths.append(self._here)
        elif answer.status in (404, 410, 405) and self.chance.random() < 0.3:
            self._here = self.chance.choice(self._paths)
        links = [link for link in map(html.unescape, _LINK.findall(answer.body)) if _PAGE.match(link)]
        if links and self.chance.random() < 0.3:
            self._paths.append(self.chance.choice(links))
        self._learn()
        return answer

    def _learn(self) -> None:
        """Addresses that come by mail or stand in another place."""
        for page in list(self.store.pages)[-2:]:
            if self.chance.random() < 0.1:
                self._paths.append(f"/c/{self.store.confirm_token(page)}")
                self._paths.append(f"/t/{self.store.page_token(page, self.store.turns.get(page, 0))}/file/1")
                self.store.page_files.setdefault(
                    (page, 1), (PageFile(1, f"{MARK}.svg", "image/svg+xml", 5), b"<svg>")
                )
        del self._paths[5:-400]


def faults(answer: Answer) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    found = []
    if answer.status not in ANSWERS:
        found.append(f"status {answer.status}")
    if MARK in answer.body.lower() and answer.header("Content-Type").startswith("text/html"):
        found.append("markup of a stranger in the page")
    if answer.header("Content-Disposition").startswith("inline"):
        found.append("a download that is shown")
    if "Set-Cookie" in answer.head:
        found.append("a cookie")
    location = answer.header("Location")
    if location and (not location.startswith("/") or location.startswith(("//", "/\\"))):
        found.append("a redirect to another host")
    if answer.ours:
        found += [f"no {name}" for name in NEEDED if not answer.header(name)]
        found += ["a policy that is unsafe"] if "unsafe" in answer.header("Content-Security-Policy") else []
    elif answer.status not in (400, 413, 417, 431):
        found.append(f"{answer.status} from elsewhere than the pages")
    if answer.header("Content-Type").startswith("application/json") and answer.status == 200:
        json.loads(answer.body)
    return found


@asynccontextmanager
async def fuzzing(seed: int) -> AsyncIterator[Fuzzer]:
    """The pages with everything that they can have, and a fuzzer before them."""
    chosen = replace(
        settings(),
        colour="#1d4f63",
        logo=Logo(b"<svg/>", "image/svg+xml"),
        embed=("https://www.alder.example",),
        proxies=(ip_network("127.0.0.0/8"),),  # who does not say where it comes from is not counted
        altcha=b"altcha-widget",
    )
    clock, ledger = Clock(), SmallLedger()
    store = MemoryStore(clock)
    forms = {o.form.id: o for o in (everything(), short(), example("street-complaint"))}
    channel = FormsChannel(chosen, lambda: forms, store, clock, Counter(seed.to_bytes(8, "big")))
    task = asyncio.create_task(channel.serve(ledger))
    try:
        await until(lambda: channel.port or task.done(), what="the pages listen")
        store.mailings[LEAVE.rpartition("/")[2]] = Mailed(7, f"{MARK}>", "en", "mail", left=False)
        yield Fuzzer(random.Random(seed), channel, ledger, store, clock)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def fuzz(seed: int, posts: int) -> Fuzzer:
    """A fuzzer that has sent so many posts, and knows what it found."""
    async with fuzzing(seed) as fuzzer:
        await fuzzer.run(posts)
    return fuzzer
