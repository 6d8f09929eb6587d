"""The list of what decides which case a mail belongs to, item by item, from octets to the case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.casework.topic import bare
from bridge.email.authenticate import Authenticator
from bridge.email.parse import read
from bridge.email.resolver import StaticResolver
from bridge.ledger.tables import cases, messages, participants
from tests.email.office import PARK, Office, address_in, field_of, kinds, opened, shown
from tests.email.signed import OUTSIDE, letter, rsa_key, zone
from tests.ledger.home import Sent, said


@pytest.fixture
async def office(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(migrated_sqlite, tmp_path, checker=Authenticator(StaticResolver(zone()))) as office:
        yield office


async def write(office: Office, to: str = PARK, body: str = "More words.", **fields: str) -> list[Sent]:
    """A mail that Ada's domain signed."""
    return await office.come(rsa_key().sign(letter(body, **fields)), to, peer=OUTSIDE)


async def begun(office: Office, nth: int = 0) -> tuple[str, str]:
    """Another case of Ada's with an answer: its reply address, and the Message-ID of the answer."""
    await write(office, body=f"Matter {nth}.", message_id=f"<new-{nth}@alder.example>")
    answer = await office.answer(f"Answer {nth}.", nth)
    return address_in(answer, "Reply-To"), field_of(answer, "Message-ID")


async def counted(office: Office) -> list[int]:
    """How many messages of Ada's each case holds."""
    rows = await office.home.all(messages, inward=True)
    return [sum(row.case_id == case.id for row in rows) for case in await office.cases()]


# ------------------------------------------------------------------ what counts, in which order


async def test_the_token_comes_first(office: Office) -> None:
    """Token, then Message-IDs: what a citizen writes to one case's address is that case's."""
    first, _ = await begun(office, 0)
    _, other = await begun(office, 1)
    await write(office, first, in_reply_to=other, references=other, message_id="<3@alder.example>")
    assert await counted(office) == [2, 1]


@pytest.mark.parametrize("nearest", [0, 1])
async def test_references_newest_first(office: Office, nearest: int) -> None:
    """Of several of our Message-IDs the nearest decides, however old that case is."""
    ids = [(await begun(office, 0))[1], (await begun(office, 1))[1]]
    named = f"<a@x.example> {ids[1 - nearest]} {ids[nearest]} <b@x.example>"
    await write(office, references=named, message_id="<3@alder.example>")
    assert await counted(office) == [1 + (nearest == 0), 1 + (nearest == 1)]


async def test_only_our_own_message_ids_count(office: Office) -> None:
    """Our own Message-ID joins; one of our form that we did not make, and the citizen's own, do not."""
    _, own = await begun(office)
    forged = own.replace(".", "x.", 1)
    for n, named in enumerate((forged, "<new-0@alder.example>")):
        await write(office, references=named, message_id=f"<junk-{n}@alder.example>")
    assert await counted(office) == [1, 1, 1]
    await write(office, references=own, message_id="<3@alder.example>")
    assert await counted(office) == [2, 1, 1]


async def test_in_reply_to_where_the_references_name_nothing(office: Office) -> None:
    """In-Reply-To counts beside References that say nothing, and beside fifty of them."""
    _, own = await begun(office)
    many = " ".join(f"<{n}@x.example>" for n in range(50))
    for n, named in enumerate(("", "<a@x.example>", many)):
        await write(office, in_reply_to=own, references=named, message_id=f"<irt-{n}@alder.example>")
    assert await counted(office) == [4]


async def test_never_the_subject_alone(office: Office) -> None:
    """A subject with the reference joins nothing, not even from the same verified address."""
    await begun(office)
    (case,) = await office.cases()
    await write(office, subject=f"Re: Benches [{case.reference}]", message_id="<3@alder.example>")
    assert await counted(office) == [1, 1]
    assert [case.status for case in await office.cases()] == ["answered", "open"]


@pytest.mark.parametrize(
    "named",
    [
        "<a@x.example>\r\n\t{own}\r\n <b@x.example>",
        "junk, {own};;; <unfinished",
        "<a b@x> <<{own}>>",
        "{own}{own}<@>",
        "Your message of Monday (was: {own})",
    ],
)
async def test_junk_and_folded_ids(office: Office, named: str) -> None:
    """What mail programs make of the field: ours is found in it."""
    _, own = await begun(office)
    await write(office, references=named.format(own=own), message_id="<3@alder.example>")
    assert await counted(office) == [2]


async def test_outlooks_thread_index(office: Office) -> None:
    """It is no secret and joins nothing; beside a token it does no harm."""
    index = {"thread_index": "AQHYc0o1nQ8mHkq0c0e1m0n7m2b3Xw==", "thread_topic": "Benches"}
    await write(office, message_id="<1@alder.example>", **index)
    answer = await office.answer("An answer.")
    await write(office, message_id="<2@alder.example>", **index)
    assert await counted(office) == [1, 1]
    await write(office, address_in(answer, "Reply-To"), message_id="<3@alder.example>", **index)
    assert await counted(office) == [2, 1]


# ------------------------------------------------------------------ old threads


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Another matter: the toilets", True),
        ("Re: Another matter", True),
        ("Re: Benches", False),
        ("AW: Re: [EXTERNAL] Benches", False),
        ("Re: whatever [{reference}]", False),
        ("", False),
    ],
)
async def test_a_new_topic_on_an_old_thread(office: Office, subject: str, told: bool) -> None:
    """It stays where its token leads, and staff read the new subject: that is the citizen's word too."""
    reply_to, _ = await begun(office)
    (case,) = await office.cases()
    line = subject.format(reference=case.reference)
    sent = await write(office, reply_to, subject=line, message_id="<3@alder.example>")
    assert await counted(office) == [2]
    assert (f"“{line}”" in shown(sent)) is told
    assert bool(shown(sent)) is told


async def test_a_reply_to_a_closed_case(office: Office) -> None:
    """It is on the pile again."""
    reply_to, _ = await begun(office)
    (case,) = await office.cases()
    await office.home.change(cases, case.id, status="closed")
    await write(office, reply_to, subject="Re: Benches", message_id="<3@alder.example>")
    assert [(one.status, n) for one, n in zip(await office.cases(), await counted(office), strict=True)] == [
        ("open", 2)
    ]


async def test_a_reply_to_a_merged_case(office: Office) -> None:
    """A case that was joined to another one sends nothing, and who wrote it is asked about again."""
    reply_to, _ = await begun(office)
    eve = {"from": "Ada at work <ada@birch.example>", "subject": "Re: Benches"}
    signed = rsa_key(number=1).sign(letter("From my work.", **eve), domain="birch.example")
    await office.come(signed, reply_to, mail_from="ada@birch.example")
    await office.say(said("!join", await office.root(1)))
    more = {**eve, "message_id": "<4@birch.example>"}
    signed = rsa_key(number=1).sign(letter("From my work again.", **more), domain="birch.example")
    await office.come(signed, reply_to, mail_from="ada@birch.example")
    assert [case.status for case in await office.cases()] == ["open", "closed", "locked"]
    assert office.mailed("ada@birch.example") == []


async def test_a_reply_to_an_erased_case(office: Office) -> None:
    """Whoever was forgotten is a stranger who writes for the first time; nothing is lost, nothing breaks."""
    reply_to, own = await begun(office)
    (person,) = await office.home.all(participants)
    gone: dict[str, Any] = {"wrapped_key": None, "address": None, "address_mac": None, "name": None}
    await office.home.change(participants, person.id, **gone)
    await office.home.restart()
    for n, to in enumerate((reply_to, PARK)):
        sent = await write(office, to, references=own, message_id=f"<again-{n}@alder.example>")
        assert shown(sent, "words") == "More words."
    assert [(case.status, case.claims) for case in (await office.cases())[1:]] == [("open", None)] * 2


async def test_a_reply_that_arrives_before_its_parent(office: Office) -> None:
    """Two mails to the case in the wrong order: both are shown, as they came, in the one case."""
    reply_to, _ = await begun(office)
    parent, reply = "<parent@alder.example>", "<reply@alder.example>"
    sent = await write(
        office, reply_to, "Second.", subject="Re: Benches", message_id=reply, in_reply_to=parent
    )
    sent += await write(office, reply_to, "First.", subject="Re: Benches", message_id=parent)
    assert [one.payload["text"] for one in sent if one.kind == "words"] == ["Second.", "First."]
    assert await counted(office) == [3] and "mail" not in kinds(sent)


@pytest.mark.parametrize(
    "prefix", ["Re:", "Fwd:", "AW:", "SV:", "VS:", "WG:", "Antw:", "RE[2]:", "Re: AW: re:"]
)
async def test_localised_prefixes(office: Office, prefix: str) -> None:
    """Our answer has one "Re:" whatever stood there, and the words of the subject are the same."""
    await write(office, subject=f"{prefix} Benches", message_id="<1@alder.example>")
    answer = read((await office.answer("An answer.")).raw)
    (case,) = await office.cases()
    assert answer.subject == f"Re: Benches [{case.reference}]"
    assert bare(f"{prefix} Benches") == "Benches"
