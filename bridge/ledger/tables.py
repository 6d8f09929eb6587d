"""The tables.  Columns of type `Sealed` hold nothing readable without the vault.

Row IDs are made by `ids.Ids`: they sort by time and are known before the insert, so that
they can be part of what seals the row.  Times are ms since 1970.
"""

from __future__ import annotations

import sqlalchemy as sa

from bridge.ledger.metadata import metadata

Sealed = sa.LargeBinary
Id = sa.BigInteger
Ms = sa.BigInteger
DAY_MS = 24 * 3600 * 1000


keyring = sa.Table(
    "keyring",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("wrapped", Sealed, nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # new | parked | held | done | refused | broken
    sa.Column("received", Ms, nullable=False),
    sa.Column("next_at", Ms, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("told", sa.Boolean, nullable=False),
    sa.Column("wrapped_key", Sealed, nullable=True),
    sa.Column("raw", Sealed, nullable=True),
    sa.Column("file", sa.Text, nullable=True),
    sa.Column("meta", Sealed, nullable=True),
    sa.Column("reason", sa.Text, nullable=True),
    sa.Column("result", sa.JSON, nullable=True),
    sa.Column("settled_at", Ms, nullable=True),
    sa.UniqueConstraint("source", "key"),
    sa.Index("ix_inbox_due", "state", "next_at"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("target", sa.Text, nullable=False),  # the channel that delivers
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("room", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # ready | done | failed | stopped | broken
    sa.Column("not_before", Ms, nullable=False),
    sa.Column("created", Ms, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("case_id", Id, nullable=True),
    sa.Column("participant_id", Id, nullable=True),
    sa.Column("inbox_id", Id, nullable=True),  # a request whose outcome this is
    sa.Column("source_event", sa.Text, nullable=True, index=True),  # the staff event it answers for
    sa.Column("origin", Id, nullable=True),  # the inbox item whose words or file it shows
    sa.Column("mailing", Id, nullable=True, index=True),  # the mailing that this is one mail of
    sa.Column("payload", Sealed, nullable=True),
    sa.Column("progress", Sealed, nullable=True),
    sa.Column("event_id", sa.Text, nullable=True),
    sa.Column("reason", sa.Text, nullable=True),
    sa.Column("done_at", Ms, nullable=True),
    sa.Index("ix_outbox_state", "state", "id"),
)

consultations = sa.Table(
    "consultations",
    metadata,
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("mailbox", sa.Text, nullable=False, unique=True),
    sa.Column("spec", sa.JSON, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("forms", sa.JSON, nullable=False),  # the texts of its forms' files
    sa.Column("desk", sa.Text, nullable=True),
)

rooms = sa.Table(
    "rooms",
    metadata,
    sa.Column("room_id", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
)

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("wrapped_key", Sealed, nullable=True),  # NULL: forgotten
    sa.Column("address_mac", Sealed, nullable=True, index=True),
    sa.Column("address", Sealed, nullable=True),
    sa.Column("name", Sealed, nullable=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("bounces", sa.Integer, nullable=False, server_default="0"),  # since they last wrote
    sa.Column("reach", sa.Text, nullable=False, server_default="mail"),  # `model.Reach`
    sa.Column("no_mailings", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("leave_mac", Sealed, nullable=True, unique=True, index=True),  # of the token that ends them
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    sa.Column("slug", sa.Text, nullable=False, index=True),
    sa.Column("participant_id", Id, nullable=False, index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),  # `model.Status`, or FORGOTTEN
    sa.Column("subject", Sealed, nullable=True),
    sa.Column("room_id", sa.Text, nullable=False),
    sa.Column("root", sa.Text, nullable=True, unique=True),
    sa.Column("latest", sa.Text, nullable=True),
    sa.Column("claims", sa.Text, nullable=True),
    sa.Column("opened", Ms, nullable=False),
    sa.Column("trust", sa.Text, nullable=True),  # of the mail that opened it
    sa.Column("page_id", Id, nullable=True),  # the citizen's page, where they have one
    sa.Column("closed_at", Ms, nullable=True),
    sa.Column("retention_days", sa.Integer, nullable=True),  # kept so long after its end; NULL: for ever
)

FORGOTTEN = "forgotten"
"""The status of a case of which only the row is left."""

references = sa.Table(  # every reference ever given out, also before its case exists
    "case_references",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("reserved_for", sa.Text, nullable=True),
)

messages = sa.Table(  # what was said, both ways, and what else the citizen sees
    "messages",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("case_id", Id, nullable=False, index=True),
    sa.Column("participant_id", Id, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="words"),  # words | change | reply | step …
    sa.Column("inward", sa.Boolean, nullable=False),
    sa.Column("at", Ms, nullable=False),
    sa.Column("message_id_mac", Sealed, nullable=True, index=True),
    sa.Column("message_id", Sealed, nullable=True),
    sa.Column("body", Sealed, nullable=True),
)

events = sa.Table(  # what each event of a case's thread is
    "events",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("room_id", sa.Text, nullable=False),
    sa.Column("case_id", Id, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=True),
    sa.Column("ts", Ms, nullable=False),
    sa.Column("threaded", sa.Boolean, nullable=False),  # clients show it inside the thread
    sa.Column("held", Sealed, nullable=True),  # a doubt's content, until it is sent or withdrawn
    sa.Column("origin", Id, nullable=True),  # the inbox item whose words it shows
    sa.Index("ix_events_sender", "room_id", "sender", "ts"),
)

marks = sa.Table(  # our one reaction on a staff message
    "marks",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("outbox_id", Id, nullable=False),
    sa.Column("mark", sa.Text, nullable=False),
)

links = sa.Table(  # reply tokens: only a keyed digest is stored
    "links",
    metadata,
    sa.Column("mac", Sealed, primary_key=True),
    sa.Column("case_id", Id, nullable=False, index=True),
    sa.Column("participant_id", Id, nullable=False),
    sa.Column("created", Ms, nullable=False),
    sa.Column("expires", Ms, nullable=True),
    sa.Column("revoked", sa.Boolean, nullable=False),
)

blobs = sa.Table(  # attachments on their way
    "blobs",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("participant_id", Id, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("data", Sealed, nullable=True),  # the bytes, or where `file` is set the file's key
    sa.Column("file", sa.Text, nullable=True),
    sa.Column("original", Id, nullable=True),  # no bytes of its own: those of this inbox item
)

files = sa.Table(  # files of citizens that lie encrypted in the media repository: how to show them again
    "files",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("case_id", Id, nullable=False, index=True),
    sa.Column("participant_id", Id, nullable=False),
    sa.Column("content", Sealed, nullable=False),
)

held_mails = sa.Table(  # mails that wait for staff to let them through
    "held_mails",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),  # of the inbox item
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", Ms, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # held | released | discarded | withdrawn
    sa.Column("summary", Sealed, nullable=True),
    sa.Index("ix_held_mails_slug", "slug", "state"),
)

WITHDRAWN = "withdrawn"
"""The state of what its sender took back before anybody had read it."""

mail_traffic = sa.Table(  # mails that asked for a new case, for the brake
    "mail_traffic",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("address_mac", Sealed, nullable=True),
    sa.Column("network_mac", Sealed, nullable=True),
    sa.Column("at", Ms, nullable=False, index=True),
)

told = sa.Table(  # what the control room hears once a day
    "told",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("at", Ms, nullable=False),
)

acknowledgements = sa.Table(  # how often an address was written to without knowing who it is
    "acknowledgements",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("address_mac", Sealed, nullable=False),
    sa.Column("at", Ms, nullable=False),
    sa.Column("source", sa.Text, nullable=False, server_default="email"),  # what named the address
    sa.Index("ix_acknowledgements_address", "address_mac", "at"),
)
