"""The copy of a submission as a PDF that everybody can read: tagged (PDF/UA-1) and made to last (PDF/A-2a).

    Copy ── JSON ──> a child: typst and a template ── PDF ──> the citizen

A document is set in a process of its own, with a deadline and limits of time and memory that the
kernel enforces: whatever somebody wrote can at worst cost them their copy.  What they wrote is data
for the template and never markup; nothing is fetched.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bridge
from bridge.errors import Broken, Retry
from bridge.forms.views import Block

LARGEST = 16 * 1024 * 1024
"""Bytes of a copy; an honest one has some 50 kB."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is said below the answers."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """What is printed, in one `language`, of which `rtl` says that it runs from right to left.

    `facts` are labels with what stands behind them (reference, time, SHA-256); `footer` stands on
    every page; `at` is the moment of the submission in seconds since 1970, and the PDF's own.
    """

    language: str
    rtl: bool
    organisation: str
    title: str
    footer: str
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    notes: tuple[Note, ...] = ()
    at: int = 0


class Printer:
    """Sets copies, at most `size` at once; each has `seconds` by the clock."""

    def __init__(self, size: int = 2, seconds: float = 20) -> None:
        self._turn = asyncio.Semaphore(size)
        self._seconds = seconds
        self._root = str(Path(bridge.__file__).resolve().parent.parent)

    async def pdf(self, copy: Copy) -> bytes:
        """The PDF.  Raises `Retry` when it takes too long, `Broken` when it cannot be set."""
        async with self._turn:
            process = await self._spawn()
            try:
                async with asyncio.timeout(self._seconds):
                    made, _ = await process.communicate(json.dumps(_plain(copy)).encode())
            except TimeoutError:
                raise Retry("a copy was not ready in time") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode or not made.startswith(b"%PDF-") or len(made) > LARGEST:
            raise Broken("a copy could not be made")
        return made

    async def _spawn(self) -> asyncio.subprocess.Process:
        kept = ("LD_LIBRARY_PATH", "HOME", "XDG_DATA_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bridge.forms.typeset", str(int(self._seconds) + 1)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": self._root, "PYTHONDONTWRITEBYTECODE": "1"},
        )


def _plain(copy: Copy) -> dict[str, Any]:
    """For the template."""
    return {
        "language": copy.language,
        "rtl": copy.rtl,
        "organisation": copy.organisation,
        "title": copy.title,
        "footer": copy.footer,
        "facts": [{"label": label, "text": text} for label, text in copy.facts],
        "blocks": [{"title": block.title, "rows": _rows(block)} for block in copy.blocks],
        "notes": [{"title": note.title, "paragraphs": list(note.paragraphs)} for note in copy.notes],
        "at": copy.at,
    }


def _rows(block: Block) -> Sequence[dict[str, str]]:
    return [{"label": row.label, "text": row.text} for row in block.rows]
