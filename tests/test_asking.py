"""The command beside the bridge: what is not there is said, and nothing is made by looking."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge import asking, config, consultations
from bridge.errors import Refuse
from tests.written import PARK, SMALLEST, installation, written


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return installation(tmp_path)


def names(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*")}


async def asked(home: Path, what: str) -> str:
    """The words with which the command is refused."""
    found = config.load(written(home, SMALLEST))
    (loaded,) = consultations.load_files([written(home / "consultations", PARK, "park.yaml")])
    with pytest.raises(Refuse) as caught:
        await (asking.apply(found, loaded) if what == "apply" else asking.list_consultations(found))
    return caught.value.reason


@pytest.mark.parametrize("what", ["apply", "list"])
async def test_a_missing_database_is_said_with_the_remedy_and_stays_missing(home: Path, what: str) -> None:
    before = names(home)
    words = await asked(home, what)
    assert str(home / "folkmoot.db") in words and "folkmoot run" in words
    assert names(home) - before == {"folkmoot.yaml", "consultations/park.yaml"}


async def test_an_empty_database_is_said_in_words(home: Path) -> None:
    (home / "folkmoot.db").touch()
    words = await asked(home, "list")
    assert "empty" in words and "folkmoot run" in words and "None" not in words
