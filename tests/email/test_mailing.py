"""A mailing on the wire: how it can be ended with one click, and that the signature covers it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from bridge.email import signing
from bridge.email.channel import EmailChannel
from bridge.email.settings import EmailSettings, Listen, Relay
from bridge.email.signing import Signer
from bridge.model import Json
from bridge.points import quiet
from tests.email.mails import DOMAIN
from tests.email.sink import Sink
from tests.email.test_channel import SECRET, Here, outgoing
from tests.email.test_signing import tags, valid

KEY = signing.new_key()
ZONE = {signing.record_name("new", DOMAIN): signing.record(KEY)}
LINK = "https://consult.alder.example/u/jb9wJ3bHkKzQb7n1k0mY2g"
SEVERAL: Json = {"several": True, "unsubscribe": LINK, "subject": "Riverside Park 2027", "attachments": []}


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    server = await sink.start()
    yield sink
    server.close()


async def sent(sink: Sink, **changes: Any) -> tuple[bytes, EmailMessage]:
    """What the relay got of an outbox row with these values."""
    settings = EmailSettings(DOMAIN, Relay("127.0.0.1", sink.port, timeout=5, idle=0), SECRET, Listen(port=0))
    signer = Signer(DOMAIN, "new", KEY)
    wing = EmailChannel(settings, lambda name: True, Here(), quiet, lambda: 1.8e9, signer=signer)
    await wing.deliver(outgoing(**changes))
    raw = sink.taken[-1].raw
    return raw, message_from_bytes(raw, _class=EmailMessage, policy=policy.default)


async def test_a_mail_to_several_people_can_be_ended_with_one_click(sink: Sink) -> None:
    raw, message = await sent(sink, **SEVERAL)
    assert message["List-Unsubscribe"].strip() == f"<{LINK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"].strip() == f"<park-2027.{DOMAIN}>"
    assert message["Subject"] == "Riverside Park 2027 [PARK-7F3K-9Q]"
    assert message["Reply-To"].addresses[0].username.startswith("park-2027+a")
    assert message["Precedence"] is None and message["Auto-Submitted"] is None
    covered = re.sub(r"\s", "", tags(raw)["h"]).split(":")
    for field in ("list-unsubscribe", "list-unsubscribe-post", "list-id"):
        assert covered.count(field) == 2, "so that none can be added either (RFC 8058 section 4)"
    assert valid(raw, zone=ZONE)
    assert not valid(raw.replace(LINK.encode(), b"https://evil.example/u/jb9wJ3bHkKzQb7n1k0mY2g"), zone=ZONE)
    assert not valid(b"List-Unsubscribe: <https://evil.example/>\r\n" + raw, zone=ZONE)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "If you do not want such messages any more"),
        ("de", "Wenn Sie solche Nachrichten nicht mehr wünschen"),
        ("fr", "Si vous ne souhaitez plus recevoir ces messages"),
        ("ar", "إذا لم تعودوا ترغبون في مثل هذه الرسائل"),
    ],
)
async def test_it_says_at_its_end_how_such_mails_are_stopped(sink: Sink, language: str, words: str) -> None:
    _, message = await sent(sink, **SEVERAL, language=language)
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        assert part is not None
        assert words in part.get_content() and LINK in part.get_content()


async def test_a_mail_to_one_person_is_no_mailing(sink: Sink) -> None:
    for changes in ({}, {"several": False, "unsubscribe": None}):
        raw, message = await sent(sink, attachments=[], **changes)
        assert not [name for name in message if name.lower().startswith("list-")]
        assert b"such messages" not in raw and message["Subject"].startswith("Re: ")
