"""What the Matrix wing needs of the encryption machine, and what it gives it in return."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.channel import Also
from bridge.e2ee.api import Api
from bridge.e2ee.errors import Notice
from bridge.e2ee.inbound import Decrypted
from bridge.e2ee.outbound import Encrypted
from bridge.model import Json


@dataclass(frozen=True, slots=True)
class Hooks:
    """For the machine's constructor: the homeserver, who is in a room, whom to tell what.

    `notify` returns after the notice is in the inbox.  `on_key` says that a room key has come.
    `use_device` is called once the device exists.
    """

    api: Api
    user_id: str
    use_device: Callable[[str], None]
    members: Callable[[str], Awaitable[Mapping[str, int]]]
    notify: Callable[[Notice], Awaitable[None]]
    on_key: Callable[[str, str], None]


class Encrypting(Protocol):
    """What sending needs."""

    async def encrypt(
        self,
        room_id: str,
        event_type: str,
        content: Json,
        *,
        also: Callable[[Encrypted], Also] | None = None,
    ) -> Encrypted: ...

    async def still_good(self, room_id: str, session_id: str) -> bool: ...


class Decrypting(Protocol):
    """What reading needs."""

    async def decrypt(self, event: Mapping[str, Any]) -> Decrypted: ...

    async def request_key(self, event: Mapping[str, Any]) -> bool: ...


class Engine(Encrypting, Decrypting, Protocol):
    """`bridge.e2ee.machine.Machine`, as far as it is used here."""

    async def start(self) -> str | None: ...

    async def recovery_key_kept(self) -> None: ...

    async def sync_once(self, timeout_ms: int) -> int: ...

    async def tick(self) -> None: ...

    async def share_history(self, room_id: str, user_id: str) -> int: ...

    def heard_from(self, server: str) -> None: ...

    async def membership(self, room_id: str, user_id: str, membership: str) -> None: ...

    async def confirm(self, user_id: str) -> None: ...
