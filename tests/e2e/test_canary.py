"""After a story no word of a citizen is found in the clear: no homeserver learnt it, no log tells it."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from bridge.demo.canary import hits
from bridge.demo.visitor import Visitor
from tests.e2e.place import SEEN, Place, marked, open_case, unique

pytestmark = pytest.mark.asyncio(loop_scope="session")


def encoded(word: str) -> list[str]:
    """The word as base64 has it, wherever in a text it stands."""
    found = []
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + word.encode()).decode().rstrip("=")
        found.append(text[(4 if shift else 0) : -2])  # the ends depend on the neighbours
    return found


async def found(places: list[Path], words: list[str]) -> list[tuple[str, str]]:
    every = [*words, *(form for word in words for form in encoded(word))]
    return await asyncio.to_thread(hits, places, every)


async def test_nobody_learns_what_a_citizen_or_an_officer_wrote(town: Place) -> None:
    words = {key: unique(f"canary{key}") for key in ("name", "box", "subject", "text", "file", "inside")}
    words |= {key: unique(f"canary{key}") for key in ("answer", "edit", "sent", "note", "again", "refused")}
    words |= {key: unique(f"canary{key}") for key in ("formname", "formbox", "idea", "mime")}
    case = await open_case(
        town,
        name=f"Ada {words['name']}",
        address=f"{words['box']}@home.example",
        subject=f"About {words['subject']}",
        text=f"The lamp {words['text']} is dark.",
        files={f"{words['file']}.pdf": f"%PDF-1.4 {words['inside']}".encode() * 50},
    )
    officer, desk = town.officer, town.desk
    await case.reply(f"We repair it {words['answer']}.")
    answer = await case.mailed(words["answer"])
    await marked(officer, await case.reply(f"! {words['note']}"), "🔒")
    edited = await case.reply("Soon.")
    await officer.edit(desk, edited, f"On Tuesday {words['edit']}.")
    await case.mailed(words["edit"])
    relates = {"rel_type": "m.thread", "event_id": case.root}
    data = words["mime"].encode() * 50
    await officer.send_file(
        desk, f"{words['sent']}.pdf", "application/pdf", data, relates=relates, caption="A plan"
    )
    assert (await case.mailed("A plan")).attachments == {f"{words['sent']}.pdf": data}
    await town.mail(case.sender, "Re: lamp", f"Thanks {words['again']}", reply=answer.message)
    await officer.wait_for(lambda e: words["again"] in e.body, SEEN)
    town.mailbox.refuse_next(550, "DATA", f"5.1.1 <{case.address}>: no mailbox of {case.sender[0]} here")
    refused = await case.reply(f"Are you there {words['refused']}?")
    await marked(officer, refused, "⚠️")
    town.mailbox.refuse_next(451, "DATA", f"4.2.0 <{case.address}>: greylisted")
    await case.barrier()
    box = f"{words['formbox']}@home.example"
    told = {"name": f"Ben {words['formname']}", "email": box, "idea": f"A bench {words['idea']}"}
    ben = Visitor(town.bridge.forms_url, {"part": "playground", **told})
    await ben.send()
    letter = await town.mailbox.wait_for(lambda m: box in m.rcpt_tos, SEEN)
    await ben.confirm(letter.text)
    await officer.wait_for(lambda e: words["idea"] in e.body, SEEN)
    await town.mailbox.wait_for(lambda m: box in m.rcpt_tos and m is not letter, SEEN)

    wanted = list(words.values())
    homeservers = [town.lab.alder.directory, town.lab.birch.directory]
    assert await found([*homeservers, town.bridge.directory], wanted) == []
    # what the search can find, it does find: in databases, media, logs, and our own files
    clear, upload = unique("clear"), unique("upload")
    await officer.send_plain(desk, {"msgtype": "m.text", "body": f"In the clear {clear}"})
    await officer.door.upload(f"some bytes {upload}".encode(), token=officer.token)
    for server in homeservers:
        assert {Path(path).name for path, _ in await found([server], [clear])} & {
            "homeserver.db",
            "homeserver.db-wal",
        }
    assert all("media" in path for path, _ in await found([town.lab.birch.directory], [upload]))
    assert await found([town.lab.birch.directory], [upload])
    assert await found([town.lab.alder.log], ["_folkmoot_bot", "/_matrix/client/v3"])
    assert await found([town.bridge.log], ["the homeserver reaches the bridge"])
    stored = {Path(path).name for path, _ in await found([town.bridge.directory], ["park-2027"])}
    assert stored & {"folkmoot.db", "folkmoot.db-wal"}
