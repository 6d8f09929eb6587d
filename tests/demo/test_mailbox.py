"""The mailbox keeps what it is given, shows it harmlessly, and misbehaves exactly as told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiohttp
import aiosmtplib
import pytest
import pytest_asyncio

from bridge.demo.mailbox import Mailbox


@pytest_asyncio.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with Mailbox() as running:
        yield running


def mail(subject: str = "Your idea", text: str = "Thank you.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Riverside Park 2027 <park-2027@consult.alder.example>"
    message["To"] = "Ada Citizen <ada@citizen.example>"
    message["Subject"] = subject
    message["Message-ID"] = "<1@consult.alder.example>"
    message.set_content(text)
    return message


async def send(mailbox: Mailbox, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname=mailbox.host, port=mailbox.port, start_tls=False, use_tls=False)


async def get(url: str) -> tuple[int, str, str]:
    """Status, text and Content-Security-Policy."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text(), answer.headers.get("Content-Security-Policy", "")


async def test_keeps_envelope_source_and_parts(mailbox: Mailbox) -> None:
    message = mail(text="Grüße\n.a line with a dot\n")
    message.add_alternative("<p>Grüße</p>", subtype="html")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="plan.pdf")
    await send(mailbox, message)
    got = await mailbox.wait_for(lambda m: "ada@citizen.example" in m.rcpt_tos)
    assert got.mail_from == "park-2027@consult.alder.example"
    assert (got.subject, got.message_id) == ("Your idea", "<1@consult.alder.example>")
    assert got.text == "Grüße\n.a line with a dot\n"
    assert got.html.strip() == "<p>Grüße</p>"
    assert got.attachments == {"plan.pdf": b"%PDF-"}
    assert b"\r\nSubject: Your idea\r\n" in got.raw


@pytest.mark.parametrize("code", [451, 554])
async def test_refuses_the_recipient_once(mailbox: Mailbox, code: int) -> None:
    mailbox.refuse_next(code, "RCPT")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(mailbox, mail())
    assert refused.value.recipients[0].code == code
    assert mailbox.mails == []
    await send(mailbox, mail())
    assert len(mailbox.mails) == 1
    assert mailbox.attempts["RCPT"] == 2


@pytest.mark.parametrize("code", [452, 552])
async def test_refuses_after_the_data_as_often_as_told(mailbox: Mailbox, code: int) -> None:
    mailbox.refuse_next(code, "DATA", count=2)
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(mailbox, mail())
        assert refused.value.code == code
    assert mailbox.mails == []
    await send(mailbox, mail())
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("stored", [False, True])
async def test_hangs_up_before_or_after_it_kept_the_mail(mailbox: Mailbox, stored: bool) -> None:
    mailbox.drop_next("DATA", stored=stored)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox, mail())
    assert len(mailbox.mails) == int(stored)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
async def test_hangs_up_in_the_envelope(mailbox: Mailbox, verb: str) -> None:
    mailbox.drop_next("MAIL" if verb == "MAIL" else "RCPT")
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox, mail())
    assert mailbox.mails == []


async def test_waiting_in_vain_says_what_is_there(mailbox: Mailbox) -> None:
    await send(mailbox, mail("Something else"))
    with pytest.raises(AssertionError, match="Something else"):
        await mailbox.wait_for(lambda m: m.subject == "Your idea", deadline=0.05)


async def test_the_page_shows_mails_and_runs_nothing_of_them(mailbox: Mailbox) -> None:
    assert "No mail has come yet" in (await get(mailbox.url))[1]
    await send(mailbox, mail('<script>alert("1")</script>', 'Hello\n> <img src="x" onerror="y">\n'))
    for url in (mailbox.url, f"{mailbox.url}mail/1"):
        status, text, policy = await get(url)
        assert status == 200
        assert "&lt;script&gt;" in text
        assert "<script" not in text
        assert "<img" not in text
        assert "default-src 'none'" in policy
    assert 'http-equiv="refresh"' in (await get(mailbox.url))[1]
    assert (await get(f"{mailbox.url}mail/2"))[0] == 404
    assert (await get(f"{mailbox.url}mail/0"))[0] == 404
