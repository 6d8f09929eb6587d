"""A real Synapse, run by the Python that runs us, on loopback, with SQLite and no experimental flag."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import sys
from pathlib import Path

from bridge.demo.authority import Authority, Identity
from bridge.demo.homeserver_config import configuration, logging_configuration, signing_key, write_json
from bridge.demo.matrix import Door
from bridge.demo.ports import free_port
from bridge.demo.process import end, spawn
from bridge.e2ee.api import MatrixError
from bridge.model import Json

_POLL = 0.05  # seconds between two looks whether it answers


class HomeserverDied(Exception):
    """Synapse ended by itself; the message names its log."""


class Homeserver:
    """One Synapse in `directory` (homeserver.db, media/, homeserver.log, stdout.log).

    `server_name` may be a name without DNS when `proxy` (an `https_proxy` URL) knows it.
    Ports and secrets are chosen once and live as long as the object; the database as long as
    the directory.
    """

    def __init__(
        self,
        directory: Path,
        server_name: str,
        *,
        authority: Authority,
        proxy: str = "",
        registrations: tuple[Path, ...] = (),
        log_level: str = "WARNING",
        room_version: str = "",
    ) -> None:
        self.directory = directory
        self.server_name = server_name
        self.registrations = registrations
        self.log_level = log_level
        self.client_port = free_port()
        self.federation_port = free_port()
        self.url = f"http://127.0.0.1:{self.client_port}"
        self._authority = authority
        self._proxy = proxy
        self._room_version = room_version
        self._shared_secret = secrets.token_hex(16)
        self._process: asyncio.subprocess.Process | None = None
        self._door = Door(self.url)

    @property
    def pid(self) -> int | None:
        """The process that runs now; None when none does."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    @property
    def log(self) -> Path:
        """Where Synapse writes its log."""
        return self.directory / "homeserver.log"

    @property
    def database(self) -> Path:
        """Its SQLite database."""
        return self.directory / "homeserver.db"

    @property
    def media(self) -> Path:
        """Its media store."""
        return self.directory / "media"

    async def start(self, deadline: float = 60) -> None:
        """Boots it and returns when it answers; raises `HomeserverDied` or `TimeoutError`."""
        if self.pid is not None:
            return
        config = self._write()
        command = (sys.executable, "-m", "synapse.app.homeserver", "-c", str(config))
        self._process = await spawn(command, self.directory / "stdout.log", _environment())
        await self.wait_ready(deadline)

    async def wait_ready(self, deadline: float = 60) -> None:
        """Returns when it answers requests; raises `HomeserverDied`, or `TimeoutError` after `deadline` s."""
        async with asyncio.timeout(deadline):
            while True:
                if self.pid is None:
                    raise HomeserverDied(f"{self.server_name} does not run: see {self.directory}/stdout.log")
                try:
                    await self._door.request("GET", "/_matrix/client/versions", timeout=5)
                except MatrixError:
                    await asyncio.sleep(_POLL)
                else:
                    return

    async def stop(self, kill: bool = False) -> None:
        """Ends it: by SIGTERM, or at once and unprepared when `kill`.  Nothing when it does not run."""
        await self._door.close()
        process, self._process = self._process, None
        await end(process, kill=kill)

    async def restart(self, kill: bool = False) -> None:
        """`stop` and `start`: same ports, same database."""
        await self.stop(kill)
        await self.start()

    async def register(self, localpart: str, password: str, admin: bool = False) -> str:
        """A new user (Synapse admin API, shared-secret registration); their user ID."""
        nonce = (await self.request("GET", "/_synapse/admin/v1/register"))["nonce"]
        role = "admin" if admin else "notadmin"
        digest = hmac.new(
            self._shared_secret.encode(), "\0".join((nonce, localpart, password, role)).encode(), hashlib.sha1
        )
        answer = await self.request(
            "POST",
            "/_synapse/admin/v1/register",
            {
                "nonce": nonce,
                "username": localpart,
                "password": password,
                "admin": admin,
                "inhibit_login": True,
                "mac": digest.hexdigest(),
            },
        )
        user_id: str = answer["user_id"]
        return user_id

    async def login(
        self, localpart: str, password: str, device_id: str | None = None
    ) -> tuple[str, str, str]:
        """A device of the user by password: (user ID, device ID, access token)."""
        body: Json = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": localpart},
            "password": password,
        }
        if device_id is not None:
            body["device_id"] = device_id
        answer = await self.request("POST", "/_matrix/client/v3/login", body)
        return answer["user_id"], answer["device_id"], answer["access_token"]

    async def request(
        self, method: str, path: str, body: Json | None = None, *, token: str = "", timeout: float = 60
    ) -> Json:
        """One raw client-server request; raises `MatrixError`."""
        return await self._door.request(method, path, body, token=token, timeout=timeout)

    def _write(self) -> Path:
        self.directory.mkdir(parents=True, exist_ok=True)
        identity: Identity = self._authority.issue(self.server_name)
        signing_key(self.directory / "signing.key")
        write_json(self.directory / "log.yaml", logging_configuration(self.log, self.log_level))
        return write_json(
            self.directory / "homeserver.yaml",
            configuration(
                server_name=self.server_name,
                directory=self.directory,
                client_port=self.client_port,
                federation_port=self.federation_port,
                tls=identity,
                trusted=self._authority.certificate,
                proxy=self._proxy,
                shared_secret=self._shared_secret,
                registrations=self.registrations,
                room_version=self._room_version,
            ),
        )


def _environment() -> dict[str, str]:
    """Ours, with `bridge` importable, and without settings that would send loopback through a proxy."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    return environment
