"""IMAP in, when something is wrong: mails that cannot be taken, servers that misbehave, wrong settings."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from bridge.channel import Arrival
from bridge.email.imap_folder import ASIDE, HANDLED
from bridge.errors import Retry
from tests.email.dovecot import PASSWORD, Dovecot, dovecot, tapped
from tests.email.looked_after import PARK, Kept, arrivals, known, letter, serving, settings
from tests.waiting import until

_USERS = count(1)
DONE = {"\\Seen", HANDLED}
WAITS: set[str] = set()
LEFT = {"\\Flagged", ASIDE}


@pytest.fixture(scope="module")
def shared() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    """Somebody with an empty mailbox."""
    return f"town{next(_USERS)}"


async def flags_are(server: Dovecot, user: str, *expected: set[str]) -> None:
    """In any order: mails that were delivered within a second have none."""

    async def so() -> bool:
        found = await asyncio.to_thread(server.flags, user)
        return sorted(map(sorted, found)) == sorted(map(sorted, expected))

    await until(so, what=f"flags {expected}")


# ------------------------------------------------------------------ mails


async def test_a_mail_for_none_of_ours_is_left_and_told(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("foreign", to="else@home.example"), letter("ours"))
    kept = Kept()
    async with serving(shared, settings(shared, user), kept) as edge:
        await flags_are(shared, user, LEFT, DONE)
        await until(lambda: edge.told.keys)
        assert edge.told.keys == ["imap_not_ours"]
        assert edge.told.values == [{"host": "localhost", "folder": "INBOX", "count": 1}]
    assert kept.words == ["ours"]


async def test_a_mail_for_none_of_ours_goes_to_the_catch_all(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("whoever it is for", to="undisclosed-recipients:;"))
    kept = Kept()
    async with serving(shared, settings(shared, user, mailbox=PARK), kept) as edge:
        await flags_are(shared, user, DONE)
        assert edge.told.keys == []
    assert [one.meta["rcpt"] for one in kept.arrivals] == [PARK]


@pytest.mark.parametrize("wait", [True, False])
async def test_somebody_takes_the_flag_away(shared: Dovecot, user: str, wait: bool) -> None:
    """A mail that was set aside waits again once its mark is gone."""
    shared.deliver(user, letter("later ours", to="later@home.example"))
    kept = Kept()
    ours: set[str] = set()
    async with serving(shared, settings(shared, user, idle=0.05), kept, ours=ours.__contains__) as edge:
        await flags_are(shared, user, LEFT)
        if wait:  # else perhaps before the edge looks again
            await until(lambda: edge.told.keys)
        ours.add("later@home.example")
        with shared.client(user) as client:
            client.remove_flags(client.search("ALL", charset=None), [ASIDE, "\\Flagged"])
        await flags_are(shared, user, DONE)
    assert kept.words == ["later ours"]


async def test_a_mail_that_is_too_big_is_never_fetched(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("big " * 1000), letter("big " * 1000), letter("small"))
    kept = Kept()
    async with (
        tapped(shared.port) as tap,
        serving(shared, settings(shared, user, tap.port, max_size=2000), kept) as edge,
    ):
        await flags_are(shared, user, LEFT, LEFT, DONE)
        await until(lambda: edge.told.keys)
        assert tap.said.count(b"BODY.PEEK") == 1
        assert edge.told.keys == ["imap_too_big"]
        assert edge.told.values[0]["count"] == 2
    assert kept.words == ["small"]


async def test_a_server_that_lies_about_the_size(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("big " * 100_000))
    kept = Kept()
    heard = 0
    async with tapped(shared.port) as tap:

        def shrink(piece: bytes) -> bytes:
            nonlocal heard
            heard += len(piece)
            return re.sub(rb"RFC822.SIZE \d{6}", b"RFC822.SIZE 100", piece)

        tap.rewrite = shrink
        async with serving(shared, settings(shared, user, tap.port, max_size=2000), kept) as edge:
            await flags_are(shared, user, LEFT)
            await until(lambda: edge.told.keys == ["imap_too_big"])
    assert kept.calls == []
    assert heard < 20_000


async def test_a_literal_above_the_limit_is_not_read(shared: Dovecot, user: str) -> None:
    """A server that answers with more than was asked for: the mail counts as one that cannot be read."""
    shared.deliver(user, letter("endless"))
    kept = Kept()
    async with tapped(shared.port) as tap:
        tap.rewrite = lambda piece: re.sub(rb"(BODY\[\]<0> )\{\d+\}", rb"\1{9999999999}", piece)
        async with serving(shared, settings(shared, user, tap.port), kept) as edge:
            await flags_are(shared, user, LEFT)
            await until(lambda: "imap_unreadable" in edge.told.keys)
    assert tap.connections == 6
    assert kept.calls == []


async def test_a_mail_that_cannot_be_fetched(shared: Dovecot, user: str) -> None:
    """It is tried five times, last, while the others go on; then it is left and told."""
    (poison,) = shared.deliver(user, letter("poison"))
    poison.chmod(0)
    kept = Kept()
    async with (
        tapped(shared.port) as tap,
        serving(shared, settings(shared, user, tap.port), kept, pauses=(0.1, 0.4)) as edge,
    ):
        await until(lambda: tap.said.count(b"RFC822.SIZE") >= 2)
        shared.deliver(user, *(letter(f"good {number}") for number in range(3)))
        await kept.has(3)
        assert "imap_unreadable" not in edge.told.keys
        await until(lambda: "imap_unreadable" in edge.told.keys)
        shared.deliver(user, letter("good 3"))
        await flags_are(shared, user, LEFT, *[DONE] * 4)
        assert edge.told.keys.count("imap_unreadable") == 1
    assert sorted(kept.words) == [f"good {number}" for number in range(4)]


async def test_an_old_archive_does_not_come_in_as_news(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("new"))
    with shared.client(user) as client:
        client.append("INBOX", letter("old"), msg_time=None)
        for days in (400, 31):
            moment = time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(time.time() - days * 86_400))
            client._imap.append("INBOX", None, f'"{moment}"', letter(f"{days} days old"))
    kept = Kept()
    async with serving(shared, settings(shared, user), kept) as edge:
        await flags_are(shared, user, LEFT, LEFT, DONE, DONE)
        await until(lambda: edge.told.keys == ["imap_too_old"])
        assert edge.told.values[0]["count"] == 2
    assert sorted(kept.words) == ["new", "old"]


async def test_our_own_fault_with_one_mail(shared: Dovecot, user: str) -> None:
    """What makes arrivals fails at one mail: five times, then it is left; the others come."""
    shared.deliver(user, letter("bad"), letter("good"))
    kept = Kept()

    def make(raw: bytes, recipients: object, mail_from: str) -> list[Arrival]:
        if b"bad" in raw:
            raise ZeroDivisionError(raw.decode())
        return arrivals(raw, [PARK], mail_from)

    async with serving(shared, settings(shared, user), kept, make=make) as edge:
        await flags_are(shared, user, LEFT, DONE)
        await until(lambda: edge.told.keys == ["imap_unreadable"])
    assert kept.words == ["good"]


# ------------------------------------------------------------------ the ledger


async def test_the_ledger_asks_to_try_later(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("patience"))
    kept = Kept()
    kept.fault = lambda arrival: Retry("locked") if len(kept.calls) < 6 else None
    async with serving(shared, settings(shared, user), kept, pauses=(0.02, 0.3)) as edge:
        await until(lambda: len(kept.calls) == 3)
        assert shared.flags(user) == [WAITS]
        await flags_are(shared, user, DONE)
        assert edge.told.keys == []
    assert kept.words == ["patience"]
    gaps = [later - sooner for sooner, later in zip(kept.calls, kept.calls[1:], strict=False)]
    assert all(gap >= least for gap, least in zip(gaps, (0.02, 0.04, 0.08, 0.16, 0.3), strict=True)), gaps


async def test_the_ledger_says_how_long(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("soon"))
    kept = Kept()
    kept.fault = lambda arrival: Retry("full", after=0.05) if len(kept.calls) < 2 else None
    async with serving(shared, settings(shared, user), kept, pauses=(30, 300)):
        await until(lambda: kept.words == ["soon"])


async def test_the_ledger_fails_at_one_mail(shared: Dovecot, user: str) -> None:
    """It stays where it is, the others go on, operators are told once, and it comes in the end."""
    shared.deliver(user, letter("unlucky"), letter("good"))
    kept = Kept()
    broken = True
    kept.fault = lambda arrival: ValueError("boom") if broken and b"unlucky" in arrival.raw else None
    async with serving(shared, settings(shared, user), kept) as edge:
        await until(lambda: len(kept.calls) > 9)
        assert edge.told.keys == ["imap_stuck"]
        await flags_are(shared, user, WAITS, DONE)
        broken = False
        await flags_are(shared, user, DONE, DONE)
        await until(lambda: edge.told.keys == ["imap_stuck", "imap_well"])
    assert kept.words == ["good", "unlucky"]


async def test_our_mailboxes_are_not_known_yet(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("early"))
    kept = Kept()
    asked = 0

    def ours(address: str) -> bool:
        nonlocal asked
        asked += 1
        if asked < 4:
            raise RuntimeError("not started")
        return known(address)

    async with serving(shared, settings(shared, user), kept, ours=ours) as edge:
        await flags_are(shared, user, DONE)
        assert edge.told.keys == []
    assert kept.words == ["early"]


# ------------------------------------------------------------------ marks


async def test_marks_that_do_not_stay(shared: Dovecot, user: str) -> None:
    """The mail is neither fetched nor accepted again, and it is no busy loop."""
    shared.deliver(user, letter("once"))
    kept = Kept()
    async with tapped(shared.port) as tap:
        tap.change = lambda piece: piece.replace(b"+FLAGS", b"-FLAGS")
        async with serving(shared, settings(shared, user, tap.port), kept, pauses=(0.05, 10)) as edge:
            await until(lambda: tap.said.count(b"+FLAGS") >= 4)
            assert edge.told.keys == ["imap_unmarked"]
            assert tap.said.count(b"BODY.PEEK") == 1
            tap.change = lambda piece: piece
            await flags_are(shared, user, DONE)
            await until(lambda: edge.told.keys == ["imap_unmarked", "imap_well"])
    assert len(kept.calls) == 1


async def test_a_server_that_keeps_no_keywords(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("ours"), letter("foreign", to="else@home.example"))
    kept = Kept()
    async with tapped(shared.port) as tap:
        tap.rewrite = lambda piece: piece.replace(b" \\*)", b")")
        async with serving(shared, settings(shared, user, tap.port), kept) as edge:
            await flags_are(shared, user, {"\\Seen"}, {"\\Flagged"})
            shared.deliver(user, letter("ours too"))
            await flags_are(shared, user, {"\\Seen"}, {"\\Seen"}, {"\\Flagged"})
            assert edge.told.keys.count("imap_no_keywords") == 1
    assert kept.words == ["ours", "ours too"]
    assert len(kept.calls) == 2


async def test_a_folder_that_may_only_be_read(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("unmarkable"))
    kept = Kept()
    async with tapped(shared.port) as tap:
        tap.rewrite = lambda piece: piece.replace(b"[READ-WRITE]", b"[READ-ONLY] ")
        async with serving(shared, settings(shared, user, tap.port), kept) as edge:
            await until(lambda: tap.connections > 3)
            assert edge.told.keys == ["imap_folder_refused"]
            tap.rewrite = lambda piece: piece
            await flags_are(shared, user, DONE)
            await until(lambda: edge.told.keys == ["imap_folder_refused", "imap_well"])


# ------------------------------------------------------------------ settings and servers


async def test_a_wrong_password_is_told_once(
    shared: Dovecot, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kept = Kept()
    async with tapped(shared.port) as tap:
        wrong = settings(shared, user, tap.port, password="hunter2-canary")
        assert "hunter2-canary" not in repr(wrong)
        async with serving(shared, wrong, kept, pauses=(0.05, 10)) as edge:
            began = time.monotonic()
            await until(lambda: tap.connections == 5)
            assert time.monotonic() - began >= 0.05 + 0.1 + 0.2 + 0.4, "no busy loop"
            assert edge.told.keys == ["imap_login_refused"]
    assert "hunter2-canary" not in caplog.text + str(edge.told.values)


async def test_a_server_that_is_not_there(user: str) -> None:
    """Told after five tries, as a restart needs nobody; and when all is well again."""
    kept = Kept()
    with dovecot() as server:
        server.stop()
        async with serving(server, settings(server, user), kept) as edge:
            await until(lambda: edge.told.keys)
            await asyncio.to_thread(server.start)
            server.deliver(user, letter("at last"))
            await until(lambda: edge.told.keys == ["imap_unreachable", "imap_well"])
            await flags_are(server, user, DONE)
    assert kept.words == ["at last"]


@pytest.mark.parametrize("tls", ["tls", "starttls"])
@pytest.mark.parametrize("what", ["another authority", "another name"])
async def test_a_server_that_proves_no_identity_gets_no_password(
    shared: Dovecot, user: str, tls: str, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kept = Kept()
    port = shared.tls_port if tls == "tls" else shared.port
    right = shared.context
    try:
        async with tapped(port) as tap:
            one = settings(shared, user, tap.port, tls=tls)
            if what == "another name":
                one = replace(one, host="127.0.0.1")
            else:
                shared.context = ssl.create_default_context()
            async with serving(shared, one, kept) as edge:
                await until(lambda: tap.connections > 2)
                assert edge.told.keys == ["imap_untrusted"]
            assert not re.search(rb"AUTHENTICATE|LOGIN", tap.said)
    finally:
        shared.context = right


@pytest.mark.parametrize("greeting", [b"* OK [", b"* PREAUTH ["])
async def test_no_password_without_tls(user: str, greeting: bytes) -> None:
    """A server that knows no STARTTLS, or somebody between who says that we are logged in already."""
    kept = Kept()
    with dovecot("ssl = no" if greeting == b"* OK [" else "") as server:
        async with tapped(server.port) as tap:
            tap.rewrite = lambda piece: piece.replace(b"* OK [", greeting)
            async with serving(server, settings(server, user, tap.port, tls="starttls"), kept) as edge:
                await until(lambda: tap.connections > 2)
                assert edge.told.keys == ["imap_untrusted"]
            assert not re.search(rb"AUTHENTICATE|LOGIN", tap.said)


async def test_what_was_said_before_tls_is_forgotten(shared: Dovecot, user: str) -> None:
    shared.deliver(user, letter("safe"))
    kept = Kept()
    async with tapped(shared.port) as tap:
        forged = b"* BYE injected\r\n* CAPABILITY IMAP4rev1\r\n"
        tap.rewrite = lambda piece: piece + forged if b"Begin TLS" in piece else piece
        async with serving(shared, settings(shared, user, tap.port, tls="starttls"), kept) as edge:
            await flags_are(shared, user, DONE)
            assert edge.told.keys == []
    assert tap.connections == 1


async def test_no_words_of_citizens_or_secrets_in_logs(
    shared: Dovecot, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (poison,) = shared.deliver(user, letter("canary-poison", subject="canary-subject"))
    poison.chmod(0)
    shared.deliver(
        user,
        letter("canary-body", subject="canary-subject", _from="Canary <canary@home.example>"),
        letter("canary-body", to="canary@home.example"),
    )
    kept = Kept()
    kept.fault = lambda arrival: ValueError("canary") if len(kept.calls) < 3 else None
    async with tapped(shared.port) as tap:
        heard = count(1)
        tap.rewrite = lambda piece: piece if next(heard) % 13 else piece[:5] + b"canary" + piece[5:]
        async with serving(shared, settings(shared, user, tap.port, timeout=0.5), kept) as edge:
            await until(lambda: "imap_unreadable" in edge.told.keys, 60)
            await flags_are(shared, user, LEFT, LEFT, DONE)
    logged = caplog.text.lower()
    assert "mailbox:" in logged
    assert "canary" not in logged
    assert PASSWORD.lower() not in logged
    assert "canary" not in str(edge.told.values)
