"""The canary: what is a citizen's never lies readable in the database or beside it."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.channel import Arrival
from bridge.errors import Broken
from bridge.ledger.files import LARGE
from bridge.ledger.metadata import metadata
from bridge.model import Attachment, Source
from tests.ledger.home import Home, edited, mail_in, said

WORDS = (
    "Canaryname",
    "canary.address",
    "canarysubject",
    "canarytext",
    "canaryfile",
    "canary-id",
    "canarydata",
)


async def found(home: Home) -> set[str]:
    """Which canaries are in any column of any table, or in any byte on the disk."""
    places: list[bytes] = []
    for table in metadata.sorted_tables:
        for row in await home.all(table):
            places += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    places += [p.read_bytes() for p in home.folder.rglob("*") if p.is_file()]
    return {w for w in WORDS for data in places if w.encode() in data}


async def test_the_search_finds_what_is_there(home: Home) -> None:
    arrival = Arrival(Source.EMAIL, "mail", "key-with-canarysubject", b"")
    await home.ledger.accept([arrival])
    (home.folder / "left").write_bytes(b"-canarytext-")
    assert await found(home) == {"canarysubject", "canarytext"}


async def test_nothing_readable_at_any_step(home: Home) -> None:
    await home.provision()
    small = Attachment("canaryfile.txt", "text/plain", b"canarydata")
    large = Attachment("canaryfile.pdf", "application/pdf", b"canarydata" * (LARGE // 10 + 1))
    mail = mail_in(
        "canarytext",
        address="canary.address@example.org",
        name="Canaryname",
        subject="canarysubject",
        message_id="<canary-id@example.org>",
        files=(small, large),
    )
    raw = b"canarytext canarysubject " * 100
    meta: dict[str, Any] = {"mail_from": "canary.address@example.org"}
    await home.ledger.accept([Arrival(Source.EMAIL, "mail", "big", raw * 600, meta)])
    item = await home.item(Source.EMAIL, raw, **meta)
    assert await found(home) == set()

    home.take(await home.ledger.settle(item, mail))
    assert await found(home) == set()
    sent = await home.flush()
    assert await found(home) == set()

    root = next(s for s in sent if s.kind == "head").event_id
    token = next(s for s in sent if s.kind == "mail").payload["token"]
    answer = said("canarytext and more", root, msgtype="m.file", captioned=True, attachments=(small, large))
    doubt = said("canarytext?", root, mention_first=True, attachments=(large,))
    await home.settle(answer)
    await home.settle(edited(answer, "canarytext, edited"))
    await home.settle(doubt)
    await home.settle(edited(doubt, "canarytext, edited"))
    assert await found(home) == set()
    out = await home.flush(10)
    assert [s.payload["text"] for s in out if s.kind == "mail"] == ["canarytext, edited"]
    assert await found(home) == set()

    places = [v for t in metadata.sorted_tables for row in await home.all(t) for v in row]
    assert token not in "".join(map(str, places))  # nor the key to the conversation


async def test_a_value_copied_to_another_row_does_not_open(home: Home) -> None:
    """Whoever can write to the database cannot pass one citizen's words off as another's."""
    await home.provision()
    await home.case()
    await home.case(address="bob@example.org", name="Bob")
    table = metadata.tables["participants"]
    ada, bob = await home.all(table)

    await home.change(table, bob.id, address=ada.address, name=ada.name, wrapped_key=ada.wrapped_key)
    await home.restart()
    case = await home.one(metadata.tables["cases"], participant_id=bob.id)
    with pytest.raises(Broken):
        await home.settle(said("Yes.", case.root))
