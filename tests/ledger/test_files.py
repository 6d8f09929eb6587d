"""Files beside the database: durable, private, and forgotten on demand."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from bridge.errors import Broken, Retry
from bridge.ledger.files import Files


async def test_what_was_written_is_read_and_removed(tmp_path: Path) -> None:
    files = Files(tmp_path / "blobs")
    assert await files.all() == set()
    one, other = await files.write(b"one"), await files.write(b"other")
    assert await files.read(one) == b"one"
    assert await files.all() == {one, other}
    await files.remove([one, "never-there"])
    files.discard([other, "never-there"])
    assert await files.all() == set()
    with pytest.raises(Broken):
        await files.read(one)


async def test_only_the_owner_may_look(tmp_path: Path) -> None:
    files = Files(tmp_path / "blobs")
    name = await files.write(b"x")
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "blobs" / name).stat().st_mode) == 0o600


async def test_file_and_folder_are_synced_before_the_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bool, int]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        synced.append((stat.S_ISDIR(found.st_mode), 0 if stat.S_ISDIR(found.st_mode) else found.st_size))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    await Files(tmp_path / "blobs").write(b"12345")
    assert synced == [(False, 5), (True, 0)]


async def test_a_disk_that_cannot_is_a_retry(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("in the way")
    with pytest.raises(Retry, match="cannot write"):
        await Files(tmp_path / "blobs").write(b"x")


def test_what_cannot_be_discarded_is_said_and_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "folder").mkdir()
    with caplog.at_level(logging.WARNING):
        Files(tmp_path).discard(["folder"])
    assert "cannot remove" in caplog.text
