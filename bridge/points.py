"""The named points at which a crash may fall: every commit and every outside request has one.

A door (the ledger's writer, the Matrix client, the mail sender) takes a `Point` and calls
its `Probe` before and after the act.  In production the probe does nothing; the crash test
passes one that kills the process, and visits every member of this list in both phases.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Protocol


class Point(StrEnum):
    """Where the process touches a disk or a wire.  One member per kind of commit or request."""

    # commits of the ledger
    ACCEPT = "commit.accept"
    SETTLE = "commit.settle"
    DEFER = "commit.defer"
    ENCRYPTED = "commit.encrypted"
    PROGRESS = "commit.progress"
    DELIVERED = "commit.delivered"
    POSTPONE = "commit.postpone"
    HOUSEKEEPING = "commit.housekeeping"
    PAGES = "commit.pages"
    # commits of the crypto store
    CRYPTO_ACCOUNT = "commit.crypto.account"
    CRYPTO_SYNC = "commit.crypto.sync"
    CRYPTO_DEVICES = "commit.crypto.devices"
    CRYPTO_OLM = "commit.crypto.olm"
    CRYPTO_SHARED = "commit.crypto.shared"
    CRYPTO_REPLAY = "commit.crypto.replay"
    # requests to the homeserver: crypto
    SYNC = "matrix.sync"
    PUT_DEVICE = "matrix.put_device"
    KEYS_UPLOAD = "matrix.keys_upload"
    KEYS_QUERY = "matrix.keys_query"
    KEYS_CLAIM = "matrix.keys_claim"
    SIGNING_UPLOAD = "matrix.signing_upload"
    SIGNATURES_UPLOAD = "matrix.signatures_upload"
    SEND_TO_DEVICE = "matrix.send_to_device"
    ACCOUNT_DATA = "matrix.account_data"
    # requests to the homeserver: rooms and events
    SEND = "matrix.send"
    REDACT = "matrix.redact"
    STATE = "matrix.state"
    CREATE_ROOM = "matrix.create_room"
    INVITE = "matrix.invite"
    READ_ROOM = "matrix.read_room"
    MEDIA_CREATE = "matrix.media_create"
    MEDIA_PUT = "matrix.media_put"
    MEDIA_GET = "matrix.media_get"
    REGISTER = "matrix.register"
    PING = "matrix.ping"
    # requests to the relay
    MAIL = "smtp.send"


Phase = Literal["before", "after"]


class Probe(Protocol):
    """Called around the act at `point`; may raise or end the process, returns nothing."""

    def __call__(self, point: Point, phase: Phase) -> None: ...


def quiet(point: Point, phase: Phase) -> None:
    """The probe of production: nothing happens."""
