"""Questions and answers as an ordered list: text that reads well, and HTML that every client shows."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.text import clean_line, clean_text


@dataclass(frozen=True, slots=True)
class Entry:
    """One question, what was answered, and a word about it that staff see."""

    label: str
    text: str
    mark: str = ""


def as_text(entries: Sequence[Entry]) -> str:
    """Numbered; an answer of several lines stays below its question."""
    return "\n\n".join(
        "\n".join([f"{number}. {_label(entry)}", *(f"   {line}".rstrip() for line in _lines(entry))])
        for number, entry in enumerate(entries, 1)
    )


def as_html(entries: Sequence[Entry]) -> str:
    """An `<ol>`; "" for no entries."""
    items = "".join(_item(entry) for entry in entries)
    return f"<ol>{items}</ol>" if items else ""


def _item(entry: Entry) -> str:
    mark = f" ({html.escape(entry.mark)})" if entry.mark else ""
    answer = "<br>".join(html.escape(line) for line in _lines(entry))
    return f"<li><strong>{html.escape(clean_line(entry.label, 1000))}</strong>{mark}<br>{answer}</li>"


def _label(entry: Entry) -> str:
    label = clean_line(entry.label, 1000)
    return f"{label} ({entry.mark})" if entry.mark else label


def _lines(entry: Entry) -> Iterable[str]:
    return clean_text(entry.text).strip("\n").split("\n")
