"""The operator's day on a real homeserver: check, run, list, apply, stop – as processes of the command."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.demo.town import SLUG, Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Homeservers and a mail sink are up, the bridge's files are written, no bridge runs."""
    found = Town(tmp_path)
    await found.boot()
    try:
        yield found
    finally:
        await found.__aexit__(None, None, None)


async def folkmoot(town: Town, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command on the town's installation."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge", *arguments, "-c", str(town.bridge.config)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def checked(town: Town) -> dict[str, Any]:
    code, out, err = await folkmoot(town, "check", "--json")
    rows = json.loads(out)["checks"]
    assert err == ""
    assert code == (1 if any(row["ok"] is False for row in rows) else 0)
    return {row["name"]: row for row in rows}


async def test_the_operators_day(town: Town) -> None:
    file = town.bridge.directory / "consultations" / f"{SLUG}.yaml"

    rows = await checked(town)
    assert [row for row in rows.values() if row["ok"] is False] == []
    assert "there and back" in rows["ping"]["said"], "the check answered the homeserver's ping itself"
    assert "is free" in rows["email.listen"]["said"]

    code, out, err = await folkmoot(town, "apply", str(file))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1, "one line says that no bridge runs"
    assert "folkmoot run" in err

    await town.bridge.start()
    rows = await checked(town)
    assert [row for row in rows.values() if row["ok"] is False] == []
    assert "running bridge" in rows["email.listen"]["said"]

    code, out, err = await folkmoot(town, "apply", str(file), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"consultations": [{"slug": SLUG, "changed": []}]}, "the start applied it"

    document = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump({**document, "title": "Riverside Park and Quay"}))
    code, out, err = await folkmoot(town, "apply", str(file), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["consultations"][0]["changed"] != []

    code, out, err = await folkmoot(town, "list", "--json")
    assert (code, err) == (0, "")
    (listed,) = json.loads(out)["consultations"]
    assert listed["title"] == "Riverside Park and Quay"
    assert listed["address"] == town.address
    assert listed["open_cases"] == 0
    assert listed["partners"] == ["Birch County"]

    code, _, err = await folkmoot(town, "run")
    assert code == 1, "a second bridge on the same database ends"
    assert err.splitlines()[-1] == "another Folkmoot process drives this database; stop it first"

    await town.bridge.stop()
    assert "Traceback" not in town.bridge.tail()


async def test_a_homeserver_without_our_registration_is_told_apart(town: Town) -> None:
    path = town.bridge.directory / "registration.yaml"
    path.write_text(path.read_text().replace(town.bridge.registration.as_token, "x" * 43))
    rows = await checked(town)
    assert rows["homeserver"]["ok"]
    assert rows["registration"]["ok"] is False
    assert "M_UNKNOWN_TOKEN" in rows["registration"]["said"]
    assert rows["ping"]["ok"] is None
