"""The story that `folkmoot demo` shows, on real homeservers, told by what was *seen*.

Each step does something as a citizen or an officer would and then waits until the other side
has seen it: the decrypted text at Birch, the mail in the citizen's box.  A step that was not
seen fails the story.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from rich.console import Console

from bridge.demo.canary import hits
from bridge.demo.received import Received
from bridge.demo.running import BridgeDied
from bridge.demo.seen import Seen
from bridge.demo.town import PASSWORD, Town
from bridge.demo.visitor import Visitor

ADA = ("Ada Citizen", "ada.citizen@home.example")
BEN = ("Ben Bürger", "ben.buerger@home.example")
SUBJECT = "The lamp at the north landing"
LETTER = (
    "Good evening,\n\nthe lamp at the north landing has been dark for two weeks.\n"
    "Children use the path on their way to school.\n\nKind regards\nAda Citizen\n"
)
ANSWER = "Thank you for telling us. Our electrician repairs the lamp on Tuesday."
THANKS = "That was quick. Thank you very much!\n"
IDEA = "A bench in the shade beside the playground, please."
FORM_ANSWER = "A good idea: we put a bench on the list for spring."
CANARIES = ("Ada Citizen", "ada.citizen@home.example", "north landing", "electrician", "plan-of-the-path")
_SEEN = 45.0  # seconds a step may take until it is seen


class NotSeen(Exception):
    """A step of the story was not seen by the other side."""


@dataclass(slots=True)
class Teller:
    """Prints the steps with a spinner while they run, and what was seen."""

    console: Console

    @asynccontextmanager
    async def step(self, title: str) -> AsyncIterator[list[str]]:
        """`async with step(…) as saw`: put what was seen into `saw`."""
        saw: list[str] = []
        started = time.monotonic()
        with self.console.status(f"{title} …"):
            try:
                yield saw
            except (TimeoutError, AssertionError) as e:
                self.console.print(f"[red]✗[/] {title}: not seen")
                raise NotSeen(f"{title}: {e or 'not seen in time'}") from e
        self.console.print(f"[green]✓[/] {title}  [dim]{time.monotonic() - started:.1f} s[/]")
        for line in saw:
            self.console.print(f"    {line}", markup=False, style="cyan")


async def play(directory: Path, once: bool, console: Console) -> int:
    """Tell the whole story; with `once` end after it, else stay up until cancelled.

    Returns the exit code: 0 when every step was seen.
    """
    town = Town(directory, undo_seconds=2)
    tell = Teller(console)
    try:
        await _beginning(town, tell)
        await _by_mail(town, tell)
        await _by_form(town, tell)
        await _nobody_learnt(town, tell)
    except (NotSeen, BridgeDied) as e:
        console.print(f"[red]The story broke off.[/] {e}", soft_wrap=True)
        console.print(f"The bridge's log: {town.bridge.log}", soft_wrap=True)
        await town.__aexit__(None, None, None)
        return 1
    except BaseException:
        await town.__aexit__(None, None, None)
        raise
    try:
        console.print("\n[bold green]Every step was seen.[/]")
        if not once:
            await _addresses(town, console)
            await asyncio.Event().wait()
    finally:
        await town.__aexit__(None, None, None)
    return 0


async def _beginning(town: Town, tell: Teller) -> None:
    async with tell.step("Two towns start their homeservers, Alder and Birch, federating over TLS") as saw:
        await town.boot()
        saw.append(f"alder.example at {town.lab.alder.url}, birch.example at {town.lab.birch.url}")
    async with tell.step("Alder starts Folkmoot and opens “Riverside Park 2027”"):
        await town.bridge.start()
    async with tell.step("An officer of Birch signs their device and joins space, lobby and desk") as saw:
        await town.staff_in()
        saw.append(f"{town.officer.user_id} is in the desk, which is end-to-end encrypted")


async def _by_mail(town: Town, tell: Teller) -> None:
    async with tell.step("Ada, a citizen, writes an e-mail with a file") as saw:
        await town.mail(ADA, SUBJECT, LETTER, files={"plan-of-the-path.pdf": b"%PDF-1.4 a plan\n"})
        words = await _words(town, "north landing has been dark")
        saw.append(f"decrypted at Birch, in a thread: {_line(words)}")
        file = await town.officer.wait_for(
            lambda e: e.thread == words.thread and e.content.get("msgtype") == "m.file", _SEEN
        )
        data = await town.officer.download(file.content["file"])
        if data != b"%PDF-1.4 a plan\n":
            raise AssertionError("the file came out different")
        saw.append(f"the file, decrypted: {file.body}, {len(data)} bytes")
    async with tell.step("Ada gets an acknowledgement") as saw:
        ack = await _box(town, ADA[1], lambda m: m.header("Auto-Submitted") == "auto-replied")
        saw.append(f"in her box: {ack.subject}")
    async with tell.step(
        "The officer of Birch talks to colleagues outside the thread, and notes inside it"
    ) as saw:
        count = len(town.mailbox.mails)
        await town.officer.say(town.desk, "Who knows about the lamp?")
        root = words.thread or ""
        note = await town.officer.reply_in_thread(town.desk, root, "! ask the electrician first")
        await town.officer.wait_for(lambda e: e.annotates == (note, "🔒"), _SEEN)
        if len(town.mailbox.mails) != count:
            raise AssertionError("something was mailed that should stay inside")
        saw.append("🔒 on the note; nothing was mailed")
    async with tell.step("The officer answers in the thread") as saw:
        reply = await town.officer.reply_in_thread(town.desk, root, ANSWER)
        answer = await _box(town, ADA[1], lambda m: ANSWER in m.text)
        saw.append(f"in Ada's box, from {answer.header('From')}: {answer.subject}")
        await town.officer.wait_for(lambda e: e.annotates == (reply, "✉️"), _SEEN)
        saw.append("✉️ on the officer's message")
    async with tell.step("Ada replies by mail") as saw:
        await town.mail(ADA, f"Re: {SUBJECT}", THANKS, reply=_message(answer))
        again = await _words(town, "That was quick")
        if again.thread != words.thread:
            raise AssertionError("the reply landed in another thread")
        saw.append(f"decrypted at Birch, in the same thread: {_line(again)}")


async def _by_form(town: Town, tell: Teller) -> None:
    answers = {"part": "playground", "idea": IDEA, "name": BEN[0], "email": BEN[1], "agreement": "yes"}
    ben = Visitor(town.bridge.forms_url, answers)
    async with tell.step("Ben, another citizen, fills in the web form, one question a page") as saw:
        saw.append(f"on the confirmation page: {await ben.send()}")
    async with tell.step("Ben confirms his address, and only then anybody reads what he sent") as saw:
        letter = await _box(town, BEN[1], lambda m: "/c/" in m.text)
        saw.append(f"in Ben's box: {letter.subject}")
        await ben.confirm(letter.text)
        words = await _words(town, IDEA)
        saw.append(f"decrypted at Birch: {_line(words)}")
    async with tell.step("The officer answers Ben") as saw:
        await town.officer.reply_in_thread(town.desk, words.thread or "", FORM_ANSWER)
        answer = await _box(town, BEN[1], lambda m: FORM_ANSWER in m.text)
        saw.append(f"in Ben's box: {answer.subject}")
        await ben.read(FORM_ANSWER, _SEEN)
        saw.append("and on the page of his submission")


async def _nobody_learnt(town: Town, tell: Teller) -> None:
    async with tell.step("Did a homeserver learn who wrote, or what?") as saw:
        places = [town.lab.alder.directory, town.lab.birch.directory, town.bridge.log]
        found = await asyncio.to_thread(hits, places, CANARIES)
        if found:
            raise AssertionError(f"found in the clear: {found}")
        saw.append(
            "0 hits for name, address, subject, words and file name in both homeservers' files and all logs"
        )


async def _words(town: Town, text: str) -> Seen:
    return await town.officer.wait_for(lambda e: text in e.body and e.thread and e.encrypted, _SEEN)


async def _box(town: Town, address: str, fits: Callable[[Received], bool]) -> Received:
    def mine(mail: Received) -> bool:
        return address in mail.rcpt_tos and fits(mail)

    return await town.mailbox.wait_for(mine, _SEEN)


def _line(event: Seen) -> str:
    return " ".join(event.body.split())[:90]


def _message(mail: Received) -> EmailMessage:
    return mail.message


async def _addresses(town: Town, console: Console) -> None:
    officer = town.officer
    recovery = "" if officer.identity is None else await officer.identity.store(officer.door, officer.token)
    lines = {
        "Form": f"{town.bridge.forms_url}/f/park-ideas",
        "Citizens' mailboxes": town.mailbox.url,
        "Write to": f"{town.address} by SMTP at 127.0.0.1:{town.bridge.ports.smtp}",
        "Alder's homeserver": f"{town.lab.alder.url}  (users clerk, admin)",
        "Birch's homeserver": f"{town.lab.birch.url}  (user officer)",
        "Password of all": PASSWORD,
        "Officer's recovery key": recovery,
    }
    console.print("\nIt stays up; look around with any Matrix client:")
    for name, value in lines.items():
        console.print(f"  {name:22} {value}", soft_wrap=True)
    console.print(
        "\nA new login reads the cases once it is verified: the client asks for the recovery key."
        "\nCtrl-C ends it."
    )
