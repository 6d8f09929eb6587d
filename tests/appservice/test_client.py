"""The one door to the homeserver: what it sends, what it makes of answers, that it is probed."""

from __future__ import annotations

import logging

import pytest
from aiohttp import web

from bridge.appservice.client import Client, fate
from bridge.demo.ports import free_port
from bridge.e2ee.api import MatrixError
from bridge.errors import Broken, Retry
from bridge.points import Phase, Point
from tests.appservice.homeserver import BOT, TOKEN, FakeHomeserver

ROOM = "!r/oom:alder.example"


async def test_speaks_as_the_bot_and_its_device(homeserver: FakeHomeserver, client: Client) -> None:
    await client.send(ROOM, "m.room.encrypted", {"a": "ä"}, "fm1.0")
    assert homeserver.asked == [f"PUT /_matrix/client/v3/rooms/{ROOM}/send/m.room.encrypted/fm1.0"]
    query = homeserver.queries[0]
    assert (query["user_id"], query["device_id"]) == (BOT, "DEV")
    assert homeserver.events[0]["content"] == {"a": "ä"}


async def test_the_device_is_not_named_before_it_exists(homeserver: FakeHomeserver) -> None:
    client = Client(homeserver.url, TOKEN, BOT)
    try:
        await client.request(Point.PUT_DEVICE, "PUT", "/_matrix/client/v3/devices/NEW", {})
        client.use_device("NEW")
        await client.request(Point.PUT_DEVICE, "PUT", "/_matrix/client/v3/devices/NEW", {})
        await client.request(Point.SYNC, "GET", "/_matrix/client/v3/sync", query={"timeout": "0"})
        await client.register()
    finally:
        await client.close()
    assert [query.get("device_id") for query in homeserver.queries] == [None, None, "NEW", None]
    assert "user_id" not in homeserver.queries[3]


async def test_a_repeated_send_is_one_event(homeserver: FakeHomeserver, client: Client) -> None:
    first = await client.send(ROOM, "m.room.encrypted", {}, "fm1.0")
    assert await client.send(ROOM, "m.room.encrypted", {}, "fm1.0") == first
    assert len(homeserver.events) == 1


async def test_registering_twice_is_fine(homeserver: FakeHomeserver, client: Client) -> None:
    homeserver.refuse("/register", 400, "M_USER_IN_USE")
    await client.register()
    homeserver.refuse("/register", 400, "M_EXCLUSIVE")
    with pytest.raises(MatrixError, match="M_EXCLUSIVE"):
        await client.register()


@pytest.mark.parametrize(
    ("status", "errcode", "more", "wanted", "after"),
    [
        (429, "M_LIMIT_EXCEEDED", {"retry_after_ms": 1500}, Retry, 1.5),
        (429, "M_LIMIT_EXCEEDED", {"retry_after_ms": "soon"}, Retry, None),
        (500, "M_UNKNOWN", {}, Retry, None),
        (502, "", {}, Retry, None),
        (401, "M_UNKNOWN_TOKEN", {}, Retry, 60),
        (403, "M_FORBIDDEN", {}, Broken, None),
        (404, "M_NOT_FOUND", {}, Broken, None),
        (413, "M_TOO_LARGE", {}, Broken, None),
    ],
)
async def test_a_refusal_knows_its_fate(
    homeserver: FakeHomeserver,
    client: Client,
    status: int,
    errcode: str,
    more: dict[str, object],
    wanted: type[Exception],
    after: float | None,
) -> None:
    homeserver.refuse("/send/", status, errcode, **more)
    with pytest.raises(MatrixError) as caught:
        await client.send(ROOM, "m.room.encrypted", {}, "fm1.0")
    assert (caught.value.status, caught.value.errcode) == (status, errcode)
    found = fate(caught.value)
    assert type(found) is wanted
    assert getattr(found, "after", None) == after
    assert ("folkmoot check" in found.reason) is (status == 401), "an operator can mend a token"


@pytest.mark.parametrize("body", [b"", b"[1]", b'"x"', b"{", b"\xff", b"[" * 100_000])
async def test_an_answer_that_is_no_object_is_no_answer(
    homeserver: FakeHomeserver, client: Client, body: bytes
) -> None:
    homeserver.refusals.append(("/send/", web.Response(body=body, content_type="application/json")))
    with pytest.raises(MatrixError) as caught:
        await client.send(ROOM, "m.room.encrypted", {}, "fm1.0")
    assert caught.value.status == 0


async def test_a_page_of_html_is_a_refusal_without_a_code(homeserver: FakeHomeserver, client: Client) -> None:
    homeserver.refusals.append(("/send/", web.Response(status=502, text="<html>Bad gateway</html>")))
    with pytest.raises(MatrixError) as caught:
        await client.send(ROOM, "m.room.encrypted", {}, "fm1.0")
    assert (caught.value.status, caught.value.errcode) == (502, "")


async def test_nobody_there_is_status_0() -> None:
    client = Client(f"http://127.0.0.1:{free_port()}", TOKEN, BOT)
    try:
        with pytest.raises(MatrixError) as caught:
            await client.ping("t")
    finally:
        await client.close()
    assert caught.value.status == 0


async def test_a_lost_answer_is_status_0_and_the_request_is_not_repeated(
    homeserver: FakeHomeserver, client: Client
) -> None:
    homeserver.lose_answer("/createRoom")
    with pytest.raises(MatrixError) as caught:
        await client.create_room({})
    assert caught.value.status == 0
    assert len(homeserver.asked) == 1


async def test_a_silent_homeserver_is_given_up(homeserver: FakeHomeserver, client: Client) -> None:
    with pytest.raises(MatrixError) as caught:
        await client.request(Point.SYNC, "GET", "/_matrix/client/v3/sync", timeout=0.0)
    assert caught.value.status == 0


async def test_every_request_is_probed_before_and_after(homeserver: FakeHomeserver) -> None:
    seen: list[tuple[Point, Phase]] = []
    client = Client(homeserver.url, TOKEN, BOT, probe=lambda point, phase: seen.append((point, phase)))
    try:
        mxc = await client.upload(b"x")
        await client.media_get(mxc, 10)
        await client.send(ROOM, "k", {}, "t")
    finally:
        await client.close()
    points = [Point.MEDIA_CREATE, Point.MEDIA_PUT, Point.MEDIA_GET, Point.SEND]
    assert seen == [(point, phase) for point in points for phase in ("before", "after")]


async def test_media_is_capped(homeserver: FakeHomeserver, client: Client) -> None:
    mxc = await client.upload(b"0123456789")
    assert await client.media_get(mxc, 10) == b"0123456789"
    with pytest.raises(MatrixError) as caught:
        await client.media_get(mxc, 9)
    assert caught.value.status == 413


@pytest.mark.parametrize("mxc", ["", "http://x/y", "mxc://nothing", "mxc://a/b/c"])
async def test_what_is_no_mxc_is_not_found(client: Client, homeserver: FakeHomeserver, mxc: str) -> None:
    with pytest.raises(MatrixError) as caught:
        await client.media_get(mxc, 10)
    assert caught.value.status == 404
    assert not homeserver.asked


async def test_nothing_of_a_request_is_logged(
    homeserver: FakeHomeserver, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    homeserver.refuse("/send/", 403, "M_FORBIDDEN")
    with pytest.raises(MatrixError):
        await client.send(ROOM, "m.room.encrypted", {"body": "canary-word"}, "fm1.0")
    assert "canary-word" not in caplog.text and TOKEN not in caplog.text and ROOM not in caplog.text
