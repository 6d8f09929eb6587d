"""What the guard refuses, and the headers of every kind of page: on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bridge.errors import Retry
from bridge.forms.body import Busy
from bridge.forms.guard import Guard, foreign, framed, policy
from bridge.forms.network import MISSES, STARTS
from bridge.forms.settings import FormsSettings
from bridge.forms.sieve import Sieve
from tests.forms.memory_store import Clock

SITE = "https://www.alder.example"
PLAIN = FormsSettings("127.0.0.1", 0, "https://forms.alder.example", b"s" * 32, "Alder City")
FULL = replace(PLAIN, embed=(SITE, "https://birch.example"), altcha=b"altcha-widget")
BEHIND = replace(PLAIN, proxies=(ip_network("127.0.0.0/8"),))

PAGES = {
    "list": "/",
    "start": "/f/park",
    "question": "/f/park/d/token/q/idea",
    "check": "/f/park/d/token/check",
    "save": "/f/park/d/token/save",
    "return": "/f/park/return",
    "code": "/f/park/return/CODE",
    "page": "/t/token",
    "sent": "/t/token/sent",
    "confirm": "/c/token",
    "style": "/static/folkmoot.css",
    "theme": "/theme/park.css",
}
PRIVATE = {"question", "check", "save", "return", "code", "page", "sent", "confirm"}
TRACKING = {"page", "sent", "confirm"}
FORMS = {"start", "question", "check", "save", "return", "code"}


def rules(settings: FormsSettings, path: str) -> Mapping[str, str]:
    return dict(rule.split(" ", 1) for rule in policy(path, settings).split("; "))


@pytest.mark.parametrize("settings", [PLAIN, FULL])
@pytest.mark.parametrize("kind", PAGES)
def test_the_policy_of_every_page(settings: FormsSettings, kind: str) -> None:
    found = rules(settings, PAGES[kind])
    assert found["default-src"] == found["base-uri"] == "'none'"
    assert found["style-src"] == found["img-src"] == found["form-action"] == "'self'"
    assert not any("unsafe" in value or "*" in value or "data:" in value for value in found.values())
    scripts = settings is FULL and kind == "check"
    assert ("script-src" in found) is ("worker-src" in found) is scripts
    if scripts:
        assert found["script-src"] == found["worker-src"] == "'self'"
    inside = settings is FULL and kind in FORMS
    assert found["frame-ancestors"] == (f"{SITE} https://birch.example" if inside else "'none'")
    assert framed(PAGES[kind], settings) is inside


@pytest.mark.parametrize(
    "path", ["/t", "/t/", "/t/x/../../f/park", "/c", "/C/x", "/ff/x", "/f", "/x/f/park", "//f/park"]
)
def test_odd_paths_are_never_in_frames_and_run_nothing(path: str) -> None:
    assert rules(FULL, path)["frame-ancestors"] == "'none'" and "script-src" not in rules(FULL, path)


@asynccontextmanager
async def behind(
    settings: FormsSettings, clock: Clock | None = None
) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A page for every path; `?status=` is its answer, `?kind=` what it is."""

    async def page(request: web.Request) -> web.Response:
        status = int(request.query.get("status", "200"))
        match request.query.get("kind", ""):
            case "svg":
                return web.Response(body=b"<svg/>", content_type="image/svg+xml")
            case "file":
                head = {"Content-Disposition": 'attachment; filename="a.html"'}
                return web.Response(body=b"<p>", content_type="text/html", headers=head)
            case "busy":
                raise Busy
            case "down":
                raise Retry("the ledger is locked", 5)
            case "broken":
                raise RuntimeError("Ada Citizen, 1 Mill Lane")
            case "gone":
                raise web.HTTPGone
            case "elsewhere":
                raise web.HTTPSeeOther("/f/park/d/token/q/idea")
        return web.Response(status=status, text="page")

    sieve = Sieve(settings)
    guard = Guard(
        settings,
        lambda _, status: web.Response(status=status, text=f"told {status}"),
        sieve.visitors,
        clock or Clock(),
    )
    app = web.Application(middlewares=[guard.middleware])
    app.on_response_prepare.append(guard.headers)
    app.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            yield session, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("settings", [PLAIN, FULL])
async def test_the_headers_of_every_page(settings: FormsSettings) -> None:
    async with behind(settings) as (session, root):
        for kind, path in PAGES.items():
            async with session.get(root + path) as answer:
                got = answer.headers
            assert got["Content-Security-Policy"] == policy(path, settings)
            assert got["X-Content-Type-Options"] == "nosniff" and got["Server"] == "folkmoot"
            assert got["Referrer-Policy"] == "same-origin"
            assert got["Cross-Origin-Opener-Policy"] == "same-origin"
            assert got["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "camera=()" in got["Permissions-Policy"]
            assert got["Strict-Transport-Security"] == "max-age=31536000"
            assert got.get("X-Frame-Options") == (None if settings is FULL and kind in FORMS else "DENY")
            assert (got.get("Cache-Control") == "no-store") is (kind in PRIVATE), kind
            assert ("X-Robots-Tag" in got) is (kind in PRIVATE)
            assert "Set-Cookie" not in got


async def test_no_promise_of_https_where_there_is_none() -> None:
    plain = replace(PLAIN, public_url="http://127.0.0.1:8080")
    async with behind(plain) as (session, root), session.get(root + "/") as answer:
        assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("kind", ["svg", "file"])
async def test_pictures_and_downloads_are_in_a_sandbox(kind: str) -> None:
    """Should one ever be opened as a page of its own, it runs nothing and is nobody."""
    async with behind(FULL) as (session, root), session.get(root + f"/f/park?kind={kind}") as answer:
        found = answer.headers["Content-Security-Policy"].split("; ")
        assert "sandbox" in found and "default-src 'none'" in found and "frame-ancestors 'none'" in found
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_faults_become_pages_and_say_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with behind(PLAIN) as (session, root):
        for kind, status in (("busy", 503), ("down", 503), ("broken", 500), ("gone", 410)):
            async with session.get(root + f"/f/park?kind={kind}") as answer:
                assert answer.status == status and await answer.text() == f"told {status}"
                assert answer.headers["Content-Security-Policy"] == policy("/f/park", PLAIN)
    assert "RuntimeError" in caplog.text and "Ada" not in caplog.text


FOREIGN = {"Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (FOREIGN, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "http://[bad"}, 403),
        ({"Origin": "https://forms.alder.example"}, 200),
        ({"Origin": "https://forms.alder.example.evil.example"}, 403),
        ({}, 200),
    ],
)
async def test_no_other_site_can_post_to_any_page(headers: dict[str, str], status: int) -> None:
    async with behind(FULL) as (session, root):
        for path in PAGES.values():
            async with session.post(root + path, headers=headers) as answer:
                assert answer.status == status, path
            async with session.get(root + path, headers=headers) as answer:
                assert answer.status == 200, "a link from another site leads here"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "GZIP"])
async def test_nothing_packed_is_taken(encoding: str) -> None:
    async with behind(PLAIN) as (session, root):
        for path in PAGES.values():
            headers = {"Content-Encoding": encoding}
            async with session.post(root + path, data=b"\x1f\x8b" + b"0" * 50, headers=headers) as answer:
                assert answer.status == 415


# ------------------------------------------------------------------ too often


def asks(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.51.{number}.9"}


async def test_one_network_cannot_begin_drafts_without_end() -> None:
    clock = Clock()
    async with behind(BEHIND, clock) as (session, root):

        async def start(number: int) -> int:
            url = root + "/f/park?kind=elsewhere"
            async with session.post(url, headers=asks(number), allow_redirects=False) as answer:
                return answer.status

        assert {await start(1) for _ in range(STARTS)} == {303}
        assert await start(1) == 429 and await start(2) == 303, "another network is not concerned"
        clock.now += 12
        assert await start(1) == 303 and await start(1) == 429
        async with session.get(root + "/f/park", headers=asks(1)) as answer:
            assert answer.status == 200, "it may read"
        async with session.post(root + "/f/park/d/token/q/idea", headers=asks(1)) as answer:
            assert answer.status == 200, "who has begun may go on"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/t/guess"), ("GET", "/c/guess"), ("POST", "/f/park/return"), ("GET", "/f/park/d/x/check")],
)
async def test_one_network_cannot_guess_without_end(method: str, path: str) -> None:
    clock = Clock()
    async with behind(BEHIND, clock) as (session, root):

        async def guess(number: int, status: int = 404) -> int:
            url = root + f"{path}?status={status}"
            async with session.request(method, url, headers=asks(number)) as answer:
                return answer.status

        assert {await guess(1, 200) for _ in range(2 * MISSES)} == {200}, "what is right is not counted"
        assert {await guess(1) for _ in range(MISSES)} == {404}
        assert await guess(1) == 429 and await guess(1, 200) == 429 and await guess(2) == 404
        clock.now += 600
        assert await guess(1, 200) == 200
        async with session.get(root + "/f/park", headers=asks(1)) as answer:
            assert answer.status == 200


async def test_a_stranger_cannot_use_up_what_another_network_may() -> None:
    """Nobody believes the header of somebody who is no proxy of ours."""
    async with behind(PLAIN) as (session, root):
        for number in range(MISSES + 5):
            async with session.get(root + "/t/x?status=404", headers=asks(number)) as answer:
                last = answer.status
        assert last == 429, "they are all one: who holds the connection"


async def test_who_is_not_known_is_not_counted() -> None:
    async with behind(BEHIND) as (session, root):
        for _ in range(MISSES + 5):
            async with session.get(root + "/t/x?status=404") as answer:
                assert answer.status == 404


def test_an_origin_is_compared_whole() -> None:
    def told(origin: str) -> bool:
        request = make_mocked_request("POST", "/", headers={"Origin": origin, "Host": "x"})
        return foreign(request, "https://forms.alder.example/town")

    assert not told("https://forms.alder.example") and told("https://forms.alder.example:444")
    assert told("forms.alder.example") and told("https://a@forms.alder.example")
