"""A throw-away PostgreSQL for the session, and a fresh database of either kind for each test.

tests/conftest.py hands the fixtures out.  The server listens on a socket in a folder of its own, never
on a port.  Where PostgreSQL is missing, its
half of the tests is named as left out; with FOLKMOOT_TEST_ALL=1 it fails instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bridge.ledger import schema
from bridge.ledger.engine import open_engine

_PR_SET_PDEATHSIG = 1  # prctl(2)
_START_SECONDS = 60


def binaries() -> Path | None:
    """The folder that holds initdb, postgres and psql; the newest of several, None when there is none."""
    folders = [Path(p).resolve().parent for p in [shutil.which("initdb")] if p]
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(versions, key=lambda p: [int(n) for n in p.parent.name.split(".")], reverse=True)
    needed = ("initdb", "postgres", "psql")
    return next((f for f in folders if all((f / name).exists() for name in needed)), None)


def _unprivileged() -> dict[str, Any]:
    """Whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise AssertionError("neither the user postgres nor nobody exists")


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(slots=True)
class Postgres:
    """A running server.  `create` makes an empty database, `drop` removes it with its connections."""

    bin: Path
    folder: Path
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def sql(self, statement: str) -> None:
        """Run one statement as the superuser.  Raises `CalledProcessError`."""
        command = f"{self.bin}/psql -X -q -h {self.folder} -U postgres -d postgres -c".split()
        subprocess.run([*command, statement], check=True, capture_output=True)

    def create(self, template: str = "template0") -> str:
        """A copy of `template`, else an empty database; its name."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@/{name}?host={self.folder}"


@contextlib.contextmanager
def running(folder_of_binaries: Path) -> Iterator[Postgres]:
    """A server with a fresh cluster; stopped by its PID, and by the kernel when this process dies."""
    who = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="fm-pg-"))
    if who:
        os.chown(folder, who["user"], who["group"])
    log = folder / "log"
    data = folder / "data"
    process: subprocess.Popen[bytes] | None = None
    try:
        initdb = f"{folder_of_binaries}/initdb -D {data} -U postgres -A trust -N -E UTF8 --locale=C"
        made = subprocess.run(initdb.split(), cwd=folder, capture_output=True, text=True, check=False, **who)
        assert made.returncode == 0, made.stderr
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "60",
        }
        settings = [f"--{name}={value}" for name, value in options.items()]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(folder_of_binaries / "postgres"), "-D", str(data), *settings],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the tests; the server is stopped below
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl, before any thread of ours
                **who,
            )
        server = Postgres(folder_of_binaries, folder, process)
        _await_start(server, log)
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # "fast shutdown": connections are ended
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _await_start(server: Postgres, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            return server.sql("SELECT 1")
        except subprocess.CalledProcessError:
            alive = server.process.poll() is None
            assert alive and time.monotonic() < end, log.read_text(errors="replace")
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's server.  Skips, with the reason, where PostgreSQL is not installed."""
    folder = binaries()
    if folder is None:
        reason = "left out: PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("FOLKMOOT_TEST_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with running(folder) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    try:
        yield server.url(name)
    finally:
        server.drop(name)


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/folkmoot.db"


# ------------------------------------------------------------------ with the present schema


async def _migrate(url: str) -> None:
    engine = open_engine(url)
    await schema.migrate(engine)
    await engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file whose schema is the present one."""
    folder = tmp_path_factory.mktemp("template")
    asyncio.run(_migrate(sqlite_url(folder)))
    return folder / "folkmoot.db"


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of such a database."""
    name = postgres.create()
    asyncio.run(_migrate(postgres.url(name)))
    return name


@pytest.fixture
def migrated_sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database with the present schema and nothing in it."""
    shutil.copy(sqlite_template, tmp_path / "folkmoot.db")
    return sqlite_url(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database of each kind with the present schema and nothing in it."""
    if request.param == "sqlite":
        yield request.getfixturevalue("migrated_sqlite")
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    try:
        yield server.url(name)
    finally:
        server.drop(name)
