"""What the machine remembers, as frozen rows.  `KEY` names the fields that identify a row.

Everything is of one device.  A `pickle` is vodozemac's, encrypted under the pickle key.
Times are ms since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from bridge.model import Json


@dataclass(frozen=True, slots=True)
class Row:
    KEY: ClassVar[tuple[str, ...]] = ()

    @property
    def key(self) -> tuple[str | int, ...]:
        """The values of the identifying fields."""
        return tuple(getattr(self, name) for name in self.KEY)


@dataclass(frozen=True, slots=True)
class AccountRow(Row):
    """The Olm account.  `uploaded`: the server has the device keys.  `sync_token` is the next `since`."""

    KEY: ClassVar[tuple[str, ...]] = ("user_id",)
    user_id: str
    device_id: str
    pickle: str = field(repr=False)
    uploaded: bool = False
    sync_token: str | None = None


@dataclass(frozen=True, slots=True)
class SecretRow(Row):
    """A cross-signing seed, or the recovery key until its file is written; sealed."""

    KEY: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OlmRow(Row):
    """One Olm session with the device whose Curve25519 key is `sender_key`.

    `used` is when something was last received on it, or when it was made.
    """

    KEY: ClassVar[tuple[str, ...]] = ("sender_key", "session_id")
    sender_key: str
    session_id: str
    pickle: str = field(repr=False)
    created: int = 0
    used: int = 0


@dataclass(frozen=True, slots=True)
class UserRow(Row):
    """A user's identity as last seen.

    `pinned` is the master key of first sight or of the operator's confirmation, `master` the
    one the server names now, `self_signing` that which `master` signs.  `told`: the changed
    master key the operator has been told of.  `dirty`: ask again before the next use.
    """

    KEY: ClassVar[tuple[str, ...]] = ("user_id",)
    user_id: str
    dirty: bool = False
    pinned: str | None = None
    master: str | None = None
    self_signing: str | None = None
    told: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceRow(Row):
    """A device as last seen.

    `signed_by` is the self-signing key that signs it.  `told`: a notice of its missing signature
    went out.  `caught_up`: it has every key of the last 30 days that it may have; otherwise
    it is tried again at `retry_at`, after `tries` failures.
    """

    KEY: ClassVar[tuple[str, ...]] = ("user_id", "device_id")
    user_id: str
    device_id: str
    curve25519: str
    ed25519: str
    signed_by: str | None = None
    told: bool = False
    caught_up: bool = False
    tries: int = 0
    retry_at: int = 0

    @property
    def key_pair(self) -> tuple[str, str]:
        return self.user_id, self.device_id


@dataclass(frozen=True, slots=True)
class OutboundRow(Row):
    """The Megolm session a room is written with at the moment; its pickle holds the next index."""

    KEY: ClassVar[tuple[str, ...]] = ("room_id",)
    room_id: str
    session_id: str
    pickle: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StartRow(Row):
    """An outbound session as it was at index 0, kept 30 days for devices that are signed late.

    `entitled` says from which index each member may read.  `invalid`: somebody has the key
    who may not read on; nothing more is sent with it.
    """

    KEY: ClassVar[tuple[str, ...]] = ("session_id",)
    session_id: str
    room_id: str
    pickle: str = field(repr=False)
    created: int = 0
    invalid: bool = False
    entitled: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SharedRow(Row):
    """That a device got an outbound session's key from `at_index` on, or why it did not."""

    KEY: ClassVar[tuple[str, ...]] = ("session_id", "user_id", "device_id")
    session_id: str
    user_id: str
    device_id: str
    sender_key: str
    at_index: int
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class InboundRow(Row):
    """A room key as one device gave it to us; `signing_key` is the Ed25519 key that device claimed."""

    KEY: ClassVar[tuple[str, ...]] = ("room_id", "session_id", "sender_key")
    room_id: str
    session_id: str
    sender_key: str
    signing_key: str
    pickle: str = field(repr=False)
    first_index: int = 0
    shared_history: bool = False
    received: int = 0


@dataclass(frozen=True, slots=True)
class ReplayRow(Row):
    """Which event used an index of a session: another one with the same index is a replay."""

    KEY: ClassVar[tuple[str, ...]] = ("session_id", "sender_key", "message_index")
    session_id: str
    sender_key: str
    message_index: int
    event_id: str
    ts: int


@dataclass(frozen=True, slots=True)
class WithheldRow(Row):
    """Somebody said that we do not get this key, and why.  Plaintext, so information only."""

    KEY: ClassVar[tuple[str, ...]] = ("room_id", "session_id")
    room_id: str
    session_id: str
    code: str


@dataclass(frozen=True, slots=True)
class RequestRow(Row):
    """A room key we asked one device for; an answer counts only from that device."""

    KEY: ClassVar[tuple[str, ...]] = ("room_id", "session_id", "sender_key")
    room_id: str
    session_id: str
    sender_key: str
    user_id: str
    device_id: str
    request_id: str
    sent: int


KINDS: tuple[type[Row], ...] = (
    AccountRow,
    SecretRow,
    OlmRow,
    UserRow,
    DeviceRow,
    OutboundRow,
    StartRow,
    SharedRow,
    InboundRow,
    ReplayRow,
    WithheldRow,
    RequestRow,
)
