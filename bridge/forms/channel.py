"""The channel of the forms: serves the pages, and reads what they accepted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from bridge.channel import Accept, Item, Outcome, Outgoing
from bridge.errors import Broken
from bridge.forms.app import application
from bridge.forms.body import BodyReader
from bridge.forms.door import listening
from bridge.forms.packing import unpack, unpack_page, unpack_resume, unpack_unsubscribe
from bridge.forms.parts import Parts
from bridge.forms.quiet import QuietLog, hush
from bridge.forms.render import Renderer
from bridge.forms.schema import OpenForm
from bridge.forms.settings import FormsSettings
from bridge.forms.sieve import SIEVE, Sieve
from bridge.forms.tokens import Tokens
from bridge.formstore import Store
from bridge.inbound import FormIn, PageIn, ResumeIn, UnsubscribeIn
from bridge.model import Attachment, Source

_log = logging.getLogger(__name__)

Scan = Callable[[Sequence[Attachment]], Awaitable[tuple[tuple[str, ...], str]]]
"""What a scanner says of files: remarks and the name of what it found, as in `model.MailIn`."""

IDLE = 30
"""Seconds a connection may be open without a whole request head."""


class FormsChannel:
    """Implements `bridge.channel.Channel`.

    `forms` gives the forms by their id, asked at every request; `store` keeps drafts and pages.
    `clock` in seconds since 1970, `random(n)` gives n unguessable bytes.  `scan` looks at the files
    that came, None where the operator wants none looked at.
    """

    def __init__(
        self,
        settings: FormsSettings,
        forms: Callable[[], Mapping[str, OpenForm]],
        store: Store,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        reader: BodyReader | None = None,
        scan: Scan | None = None,
    ) -> None:
        self._settings, self._forms, self._store = settings, forms, store
        self._clock, self._random = clock, random
        self._reader = reader or BodyReader()
        self._scan = scan
        self._port = 0
        self._sieve: Sieve | None = None

    @property
    def name(self) -> Source:
        return Source.FORM

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return self._port

    def numbers(self) -> Mapping[str, float]:
        """What was found to speak against submissions, for `/metrics`; {} while nothing is served."""
        return self._sieve.numbers() if self._sieve else {}

    async def serve(self, accept: Accept) -> None:
        """Listen until cancelled.  Raises `Refuse` when the address cannot be had."""
        host, port = self._settings.host, self._settings.port
        hush()
        app = application(self._parts(accept))
        self._sieve = app[SIEVE]
        runner = web.AppRunner(
            app,
            access_log=None,  # paths hold tokens
            logger=QuietLog(_log),
            auto_decompress=False,
            keepalive_timeout=IDLE,
            shutdown_timeout=5,
        )
        await runner.setup()
        try:
            async with listening(runner, host, port) as self._port:
                await asyncio.Event().wait()
        finally:
            self._port = 0
            await runner.cleanup()

    def _parts(self, accept: Accept) -> Parts:
        return Parts(
            settings=self._settings,
            forms=self._forms,
            accept=accept,
            store=self._store,
            clock=self._clock,
            random=self._random,
            render=Renderer(self._settings),
            tokens=Tokens(self._settings.secret),
            reader=self._reader,
        )

    async def read(self, item: Item) -> FormIn | PageIn | ResumeIn | UnsubscribeIn:
        """What was accepted, without the files where one of them is dangerous.

        Raises `Broken` when the stored bytes are not that, and `Retry` while the scanner does not answer.
        """
        reader = READERS.get(item.kind)
        if reader is None:
            raise Broken("the forms' inbox holds something that no page of ours accepts")
        came = reader(item.raw)
        if isinstance(came, ResumeIn | UnsubscribeIn) or not came.attachments or self._scan is None:
            return came
        remarks, virus = await self._scan(came.attachments)
        return replace(came, remarks=remarks, virus=virus, attachments=() if virus else came.attachments)

    async def deliver(self, out: Outgoing) -> Outcome:
        """An answer that stands on the citizen's page and goes nowhere: it is there with the commit that
        this outcome ends in.  Raises `Broken` for anything else."""
        if out.kind != "mail":
            raise Broken(f"nothing can be delivered to a web form but an answer ({out.kind})")
        return Outcome({"message_id": None})


READERS: Mapping[str, Callable[[bytes], FormIn | PageIn | ResumeIn | UnsubscribeIn]] = {
    "submission": unpack,
    "page": unpack_page,
    "resume": unpack_resume,
    "unsubscribe": unpack_unsubscribe,
}
"""By the kind of arrival."""
