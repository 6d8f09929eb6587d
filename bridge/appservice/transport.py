"""mautrix's HTTP client with what we do not want taken out: its log lines and its retries.

What it logs would hold room IDs and, at DEBUG, contents; what it retries would send a second
time what the ledger also repeats.  Answers are read up to a cap, and the server's
`retry_after_ms` is kept, which mautrix drops.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import ClientResponse, ClientSession
from mautrix.api import HTTPAPI, Method, PathBuilder
from mautrix.types import JSON
from mautrix.util.async_body import AsyncBody
from yarl import URL

from bridge.e2ee.api import MatrixError

_LARGEST_ANSWER = 64 * 1024 * 1024  # a room's whole state, or a page of /sync, stays far below
_CHUNK = 64 * 1024


class TooLarge(Exception):
    """An answer went beyond what the caller allowed."""


async def read_capped(response: ClientResponse, cap: int) -> bytes:
    """The body, at most `cap` bytes of it.  Raises `TooLarge`."""
    if (response.content_length or 0) > cap:
        raise TooLarge
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > cap:
            raise TooLarge
    return bytes(body)


def refusal(status: int, body: bytes) -> MatrixError:
    """The `MatrixError` that a standard error response stands for; any garbage has no errcode."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        found = {}
    errcode, error, wait = found.get("errcode"), found.get("error"), found.get("retry_after_ms")
    return MatrixError(
        status,
        errcode if isinstance(errcode, str) else "",
        error[:200] if isinstance(error, str) else "",
        wait / 1000 if isinstance(wait, int | float) and not isinstance(wait, bool) and wait >= 0 else None,
    )


class Transport(HTTPAPI):
    """`request` as in mautrix, raising `MatrixError` for a refusal; silent, one try."""

    def __init__(self, url: str, token: str, session: ClientSession) -> None:
        super().__init__(url, token, client_session=session, default_retry_count=0)

    async def _send(
        self,
        method: Method,
        url: URL,
        content: bytes | bytearray | str | AsyncBody,
        query_params: dict[str, str],
        headers: dict[str, str],
    ) -> tuple[JSON, ClientResponse]:
        sending = self.session.request(
            str(method),
            url,
            data=content or None,
            params=query_params,
            headers=headers,
            allow_redirects=False,
        )
        async with sending as response:
            body = await read_capped(response, _LARGEST_ANSWER)
            if not 200 <= response.status < 300:
                raise refusal(response.status, body)
            try:
                return json.loads(body), response
            except (ValueError, RecursionError) as error:
                raise MatrixError(0, "", "the answer is not JSON") from error

    def address(self, path: PathBuilder | str) -> URL:
        """The whole URL of `path`, already quoted, below the homeserver's address."""
        return self.base_url.with_path(self._full_path(path), encoded=True)

    def _log_request(
        self,
        method: Method,
        url: URL,
        content: object,
        orig_content: object,
        query_params: dict[str, str],
        headers: dict[str, str],
        req_id: int,
        sensitive: bool,
    ) -> None:
        """Nothing: bodies and addresses of rooms are no matter for a log."""

    def _log_request_done(self, path: PathBuilder | str, req_id: int, duration: float, status: int) -> None:
        """Nothing, see above."""
