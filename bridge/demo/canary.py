"""Looks for words that only a citizen's mail contains in files where they must not be."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path


def hits(places: Iterable[Path], words: Iterable[str]) -> list[tuple[str, str]]:
    """Each word found in the clear in a file at or below `places`: (file, word).

    UTF-8, UTF-16 and JSON's escapes are looked for; ends of lines inside a word are not.
    """
    wanted = [(w, form) for w in words for form in _forms(w)]
    found = []
    for path in _files(places):
        if path.stat().st_size == 0:
            continue
        with path.open("rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as data:
            found += [(str(path), word) for word, form in wanted if data.find(form) >= 0]
    return sorted(set(found))


def _forms(word: str) -> set[bytes]:
    escaped = word.encode("ascii", "backslashreplace")
    return {word.encode(), word.encode("utf-16-le"), escaped}


def _files(places: Iterable[Path]) -> Iterable[Path]:
    for place in places:
        yield from (p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
