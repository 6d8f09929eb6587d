"""The few raw client-server requests of the laboratory: one small door, errors as `MatrixError`."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import aiohttp

from bridge.e2ee.api import MatrixError
from bridge.model import Json


class Door:
    """Requests to one homeserver at `url`; close it at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        token: str = "",
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        """One request with a JSON body; `path` from "/_matrix" on, already quoted.  Raises `MatrixError`."""
        return await self._exchange(method, path, token, query, timeout, json=body)

    async def upload(self, data: bytes, *, token: str, mime: str = "application/octet-stream") -> str:
        """Stores `data` in the media repository; its mxc URI."""
        answer = await self._exchange(
            "POST", "/_matrix/media/v3/upload", token, None, 60, data=data, headers={"Content-Type": mime}
        )
        uri: str = answer["content_uri"]
        return uri

    async def download(self, mxc: str, *, token: str) -> bytes:
        """The bytes behind an mxc URI (authenticated media, Client-Server API v1.11)."""
        server, _, media = mxc.removeprefix("mxc://").partition("/")
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/_matrix/client/v1/media/download/{server}/{media}"
        async with self._client().get(url, headers=headers) as answer:
            if answer.status != 200:
                raise MatrixError(answer.status, "", "the media repository refused")
            return await answer.read()

    async def _exchange(
        self,
        method: str,
        path: str,
        token: str,
        query: Mapping[str, str] | None,
        timeout: float,
        *,
        headers: Mapping[str, str] | None = None,
        json: Json | None = None,
        data: bytes | None = None,
    ) -> Json:
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._client().request(
                method,
                self.url + path,
                json=json,
                data=data,
                params=query,
                headers=headers,
                timeout=aiohttp.ClientTimeout(timeout),
            ) as answer:
                content: Any = await answer.json(content_type=None)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise MatrixError(0, "", type(error).__name__) from error
        if not isinstance(content, dict):
            raise MatrixError(status, "", "the answer is not a JSON object")
        if status >= 400:
            raise MatrixError(status, str(content.get("errcode", "")), str(content.get("error", "")))
        return content

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Door:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
