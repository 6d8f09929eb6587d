"""Forms from YAML: what is taken, and that every fault is said at once with its remedy."""

from __future__ import annotations

import string
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Refuse
from bridge.forms.fields import FIELDS, FILE_TYPES, FileField, say
from bridge.forms.schema import FormFaults, load, parse
from bridge.forms.words import offered
from bridge.names import believed_type
from tests.forms.site import EVERYTHING


def faults(text: str) -> dict[str, str]:
    with pytest.raises(FormFaults) as caught:
        parse(text, "f.yaml")
    assert isinstance(caught.value, Refuse)
    for fault in caught.value.faults:
        assert fault.file == "f.yaml" and fault.what and fault.remedy
        assert str(fault) in caught.value.reason
    return {f.path: f"{f.what} – {f.remedy}" for f in caught.value.faults}


def test_the_example_is_whole_in_both_languages() -> None:
    form = load(Path(str(files("bridge.forms") / "examples" / "park-ideas.yaml")))
    assert form.id == "park-ideas" and form.languages == ("en", "de")
    assert form.name_field and form.name_field.id == "name" and form.name_field.required
    assert form.address_field and form.address_field.id == "email" and not form.address_field.required
    assert [f.type for f in form.fields] == ["text", "email", "choice", "long_text", "file", "checkbox"]
    assert say(form.title, "de") == "Ihre Idee für den Riverside Park"


def test_every_type_of_field_is_read() -> None:
    form = parse(EVERYTHING, "f.yaml")
    assert {f.type for f in form.fields} == set(FIELDS) and form.languages == ()
    assert isinstance(form.fields[-1], FileField) and form.fields[-1].max_files == 2


def test_all_faults_at_once() -> None:
    found = faults(
        """
id: Bad Id
title: {en: Idea, de: Idee}
colour: red
fields:
  - {id: a, type: text, label: {en: A}, max_length: 99999, options: []}
  - {id: a, type: email, label: {en: B, de: B}, role: name}
  - {id: c, type: choice, label: {en: C, de: C}, options: [{value: x, label: {en: X, de: X}}]}
  - {id: d, type: picture, label: {en: D, de: D}}
  - {type: text, label: plain}
  - {id: f, type: file, label: {en: F, de: F}, types: [image/svg+xml], required: perhaps}
  - {id: g, type: choices, label: {en: G, de: G}, options: [{value: x, label: {en: X, de: X}}, {value: x, label: {en: Y, de: Y, fr: Z}}]}
"""  # noqa: E501
    )
    assert set(found) == {
        "id",
        "colour",
        "fields[0].label",
        "fields[0].max_length",
        "fields[0].options",
        "fields[1].id",
        "fields[1].role",
        "fields[2].options",
        "fields[3].type",
        "fields[4].id",
        "fields[4].label",
        "fields[5].types",
        "fields[5].required",
        "fields[6].options[1].value",
        "fields[6].options[1].label",
    }
    assert "lacks de" in found["fields[0].label"]
    assert "write {en: …, de: …}" in found["fields[4].label"]
    assert "remove it" in found["colour"] and "next_steps" in found["colour"]
    assert "remove it" in found["fields[0].options"] and "max_length" in found["fields[0].options"]
    assert "long_text" in found["fields[3].type"]
    assert "image/png" in found["fields[5].types"]
    assert "true or false" in found["fields[5].required"]


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("", "", "is not a form"),
        ("- a", "", "is not a form"),
        ("id: x\ntitle: [", "line 2", "expected"),
        ("id: x\nid: y\ntitle: T\nfields: []", "line 2", "the key id stands twice"),
        ("id: x\ntitle: T", "fields", "is missing"),
        ("id: x\ntitle: T\nfields: []", "fields", "at least 1"),
        ("id: x\ntitle: yes\nfields: [{id: a, type: text, label: A}]", "title", "is not a text"),
        ("id: x\ntitle: T\nfields: [{id: a, type: text, label: ' '}]", "fields[0].label", "empty"),
        ("id: x\ntitle: T\nfields: [{id: a, type: text, label: {en: A}}]", "fields[0].label", "has en"),
    ],
)
def test_single_faults(text: str, path: str, words: str) -> None:
    found = faults(text)
    assert path in found and words in found[path], found


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FormFaults, match="No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"id: \xe9")
    with pytest.raises(FormFaults, match="not UTF-8"):
        load(tmp_path / "latin.yaml")


leaves = st.none() | st.booleans() | st.integers() | st.text(string.printable, max_size=8)
keys = st.sampled_from(
    [
        "id",
        "title",
        "fields",
        "type",
        "label",
        "options",
        "value",
        "role",
        "types",
        "required",
        "en",
        "de",
        "x",
    ]
)
values = st.sampled_from(["text", "choice", "file", "email", "name", "a", "b", *FILE_TYPES])
trees = st.recursive(
    leaves | values, lambda t: st.lists(t, max_size=4) | st.dictionaries(keys | st.integers(), t, max_size=6)
)


@given(
    st.fixed_dictionaries({"id": leaves | values, "title": trees, "fields": trees | st.lists(trees)}) | trees
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
