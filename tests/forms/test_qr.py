"""Addresses as QR codes, and the command that makes them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.errors import Refuse
from bridge.forms import qr
from bridge.init import Answers, write

ADDRESS = "https://consult.alder.example/f/park-ideas"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A configuration as `folkmoot init` writes it."""
    answers = Answers(
        "http://127.0.0.1:8008", "alder.example", "alder.example", "https://consult.alder.example", ()
    )
    write(tmp_path / "town", answers)
    return tmp_path / "town"


def test_a_picture_has_neither_styles_nor_scripts() -> None:
    drawn = qr.svg(ADDRESS, title=ADDRESS).decode()
    assert drawn.startswith("<svg ") and f"<title>{ADDRESS}</title>" in drawn
    assert "style" not in drawn and "script" not in drawn and drawn == qr.svg(ADDRESS, title=ADDRESS).decode()
    assert qr.svg(ADDRESS) != qr.svg(ADDRESS + "x")


def test_a_picture_of_points_is_large_enough_to_print() -> None:
    width, height = struct.unpack(">II", qr.png(ADDRESS)[16:24])  # PNG, 11.2.2
    assert width == height >= 500


def test_the_command_shows_the_code_and_the_address(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qr", "park-ideas", "-c", str(here / "folkmoot.yaml")]) == 0
    said = capsys.readouterr().out
    assert said.endswith(f"{ADDRESS}\n") and said.startswith(qr.terminal(ADDRESS))


@pytest.mark.parametrize(("name", "made"), [("code.svg", b"<svg"), ("code.PNG", b"\x89PNG")])
def test_the_command_writes_a_file(
    here: Path, name: str, made: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    out = here / name
    assert main(["qr", "park-ideas", "--out", str(out), "-c", str(here / "folkmoot.yaml")]) == 0
    assert out.read_bytes().startswith(made) and ADDRESS in capsys.readouterr().out


def test_what_cannot_be_made_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(here / "folkmoot.yaml")
    assert main(["qr", "park-idea", "-c", config]) == 1
    assert "no consultation has the form park-idea; there are: park-ideas" in capsys.readouterr().err
    assert main(["qr", "park-ideas", "--out", str(here / "code.gif"), "-c", config]) == 1
    assert "is written as .svg or .png" in capsys.readouterr().err
    with pytest.raises(Refuse, match="No such file"):
        qr.save(ADDRESS, here / "none" / "code.svg")
