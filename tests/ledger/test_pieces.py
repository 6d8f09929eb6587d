"""Files sealed piece by piece: whole or not at all, whatever is done to them."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Broken, Retry
from bridge.ledger import streams
from bridge.ledger.files import Files
from bridge.ledger.pieces import PIECE, SEALED_PIECE, Sealing, opened
from tests.waiting import until

KEY = bytes(range(32))
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7]


def sealed(data: bytes, step: int = PIECE) -> bytes:
    sealing = Sealing(KEY)
    pieces = [sealing.add(data[start : start + step]) for start in range(0, len(data), step)]
    return b"".join(pieces) + sealing.end()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [1000, PIECE, 5 * PIECE])
def test_what_was_sealed_opens_however_it_came(size: int, step: int) -> None:
    data = os.urandom(size)
    assert b"".join(opened(sealed(data, step), KEY)) == data
    assert sealed(data, step) == sealed(data), "the pieces do not depend on how it came"


@given(st.binary(max_size=2000), st.integers(1, 100))
def test_small_steps_make_no_difference(data: bytes, step: int) -> None:
    assert b"".join(opened(sealed(data, step), KEY)) == data


@pytest.mark.parametrize("size", SIZES)
def test_what_was_cut_off_or_lengthened_does_not_open(size: int) -> None:
    whole = sealed(b"x" * size)
    cuts = {0, 1, len(whole) - 1, *range(SEALED_PIECE, len(whole), SEALED_PIECE)} - {len(whole)}
    for cut in cuts:
        with pytest.raises(Broken):
            list(opened(whole[:cut], KEY))
    for more in (b"y", sealed(b"more"), whole):
        with pytest.raises(Broken):
            list(opened(whole + more, KEY))


def test_pieces_in_another_order_or_of_another_file_do_not_open() -> None:
    whole = sealed(os.urandom(3 * PIECE))
    one, two, three = (whole[n * SEALED_PIECE : (n + 1) * SEALED_PIECE] for n in range(3))
    for mixed in (two + one + three, one + three, one + one + three, one + two + two, three):
        with pytest.raises(Broken):
            list(opened(mixed, KEY))
    with pytest.raises(Broken):
        list(opened(whole, bytes(32)))


def test_every_byte_counts() -> None:
    whole = sealed(b"x" * 100)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises(Broken):
            list(opened(bytes(changed), KEY))


# ------------------------------------------------------------------ on the disk


def stored_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_file_that_is_received_lies_sealed_and_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    files, data = Files(tmp_path / "blobs"), b"canary" * PIECE
    async with streams.incoming(files) as file:
        for start in range(0, len(data), 10_000):
            await file.write(data[start : start + 10_000])
        await file.end()
        file.wanted = True
    stored = (tmp_path / "blobs" / file.name).read_bytes()
    assert synced[-1] == len(stored) and b"canary" not in stored
    assert (file.size, file.digest) == (len(data), hashlib.sha256(data).hexdigest())
    assert await streams.read(files, file.name, file.key) == data
    (tmp_path / "blobs" / file.name).write_bytes(stored[:SEALED_PIECE])
    with pytest.raises(Broken):
        await streams.read(files, file.name, file.key)


async def test_what_fails_while_it_is_received_is_gone(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with pytest.raises(RuntimeError):
        async with streams.incoming(files) as file:
            await file.write(b"x" * 2 * PIECE)
            raise RuntimeError
    assert stored_in(tmp_path) == []


async def test_who_goes_away_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    """Also where the thread is in the middle of writing: it finds the file closed, not another one's."""
    files, begun = Files(tmp_path), asyncio.Event()
    received: list[streams.Incoming] = []

    async def receive() -> None:
        async with streams.incoming(files) as file:
            received.append(file)
            begun.set()
            while True:
                await file.write(b"x" * PIECE)

    task = asyncio.create_task(receive())
    await begun.wait()
    await until(lambda: received[0].size > 4 * PIECE, what="some of it was received")
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() and stored_in(tmp_path) == []
    with pytest.raises(Retry):
        await received[0].write(b"x" * PIECE)


async def test_a_disk_that_cannot_is_a_retry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(Retry):
        async with streams.incoming(Files(tmp_path / "blobs")):
            raise AssertionError("it began")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with pytest.raises(Retry, match="No space left"):
        async with streams.incoming(Files(tmp_path / "other")) as file:
            monkeypatch.setattr(os, "write", full)
            await file.write(b"x" * 2 * PIECE)
    assert stored_in(tmp_path / "other") == []
