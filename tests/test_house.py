"""The rules of the house, as far as a machine can read them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BRIDGE = ROOT / "bridge"
LONGEST = 400  # lines of a file with one idea


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(p for p in (ROOT / folder).rglob("*.py") if "node_modules" not in p.parts)


def contracts() -> list[dict[str, Any]]:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    found: list[dict[str, Any]] = tool["importlinter"]["contracts"]
    return found


def test_the_import_rules_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def placed() -> set[str]:
    """The parts of the house that stand in a layer."""
    layers = next(c for c in contracts() if c["type"] == "layers")["layers"]
    return {name.strip() for layer in layers for name in re.split("[|:]", layer)}


def test_every_part_of_the_house_has_its_layer() -> None:
    """What stands in no layer would be bound by no rule."""
    files = {p.stem for p in BRIDGE.glob("*.py")} - {"__init__"}
    assert placed() == {
        f"bridge.{name}" for name in files | {p.parent.name for p in BRIDGE.glob("*/__init__.py")}
    }


def test_the_rule_of_the_database_binds_everybody_but_the_ledger() -> None:
    rule = next(
        c
        for c in contracts()
        if "sqlalchemy" in c.get("forbidden_modules", ()) and "aiosqlite" in c["forbidden_modules"]
    )
    assert placed() - set(rule["source_modules"]) == {"bridge.ledger"}


def test_a_file_has_one_idea() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in sources("bridge")}
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}
    assert len(lengths) > 50


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|\bNotImplementedError\b|\bfor now\b")  # the house's own list


def test_nothing_is_unfinished() -> None:
    found = [
        f"{p.relative_to(ROOT)}:{n}"
        for p in sources("bridge", "tests", "bench")
        if p != Path(__file__)
        for n, line in enumerate(p.read_text("utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert found == []


def test_no_exception_is_swallowed() -> None:
    """`except Exception: pass`, and its cousins that catch everything."""
    found = []
    for path in sources("bridge"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            if broad and all(isinstance(s, ast.Pass | ast.Continue | ast.Constant) for s in node.body):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


LONGEST_PAUSE = 0.2  # seconds between two looks at a condition
PAUSE = re.compile(r"\bsleep\((\d+(?:\.\d+)?)\)")
OFF = re.compile(r"pytest\.mark\.(skip|xfail)\b|\bassert True\b")


def test_no_test_waits_and_hopes_or_is_switched_off() -> None:
    """Tests await a condition (`tests.waiting.until`); what a machine lacks is for `make test` to name."""
    found = [
        f"{path.relative_to(ROOT)}:{n}"
        for path in sources("tests")
        if path != Path(__file__)
        for n, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if OFF.search(line) or any(float(pause) > LONGEST_PAUSE for pause in PAUSE.findall(line))
    ]
    assert found == []
