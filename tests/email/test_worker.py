"""The pool of children, with the bombs that brought others down."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from base64 import encodebytes
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.email import child, wire
from bridge.email.bounce import Bounce
from bridge.email.mail import Mail
from bridge.email.parse import read
from bridge.email.worker import Pool
from bridge.model import Attachment
from tests.email.bombs import BOMBS, HEAD
from tests.email.mails import mail, multipart
from tests.waiting import until


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    async with Pool(size=1, patience=20) as pool:
        yield pool


async def test_a_mail_crosses_the_pipes_unchanged(pool: Pool) -> None:
    data = os.urandom(3_000_000)
    raw = multipart(
        "mixed",
        "Content-Type: text/html; charset=utf-8\n\n<p>Grüße 🎈</p>",
        b"Content-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: base64\n\n"
        + encodebytes(data),
        subject="=?utf-8?q?B=C3=A4nke?=",
        references="<a@b> <c@d>",
        precedence="bulk",
        date="Mon, 04 Jan 2027 10:00:00 +0100",
    )
    got = await pool.read(raw)
    assert got == read(raw)
    assert got.attachments[0].data == data


async def test_what_breaks_a_limit_is_salvaged_without_harm_to_the_child(pool: Pool) -> None:
    before = pool.pids
    got = await pool.read(BOMBS["1,000 deep"])
    assert got.warnings == ("unreadable",) and got.from_address == "a@b.example"
    assert got.attachments == (Attachment("original.eml", "message/rfc822", BOMBS["1,000 deep"]),)
    assert pool.pids == before and pool.ended == 0


async def test_a_child_that_is_killed_is_replaced(pool: Pool) -> None:
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    assert (await pool.read(mail())).words == "Hello park."
    assert pool.pids != [pid]


async def test_a_mail_that_ends_two_children_is_salvaged() -> None:
    """With so little memory every child dies of it, and nothing is lost."""
    raw = HEAD + b"Subject: big\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"d29yZHMg\r\n" * 8_000_000
    async with Pool(size=1, memory=224 * 1024 * 1024, patience=20) as small:
        got = await small.read(raw)
        assert small.ended == 2
        assert (got.from_address, got.subject, got.warnings) == ("a@b.example", "big", ("unreadable",))
        assert got.attachments[0].data == raw
        assert (await small.read(mail())).words == "Hello park."


async def test_too_much_processor_time_ends_the_child() -> None:
    raw = HEAD + b"Content-Type: text/html\r\n\r\n" + b"<p>hello <b>x</b></p>" * 45_000
    async with Pool(size=1, seconds=0.05, patience=20) as hasty:
        got = await hasty.read(raw)
        assert hasty.ended == 2 and got.warnings == ("unreadable",)


async def test_a_child_that_hangs_is_ended() -> None:
    async with Pool(size=1, patience=4) as pool:  # long enough to start another on a busy machine
        os.kill(pool.pids[0], signal.SIGSTOP)
        assert (await pool.read(mail())).words == "Hello park."
        assert pool.ended == 1


async def test_children_are_replaced_after_some_mails() -> None:
    async with Pool(size=1, mails=3) as pool:
        seen = set()
        for _ in range(9):
            seen.update(pool.pids)
            assert (await pool.read(mail())).subject == "Benches"
        assert len(seen) >= 3 and pool.ended == 0


async def test_many_at_once_share_the_children(pool: Pool) -> None:
    got = await asyncio.gather(*(pool.read(mail(subject=f"n{n}")) for n in range(50)))
    assert [one.subject for one in got] == [f"n{n}" for n in range(50)]
    assert len(pool.pids) == 1


async def test_a_cancelled_read_does_not_leave_its_answer_to_the_next(pool: Pool) -> None:
    slow = asyncio.create_task(pool.read(HEAD + b"Subject: slow\r\n\r\n" + b"word " * 1_000_000))
    await until(lambda: pool._busy)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert (await pool.read(mail(subject="next"))).subject == "next"


async def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from bridge.email.worker import Pool\n"
        "async def main():\n"
        "    async with Pool(size=2) as pool:\n"
        "        print(*pool.pids, flush=True)\n"
        "        await asyncio.get_running_loop().create_future()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert len(pids) == 2 and all(alive(pid) for pid in pids)
    parent.kill()
    await parent.wait()
    await until(lambda: not any(alive(pid) for pid in pids), what="the children are gone")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_limits_hold_in_the_child() -> None:
    code = (
        "import resource, signal, sys, io, os\n"
        "from bridge.email import child\n"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(b''))\n"
        "child.main(['536870912', '2'])\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == ["536870912", "0"]
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 536870912


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b'{"files": 1}',
        b'{"files": [[1, 2]]}',
        b'{"files": [["a", "b", -1]]}',
        b"nonsense",
        b'{"files": [], "auto": [["a"]]}',
        b"\xff",
    ],
)
def test_what_no_honest_child_says_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.decode(wire.sizes(body)[0], [])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "won"},
        {"reason": ["x"]},
        {"reason": "because"},
        {"permanent": 1},
        {"recipient": None},
        {"original_id": 5},
        {"more": ""},
    ],
)
def test_a_bounce_is_checked_field_by_field(change: dict[str, object]) -> None:
    _, _, body, *_ = wire.encode(Mail(None, bounces=(Bounce("a@b", "failed", True, "", "unknown", None),)))
    document, _ = wire.sizes(body)
    assert len(wire.decode(document, []).bounces) == 1
    document["bounces"][0] |= change
    with pytest.raises(wire.Nonsense):
        wire.decode(document, [])


def test_frames_hold_every_field() -> None:
    whole = Mail(
        from_address="a@b.example",
        from_name="n",
        subject="s",
        text="t",
        words="w",
        folded="-- \nn",
        html="<p>",
        attachments=(Attachment("n", "a/b", b"123"), Attachment("m", "a/b", b"")),
        message_id="<m@x>",
        in_reply_to="<i@x>",
        references=("<r@x>",),
        to=("to@x",),
        cc=("cc@x",),
        delivered_to=("d@x",),
        date=-5,
        auto=(("precedence", "bulk"),),
        fields=(("x-spam-flag", "YES"),),
        inline=("c@x", ""),
        kinds=("tnef",),
        invitations=("REQUEST · Walk",),
        bounces=(Bounce("a@b", "failed", True, "5.1.1", "no_such_address", "<o@x>"),),
        warnings=("charset",),
    )
    kind, length, body, *contents = wire.encode(whole)
    document, sizes = wire.sizes(body)
    assert (kind, wire.LENGTH.unpack(length)[0], sizes) == (wire.MAIL, len(body), [3, 0])
    assert wire.decode(document, contents) == whole
    assert child.answer(mail(), ())[0] == wire.MAIL
