"""Which questions apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.forms.conditions import asked
from bridge.forms.schema import Form, FormFaults, parse

HEAD = "id: x\ntitle: T\nprivacy: {purpose: P, notice: N, version: '1', retention_days: 9}\nquestions:\n"
FORM = parse(
    HEAD
    + """
  - {id: part, type: radios, label: A, options: [{value: meadow, label: M}, {value: paths, label: P}, {value: all, label: W}]}
  - {id: which, type: text, label: B, show_if: {part: [meadow, paths]}}
  - {id: why, type: long_text, label: C, show_if: {which: true}}
  - {id: other, type: text, label: D, show_if: {which: false}}
  - {id: times, type: checkboxes, label: E, options: [{value: day, label: D}, {value: night, label: N}]}
  - {id: light, type: text, label: F, show_if: {times: night, part: paths}}
  - {id: since, type: date, label: G}
  - {id: photo, type: file, label: H, show_if: {since: true}}
  - {id: people, type: agreement, label: I, show_if: {photo: true}}
  - {id: home, type: address, label: J, show_if: {people: true}}
  - {id: letter, type: text, label: K, show_if: {home: true}}
""",  # noqa: E501
    "f.yaml",
)
ALWAYS = {"part", "times", "since"}


def ids(answered: Mapping[str, Sequence[str]], form: Form = FORM) -> list[str]:
    return [question.id for question in asked(form, answered)]


@pytest.mark.parametrize(
    ("answered", "also"),
    [
        ({}, {"other"}),
        ({"part": ["all"]}, {"other"}),
        ({"part": ["meadow"]}, {"which", "other"}),
        ({"part": ["paths"], "which": ["the long one"]}, {"which", "why"}),
        ({"part": ["paths"], "which": ["  "]}, {"which", "other"}),  # blank is no answer
        ({"part": ["all"], "which": ["left from before"]}, {"other"}),  # nor is one that is not asked
        ({"part": ["nowhere"]}, {"other"}),  # nor is one that is no option
        ({"times": ["day", "night"]}, {"other"}),
        ({"times": ["day", "night"], "part": ["paths"]}, {"which", "other", "light"}),
        ({"since--day": ["3"]}, {"other", "photo"}),  # parts stand for their question
        ({"since": ["3 May"], "photo": ["a.jpg"]}, {"other", "photo", "people"}),
        (
            {"since--day": ["3"], "photo": ["1"], "people": ["yes"], "home--town": ["Alder"]},
            {"other", "photo", "people", "home", "letter"},
        ),
        ({"photo": ["1"], "people": ["yes"], "home--town": ["Alder"]}, {"other"}),  # a chain that is cut
    ],
)
def test_what_is_asked(answered: Mapping[str, Sequence[str]], also: set[str]) -> None:
    found = ids(answered)
    assert set(found) == ALWAYS | also
    assert found == [question.id for question in FORM.questions if question.id in found]


answers = st.dictionaries(
    st.sampled_from([q.id for q in FORM.questions] + ["since--day", "home--town", "nothing", "_do", "--"]),
    st.lists(st.sampled_from(["meadow", "paths", "all", "day", "night", "yes", "", " ", "x"]), max_size=3),
)


@given(answers)
def test_whatever_was_posted(answered: dict[str, list[str]]) -> None:
    found = ids(answered)
    assert set(found) >= ALWAYS and len(found) == len(set(found))
    # what was answered to questions that are not asked makes no difference
    left = {name: values for name, values in answered.items() if name.partition("--")[0] in found}
    assert ids(left) == found


def faults(*questions: str) -> dict[str, str]:
    with pytest.raises(FormFaults) as caught:
        parse(HEAD + "\n".join(f"  - {q}" for q in questions), "f.yaml")
    return {f.path: f"{f.what} – {f.remedy}" for f in caught.value.faults}


RADIOS = "{id: a, type: radios, label: A, options: [{value: x, label: X}, {value: y, label: Y}]}"
TEXT = "{id: b, type: text, label: B}"


def with_condition(condition: str) -> str:
    return f"{{id: c, type: text, label: C, show_if: {condition}}}"


@pytest.mark.parametrize(
    ("condition", "path", "words"),
    [
        ("{z: x}", "show_if.z", "no question of this form"),
        ("{d: x}", "show_if.d", "not asked before"),
        ("{c: true}", "show_if.c", "not asked before"),
        ("{a: z}", "show_if.a", "write one of x, y"),
        ("{a: [x, z]}", "show_if.a", "names z"),
        ("{a: []}", "show_if.a", "true or false"),
        ("{a: 5}", "show_if.a", "true or false"),
        ("{a: {x: y}}", "show_if.a", "true or false"),
        ("{b: x}", "show_if.b", "true (it was answered)"),
        ("{b: yes}", "show_if.b", "true (it was answered)"),
        ("{}", "show_if", "too few"),
        ("x", "show_if", "not a group of keys"),
    ],
)
def test_conditions_that_make_no_sense(condition: str, path: str, words: str) -> None:
    found = faults(RADIOS, TEXT, with_condition(condition), "{id: d, type: text, label: D}")
    assert set(found) == {f"questions[2].{path}"} and words in found[f"questions[2].{path}"], found


def test_conditions_reach_over_sections() -> None:
    sections = "id: x\ntitle: T\nsections:\n"
    sections += (
        f"- {{title: S, questions: [{RADIOS}]}}\n- {{title: R, questions: [{with_condition('{a: y}')}]}}"
    )
    form = parse(sections, "f.yaml")
    assert ids({"a": ["y"]}, form) == ["a", "c"] and ids({"a": ["x"]}, form) == ["a"]
    with pytest.raises(FormFaults, match=r"sections\[1\]\.questions\[0\]\.show_if\.a: names q"):
        parse(sections.replace("a: y", "a: q"), "f.yaml")
