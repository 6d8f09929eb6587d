"""`folkmoot check-form` and `folkmoot form-schema`: what a clerk and an editor are told."""

from __future__ import annotations

import importlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from bridge.forms import jsonschema, summary
from bridge.forms.fields import FIELDS
from bridge.forms.lines import read
from bridge.forms.schema import Form, load, parse

EXAMPLES = sorted(Path(str(files("bridge.forms") / "examples")).glob("*.yaml"))
CHOICE = "{id: c, type: radios, label: C, options: [{value: x, label: X}, {value: y, label: Y}]}"
END = "next_steps: We answer.\ncontact: Ring 0123."


def short(*questions: str, head: str = END) -> str:
    return "\n".join(["id: x", "title: T", head, "questions:", *(f"  - {q}" for q in questions)])


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def test_the_examples_are_good_and_leave_nothing_to_think_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-form", *map(str, EXAMPLES)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count(": good\n") == len(EXAMPLES) == 3
    assert "3 sections, 12 questions, 2 required, 5 asked only sometimes" in out
    assert "Which path or entrance is it? [text, only if part is paths]" in out
    assert "Languages: en, de, ar" in out
    assert "Personal: Your name; Your e-mail address – erased 365 days after the case is closed;" in out
    assert "Personal: nothing; the form is anonymous" in out


def test_every_fault_of_every_file_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = written(
        tmp_path, "bad.yaml", "id: x\ntitle: T\ncolour: red\nquestions:\n  - {id: a, type: choice}\n"
    )
    torn = written(tmp_path, "torn.yaml", "id: [")
    good = written(tmp_path, "good.yaml", short(CHOICE))
    twin = written(tmp_path, "twin.yaml", short(CHOICE))
    assert main(["check-form", bad, torn, good, twin, str(tmp_path / "none.yaml")]) == 1
    out, err = capsys.readouterr()
    assert out.count(": good\n") == 1 and f"{good}: good" in out
    for line in (
        f"{bad}:3: colour: is not a known key",
        f"{bad}:5: questions[0].type: choice is now radios",
        f"{bad}:5: questions[0].label: is missing",
        f"{torn}:1: ",
        f"{twin}: id: is x, as in {good}",
        f"{tmp_path / 'none.yaml'}: No such file",
    ):
        assert sum(told.startswith(line) for told in err.splitlines()) == 1, (line, err)


def test_wrong_use_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-form"]) == 2
    assert "FILE" in capsys.readouterr().err


def test_what_is_worth_a_thought_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = [f"{{id: q{i}, type: text, label: Q{i}}}" for i in range(41)]
    file = written(tmp_path, "long.yaml", short(*many))
    assert main(["check-form", file]) == 0
    out, err = capsys.readouterr()
    assert "41 questions" in out and "good" in out
    assert err.splitlines() == [f"{file}: worth a thought: 41 questions: after some 40 most people give up"]


def test_json_for_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = written(tmp_path, "bad.yaml", "id: x\ntitle: T\nquestions: [{id: a, type: picture, label: A}]")
    assert main(["check-form", "--json", str(EXAMPLES[0]), bad]) == 1
    out, err = capsys.readouterr()
    first, second = json.loads(out)["forms"]
    assert err == ""
    assert first["ok"] and first["faults"] == [] and first["warnings"] == []
    assert first["form"]["languages"] == ["en", "de"] and first["form"]["retention_days"] == 365
    assert [q["id"] for q in first["form"]["questions"] if q["personal"]] == ["name", "email"]
    assert [q["id"] for q in first["form"]["questions"] if q["sometimes"]] == ["spot"]
    assert not second["ok"] and second["form"] is None
    (fault,) = second["faults"]
    assert (fault["line"], fault["key"]) == (3, "questions[0].type") and fault["what"] and fault["remedy"]


PRIVACY = "privacy: {purpose: P, notice: N, version: '1', retention_days: 9}"
NAME = "{id: n, type: text, label: N, role: name, required: true}"
MAIL = "{id: m, type: email, label: M, role: address}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (short(CHOICE, head=""), ["next_steps is missing", "contact is missing"]),
        (short(CHOICE, head=f"{END}\ncloses: 2020-01-01"), ["in the past"]),
        (short(CHOICE, head=f"{END}\nconfirm: before"), ["no question has role: address"]),
        (short(MAIL, head=f"{END}\n{PRIVACY}\nconfirm: none"), ["somebody else's address"]),
        (short(NAME, head=f"{END}\n{PRIVACY}\nanonymous: allowed"), ["but n is required"]),
        (short(NAME, head=f"{END}\n{PRIVACY}\nanonymous: no"), []),
        (short(NAME, head=f"{END}\n{PRIVACY}"), []),
        (short(CHOICE, CHOICE.replace("id: c", "id: d")), ["two questions are called “C”"]),
        (short(CHOICE.replace("radios", "select")), ["c has only 2 options"]),
        (
            short(
                "{id: c, type: radios, label: C, options: ["
                + ", ".join(f"{{value: v{i}, label: L{i}}}" for i in range(13))
                + "]}"
            ),
            ["c has 13 options"],
        ),
        (
            "id: x\ntitle: {nl: T}\nquestions: [{id: a, type: text, label: {nl: A}}]\n"
            "next_steps: {nl: N}\ncontact: {nl: C}",
            ["no words of their own in nl"],
        ),
    ],
)
def test_warnings(text: str, words: list[str]) -> None:
    found = summary.warnings(parse(text, "f.yaml"), 1_800_000_000)
    assert len(found) == len(words) and all(w in f for w, f in zip(words, found, strict=True)), found


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("", "Open: as long as its consultation"),
        ("most: 1", "Open: as long as its consultation, for at most 1 submission"),
        ("closes: 2027-05-31", "Open: until the end of 2027-05-31"),
        (
            "timezone: Europe/Berlin\nopens: 2027-03-01T07:00Z\ncloses: 2027-05-31T17:00",
            "Open: from 2027-03-01 08:00 (Europe/Berlin) until 2027-05-31 17:00 (Europe/Berlin)",
        ),
    ],
)
def test_the_summary_says_when_it_is_open(head: str, line: str) -> None:
    said = summary.lines(parse(short(CHOICE, head=head), "f.yaml"))
    assert line in said and "Languages: that of the consultation" in said and "Personal: nothing" in said


def test_the_summary_says_what_a_condition_means() -> None:
    text = "{id: t, type: text, label: T}"
    other = "{id: o, type: text, label: O, show_if: {t: true, c: false}}"
    third = "{id: p, type: text, label: P, show_if: {c: [x, y]}}"
    said = summary.lines(parse(short(text, CHOICE, other, third), "f.yaml"))
    assert "    O [text, only if t is answered and c is not answered]" in said
    assert "    P [text, only if c is x or y]" in said


# ------------------------------------------------------------------ the schema for editors


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["form-schema"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_schema_has_every_key_that_a_form_may_have(capsys: pytest.CaptureFixture[str]) -> None:
    schema = printed(capsys)
    assert schema["$schema"] == jsonschema.DIALECT and schema == jsonschema.document()
    assert set(schema["properties"]) == {f.alias or name for name, f in Form.model_fields.items()}
    assert {"questions", "sections"} <= set(schema["properties"]) and schema["additionalProperties"] is False
    for model in FIELDS.values():
        assert set(schema["$defs"][model.__name__]["properties"]) == set(model.model_fields)


def told(data: object) -> list[str]:
    """What an editor would tell of `data`."""
    checker = importlib.import_module("jsonschema").Draft202012Validator(jsonschema.document())
    return [error.json_path for error in checker.iter_errors(data)]


def test_the_schema_is_one() -> None:
    importlib.import_module("jsonschema").Draft202012Validator.check_schema(jsonschema.document())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_editors_have_nothing_to_say_of_the_examples(path: Path) -> None:
    assert load(path).title and told(read(path.read_text("utf-8")).data) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (short("{id: a, type: text, label: {en: A}, colour: red}"), "$.questions[0]"),
        (short("{id: a, type: choice, label: A}"), "$.questions[0]"),
        (short("{id: a, type: text, label: 5}"), "$.questions[0]"),
        (short("{id: a, type: text, label: A, show_if: {b: 5}}"), "$.questions[0]"),
        (short(CHOICE, head="minutes: soon"), "$.minutes"),
        (short(CHOICE, head="colour: red"), "$"),
        (short(CHOICE, head="sections: [{title: T, questions: [" + CHOICE + "]}]"), "$"),
        ("id: x\ntitle: T", "$"),
    ],
)
def test_editors_find_what_is_wrong(text: str, where: str) -> None:
    assert where in told(read(text).data)
