"""Words that forms of older versions used, and what they are called now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.forms.lines import Path
from bridge.forms.told import Wrong

TYPES: Mapping[str, str] = {"choice": "radios", "choices": "checkboxes", "checkbox": "agreement"}
"""Types of questions, by their old words."""


def brought_up(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[Wrong]]:
    """`raw` in the words of today, so that all that is wrong beside them is found too, and what
    was called otherwise."""
    new, found = dict(raw), list[Wrong]()
    if _older(raw):
        found.append((("fields",), "fields is now questions", "write questions: in its place"))
        new["questions"] = new.pop("fields")
    if "notice" in raw:
        found.append((("notice",), "notice is now a part of privacy", "move it below privacy:"))
        new.pop("notice")
    for place, questions in _lists(new):
        for i, question in enumerate(questions):
            word = question.get("type") if isinstance(question, dict) else None
            if isinstance(word, str) and word in TYPES:
                questions[i] = {**question, "type": TYPES[word]}
                path = (*place, i, "type")
                found.append((path, f"{word} is now {TYPES[word]}", f"write type: {TYPES[word]}"))
    return new, found


def place(raw: Mapping[str, Any], path: Path) -> Path:
    """Where in the file stands what is at `path` of what was brought up."""
    return ("fields", *path[1:]) if path[:1] == ("questions",) and _older(raw) else path


def _older(raw: Mapping[str, Any]) -> bool:
    return "fields" in raw and not {"questions", "sections"} & set(raw)


def _lists(new: dict[str, Any]) -> list[tuple[Path, list[Any]]]:
    """Copies of the lists of questions, put into `new`."""
    found: list[tuple[Path, list[Any]]] = []
    if isinstance(new.get("questions"), list):
        new["questions"] = list(new["questions"])
        found.append((("questions",), new["questions"]))
    if isinstance(new.get("sections"), list):
        new["sections"] = [dict(s) if isinstance(s, dict) else s for s in new["sections"]]
        for i, section in enumerate(new["sections"]):
            if isinstance(section, dict) and isinstance(section.get("questions"), list):
                section["questions"] = list(section["questions"])
                found.append((("sections", i, "questions"), section["questions"]))
    return found
