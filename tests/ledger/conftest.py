"""The databases that the tests of this wing run on."""

from tests.databases import database_url, postgres

__all__ = ["database_url", "postgres"]
