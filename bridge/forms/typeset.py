"""The child that sets one document: JSON on its standard input, a PDF on its standard output.

It lives under limits of memory and processor time, holds no secret, and opens no connection: the
template names no packages.  An unforeseen error ends it without a word.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import unicodedata
from collections.abc import Callable, Set
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from typing import Any

import typst

STANDARDS: list[Any] = ["ua-1", "a-2a"]
MEMORY = 1024 * 1024 * 1024
"""Bytes of address space."""

SINGLE = 12
"""Characters without a glyph that are looked for one by one."""
PRINTABLE = ((0x0000, 0x2BFF), (0xA640, 0xA7FF), (0xFB00, 0xFDFF), (0xFE70, 0xFEFF))
"""What any of the usual fonts has: beyond it, all is named when there is more than a little."""

_RUN = re.compile(r"\S{50,}")
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_NEVER = ("Cc", "Cs", "Co", "Cn")
"""Controls, halves of surrogates, private use (ISO 19005-2, 6.2.11.7.3), unassigned."""


def typeset(copy: dict[str, Any]) -> bytes:
    """The PDF of a copy.

    Characters for which no font has a glyph are named in brackets: a document that lasts may not show
    empty boxes.
    """
    named: frozenset[str] = frozenset()
    for _ in range(SINGLE):
        try:
            return _compiled(_mapped(copy, partial(_named, named=named)))
        except typst.TypstError as error:
            found = _MISSING.search(str(error))
            if found is None:
                raise
            named |= frozenset(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1]))
    return _compiled(_mapped(copy, lambda text: _named(text, named | _beyond(text))))


def _compiled(copy: dict[str, Any]) -> bytes:
    for block in copy["blocks"]:
        for row in block["rows"]:
            row["rtl"] = _runs_left(row["text"], otherwise=copy["rtl"])
    compiler = typst.Compiler(
        (files("bridge.forms") / "templates" / "copy.typ").read_bytes(),
        sys_inputs={"copy": json.dumps(copy)},
    )
    made = compiler.compile(
        format="pdf", pdf_standards=STANDARDS, timestamp=datetime.fromtimestamp(copy["at"], UTC)
    )
    if not isinstance(made, bytes):
        raise TypeError("not one document")
    return made


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with every text in it changed."""
    match value:
        case str():
            return change(value)
        case list():
            return [_mapped(v, change) for v in value]
        case dict():
            return {k: _mapped(v, change) for k, v in value.items()}
        case _:
            return value


def _named(text: str, named: Set[str]) -> str:
    shown = "".join(_name(c) if c in named or _has_no_look(c) else c for c in text)
    return _RUN.sub(lambda run: "\u200b".join(re.findall(r".{1,25}", run[0])), shown)


def _has_no_look(character: str) -> bool:
    return unicodedata.category(character) in _NEVER and character != "\n"


def _name(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Mn"):
        return ""  # shows nothing by itself
    number = f"U+{ord(character):04X}"
    name = unicodedata.name(character, number)
    return f"[{number if name == number or '-' in name else name.lower()}]"


def _beyond(text: str) -> set[str]:
    return {c for c in text if not any(first <= ord(c) <= last for first, last in PRINTABLE)}


def _runs_left(text: str, *, otherwise: bool) -> bool:
    """Whether a text runs from right to left, by its first letter (UAX #9, P2)."""
    for c in text:
        if unicodedata.bidirectional(c) in ("L", "R", "AL"):
            return unicodedata.bidirectional(c) != "L"
    return otherwise


def main(seconds: int) -> None:
    """`seconds` of processor time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no citizen's words in a core file
    try:
        sys.stdout.buffer.write(typeset(json.loads(sys.stdin.buffer.read())))
        sys.stdout.buffer.flush()
    except BaseException:  # noqa: BLE001 - whatever it was may hold a citizen's words: the parent sees the code
        os._exit(70)


if __name__ == "__main__":
    main(int(sys.argv[1]))
