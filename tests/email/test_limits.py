"""What one peer may take: 421 and 451 for who takes more, never a refusal for good."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.limits import Gate, Rates
from bridge.email.settings import Address, Allowance, Door, Listen
from tests.email.doors import BUDGET, LISTEN, PARK, Desk, Line, opened, stuffed
from tests.email.mails import DOMAIN, mail
from tests.waiting import until

STRANGERS = Allowance(trusted=())


def strict(**limits: Any) -> Listen:
    """Loopback is nobody's friend here."""
    return replace(LISTEN, allowance=replace(STRANGERS, **limits))


async def refused(line: Line, answer: str) -> None:
    """The line says `answer` and ends."""
    assert (await line.answer()).startswith(answer)
    assert await line.answer() == ""


# ------------------------------------------------------------------ the gate, without a wire


def test_a_bucket_holds_a_minutes_worth_and_fills_evenly() -> None:
    rates = Rates(per_minute=6, size=10)
    assert [rates.take("a", 0) for _ in range(7)] == [True] * 6 + [False]
    assert not rates.take("a", 9.9)
    assert rates.take("a", 10.1) and not rates.take("a", 10.2)
    assert rates.take("b", 10.2)
    assert [rates.take("a", 1_000) for _ in range(7)] == [True] * 6 + [False]


def test_the_table_forgets_who_was_seen_longest_ago() -> None:
    rates = Rates(per_minute=1, size=3)
    for key in "abc":
        assert rates.take(key, 0)
    assert not rates.take("a", 1)
    assert rates.take("d", 2) and len(rates) == 3  # b is forgotten, not a
    assert not rates.take("a", 3) and rates.take("b", 3)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 30)), max_size=80))
def test_the_table_is_bounded_and_nobody_gets_more_than_two_minutes_worth_in_one(
    events: list[tuple[str, float]],
) -> None:
    rates, now = Rates(per_minute=5, size=6), 0.0
    taken: dict[str, list[float]] = {}
    for key, pause in events:
        now += pause
        if rates.take(key, now):
            taken.setdefault(key, []).append(now)
        assert len(rates) <= 6
    for times in taken.values():
        assert all(sum(start <= time < start + 60 for time in times) <= 10 for start in times)


@pytest.mark.parametrize(
    ("address", "network", "trusted"),
    [
        ("192.0.2.77", "192.0.2.0/24", False),
        ("::ffff:192.0.2.77", "192.0.2.0/24", False),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", False),
        ("fe80::1%eth0", "fe80::/64", False),
        ("127.0.0.1", "127.0.0.0/24", True),
        ("::ffff:127.0.0.1", "127.0.0.0/24", True),
        ("::1", "::/64", True),
        ("10.1.2.3", "10.1.2.0/24", True),
        ("", "", True),
        ("nonsense", "", False),
    ],
)
def test_who_is_where(address: str, network: str, trusted: bool) -> None:
    gate = Gate(Allowance(trusted=("127.0.0.0/8", "::1/128", "10.1.0.0/16")))
    peer = gate.peer(address)
    assert (peer.network, peer.trusted) == (network, trusted)


def test_neighbours_are_one_network_and_strangers_are_not() -> None:
    gate = Gate(replace(STRANGERS, connections_per_network=3, connections_per_address=2))
    same = [gate.peer(f"2001:db8::{n}") for n in range(1, 6)]
    assert [gate.enter(peer, 0) for peer in same] == [True, True, True, False, False]
    assert gate.enter(gate.peer("2001:db8:0:1::1"), 0)
    gate.leave(same[0])
    assert gate.enter(same[4], 0)
    one = gate.peer("198.51.100.1")
    assert [gate.enter(one, 0) for _ in range(3)] == [True, True, False]


def test_one_network_does_not_fill_the_table_of_addresses() -> None:
    """An attacker with a /64 has 2^64 addresses: they must not push others out of memory."""
    gate = Gate(replace(STRANGERS, mails_per_network=5, mails_per_address=1, remembered=10))
    victim = gate.peer("198.51.100.1")
    assert gate.mail(victim, 0) and not gate.mail(victim, 0)
    taken = [gate.mail(gate.peer(f"2001:db8::{n:x}"), 0) for n in range(1, 1_000)]
    assert sum(taken) == 5
    assert not gate.mail(victim, 0)


def test_memory_is_bounded() -> None:
    """Many networks: as many are remembered as were said, and no line is left counted."""
    gate = Gate(replace(STRANGERS, remembered=1_000))
    for number in range(20_000):
        peer = gate.peer(f"{number % 200 + 1}.{number // 200}.1.7")
        assert gate.enter(peer, number) and gate.mail(peer, number)
        gate.leave(peer)
    tables = (*gate._new, *gate._mails)
    assert [len(table) for table in tables] == [1_000] * 4
    assert not gate._open and not sum(gate._lines.values())


# ------------------------------------------------------------------ connections


async def test_too_many_connections_of_an_address_and_in_all() -> None:
    async with opened(strict(connections=3, connections_per_address=2)) as desk:
        first = await desk.line()
        await desk.line()
        await refused(await desk.line(greet=None), "421 4.7.0")
        await desk.line(source="127.0.0.2")
        await refused(await desk.line(greet=None, source="127.0.0.3"), "421 4.7.0")
        assert (await first.say("QUIT")).startswith("221")
        await until(lambda: len(desk.server._lines) == 2)
        await desk.line()


async def test_too_many_connections_of_a_network() -> None:
    async with opened(strict(connections_per_network=2)) as desk:
        for last in (1, 2):
            await desk.line(source=f"127.9.0.{last}")
        await refused(await desk.line(greet=None, source="127.9.0.3"), "421 4.7.0")
        await desk.line(source="127.9.1.3")


@pytest.mark.parametrize("limits", [{"new_per_address": 3}, {"new_per_network": 3}])
async def test_too_many_connections_in_a_minute(limits: dict[str, int]) -> None:
    async with opened(strict(**limits)) as desk:
        for _ in range(3):
            assert (await (await desk.line()).say("QUIT")).startswith("221")
        await refused(await desk.line(greet=None), "421 4.7.0")
        await desk.line(source="127.9.1.3")


async def test_an_untrusted_peer_in_front_of_lmtp_has_the_same_limits() -> None:
    listen = replace(strict(connections_per_address=1), lmtp=Address("127.0.0.1", 0))
    async with opened(listen) as desk:
        await desk.lmtp()
        await refused(await desk.line(greet=None, door=Door.LMTP), "421 4.7.0")


# ------------------------------------------------------------------ mails and errors


async def deliver(desk: Desk, line: Line, recipient: str = PARK, words: str = "Hello") -> str:
    await desk.begin(line, recipient)
    return await line.data(stuffed(mail(words)))


@pytest.mark.parametrize("limits", [{"mails_per_address": 2}, {"mails_per_network": 2}])
async def test_too_many_mails_in_a_minute(limits: dict[str, int]) -> None:
    """451 at MAIL, over several connections; what is pipelined behind it fails with it."""
    async with opened(strict(**limits)) as desk:
        for _ in range(2):
            assert (await deliver(desk, await desk.line())).startswith("250")
        line = await desk.line()
        assert (await line.say("MAIL FROM:<kim@example.org>")).startswith("451 4.7.1")
        assert (await line.say(f"RCPT TO:<{PARK}>")).startswith("503")
        assert (await line.say("DATA")).startswith("503")
        other = await desk.line(source="127.9.1.3")
        assert (await deliver(desk, other)).startswith("250")


async def test_too_many_mails_over_one_connection() -> None:
    """421, and the line is closed: another one may be opened at once, and no mail was lost."""
    async with opened(strict(mails_per_connection=2)) as desk:
        line = await desk.line()
        for words in ("one", "two"):
            assert (await deliver(desk, line, words=words)).startswith("250")
        assert (await line.say("MAIL FROM:<kim@example.org>")).startswith("421 4.7.0")
        assert await line.answer() == ""
        assert (await deliver(desk, await desk.line(), words="three")).startswith("250")
        assert len(desk.inbox.arrivals) == 3


async def test_too_many_errors() -> None:
    """Each refusal is answered; after the last one nothing that was pipelined is obeyed."""
    async with opened(strict(errors_per_connection=3)) as desk:
        line = await desk.line()
        guesses = "".join(f"RCPT TO:<guess{n}@{DOMAIN}>\r\n" for n in range(3))
        rest = f"RCPT TO:<{PARK}>\r\nDATA\r\n".encode() + stuffed(mail())
        line.writer.write(f"MAIL FROM:<kim@example.org>\r\n{guesses}".encode() + rest)
        assert [(await line.answer())[:9] for _ in range(4)] == ["250 2.0.0", *["550 5.1.1"] * 3]
        await refused(line, "421 4.7.0")
        await until(lambda: not desk.server._lines)
        assert not desk.inbox.calls


@pytest.mark.parametrize("command", ["NOOP", "RSET", "EHLO x.example", "VRFY kim", "HELP"])
async def test_too_many_commands_that_move_no_mail(command: str) -> None:
    async with opened(strict(idle_commands=5)) as desk:
        line = await desk.line("HELO x.example")
        answers = [(await line.say(command))[:3] for _ in range(6)]
        assert set(answers[:5]) <= {"250", "252"} and answers[5] == "421"
        assert await line.answer() == ""


async def test_commands_that_nobody_knows() -> None:
    async with opened() as desk:
        line = await desk.line()
        assert [(await line.say("GET / HTTP/1.1"))[:3] for _ in range(5)] == ["500"] * 4 + ["502"]
        assert await line.answer() == ""


async def test_the_operators_own_relay_is_bound_by_none_of_it() -> None:
    """Loopback is trusted unless told otherwise: a relay brings everybody's mail."""
    tight = Allowance(
        connections_per_address=1, connections_per_network=1, new_per_address=1, new_per_network=1,
        mails_per_address=1, mails_per_network=1, mails_per_connection=1, errors_per_connection=1,
        idle_commands=1,
    )  # fmt: skip
    async with opened(replace(LISTEN, allowance=tight)) as desk:
        for _ in range(3):
            line = await desk.line()
            for recipient in (PARK, BUDGET):
                assert (await line.say("RSET")).startswith("250")
                assert (await line.say("RCPT TO:<kim@example.org>")).startswith("503")
                assert (await deliver(desk, line, recipient)).startswith("250")


# ------------------------------------------------------------------ time and memory


async def test_an_idle_peer_is_sent_away() -> None:
    async with opened(replace(LISTEN, idle=0.2)) as desk:
        line = await desk.line(greet=None)
        assert (await line.answer()).startswith("220")
        await refused(line, "421 4.4.2")


async def test_a_peer_that_never_reads_cannot_stay() -> None:
    """Its answers fill the buffers; when the idle time is over the line is cut, not merely closed."""
    async with opened(replace(LISTEN, idle=1)) as desk:
        with socket.socket() as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(peer, ("127.0.0.1", desk.server.port))
            pouring = asyncio.create_task(loop.sock_sendall(peer, b"HELP\r\n" * 500_000))
            await until(lambda: desk.server._lines)
            await until(lambda: not desk.server._lines)
            pouring.cancel()
            await asyncio.gather(pouring, return_exceptions=True)


async def test_a_thousand_stalled_connections_do_not_stop_a_trusted_peer() -> None:
    """Slow loris: strangers and the operator's own relay have lines of their own."""
    allowance = Allowance(connections=200, trusted=("127.0.0.1/32",))
    async with opened(replace(LISTEN, allowance=allowance)) as desk:
        stalled = await asyncio.gather(
            *(desk.line(greet=None, source=f"127.1.{n // 20}.{n % 20 + 1}") for n in range(1_000))
        )
        first = [(await line.reader.readline())[:3] for line in stalled]
        assert (first.count(b"220"), first.count(b"421")) == (200, 800)
        for line, greeting in zip(stalled, first, strict=True):
            if greeting == b"220":
                line.writer.write(b"EHLO x.example\r\nMAIL FROM:<")  # and nothing more, ever
        assert (await deliver(desk, await desk.line())).startswith("250")
        assert len(desk.server._lines) == 201


async def test_who_stalls_longest_makes_room_for_a_newcomer() -> None:
    """When all lines are taken, silence costs the line; who is waiting for us keeps it."""
    listen = replace(strict(connections=3), pressed=0.5)
    async with opened(listen) as desk:
        waiting = await desk.envelope()
        desk.inbox.gate.clear()
        await waiting.say("DATA")
        waiting.writer.write(stuffed(mail()))
        await until(lambda: desk.inbox.calls)
        stalled = await desk.line()
        talking = await desk.line()
        await refused(await desk.line(greet=None), "421 4.7.0")  # nobody has been silent for so long

        async def let_in() -> bool:
            assert (await talking.say("NOOP")).startswith("250")
            newcomer = await desk.line(greet=None)
            return (await newcomer.answer()).startswith("220")

        await until(let_in)
        await refused(stalled, "421 4.4.2")
        assert (await talking.say("NOOP")).startswith("250")
        desk.inbox.gate.set()
        assert (await waiting.answer()).startswith("250")


async def test_too_much_mail_at_once_is_to_come_again() -> None:
    """451 for who goes over, its octets thrown away at once; the others' mails go on."""
    async with opened(replace(LISTEN, max_held=1_000_000)) as desk:
        first, second = await desk.envelope(), await desk.envelope(BUDGET)
        for line in (first, second):
            await line.say("DATA")
        first.writer.write(b"x" * 700_000)
        await until(lambda: desk.server.held > 500_000)
        second.writer.write(b"y" * 700_000 + b"\r\n.\r\n")
        assert (await second.answer()).startswith("451 4.3.1")
        assert 0 < desk.server.held < 800_000
        first.writer.write(b"\r\n.\r\n")
        assert (await first.answer()).startswith("250")
        assert desk.server.held == 0
        assert (await deliver(desk, second, BUDGET, "y" * 700_000)).startswith("250")
        assert desk.inbox.recipients == [PARK, BUDGET]


async def test_the_octets_of_a_mail_that_was_cut_off_are_given_back() -> None:
    async with opened() as desk:
        line = await desk.envelope()
        await line.say("DATA")
        line.writer.write(b"x" * 300_000)
        await until(lambda: desk.server.held > 100_000)
        line.writer.transport.abort()
        await until(lambda: not desk.server.held)
