"""A hosted mailbox: the conversation comes in over IMAP from a real Dovecot, each mail once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.demo.town import Town
from tests.e2e.place import SEEN, unique
from tests.email.dovecot import PASSWORD, Dovecot, dovecot
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUNDS = 6


class Hosted(Town):
    """A town whose mail lies in a mailbox elsewhere."""

    def __init__(self, directory: Path, server: Dovecot, password: Path) -> None:
        imap = {
            "host": "127.0.0.1",
            "port": server.port,
            "tls": "none",
            "username": "park",
            "password_file": str(password),
        }
        super().__init__(directory, undo_seconds=0, more={"email": {"imap": [imap], "listen": None}})
        self.server = server

    def deliver(self, message: EmailMessage, sender: str) -> None:
        """As the mail host does, which notes the envelope."""
        head = f"Return-Path: <{sender}>\r\nDelivered-To: {message['To']}\r\n"
        raw = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
        self.server.deliver("park", head.encode() + raw)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hosted(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hosted]:
    folder = tmp_path_factory.mktemp("hosted")
    secret = folder / "imap.password"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n", "utf-8")
    with dovecot() as server:
        server.deliver("park")  # the folder is there before the bridge looks
        async with Hosted(folder / "town", server, secret) as town:
            yield town


async def test_six_mails_each_way(hosted: Hosted) -> None:
    ada = f"{unique('ada')}@home.example"
    to, root, marks = hosted.address, "", []
    for _ in range(ROUNDS):
        mark, answer = unique("said"), unique("answer")
        marks.append(mark)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = f"Ada Citizen <{ada}>", to, "The lamps"
        message["Message-ID"] = f"<{mark}@home.example>"
        message.set_content(f"Words {mark}")
        message.add_attachment(mark.encode(), maintype="text", subtype="csv", filename=f"{mark}.csv")
        hosted.deliver(message, ada)
        words = await hosted.officer.wait_for(lambda e, m=mark: f"Words {m}" in e.body and e.thread, SEEN)  # type: ignore[misc]
        assert not root or words.thread == root
        root = words.thread or ""
        file = await hosted.officer.wait_for(lambda e, m=mark: e.content.get("filename") == f"{m}.csv", SEEN)  # type: ignore[misc]
        assert await hosted.officer.download(file.content["file"]) == mark.encode()
        await hosted.officer.reply_in_thread(hosted.desk, root, f"Our {answer}")
        mail = await hosted.mailbox.wait_for(lambda m, a=answer: f"Our {a}" in m.text, SEEN)  # type: ignore[misc]
        to = mail.message["Reply-To"].addresses[0].addr_spec
    bodies = [e.body for e in hosted.officer.seen.values() if e.thread]
    assert [sum(f"Words {m}" in body for body in bodies) for m in marks] == [1] * ROUNDS
    await until(
        lambda: [f for f in hosted.server.flags("park") if "$Folkmoot" in f].__len__() == ROUNDS,
        SEEN,
        "every mail is marked",
    )
