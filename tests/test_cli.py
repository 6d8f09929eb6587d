"""The command: exit codes, one clear line for each error, and JSON that scripts can rely on."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import bridge
from bridge import config, consultations
from bridge.appservice import registration
from bridge.cli import main
from bridge.errors import Refuse

INIT = ["--homeserver-url", "http://127.0.0.1:8008", "--server-name", "alder.example"]
MAIL = ["--email-domain", "consult.alder.example"]


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """`run` closes what it writes to others: here it is a guest in the process of other tests."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path), *INIT, *MAIL, "--staff", "@clerk:alder.example"]) == 0
    capsys.readouterr()
    return tmp_path


def module(monkeypatch: pytest.MonkeyPatch, name: str, **contents: object) -> None:
    """Put a module with `contents` in the place of `bridge.<name>`."""
    double = ModuleType(f"bridge.{name}")
    vars(double).update(contents)
    monkeypatch.setitem(sys.modules, f"bridge.{name}", double)
    monkeypatch.setattr(bridge, name, double, raising=False)


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    captured = capsys.readouterr()
    return captured.out, captured.err


# ------------------------------------------------------------------ init


def test_init_writes_what_run_can_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    staff = ["--staff", "@clerk:alder.example", "--staff", "@second:alder.example"]
    assert main(["init", str(tmp_path / "new"), *INIT, *MAIL, *staff]) == 0
    out, err = said(capsys)
    assert err == ""
    assert [line for line in out.splitlines() if line.startswith((" 1. ", " 6. "))]
    assert " 7. " not in out
    home = tmp_path / "new"
    found = config.load(home / "folkmoot.yaml")
    assert found.homeserver.server_name == "alder.example"
    assert found.operators == ("@clerk:alder.example",)
    (loaded,) = consultations.load_all(found)
    assert loaded.consultation.staff == ("@clerk:alder.example", "@second:alder.example")
    assert loaded.consultation.forms == ("park-ideas",)
    text = (home / "registration.yaml").read_text("utf-8")
    assert registration.read(text, "alder.example").url == "http://127.0.0.1:29330"
    for name in ("folkmoot.key", "registration.yaml"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert (home / "folkmoot.key").read_text().strip() not in out
    assert registration.read(text, "alder.example").as_token not in out


def test_init_says_the_defaults_that_are_the_defaults(home: Path) -> None:
    """What the written file holds, and what it shows behind a #, is what leaving it out means."""
    text = (home / "folkmoot.yaml").read_text("utf-8")
    shown, count = re.subn(
        r"^( *)# (delimiter|max_size|senders|limits|encryption|rooms|log): ",
        r"\1\2: ",
        text,
        flags=re.MULTILINE,
    )
    assert count == 7
    needed = ("homeserver:", "operators:", "email:", "  domain:")
    least = "\n".join(line for line in text.splitlines() if line.startswith(needed))
    (home / "shown.yaml").write_text(shown, "utf-8")
    (home / "least.yaml").write_text(least, "utf-8")
    assert config.load(home / "shown.yaml").model_dump() == config.load(home / "least.yaml").model_dump()


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folkmoot.key").write_text("precious")
    assert main(["init", str(tmp_path), *INIT, *MAIL]) == 1
    _, err = said(capsys)
    assert err.count("\n") == 1
    assert "folkmoot.key is already there" in err
    assert [p.name for p in tmp_path.iterdir()] == ["folkmoot.key"]
    assert (tmp_path / "folkmoot.key").read_text() == "precious"


def test_init_where_nothing_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["init", str(tmp_path / "file" / "below"), *INIT, *MAIL]) == 1
    assert "cannot be written (not a directory)" in said(capsys)[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Missing argument"),
        (["DIR"], "--homeserver-url"),
        (["DIR", *INIT, "--email-domain", "a b"], "not a mail domain"),
        (["DIR", *INIT, *MAIL, "--staff", "clerk"], "not a Matrix user ID"),
        (["DIR", *INIT, *MAIL, "--public-url", "consult"], "not a web address"),
        (["DIR", *INIT[:2], "--server-name", "a b", *MAIL], "not a homeserver's name"),
        (["DIR", *INIT, *MAIL, "--colour", "red"], "No such option"),
    ],
)
def test_wrong_use_is_two(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", *arguments]) == 2
    out, err = said(capsys)
    assert out == ""
    assert words in err
    assert list(tmp_path.iterdir()) == []


def test_no_such_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pray"]) == 2
    assert "pray" in said(capsys)[1]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out, _ = said(capsys)
    for command in ("init", "run", "check", "apply", "list", "demo"):
        assert f"\n  {command} " in out


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize("command", [["run"], ["list"], ["apply", "x.yaml"]])
def test_a_fault_is_a_line_with_file_key_and_remedy(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    file = home / "folkmoot.yaml"
    file.write_text(
        file.read_text()
        .replace("undo_seconds: 10", "undo_seconds: soon")
        .replace("admin: {", "admin: {x: 1, ")
    )
    assert main([*command, "-c", str(file)]) == 1
    out, err = said(capsys)
    assert out == ""
    one, two = err.splitlines()
    assert one.startswith(f"{file}:")
    assert "email.undo_seconds" in one
    assert "Expected: the seconds" in one
    assert "admin.x" in two


# ------------------------------------------------------------------ run


def test_run_ends_with_zero_when_told_to_and_cleans_up(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    seen: list[str] = []

    async def serve(settings: config.Config) -> None:
        seen.append(settings.homeserver.server_name)
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 20)
        finally:
            seen.append("cleaned up")

    module(monkeypatch, "app", run=serve)
    assert main(["run", "-c", str(home / "folkmoot.yaml")]) == 0
    assert seen == ["alder.example", "cleaned up"]
    assert [r.getMessage() for r in caplog.records if r.name == "bridge.cli"] == ["stopped, as it was told"]


def test_run_that_cannot_go_on_is_a_fault(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def serve(settings: config.Config) -> None:
        raise Refuse("another bridge holds the lease. Stop it first")

    module(monkeypatch, "app", run=serve)
    assert main(["run", "-c", str(home / "folkmoot.yaml")]) == 1
    assert said(capsys)[1] == "another bridge holds the lease. Stop it first\n"


# ------------------------------------------------------------------ apply and list


def test_apply_says_what_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    async def apply(settings: config.Config, loaded: consultations.LoadedConsultation) -> SimpleNamespace:
        asked.append(loaded.consultation.slug)
        changed = ["created", "3 people invited"] if len(asked) == 1 else []
        return SimpleNamespace(slug=loaded.consultation.slug, changed=changed)

    module(monkeypatch, "asking", apply=apply, ApplyOutcome=SimpleNamespace)
    park = home / "consultations" / "park-2027.yaml"
    arguments = ["apply", str(park), "-c", str(home / "folkmoot.yaml")]
    assert main(arguments) == 0
    assert said(capsys) == ("park-2027: created; 3 people invited\n", "")
    assert main(arguments) == 0
    assert said(capsys) == ("park-2027: nothing to change\n", "")
    assert main([*arguments, "--json"]) == 0
    assert json.loads(said(capsys)[0]) == {"consultations": [{"slug": "park-2027", "changed": []}]}


def test_apply_asks_for_nothing_unless_all_files_are_sound(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def apply(settings: config.Config, loaded: consultations.LoadedConsultation) -> SimpleNamespace:
        raise AssertionError("asked")

    module(monkeypatch, "asking", apply=apply, ApplyOutcome=SimpleNamespace)
    park = home / "consultations" / "park-2027.yaml"
    bad = home / "bad.yaml"
    bad.write_text("slug: BAD\n")
    assert main(["apply", str(park), str(bad), "-c", str(home / "folkmoot.yaml")]) == 1
    assert f"{bad}:1: slug is not a slug" in said(capsys)[1]
    form = home / "forms" / "park-ideas.yaml"
    form.write_text("id: park-ideas\ntitle: Ideas\nquestions: []\n")
    assert main(["apply", str(park), "-c", str(home / "folkmoot.yaml")]) == 1
    out, err = said(capsys)
    assert out == ""
    assert f"{form}:3: questions: is missing" in err


def test_list_as_table_and_as_json(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    park = {
        "slug": "park-2027",
        "title": "Riverside Park 2027",
        "mailbox": "park-2027",
        "address": "park-2027@consult.alder.example",
        "open_cases": 3,
        "rooms_ready": True,
        "partners": ["Birch County"],
    }
    found = [SimpleNamespace(**park)]

    async def list_consultations(settings: config.Config) -> list[SimpleNamespace]:
        return found

    module(monkeypatch, "asking", list_consultations=list_consultations)
    monkeypatch.setenv("COLUMNS", "200")
    arguments = ["list", "-c", str(home / "folkmoot.yaml")]
    assert main(arguments) == 0
    row = said(capsys)[0].splitlines()[1]
    for word in (
        "park-2027",
        "Riverside Park 2027",
        "park-2027@consult.alder.example",
        "3",
        "ready",
        "Birch County",
    ):
        assert word in row
    assert main([*arguments, "--json"]) == 0
    assert json.loads(said(capsys)[0]) == {"consultations": [park]}
    found.clear()
    assert main(arguments) == 0
    where = home / "consultations"
    assert said(capsys)[0] == f"no consultation yet: folkmoot run takes in park-2027.yaml of {where}\n"
    (where / "park-2027.yaml").unlink()
    assert main(arguments) == 0
    assert f"write a file into {where}, which folkmoot run takes in" in said(capsys)[0]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(said(capsys)[0]) == {"consultations": []}


def test_with_no_bridge_running_apply_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def list_consultations(settings: config.Config) -> list[SimpleNamespace]:
        raise Refuse("no bridge is running. Start it: folkmoot run")

    module(monkeypatch, "asking", list_consultations=list_consultations)
    assert main(["list", "-c", str(home / "folkmoot.yaml")]) == 1
    assert said(capsys) == ("", "no bridge is running. Start it: folkmoot run\n")


# ------------------------------------------------------------------ demo, and the process


def test_the_demo_returns_the_code_of_its_story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[tuple[Path, bool]] = []

    async def play(directory: Path, once: bool, console: object) -> int:
        assert os.path.isdir(directory)  # noqa: ASYNC240
        played.append((directory, once))
        return 3

    module(monkeypatch, "demo", story=SimpleNamespace(play=play))
    assert main(["demo", "--once", "--dir", str(tmp_path)]) == 3
    assert played == [(tmp_path, True)]
    assert main(["demo"]) == 3
    assert played[1][1] is False
    assert not played[1][0].exists()


def test_without_its_extras_the_demo_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bridge.cli.importlib.util.find_spec", lambda name: None)
    assert main(["demo", "--once"]) == 1
    assert "pip install '.[demo]'" in said(capsys)[1]


def test_the_process_takes_its_exit_code_from_the_command(tmp_path: Path) -> None:
    def process(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bridge", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert process("--help").returncode == 0
    assert process("pray").returncode == 2
    failed = process("run", "-c", str(tmp_path / "none.yaml"))
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert "cannot be read (no such file or directory)" in failed.stderr
