"""What a machine lacks is named and left out; with FOLKMOOT_TEST_ALL=1 it fails instead."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Leaves the calling test out because of `what`, or fails it when nothing may be left out."""
    if os.environ.get("FOLKMOOT_TEST_ALL") == "1":
        pytest.fail(f"left out, and FOLKMOOT_TEST_ALL is set: {what}")
    pytest.skip(what)
