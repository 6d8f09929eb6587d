"""What strangers may send to the pages: bodies that are large, slow, torn, packed or nothing at all."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.channel import Item, Outcome, Outgoing
from bridge.errors import Broken, Refuse
from bridge.forms.body import PIECE, BodyReader, Limits
from bridge.forms.channel import FormsChannel
from bridge.forms.settings import FormsSettings
from bridge.forms.words import TABLES
from bridge.formstore import Sink
from bridge.model import Source
from tests.forms import site as pages
from tests.forms.memory_store import Clock, Counter, MemoryStore
from tests.forms.site import PNG, Page, Site, multipart, site
from tests.forms.walking import ANSWERS, to_question
from tests.waiting import until

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


async def posted(s: Site, page: Page, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and text of the answer to a body that no browser would make."""
    action = page.forms[0].action
    async with s.browser.session.post(s.browser.root + action, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def photo(s: Site) -> Page:
    return await to_question(s, "everything", "photo", **ANSWERS)


# ------------------------------------------------------------------ kinds of bodies


async def test_a_form_is_read_in_either_encoding() -> None:
    async with site() as s:
        for number, sent in enumerate((None, ())):
            page = await s.start()
            form = page.forms[0]
            values = [("idea", f"Bänke & Bäume {number}"), ("_do", "continue")]
            answered = await s.browser.post(form.action, values, sent)
            assert answered.status == 200
            assert (await s.browser.get(page.url)).value("idea") == f"Bänke & Bäume {number}"


async def test_other_kinds_of_body_are_refused() -> None:
    async with site() as s:
        page = await s.start()
        for kind in ("text/plain", "application/json", "multipart/mixed; boundary=x", ""):
            status, text = await posted(s, page, b"idea=x", {"Content-Type": kind})
            assert status == 415 and "<h1>" in text
        assert not next(iter(s.store.drafts.values())).values


async def test_what_is_packed_is_not_unpacked() -> None:
    bomb = gzip.compress(b"x" * 10_000_000)
    part = (
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n'
        b"Content-Encoding: gzip\r\n\r\n"
    )
    async with site() as s:
        page = await photo(s)
        for headers, body in (
            ({**MULTIPART, "Content-Encoding": "gzip"}, bomb),
            ({**URLENCODED, "Content-Encoding": "deflate"}, bomb),
            (MULTIPART, part + bomb + b"\r\n--x--\r\n"),
        ):
            assert (await posted(s, page, body, headers))[0] == 415
        assert not s.store.contents


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
            page = await s.start()
            status, text = await posted(s, page, b"".join(pieces), MULTIPART)
            assert status in (200, 400, 413, 415, 422), status
            assert "<h1>" in text and not s.ledger.asked

    asyncio.run(send())


@pytest.mark.parametrize("body", [b"\xff\xfe=\xff", b"idea=%FF%FE", b"&&&=&=", b"idea", b"%", b"idea=a;b"])
async def test_values_that_are_no_text_are_a_page(body: bytes) -> None:
    async with site() as s:
        page = await s.start()
        status, text = await posted(s, page, body, URLENCODED)
        assert status in (200, 400, 422) and "<h1>" in text


# ------------------------------------------------------------------ limits


@pytest.mark.parametrize(
    "limits",
    [Limits(body=5000), Limits(value=100), Limits(values=120), Limits(parts=1)],
    ids=["body", "value", "values", "parts"],
)
@pytest.mark.parametrize("sent", [None, [("photo", "a.png", "image/png", PNG + bytes(6000))]])
async def test_too_much_is_said(limits: Limits, sent: pages.Files | None) -> None:
    reader = BodyReader()
    async with site(reader=reader) as s:
        page = await photo(s)
        reader.limits = limits
        values = [("idea", "i" * 150), ("more", "m" * 5000), ("_do", "continue")]
        told = await s.browser.post(page.forms[0].action, values, sent)
        assert told.status == 413 and TABLES["en"]["large.title"] in told.text()
        await until(lambda: reader.held == 0, what="the share is given back")


async def test_all_requests_share_one_budget_and_give_it_back() -> None:
    reader = BodyReader(Limits(all_requests=2000))
    async with site(reader=reader) as s:
        page = await s.start()
        busy = await s.browser.submit(page, "continue", idea="x" * 3000)
        assert busy.status == 503 and busy.headers["Retry-After"] == "60"
        await until(lambda: reader.held == 0, what="the share is given back")
        assert (await s.browser.submit(page, "continue", idea="A bench")).status == 200


async def test_files_are_sent_only_as_many_at_once_as_there_is_memory_for() -> None:
    reader = BodyReader()
    async with site(reader=reader) as s:
        page = await photo(s)
        page = await s.browser.submit(page, "continue", [("photo", "a.png", "", PNG + bytes(5000))])
        check = await s.browser.submit(page, "continue", agree="yes")
        reader.limits = Limits(all_requests=4000)
        assert (await s.browser.submit(check, "send")).status == 503 and not s.ledger.asked
        reader.limits = Limits()
        assert (await s.browser.submit(check, "send")).url.endswith("/sent") and reader.held == 0


async def test_a_file_is_stored_while_it_comes_in_and_never_in_memory_as_a_whole() -> None:
    reader = BodyReader(Limits(all_requests=20_000))
    async with site(reader=reader) as s:
        page = await photo(s)
        large = PNG + bytes(range(256)) * 3500
        page = await s.browser.submit(page, "continue", [("photo", "a.png", "image/png", large)])
        assert page.url.endswith("/q/agree") and list(s.store.contents.values()) == [large]
        assert s.store.largest_piece <= PIECE + 4096


async def test_the_rest_of_a_file_that_is_too_large_is_read_and_dropped() -> None:
    async with site() as s:
        page = await photo(s)
        told = await s.browser.submit(
            page, "continue", [("photo", "a.png", "", PNG + bytes(30 * 1024 * 1024))]
        )
        assert told.status == 422 and "must be 1 MB or smaller" in told.text() and not s.store.contents


# ------------------------------------------------------------------ who stalls or goes away


@asynccontextmanager
async def half_a_file(
    s: Site, page: Page
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which the first half of a file came, and nothing more comes."""
    part = (
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n' + PNG + bytes(90_000)
    )
    head = (
        f"POST {page.forms[0].action} HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    stream, writer = await asyncio.open_connection("127.0.0.1", s.channel.port)
    writer.write(head.encode() + part)
    await writer.drain()
    try:
        yield stream, writer
    finally:
        writer.close()


async def test_a_sender_who_stalls_is_let_go() -> None:
    reader = BodyReader()
    async with site(reader=reader) as s:
        page = await photo(s)
        reader.limits = Limits(stall=0.2)
        async with half_a_file(s, page) as (stream, _):
            async with asyncio.timeout(10):
                assert b" 408 " in await stream.readline()
        assert not s.store.contents


async def test_a_body_has_a_deadline_as_a_whole() -> None:
    reader = BodyReader()
    async with site(reader=reader) as s:
        page = await photo(s)
        reader.limits = Limits(whole=0.2)
        async with half_a_file(s, page) as (stream, _), asyncio.timeout(10):
            assert b" 408 " in await stream.readline()
        assert not s.store.contents


async def test_a_sender_who_goes_away_in_the_middle_leaves_nothing() -> None:
    class Watched(MemoryStore):
        ended = 0
        begun = 0

        @asynccontextmanager
        async def receive(self, draft: int) -> AsyncIterator[Sink]:
            self.begun += 1
            try:
                async with super().receive(draft) as sink:
                    yield sink
            finally:
                self.ended += 1

    store = Watched(Clock())
    async with site(store=store) as s:
        page = await photo(s)
        async with half_a_file(s, page):
            await until(lambda: store.begun == 1, what="the file is being received")
        await until(lambda: store.ended == 1, what="it was given up")
        assert not store.contents and not next(iter(store.drafts.values())).files


async def test_a_store_that_fails_in_the_middle_of_a_file_is_a_page() -> None:
    async with site() as s:
        page = await photo(s)

        class Full(MemoryStore):
            @asynccontextmanager
            async def receive(self, draft: int) -> AsyncIterator[Sink]:
                raise OSError("disk full: /secret/bench.png")
                yield

        s.store.__class__ = Full
        told = await s.browser.submit(page, "continue", [("photo", "bench.png", "", PNG)])
        assert told.status == 500 and "secret" not in told.html
        s.store.__class__ = MemoryStore
        assert (await s.browser.submit(page, "continue", [("photo", "bench.png", "", PNG)])).status == 200


# ------------------------------------------------------------------ the channel


async def test_a_fault_of_ours_is_a_page_and_a_line_without_words(caplog: pytest.LogCaptureFixture) -> None:
    async with site() as s:
        page = await s.start()
        s.store.fail = [RuntimeError("Ada Citizen wrote bench.png")]
        told = await s.browser.submit(page, "continue", idea="A secret")
        assert told.status == 500 and "RuntimeError" in caplog.text
        assert "Ada" not in caplog.text + told.html and "secret" not in caplog.text + told.html


async def test_an_address_in_use_is_said() -> None:
    async with site() as s:
        taken = FormsSettings("127.0.0.1", s.channel.port, "http://x", pages.SECRET, "Alder City")
        channel = FormsChannel(taken, pages.open_forms, MemoryStore(), Clock(), Counter())
        with pytest.raises(Refuse, match=r"web\.listen: cannot listen on 127\.0\.0\.1"):
            await channel.serve(s.ledger)
        assert channel.port == 0


async def test_the_channel_reads_what_it_accepted_and_mails_nothing() -> None:
    async with site() as s:
        await s.browser.submit(await s.to_check(idea="A bench"), "send")
        (arrival,) = s.ledger.of("submission")
        assert s.channel.name is Source.FORM
        read = await s.channel.read(Item(1, Source.FORM, "submission", arrival.raw, arrival.meta))
        assert read == s.sent[0]
        with pytest.raises(Broken, match="cannot be read"):
            await s.channel.read(Item(1, Source.FORM, "submission", b"damaged", {}))

        async def save(progress: object) -> None: ...
        async def load(blob: int) -> bytes:
            return b""

        out = Outgoing(1, "mail", {}, {}, 0, 0, lambda p: lambda c: None, save, load)
        outcome: Outcome = await s.channel.deliver(out)
        assert outcome.facts == {"message_id": None}


async def test_another_method_or_address_is_a_page() -> None:
    async with site() as s:
        page = await s.start()
        for method, address in (
            ("PUT", page.url),
            ("DELETE", "/"),
            ("POST", "/"),
            ("GET", "/f/../etc/passwd"),
        ):
            async with s.browser.session.request(method, s.browser.root + address) as answer:
                assert answer.status in (404, 405) and "<h1>" in await answer.text()
        body = multipart([("_do", "continue")], [])
        async with s.browser.session.post(s.browser.root + page.url + "x", data=body) as answer:
            assert answer.status == 404
