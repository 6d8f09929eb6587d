"""Plain text made safe and short enough."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.text import begins_inside, clean_line, clean_text, clip, split, trimmed

ANY = st.text(alphabet=st.characters(codec=None), max_size=200)


@given(ANY)
def test_clean_text_is_clean_and_stays_so(text: str) -> None:
    clean = clean_text(text)
    assert clean == clean_text(clean)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", clean)


def test_what_is_kept() -> None:
    assert clean_text("a\r\nb\rc\u2028d\te\u200f👨\u200d👩") == "a\nb\nc\nd\te\u200f👨\u200d👩"


@given(ANY, st.integers(3, 300))
def test_a_line_is_short_and_one(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert len(line.encode()) <= limit and "\n" not in line and line.strip() == line


def test_clip_cuts_whole_characters() -> None:
    assert clip("ää", 4) == "ää"
    assert clip("äää", 5) == "ä…"


@given(st.text(alphabet="ab ä\n", max_size=400), st.integers(8, 60))
def test_split_loses_only_white_space(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < len(p.encode()) <= limit and p.strip() for p in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_split_prefers_paragraphs_then_lines_then_words() -> None:
    assert split("one one\ntwo\n\nthree", 15) == ["one one\ntwo", "three"]
    assert split("one one\ntwo two", 12) == ["one one", "two two"]
    assert split("aaa bbb ccc", 8) == ["aaa bbb", "ccc"]
    assert split("x" * 20, 8) == ["x" * 8, "x" * 8, "x" * 4]
    assert split("  indented", 50) == ["  indented"]
    assert split(" \n ") == []


@pytest.mark.parametrize(
    "blank", [*" \t\n\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u2800\u034f\ufe0f\u202e"]
)
@pytest.mark.parametrize("mark", ["!", "！", "/"])
def test_marks_are_found_behind_what_is_invisible(blank: str, mark: str) -> None:
    assert begins_inside(f"{blank}{blank}{mark}x")
    assert not begins_inside(f"{blank}x{mark}")


def test_trimmed() -> None:
    assert trimmed("\u200b > x", also=">") == "x"
    assert trimmed(" \u200b") == "" and not begins_inside("")
