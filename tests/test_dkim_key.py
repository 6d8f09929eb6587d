"""The command that makes a key for DKIM: what it writes, what it shows, and what it never does."""

from __future__ import annotations

import json
import os
import re
import stat
from datetime import date
from pathlib import Path

import pytest

from bridge import config, dkim_key
from bridge.cli import main
from bridge.email import signing

INIT = ["--homeserver-url", "http://127.0.0.1:8008", "--server-name", "alder.example"]
MAIL = ["--email-domain", "consult.alder.example"]


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path), *INIT, *MAIL]) == 0
    capsys.readouterr()
    return tmp_path / "folkmoot.yaml"


def test_it_writes_a_key_and_shows_the_record_that_belongs_to_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(os.listdir(file.parent))
    assert main(["dkim-key", "--selector", "park-2027", "-c", str(file)]) == 0
    out, err = capsys.readouterr()
    assert err == "" and set(os.listdir(file.parent)) - before == {"dkim-park-2027.pem"}
    path = file.parent / "dkim-park-2027.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    pem = path.read_text()
    signing.Signer("consult.alder.example", "park-2027", pem)  # it will do
    shown = out.splitlines()
    assert signing.record(pem) in shown and "park-2027._domainkey.consult.alder.example" in shown
    zone = signing.dns_lines("park-2027", "consult.alder.example", pem)
    assert zone in out and max(map(len, re.findall('"([^"]*)"', zone))) <= 255
    assert "".join(re.findall('"([^"]*)"', zone)) == signing.record(pem)
    secret = "".join(pem.splitlines()[1:-1])
    assert not any(secret[at : at + 40] in out for at in range(0, len(secret) - 40, 20))


def test_the_lines_for_the_configuration_are_yaml_and_change_nothing_else(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = file.read_bytes()
    assert main(["dkim-key", "--selector", "true", "-c", str(file)]) == 0
    out = capsys.readouterr().out
    line = '  dkim: {selector: "true", key_file: "dkim-true.pem"}\n'
    assert f"\n{line}" in out and "under `email:`" in out
    assert "\nemail:" not in out, "the group stands in the file already"
    assert file.read_bytes() == before
    file.write_bytes(before.replace(b"\nemail:\n", f"\nemail:\n{line}".encode()))
    dkim = config.load(file).email.dkim
    assert dkim is not None and dkim.selector == "true"
    assert json.loads('"dkim-true.pem"') in os.listdir(file.parent)


def test_the_usual_selector_names_the_month(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dkim_key.usual_selector(date(2027, 3, 14)) == "folkmoot-202703"
    assert main(["dkim-key", "-c", str(file)]) == 0
    written = re.search(r"dkim-(folkmoot-20\d{4})\.pem", capsys.readouterr().out)
    assert written is not None and (file.parent / written[0]).exists()


def test_a_key_is_never_overwritten(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file.parent / "dkim-old.pem").write_text("precious")
    assert main(["dkim-key", "--selector", "OLD", "-c", str(file)]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "dkim-old.pem is already there" in err and err.count("\n") == 1
    assert (file.parent / "dkim-old.pem").read_text() == "precious"


@pytest.mark.parametrize("selector", ["../key", "a b", "-a", "a.", "ä", "a\nb", "x" * 64])
def test_a_selector_is_a_name_in_dns(file: Path, selector: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(os.listdir(file.parent))
    assert main(["dkim-key", f"--selector={selector}", "-c", str(file)]) == 1
    assert "no name in DNS" in capsys.readouterr().err
    assert set(os.listdir(file.parent)) == before


def test_a_folder_that_cannot_be_written_to(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bridge.keyfile.write_secret", full)
    assert main(["dkim-key", "--selector", "s1", "-c", str(file)]) == 1
    assert "cannot be written (no space left on device)" in capsys.readouterr().err


def test_a_configuration_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dkim-key", "-c", str(tmp_path / "folkmoot.yaml")]) == 1
    assert "folkmoot.yaml" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_the_file_stands_beside_the_configuration(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    made = dkim_key.make(file, "s2")
    assert made.path.parent == file.parent
    assert config.load(file).email.domain in made.name
