"""Real homeservers and people for tests: one laboratory, and staff with names nobody else uses.

A wing's conftest.py takes the fixture by `from tests.lab import lab`; its tests then need
`pytestmark = pytest.mark.asyncio(loop_scope="session")`.  A test that needs an application service
boots a `Lab` of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio

from bridge.demo.homeserver import Homeserver
from bridge.demo.lab import Lab
from bridge.demo.officer import Officer
from bridge.model import Json
from tests.element.client import ElementClient
from tests.element.install import NotInstallable, ensure_installed
from tests.lacking import lacking

PASSWORD = "correct horse battery staple"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """Alder and Birch, federating, without an application service."""
    async with Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


def unique(prefix: str) -> str:
    """A localpart that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@contextlib.asynccontextmanager
async def staff(
    server: Homeserver, name: str, directory: Path, *, cross_signed: bool = True
) -> AsyncIterator[Officer]:
    """A new user on `server` with one nio device; the localpart is made unique."""
    localpart = unique(name)
    await server.register(localpart, PASSWORD)
    async with Officer(server.url, localpart, PASSWORD, directory / localpart) as officer:
        if cross_signed:
            await officer.cross_sign()
        yield officer


@contextlib.asynccontextmanager
async def element(
    server: Homeserver, name: str, mode: Literal["normal", "strict"] = "normal"
) -> AsyncIterator[ElementClient]:
    """A new user on `server` in Element, cross-signed; the localpart is made unique."""
    try:
        await asyncio.to_thread(ensure_installed)
    except NotInstallable as error:
        lacking(str(error))
    localpart = unique(name)
    await server.register(localpart, PASSWORD)
    client = await ElementClient.start(server.url, localpart, PASSWORD, mode)
    try:
        yield client
    finally:
        await client.close()


async def create_room(
    server: Homeserver, token: str, *, invite: tuple[str, ...] = (), encrypted: bool = True, **options: object
) -> str:
    """A private room, encrypted unless told otherwise; `options` go into createRoom's body."""
    body: Json = {"preset": "private_chat", "invite": list(invite), **options}
    if encrypted:
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        body["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": content}]
    room: str = (await server.request("POST", "/_matrix/client/v3/createRoom", body, token=token))["room_id"]
    return room
