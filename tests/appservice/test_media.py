"""Files: ciphertext only, one place each, and every crash on the way up."""

from __future__ import annotations

import pytest

from bridge.appservice.client import Client
from bridge.appservice.media import Media
from bridge.e2ee import attachments
from bridge.errors import Broken, Refuse, Retry
from bridge.model import Json
from tests.appservice.bridge_at import Row
from tests.appservice.homeserver import FakeHomeserver

DATA = b"canary-in-a-file"


@pytest.fixture
def media(client: Client) -> Media:
    return Media(client, 1000)


@pytest.fixture
def row() -> Row:
    return Row("file", {"blob": 1}, {1: DATA})


def kept(homeserver: FakeHomeserver, file: Json) -> bytes:
    stored = homeserver.media[file["url"]]
    assert stored is not None and DATA not in stored
    return attachments.decrypt(stored, file)


async def test_up_and_down(homeserver: FakeHomeserver, media: Media, row: Row) -> None:
    file = await media.put(row.out())
    assert kept(homeserver, file) == DATA
    assert await media.get(file, 0) == DATA
    assert row.saves == 1


async def test_the_same_ciphertext_goes_to_the_same_place_after_a_crash(
    homeserver: FakeHomeserver, media: Media, row: Row
) -> None:
    homeserver.refuse("/upload/", 502)
    with pytest.raises(Retry):
        await media.put(row.out())
    first = row.progress["file"]
    assert await media.put(row.out()) == first
    before = kept(homeserver, first)
    assert await media.put(row.out()) == first  # the answer was lost: it is there already
    assert kept(homeserver, first) == before == DATA
    assert len(homeserver.media) == 1 and row.saves == 1


async def test_an_expired_place_is_replaced(homeserver: FakeHomeserver, media: Media, row: Row) -> None:
    homeserver.refuse("/upload/", 502)
    with pytest.raises(Retry):
        await media.put(row.out())
    first = row.progress["file"]
    del homeserver.media[first["url"]]
    homeserver.media["mxc://alder.example/other"] = b""
    second = await media.put(row.out())
    assert second["key"] != first["key"]
    assert kept(homeserver, second) == DATA
    assert row.progress["file"] == second


async def test_what_is_in_an_encrypted_event_is_not_uploaded_again(
    homeserver: FakeHomeserver, media: Media, row: Row
) -> None:
    row.progress = {"file": {"url": "mxc://alder.example/m0"}, "content": {"ciphertext": "c"}}
    assert await media.put(row.out()) == {"url": "mxc://alder.example/m0"}
    assert not homeserver.asked


async def test_too_large_is_refused_with_words(homeserver: FakeHomeserver, media: Media, row: Row) -> None:
    homeserver.refuse("/upload/", 413, "M_TOO_LARGE")
    with pytest.raises(Refuse, match="size"):
        await media.put(row.out())


async def test_a_file_that_is_not_there_yet_is_waited_for(media: Media) -> None:
    _, info = attachments.encrypt(b"x")
    file = {**info, "url": "mxc://birch.example/later"}
    with pytest.raises(Retry):
        await media.get(file, 0)
    with pytest.raises(Broken):
        await media.get(file, 100)


@pytest.mark.parametrize("change", [{"url": None}, {"hashes": {}}, {"key": 3}, {"v": "v1"}])
async def test_a_malformed_file_is_broken(
    homeserver: FakeHomeserver, media: Media, row: Row, change: Json
) -> None:
    file = await media.put(row.out())
    with pytest.raises(Broken):
        await media.get({**file, **change}, 0)


async def test_another_file_in_its_place_is_broken(
    homeserver: FakeHomeserver, media: Media, row: Row
) -> None:
    file = await media.put(row.out())
    homeserver.media[file["url"]] = b"something else"
    with pytest.raises(Broken, match="decrypted"):
        await media.get(file, 0)


async def test_a_file_beyond_the_limit_is_broken(homeserver: FakeHomeserver, client: Client) -> None:
    row = Row("file", {"blob": 1}, {1: bytes(1001)})
    media = Media(client, 1000)
    file = await media.put(row.out())
    with pytest.raises(Broken, match="larger"):
        await media.get(file, 0)
