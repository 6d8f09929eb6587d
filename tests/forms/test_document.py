"""The page for clerks: its snippets are forms, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from bridge import consultations
from bridge.cli import main
from bridge.forms import lines, older, summary
from bridge.forms.fields import FIELDS, MAX_FILES_MB, Field
from bridge.forms.schema import Form, Privacy, parse

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "forms.md").read_text("utf-8")
NOW = 1_800_000_000


def snippets() -> list[Any]:
    """The data of every piece of YAML on the page, in its order."""
    found = re.findall(r"^( *)```yaml\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    texts = ["\n".join(line.removeprefix(indent) for line in text.splitlines()) for indent, text in found]
    return [lines.read(text).data for text in texts]


WHOLE = [s for s in snippets() if isinstance(s, dict) and "id" in s]
LISTS = [s for s in snippets() if isinstance(s, list)]
KEYS = [s for s in snippets() if isinstance(s, dict) and "id" not in s and "forms" not in s]
QUESTIONS = [question for questions in LISTS for question in questions]
BASE = {"id": "x", "title": "T", "next_steps": "N", "contact": "C"}
PRIVACY = next(keys["privacy"] for keys in KEYS if "privacy" in keys)


def read(data: dict[str, Any]) -> Form:
    return parse(yaml.safe_dump(data, allow_unicode=True), "docs/forms.md")


@pytest.mark.parametrize("form", WHOLE, ids=lambda form: form["id"])
def test_whole_forms_are_forms_with_nothing_to_think_about(form: dict[str, Any]) -> None:
    assert summary.warnings(read(form), NOW) == []


def test_the_page_shows_every_type_of_question_and_every_key() -> None:
    form = read({**BASE, "privacy": PRIVACY, "questions": QUESTIONS})
    assert {q.type for q in form.questions} == set(FIELDS) and len(FIELDS) == len(get_args(Field))
    shown = {key for form in [*WHOLE, *KEYS] for key in form}
    assert shown == {f.alias or name for name, f in Form.model_fields.items()}
    assert set(PRIVACY) == set(Privacy.model_fields)
    table = PAGE.split("What every question may have:")[1].split("\n\n")[1]
    common = set.intersection(*(set(model.model_fields) for model in FIELDS.values())) - {"type"}
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == common
    own = {key for model in FIELDS.values() for key in model.model_fields} - common - {"type"}
    assert {key for key in own if not re.search(rf"\b{key}\b", PAGE)} == set()


@pytest.mark.parametrize("keys", KEYS, ids=lambda keys: next(iter(keys)))
def test_keys_are_keys_of_a_form(keys: dict[str, Any]) -> None:
    assert read({**BASE, "privacy": PRIVACY, "questions": QUESTIONS, **keys}).id == "x"


def test_the_consultation_takes_its_forms_like_that(tmp_path: Path) -> None:
    (named,) = (s for s in snippets() if isinstance(s, dict) and "forms" in s)
    (tmp_path / "forms").mkdir()
    (tmp_path / "consultations").mkdir()
    for path in named["forms"]:
        (tmp_path / "consultations" / path).resolve().write_text(f"id: {Path(path).stem}\n")
    consultation = {"slug": "park-2027", "title": "P", "staff": ["@clerk:alder.example"], **named}
    file = tmp_path / "consultations" / "park.yaml"
    file.write_text(yaml.safe_dump(consultation))
    assert consultations.load_consultation(file).consultation.forms == ("park-ideas", "my-form")


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", PAGE)
    headings = re.findall(r"^#+ (.*)", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    for link in links:
        file, _, anchor = link.partition("#")
        assert (ROOT / "docs" / file).exists(), link
        assert file or anchor in anchors, link
    assert {Path(link).name for link in links if "examples/" in link} == {
        path.name for path in (ROOT / "bridge" / "forms" / "examples").glob("*.yaml")
    }


def test_the_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    written = {" ".join(span.split()) for span in re.findall(r"`(folkmoot [^`]+)`", PAGE)}
    assert {line.split()[1] for line in written} == {"check-form", "form-schema", "apply", "qr"}
    for line in written:
        assert main([line.split()[1], "--help"]) == 0
        told = capsys.readouterr().out
        assert all(option in told for option in re.findall(r"--[a-z-]+", line)), line


def test_figures_and_old_words_are_those_of_the_code() -> None:
    page = " ".join(PAGE.split())
    assert f"together may have {MAX_FILES_MB} MB" in page
    assert summary.MANY_QUESTIONS == 40 and "More than some forty questions" in page
    assert [old for old, new in older.TYPES.items() if f"`{old}` is `{new}`" not in page] == []
