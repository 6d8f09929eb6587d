"""The composition root: the parts get what the configuration says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bridge import app, config
from bridge.appservice import registration
from bridge.channel import Item
from bridge.demo.ports import free_port
from bridge.forms.channel import FormsChannel
from bridge.model import MailIn, Source
from tests.waiting import until
from tests.written import SMALLEST, installation, written

QUOTING = b"""\
From: Ada <ada@example.org>\r
To: park-2027@consult.alder.example\r
Message-ID: <2@example.org>\r
In-Reply-To: <1@consult.alder.example>\r
Subject: A bench\r
\r
Yes, please.\r
\r
From: Riverside Park 2027 <park-2027@consult.alder.example>\r
Sent: Monday, 1 March 2027 10:00\r
To: Ada <ada@example.org>\r
Subject: A bench\r
\r
Shall it stand by the river?\r
"""


@asynccontextmanager
async def built(folder: Path, more: str = "") -> AsyncIterator[app.App]:
    """A bridge that is put together and does not run."""
    text = registration.dump(registration.create("http://127.0.0.1:29330", "alder.example"))
    written(folder, text, "registration.yaml").chmod(0o600)
    pages = f'web: {{listen: "127.0.0.1:{free_port()}"}}\n'
    async with AsyncExitStack() as stack:
        yield await app.build(config.load(written(folder, SMALLEST + pages + more)), stack)


@pytest.mark.parametrize(
    ("more", "name"), [("organisation: Alder City\n", "Alder City"), ("", "alder.example")]
)
async def test_form_pages_name_the_organisation(tmp_path: Path, more: str, name: str) -> None:
    async with built(installation(tmp_path), more) as found:
        forms = found.channels[Source.FORM]
        assert isinstance(forms, FormsChannel)
        serving = asyncio.create_task(forms.serve(found.dispatcher.accept))
        try:
            await until(lambda: forms.port, what="the pages are served")
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{forms.port}/") as answer,
            ):
                assert f"This service is run by {name}." in await answer.text()
        finally:
            serving.cancel()
            await asyncio.wait([serving])


async def test_the_children_know_our_own_mails_in_a_quotation(tmp_path: Path) -> None:
    async with built(installation(tmp_path)) as found:
        item = Item(1, Source.EMAIL, "mail", QUOTING, {"rcpt": "park-2027@consult.alder.example"})
        mail = await found.channels[Source.EMAIL].read(item)
        assert isinstance(mail, MailIn)
        assert mail.text == "Yes, please."


async def test_the_metrics_count_mails_from_the_start(tmp_path: Path) -> None:
    async with built(installation(tmp_path)) as found:
        numbers = await found._numbers()
        mails = {name: n for name, n in numbers.items() if name.startswith("mails_total")}
        assert mails == dict.fromkeys(
            [
                'mails_total{what="accepted",door="smtp"}',
                'mails_total{what="repeated",door="smtp"}',
                'mails_total{what="handed_over",door="relay"}',
            ],
            0,
        )
