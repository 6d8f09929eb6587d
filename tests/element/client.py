"""`ElementClient`: a person in Element Web, as seen by a test (client.mjs does the work).

client = await ElementClient.start(lab.alder.url, "clerk", "secret", mode="strict")
event = await client.wait_for(lambda e: e.body == "hello")
assert event.unshielded
await client.close()
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

from bridge.model import Json
from tests.element.install import HERE, ensure_installed

_LINE_LIMIT = 16 * 1024 * 1024  # bytes of one report
_ANSWER = 60.0  # seconds for a command


class ElementError(Exception):
    """What the client answered to a command that failed, or that it ended."""


@dataclass(frozen=True)
class ElementEvent:
    """An event as Element has it; reported again whenever that changes.

    `failure` is Element's reason when it could not be decrypted; `shield` is "NONE", "GREY" or
    "RED" with Element's `reason`, None for what was not encrypted; `content` is as sent, `current`
    as edited, `relation` as on the wire.
    """

    id: str
    room: str
    sender: str
    ts: int
    type: str
    state_key: str | None
    content: Json
    current: Json
    relation: Json | None
    thread: str | None
    redacts: str | None
    redacted: bool
    encrypted: bool
    session: str | None
    failure: str | None
    shield: str | None
    reason: str | None

    @property
    def body(self) -> str:
        """The text as sent; "" when there is none."""
        return str(self.content.get("body", "")) if self.failure is None else ""

    @property
    def unshielded(self) -> bool:
        """Encrypted, decrypted, and shown without any warning."""
        return self.encrypted and self.failure is None and self.shield == "NONE"


@dataclass
class ElementClient:
    """Start it with `start`; everything it saw is in `events`, by event ID, oldest first."""

    user_id: str = ""
    device_id: str = ""
    events: dict[str, ElementEvent] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    _process: asyncio.subprocess.Process | None = None
    _reader: asyncio.Task[None] | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _count: int = 0

    @classmethod
    async def start(
        cls,
        base_url: str,
        user: str,
        password: str,
        mode: Literal["normal", "strict"] = "normal",
        deadline: float = 60,
    ) -> ElementClient:
        """Logs in a new device, cross-signed; returns after its first sync."""
        binary = await asyncio.to_thread(ensure_installed)
        client = cls()
        client._process = await asyncio.create_subprocess_exec(
            str(binary),
            str(HERE / "client.mjs"),
            base_url,
            user,
            mode,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            cwd=HERE,
        )
        client._write(password)
        client._reader = asyncio.get_running_loop().create_task(client._read())
        try:
            async with asyncio.timeout(deadline):
                await client._ready.wait()
        except BaseException:
            await client.close()
            raise
        if not client.user_id:
            await client.close()
            raise ElementError("the client ended before its first sync (ELEMENT_DEBUG=1 says why)")
        return client

    async def close(self) -> None:
        """Ends the process."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader
        self._process = None

    async def __aenter__(self) -> ElementClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def wait_for(
        self, predicate: Callable[[ElementEvent], object], deadline: float = 20
    ) -> ElementEvent:
        """The first event, old or new, for which `predicate` is true; fails after `deadline` seconds."""

        def found() -> ElementEvent | None:
            return next((event for event in self.events.values() if predicate(event)), None)

        await self._until(lambda: found() is not None, deadline, "no such event")
        event = found()
        assert event is not None
        return event

    async def wait_joined(self, room: str, deadline: float = 20) -> None:
        """Until it accepted the invitation to `room`."""
        await self._until(lambda: room in self.joined, deadline, "the room was not joined")

    async def send(
        self,
        room: str,
        content: str | Json,
        *,
        thread: str | None = None,
        reply: str | None = None,
        event_type: str = "m.room.message",
    ) -> str:
        """An encrypted event; `thread` and `reply` add the relation Element would.  The event ID."""
        text = {"msgtype": "m.text", "body": content} if isinstance(content, str) else content
        event_id: str = await self.command(
            "send", room=room, content=text, thread=thread, reply=reply, type=event_type
        )
        return event_id

    async def edit(self, room: str, target: str, body: str) -> str:
        """Replaces the text of one's own message; the edit's event ID."""
        event_id: str = await self.command("edit", room=room, target=target, body=body)
        return event_id

    async def redact(self, room: str, target: str) -> str:
        """Removes an event; the redaction's event ID."""
        event_id: str = await self.command("redact", room=room, target=target)
        return event_id

    async def react(self, room: str, target: str, key: str) -> str:
        """A reaction, which is never encrypted; its event ID."""
        event_id: str = await self.command("react", room=room, target=target, key=key)
        return event_id

    async def join(self, room: str, via: list[str] | None = None) -> str:
        """Joins a room by ID or alias (a restricted join too); the room ID."""
        room_id: str = await self.command("join", room=room, via=via or [])
        self.joined.add(room_id)
        return room_id

    async def rooms(self) -> list[Json]:
        """id, name, type, membership, encrypted and version of each room it knows."""
        rooms: list[Json] = await self.command("rooms")
        return rooms

    async def status(self, user: str) -> Json:
        """known, needsUserApproval (the identity changed) and devices {id: {signedByOwner}} of `user`."""
        status: Json = await self.command("status", user=user)
        return status

    async def recheck(self) -> None:
        """Asks for the shields of all events again; `events` is up to date afterwards."""
        await self.command("recheck")

    async def command(self, cmd: str, **parameters: object) -> Any:
        """Any command of client.mjs; raises `ElementError`."""
        self._count += 1
        number = self._count
        self._answers[number] = asyncio.get_running_loop().create_future()
        self._write(json.dumps({"id": number, "cmd": cmd, **parameters}))
        try:
            async with asyncio.timeout(_ANSWER):
                return await self._answers[number]
        finally:
            del self._answers[number]

    def _write(self, line: str) -> None:
        if self._process is None or self._process.stdin is None or self._process.returncode is not None:
            raise ElementError("the client does not run")
        self._process.stdin.write(line.encode() + b"\n")

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        async for line in self._process.stdout:
            async with self._changed:
                self._take(json.loads(line))
                self._changed.notify_all()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ElementError("the client ended"))
        self._ready.set()

    def _take(self, report: Json) -> None:
        kind = report.pop("t")
        if kind == "event":
            self.events[report["id"]] = ElementEvent(**report)
        elif kind == "ready":
            self.user_id, self.device_id = report["user"], report["device"]
            self._ready.set()
        elif kind == "joined":
            self.joined.add(report["room"])
        elif kind == "answer":
            answer = self._answers.get(report["id"])
            if answer is not None and not answer.done():
                if "error" in report:
                    answer.set_exception(ElementError(report["error"]))
                else:
                    answer.set_result(report["result"])
        else:
            self.faults.append(json.dumps(report))

    async def _until(self, condition: Callable[[], bool], deadline: float, what: str) -> None:
        try:
            async with asyncio.timeout(deadline), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            seen = [(e.sender, e.type, e.failure, e.shield, e.body) for e in self.events.values()]
            raise AssertionError(f"{what} within {deadline} s; seen: {seen}") from None
