"""The child that parses: reads mails from its standard input, answers on its standard output.

It lives under a memory limit and, for each mail, a limit of its own processor time, which the
kernel enforces: beyond it the child is gone, and the pool starts another.  It ends by itself
when the pipe closes, so it never outlives a bridge that was killed.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import BinaryIO

from bridge.email.caps import Over, broken
from bridge.email.html import html_to_text
from bridge.email.parse import read
from bridge.email.wire import LENGTH, SALVAGE, encode


def answer(raw: bytes, ours: tuple[str, ...]) -> list[bytes]:
    """The frames for one mail; `SALVAGE` when a limit says that it must not be parsed."""
    if broken(raw) is not None:
        return [SALVAGE]
    try:
        return encode(read(raw, ours))
    except (Over, RecursionError):
        return [SALVAGE]


def serve(source: BinaryIO, target: BinaryIO, seconds: float, ours: tuple[str, ...]) -> None:
    """Answer mails until the source ends.  An unforeseen error ends the child without a word."""
    while len(length := source.read(LENGTH.size)) == LENGTH.size:
        size = LENGTH.unpack(length)[0]
        raw = source.read(size)
        if len(raw) < size:
            return
        signal.setitimer(signal.ITIMER_PROF, seconds)
        pieces = answer(raw, ours)
        signal.setitimer(signal.ITIMER_PROF, 0)
        del raw
        for piece in pieces:
            target.write(piece)
        target.flush()


def main(arguments: list[str]) -> None:
    """`child.py MEMORY SECONDS OURS…`: octets of address space, seconds of processor time a mail."""
    memory, seconds = int(arguments[0]), float(arguments[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bridge's to act on
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no citizen's words in a core file
    html_to_text("<p>warm</p>")
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer, seconds, tuple(arguments[2:]))
    except BaseException:  # noqa: BLE001 - whatever it was may hold a citizen's words: die silently, the pool sees it
        os._exit(70)


if __name__ == "__main__":
    main(sys.argv[1:])
