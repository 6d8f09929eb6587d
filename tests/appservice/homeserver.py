"""A homeserver in this process: as much of one as the Matrix wing's units need.

It keeps sent events per (device, transaction ID), media, and one state; and it can be told to
refuse the next requests.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bridge.model import Json

TOKEN = "as-token-as-token-as-token-as-token"
BOT = "@folkmoot_bot:alder.example"


class FakeHomeserver:
    """`asked` lists what came as "METHOD path"; `refusals` are answered first, (part of path, response)."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.queries: list[dict[str, str]] = []
        self.refusals: list[tuple[str, web.Response]] = []
        self.events: list[Json] = []
        self.media: dict[str, bytes | None] = {}
        self.state: dict[str, Json] = {"m.room.encryption/": {"algorithm": "m.megolm.v1.aes-sha2"}}
        self._sent: dict[tuple[str, str], str] = {}
        self._lost = ""

    def refuse(self, part: str, status: int, errcode: str = "", **more: object) -> None:
        """The next request whose path contains `part` is refused."""
        body = {"errcode": errcode, "error": "refused", **more}
        self.refusals.append((part, web.json_response(body, status=status)))

    def lose_answer(self, part: str) -> None:
        """The next request whose path contains `part` takes effect, and its answer never arrives."""
        self._lost = part

    async def _any(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.asked.append(f"{request.method} {path}")
        self.queries.append(dict(request.query))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"errcode": "M_UNKNOWN_TOKEN", "error": ""}, status=401)
        for entry in self.refusals:
            if entry[0] in path:
                self.refusals.remove(entry)
                return entry[1]
        answer = await self._answer(request, path)
        if self._lost and self._lost in path:
            self._lost = ""
            assert request.transport is not None
            request.transport.abort()
        return answer

    async def _answer(self, request: web.Request, path: str) -> web.StreamResponse:
        parts = path.strip("/").split("/")
        if "/send/" in path:
            return self._send(request, parts[-2], parts[-1], await request.json())
        if "/redact/" in path:
            return web.json_response({"event_id": "$redaction"})
        if "/state/" in path:
            kind, _, key = path.partition("/state/")[2].partition("/")
            found = self.state.get(f"{kind}/{key}")
            return web.json_response(found) if found is not None else _missing()
        if path.endswith("/messages"):
            return self._messages(request)
        if path.endswith("/media/v1/create"):
            mxc = f"mxc://alder.example/m{len(self.media)}"
            self.media[mxc] = None
            return web.json_response({"content_uri": mxc})
        if "/upload/" in path:
            return self._put(f"mxc://{parts[-2]}/{parts[-1]}", await request.read())
        if "/download/" in path:
            data = self.media.get(f"mxc://{parts[-2]}/{parts[-1]}")
            return web.Response(body=data) if data is not None else _missing()
        return web.json_response({})

    def _send(self, request: web.Request, kind: str, transaction: str, content: Json) -> web.Response:
        key = (request.query.get("device_id", ""), transaction)
        if key not in self._sent:
            self._sent[key] = f"${len(self.events)}"
            self.add(kind, content, event_id=self._sent[key])
        return web.json_response({"event_id": self._sent[key]})

    def add(self, kind: str, content: Json, event_id: str, ts: int = 1_000_000) -> None:
        """An event in the room."""
        self.events.append(
            {
                "type": kind,
                "content": content,
                "event_id": event_id,
                "sender": BOT,
                "origin_server_ts": ts,
            }
        )

    def _messages(self, request: web.Request) -> web.Response:
        newest_first = self.events[::-1]
        start, limit = int(request.query.get("from", "0")), int(request.query["limit"])
        page: Json = {"chunk": newest_first[start : start + limit], "start": str(start)}
        if start + limit < len(newest_first):
            page["end"] = str(start + limit)
        return web.json_response(page)

    def _put(self, mxc: str, data: bytes) -> web.Response:
        if mxc not in self.media:
            return _missing()
        if self.media[mxc] is not None:
            return web.json_response({"errcode": "M_CANNOT_OVERWRITE_MEDIA", "error": ""}, status=409)
        self.media[mxc] = data
        return web.json_response({})

    def transactions(self) -> list[str]:
        """The transaction IDs of sends that came, also of those that were refused."""
        return [entry.rpartition("/")[2] for entry in self.asked if "/send/" in entry]


def _missing() -> web.Response:
    return web.json_response({"errcode": "M_NOT_FOUND", "error": ""}, status=404)


@asynccontextmanager
async def running() -> AsyncIterator[FakeHomeserver]:
    """One on a free port."""
    homeserver = FakeHomeserver()
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/{path:.*}", homeserver._any)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    addresses: Any = runner.addresses
    homeserver.url = f"http://127.0.0.1:{addresses[0][1]}"
    try:
        yield homeserver
    finally:
        await runner.cleanup()


def as_json(value: object) -> bytes:
    """For raw events."""
    return json.dumps(value).encode()
