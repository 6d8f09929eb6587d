"""Forms from YAML: what is taken, and that every fault is said at once with its remedy."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Refuse
from bridge.forms.fields import FIELDS, FILE_TYPES, CheckboxesField, FileField, RadiosField, say
from bridge.forms.schema import FormFaults, load, parse, state
from bridge.forms.words import offered
from bridge.names import believed_type


def faults(text: str) -> dict[str, str]:
    with pytest.raises(FormFaults) as caught:
        parse(text, "f.yaml")
    assert isinstance(caught.value, Refuse)
    for fault in caught.value.faults:
        assert fault.file == "f.yaml" and fault.what and fault.remedy
        assert str(fault) in caught.value.reason
    return {f.path: f"{f.what} – {f.remedy}" for f in caught.value.faults}


def form_of(*questions: str, head: str = "") -> str:
    """A form of plain strings with these questions."""
    return "\n".join(["id: x", "title: T", head, "questions:", *(f"  - {q}" for q in questions)])


def named(name: str) -> Path:
    return Path(str(files("bridge.forms") / "examples" / f"{name}.yaml"))


def test_the_example_is_whole_in_both_languages() -> None:
    form = load(named("park-ideas"))
    assert form.id == "park-ideas" and form.languages == ("en", "de")
    assert form.name_field and form.name_field.id == "name" and not form.name_field.required
    assert form.address_field and form.address_field.id == "email" and not form.address_field.required
    assert [f.id for f in form.questions] == ["part", "spot", "idea", "photo", "name", "email", "agreement"]
    assert [len(section.questions) for section in form.sections] == [4, 3]
    assert [f.id for f in form.file_fields] == ["photo"]
    assert [f.id for f in form.personal] == ["name", "email"]
    assert say(form.title, "de") == "Ihre Idee für den Riverside Park"


def test_the_examples_use_every_type_and_three_languages() -> None:
    forms = [load(path) for path in sorted(named("park-ideas").parent.glob("*.yaml"))]
    assert [f.id for f in forms] == ["park-ideas", "park-survey", "street-complaint"]
    assert {q.type for f in forms for q in f.questions} == set(FIELDS)
    assert [f.languages for f in forms] == [("en", "de"), ("en", "de"), ("en", "de", "ar")]
    survey = forms[1]
    assert survey.anonymous == "required" and survey.personal == () and len(survey.questions) == 12
    assert any(isinstance(q, CheckboxesField) and any(o.alone for o in q.options) for q in survey.questions)


EVERYTHING = form_of(
    "{id: name, type: text, role: name, label: A}",
    "{id: long, type: long_text, label: B}",
    "{id: number, type: number, label: C, least: -1, most: 2.5, decimals: 1, unit: metres}",
    "{id: date, type: date, label: D, earliest: 2027-01-01, latest: 2027-12-31}",
    '{id: radios, type: radios, label: E, options: [{value: "yes", label: "Yes"}, {value: no, label: No}]}',
    "{id: b, type: checkboxes, label: F, options: [{value: a, label: A}, {value: b, label: B, alone: yes}]}",
    "{id: select, type: select, label: G, options: [{value: a, label: A}, {value: b, label: B}]}",
    "{id: email, type: email, label: H, role: address}",
    "{id: phone, type: phone, label: I}",
    "{id: address, type: address, label: J}",
    "{id: file, type: file, label: K, max_files: 2}",
    "{id: ranking, type: ranking, label: L, options: [{value: a, label: A}, {value: b, label: B}]}",
    "{id: agree, type: agreement, label: M}",
    head="privacy: {purpose: P, notice: N, version: 2027-03, retention_days: 30}",
)


def test_every_type_of_question_is_read() -> None:
    form = parse(EVERYTHING, "f.yaml")
    assert {f.type for f in form.questions} == set(FIELDS) and form.languages == ()
    assert isinstance(form.file_fields[0], FileField) and form.file_fields[0].max_files == 2
    assert [f.id for f in form.personal] == ["name", "email", "phone", "address"]
    assert form.privacy is not None and form.privacy.version == "2027-03"
    assert len(form.sections) == 1 and form.sections[0].title is None
    assert form.sections[0].questions == form.questions
    radios = form.questions[4]
    assert isinstance(radios, RadiosField) and [o.value for o in radios.options] == ["yes", "no"]


def test_what_is_personal_without_being_called_so() -> None:
    form = parse(
        form_of(
            "{id: a, type: text, label: A, personal: true}",
            "{id: b, type: date, label: B, birthday: true}",
            "{id: c, type: date, label: C}",
            head="privacy: {purpose: P, notice: N, version: '1', retention_days: 30}",
        ),
        "f.yaml",
    )
    assert [f.id for f in form.personal] == ["a", "b"]


def test_all_faults_at_once_with_their_lines() -> None:
    text = """
id: Bad Id
title: {en: Idea, de: Idee}
colour: red
opens: 2027-05-02
closes: 2027-04-01
timezone: Europe/Berln
theme: {colour: "#77aacc", color: x}
anonymous: perhaps
questions:
  - {id: a, type: text, label: {en: A}, max_length: 99999, options: []}
  - {id: a, type: email, label: {en: B, de: B}, role: name}
  - {id: c, type: radios, label: {en: C, de: C}, options: [{value: x, label: {en: X, de: X}}]}
  - {id: d, type: picture, label: {en: D, de: D}}
  - {type: text, label: plain}
  - {id: f, type: file, label: {en: F, de: F}, types: [image/svg+xml], required: perhaps}
  - id: g
    type: checkboxes
    label: {en: G, de: G}
    options:
      - {value: x, label: {en: X, de: X}}
      - {value: x, label: {en: Y, de: Y, fr: Z}}
  - {id: h, type: text, label: {en: H, de: H}, show_if: {c: y, a: 5, zz: true}}
"""
    found = faults(text)
    assert set(found) == {
        "id",
        "colour",
        "closes",
        "timezone",
        "theme.colour",
        "theme.color",
        "anonymous",
        "privacy",
        "questions[0].label",
        "questions[0].max_length",
        "questions[0].options",
        "questions[1].id",
        "questions[1].role",
        "questions[2].options",
        "questions[3].type",
        "questions[4].id",
        "questions[4].label",
        "questions[5].types[0]",
        "questions[5].required",
        "questions[6].options[1].value",
        "questions[6].options[1].label",
        "questions[7].show_if.c",
        "questions[7].show_if.a",
        "questions[7].show_if.zz",
    }
    assert "lacks de" in found["questions[0].label"]
    assert "at most 1000" in found["questions[0].max_length"]
    assert "write {en: …, de: …}" in found["questions[4].label"]
    assert "remove it" in found["colour"] and "next_steps" in found["colour"]
    assert "did you mean colour?" in found["theme.color"]
    assert "remove it" in found["questions[0].options"] and "max_length" in found["questions[0].options"]
    assert "long_text" in found["questions[3].type"]
    assert "image/png" in found["questions[5].types[0]"]
    assert "true or false" in found["questions[5].required"]
    assert "'required'" in found["anonymous"]
    with pytest.raises(FormFaults) as caught:
        parse(text, "f.yaml")
    lines = {f.path: f.line for f in caught.value.faults}
    assert lines["privacy"] is None and lines["id"] == 2 and lines["questions[6].options[1].label"] == 22
    assert "f.yaml:22: questions[6].options[1].label: has fr" in caught.value.reason
    assert [f.line for f in caught.value.faults if f.line] == sorted(
        f.line for f in caught.value.faults if f.line
    )


A = "{id: a, type: text, label: A}"
CHOICE = "{id: c, type: radios, label: C, options: [{value: x, label: X}, {value: y, label: Y}]}"
NAME = "{id: n, type: text, label: N, role: name}"


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("", "", "is not a form"),
        ("- a", "", "is not a form"),
        ("id: x\ntitle: [", "", "expected"),
        ("a: !!python/name:os.system x", "", "tag"),
        ("[a]: b", "", "key that is not a word"),
        ("id: x\nid: y\ntitle: T\nquestions: []", "id", "stands twice"),
        ("id: x\ntitle: T", "questions", "is missing"),
        ("id: x\ntitle: T\nquestions: []", "questions", "is missing"),
        ("id: x\ntitle: T\nsections: []", "sections", "is missing"),
        ("id: x\ntitle: T\nsections: [{questions: []}]", "sections[0].questions", "at least 1"),
        (form_of(A, head="sections: []"), "sections", "beside questions"),
        (
            f"id: x\ntitle: T\nsections:\n- questions: [{A}]\n- questions: [{CHOICE}]",
            "sections[1].title",
            "missing",
        ),
        ("id: x\ntitle: 5\nquestions: [{id: a, type: text, label: A}]", "title", "is not a text"),
        ("id: x\ntitle: {english: T}\nquestions: []", "title.english", "code of a language"),
        ("id: x\ntitle: {}\nquestions: []", "title", "has no language"),
        (form_of("{id: a, type: text, label: ' '}"), "questions[0].label", "empty"),
        (form_of("{id: a, type: text, label: {en: A}}"), "questions[0].label", "has en"),
        (form_of("{id: a, type: text}"), "questions[0].label", "is missing"),
        (form_of("{id: a, label: A}"), "questions[0].type", "is missing"),
        (form_of("{id: a, type: radios, label: A, options: [1, 2]}"), "questions[0].options[0]", "group"),
        (form_of("{id: a, type: text, label: A, options: 1}"), "questions[0].options", "known are id"),
        (form_of("{id: a, type: date, label: A, earliest: 3 May}"), "questions[0].earliest", "2027-05-31"),
        (form_of(*[f"{{id: q{i}, type: text, label: A}}" for i in range(101)]), "questions[100]", "101"),
        (form_of("{id: a, type: number, label: A, least: 3, most: 2}"), "questions[0].most", "below least"),
        (
            form_of("{id: a, type: date, label: A, earliest: 2027-03-01, latest: 2027-02-01}"),
            "questions[0].latest",
            "below earliest",
        ),
        (
            form_of("{id: a, type: checkboxes, label: A, most: 2, options: [{value: x, label: X}]}"),
            "questions[0].most",
            "at most 1",
        ),
        (
            form_of(
                "{id: a, type: radios, label: A, options: [{value: x y, label: X}, {value: z, label: Z}]}"
            ),
            "questions[0].options[0].value",
            "without blanks",
        ),
        (
            form_of("{id: a, type: radios, label: A, options: [{value: X, label: X}, {value: x, label: Z}]}"),
            "questions[0].options[1].value",
            "used twice",
        ),
        (
            form_of(
                "{id: a, type: select, label: A, options: [{value: x, label: The park}, "
                "{value: y, label: ' the  PARK. '}]}"
            ),
            "questions[0].options[1].label",
            "looks like another",
        ),
        (
            form_of(
                "{id: a, type: radios, label: A, options: [{value: x, label: X, alone: true}, "
                "{value: y, label: Y}]}"
            ),
            "questions[0].options[0].alone",
            "checkboxes only",
        ),
        (form_of(NAME, NAME.replace("id: n", "id: m")), "questions[1].role", "name is used twice"),
        (form_of(NAME), "privacy", "n asks who somebody is"),
        (form_of("{id: p, type: phone, label: P}"), "privacy", "p asks who somebody is"),
        (form_of(A.replace("label", "personal: yes, label")), "privacy", "a asks who somebody is"),
        (
            form_of(NAME, head="privacy: {notice: N, version: '1', retention_days: 9}"),
            "privacy.purpose",
            "missing",
        ),
        (
            form_of(NAME, head="privacy: {purpose: N, version: '1', retention_days: 9}"),
            "privacy.notice",
            "missing",
        ),
        (
            form_of(NAME, head="privacy: {purpose: N, notice: N, retention_days: 9}"),
            "privacy.version",
            "missing",
        ),
        (
            form_of(NAME, head="privacy: {purpose: P, notice: N, version: '1'}"),
            "privacy.retention_days",
            "n asks",
        ),
        (form_of(NAME, head="anonymous: required"), "questions[0]", "anonymous is required"),
        (form_of(A, head="anonymous: no"), "anonymous", "no name or address is required"),
        (form_of(NAME, head="anonymous: no"), "anonymous", "no name or address is required"),
        (
            form_of(
                CHOICE, NAME.replace("role", "required: true, show_if: {c: x}, role"), head="anonymous: no"
            ),
            "anonymous",
            "without show_if",
        ),
        (form_of(A, head="opens: 2027-02-30"), "opens", "not a day or moment"),
        (form_of(A, head="opens: tomorrow"), "opens", "not a day or moment"),
        (form_of(A, head="opens: 2027-03-01 08:61\ncloses: 2027-03-01"), "opens", "not a day or moment"),
        (form_of(A, head="closes: 9999-12-31"), "closes", "not a day or moment"),
        (form_of(A, head="timezone: ../../etc/passwd"), "timezone", "Europe/Berlin"),
        (form_of(A, head="opens: 2027-03-02\ncloses: 2027-03-01"), "closes", "before opens"),
        (
            form_of(A, head="opens: 2027-03-01T12:00Z\ncloses: 2027-03-01T12:30+01:00"),
            "closes",
            "before opens",
        ),
        (form_of(A, head="theme: {colour: teal}"), "theme.colour", "#1d4f63"),
    ],
)
def test_single_faults(text: str, path: str, words: str) -> None:
    found = faults(text)
    assert path in found and words in found[path], found


@pytest.mark.parametrize("head", ["anonymous: no", "opens: 2027-03-01\ncloses: 2027-03-01"])
def test_what_is_at_the_border_and_good(head: str) -> None:
    required = NAME.replace("role", "required: true, role")
    privacy = "privacy: {purpose: P, notice: N, version: '1', retention_days: 1}"
    assert parse(form_of(required, head=f"{head}\n{privacy}"), "f.yaml").name_field is not None


def test_a_form_of_an_older_version_is_told_the_new_words() -> None:
    found = faults(
        """
id: x
title: T
notice: N
fields:
  - {id: a, type: choice, label: A, options: [{value: x, label: X}, {value: y, label: Y}]}
  - {id: b, type: choices, label: B, options: [{value: x, label: X}, {value: x, label: Y}]}
  - {id: c, type: checkbox, label: C}
  - {id: d, type: text, label: D, role: name}
"""
    )
    assert set(found) == {
        "privacy",
        "notice",
        "fields",
        "fields[0].type",
        "fields[1].type",
        "fields[1].options[1].value",  # all else that is wrong is found too
        "fields[2].type",
    }
    assert found["fields[0].type"] == "choice is now radios – write type: radios"
    assert "choices is now checkboxes" in found["fields[1].type"]
    assert "checkbox is now agreement" in found["fields[2].type"]
    assert "fields is now questions" in found["fields"]
    assert "part of privacy" in found["notice"]
    sections = f"id: x\ntitle: T\nsections: [{{title: S, questions: [{CHOICE.replace('radios', 'choice')}]}}]"
    assert set(faults(sections)) == {"sections[0].questions[0].type"}


# ------------------------------------------------------------------ when it is open


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


HOURS = form_of(A, head="timezone: Europe/Berlin\nopens: 2027-03-01T08:00\ncloses: 2027-05-31\nmost: 2")


@pytest.mark.parametrize(
    ("now", "count", "expected"),
    [
        ("2027-03-01T07:59:59+01:00", 0, "early"),
        ("2027-03-01T08:00:00+01:00", 0, "open"),
        ("2027-05-31T23:59:59+02:00", 1, "open"),  # the day alone ends at its midnight, in summer time
        ("2027-05-31T23:59:59+02:00", 2, "full"),
        ("2027-06-01T00:00:00+02:00", 1, "closed"),
        ("2027-06-01T00:00:00+02:00", 2, "closed"),
        ("2027-01-01T00:00:00+01:00", 2, "early"),
    ],
)
def test_states(now: str, count: int, expected: str) -> None:
    assert state(parse(HOURS, "f.yaml"), moment(now), count) == expected


def test_a_day_alone_opens_at_its_beginning_and_an_offset_counts() -> None:
    form = parse(form_of(A, head="opens: 2027-03-01\ncloses: 2027-03-05T12:00-05:00"), "f.yaml")
    assert form.opens_at == datetime(2027, 3, 1, tzinfo=UTC) and form.last_day is None
    assert form.closes_at == datetime(2027, 3, 5, 17, tzinfo=UTC)
    berlin = parse(HOURS, "f.yaml")
    assert berlin.last_day == date(2027, 5, 31) and str(berlin.closes_at) == "2027-06-01 00:00:00+02:00"
    always = parse(form_of(A), "f.yaml")
    assert always.opens_at is None and always.closes_at is None and state(always, 0, 10**9) == "open"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FormFaults, match="No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"id: \xe9")
    with pytest.raises(FormFaults, match="not UTF-8"):
        load(tmp_path / "latin.yaml")


leaves = st.none() | st.booleans() | st.integers() | st.text(string.printable, max_size=8)
KEYS = """id title questions sections fields type label options value role types required show_if privacy
theme colour opens closes timezone anonymous alone most least notice en de a x"""
VALUES = "text choice radios file email number date name address a b yes no UTC 2027-03-01 required"
keys = st.sampled_from(KEYS.split())
values = st.sampled_from([*VALUES.split(), *FILE_TYPES])
trees = st.recursive(
    leaves | values, lambda t: st.lists(t, max_size=4) | st.dictionaries(keys | st.integers(), t, max_size=6)
)


@given(
    st.fixed_dictionaries({"id": leaves | values, "title": trees, "questions": trees | st.lists(trees)})
    | st.fixed_dictionaries({"title": values, "sections": st.lists(trees), "privacy": trees, "theme": trees})
    | trees
)
def test_any_data_is_a_form_or_faults(data: object) -> None:
    try:
        parse(yaml.safe_dump(data), "f.yaml")
    except FormFaults as error:
        assert error.faults and all(f.what and f.remedy for f in error.faults)


@given(st.text(max_size=60))
def test_any_text_is_a_form_or_faults(text: str) -> None:
    try:
        parse(text, "f.yaml")
    except FormFaults as error:
        assert error.faults


def test_every_type_of_file_a_form_may_name_is_recognised() -> None:
    heads = {
        "image/jpeg": ("a.jpg", b"\xff\xd8\xff"),
        "image/png": ("a.png", b"\x89PNG\r\n\x1a\n"),
        "image/gif": ("a.gif", b"GIF89a"),
        "image/webp": ("a.webp", b"RIFF\0\0\0\0WEBP"),
        "image/heic": ("a.heic", b"\0\0\0\x18ftypheic"),
        "application/pdf": ("a.pdf", b"%PDF-1.7"),
        "text/plain": ("a.txt", b"words"),
        "text/csv": ("a.csv", b"a,b"),
    }
    for mime, label in FILE_TYPES.items():
        name, head = heads.get(mime, (f"a.{label.lower()}", b"PK\x03\x04"))
        assert believed_type(name, "", head) == mime


def test_languages_offered() -> None:
    assert offered(("en", "de"), ("de", "en")) == ("de", "en")
    assert offered(("en", "de"), ("en",)) == ("en", "de")
    assert offered((), ("de", "en")) == ("de",)
    assert offered(("nl",), ("nl",)) == ("en",)
