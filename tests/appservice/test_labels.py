"""The words of a head line: in every language, and a locked case says why."""

from __future__ import annotations

import pytest

from bridge.appservice import labels, render
from bridge.model import Source, Status

CLAIMED = "PARK-8K2M-4T"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", f"locked: unverified sender, claims {CLAIMED}"),
        ("de", f"gesperrt: Absender ungeprüft, beansprucht {CLAIMED}"),
        ("fr", f"verrouillé: expéditeur non vérifié, invoque {CLAIMED}"),
        ("eo", f"locked: unverified sender, claims {CLAIMED}"),
    ],
)
def test_the_head_line_of_a_locked_case_says_who_it_claims_to_be(language: str, said: str) -> None:
    status = labels.status(language, Status.LOCKED.value, CLAIMED)
    assert status == said
    head = render.head("PARK-7F3K-9Q", status, labels.word(language, "email"), "Ada", "Lamps")
    assert said in head["body"] and said in head["formatted_body"]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_who_was_decided_about_is_unverified_no_longer(language: str) -> None:
    unverified = labels.word(language, "unverified").partition(",")[0]
    closed = labels.status(language, Status.CLOSED.value, CLAIMED)
    assert CLAIMED in closed and unverified not in closed
    assert labels.status(language, Status.OPEN.value, None) == labels.word(language, "open")


@pytest.mark.parametrize("language", ["de", "fr", "de-AT"])
def test_every_status_and_channel_has_its_word(language: str) -> None:
    spoken = [*Status, Source.EMAIL, Source.FORM]
    told = [labels.word(language, one.value) for one in spoken]
    assert len(set(told)) == len(spoken)
    assert [one for one in told if one in {labels.word("en", s.value) for s in spoken}] == []
