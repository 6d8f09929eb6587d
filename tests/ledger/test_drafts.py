"""Answers on their way: saved, found again by the one who has the token, sealed, and gone in time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.errors import Broken
from bridge.formstore import DRAFT_HOURS, KEPT_DAYS, Draft, DraftFile
from bridge.ledger.page_tables import draft_files, drafts, pages
from bridge.ledger.pieces import PIECE
from bridge.ledger.writer import Unreachable
from bridge.points import Phase, Point
from tests.ledger.home import Home
from tests.ledger.people import VALUES, arrival, draft_of, form_in, send

HOUR, DAY = 3600, 86_400
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


async def found(home: Home, token: str) -> Draft:
    draft = await home.store.draft(token)
    assert draft is not None
    return draft


async def receive(home: Home, draft: int, data: bytes, name: str = "bench.jpg") -> DraftFile:
    async with home.store.receive(draft) as sink:
        for start in range(0, len(data), 10_000):
            await sink.write(data[start : start + 10_000])
        return await sink.keep("photo", name, "image/jpeg")


# ------------------------------------------------------------------ answers


async def test_what_was_answered_is_there_again_with_the_token_only(home: Home) -> None:
    token = await home.store.begin("ideas", "en", values={})
    draft = await found(home, token)
    assert (draft.form, draft.language, draft.values, draft.seen, draft.files) == ("ideas", "en", {}, (), ())
    home.clock.now += 60
    await home.store.save(draft.id, VALUES, ["idea", "part"], "ar")
    await home.restart()
    draft = await found(home, token)
    assert (draft.values, draft.seen, draft.language) == (VALUES, ("idea", "part"), "ar")
    assert draft.touched - draft.created == 60_000 and not draft.kept and draft.sent is None
    for other in (token.swapcase(), token[:-1], token + "A", "", "A" * 22):
        assert await home.store.draft(other) is None


async def test_tokens_and_codes_are_unguessable_and_stored_nowhere(home: Home) -> None:
    made = [await home.store.begin("ideas", "en", values={}) for _ in range(20)]
    assert len(set(made)) == 20 and all(TOKEN.fullmatch(token) for token in made)
    code = await home.store.keep((await found(home, made[0])).id)
    assert CODE.fullmatch(code)
    stored = b"".join(p.read_bytes() for p in home.folder.rglob("*") if p.is_file())
    rows = str(await home.all(drafts))
    assert not any(secret in rows or secret.encode() in stored for secret in (*made, code))


async def test_a_draft_that_nobody_touches_is_gone_after_its_time_with_its_files(home: Home) -> None:
    token, kept = [await home.store.begin("ideas", "en", values=VALUES) for _ in range(2)]
    for one in (token, kept):
        await receive(home, (await found(home, one)).id, b"x" * PIECE)
    await home.store.keep((await found(home, kept)).id)
    home.clock.now += DRAFT_HOURS * HOUR - 1
    await home.ledger.tidy()
    assert await home.store.draft(token) is not None and len(home.files()) == 2
    home.clock.now += 2
    assert await home.store.draft(token) is None, "also before the housekeeping comes by"
    await home.ledger.tidy()
    assert await home.store.draft(kept) is not None
    assert len(await home.all(drafts)) == len(await home.all(draft_files)) == len(home.files()) == 1
    home.clock.now += KEPT_DAYS * DAY
    assert await home.store.draft(kept) is None
    await home.ledger.tidy()
    assert await home.all(drafts) == await home.all(draft_files) == home.files() == []


async def test_every_step_is_one_small_commit(home: Home) -> None:
    passed: list[Point] = []

    def probe(point: Point, phase: Phase) -> None:
        if phase == "after":
            passed.append(point)

    home.probe = probe
    await home.restart()
    passed.clear()
    draft = await draft_of(home)
    await home.store.save(draft, VALUES, ["idea"], "en")
    await home.store.keep(draft)
    file = await receive(home, draft, b"x")
    await home.store.drop_file(draft, file.id)
    assert passed == [Point.PAGES] * 5


# ------------------------------------------------------------------ coming back


async def test_a_code_opens_its_draft_once_and_the_old_token_is_no_longer_good(home: Home) -> None:
    token = await home.store.begin("ideas", "en", values=VALUES)
    draft = await found(home, token)
    first = await home.store.keep(draft.id)
    code = await home.store.keep(draft.id)
    assert await home.store.peek(first) is None, "an earlier code is no longer good"
    assert await home.store.peek(code) == "ideas"
    typed = " ".join(re.findall(".{1,4}", code.lower().replace("0", "o").replace("1", "l")))
    opened = await home.store.resume(typed)
    assert opened is not None and opened[0] == "ideas"
    assert (await found(home, opened[1])).values == VALUES and opened[1] != token
    assert await home.store.draft(token) is None
    assert await home.store.resume(code) is None and await home.store.peek(code) is None
    assert (await found(home, opened[1])).kept, "it is kept as long as before"


async def test_a_code_is_good_as_long_as_its_draft(home: Home) -> None:
    code = await home.store.keep(await draft_of(home))
    home.clock.now += KEPT_DAYS * DAY + 1
    assert await home.store.peek(code) is None and await home.store.resume(code) is None


# ------------------------------------------------------------------ files


async def test_a_file_is_received_in_pieces_and_read_whole(home: Home) -> None:
    draft, data = await draft_of(home), bytes(range(256)) * 1000
    file = await receive(home, draft, data)
    assert (file.question, file.name, file.mime, file.size) == ("photo", "bench.jpg", "image/jpeg", len(data))
    assert file.digest == hashlib.sha256(data).hexdigest()
    await home.restart()
    assert await home.store.read_file(draft, file.id) == data
    (path,) = home.files()
    assert data[:64] not in path.read_bytes()
    with pytest.raises(Broken):
        await home.store.read_file(await draft_of(home), file.id)  # another draft's
    path.write_bytes(path.read_bytes()[: PIECE + 16])
    with pytest.raises(Broken):
        await home.store.read_file(draft, file.id)
    await home.store.drop_file(await draft_of(home), file.id)
    assert home.files() == [path], "nobody drops another draft's"
    await home.store.drop_file(draft, file.id)
    assert home.files() == [] and await home.all(draft_files) == []


@asynccontextmanager
async def begun(home: Home, draft: int) -> AsyncIterator[None]:
    async with home.store.receive(draft) as sink:
        await sink.write(b"x" * 3 * PIECE)
        assert len(home.files()) == 1
        yield


async def test_what_is_not_kept_is_gone(home: Home) -> None:
    draft = await draft_of(home)
    async with begun(home, draft):
        pass
    with pytest.raises(RuntimeError):
        async with begun(home, draft):
            raise RuntimeError
    assert home.files() == []


async def test_a_file_for_a_draft_that_was_sent_meanwhile_is_refused_and_gone(home: Home) -> None:
    draft = await draft_of(home)
    async with home.store.receive(draft) as sink:
        await sink.write(b"x" * 3 * PIECE)
        await send(home, draft)
        with pytest.raises(Broken):
            await sink.keep("photo", "bench.jpg", "image/jpeg")
    assert home.files() == [] and await home.all(draft_files) == []


async def test_a_file_whose_row_may_be_stored_stays_until_the_next_start_knows(home: Home) -> None:
    draft = await draft_of(home)

    def broken(point: Point, phase: Phase) -> None:
        if (point, phase) == (Point.PAGES, "after"):
            raise Unreachable("the connection broke during the COMMIT")

    def refused(point: Point, phase: Phase) -> None:
        if (point, phase) == (Point.PAGES, "before"):
            raise Unreachable("it broke before")

    for probe in (broken, refused):
        home.probe = probe
        await home.restart()
        with pytest.raises(Unreachable):
            await receive(home, draft, b"x" * PIECE)
    assert len(home.files()) == 2
    home.probe = lambda point, phase: None
    await home.restart()
    (row,) = await home.all(draft_files)
    assert [p.name for p in home.files()] == [row.file]


async def test_names_and_answers_lie_sealed(home: Home) -> None:
    draft = await draft_of(home, {"idea": ["canaryidea"]})
    await receive(home, draft, b"canarydata" * PIECE, "canaryname.jpg")
    stored = b"".join(p.read_bytes() for p in home.folder.rglob("*") if p.is_file())
    assert not any(word in stored for word in (b"canaryidea", b"canaryname", b"canarydata"))
    ada, bob = await home.all(drafts), await draft_of(home)
    await home.change(drafts, bob, data=ada[0].data, wrapped_key=ada[0].wrapped_key)
    token = await home.store.resume(await home.store.keep(draft))
    assert token is not None and (await found(home, token[1])).values == {"idea": ["canaryidea"]}
    code = await home.store.keep(bob)
    moved = await home.store.resume(code)
    assert moved is not None
    with pytest.raises(Broken):
        await home.store.draft(moved[1])


# ------------------------------------------------------------------ sent


async def test_sending_makes_the_page_and_ends_the_draft_in_one_commit(home: Home) -> None:
    await home.provision()
    token = await home.store.begin("ideas", "en", values=VALUES)
    draft = await found(home, token)
    await receive(home, draft.id, b"x" * PIECE)
    submission = await send(home, draft.id)
    ended = await found(home, token)
    assert (ended.sent, ended.page) == (submission.form.reference, submission.page)
    assert (ended.values, ended.files, home.files()) == ({}, (), [])
    row = await home.one(drafts)
    assert row.data is None and row.wrapped_key is None
    with pytest.raises(Broken):
        await home.store.save(draft.id, VALUES, [], "en")
    with pytest.raises(Broken):
        await home.store.keep(draft.id)
    again = arrival(home, submission.form, draft.id)
    assert await home.ledger.accept([again]) == [None], "a second click is a duplicate"
    assert len(await home.all(pages)) == 1
    assert await home.store.submissions("ideas") == 1 and await home.store.submissions("other") == 0


async def test_a_reference_that_is_taken_leaves_the_draft_as_it_was(home: Home) -> None:
    await home.provision()
    token = await home.store.begin("ideas", "en", values=VALUES)
    draft = await found(home, token)
    await receive(home, draft.id, b"x" * PIECE)
    taken = await send(home)
    form = form_in(page=home.store.id(), reference=taken.form.reference)
    with pytest.raises(Exception, match=taken.form.reference):
        await home.ledger.accept([arrival(home, form, draft.id)])
    untouched = await found(home, token)
    assert untouched.sent is None and len(untouched.files) == len(home.files()) == 1
    assert await home.store.read_file(draft.id, untouched.files[0].id) == b"x" * PIECE


async def test_a_draft_that_changes_a_page_begins_with_what_was_passed(home: Home) -> None:
    values = {"idea": ["A bench"], "seen_on--day": ["3"], "seen_on--month": ["5"]}
    token = await home.store.begin("ideas", "en", changes=7, values=values)
    draft = await found(home, token)
    assert (draft.changes, draft.seen, json.dumps(draft.values)) == (
        7,
        ("idea", "seen_on"),
        json.dumps(values),
    )
