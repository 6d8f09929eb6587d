"""The one request the machine makes of its surroundings, and the one error it may meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bridge.model import Json
from bridge.points import Point


class MatrixError(Exception):
    """A homeserver's refusal (Client-Server API, "Standard error response").

    `status` is the HTTP status, `errcode` such as "M_FORBIDDEN"; `retry_after` in seconds
    where the server named one.  A connection that failed is status 0, errcode "".
    """

    def __init__(self, status: int, errcode: str, error: str, retry_after: float | None = None) -> None:
        super().__init__(f"{status} {errcode} {error}")
        self.status = status
        self.errcode = errcode
        self.error = error
        self.retry_after = retry_after


class Api(Protocol):
    """Client-server requests as the bot's user and device."""

    async def request(
        self,
        point: Point,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        """One request; `path` from "/_matrix" on, already quoted.  Raises `MatrixError`."""
        ...

    async def upload(self, data: bytes) -> str:
        """Store `data` as application/octet-stream in the media repository; its mxc URI."""
        ...
