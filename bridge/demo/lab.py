"""The laboratory: Alder and Birch (and Cedar, if wished), real homeservers that federate on loopback.

async with Lab(directory) as lab:
    await lab.alder.register("clerk", "secret")
    lab.proxy.cut("birch.example")
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType

from bridge.demo.authority import Authority
from bridge.demo.homeserver import Homeserver
from bridge.demo.proxy import Proxy

NAMES = ("alder.example", "birch.example", "cedar.example")


class Lab:
    """`count` homeservers of `NAMES` below `directory`; `registration` is for Alder.

    `registration` is the path of an application service's registration, or its text.
    """

    def __init__(
        self,
        directory: Path,
        *,
        registration: Path | str | None = None,
        count: int = 2,
        log_level: str = "WARNING",
        room_version: str = "",
    ) -> None:
        self.directory = directory
        self.authority = Authority(directory / "authority")
        self.proxy = Proxy(self.authority)
        self.servers: dict[str, Homeserver] = {}
        self._registration = registration
        self._names = NAMES[:count]
        self._log_level = log_level
        self._room_version = room_version

    @property
    def alder(self) -> Homeserver:
        """The host's homeserver, which knows the application service."""
        return self.servers["alder.example"]

    @property
    def birch(self) -> Homeserver:
        """The partner's homeserver."""
        return self.servers["birch.example"]

    @property
    def cedar(self) -> Homeserver:
        """A third one, when `count` is 3."""
        return self.servers["cedar.example"]

    async def start(self) -> None:
        """Boots all of them at once and returns when each answers; on a fault none is left behind."""
        await self.proxy.start()
        for name in self._names:
            server = Homeserver(
                self.directory / name.partition(".")[0],
                name,
                authority=self.authority,
                proxy=self.proxy.url_for(name),
                registrations=self._registrations() if name == "alder.example" else (),
                log_level=self._log_level,
                room_version=self._room_version,
            )
            self.servers[name] = server
            await self.proxy.route(name, server.federation_port)
        try:
            async with asyncio.TaskGroup() as group:
                for server in self.servers.values():
                    group.create_task(server.start())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ends all of them."""
        try:
            async with asyncio.TaskGroup() as group:
                for server in self.servers.values():
                    group.create_task(server.stop())
        finally:
            await self.proxy.stop()

    async def __aenter__(self) -> Lab:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _registrations(self) -> tuple[Path, ...]:
        if self._registration is None:
            return ()
        if isinstance(self._registration, Path):
            return (self._registration,)
        path = self.directory / "registration.yaml"
        path.touch(mode=0o600)
        path.write_text(self._registration)
        return (path,)
