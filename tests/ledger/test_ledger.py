"""The ledger's promises about what comes in, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.appservice.channel import LOOK_BACK
from bridge.channel import Arrival, ReferenceTaken
from bridge.dispatch import MAIL_DAYS
from bridge.errors import Broken, Refuse, Retry
from bridge.forms.tokens import LIFETIME
from bridge.inbound import ApplyIn, RoomMember
from bridge.ledger.files import LARGE, Files
from bridge.ledger.rows import NEW, REPLY, ROUTINE
from bridge.ledger.tables import (
    acknowledgements,
    blobs,
    cases,
    consultations,
    inbox,
    keyring,
    links,
    messages,
    outbox,
    participants,
    references,
    rooms,
)
from bridge.ledger.writer import Unreachable
from bridge.model import Attachment, Source
from bridge.points import Phase, Point
from tests.ledger.home import CLERK, DESK, PARK, ROOMS, Home, mail_in, said
from tests.ledger.people import form_in

MAIL = Arrival(Source.EMAIL, "mail", "key", b"raw \x00 bytes", {"rcpt": "park-2027"})


# ------------------------------------------------------------------ accepting


async def test_an_arrival_is_kept_as_it_came(home: Home) -> None:
    (item,) = await home.ledger.accept([MAIL])
    assert item is not None
    assert (item.source, item.kind, item.raw, item.meta) == (MAIL.source, MAIL.kind, MAIL.raw, MAIL.meta)
    await home.restart()
    assert (await home.ledger.waiting_items(set())).items == [item]
    assert (await home.ledger.waiting_items({item.id})).items == []


async def test_a_second_arrival_is_a_duplicate_also_in_one_batch_and_after_settling(home: Home) -> None:
    first, second = await home.ledger.accept([MAIL, replace(MAIL, raw=b"other")])
    assert first is not None and second is None
    assert await home.ledger.accept([MAIL]) == [None]
    await home.ledger.settle(first, None)
    assert await home.ledger.accept([MAIL]) == [None]
    assert (await home.one(inbox)).state == "done"
    (other,) = await home.ledger.accept([replace(MAIL, source=Source.FORM)])  # keys are per source
    assert other is not None


async def test_a_taken_reference_takes_the_whole_batch_back(home: Home) -> None:
    form = Arrival(Source.FORM, "form", "nonce 1", b"{}", reference="PARK-7F3K-9Q")
    assert await home.ledger.accept([form]) != [None]
    assert await home.ledger.accept([form]) == [None]  # a known key is a duplicate first
    big = replace(MAIL, key="large", raw=b"x" * LARGE)
    with pytest.raises(ReferenceTaken):
        await home.ledger.accept([big, replace(form, key="nonce 2")])
    assert [r.key for r in await home.all(inbox)] == ["nonce 1"]
    assert [r.reference for r in await home.all(references)] == ["PARK-7F3K-9Q"]
    assert home.files() == []


async def test_large_raw_lies_in_a_file_and_a_repeat_leaves_none(home: Home) -> None:
    big = replace(MAIL, raw=b"x" * LARGE)
    (item,) = await home.ledger.accept([big])
    assert await home.ledger.accept([big]) == [None]
    assert len(home.files()) == 1
    row = await home.one(inbox)
    assert (row.raw, row.file) == (None, home.files()[0].name)
    await home.restart()  # a file that a row names is not swept
    assert (await home.ledger.waiting_items(set())).items == [item]


async def test_keys_are_made_once(home: Home) -> None:
    before = {name: home.ledger.keys.raw(name) for name in ("lookup", "link", "pickle")}
    await home.restart()
    assert before == {name: home.ledger.keys.raw(name) for name in before}
    assert len(set(before.values())) == 3
    assert all(before["lookup"] not in row.wrapped for row in await home.all(keyring))


# ------------------------------------------------------------------ deciding again, later, never


async def test_a_deferred_item_is_due_when_its_time_has_come(home: Home) -> None:
    item = await home.item()
    await home.ledger.defer(item, 10, "the scanner is down")
    assert (await home.ledger.waiting_items(set())).items == []
    assert (await home.ledger.waiting_items(set(), keys=True)).items == []  # waits for no key
    home.clock.now += 10
    (again,) = (await home.ledger.waiting_items(set())).items
    assert again == replace(item, tries=1)


async def test_a_parked_item_is_due_when_any_key_comes(home: Home) -> None:
    item = await home.item()
    await home.ledger.defer(item, 600, "no key", parked=True)
    assert (await home.ledger.waiting_items(set())).items == []
    (again,) = (await home.ledger.waiting_items(set(), keys=True)).items
    assert again.tries == 1
    assert (await home.ledger.numbers())['inbox_rows{state="parked"}'] == 1


async def test_due_items_come_oldest_first_and_not_more_than_asked(home: Home) -> None:
    items = [await home.item() for _ in range(5)]
    assert (await home.ledger.waiting_items({items[0].id}, 2)).items == items[1:3]


async def test_a_broken_item_is_told_to_the_operators_and_a_refused_one_is_not(home: Home) -> None:
    item = await home.item(Source.EMAIL)
    assert (await home.ledger.give_up(item, "refused", "no such form")).refs == []
    item = await home.item(Source.EMAIL)
    (tell,) = home.take(await home.ledger.give_up(item, "broken", "it does not open"))
    assert tell.lane == "control"
    (sent,) = await home.flush()
    assert sent.kind == "tell" and "it does not open" in sent.payload["text"]
    assert [r.state for r in await home.all(inbox)] == ["refused", "broken"]
    assert (await home.ledger.waiting_items(set())).items == []


async def test_a_settled_item_stays_settled(home: Home) -> None:
    """A second attempt, from a look that was taken before the first was done, changes nothing."""
    await home.provision()
    item = await home.item(Source.EMAIL)
    assert (await home.ledger.settle(item, mail_in())).refs
    before = await home.all(outbox)
    assert (await home.ledger.settle(item, mail_in())).refs == []
    assert (await home.ledger.give_up(item, "broken", "late")).refs == []
    await home.ledger.defer(item, 0, "late")
    assert (await home.ledger.waiting_items(set())).items == []
    assert await home.all(outbox) == before
    assert len(await home.all(cases)) == 1


async def test_an_item_that_does_not_open_is_broken_alone(home: Home) -> None:
    big = replace(MAIL, raw=b"x" * LARGE)
    await home.ledger.accept([big])
    good = await home.item()
    home.files()[0].unlink()
    due = await home.ledger.waiting_items(set())
    assert due.items == [good]
    assert [ref.lane for lost in due.lost for ref in lost.refs] == ["control"]
    assert [r.state for r in await home.all(inbox)] == ["broken", "new"]


# ------------------------------------------------------------------ consultations


async def test_who_applies_a_file_hears_what_became_of_its_forms(home: Home) -> None:
    async def told(digest: str, **forms: str) -> list[str]:
        item = await home.item(Source.COMMAND)
        wanted = replace(PARK, forms=tuple(forms))
        home.take(await home.ledger.settle(item, ApplyIn(wanted, digest, tuple(forms.values()))))
        await home.flush()
        result = await home.ledger.result(item.id)
        assert result is not None
        return [line for line in result["changed"] if line.startswith("form ")]

    assert await told("1", ideas="a", survey="b") == ["form ideas: new", "form survey: new"]
    assert await told("2", ideas="a, otherwise", survey="b") == ["form ideas: changed"]
    assert await told("3", ideas="a, otherwise") == ["form survey: taken away"]


async def test_a_consultation_is_provisioned_once(home: Home) -> None:
    item = await home.item(Source.COMMAND)
    forms = ("id: ideas",)
    (ref,) = home.take(await home.ledger.settle(item, ApplyIn(PARK, "digest", forms)))
    assert ref.lane == "rooms:park-2027"
    assert await home.ledger.result(item.id) is None  # only when the rooms are there
    (sent,) = await home.flush()
    assert sent.kind == "provision" and sent.payload["consultation"]["slug"] == "park-2027"
    assert await home.ledger.result(item.id) == {"slug": "park-2027", "changed": ["created"]}
    assert {r.kind: r.room_id for r in await home.all(rooms)} == ROOMS
    (stored,) = await home.ledger.consultations()
    assert (stored.consultation, stored.forms, stored.ready) == (PARK, forms, True)

    again = await home.item(Source.COMMAND)
    assert (await home.ledger.settle(again, ApplyIn(PARK, "digest", forms))).refs == []
    assert await home.ledger.result(again.id) == {"changed": []}

    changed = replace(PARK, title="Riverside Park")
    await home.settle(ApplyIn(changed, "digest 2", forms), Source.COMMAND)
    await home.flush()
    assert [s.consultation for s in await home.ledger.consultations()] == [changed]
    assert (await home.one(consultations)).desk == DESK


async def test_a_mailbox_of_another_consultation_is_refused(home: Home) -> None:
    await home.provision()
    other = replace(PARK, slug="pool-2027")
    item = await home.item(Source.COMMAND)
    with pytest.raises(Refuse):
        await home.ledger.settle(item, ApplyIn(other, "digest"))
    await home.ledger.give_up(item, "refused", "taken")
    assert await home.ledger.result(item.id) == {"error": "taken"}
    assert [s.consultation.slug for s in await home.ledger.consultations()] == ["park-2027"]


async def test_a_failed_provisioning_is_the_outcome_of_the_request(home: Home) -> None:
    item = await home.item(Source.COMMAND)
    (ref,) = home.take(await home.ledger.settle(item, ApplyIn(PARK, "digest")))
    await home.ledger.fail(ref, "the homeserver says no", "broken")
    assert await home.ledger.result(item.id) == {"error": "the homeserver says no"}


async def test_a_case_waits_for_its_rooms(home: Home) -> None:
    await home.settle(ApplyIn(PARK, "digest"), Source.COMMAND)
    item = await home.item(Source.EMAIL)
    with pytest.raises(Retry):
        await home.ledger.settle(item, mail_in())
    assert await home.all(cases) == []
    assert (await home.one(inbox, id=item.id)).state == "new"


async def test_who_joins_a_room_that_is_still_being_made_is_invited_to_the_desk(home: Home) -> None:
    """Some clients accept an invitation before the bridge has noted the last of the rooms."""
    await home.settle(ApplyIn(PARK, "digest"), Source.COMMAND)
    item, stray = await home.item(), await home.item()
    joined = RoomMember(ROOMS["lobby"], "$joined", CLERK, "join")
    with pytest.raises(Retry):
        await home.ledger.settle(item, joined)
    await home.flush()
    (ref,) = home.take(await home.ledger.settle(item, joined))
    assert ref.lane == "invite:park-2027:alder.example"
    (sent,) = await home.flush()
    assert (sent.kind, sent.payload) == ("invite", {"room": DESK, "user_id": CLERK})
    elsewhere = replace(joined, room_id="!elsewhere:alder.example")
    assert (await home.ledger.settle(stray, elsewhere)).refs == []


# ------------------------------------------------------------------ cases


async def test_a_mail_becomes_a_case(home: Home) -> None:
    await home.provision()
    photo = Attachment("photo.png", "image/png", b"png")
    refs = await home.settle(mail_in(files=(photo,)), Source.EMAIL)
    case = await home.one(cases)
    assert [(r.target, r.lane, r.priority) for r in refs] == [
        (Source.MATRIX, f"case:{case.id}", NEW),
        (Source.MATRIX, f"case:{case.id}", NEW),
        (Source.MATRIX, f"case:{case.id}", NEW),
        (Source.EMAIL, f"mail:{case.id}", REPLY),
    ]
    assert (case.slug, case.room_id, case.status, case.root) == ("park-2027", DESK, "open", None)
    assert len(await home.all(participants)) == len(await home.all(links)) == 1
    assert len(await home.all(references)) == len(await home.all(acknowledgements)) == 1

    sent = {s.kind: s for s in await home.flush()}
    assert list(sent) == ["mail", "head", "words", "file"]  # what an address waits for goes first
    head, words, file, ack = sent["head"], sent["words"], sent["file"], sent["mail"]
    assert head.payload["root"] is None
    assert (head.payload["reference"], head.payload["name"]) == (case.reference, "Ada Park")
    assert head.payload["subject"] == "A bench"
    assert (words.payload["root"], words.payload["latest"]) == (head.event_id, head.event_id)
    assert words.payload["text"] == "A bench by the river, please."
    assert words.payload["name"] == "Ada Park"
    assert (file.payload["filename"], file.payload["latest"]) == ("photo.png", words.event_id)
    assert ack.payload["to"] == "ada@example.org"
    assert ack.payload["automatic"] is True
    assert "A bench" not in ack.payload["subject"] + ack.payload["text"]
    case = await home.one(cases)
    assert (case.root, case.latest) == (head.event_id, file.event_id)
    assert await home.all(blobs) == []
    assert await home.flush() == []


async def test_a_lane_keeps_its_order_while_its_first_row_waits(home: Home) -> None:
    await home.provision()
    head, *_ = await home.settle(mail_in(), Source.EMAIL)
    assert home.lanes.next(home.ledger.now()) is not None  # the acknowledgement: replies go first
    assert home.lanes.next(home.ledger.now()) == head
    assert home.lanes.next(home.ledger.now()) is None
    again = await home.ledger.postpone(head, 30, "the homeserver is down")
    home.lanes.again(again)
    home.clock.now += 29
    assert home.lanes.next(home.ledger.now()) is None
    home.clock.now += 1
    assert home.lanes.next(home.ledger.now()) == again
    assert (await home.one(outbox, id=head.id)).tries == 1


async def test_words_without_their_head_line_are_broken_not_lost_in_the_room(home: Home) -> None:
    await home.provision()
    _, words, *_ = await home.settle(mail_in(), Source.EMAIL)
    with pytest.raises(Broken, match="head line"):
        await home.ledger.outgoing(words)


async def test_a_form_becomes_a_case_under_the_reference_it_was_shown(home: Home) -> None:
    await home.provision()
    form = Arrival(Source.FORM, "form", "nonce", b"{}", reference="PARK-7F3K-9Q")
    (item,) = await home.ledger.accept([form])
    assert item is not None
    sent = form_in(reference="PARK-7F3K-9Q", language="de")
    home.take(await home.ledger.settle(item, sent))
    case = await home.one(cases)
    assert (case.reference, case.channel) == ("PARK-7F3K-9Q", "form")
    assert (await home.one(participants)).language == "de"
    assert [s.kind for s in await home.flush()] == ["head", "words", "notice"]  # no address, no mail


async def test_the_token_in_the_mail_leads_back_into_the_case(home: Home) -> None:
    await home.provision()
    ack = next(s for s in await home.case() if s.kind == "mail")
    token = ack.payload["token"]
    case = await home.one(cases)
    refs = await home.settle(mail_in("And a tree.", token=token.upper(), message_id="<in-2@x>"), Source.EMAIL)
    assert {r.lane for r in refs} == {f"case:{case.id}"}
    assert [r.priority for r in refs] == [REPLY]  # before new cases
    (words,) = await home.flush()
    assert words.payload["text"] == "And a tree."
    assert len(await home.all(cases)) == 1
    assert [m.inward for m in await home.all(messages)] == [True, False, True]


@pytest.mark.parametrize("how", ["token", "references"])
async def test_somebody_elses_mail_opens_a_locked_case(home: Home, how: str) -> None:
    await home.provision()
    ack = next(s for s in await home.case() if s.kind == "mail")
    first = await home.one(cases)
    ours = f"<{ack.ref.id:x}@consult.alder.example>"
    claim: Any = {"token": ack.payload["token"]} if how == "token" else {"references": ("<?@x>", ours)}
    sent = await home.case(text="I am Ada.", address="eve@example.net", name="Eve", **claim)
    assert [s.kind for s in sent] == ["head", "words", "notice"]  # and no mail
    locked = next(c for c in await home.all(cases) if c.id != first.id)
    assert (locked.status, locked.claims) == ("locked", first.reference)


async def test_an_address_is_acknowledged_three_times_a_day(home: Home) -> None:
    await home.provision()
    acks = []
    for n in range(5):
        sent = await home.case(address="ADA@example.org" if n % 2 else "ada@example.org")
        acks.append(sum(s.kind == "mail" for s in sent))
    assert acks == [1, 1, 1, 0, 0]
    home.clock.now += 24 * 3600 + 1
    assert sum(s.kind == "mail" for s in await home.case()) == 1


async def test_an_edited_head_line_says_how_the_case_stands_when_it_goes_out(home: Home) -> None:
    await home.provision()
    sent = await home.case()
    token = next(s for s in sent if s.kind == "mail").payload["token"]
    head = next(s for s in sent if s.kind == "head")
    await home.settle(said("Yes, a bench.", head.event_id))
    answered = [s for s in await home.flush(10) if s.kind == "head"]
    assert [s.payload["status"] for s in answered] == ["answered"]
    assert answered[0].payload["root"] == head.event_id
    assert answered[0].ref.priority == ROUTINE
    await home.settle(mail_in("Thank you", token=token, message_id=None), Source.EMAIL)
    assert [s.payload["status"] for s in await home.flush() if s.kind == "head"] == ["open"]
    assert (await home.one(cases)).root == head.event_id


# ------------------------------------------------------------------ large attachments


async def test_a_large_attachment_lies_sealed_in_a_file_until_it_is_delivered(home: Home) -> None:
    await home.provision()
    data = b"canary " * (LARGE // 7 + 1)
    await home.settle(mail_in(files=(Attachment("plan.pdf", "application/pdf", data),)), Source.EMAIL)
    blob = await home.one(blobs)
    assert [p.name for p in home.files()] == [blob.file]
    assert b"canary" not in home.files()[0].read_bytes()
    await home.restart()
    assert await home.ledger.blob(blob.id) == data
    file = next(s for s in await home.flush() if s.kind == "file")
    assert (file.payload["blob"], file.payload["size"]) == (blob.id, len(data))
    assert home.files() == [] and await home.all(blobs) == []
    with pytest.raises(Broken):
        await home.ledger.blob(blob.id)


async def test_a_decision_that_is_not_kept_leaves_no_file(home: Home) -> None:
    big = Attachment("plan.pdf", "application/pdf", b"x" * (LARGE + 1))
    await home.settle(ApplyIn(PARK, "digest"), Source.COMMAND)
    for _ in range(2):
        with pytest.raises(Retry):  # the rooms are not there yet
            await home.ledger.settle(await home.item(Source.EMAIL), mail_in(files=(big,)))
    assert home.files() == []


async def test_a_disk_that_fails_in_between_keeps_nothing_of_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = b"x" * (LARGE + 1)
    batch = [replace(MAIL, key=f"large {n}", raw=big) for n in range(3)]
    mail = mail_in(files=tuple(Attachment(f"{n}.pdf", "application/pdf", big) for n in range(3)))
    item = await home.item(Source.EMAIL)
    written: list[str] = []
    write = Files.write

    async def fails(self: Files, data: bytes) -> str:
        if len(written) % 3 == 2:
            written.append("")
            raise Retry("the disk is full")
        written.append(await write(self, data))
        assert home.files() != []
        return written[-1]

    monkeypatch.setattr(Files, "write", fails)
    with pytest.raises(Retry, match="full"):
        await home.ledger.accept(batch)
    assert (len(written), home.files()) == (3, [])
    with pytest.raises(Retry, match="full"):
        await home.ledger.settle(item, mail)
    assert (len(written), home.files()) == (6, [])
    assert [r.id for r in await home.all(inbox)] == [item.id]


async def test_files_of_a_crash_are_swept_at_the_next_start(home: Home) -> None:
    await home.provision()
    await home.close()

    def probe(point: Point, phase: Phase) -> None:
        if (point, phase) == (Point.SETTLE, "before"):
            raise Unreachable("as if the process had died before the commit")

    home.probe = probe
    await home.open()
    big = Attachment("plan.pdf", "application/pdf", b"x" * (LARGE + 1))
    item = await home.item(Source.EMAIL)
    with pytest.raises(Unreachable):
        await home.ledger.settle(item, mail_in(files=(big,)))
    assert len(home.files()) == 1
    home.probe = lambda point, phase: None
    await home.restart()
    assert home.files() == []
    (item,) = (await home.ledger.waiting_items(set())).items
    home.take(await home.ledger.settle(item, mail_in(files=(big,))))
    assert len(home.files()) == 1
    await home.restart()
    assert len(home.files()) == 1


# ------------------------------------------------------------------ housekeeping


async def test_repeats_are_known_longer_than_anybody_may_repeat(home: Home) -> None:
    """A form's page is good for a day, a look back into the rooms goes back a day, a relay gives up
    after five: as long as they may bring something again, and as long again, it is a duplicate."""
    longest = 2 * max(LIFETIME, LOOK_BACK / 1000, MAIL_DAYS * 86_400)
    form = Arrival(Source.FORM, "form", "nonce", b"{}", reference="PARK-7F3K-9Q")
    event = Arrival(Source.MATRIX, "event", "$event", b"{}")
    once = [MAIL, form, event]
    for item in await home.ledger.accept(once):
        assert item is not None
        await home.ledger.settle(item, None)
    home.clock.now += longest
    await home.ledger.tidy()
    assert await home.ledger.accept(once) == [None, None, None]


async def test_raw_mail_goes_after_some_days_and_the_key_of_repeats_later(home: Home) -> None:
    big = replace(MAIL, raw=b"x" * LARGE)
    (item,) = await home.ledger.accept([big])
    assert item is not None
    open_item = await home.item()
    await home.ledger.settle(item, None)
    home.clock.now += 6.9 * 86_400
    await home.ledger.tidy()
    assert len(home.files()) == 1
    home.clock.now += 86_400
    await home.ledger.tidy()
    row = await home.one(inbox, id=item.id)
    assert (row.raw, row.file, row.meta, row.wrapped_key) == (None, None, None, None)
    assert home.files() == []
    assert await home.ledger.accept([big]) == [None]
    home.clock.now += 60 * 86_400
    await home.ledger.tidy()
    assert [r.id for r in await home.all(inbox)] == [open_item.id]  # what waits is never forgotten
