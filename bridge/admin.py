"""The operators' listener: is it alive, is it ready, and how much is where."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bridge.errors import Refuse, Retry

Numbers = Callable[[], Awaitable[Mapping[str, float]]]


class Admin:
    """`/health/live`: the process answers.  `/health/ready`: every `ready()` is true.
    `/metrics`: Prometheus' text format, version 0.0.4; holds counts, never names."""

    def __init__(
        self, host: str, port: int, ready: Callable[[], Mapping[str, bool]], numbers: Numbers
    ) -> None:
        self._host, self._port = host, port
        self._ready, self._numbers = ready, numbers

    async def serve(self) -> None:
        """Listen until cancelled.  Raises `Refuse` when the address cannot be had."""
        application = web.Application()
        application.router.add_get("/health/live", self._live)
        application.router.add_get("/health/ready", self._is_ready)
        application.router.add_get("/metrics", self._metrics)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, self._host, self._port).start()
            except OSError as e:
                raise Refuse(
                    f"admin.listen: cannot listen on {self._host}:{self._port}: {e.strerror}"
                ) from None
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _is_ready(self, _request: web.Request) -> web.Response:
        parts = dict(self._ready())
        return web.json_response(parts, status=200 if all(parts.values()) else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        try:
            numbers = await self._numbers()
        except Retry as e:
            return web.Response(status=503, text=e.reason)
        lines = [f"folkmoot_{name} {value}" for name, value in sorted(numbers.items())]
        return web.Response(text="\n".join(lines) + "\n", content_type="text/plain")
