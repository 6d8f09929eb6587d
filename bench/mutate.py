"""Mutated mails against the parser: no crash, no hang, no exception that the child does not foresee.

    python -m bench.mutate --mails 200000 [--corpus DIR] [--seed N] [--out DIR]

Takes the tests' own samples and, when a folder is named, the mails in it; bends each one a few
times, reads it as a parsing child does, and looks at what came out.  Two processes share the
work; one that dies, of a crash or of more than 5 s of processor time for one mail, is replaced.
A mail that shows a fault is written to DIR, and the exit code is 1.  The same seed and number
give the same mail.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bridge.email import child, wire
from bridge.email.mail import Mail
from bridge.email.salvage import salvage
from tests.email.samples import SAMPLES

PROCESSES = 2
SECONDS = 5.0  # of processor time, for one mail
MEMORY = 1024 * 1024 * 1024
SUFFIXES = (".raw", ".eml", ".txt", ".email")
LARGEST = 200_000  # octets of a mail of the corpus that is bent

_OURS = ("consult.alder.example",)
_JUNK = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"--",
        b"=?",
        b"?=",
        b"=?utf-8?q?=C3?=",
        b"\x1b$B",
        b"<",
        b">",
    ),
    *(
        b"&#x110000;",
        b"<!--",
        b"<img src=cid:1>",
        b"]]>",
        b'"',
        b"\\",
        b"(",
        b"''",
        b"; name*0*=",
        b"+AOQ-",
        b"=\r\n",
    ),
    *(
        "\u202e\u200b".encode(),
        b"\xed\xa0\x80",
        b"> ",
        b"On x wrote:\r\n",
        b"-----Original Message-----\r\n",
        b"-- \r\n",
    ),
)
_CHARSETS = (
    *(b"utf-8", b"iso-8859-1", b"utf-16", b"utf-7", b"gb2312", b"iso-2022-jp", b"hz", b"big5", b"koi8-r"),
    *(
        b"x-unknown",
        b"",
        b"utf-8\x00",
        b"ks_c_5601-1987",
        b"idna",
        b"punycode",
        b"zip",
        b"rot13",
        b"unicode_escape",
    ),
)
_ENCODINGS = (b"base64", b"quoted-printable", b"7bit", b"8bit", b"x-uuencode", b"")
_TYPES = (
    *(
        b"text/plain",
        b"text/html",
        b"message/rfc822",
        b"multipart/mixed; boundary=b",
        b"multipart/alternative",
    ),
    *(
        b"text/calendar",
        b"message/delivery-status",
        b"multipart/report",
        b"application/ms-tnef",
        b"/",
        b"image/svg+xml",
    ),
)
_CHARSET = re.compile(rb"charset=\"?[\w.:-]*\"?", re.IGNORECASE)
_ENCODING = re.compile(rb"(?<=ransfer-Encoding: )[\w-]*", re.IGNORECASE)
_TYPE = re.compile(rb"(?<=ontent-Type: )[\w/.+-]*", re.IGNORECASE)
_BOUNDARY = re.compile(rb"\r?\n--[^\r\n]+")


def _at(rng: Random, raw: bytes) -> int:
    return rng.randrange(len(raw) + 1)


def _span(rng: Random, raw: bytes) -> tuple[int, int]:
    start = _at(rng, raw)
    return start, min(len(raw), start + rng.choice((1, 2, 10, 100, 1_000)))


def flip(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    octets = bytearray(raw)
    for _ in range(rng.randint(1, 20) if octets else 0):
        octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
    return bytes(octets)


def cut(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    return raw[: _at(rng, raw)] if rng.random() < 0.7 else raw[_at(rng, raw) :]


def drop(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    start, end = _span(rng, raw)
    return raw[:start] + raw[end:]


def repeat(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    start, end = _span(rng, raw)
    return raw[:start] + raw[start:end] * rng.randint(2, 20) + raw[end:]


def splice(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    other = rng.choice(stock)
    return raw[: _at(rng, raw)] + other[_at(rng, other) :]


def junk(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    start = _at(rng, raw)
    return raw[:start] + rng.choice(_JUNK) * rng.choice((1, 1, 2, 50)) + raw[start:]


def double_header(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    lines = raw.split(b"\n")
    line = rng.choice(lines[:20])
    lines.insert(rng.randrange(min(20, len(lines)) + 1), line)
    return b"\n".join(lines)


def damage_boundary(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    found = list(_BOUNDARY.finditer(raw))
    if not found:
        return raw
    chosen = rng.choice(found)
    instead = rng.choice(
        (b"", b"\n--", chosen[0] + b"--", chosen[0] + b"x", chosen[0] * 2, chosen[0][:-1], b" " + chosen[0])
    )
    return raw[: chosen.start()] + instead + raw[chosen.end() :]


def _swap(pattern: re.Pattern[bytes], rng: Random, raw: bytes, instead: bytes) -> bytes:
    found = list(pattern.finditer(raw))
    if not found:
        return raw
    chosen = rng.choice(found)
    return raw[: chosen.start()] + instead + raw[chosen.end() :]


def swap_charset(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    return _swap(_CHARSET, rng, raw, b"charset=" + rng.choice(_CHARSETS))


def swap_encoding(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    return _swap(_ENCODING, rng, raw, rng.choice(_ENCODINGS))


def swap_type(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    return _swap(_TYPE, rng, raw, rng.choice(_TYPES))


def line_ends(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", rng.choice((b"\n", b"\r\n", b"\r", b"\n\n")))


def wrap(rng: Random, raw: bytes, stock: Sequence[bytes]) -> bytes:
    kind = rng.choice(
        (b"mixed", b"alternative", b"related", b"digest", b"report; report-type=delivery-status")
    )
    inner = (
        b"\r\n--w\r\nContent-Type: message/rfc822\r\n\r\n" + raw
        if rng.random() < 0.5
        else b"\r\n--w\r\n" + raw
    )
    return (
        b"From: a@b.example\r\nContent-Type: multipart/"
        + kind
        + b"; boundary=w\r\n"
        + inner * 2
        + b"\r\n--w--"
    )


Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]
MUTATIONS: tuple[Mutation, ...] = (
    *(flip, cut, drop, repeat, splice, junk, double_header, damage_boundary),
    *(swap_charset, swap_encoding, swap_type, line_ends, wrap),
)


def mutant(seed: int, number: int, stock: Sequence[bytes]) -> bytes:
    """Mail `number` of a run: one of `stock`, bent one to six times."""
    rng = Random(f"{seed}/{number}")
    raw = rng.choice(stock)
    for _ in range(rng.randint(1, 6)):
        raw = rng.choice(MUTATIONS)(rng, raw, stock)[: 2 * LARGEST]
    return raw


def stock(corpus: Path | None) -> list[bytes]:
    """The samples, and the mails of a folder that are not too large."""
    paths = sorted(p for p in corpus.rglob("*") if p.suffix in SUFFIXES and p.is_file()) if corpus else []
    found = [sample.raw for sample in SAMPLES.values()]
    return found + [p.read_bytes() for p in paths if p.stat().st_size <= LARGEST]


def examine(raw: bytes) -> None:
    """Read `raw` as a child and the pool do; raises whatever goes wrong."""
    kind, *frames = child.answer(raw, _OURS)
    if kind == wire.MAIL:
        document, sizes = wire.sizes(frames[1])
        assert sizes == [len(data) for data in frames[2:]]
        _sound(wire.decode(document, frames[2:]))
    left = salvage(raw)
    assert left.warnings == ("unreadable",) and left.attachments[0].data == raw
    _sound(left)


def _sound(mail: Mail) -> None:
    """What everything behind the parser builds on."""
    lines = (mail.subject, mail.from_name, mail.from_address or "", mail.message_id or "", *mail.to, *mail.cc)
    names = [file.name for file in mail.attachments]
    lines += (*mail.delivered_to, *mail.references, *mail.invitations, *mail.kinds)
    lines += tuple(bounce.recipient for bounce in mail.bounces)
    for line in (*lines, *names, *(said for _, said in (*mail.auto, *mail.fields))):
        assert not set(line) & set("\r\n\x00"), "a line is one line"
    for text in (*lines, *names, mail.text, mail.words, mail.folded, mail.html or ""):
        assert "\x00" not in text and text.encode("utf-8").decode("utf-8") == text
    assert len(mail.inline) in (0, len(names)) and len({name.casefold() for name in names}) == len(names)
    assert all(names) and not any("/" in name or "\\" in name for name in names)
    assert len(mail.words) <= len(mail.text) + 10 or mail.html is not None
    assert mail.words.strip() or not mail.text.strip(), "some words are the author's"


@dataclass(slots=True)
class Worker:
    """A process that examines every `step`th mail; `at` is the one it is at."""

    process: BaseProcess
    pipe: Connection
    at: Synchronized[int]
    first: int


def work(pipe: Connection, at: Synchronized[int], seed: int, numbers: range, corpus: Path | None) -> None:
    """In the process: examine mails, send (number, fault) for each that shows one."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    mails = stock(corpus)
    for number in numbers:
        at.value = number
        raw = mutant(seed, number, mails)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            examine(raw)
        except Exception:  # noqa: BLE001 - any is a fault, and is told
            pipe.send((number, traceback.format_exc(limit=-4)))
        signal.setitimer(signal.ITIMER_PROF, 0)
    at.value = numbers.stop
    pipe.close()


class Run:
    """Processes that share the numbers up to `mails`, and the faults they found."""

    def __init__(self, seed: int, mails: int, corpus: Path | None) -> None:
        self.seed, self.mails, self.corpus = seed, mails, corpus
        self.faults: list[tuple[int, str]] = []
        self._context = multiprocessing.get_context("spawn")
        self._workers = [self._start(first) for first in range(PROCESSES)]

    def _start(self, first: int) -> Worker:
        reader, writer = self._context.Pipe(duplex=False)
        at: Synchronized[int] = self._context.Value("q", first)
        numbers = range(first, self.mails, PROCESSES)
        process = self._context.Process(
            target=work, args=(writer, at, self.seed, numbers, self.corpus), daemon=True
        )
        process.start()
        writer.close()
        return Worker(process, reader, at, first)

    @property
    def done(self) -> int:
        """How many mails are behind us."""
        return sum(min(w.at.value, self.mails) // PROCESSES for w in self._workers)

    def turn(self) -> bool:
        """Wait a moment for faults and deaths; False when all is done."""
        living = {w.pipe: n for n, w in enumerate(self._workers) if not w.pipe.closed}
        for pipe in wait(list(living), timeout=0.5):
            assert isinstance(pipe, Connection)
            try:
                self.faults.append(pipe.recv())
            except EOFError:
                pipe.close()
                self._ended(living[pipe])
        return any(not w.pipe.closed for w in self._workers)

    def _ended(self, index: int) -> None:
        worker = self._workers[index]
        worker.process.join()
        if worker.process.exitcode != 0:
            number = worker.at.value
            self.faults.append((number, f"the process ended with {worker.process.exitcode}"))
            self._workers[index] = self._start(number + PROCESSES)


def main(arguments: list[str]) -> int:
    """Run, show the progress, write the mails that show a fault; 1 when there is one."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutate")
    parser.add_argument("--mails", type=int, default=200_000)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path())
    given = parser.parse_args(arguments)
    console, began = Console(), time.monotonic()
    run = Run(given.seed, given.mails, given.corpus)
    columns = (TextColumn("mails"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=given.mails)
        said = 0
        while run.turn():
            progress.update(task, completed=run.done)
            if not console.is_terminal and run.done >= said + given.mails // 20:
                said = run.done
                console.print(f"{said} mails, {len(run.faults)} faults")
    mails = stock(given.corpus)
    for number, fault in run.faults:
        path = given.out / f"mutant-{given.seed}-{number}.eml"
        path.write_bytes(mutant(given.seed, number, mails))
        console.print(f"{path}\n{fault}", markup=False, highlight=False)
    seconds = time.monotonic() - began
    console.print(f"{given.mails} mails from {len(mails)}, {len(run.faults)} faults, {seconds:.0f} s")
    return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
