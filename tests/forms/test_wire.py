"""What strangers may do to the pages on the wire: headers, limits, stalled and hostile requests."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.channel import Arrival, Item, Outcome, Outgoing
from bridge.errors import Broken, Refuse
from bridge.forms.body import BodyReader, Limits
from bridge.forms.channel import FormsChannel
from bridge.forms.drafts import MemoryDrafts
from bridge.forms.pages import FormsSettings, Pages
from bridge.model import Source
from tests.forms.site import PNG, SECRET, Browser, Clock, Counter, SmallLedger, open_forms, site
from tests.forms.test_journeys import GOOD, PHOTO, to_check
from tests.waiting import until

FORM_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Server": "folkmoot",
}


@asynccontextmanager
async def limited(
    limits: Limits, ledger: SmallLedger | None = None
) -> AsyncIterator[tuple[Browser, BodyReader]]:
    """The pages with other limits than a town would have."""
    settings_ = FormsSettings("127.0.0.1", 0, "http://forms.alder.example", SECRET, "Alder City")
    reader, clock = BodyReader(limits), Clock()
    pages = Pages(
        settings_, open_forms, ledger or SmallLedger(), MemoryDrafts(clock), clock, Counter(), reader
    )
    runner = web.AppRunner(pages.application(), access_log=None, auto_decompress=False, lingering_time=0.2)
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Browser(session, f"http://127.0.0.1:{runner.addresses[0][1]}"), reader


async def test_every_answer_has_the_headers() -> None:
    async with site() as s:
        style = next(a["href"] for t, a in (await s.browser.get("/")).tags if a.get("rel") == "stylesheet")
        done = await s.browser.submit(await to_check(s.browser), "send")
        for path in ("/", "/f/park-ideas", "/f/none", "/static/none.css", style, done.url):
            async with s.browser.session.get(s.browser.root + path) as answer:
                for name, value in FORM_HEADERS.items():
                    assert answer.headers[name] == value, (path, name)
        async with s.browser.session.get(s.browser.root + style) as answer:
            assert answer.content_type == "text/css" and "immutable" in answer.headers["Cache-Control"]


async def test_pages_with_answers_are_not_stored_and_nothing_inline_or_foreign() -> None:
    async with site() as s:
        start = await s.browser.get("/f/park-ideas")
        check = await to_check(s.browser)
        wrong = await s.browser.submit(start, "check")
        done = await s.browser.submit(check, "send")
        assert start.headers["Cache-Control"] == "private, no-cache"
        assert check.headers["Cache-Control"] == wrong.headers["Cache-Control"] == "no-store"
        for page in (start, check, wrong, done):
            assert "Set-Cookie" not in page.headers
            for tag, a in page.tags:
                assert tag not in ("script", "style", "iframe") and "style" not in a
                assert not any(name.startswith("on") for name in a)
                for name in ("href", "src", "action", "formaction"):
                    assert "//" not in a.get(name, "")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://forms.alder.example"}, 200),
        ({}, 200),
    ],
)
async def test_other_sites_cannot_send(headers: dict[str, str], status: int) -> None:
    async with site() as s:
        check = await to_check(s.browser)
        page = await s.browser.post("/f/park-ideas", [*check.values, ("_do", "send")], headers=headers)
        assert page.status == status and len(s.ledger.arrivals) == (status == 200)


async def test_packed_bodies_are_refused_unread() -> None:
    async with site() as s:
        bomb = gzip.compress(b"\0" * 10_000_000)
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        for encoding in ("gzip", "deflate", "br", "identity, gzip"):
            headers = {**kind, "Content-Encoding": encoding}
            async with s.browser.session.post(
                s.browser.root + "/f/park-ideas", data=bomb, headers=headers
            ) as answer:
                assert answer.status == 415 and "We could not read that" in await answer.text()
        part = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n'
        part += b"Content-Encoding: gzip\r\n\r\n"
        async with s.browser.session.post(
            s.browser.root + "/f/park-ideas", data=part + bomb + b"\r\n--x--\r\n", headers=kind
        ) as answer:
            assert answer.status == 415


async def test_other_kinds_of_body_are_refused() -> None:
    async with site() as s:
        for body in ({"data": {"name": "Ana"}}, {"json": {"name": "Ana"}}, {"data": b"x"}):
            async with s.browser.session.post(s.browser.root + "/f/park-ideas", **body) as answer:
                assert answer.status == 415


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    b"--x\r\n",
                    b"--x--\r\n",
                    b"\r\n",
                    b'Content-Disposition: form-data; name="idea"\r\n',
                    b'Content-Disposition: form-data; name="photo"; filename="\xff\xfe.png"\r\n',
                    b"Content-Disposition: attachment\r\n",
                    b"Content-Transfer-Encoding: base64\r\n",
                    b"Content-Type: multipart/mixed; boundary=y\r\n",
                    b"Content-Length: 99999\r\n",
                    b"--y\r\n",
                ]
            ),
            st.binary(max_size=30),
        ),
        max_size=12,
    )
)
def test_garbage_is_a_page_and_never_our_fault(pieces: list[bytes]) -> None:
    async def send() -> None:
        async with site() as s:
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            async with s.browser.session.post(
                s.browser.root + "/f/park-ideas", data=b"".join(pieces), headers=headers
            ) as answer:
                assert answer.status in (400, 413, 415, 422), answer.status
                assert "<h1>" in await answer.text()
            assert not s.ledger.asked

    asyncio.run(send())


async def test_a_file_that_is_too_large_is_named_and_the_rest_kept() -> None:
    async with site() as s:
        start = await s.browser.get("/f/everything")
        huge = [("papers", "plan.png", "image/png", PNG + b"x" * (3 * 1024 * 1024))]
        page = await s.browser.submit(start, "check", huge, words="All of it")
        assert page.status == 422 and "“plan.png” must be smaller than 1 MB" in page.text()
        assert page.value("words") == "All of it" and page.value("papers--kept") is None


@pytest.mark.parametrize(
    "limits",
    [Limits(body=5000), Limits(value=100), Limits(values=120), Limits(parts=3)],
    ids=["body", "value", "values", "parts"],
)
async def test_too_much_is_said(limits: Limits) -> None:
    async with limited(limits) as (browser, reader):
        start = await browser.get("/f/park-ideas")
        page = await browser.submit(
            start, "check", [("photo", "a.png", "image/png", PNG + b"x" * 6000)], idea="i" * 150
        )
        assert page.status == 413 and "All files together can be up to 18 MB" in page.text()
        assert reader.held == 0


async def test_all_requests_share_one_budget_and_give_it_back() -> None:
    async with limited(Limits(all_requests=2000)) as (browser, reader):
        start = await browser.get("/f/park-ideas")
        page = await browser.submit(start, "check", [("photo", "a.png", "image/png", PNG + b"x" * 3000)])
        assert page.status == 503 and "Too many people" in page.text()
        await until(lambda: reader.held == 0, what="the share is given back")
        assert (await browser.submit(start, "check", PHOTO, **GOOD)).status == 200


async def test_a_sender_who_stalls_is_let_go() -> None:
    async with limited(Limits(stall=0.2)) as (browser, reader):
        port = int(browser.root.rsplit(":", 1)[1])
        head = b"POST /f/park-ideas HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        stream, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            head
            + b'Content-Length: 1000\r\n\r\n--x\r\nContent-Disposition: form-data; name="idea"\r\n\r\nhalf'
        )
        async with asyncio.timeout(10):
            assert b" 408 " in await stream.readline()
        await until(lambda: reader.held == 0)
        writer.close()


async def test_a_thousand_stalled_connections_do_not_shut_anybody_out() -> None:
    async with site() as s, AsyncExitStack() as stack:
        for i in range(1000):
            _, writer = await asyncio.open_connection("127.0.0.1", s.channel.port)
            stack.callback(writer.close)
            writer.write(b"" if i % 2 else b"POST /f/park-ideas HTTP/1.1\r\nHost: x\r\nContent-Ty")
        done = await s.browser.submit(await to_check(s.browser), "send")
        assert "/sent/" in done.url


async def test_hostile_words_stay_words() -> None:
    async with site() as s:
        evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'
        check = await s.browser.submit(
            await s.browser.get("/f/park-ideas"),
            "check",
            [("photo", "<script>.png", "image/png", PNG)],
            **{**GOOD, "name": evil, "idea": evil},
        )
        assert check.status == 200 and "<script" not in check.html and "49" not in check.text("dl.answers")
        assert not any(t in ("script", "img") for t, _ in check.tags)
        assert check.value("name") == evil
        back = await s.browser.submit(check, "show")
        assert back.value("idea") == evil and "<script" not in back.html


async def test_an_address_in_use_is_said() -> None:
    async with site() as s:
        taken = FormsSettings("127.0.0.1", s.channel.port, "http://x", SECRET, "Alder City")
        channel = FormsChannel(taken, open_forms, Clock(), Counter())
        with pytest.raises(Refuse, match=r"web\.listen: cannot listen on 127\.0\.0\.1"):
            await channel.serve(s.ledger)
        assert channel.port == 0


async def test_the_channel_reads_and_never_delivers() -> None:
    channel = FormsChannel(
        FormsSettings("127.0.0.1", 0, "http://x", SECRET, "A"), open_forms, Clock(), Counter()
    )
    assert channel.name is Source.FORM
    with pytest.raises(Broken, match="cannot be read"):
        await channel.read(Item(1, Source.FORM, "submission", b"damaged", {}))

    async def save(progress: object) -> None: ...
    async def load(blob: int) -> bytes:
        return b""

    out = Outgoing(1, "mail", {}, {}, 0, 0, lambda p: lambda c: None, save, load)
    with pytest.raises(Broken, match="web form"):
        outcome: Outcome = await channel.deliver(out)
        assert outcome is None


async def test_a_fault_of_ours_is_a_page_without_words(caplog: pytest.LogCaptureFixture) -> None:
    class Torn(MemoryDrafts):
        async def save(self, draft: str, files: object) -> None:
            raise RuntimeError("Ana Lindqvist wrote bench.png")

    async with site(drafts=Torn(Clock())) as s:
        start = await s.browser.get("/f/park-ideas")
        page = await s.browser.submit(start, "check", PHOTO, **GOOD)
        assert page.status == 500 and "There is a problem with this service" in page.text()
        assert "RuntimeError" in caplog.text and "Ana" not in caplog.text and "bench" not in caplog.text


async def test_the_answer_comes_after_the_commit() -> None:
    gate = asyncio.Event()

    class Slow(SmallLedger):
        async def __call__(self, arrivals: Sequence[Arrival]) -> list[bool]:
            await gate.wait()
            return await super().__call__(arrivals)

    async with site(Slow()) as s:
        check = await to_check(s.browser)
        task = asyncio.create_task(s.browser.submit(check, "send"))
        assert (await s.browser.get("/")).status == 200
        assert not task.done()
        gate.set()
        assert "/sent/" in (await task).url
