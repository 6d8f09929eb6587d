"""The one place that stores: inbox, outbox, cases, crypto.  The only importer of SQLAlchemy."""
