"""The composition root: the parts get what the configuration says."""

from __future__ import annotations

import asyncio
import logging
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
from bridge.inbound import MailIn
from bridge.model import Source
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
async def built(folder: Path, more: str = "", mail: str = "") -> AsyncIterator[app.App]:
    """A bridge that is put together and does not run; `mail` are further keys of the group `email`."""
    text = registration.dump(registration.create("http://127.0.0.1:29330", "alder.example"))
    written(folder, text, "registration.yaml").chmod(0o600)
    pages = f'web: {{listen: "127.0.0.1:{free_port()}"}}\n'
    least = SMALLEST.replace("consult.alder.example", f"consult.alder.example{mail}")
    async with AsyncExitStack() as stack:
        yield await app.build(config.load(written(folder, least + pages + more)), stack)


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


@pytest.mark.parametrize(
    ("mail", "by"),
    [
        (", listen: '127.0.0.1:2525'", "127.0.0.1:2525"),
        (", listen: null, lmtp: run/lmtp", "the socket {home}/run/lmtp"),
        (
            ", listen: null, imap: [{host: imap.host.example, username: all, password_file: word}]",
            "a mailbox at imap.host.example",
        ),
    ],
)
async def test_the_line_that_all_is_well_says_how_mail_comes(
    tmp_path: Path, mail: str, by: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    written(installation(tmp_path), "secret\n", "word").chmod(0o600)
    async with built(tmp_path, mail=mail) as found:
        found.matrix._ready.set()
        await found._say_up()
    [line] = [record.getMessage() for record in caplog.records if record.name == "bridge.app"]
    assert line.startswith(f"up: mail by {by.format(home=tmp_path)}, forms on ")
