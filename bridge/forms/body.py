"""Reading what a browser posts: forms as multipart/form-data or urlencoded, within limits.

    values  small, kept in memory under one budget for all requests together
    files   never kept here: handed on piece by piece while they come

aiohttp's own `post()` would write files to the disk in the clear.  This reader unpacks nothing,
waits for nobody longer than its deadlines, and reads on to the end of a file that nobody wants, so
that the person gets a page that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from bridge.forms.fields import MEGABYTE

Posted = dict[str, list[str]]
"""Values, by the name of their input."""

PIECE = 64 * 1024
"""Bytes of a file that are in memory at a time."""

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


class Incoming:
    """A file that is just coming in: of the input `name`, called `filename` by its sender."""

    def __init__(self, name: str, filename: str, declared: str, pieces: AsyncIterator[bytes]) -> None:
        self.name, self.filename, self.declared = name, filename, declared
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Its pieces, none longer than `PIECE`; what is not asked for is dropped."""
        return self._pieces


OnFile = Callable[[Incoming], Awaitable[None]]
"""Is called for each file, in the order of the body, and returns when it has done with it."""


async def drop(file: Incoming) -> None:
    """For pages that take no files."""


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

    async def values(self, request: web.Request) -> Posted:
        """The values of a small form without files.  Raises as `Reading.read` does."""
        with self.request() as reading:
            return await reading.read(request)


@dataclass(slots=True)
class Reading:
    """One body being read."""

    _all: BodyReader
    held: int = 0
    _seen: int = 0
    _values: int = 0

    async def read(self, request: web.Request, on_file: OnFile = drop) -> Posted:
        """The values of `request`; its files go to `on_file`, whose errors go through.

        Raises aiohttp's HTTP errors 400, 408, 413, 415, and `Busy`.
        """
        limits = self._all.limits
        if (request.content_length or 0) > limits.body:
            raise web.HTTPRequestEntityTooLarge(limits.body, request.content_length or 0)
        readers = {
            "multipart/form-data": lambda: self._parts(request, on_file),
            "application/x-www-form-urlencoded": lambda: self._urlencoded(request),
        }
        reader = readers.get(request.content_type)
        if reader is None:
            raise web.HTTPUnsupportedMediaType
        whole = asyncio.timeout(limits.whole)
        try:
            async with whole:
                return await reader()
        except TimeoutError:
            if not whole.expired():
                raise
            raise web.HTTPRequestTimeout from None

    def hold(self, size: int) -> None:
        """Count `size` more bytes that the request keeps in memory.  Raises `Busy`."""
        if size > 0 and self._all.held + size > self._all.limits.all_requests:
            raise Busy
        self.held += size
        self._all.held += size

    async def _parts(self, request: web.Request, on_file: OnFile) -> Posted:
        values: Posted = {}
        async with self._patience():
            reader = await request.multipart()
        for _ in range(self._all.limits.parts):
            async with self._patience():
                part = await reader.next()
            if part is None:
                return values
            if not isinstance(part, BodyPartReader) or hdrs.CONTENT_ENCODING in part.headers:
                raise web.HTTPUnsupportedMediaType
            if part.filename is None:
                values.setdefault(part.name or "", []).append(await self._value(part))
            else:
                await self._file(part, on_file)
        raise web.HTTPRequestEntityTooLarge(self._all.limits.parts, self._all.limits.parts + 1)

    async def _value(self, part: BodyPartReader) -> str:
        data = bytearray()
        async for chunk in self._chunks(part):
            data += chunk
            self._count(len(data), len(chunk))
        return data.decode("utf-8", "replace")

    def _count(self, value: int, more: int) -> None:
        """`more` bytes of a value of now `value` bytes came."""
        limits = self._all.limits
        self._values += more
        if value > limits.value or self._values > limits.values:
            raise web.HTTPRequestEntityTooLarge(limits.value, value)
        self.hold(more)

    async def _file(self, part: BodyPartReader, on_file: OnFile) -> None:
        """An input that was left empty has a file without a name (HTML, "constructing the entry list")."""
        declared = part.headers.get(hdrs.CONTENT_TYPE, "")
        async with aclosing(self._chunks(part)) as pieces:
            if part.filename:
                await on_file(Incoming(part.name or "", part.filename, declared, pieces))
            async for _ in pieces:
                pass

    @asynccontextmanager
    async def _patience(self) -> AsyncIterator[None]:
        """For one step of the sender: too slow is 408, what cannot be read is 400."""
        try:
            async with asyncio.timeout(self._all.limits.stall):
                yield
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        except MALFORMED:
            raise web.HTTPBadRequest from None

    async def _chunks(self, part: BodyPartReader) -> AsyncGenerator[bytes, None]:
        """The raw bytes: `Content-Transfer-Encoding` is not looked at (RFC 7578, section 4.7)."""
        limits = self._all.limits
        while not part.at_eof():
            async with self._patience():
                chunk = await part.read_chunk(PIECE)
            self._seen += len(chunk)
            if self._seen > limits.body:
                raise web.HTTPRequestEntityTooLarge(limits.body, self._seen)
            yield bytes(chunk)

    async def _urlencoded(self, request: web.Request) -> Posted:
        data, limits = bytearray(), self._all.limits
        while True:
            async with self._patience():
                chunk = await request.content.read(PIECE)
            if not chunk:
                break
            data += chunk
            self._count(0, len(chunk))
        if data.count(b"&") >= limits.parts:
            raise web.HTTPRequestEntityTooLarge(limits.parts, data.count(b"&") + 1)
        values: Posted = {}
        for name, value in parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True):
            if len(value) > limits.value:
                raise web.HTTPRequestEntityTooLarge(limits.value, len(value))
            values.setdefault(name, []).append(value)
        return values
