"""Kill the bridge at one point after the other while mails come and staff answer; then count.

Every round arms one point, starts the bridge, and makes traffic that passes it: a new mail
with a file, a citizen's reply, a staff reply with a file, a new consultation, a fresh device.
The bridge dies there; the next round starts it again.  At the end it runs undisturbed until
nothing waits, and every message is looked for on the other side.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import aiosmtplib
import yaml

from bridge.demo.received import Received
from bridge.demo.running import BridgeDied
from bridge.demo.seen import Seen
from bridge.demo.town import PASSWORD, Town
from bridge.model import Json
from bridge.points import Phase, Point
from tests.crash import counting
from tests.crash.report import PHASES, PLACES, Report
from tests.crash.visitor import Visitor

COMMAND = (sys.executable, "-m", "tests.crash.driver")
_PATIENCE = 90.0  # seconds until a citizen's mail server gives up
_ARRIVES = 60.0  # seconds until a message must be there once nothing waits any more
_STANDSTILL = 180.0  # seconds in which what waits, or is missing, must become less
_ROUND = 60.0  # seconds in which an armed point must be passed, unless all is quiet before
_REST = (
    12  # looks, a fifth of a second apart, at a bridge with nothing to do: long enough for a mark to change
)
_START = (
    Point.REGISTER,
    Point.CRYPTO_ACCOUNT,
    Point.PUT_DEVICE,
    Point.KEYS_UPLOAD,
    Point.KEYS_QUERY,
    Point.SIGNING_UPLOAD,
    Point.SIGNATURES_UPLOAD,
    Point.ACCOUNT_DATA,
    Point.PING,
    Point.CREATE_ROOM,
)
"""Passed by a first start, in this order: armed on the empty installation."""
_ROOMS = frozenset({Point.CREATE_ROOM, Point.INVITE, Point.STATE, Point.DEFER})
_KEYS = frozenset(
    {
        Point.KEYS_CLAIM,
        Point.KEYS_QUERY,
        Point.SEND_TO_DEVICE,
        Point.CRYPTO_OLM,
        Point.CRYPTO_SHARED,
        Point.CRYPTO_DEVICES,
        Point.KEYS_UPLOAD,
        Point.CRYPTO_ACCOUNT,
        Point.CRYPTO_SYNC,
    }
)

_FORMS = frozenset({Point.PAGES, Point.ACCEPT, Point.SETTLE})


class Scenario:
    """One town whose bridge is killed again and again; `burst`: how much traffic there is in a round."""

    def __init__(
        self, directory: Path, *, database: str | None = None, seed: int = 1, burst: int = 1
    ) -> None:
        more: Json = {"database": database} if database else {}
        # more new cases than a town has in an hour: else the brake holds them back for staff to see
        more["email"] = {"limits": dict.fromkeys(("per_address", "per_network", "per_consultation"), 100_000)}
        self.town = Town(directory, undo_seconds=1, more=more, command=COMMAND)
        self.report = Report()
        self._random = random.Random(seed)
        self._burst = burst
        self._number = 0
        self._cases: list[tuple[str, EmailMessage]] = []  # thread root, a mail to answer
        self._jobs: list[asyncio.Task[object]] = []

    # -------------------------------------------------------------- rounds

    async def run(self, messages: int, say: Callable[[str], None] = lambda _: None) -> Report:
        """Visit every place at least once, and make at least `messages` messages."""
        await self.town.boot()
        try:
            for place in [(p, f) for p in _START for f in PHASES]:
                await self._kill_at_start(place)
            say(f"started from nothing: {self.report.kills} kills")
            self._arm(None)
            await self._restart()
            await self.town.staff_in()
            await self._clerk_in()
            await self._first_case()
            left = [p for p in PLACES if p not in self.report.killed]
            tries: Counter[tuple[Point, Phase]] = Counter()
            while left or self._total() < messages:
                place = left.pop(0) if left else self._random.choice(PLACES)
                tries[place] += 1
                died = await self._round(
                    place, 1 if tries[place] == 1 else self._random.randint(1, 3 * self._burst)
                )
                if not died and place not in self.report.killed and tries[place] < 3:
                    left.append(place)
                if tries[place] > 60:
                    break
                say(f"{self.report.kills} kills, {self._total()} messages; {place[0]} {place[1]}: {died}")
            self.report.never = set(PLACES) - self.report.killed
            await self._finish(say)
        finally:
            await self.town.__aexit__(None, None, None)
        return self.report

    async def _clerk_in(self) -> None:
        """Staff of the host: they read what the room holds, whatever the federation lets through."""
        self._clerk = await self.town.client(self.town.lab.alder.url, "clerk")
        await self._clerk.cross_sign(PASSWORD)
        await self._clerk.wait_joined(self.town.desk, deadline=_ARRIVES)

    def _total(self) -> int:
        return len(self.report.mails) + len(self.report.replies) + sum(not job.done() for job in self._jobs)

    def _arm(self, place: tuple[Point, Phase] | None, count: int = 1) -> None:
        text = "" if place is None else f"{place[0].value} {place[1]} {count}"
        (self.town.bridge.directory / "target").write_text(text)

    async def _restart(self, *, ready: bool = True) -> None:
        await self.town.bridge.stop()
        await self.town.bridge.start(ready=ready)

    async def _dead(self, seconds: float) -> bool:
        """Whether the bridge is dead by its own hand within that time."""
        try:
            code = await asyncio.wait_for(self.town.bridge.wait_dead(), seconds)
        except TimeoutError:
            return False
        if code != -9:
            raise BridgeDied(self.town.bridge.tail())
        self.report.kills += 1
        return True

    async def _kill_at_start(self, place: tuple[Point, Phase]) -> None:
        self._arm(place)
        await self._restart(ready=False)
        waiting = asyncio.create_task(self._dead(_ROUND))
        ready = asyncio.create_task(self._ready())
        await asyncio.wait([waiting, ready], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done() and ready.done():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiting), 1.0)
        if waiting.done() and waiting.result():
            self.report.killed.add(place)
        for task in (waiting, ready):
            task.cancel()
        await asyncio.gather(waiting, ready, return_exceptions=True)

    async def _ready(self) -> None:
        with contextlib.suppress(BridgeDied):
            await self.town.bridge.wait_ready(_ROUND)

    async def _round(self, place: tuple[Point, Phase], count: int) -> bool:
        extra = self._further_consultation() if place[0] in _ROOMS else None
        self._arm(place, count)
        await self._restart(ready=False)
        jobs = [
            asyncio.create_task(job, name=f"{job} at {place[0]}") for job in self._traffic(place[0], extra)
        ]
        self._jobs += jobs
        dead = asyncio.create_task(self._dead(_ROUND))
        quiet = asyncio.create_task(self._quiet(jobs))
        await asyncio.wait([dead, quiet], return_when=asyncio.FIRST_COMPLETED)
        died = dead.done() and dead.result()
        for task in (dead, quiet):
            task.cancel()
        await asyncio.gather(dead, quiet, return_exceptions=True)
        if died:
            self.report.killed.add(place)
        return died

    async def _quiet(self, jobs: list[asyncio.Task[object]]) -> None:
        """The round's traffic was handed over and has settled: the armed point was not passed."""
        await asyncio.wait(jobs)  # unlike gather it leaves them alone when this is cancelled
        rest = 0
        while rest < _REST:
            rest = rest + 1 if await self._waiting() == 0 else 0

    async def _waiting(self) -> float:
        """How much the bridge has still to do, a fifth of a second from now; more than 0 while it is away."""
        await asyncio.sleep(0.2)
        try:
            now = await self.town.bridge.metrics()
        except (OSError, aiohttp.ClientError):
            return 1  # it has just died, or starts
        return now.get('folkmoot_inbox_rows{state="new"}', 0) + now.get("folkmoot_outbox_backlog", 1)

    async def _drained(self, say: Callable[[str], None]) -> None:
        """Undisturbed until nothing waits: the kills let new cases pile up behind what is answered first."""
        clock = asyncio.get_running_loop().time
        least, since, rest = float("inf"), clock(), 0
        while rest < _REST and clock() - since < _STANDSTILL:
            waiting = await self._waiting()
            rest = 0 if waiting else rest + 1
            if waiting < least:
                least, since = waiting, clock()
        say(f"left to do when nothing moved any more: {least:.0f}")

    # -------------------------------------------------------------- traffic

    def _traffic(self, point: Point, extra: str | None) -> list[Coroutine[None, None, object]]:
        """Everything that passes a point; a job ends when its message was handed over."""
        rotates = point in _KEYS
        chosen = [self._random.choice(self._cases) for _ in range(self._burst)]
        jobs: list[Coroutine[None, None, object]] = [self._staff_replies([c[0] for c in chosen], rotates)]
        for _, mail in chosen:
            jobs += [self._new_mail(), self._citizen_reply(mail)]
        if extra is not None:
            jobs.append(self._early_mail(extra))
        if rotates:
            jobs.append(self._guest())
        if point in _FORMS:
            jobs.append(self._form())
        if point is Point.POSTPONE:
            self.town.mailbox.refuse_next(451, "DATA", count=2)
        return jobs

    async def _form(self) -> None:
        """Without an address, so that nothing has to be confirmed: it becomes a case at once."""
        mark = self._mark("form")
        await Visitor(self.town.bridge.forms_url, mark).send()
        self.report.mails.add(mark)

    def _further_consultation(self) -> str:
        """Another consultation's file: its rooms are made at the next start."""
        slug = self._mark("extra-")
        extra = {**self.town.consultation(), "slug": slug, "mailbox": slug, "title": slug, "forms": []}
        path = self.town.bridge.directory / "consultations" / f"{slug}.yaml"
        path.write_text(yaml.safe_dump(extra))
        return slug

    async def _early_mail(self, slug: str) -> None:
        """A mail to a consultation whose rooms are just being made: it has to wait for them."""
        mark = self._mark("early")
        message = EmailMessage()
        message["From"], message["To"] = f"{mark}@home.example", f"{slug}@{self.town.bridge.domain}"
        message["Message-ID"] = f"<{mark}@home.example>"
        message.set_content(mark)
        await self._submit(message, f"{mark}@home.example")

    def _mark(self, kind: str) -> str:
        self._number += 1
        return f"{kind}{self._number:05d}x"

    async def _first_case(self) -> None:
        for _ in range(3):
            mark = await self._new_mail()
            seen = await self._seen(mark)
            got = await self._boxed(f"{mark}@home.example")
            self._cases.append((str(seen.thread), got.message))

    async def _seen(self, mark: str, patience: float = _ARRIVES) -> Seen:
        def words(event: Seen) -> bool:
            return mark in event.body and event.thread is not None

        return await self.town.officer.wait_for(words, deadline=patience)

    async def _boxed(self, mark: str, patience: float = _ARRIVES) -> Received:
        def named(mail: Received) -> bool:
            return mark.encode() in mail.raw or mark in mail.rcpt_tos

        return await self.town.mailbox.wait_for(named, deadline=patience)

    async def _new_mail(self) -> str:
        mark = self._mark("mail")
        address = f"{mark}@home.example"
        message = EmailMessage()
        message["From"], message["To"] = f"Citizen {mark} <{address}>", self.town.address
        message["Subject"], message["Message-ID"] = f"About {mark}", f"<{mark}@home.example>"
        message.set_content(f"Words {mark}\n")
        message.add_attachment(b"%PDF-1.4 " + mark.encode(), maintype="application", subtype="pdf")
        await self._submit(message, address)
        self.report.mails.add(mark)
        return mark

    async def _citizen_reply(self, to: EmailMessage) -> None:
        mark = self._mark("again")
        message = EmailMessage()
        message["From"], message["To"] = str(to["To"]), str(to["Reply-To"])
        message["Subject"], message["Message-ID"] = f"Re: {to['Subject']}", f"<{mark}@home.example>"
        message["In-Reply-To"] = str(to["Message-ID"])
        message.set_content(f"More words {mark}\n")
        await self._submit(message, to["To"].addresses[0].addr_spec)
        self.report.mails.add(mark)

    async def _submit(self, message: EmailMessage, sender: str) -> None:
        """As a mail server does: the same bytes again and again until they were taken."""
        raw = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
        recipient = message["To"].addresses[0].addr_spec
        async with asyncio.timeout(_PATIENCE):
            while True:
                try:
                    await aiosmtplib.send(
                        raw,
                        sender=sender,
                        recipients=[recipient],
                        hostname="127.0.0.1",
                        port=self.town.bridge.ports.smtp,
                        timeout=10,
                    )
                except (aiosmtplib.SMTPException, OSError):
                    await asyncio.sleep(0.2)
                else:
                    return

    async def _staff_replies(self, roots: list[str], rotate: bool) -> None:
        for root in roots:  # one after the other, as one person types
            await self._staff_reply(root, rotate=rotate)

    async def _staff_reply(self, root: str, *, rotate: bool) -> None:
        """A text, and a file: the file makes the bridge fetch media.  `rotate`: under a new key."""
        mark = self._mark("answer")
        if rotate:
            self.town.officer.rotate(self.town.desk)
        await self.town.officer.reply_in_thread(self.town.desk, root, f"Our answer {mark}")
        self.report.replies.add(mark)
        second = self._mark("file")
        relates = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True}
        await self.town.officer.send_file(
            self.town.desk,
            f"{second}.txt",
            "text/plain",
            second.encode(),
            relates=relates,
            caption=f"Our plan {second}",
        )
        self.report.replies.add(second)

    async def _guest(self) -> None:
        """The officer logs in with another device and signs it: it needs the keys."""
        guest = await self.town.officer.new_device(self.town.directory / self._mark("guest"))
        try:
            await guest.cross_sign(PASSWORD)
        finally:
            await guest.stop()

    # -------------------------------------------------------------- the count

    async def _finish(self, say: Callable[[str], None]) -> None:
        self._arm(None)
        await self._restart()
        _, stuck = await asyncio.wait(self._jobs, timeout=_PATIENCE)
        if stuck:
            raise TimeoutError(f"not handed over: {sorted(job.get_name() for job in stuck)}")
        await asyncio.gather(*self._jobs)
        await self._drained(say)
        report, town = self.report, self.town
        host, partner = self._clerk, town.officer
        await self._patiently(lambda: len(report.mails - counting.words(host).keys()))
        await self._patiently(lambda: len(report.mails - counting.words(partner).keys()))
        await self._patiently(lambda: len(report.replies - counting.boxed(town.mailbox.mails).keys()))
        report.in_room, report.at_partner = counting.words(host), counting.words(partner)
        report.reused = counting.reused(host, town.bridge.registration.bot)
        report.in_box = counting.boxed(town.mailbox.mails)
        report.copies = counting.copies(town.mailbox.mails)

    async def _patiently(self, missing: Callable[[], int]) -> None:
        """Until nothing is missing, or nothing more has come for a while."""
        clock = asyncio.get_running_loop().time
        least, since = missing(), clock()
        while least and clock() - since < _STANDSTILL:
            await asyncio.sleep(0.2)
            if (now := missing()) < least:
                least, since = now, clock()
