"""The PostgreSQL and the homeservers that the tests of this wing run on."""

from tests.databases import postgres
from tests.lab import lab

__all__ = ["lab", "postgres"]
