"""What the IMAP edge is made of, each for itself."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email import caps
from bridge.email.imap import Pause
from bridge.email.imap_envelope import addresses, mail_from, opened, whole_lines
from bridge.email.imap_folder import Imap, Lost
from bridge.email.imap_notices import Notices
from bridge.email.imap_wire import Wire
from tests.email.looked_after import Told

# ------------------------------------------------------------------ the envelope


A, B = "a@alder.example", "b@alder.example"


def head(*lines: str) -> caps.Head:
    return caps.head("\r\n".join([*lines, "", "words"]).encode())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Delivered-To: Park@alder.example"], ["park@alder.example"]),
        (
            ["X-Original-To: a@alder.example", "Delivered-To: b@alder.example"],
            [B, A],
        ),
        (
            ["Envelope-To: a@alder.example", "X-Envelope-To: <b@alder.example>"],
            ["a@alder.example", "b@alder.example"],
        ),
        (["Received: from x by y for <a@alder.example>; Mon, 1 Jan 2027"], [A]),
        (["Received: from x by y\r\n\tfor  <a@alder.example>\r\n\t; Mon"], [A]),
        (["Received: from x by y; Mon", "Received: from z for <old@alder.example>; Mon"], []),
        (
            ["To: Park <a@alder.example>, b@alder.example", "Cc: c@alder.example"],
            [f"{x}@alder.example" for x in "abc"],
        ),
        (["To: a@alder.example", "Delivered-To: b@alder.example"], [B, A]),
        (["To: a@alder.example", "Delivered-To: a@alder.example"], [A]),
        (["Bcc: a@alder.example", "Reply-To: b@alder.example", "From: c@alder.example"], []),
        (["To: undisclosed-recipients:;"], []),
        (["Subject: for <a@alder.example>"], []),
    ],
)
def test_whom_a_mail_is_for(lines: list[str], expected: list[str]) -> None:
    assert list(addresses(head(*lines))) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Return-Path: <ada@home.example>"], "ada@home.example"),
        (["Return-Path: ada@home.example"], "ada@home.example"),
        (["Return-Path: <>", "From: ada@home.example"], ""),
        (["Return-Path: <>", "Return-Path: <forged@home.example>"], ""),
        (["Return-Path: <ada@home.example>", "Return-Path: <>"], "ada@home.example"),
        (["From: Ada Citizen <ada@home.example>"], "ada@home.example"),
        (["From: a@home.example, b@home.example"], ""),
        ([], ""),
    ],
)
def test_where_a_mail_came_from(lines: list[str], expected: str) -> None:
    assert mail_from(head(*lines)) == expected


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"x" * 300_000]), max_size=30))
def test_every_line_ends_with_crlf(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    whole = whole_lines(raw)
    assert not caps.bare_line_ends(whole)
    assert whole.replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


@given(st.binary(max_size=300))
def test_any_octets_make_a_letter(raw: bytes) -> None:
    letter = opened(raw)
    assert all("@" in address for address in letter.addresses)
    assert "\n" not in letter.mail_from and "\r" not in letter.mail_from


# ------------------------------------------------------------------ pauses and notices


def test_pauses_grow_up_to_the_longest() -> None:
    pause = Pause(1, 300)
    assert [pause.after() for _ in range(11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    pause.reset()
    assert pause.after() == 1


def test_counts_are_told_at_most_once_an_hour() -> None:
    now = 1_000_000.0
    told = Told()
    notices = Notices(Imap("mail.home.example", aside="Left"), told, lambda: now)
    notices.count("imap_not_ours")
    notices.due()
    for _ in range(7):
        notices.count("imap_not_ours")
        notices.due()
    notices.count("imap_too_big")
    notices.due()
    now += 3599
    notices.due()
    assert told.keys == ["imap_not_ours", "imap_too_big"]
    now += 1
    notices.due()
    notices.due()
    assert told.keys == ["imap_not_ours", "imap_too_big", "imap_not_ours"]
    assert [one["count"] for one in told.values] == [1, 1, 7]
    assert {one["folder"] for one in told.values} == {"Left"}
    now -= 10 * 3600  # a clock that jumps back silences nothing
    notices.count("imap_not_ours")
    notices.due()
    assert told.keys[3:] == ["imap_not_ours"]


def test_a_trouble_is_told_once_until_all_is_well() -> None:
    told = Told()
    notices = Notices(Imap("mail.home.example"), told, lambda: 0.0)
    for _ in range(4):
        notices.trouble(Lost("broke"))
    notices.well()
    assert told.keys == []
    for _ in range(12):
        notices.trouble(Lost("broke"))
    notices.well()
    notices.well()
    assert told.keys == ["imap_unreachable", "imap_well"]


# ------------------------------------------------------------------ the wire


class Peer:
    """The other end of a wire, which says what it is told to."""

    def __init__(self) -> None:
        self.end, line = socket.socketpair()
        self.end.settimeout(20)
        self.end.sendall(b"* OK ready\r\n")
        with ThreadPoolExecutor(1) as pool:
            making = pool.submit(Wire, line, 20.0, 1000)
            tag = self.hear().split()[0]
            self.end.sendall(b"* CAPABILITY IMAP4rev1 IDLE\r\n" + tag + b" OK done\r\n")
            self.wire = making.result(20)

    def hear(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += self.end.recv(1)
        return line

    async def listen(self, seconds: float, known: int, *answers: bytes, rest: bytes = b"") -> bool:
        """`Wire.listen`, whose IDLE gets `answers`, one packet each, and whose DONE is answered."""

        def answer() -> None:
            tag = self.hear().split()[0]
            for one in answers:
                self.end.sendall(one)
            if self.hear() == b"DONE\r\n":
                self.end.sendall(rest + tag + b" OK done\r\n")

        heard, _ = await asyncio.gather(
            asyncio.to_thread(self.wire.listen, seconds, known), asyncio.to_thread(answer)
        )
        return heard

    def close(self) -> None:
        self.end.close()
        self.wire.shutdown()


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Peer:
    peer = Peer()
    request.addfinalizer(peer.close)
    return peer


@pytest.mark.parametrize(
    "answers",
    [
        [b"+ idling\r\n", b"* 3 EXISTS\r\n"],
        [b"+ idling\r\n* 3 EXISTS\r\n"],  # in one packet: no octet is left for `select` to see
        [b"* 3 EXISTS\r\n+ idling\r\n"],
        [b"+ idling\r\n* OK still here\r\n* 3 EX", b"ISTS\r\n"],
        [b"+ idling\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n"],
        [b"+ idling\r\n* 2 exists\r\n* 1 recent\r\n* 3 exists\r\n"],
    ],
)
async def test_news_are_heard_at_once(peer: Peer, answers: list[bytes]) -> None:
    assert await asyncio.wait_for(peer.listen(600, 2, *answers), 20)


@pytest.mark.parametrize(
    "answer", [b"", b"* 2 EXISTS\r\n", b"* 1 EXPUNGE\r\n* 1 EXISTS\r\n", b"* 3 RECENT\r\n", b"* 30 EXIST"]
)
async def test_what_is_no_news(peer: Peer, answer: bytes) -> None:
    """Half a line neither: its rest comes before the end of IDLE, and is no number of mails."""
    rest = b"ENCE\r\n" if answer.endswith(b"EXIST") else b""
    assert not await peer.listen(0.1, 2, b"+ idling\r\n" + answer, rest=rest)


@pytest.mark.parametrize(
    ("say", "read"),
    [
        (b"* BYE gone\r\n", lambda wire: wire.listen(5, 0)),
        (b"", lambda wire: wire.listen(5, 0)),
        (b"half a line", lambda wire: wire.readline()),
        (b"x" * 1_100_000, lambda wire: wire.readline()),
        (b"abc", lambda wire: wire.read(4)),
        (b"a" * 1001, lambda wire: wire.read(1001)),
    ],
)
async def test_a_line_that_is_of_no_use(peer: Peer, say: bytes, read: Callable[[Wire], object]) -> None:
    def speak() -> None:
        peer.end.sendall(say)
        peer.end.shutdown(socket.SHUT_WR)

    speaking = asyncio.create_task(asyncio.to_thread(speak))
    with pytest.raises(Wire.abort):
        await asyncio.to_thread(read, peer.wire)
    peer.wire.shutdown()
    await asyncio.gather(speaking, return_exceptions=True)


async def test_literals_and_lines_in_any_pieces(peer: Peer) -> None:
    peer.end.sendall(b"* first\r\n* sec")
    assert await asyncio.to_thread(peer.wire.readline) == b"* first\r\n"
    peer.end.sendall(b"ond\r\n" + b"a" * 700)
    assert await asyncio.to_thread(peer.wire.readline) == b"* second\r\n"
    peer.end.sendall(b"b" * 300 + b"rest\r\n")
    assert await asyncio.to_thread(peer.wire.read, 1000) == b"a" * 700 + b"b" * 300
    assert await asyncio.to_thread(peer.wire.readline) == b"rest\r\n"
