"""IMAP in, from a real Dovecot: how mails come, and that none comes twice."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest

from bridge.email.imap_folder import HANDLED
from bridge.email.settings import Tls
from tests.email.dovecot import Dovecot, Tap, dovecot, tapped
from tests.email.looked_after import BUDGET, PARK, Kept, letter, serving, settings, threads
from tests.waiting import until

_USERS = count(1)
DONE = {"\\Seen", HANDLED}


@pytest.fixture(scope="module")
def shared() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def own() -> Iterator[Dovecot]:
    """A server that a test may stop."""
    with dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    """Somebody with an empty mailbox."""
    return f"town{next(_USERS)}"


async def all_done(server: Dovecot, user: str, number: int, folder: str = "INBOX") -> None:
    async def done() -> bool:
        return await asyncio.to_thread(server.flags, user, folder) == [DONE] * number

    await until(done, what="every mail is marked")


@pytest.mark.parametrize("tls", ["tls", "starttls", "none"])
async def test_a_mail_comes_within_a_second(shared: Dovecot, user: str, tls: Tls) -> None:
    """By IDLE: the next look without it would be nine minutes away."""
    kept = Kept()
    port = shared.tls_port if tls == "tls" else shared.port
    async with serving(shared, settings(shared, user, port, tls=tls), kept) as edge:
        for number in range(5):
            shared.deliver(user, letter(f"mail {number}"))
            began = time.monotonic()
            await kept.has(number + 1)
            assert number == 0 or time.monotonic() - began < 1
        await all_done(shared, user, 5)
        assert kept.words == [f"mail {number}" for number in range(5)]
        assert edge.told.keys == []
    assert len(kept.calls) == 5
    assert kept.arrivals[0].meta == {"rcpt": PARK, "mail_from": "ada@home.example", "peer": ""}
    assert kept.arrivals[0].raw == letter("mail 0")


async def test_two_hundred_mails(shared: Dovecot, user: str) -> None:
    shared.deliver(user, *(letter(f"mail {number}") for number in range(200)))
    kept = Kept()
    async with serving(shared, settings(shared, user), kept) as edge:
        await until(lambda: len(kept.calls) >= 200, 60)
        await all_done(shared, user, 200)
        assert edge.told.keys == []
    assert sorted(kept.words) == sorted(f"mail {number}" for number in range(200))
    assert len(kept.calls) == 200


@pytest.mark.parametrize(
    "capability", ["", "imap_capability = IMAP4rev1 UIDPLUS", "imap_capability = IMAP4rev1"]
)
async def test_handled_mails_move(user: str, capability: str) -> None:
    """With MOVE, with what it stands for, and polled where the server knows no IDLE."""
    with dovecot(capability) as server:
        server.deliver(user, letter("somebody's"))
        with server.client(user) as client:
            client.delete_messages(client.search("ALL", charset=None))
        server.deliver(user, letter("first"), letter("foreign", to="else@home.example"))
        kept = Kept()
        own = settings(server, user, done="Done & dusted", aside="Aside")
        async with serving(server, own, kept) as edge:
            await until(lambda: "first" in kept.words)
            server.deliver(user, letter("second"))

            async def moved() -> bool:
                flags = await asyncio.to_thread(server.flags, user, "Done & dusted")
                return flags == [set()] * 2

            await until(moved)
            await until(lambda: edge.told.keys == ["imap_not_ours"])
            assert await asyncio.to_thread(server.flags, user, "Aside") == [set()]
        assert kept.words == ["first", "second"]
        assert len(kept.calls) == 2
        left = server.flags(user)
        assert left[0] == {"\\Deleted"}, "what somebody else wants to delete is not expunged by us"
        assert len(left) == (1 if "UIDPLUS" in capability or not capability else 4)


async def test_one_mail_for_two_mailboxes_comes_to_both(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("for both", to=f"{PARK}, {BUDGET}, else@home.example"))
    kept = Kept()
    async with serving(shared, settings(shared, user), kept):
        await all_done(shared, user, 1)
    assert [one.meta["rcpt"] for one in kept.arrivals] == [PARK, BUDGET]


async def test_none_comes_twice_over_restarts_of_the_edge(shared: Dovecot, user: str) -> None:
    """It is cancelled right after commits, so that marks are missing."""
    shared.deliver(user, *(letter(f"mail {number}") for number in range(30)))
    kept = Kept()
    chance = random.Random(7)
    while len(kept.arrivals) < 30:
        goal = min(30, len(kept.arrivals) + chance.randint(1, 8))
        async with serving(shared, settings(shared, user), kept) as edge:
            kept.committed = lambda goal=goal, edge=edge: (  # type: ignore[misc]
                edge.task.cancel() if len(kept.arrivals) >= goal else None
            )
            await asyncio.wait({edge.task}, timeout=20)
            assert edge.task.cancelled()
    kept.committed = lambda: None
    assert len(kept.calls) > 30, "no mark was missing: this test proves nothing"
    async with serving(shared, settings(shared, user), kept):
        await all_done(shared, user, 30)
    assert sorted(kept.words) == sorted(f"mail {number}" for number in range(30))


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_none_is_lost_or_comes_twice_over_restarts_of_the_server(
    own: Dovecot, user: str, how: str
) -> None:
    kept = Kept()
    async with serving(own, settings(own, user), kept) as edge:
        for number in range(3):
            own.deliver(user, *(letter(f"mail {number} {n}") for n in range(10)))
            await kept.has(number * 10 + 4)
            await asyncio.to_thread(getattr(own, how))
            await asyncio.to_thread(own.start)
        await until(lambda: len(kept.arrivals) == 30)
        await all_done(own, user, 30)
        assert set(edge.told.keys) <= {"imap_unreachable", "imap_well"}
    assert len(set(kept.words)) == 30


def reconnected(tap: Tap, before: int) -> bool:
    return tap.connections > before + 1


async def test_a_line_that_drops_at_any_answer(shared: Dovecot, user: str) -> None:
    kept = Kept()
    async with tapped(shared.port) as tap:
        for number in range(1, 25):
            heard = count(1)

            def drop(piece: bytes, heard: Iterator[int] = heard, number: int = number) -> bytes:
                if next(heard) != number:
                    return piece
                tap.cut()
                return piece[: len(piece) // 2]

            tap.rewrite = drop
            before = tap.connections
            async with serving(shared, settings(shared, user, tap.port, idle=0.05), kept):
                shared.deliver(user, letter(f"mail {number}"))
                await until(partial(reconnected, tap, before), what=f"piece {number}")
                await all_done(shared, user, number)
    assert kept.words == [f"mail {number}" for number in range(1, 25)]


async def test_new_uids_for_old_mails(own: Dovecot, user: str) -> None:
    """UIDVALIDITY changes and the marks are lost: every mail is a duplicate, and marked again."""
    own.deliver(user, *(letter(f"mail {number}") for number in range(5)))
    kept = Kept()
    async with serving(own, settings(own, user), kept):
        await all_done(own, user, 5)
        with own.client(user) as client:
            validity = client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"]
        await asyncio.to_thread(own.stop)
        maildir = own.maildir(user)
        for file in maildir.glob("dovecot*"):
            file.unlink()
        for file in (maildir / "cur").iterdir():
            file.rename(maildir / "new" / file.name.partition(":")[0])
        (maildir / f"dovecot-uidvalidity.{validity + 7:08x}").touch()
        (maildir / "dovecot-uidvalidity").write_text(f"{validity + 7:08x}")
        await asyncio.to_thread(own.start)
        await until(lambda: len(kept.calls) == 10)
        await all_done(own, user, 5)
        with own.client(user) as client:
            assert client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"] != validity
    assert len(kept.arrivals) == 5


async def test_mails_that_somebody_removes_meanwhile(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("first"))
    kept = Kept()
    kept.gate.clear()
    async with serving(shared, settings(shared, user, idle=0.05), kept) as edge:
        await until(lambda: kept.calls)  # what waits was listed
        with shared.client(user) as client:
            client.delete_messages(client.search("ALL", charset=None))
            client.expunge()
        kept.gate.set()
        await until(lambda: kept.arrivals)
        kept.gate.clear()
        shared.deliver(user, letter("second"))
        await until(lambda: len(kept.calls) == 2)
        shared.deliver(user, letter("third"))
        kept.gate.set()
        await all_done(shared, user, 2)
        assert edge.told.keys == []
    assert kept.words == ["first", "second", "third"]


async def test_a_listed_mail_that_is_gone(shared: Dovecot, user: str) -> None:
    shared.deliver(user, *(letter(f"mail {number}") for number in range(3)))
    kept = Kept()
    kept.gate.clear()
    async with serving(shared, settings(shared, user, idle=0.05), kept) as edge:
        await until(lambda: kept.calls)
        with shared.client(user) as client:
            uids = client.search("ALL", charset=None)
            client.delete_messages(uids[1:2])
            client.expunge()
        kept.gate.set()
        await all_done(shared, user, 2)
        assert edge.told.keys == []
    assert len(kept.words) == 2


async def test_the_loop_goes_on_while_a_big_mail_comes(shared: Dovecot, user: str) -> None:
    """Twenty megabytes: no turn of the loop takes longer than 50 ms, but for a busy machine's doing."""
    lines = "benches and trees in a line of some length\n" * 480_000
    kept = Kept()
    loop = asyncio.get_running_loop()
    longest: list[float] = []
    async with serving(shared, settings(shared, user), kept):
        while len(longest) < 5 and min(longest, default=1.0) >= 0.05:
            shared.deliver(user, letter(f"{len(longest)}\n{lines}"))
            longest.append(0.0)
            while len(kept.arrivals) < len(longest):
                began = loop.time()
                await asyncio.sleep(0.001)
                longest[-1] = max(longest[-1], loop.time() - began)
    assert len(kept.arrivals[0].raw) > 20_000_000
    assert min(longest) < 0.05, longest


async def test_it_ends_at_once_whatever_it_does(shared: Dovecot, user: str) -> None:
    kept = Kept()
    async with (
        tapped(shared.port) as tap,
        serving(shared, settings(shared, user, tap.port), kept) as edge,
    ):
        await until(lambda: b"IDLE" in tap.said)
        assert await edge.end() < 1


@pytest.mark.parametrize("tls", ["none", "tls"])
async def test_it_ends_at_once_when_nobody_greets(shared: Dovecot, user: str, tls: Tls) -> None:
    async with tapped(shared.tls_port) as tap:
        tap.rewrite = lambda piece: b""
        async with serving(shared, settings(shared, user, tap.port, tls=tls), Kept()) as edge:
            await until(lambda: tap.connections and threads())
            assert await edge.end() < 1


async def test_a_commit_under_way_is_let_finish(shared: Dovecot, user: str) -> None:
    kept = Kept()
    kept.gate.clear()
    shared.deliver(user, letter("in the ledger's hands"))
    async with serving(shared, settings(shared, user), kept) as edge:
        await until(lambda: kept.calls)
        ending = asyncio.create_task(edge.end())
        await until(lambda: edge.task.cancelling() > 0)
        kept.gate.set()
        assert await ending < 5
    assert kept.words == ["in the ledger's hands"]
    assert shared.flags(user) == [set()]
