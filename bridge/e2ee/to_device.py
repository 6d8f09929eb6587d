"""Sending to devices: at most 250 of them in one request, each at most once.

Source: Client-Server API, "Send-to-device messaging".
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from bridge.e2ee.core import Core
from bridge.e2ee.rows import DeviceRow
from bridge.model import Json
from bridge.points import Point

LIMIT = 250


@dataclass(frozen=True, slots=True)
class ToDevice:
    """One message for one device; `content` is in the clear here."""

    device: DeviceRow
    kind: str
    content: Json = field(repr=False)


def batches(messages: Iterable[tuple[int, DeviceRow]]) -> Iterator[list[int]]:
    """Numbers of messages that fit into one request: no device twice, no more than `LIMIT`."""
    waiting = list(messages)
    while waiting:
        batch: list[int] = []
        seen: set[tuple[str | int, ...]] = set()
        rest: list[tuple[int, DeviceRow]] = []
        for number, device in waiting:
            if len(batch) < LIMIT and device.key not in seen:
                seen.add(device.key)
                batch.append(number)
            else:
                rest.append((number, device))
        yield batch
        waiting = rest


async def send(core: Core, kind: str, messages: Iterable[tuple[DeviceRow, Json]]) -> None:
    """One /sendToDevice request, under a transaction ID of its own.  Raises `MatrixError`."""
    body: dict[str, dict[str, Json]] = {}
    for device, content in messages:
        body.setdefault(device.user_id, {})[device.device_id] = content
    if body:
        path = f"/_matrix/client/v3/sendToDevice/{quote(kind, safe='')}/{os.urandom(12).hex()}"
        await core.api.request(Point.SEND_TO_DEVICE, "PUT", path, {"messages": body})
