"""The documents say what is: their links, settings, commands and examples are held against the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from bridge import config, consultations
from bridge.appservice import registration
from bridge.casework import commands
from bridge.cli import main
from bridge.model import Mark

ROOT = Path(__file__).parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
DOCUMENTS += [f"docs/{name}.md" for name in ("operators", "staff", "partners")]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = [m[1] for m in re.finditer(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(name)) if "://" not in m[1]]
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


def test_the_example_registration_is_the_one_the_code_writes() -> None:
    assert text_of("registration.yaml.example") == registration.example()


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, config.Section) and inner is not config.Database:
            yield from settings(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def test_every_setting_is_in_the_operators_table_and_no_other() -> None:
    section = text_of("docs/operators.md").split("## folkmoot.yaml")[1].split("\n## ")[0]
    told: list[str] = []
    for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            told.append(told[-1].rpartition(".")[0] + name if name.startswith(".") else name)
    assert sorted(told) == sorted(settings(config.Config))


def test_the_consultation_of_the_operators_page_is_one(tmp_path: Path) -> None:
    section = text_of("docs/operators.md").split("## A consultation")[1]
    found = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert found is not None
    (tmp_path / "forms").mkdir()
    (tmp_path / "consultations").mkdir()
    (tmp_path / "forms" / "park-ideas.yaml").write_text("id: park-ideas\n")
    (tmp_path / "consultations" / "park.yaml").write_text(found[1], "utf-8")
    loaded = consultations.load_consultation(tmp_path / "consultations" / "park.yaml")
    assert loaded.consultation.people == ("@clerk:alder.example", "@officer:birch.example")


def test_every_command_and_option_that_is_written_exists(capsys: pytest.CaptureFixture[str]) -> None:
    prose = [re.sub(r"```.*?```", "", text_of(name), flags=re.DOTALL) for name in DOCUMENTS]
    spans = [span for text in prose for span in re.findall(r"`([^`]+)`", text)]
    written = {" ".join(span.split()) for span in spans if span.startswith("folkmoot ")}
    helps = {}
    for command in ("init", "run", "check", "apply", "list", "demo"):
        assert main([command, "--help"]) == 0
        helps[command] = capsys.readouterr().out
    assert {line.split()[1] for line in written} == set(helps)
    for line in written:
        for option in re.findall(r"(?<![\w-])(--[a-z-]+|-c)\b", line):
            assert option in helps[line.split()[1]], line


def test_the_six_steps_of_the_readme_make_a_valid_installation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = re.search(r"`folkmoot init /etc/folkmoot ([^`]+)`", text_of("README.md"))
    assert found is not None
    assert main(["init", str(tmp_path), *found[1].split()]) == 0
    assert len(consultations.load_all(config.load(tmp_path / "folkmoot.yaml"))) == 1
    assert len(re.findall(r"^\d\. \*\*", text_of("README.md"), re.MULTILINE)) == 6


def test_the_page_for_staff_has_every_mark_and_command() -> None:
    page = text_of("docs/staff.md")
    assert [mark for mark in Mark if mark.value not in page] == []
    assert [word for word in commands.WORDS if f"`!{word}" not in page] == []
    told = set(re.findall(r"`!([a-z]+)", page))
    assert told == set(commands.WORDS)
