"""A bridge as an operator runs it: a folder of files and a process of the real command."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import aiohttp
import yaml

from bridge.appservice import registration
from bridge.demo.ports import free_port
from bridge.demo.process import end, spawn
from bridge.keyfile import new_key, write_secret
from bridge.model import Json

_POLL = 0.05  # seconds


class BridgeDied(Exception):
    """The process ended by itself; the text is the end of its log."""


@dataclass(slots=True)
class Ports:
    """Where it listens; free ports that stay the same over restarts."""

    appservice: int = field(default_factory=free_port)
    smtp: int = field(default_factory=free_port)
    web: int = field(default_factory=free_port)
    admin: int = field(default_factory=free_port)


class Bridge:
    """One installation below `directory`, for the homeserver at `server_name`.

    `command` runs it, with the path of `folkmoot.yaml` as its last argument.
    """

    def __init__(
        self,
        directory: Path,
        server_name: str,
        domain: str = "consult.alder.example",
        command: tuple[str, ...] = (sys.executable, "-m", "bridge", "run", "-c"),
    ) -> None:
        self.directory = directory
        self.server_name = server_name
        self.domain = domain
        self.ports = Ports()
        self.command = command
        self.registration = registration.create(f"http://127.0.0.1:{self.ports.appservice}", server_name)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def config(self) -> Path:
        return self.directory / "folkmoot.yaml"

    @property
    def log(self) -> Path:
        return self.directory / "bridge.log"

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    @property
    def forms_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.web}"

    def write(self, homeserver_url: str, relay_port: int, consultation: Json, more: Json) -> None:
        """Write all of its files; `more` is laid over `folkmoot.yaml`, group by group."""
        for folder in ("consultations", "forms"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        config: Json = {
            "organisation": "Alder City",
            "homeserver": {"url": homeserver_url, "server_name": self.server_name},
            "appservice": {"listen": f"127.0.0.1:{self.ports.appservice}"},
            "database": "sqlite+aiosqlite:///folkmoot.db",
            "email": {
                "domain": self.domain,
                "listen": f"127.0.0.1:{self.ports.smtp}",
                "relay": {"host": "127.0.0.1", "port": relay_port, "tls": "none"},
            },
            "web": {"listen": f"127.0.0.1:{self.ports.web}", "public_url": self.forms_url},
            "admin": {"listen": f"127.0.0.1:{self.ports.admin}"},
        }
        for key, value in more.items():
            config[key] = {**config.get(key, {}), **value} if isinstance(value, dict) else value
        self.config.write_text(yaml.safe_dump(config, sort_keys=False))
        path = self.directory / "registration.yaml"
        path.write_text(registration.dump(self.registration))
        path.chmod(0o600)
        if not (self.directory / "folkmoot.key").exists():
            write_secret(self.directory / "folkmoot.key", new_key())
        form = resources.files("bridge.forms") / "examples" / "park-ideas.yaml"
        (self.directory / "forms" / "park-ideas.yaml").write_text(form.read_text("utf-8"))
        name = f"{consultation['slug']}.yaml"
        (self.directory / "consultations" / name).write_text(yaml.safe_dump(consultation, sort_keys=False))

    async def start(self, deadline: float = 60, *, ready: bool = True) -> None:
        """Run it; returns when `/health/ready` says so.  Raises `BridgeDied`, `TimeoutError`."""
        self._process = await spawn([*self.command, str(self.config)], self.log)
        if ready:
            await self.wait_ready(deadline)

    async def wait_ready(self, deadline: float = 60) -> None:
        async with asyncio.timeout(deadline), aiohttp.ClientSession() as http:
            url = f"http://127.0.0.1:{self.ports.admin}/health/ready"
            while True:
                if self.pid is None:
                    raise BridgeDied(self.tail())
                try:
                    async with http.get(url) as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass  # it does not listen yet
                await asyncio.sleep(_POLL)

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    async def wait_dead(self) -> int:
        """Its exit code (negative: the signal that ended it)."""
        if self._process is None:
            return 0
        return await self._process.wait()

    async def stop(self, *, kill: bool = False) -> None:
        """End it: by SIGTERM, or at once and unprepared when `kill`."""
        process, self._process = self._process, None
        await end(process, kill=kill)

    async def metrics(self) -> dict[str, float]:
        """What `/metrics` says."""
        url = f"http://127.0.0.1:{self.ports.admin}/metrics"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            lines = (await answer.text()).splitlines()
        return {k: float(v) for k, v in (line.rsplit(" ", 1) for line in lines)}

    async def command_json(self, *arguments: str) -> Json:
        """Run another `folkmoot` command with `--json` on this installation; what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bridge",
            *arguments,
            "-c",
            str(self.config),
            "--json",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, errors = await process.communicate()
        if process.returncode:
            raise BridgeDied(errors.decode(errors="replace")[-2000:])
        answer: Json = json.loads(said)
        return answer
