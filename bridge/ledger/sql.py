"""The two statements whose words differ between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def _insert(conn: sa.Connection, table: sa.Table) -> Any:
    return (sqlite if conn.dialect.name == "sqlite" else postgresql).insert(table)


def upsert(conn: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` (all with the same keys), or update those whose primary key is there."""
    if not rows:
        return
    statement = _insert(conn, table)
    primary = [c.name for c in table.primary_key]
    rest = {k: statement.excluded[k] for k in rows[0] if k not in primary}
    if rest:
        statement = statement.on_conflict_do_update(index_elements=primary, set_=rest)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=primary)
    conn.execute(statement, list(rows))


def insert_new(
    conn: sa.Connection, table: sa.Table, row: Mapping[str, Any], by: Sequence[str] | None = None
) -> bool:
    """Insert `row` unless its key is taken; whether it was inserted.

    The key is `by`, else the primary key; a clash of another one raises `IntegrityError`.
    """
    key = [c.name for c in table.primary_key] if by is None else list(by)
    return (
        conn.execute(_insert(conn, table).on_conflict_do_nothing(index_elements=key), dict(row)).rowcount == 1
    )
