"""Databases for every wing: see `tests.databases`."""

from tests.databases import (
    database_url,
    migrated_sqlite,
    migrated_url,
    postgres,
    postgres_template,
    sqlite_template,
)

__all__ = [
    "database_url",
    "migrated_sqlite",
    "migrated_url",
    "postgres",
    "postgres_template",
    "sqlite_template",
]
