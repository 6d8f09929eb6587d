"""The tables of the crypto store: one for each kind of row in `bridge.e2ee.rows`.

`owner` is the Matrix user ID of the bot whose device the row belongs to.
"""

from __future__ import annotations

import sqlalchemy as sa

from bridge.e2ee.rows import (
    AccountRow,
    DeviceRow,
    InboundRow,
    OlmRow,
    OutboundRow,
    ReplayRow,
    RequestRow,
    Row,
    SecretRow,
    SharedRow,
    StartRow,
    UserRow,
    WithheldRow,
)
from bridge.ledger.metadata import metadata


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _maybe(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=True)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _table(name: str, *columns: sa.Column[str] | sa.Column[int] | sa.Column[bool]) -> sa.Table:
    return sa.Table(f"e2ee_{name}", metadata, _key("owner"), *columns)


account = _table(
    "account", _key("user_id"), _text("device_id"), _text("pickle"), _flag("uploaded"), _maybe("sync_token")
)
secret = sa.Table(
    "e2ee_secret", metadata, _key("owner"), _key("name"), sa.Column("sealed", sa.LargeBinary, nullable=False)
)
olm_session = _table(
    "olm_session",
    _key("sender_key"),
    _key("session_id"),
    _text("pickle"),
    _number("created"),
    _number("used"),
)
user = _table(
    "user",
    _key("user_id"),
    _flag("dirty"),
    _maybe("pinned"),
    _maybe("master"),
    _maybe("self_signing"),
    _maybe("told"),
)
device = _table(
    "device",
    _key("user_id"),
    _key("device_id"),
    _text("curve25519"),
    _text("ed25519"),
    _maybe("signed_by"),
    _flag("told"),
    _flag("caught_up"),
    _number("tries"),
    _number("retry_at"),
)
outbound = _table("outbound", _key("room_id"), _text("session_id"), _text("pickle"))
start = sa.Table(
    "e2ee_start",
    metadata,
    _key("owner"),
    _key("session_id"),
    _text("room_id"),
    _text("pickle"),
    _number("created"),
    _flag("invalid"),
    sa.Column("entitled", sa.JSON, nullable=False),
)
shared = _table(
    "shared",
    _key("session_id"),
    _key("user_id"),
    _key("device_id"),
    _text("sender_key"),
    _number("at_index"),
    _maybe("withheld"),
)
sa.Index("ix_e2ee_shared_device", shared.c.owner, shared.c.user_id, shared.c.device_id)
inbound = _table(
    "inbound",
    _key("room_id"),
    _key("session_id"),
    _key("sender_key"),
    _text("signing_key"),
    _text("pickle"),
    _number("first_index"),
    _flag("shared_history"),
    _number("received"),
)
replay = sa.Table(
    "e2ee_replay",
    metadata,
    _key("owner"),
    _key("session_id"),
    _key("sender_key"),
    sa.Column("message_index", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("event_id"),
    _number("ts"),
)
withheld = _table("withheld", _key("room_id"), _key("session_id"), _text("code"))
request = _table(
    "request",
    _key("room_id"),
    _key("session_id"),
    _key("sender_key"),
    _text("user_id"),
    _text("device_id"),
    _text("request_id"),
    _number("sent"),
)

TABLES: dict[type[Row], sa.Table] = {
    AccountRow: account,
    SecretRow: secret,
    OlmRow: olm_session,
    UserRow: user,
    DeviceRow: device,
    OutboundRow: outbound,
    StartRow: start,
    SharedRow: shared,
    InboundRow: inbound,
    ReplayRow: replay,
    WithheldRow: withheld,
    RequestRow: request,
}
