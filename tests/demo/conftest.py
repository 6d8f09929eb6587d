"""The laboratory that the tests of this wing share."""

from tests.lab import lab

__all__ = ["lab"]
