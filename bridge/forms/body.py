"""Reading what a browser posts: multipart/form-data, within limits, in memory only.

aiohttp's own `post()` would write files to the disk in the clear.  This reader keeps them in
memory under one budget for all requests together, unpacks nothing, waits for nobody longer
than its deadlines, and drops the bytes of a file that is too large while it goes on reading,
so that the person gets all other answers back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from bridge.forms.fields import MEGABYTE
from bridge.forms.submit import Upload, uploaded

Sent = tuple[dict[str, list[str]], dict[str, list[Upload]]]
"""Values and files, by the name of their input."""


MALFORMED = (
    ValueError,
    LookupError,
    RuntimeError,
    AssertionError,
    ConnectionError,
    HttpProcessingError,
    web.RequestPayloadError,
    web.PayloadAccessError,
)
"""What aiohttp raises for a body that is malformed or breaks off."""


class Busy(Exception):
    """The memory for requests that are being read is full."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds.  `stall` is between two chunks, `whole` for the whole body."""

    body: int = 64 * MEGABYTE
    value: int = 256 * 1024
    values: int = MEGABYTE
    parts: int = 500
    all_requests: int = 256 * MEGABYTE
    stall: float = 30
    whole: float = 900


@dataclass(slots=True)
class BodyReader:
    """Reads bodies under `limits`; `held` bytes are in memory for requests being read or handled."""

    limits: Limits = field(default_factory=Limits)
    held: int = 0

    @contextmanager
    def request(self) -> Iterator[Reading]:
        """Gives back its share of the memory when the request is over."""
        reading = Reading(self)
        try:
            yield reading
        finally:
            self.held -= reading.held


@dataclass(slots=True)
class Reading:
    """One body being read."""

    _all: BodyReader
    held: int = 0
    _seen: int = 0
    _values: int = 0

    async def read(self, request: web.Request, files: Mapping[str, int]) -> Sent:
        """The values and files of `request`; `files` gives the greatest size by input.

        Raises aiohttp's HTTP errors 400, 408, 413, 415, and `Busy`.
        """
        limits = self._all.limits
        if request.content_type != "multipart/form-data":
            raise web.HTTPUnsupportedMediaType
        if (request.content_length or 0) > limits.body:
            raise web.HTTPRequestEntityTooLarge(limits.body, request.content_length or 0)
        try:
            async with asyncio.timeout(limits.whole):
                return await self._parts(request, files)
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except MALFORMED:
            raise web.HTTPBadRequest from None

    async def _parts(self, request: web.Request, files: Mapping[str, int]) -> Sent:
        values: dict[str, list[str]] = {}
        uploads: dict[str, list[Upload]] = {}
        reader = await request.multipart()
        for _ in range(self._all.limits.parts):
            async with asyncio.timeout(self._all.limits.stall):
                part = await reader.next()
            if part is None:
                return values, uploads
            if not isinstance(part, BodyPartReader) or hdrs.CONTENT_ENCODING in part.headers:
                raise web.HTTPUnsupportedMediaType
            name = part.name or ""
            if name in files:
                upload = await self._file(part, files[name])
                if upload is not None:
                    uploads.setdefault(name, []).append(upload)
            else:
                values.setdefault(name, []).append(await self._value(part))
        raise web.HTTPRequestEntityTooLarge(self._all.limits.parts, self._all.limits.parts + 1)

    async def _value(self, part: BodyPartReader) -> str:
        limits, data = self._all.limits, bytearray()
        async for chunk in self._chunks(part):
            self._values += len(chunk)
            data += chunk
            if len(data) > limits.value or self._values > limits.values:
                raise web.HTTPRequestEntityTooLarge(limits.value, len(data))
            self._hold(len(chunk))
        return data.decode("utf-8", "replace")

    async def _file(self, part: BodyPartReader, most: int) -> Upload | None:
        """None when the input was left empty."""
        data, large = bytearray(), False
        async for chunk in self._chunks(part):
            if not large and len(data) + len(chunk) > most:
                large = True
                self._hold(-len(data))
                data.clear()
            if not large:
                self._hold(len(chunk))
                data += chunk
        name = part.filename or ""
        if not name and not data:
            return None
        return uploaded(name, part.headers.get(hdrs.CONTENT_TYPE, ""), bytes(data), large=large)

    async def _chunks(self, part: BodyPartReader) -> AsyncIterator[bytes]:
        """The raw bytes: `Content-Transfer-Encoding` is not looked at (RFC 7578, section 4.7)."""
        limits = self._all.limits
        while not part.at_eof():
            async with asyncio.timeout(limits.stall):
                chunk = await part.read_chunk(64 * 1024)
            self._seen += len(chunk)
            if self._seen > limits.body:
                raise web.HTTPRequestEntityTooLarge(limits.body, self._seen)
            yield bytes(chunk)

    def _hold(self, size: int) -> None:
        if size > 0 and self._all.held + size > self._all.limits.all_requests:
            raise Busy
        self.held += size
        self._all.held += size
