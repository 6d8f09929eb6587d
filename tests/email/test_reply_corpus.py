"""How good the extraction is, in figures: share of replies exact, of words kept, of words leaked.

On our own replies, and on those that others collected: `reply_cases.jsonl` in the folder
FOLKMOOT_MAIL_CORPUS, with lines of `path` and `expect`, `contains`, `not_contains`.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bridge.email.text import reply_text
from tests.email.replies import ATTRIBUTIONS, DIVIDERS, FOOTERS, HEADERS, block, quote


def folded(text: str) -> str:
    return " ".join(re.sub(r"[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}", "", text).split())


def figures(cases: Iterable[dict[str, Any]]) -> tuple[float, float, float]:
    """(exact, kept, leaked) of `cases`, each from 0 to 1."""
    exact, kept, leaked = [], [], []
    for case in cases:
        got = reply_text(case["text"])
        right = "expect" not in case or folded(got) == folded(case["expect"])
        right &= all(folded(part) in folded(got) for part in case.get("contains", ()))
        right &= not any(part and folded(part) in folded(got) for part in case.get("not_contains", ()))
        exact.append(right)
        if "expect" in case:
            want, have = (Counter(re.findall(r"\w+", words)) for words in (case["expect"], got))
            shared = (want & have).total()
            kept.append(shared / want.total() if want else 1.0)
            leaked.append((have.total() - shared) / max(1, have.total()))
    return sum(exact) / len(exact), sum(kept) / len(kept), sum(leaked) / len(leaked)


def our_cases() -> list[dict[str, Any]]:
    words, old = (
        "Dear Ada,\n\nthe red bench, please.\n\nKind regards\nKim",
        "Dear Kim,\n\nwhich bench?\n\n-- \nAda",
    )
    histories = [
        *(f"{attribution}\n\n{quote(old)}" for attribution in ATTRIBUTIONS.values()),
        *(f"{block(labels)}\n\n{old}" for labels in HEADERS.values()),
        *(f"{divider}\n{old}" for divider in DIVIDERS.values()),
        *FOOTERS.values(),
    ]
    return [{"text": f"{words}\n\n{history}", "expect": words} for history in histories]


def test_our_replies_are_extracted_exactly() -> None:
    assert figures(our_cases()) == (1.0, 1.0, 0.0)


def test_the_replies_that_others_collected() -> None:
    named = os.environ.get("FOLKMOOT_MAIL_CORPUS")
    listed = Path(named, "reply_cases.jsonl") if named else None
    cases = our_cases()
    if listed and listed.is_file():
        rows = [json.loads(line) for line in listed.read_text("utf-8").splitlines()]
        cases = [row | {"text": _read(listed.parent / row["path"])} for row in rows]
    exact, kept, leaked = figures(cases)
    assert exact >= 0.84 and kept >= 0.995 and leaked <= 0.06


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").strip()
