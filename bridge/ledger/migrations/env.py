"""Runs the steps on the connection that `bridge.ledger.schema` passes in."""

from __future__ import annotations

from alembic import context

from bridge.ledger import crypto_tables, mailing_tables, page_tables, tables
from bridge.ledger.metadata import metadata

assert tables and page_tables and crypto_tables and mailing_tables  # noqa: S101 - imported for the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
