"""What every part of the machine is given: where to ask, where to remember, and who we are."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.e2ee.api import Api
from bridge.e2ee.seal import Sealer
from bridge.e2ee.store import CryptoStore
from bridge.model import Json

OLM = "m.olm.v1.curve25519-aes-sha2"
MEGOLM = "m.megolm.v1.aes-sha2"

Clock = Callable[[], int]
Members = Callable[[str], Awaitable[Mapping[str, int]]]
ShareWith = Literal["cross_signed", "all"]


def wall_clock() -> int:
    """Now, in ms since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Core:
    """One device of one user.  `olm_lock` guards the account and the Olm ratchets."""

    api: Api
    store: CryptoStore
    user_id: str
    pickle_key: bytes = field(repr=False)
    clock: Clock
    sealer: Sealer = field(repr=False)
    device_id: str = ""
    olm_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_own(self, user_id: str, device_id: str) -> bool:
        """Whether that is the very device we act for."""
        return user_id == self.user_id and device_id == self.device_id


def compact(obj: object) -> bytes:
    """JSON for a ciphertext."""
    return json.dumps(obj, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def mapping(value: Any, name: str) -> Json:
    """`value[name]` where both are JSON objects; {} for anything else a server may have sent."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def text(value: Any, name: str) -> str:
    """`value[name]` as a string.  Raises ValueError when it is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    if not isinstance(inner, str):
        raise ValueError(f"{name} is missing")  # noqa: TRY004 (malformed input is a ValueError here)
    return inner
