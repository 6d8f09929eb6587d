"""YAML with the lines its values stand on, read as editors read it."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge.forms.lines import Unreadable, read


def test_the_lines_of_values_and_of_the_nearest_above() -> None:
    source = read("a: 1\nb:\n  - c: x\n    d: y\n  - e\n")
    assert source.data == {"a": 1, "b": [{"c": "x", "d": "y"}, "e"]}
    assert source.line(("b", 0, "d")) == 4 and source.line(("b", 1)) == 5
    assert source.line(("b", 0, "missing", 3)) == 3
    assert source.line(()) is None and source.line(("z",)) is None


def test_words_stay_words() -> None:
    source = read("[no, yes, on, true, FALSE, 2027-03-01, 12:30, 0x1f, 1_000, null, 5, -2.5, ~, '']")
    words: list[object] = ["no", "yes", "on", True, False, "2027-03-01", "12:30", "0x1f", "1_000"]
    assert source.data == [*words, None, 5, -2.5, None, ""]
    assert read("{no: Navn, 1: b, true: c}").data == {"no": "Navn", "1": "b", "true": "c"}


def test_keys_that_stand_twice_are_found_wherever_they_are() -> None:
    source = read("a: 1\nb: {x: 1, x: 2}\na: 3\n")
    assert source.repeated == (("b", "x"), ("a",)) and source.line(("a",)) == 3


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a: [", "expected", 1),
        ("a: b: c", "not allowed", 1),
        ("a: &x [*x]", "is too large", 1),
        ("a: *nobody", "undefined alias", 1),
        ("a: 1\nb: !!binary aGk=", "tag", 2),
        ("a: !!int x", "tag", 1),
        ("a: b\n? [x]\n: c", "not a word", 2),
        ("a: b\nc: \x07", "does not allow", 2),
        ("--- a\n--- b", "another document", 2),
    ],
)
def test_what_cannot_be_read(text: str, what: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert what in caught.value.what and caught.value.line == line


def test_a_few_lines_that_stand_for_millions() -> None:
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(Unreadable, match="too large"):
        read("\n".join(bomb))
    with pytest.raises(Unreadable, match="deep"):
        read("[" * 5000)


scalars = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(string.printable, max_size=9)
data = st.recursive(
    scalars, lambda t: st.lists(t, max_size=4) | st.dictionaries(st.text("ab c1", max_size=3), t, max_size=4)
)


@given(data)
def test_what_was_written_is_read(value: object) -> None:
    assert read(yaml.safe_dump(value, allow_unicode=True)).data == value


@given(st.text(max_size=60) | st.text("[]{}:,-&*!|> \n\"'ab", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        source = read(text)
    except Unreadable as error:
        assert error.what
    else:
        assert all(line >= 1 for line in source.lines.values())
