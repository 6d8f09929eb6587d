"""What a citizen does on the page of their submission: once, harmless when repeated, and never lost."""

from __future__ import annotations

import asyncio

import pytest

from bridge.channel import Item, Outgoing
from bridge.errors import Broken, Retry
from bridge.forms.case_write import FILES, LONGEST
from bridge.forms.packing import pack_page
from bridge.forms.tokens import LIFETIME
from bridge.inbound import PageIn
from bridge.model import Attachment, Source
from tests.forms.a_case import VALUES, acts, arrivals, opened, put
from tests.forms.site import PDF, PNG, site

PHOTO = ("files", "bench.png", "image/png", PNG)


async def test_a_message_is_sent_once_however_often_it_is_posted() -> None:
    async with site() as s:
        page = await opened(s)
        for _ in range(3):
            done = await s.browser.submit(page, "write", [PHOTO], text="One more\r\nthing")
            assert done.status == 200 and "done=write" in done.url
            assert "Your message has been sent" in done.text("div.banner")
        (arrival,) = arrivals(s)
        assert (arrival.source, arrival.kind) == (Source.FORM, "page")
        assert arrival.key.startswith("page:4:") and arrival.meta["form"] == "short"
        assert acts(s) == [
            PageIn(4, "write", "One more\nthing", (Attachment("bench.png", "image/png", PNG),))
        ]
        assert await s.channel.read(Item(1, Source.FORM, "page", arrival.raw, arrival.meta)) == acts(s)[0]
        assert s.store.largest_piece <= 64 * 1024
        assert not any(d.files for d in s.store.drafts.values()), "nothing stays behind"


async def test_other_words_on_the_same_showing_are_another_message() -> None:
    async with site() as s:
        page = await opened(s)
        for text in ("First", "Second", "First"):
            await s.browser.submit(page, "write", text=text)
        assert [a.text for a in acts(s)] == ["First", "Second"]
        fresh = await s.browser.get(page.url)
        await s.browser.submit(fresh, "write", text="First")
        assert [a.text for a in acts(s)] == ["First", "Second", "First"], "meant again"


async def test_an_empty_message_is_mended() -> None:
    async with site() as s:
        wrong = await s.browser.submit(await opened(s), "write", text=" \n ")
        assert wrong.status == 422 and wrong.text("title").startswith("Error: ")
        assert "#text" in wrong.links and wrong.html.index("page--summary") < wrong.html.index("<h1")
        assert wrong.attributes("text")["aria-invalid"] == "true"
        assert "text-error" in wrong.attributes("text")["aria-describedby"] and "text-error" in wrong.ids
        done = await s.browser.submit(wrong, "write", text="Now")
        assert done.status == 200 and [a.text for a in acts(s)] == ["Now"]


async def test_a_long_message_keeps_its_words_and_its_files() -> None:
    async with site() as s:
        long = "x" * (LONGEST + 1)
        wrong = await s.browser.submit(await opened(s), "write", [PHOTO], text=long)
        assert wrong.status == 422 and wrong.value("text") == long and "bench.png" in wrong.text("ul.kept")
        assert "10,001" in wrong.text("div.summary")
        assert wrong.headers["Cache-Control"] == "no-store"
        more = ("files", "plan.pdf", "application/pdf", PDF)
        done = await s.browser.submit(wrong, "write", [more], text="Short")
        assert done.status == 200 and [f.name for f in acts(s)[0].attachments] == ["bench.png", "plan.pdf"]


async def test_a_kept_file_can_be_removed() -> None:
    async with site() as s:
        wrong = await s.browser.submit(await opened(s), "write", [PHOTO], text="x" * (LONGEST + 1))
        (file,) = [a["value"] for _, a in wrong.tags if a.get("name") == "_remove"]
        await s.browser.submit(wrong, "write", text="Short", _remove=file)
        assert acts(s) == [PageIn(4, "write", "Short")]


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (("files", "a.html", "text/html", b"<html>" + b"x" * 99), "must be one of these types"),
        (("files", "a.svg", "image/png", b"<svg onload=alert(1)>"), "must be one of these types"),
        (("files", "a.png", "image/png", b""), "is empty"),
        (("files", "a.png", "image/png", PNG + b"x" * (FILES.max_mb << 20)), "must be 10 MB or smaller"),
    ],
)
async def test_a_file_that_is_not_taken_says_why_and_the_words_stay(
    file: tuple[str, str, str, bytes], fault: str
) -> None:
    async with site() as s:
        wrong = await s.browser.submit(await opened(s), "write", [file], text="My words")
        assert wrong.status == 422 and fault in wrong.text("div.summary"), wrong.text()
        assert wrong.value("text") == "My words" and not s.ledger.arrivals
        assert wrong.attributes("files")["aria-invalid"] == "true"


async def test_three_files_are_enough() -> None:
    async with site() as s:
        sent = [("files", f"{i}.png", "image/png", PNG + bytes([i])) for i in range(4)]
        wrong = await s.browser.submit(await opened(s), "write", sent, text="x")
        assert wrong.status == 422 and "3.png" in wrong.text("div.summary")
        done = await s.browser.submit(wrong, "write", text="x")
        assert done.status == 200 and len(acts(s)[0].attachments) == 3


async def test_a_file_name_is_cleaned() -> None:
    async with site() as s:
        foul = ("files", "..\\..\\\u202egnp.exe/be\u200bnch.png", "image/png", PNG)
        await s.browser.submit(await opened(s), "write", [foul], text="x")
        assert acts(s)[0].attachments[0].name == "bench.png"


async def test_files_of_another_page_cannot_be_taken_along() -> None:
    async with site() as s:
        theirs = await s.browser.submit(await opened(s, id=9), "write", [PHOTO], text="x" * (LONGEST + 1))
        draft = next(f.action for f in theirs.forms if ("_do", "write") in f.buttons).split("draft=")[1]
        mine = await opened(s)
        once = mine.value("_once") or ""
        path = mine.url.split("?")[0]
        done = await s.browser.post(
            f"{path}?draft={draft}", [("_once", once), ("text", "Mine"), ("_do", "write")], []
        )
        assert done.status == 200 and acts(s) == [PageIn(4, "write", "Mine")]


async def test_the_ledger_out_of_reach_loses_nothing() -> None:
    async with site() as s:
        page = await opened(s)
        s.ledger.fail = [Retry("locked"), OSError("full")]
        for _ in range(2):
            page = await s.browser.submit(page, "write", [PHOTO], text="Keep me")
            assert page.status == 503 and "Nothing was sent yet" in page.text("div.banner")
            assert page.value("text") == "Keep me" and "bench.png" in page.text("ul.kept")
        done = await s.browser.submit(page, "write")
        assert done.status == 200 and [a.text for a in acts(s)] == ["Keep me"]
        assert [f.data for f in acts(s)[0].attachments] == [PNG]


async def test_a_try_that_did_arrive_is_not_repeated_by_the_next() -> None:
    """The commit happened and its answer was lost."""
    async with site() as s:
        page = await opened(s)
        await s.browser.submit(page, "write", text="Once")
        s.ledger.fail = [Retry("cut off")]
        again = await s.browser.submit(page, "write", text="Once")
        assert again.status == 503
        assert (await s.browser.submit(again, "write")).status == 200 and len(acts(s)) == 1


# ------------------------------------------------------------------ buttons


@pytest.mark.parametrize("act", ["by_page", "by_mail", "remind"])
async def test_a_button_is_an_act(act: str) -> None:
    changes = {
        "by_page": {},
        "by_mail": {"reach": "page"},
        "remind": {"reach": "unconfirmed", "confirmed": False, "letter": "sent"},
    }[act]
    async with site() as s:
        page = await opened(s, **changes)  # type: ignore[arg-type]
        for _ in range(2):
            done = await s.browser.submit(page, act)
            assert done.status == 200 and f"done={act}" in done.url
        assert acts(s) == [PageIn(4, act)]  # type: ignore[arg-type]


@pytest.mark.parametrize("act", ["withdraw", "erase"])
async def test_what_cannot_be_taken_back_is_asked_first(act: str) -> None:
    async with site() as s:
        path = put(s)
        page = await s.browser.get(path)
        assert (("_do", act)) not in [b for f in page.forms for b in f.buttons]
        assert any(x.startswith(f"{path}/ask/{act}") for x in page.links)
        asked = await s.browser.get(f"{path}/ask/{act}")
        assert not s.ledger.arrivals
        done = await s.browser.submit(asked, act)
        assert f"done={act}" in done.url and acts(s) == [PageIn(4, act)]  # type: ignore[arg-type]
        s.ledger.fail = [Retry("locked")]
        failed = await s.browser.submit(await s.browser.get(f"{path}/ask/{act}"), act)
        assert failed.status == 503 and "Nothing was sent yet" in failed.text()


async def test_the_language_is_kept() -> None:
    async with site() as s:
        page = await opened(s)
        done = await s.browser.submit(page, "language", language="de")
        assert "lang=de" in done.url and done.heading.startswith("Ihre Einsendung")
        assert acts(s) == [PageIn(4, "language", language="de")]
        for unknown in ("fr", "", "<b>"):
            assert (await s.browser.submit(page, "language", language=unknown)).status == 400
        assert len(acts(s)) == 1


async def test_changing_answers_begins_a_draft_of_them() -> None:
    async with site() as s:
        page = await opened(s)
        check = await s.browser.submit(page, "change")
        assert check.status == 200 and "/f/short/d/" in check.url and "Benches" in check.text()
        (draft,) = s.store.drafts.values()
        assert draft.changes == 4 and dict(draft.values).items() >= VALUES.items()
        assert not s.ledger.arrivals
        question = await s.browser.get(next(x for x in check.links if "/q/idea" in x))
        check = await s.browser.submit(question, "continue", idea="Shade only")
        done = await s.browser.submit(check, "send")
        assert done.url.startswith(page.url) and "Your changes have been sent" in done.text("div.banner")
        (act,) = acts(s)
        assert act.act == "change" and [(c.before, c.after) for c in act.changes] == [
            ("Benches\nand shade", "Shade only")
        ]


async def test_a_closed_form_is_not_changed() -> None:
    async with site() as s:
        page = await opened(s)
        s.store.pages[4] = s.store.pages[4].__class__(
            **{f: getattr(s.store.pages[4], f) for f in s.store.pages[4].__slots__} | {"state": "withdrawn"}
        )
        done = await s.browser.submit(page, "change")
        assert done.url.split("?")[0] == page.url and not s.store.drafts


# ------------------------------------------------------------------ a new address


async def test_a_new_address_ends_the_old_one() -> None:
    async with site() as s:
        path = put(s)
        asked = await s.browser.get(f"{path}/ask/address")
        done = await s.browser.submit(asked, "revoke")
        assert done.status == 200 and done.heading.startswith("Your submission")
        new = done.url.split("?")[0]
        assert new != path and "done=revoke" in done.url
        for below in ("", "/sent", "/ask/erase", "/receipt.json", "/data.json", "/copy.pdf", "/code.svg"):
            assert (await s.browser.get(path + below)).status == 404
        assert (await s.browser.post(path, [("_once", "x"), ("_do", "write"), ("text", "x")])).status == 404
        assert (await s.browser.get(new)).status == 200 and not s.ledger.arrivals


async def test_a_double_click_on_a_new_address_does_not_lose_the_page() -> None:
    async with site() as s:
        asked = await s.browser.get(put(s) + "/ask/address")
        pages = await asyncio.gather(*(s.browser.submit(asked, "revoke") for _ in range(4)))
        pages.append(await s.browser.submit(asked, "revoke"))
        assert {p.status for p in pages} == {200} and len({p.url for p in pages}) == 1
        assert s.store.turns == {4: 1}


async def test_who_had_the_old_address_does_not_get_the_new_one() -> None:
    async with site() as s:
        path = put(s)
        spied = await s.browser.get(f"{path}/ask/address")
        await s.browser.submit(await s.browser.get(f"{path}/ask/address"), "revoke")
        late = await s.browser.submit(spied, "revoke")
        assert late.status == 404 and "/t/" not in "".join(late.links)


# ------------------------------------------------------------------ what is not done


async def test_nothing_is_done_without_a_number_of_this_page() -> None:
    async with site() as s:
        page, other = await opened(s), await opened(s, id=9)
        wrong = [None, "", "x", "é", other.value("_once") or "", (page.value("_once") or "")[:-2] + "AA"]
        for once in wrong:
            told = await s.browser.submit(page, "write", text="My words", _once=once)
            assert told.status == 422 and told.value("text") == "My words"
            assert "open for more than a day" in told.text("div.banner")
            for act in ("by_page", "language", "change"):
                assert (await s.browser.submit(page, act, _once=once)).status == 422
        assert not s.ledger.arrivals and not s.store.drafts


async def test_a_page_that_was_open_for_a_day_says_so_and_keeps_the_words() -> None:
    async with site() as s:
        page = await opened(s)
        s.clock.now += LIFETIME + 1
        late = await s.browser.submit(page, "write", [PHOTO], text="My words")
        assert late.status == 422 and late.value("text") == "My words"
        done = await s.browser.submit(late, "write")
        assert done.status == 200 and acts(s)[0].attachments[0].data == PNG


@pytest.mark.parametrize("do", ["", "confirm", "forget", "write ", "WRITE", "release"])
async def test_an_unknown_act_is_none(do: str) -> None:
    async with site() as s:
        page = await opened(s)
        once = page.value("_once") or ""
        answer = await s.browser.post(page.url, [("_once", once), ("_do", do), ("text", "x")])
        assert answer.status == 400 and not s.ledger.arrivals


async def test_other_sites_cannot_act() -> None:
    async with site() as s:
        page = await opened(s)
        values = [("_once", page.value("_once") or ""), ("_do", "withdraw")]
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert (await s.browser.post(page.url, values, headers=headers)).status == 403
        assert not s.ledger.arrivals


async def test_the_store_out_of_reach_is_a_page() -> None:
    async with site() as s:
        path = put(s)
        s.store.fail = [Retry("locked")]
        failed = await s.browser.get(path)
        assert failed.status in (500, 503) and failed.heading and "Benches" not in failed.html


# ------------------------------------------------------------------ the channel


async def test_the_channel_reads_acts_and_delivers_answers_to_pages() -> None:
    async with site() as s:

        async def save(progress: object) -> None:
            raise AssertionError(progress)

        async def load(blob: int) -> bytes:
            raise AssertionError(blob)

        out = Outgoing(1, "mail", {}, {}, 0, 0, lambda _: lambda _: None, save, load)
        assert (await s.channel.deliver(out)).facts == {"message_id": None}
        other = Outgoing(1, "letter", {}, {}, 0, 0, lambda _: lambda _: None, save, load)
        with pytest.raises(Broken):
            await s.channel.deliver(other)
        raw = pack_page(PageIn(4, "erase"))
        assert await s.channel.read(Item(1, Source.FORM, "page", raw, {})) == PageIn(4, "erase")
        for kind, stored in (("page", raw[:-3]), ("submission", raw), ("resume", raw), ("other", raw)):
            with pytest.raises(Broken):
                await s.channel.read(Item(1, Source.FORM, kind, stored, {}))
