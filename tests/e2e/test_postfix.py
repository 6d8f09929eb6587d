"""A real Postfix in front of the bridge (LMTP) and behind it (the relay): six mails each way, and bounces.

One instance stands for the world: it keeps the mail of home.example, hands that of the bridge's
domain to it by LMTP, is told that nobody is at nowhere.example, and cannot reach later.example.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import smtplib
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.demo.ports import free_port
from bridge.demo.seen import Seen
from bridge.demo.town import Town
from tests.e2e.place import SEEN, marked, unique
from tests.email.postfix import Postfix, postfix_folder
from tests.email.sink import Sink
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOMAIN = "consult.alder.example"
ROUNDS = 6


class World(Town):
    """A town whose mail goes through Postfix both ways."""

    def __init__(self, directory: Path, lmtp: int, postfix: Postfix) -> None:
        relay = {"host": "127.0.0.1", "port": postfix.port, "tls": "none"}
        more = {"email": {"lmtp": f"127.0.0.1:{lmtp}", "listen": None, "relay": relay}}
        super().__init__(directory, undo_seconds=0, more=more)
        self.postfix = postfix

    async def write(self, message: EmailMessage, sender: str) -> None:
        """A citizen's mail program submits to Postfix."""

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=30) as smtp:
                smtp.send_message(message, from_addr=sender, to_addrs=[str(message["To"])])

        await asyncio.to_thread(send)

    def kept(self, text: str) -> list[EmailMessage]:
        """Mails at home.example whose words hold `text`."""
        mails = [
            email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
            for raw in self.postfix.mails()
        ]
        return [m for m in mails if text in words_of(m)]

    async def got(self, text: str) -> EmailMessage:
        await until(lambda: self.kept(text), SEEN, f"no mail with {text}: {self.postfix.log()[-2000:]}")
        [mail] = self.kept(text)
        return mail


def words_of(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain",))
    return "" if part is None else str(part.get_content())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    lmtp, strict = free_port(), Sink({"RCPT": "550 5.1.1 no such user here"})
    refusing = await strict.start()
    transports = (
        f"inline:{{ {{ {DOMAIN} = lmtp:inet:127.0.0.1:{lmtp} }}, "
        f"{{ later.example = smtp:[127.0.0.1]:{free_port()} }}, "
        f"{{ nowhere.example = smtp:[127.0.0.1]:{strict.port} }} }}"
    )
    settings = {"transport_maps": transports, "delay_warning_time": "1s", "confirm_delay_cleared": "no"}
    try:
        with postfix_folder() as folder:
            async with (
                Postfix(folder, local_domain="home.example", settings=settings) as postfix,
                World(tmp_path_factory.mktemp("world"), lmtp, postfix) as town,
            ):
                yield town
    finally:
        refusing.close()


def composed(sender: str, to: str, text: str, answers: EmailMessage | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Ada Citizen <{sender}>", to, "The lamps"
    message["Message-ID"] = f"<{unique('mail')}@home.example>"
    quoted = ""
    if answers is not None:
        message["In-Reply-To"] = str(answers["Message-ID"])
        message["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
        quoted = "\n\nOn Mon, 23 Nov 2026 at 10:00, Alder City wrote:\n" + "\n".join(
            f"> {line}" for line in words_of(answers).splitlines()
        )
    message.set_content(text + quoted)
    message.add_attachment(
        f"file of {text}".encode(), maintype="text", subtype="csv", filename=f"{text.rpartition(' ')[2]}.csv"
    )
    return message


def named(name: str) -> Callable[[Seen], bool]:
    return lambda event: event.content.get("filename") == name


async def test_six_mails_each_way_with_files(world: World) -> None:
    ada = f"{unique('ada')}@home.example"
    to, last = world.address, None
    root = ""
    for n in range(ROUNDS):
        mark, answer = unique("said"), unique("answer")
        await world.write(composed(ada, to, f"Words {mark}", last), ada)
        words = await world.officer.wait_for(lambda e, m=mark: f"Words {m}" in e.body and e.thread, SEEN)  # type: ignore[misc]
        assert not root or words.thread == root, "every reply lands in the same thread"
        root = words.thread or ""
        if n:
            assert "wrote:" not in words.body, "the quoted history stays away"
        name = f"{mark}.csv"
        file = await world.officer.wait_for(named(name), SEEN)
        assert await world.officer.download(file.content["file"]) == f"file of Words {mark}".encode()
        relates = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
        await world.officer.send_file(
            world.desk, "plan.txt", "text/plain", answer.encode(), relates=relates, caption=f"Our {answer}"
        )
        last = await world.got(f"Our {answer}")
        [attached] = list(last.iter_attachments())
        assert attached.get_filename() == "plan.txt" and answer in str(attached.get_content())
        to = str(last["Reply-To"]).partition("<")[2].rstrip(">") or str(last["Reply-To"])
    cases = [e for e in world.officer.seen.values() if e.event_id == root]
    assert len(cases) == 1


async def test_an_unknown_user_bounces_to_the_very_message(world: World) -> None:
    ada = f"{unique('gone')}@nowhere.example"
    mark = unique("gone")
    await world.write(composed(ada, world.address, f"Words {mark}"), ada)
    words = await world.officer.wait_for(lambda e: f"Words {mark}" in e.body and e.thread, SEEN)
    event_id = await world.officer.reply_in_thread(world.desk, words.thread or "", "Are you there?")
    await marked(world.officer, event_id, "⚠️")
    notice = await world.officer.wait_for(lambda e: "did not arrive" in e.body, SEEN)
    assert notice.thread == words.thread


async def test_a_mail_that_is_late_is_no_failure(world: World) -> None:
    ada = f"{unique('late')}@later.example"
    mark = unique("late")
    await world.write(composed(ada, world.address, f"Words {mark}"), ada)
    words = await world.officer.wait_for(lambda e: f"Words {mark}" in e.body and e.thread, SEEN)
    event_id = await world.officer.reply_in_thread(world.desk, words.thread or "", "Soon.")
    await marked(world.officer, event_id, "✉️")

    async def told() -> bool:
        await world.postfix.flush()
        return any("not arrived yet" in e.body for e in world.officer.seen.values())

    await until(told, SEEN, "no word about the delay")
    await marked(world.officer, event_id, "✉️")
