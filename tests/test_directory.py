"""What the edges ask is there whatever an earlier version stored."""

from __future__ import annotations

import logging
from typing import cast

import pytest

from bridge.directory import Directory
from bridge.ledger.ledger import Ledger
from bridge.ledger.reports import StoredConsultation
from bridge.model import Consultation, RoomKind

GOOD = "{id: good, title: Good, questions: [{id: a, type: long_text, label: What}]}"
OLDER = "{id: older, title: Older, fields: [{id: a, type: choice, label: What}]}"
PARK = Consultation(
    "park-2027", "Park", ("en",), "park-2027", ("@clerk:alder.example",), (), ("good", "older")
)


class Stored:
    async def consultations(self) -> list[StoredConsultation]:
        return [StoredConsultation(PARK, (GOOD, OLDER), True, 0)]

    async def rooms(self) -> list[tuple[str, RoomKind, str | None]]:
        return [("!desk", RoomKind.DESK, "park-2027")]


async def test_a_form_that_cannot_be_read_any_more_closes_alone(caplog: pytest.LogCaptureFixture) -> None:
    directory = Directory(cast(Ledger, Stored()), ())
    with caplog.at_level(logging.ERROR):
        await directory.refresh()
    assert list(directory.forms()) == ["good"]
    assert directory.mailbox_known("park-2027") and directory.belongs("!desk", "@clerk:alder.example")
    assert "park-2027" in caplog.text and "check-form" in caplog.text
