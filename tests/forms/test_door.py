"""How many may come in at once, and what the log says of those who speak no HTTP."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bridge.errors import Refuse
from bridge.forms.door import OTHERS, listening
from bridge.forms.quiet import QuietLog
from tests.forms.site import site
from tests.forms.walking import ANSWERS, to_question
from tests.waiting import until

TOKEN = "SecretTokenOfAPage0001"


@asynccontextmanager
async def served(most: int) -> AsyncIterator[tuple[int, web.AppRunner]]:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="page")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        async with listening(runner, "127.0.0.1", 0, most) as port:
            yield port, runner
    finally:
        await runner.cleanup()


async def said(port: int, octets: bytes) -> bytes:
    """What the server says before it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(octets)
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


ASKS = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


async def test_who_comes_when_it_is_full_is_sent_away_and_later_taken() -> None:
    async with served(10) as (port, runner):
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(10)]
        server = runner.server
        assert server is not None
        await until(lambda: len(server.connections) == 10, what="ten are in")
        assert await said(port, ASKS) == b""
        lines.pop()[1].close()
        await until(lambda: len(server.connections) == 9, what="one has gone")
        assert (await said(port, ASKS)).startswith(b"HTTP/1.1 200 OK")
        for _, writer in lines:
            writer.close()


async def test_an_address_in_use_is_said_with_its_key() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        runner = web.AppRunner(web.Application())
        await runner.setup()
        with pytest.raises(Refuse, match=rf"web\.listen: cannot listen on 127\.0\.0\.1:{port}"):
            async with listening(runner, "127.0.0.1", port):
                raise AssertionError("it was taken")
        await runner.cleanup()


@pytest.fixture
def few() -> Iterator[int]:
    """As few file descriptors as a service has that does not ask for more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_it_asks_for_what_it_needs(few: int) -> None:
    async with served(2000):
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(2000 + OTHERS, few)


# ------------------------------------------------------------------ the log

NO_HTTP = (
    f"GET /t/{TOKEN} HTTP/1.1\r\nHost: x\r\nX-Name: Ada \x00Citizen\r\n\r\n",
    f"GET /t/{TOKEN} Ada Citizen HTTP/1.1\r\nHost: x\r\n\r\n",
    f"GET /t/{TOKEN}{'A' * 9000} HTTP/1.1\r\n\r\n",
    f"GET /t/{TOKEN} HTTP/9.9\r\nHost: x\r\n\r\n",
    f"POST /t/{TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: Ada\r\n\r\n",
    f"POST /t/{TOKEN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nAda Citizen\r\n",
    "Ada Citizen writes no HTTP\r\n\r\n",
    "\x16\x03\x01\x02Ada Citizen",
)


async def test_what_cannot_be_read_leaves_nothing_of_it_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """aiohttp's own words hold the line that it could not read, and the address of who sent it."""
    caplog.set_level(logging.DEBUG)
    async with site() as s:
        for octets in NO_HTTP:
            reader, writer = await asyncio.open_connection("127.0.0.1", s.channel.port)
            writer.write(octets.encode("latin-1"))
            writer.write_eof()
            await reader.read()
            writer.close()
    lines = [r for r in caplog.records if r.name != "asyncio"]
    assert [r for r in lines if "a request ended badly: Bad" in r.getMessage()]
    shown = "".join(f"{r.getMessage()}{r.exc_text}{r.exc_info}" for r in lines)
    assert not [word for word in ("Ada", TOKEN, "127.0.0.1") if word in shown]
    assert not [r for r in lines if r.levelno > logging.DEBUG], "strangers do not fill the log"


async def test_the_name_of_a_file_that_cannot_be_read_is_not_warned_of(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Such warnings go to stderr, and from there into the journal."""
    async with site() as s:
        page = await to_question(s, "everything", "papers", **ANSWERS)
        disposition = "form-data; name=\"papers\"; filename=Ada's paper; filename*=x'y'Ada%zz; =Ada"
        body = f"--b\r\nContent-Disposition: {disposition}\r\n\r\n%PDF-1\r\n--b--\r\n".encode()
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        with warnings.catch_warnings(record=True) as warned:
            url = s.browser.root + page.forms[0].action
            async with s.browser.session.post(url, data=body, headers=headers) as answer:
                assert answer.status in (200, 400)
        assert warned == [] and "Ada" not in "".join(capfd.readouterr())


def test_our_own_faults_are_said_by_their_kind(caplog: pytest.LogCaptureFixture) -> None:
    log = QuietLog(logging.getLogger("bridge.forms.channel"))
    log.exception("Error handling request from %s", "192.0.2.7", exc_info=RuntimeError("Ada Citizen"))
    log.error("something %s", "Ada")
    assert [r.getMessage() for r in caplog.records] == [
        "a request ended badly: RuntimeError",
        "a request ended badly: no exception",
    ]
    assert not any(r.exc_info for r in caplog.records)
