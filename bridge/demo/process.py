"""A child process of the laboratory: ends with its parent, writes into a log, is stopped by its ID."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_STOP_DEADLINE = 20.0  # seconds until a process that was asked to end is killed


async def spawn(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Run `command`, its output appended to `log`; it ends when this process ends, however it does."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bridge.demo.tether",
            str(os.getpid()),
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if environment is None else dict(environment),
            # a Ctrl-C at the terminal is ours to handle: we stop it in our own order
            start_new_session=True,
        )


async def end(process: asyncio.subprocess.Process | None, *, kill: bool = False) -> None:
    """End it by SIGTERM, or at once and unprepared when `kill`; nothing when it does not run."""
    if process is None or process.returncode is not None:
        return
    process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_DEADLINE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
