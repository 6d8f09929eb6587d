"""Reading what others sent (CVE-2026-28803: a form service gave submissions by their number).

A page is found by a token of 128 bits and by nothing else: neither by the reference that stands in mails
and on paper, nor by a number, nor from another page.  Numbers of files and drafts say nothing to who is
not on their own page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

from bridge.formstore import PageFile
from tests.forms.a_case import a_page, put
from tests.forms.routes import addresses
from tests.forms.site import PDF, PNG, Page, Site, multipart, settings, site
from tests.forms.walking import ANSWERS, to_question

SECRET = "Only Ada wrote this"
UNCOUNTED = replace(settings(), proxies=(ip_network("127.0.0.0/8"),))
"""Guesses are counted by network (`tests/forms/test_guard.py`); here each one is looked at."""


async def submitted(s: Site, words: str = SECRET) -> Page:
    return await s.browser.submit(await s.to_check(idea=words), "send")


def token_of(page: Page) -> str:
    return page.url.split("/")[2].partition("?")[0]


def guesses(s: Site) -> Iterator[str]:
    """What somebody may know of a submission, or try: reference, numbers, digests, its draft, its files."""
    (page,) = s.store.pages.values()
    (draft,) = s.store.drafts.values()
    yield from (
        page.reference,
        page.reference.lower(),
        str(page.id),
        str(draft.id),
        f"{page.id:x}",
        "0",
        "1",
        "-1",
    )
    yield from (page.slug, page.form, page.title, page.receipt[:60], "", "*", "%", "null", "undefined", "%2F")
    yield from re.findall(r"[0-9a-f]{64}", page.receipt)
    yield s.sent[0].digest
    yield from (arrival.key for arrival in s.ledger.arrivals.values())


async def test_nothing_is_found_by_what_can_be_known() -> None:
    async with site(chosen=UNCOUNTED) as s:
        done = await submitted(s)
        token, draft = token_of(done), next(iter(s.store.tokens))
        confirm = s.store.confirm_token(next(iter(s.store.pages)))
        near = [token[:-1], token + "A", token.swapcase(), token[::-1], token + "/", token.lower()]
        for guess in [*guesses(s), draft, *near]:
            for path in (
                "",
                "/sent",
                "/receipt.json",
                "/data.json",
                "/data.html",
                "/copy.pdf",
                "/file/1",
                "/code.svg",
            ):
                got = await s.browser.get(f"/t/{guess}{path}")
                assert SECRET not in got.html and got.status in (400, 404, 405), (guess, path, got.status)
        for guess in [*guesses(s), token, draft]:
            assert (await s.browser.get(f"/c/{guess}")).status in (404, 405)
        for guess in [*guesses(s), token, confirm]:
            got = await s.browser.get(f"/f/short/d/{guess}/check")
            assert got.status in (404, 410) and SECRET not in got.html, guess
        assert SECRET in (await s.browser.get(f"/t/{token}")).html, "who knows the token reads it"


async def test_no_address_looks_a_reference_up() -> None:
    """Every page and every form of the pages, with a reference in every place that can be filled."""
    async with site(chosen=UNCOUNTED) as s:
        await submitted(s)
        reference = s.sent[0].reference
        places = dict.fromkeys(("token", "code", "id", "name", "question", "what", "form"), reference)
        for place in places:
            for path in addresses(s, "GET", **{place: reference}):
                got = await s.browser.get(f"{path}?reference={reference}&q={reference}&code={reference}")
                assert SECRET not in got.html, path
            for path in addresses(s, "POST", **{place: reference}):
                sent = [
                    (name, reference) for name in ("code", "reference", "token", "_once", "_view", "text")
                ]
                got = await s.browser.post(path, sent)
                assert SECRET not in got.html, path


async def test_tokens_have_128_bits_and_nothing_in_common() -> None:
    async with site() as s:
        tokens = [token_of(await submitted(s, f"Idea {n}")) for n in range(20)]
        assert len({token[:6] for token in tokens}) == 20
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in [*tokens, *s.store.tokens])
        references = [sent.reference for sent in s.sent]
        assert len(set(references)) == 20
        for token, sent in zip(tokens, s.sent, strict=True):
            assert not {str(sent.page), sent.reference, sent.digest[:8]} & {token}


async def test_numbers_stand_in_no_address() -> None:
    """Who sees an address of their own cannot count up to another's."""
    async with site() as s:
        page = await to_question(s, "everything", "papers", **ANSWERS)
        page = await s.browser.submit(page, "add", [("papers", "a.pdf", "application/pdf", PDF)])
        (draft,) = s.store.drafts.values()
        addressed = [page.url, *page.links, *(form.action for form in page.forms)]
        assert not [path for path in addressed if f"/{draft.id}" in path]


async def test_the_files_of_another_page_are_not_given() -> None:
    async with site() as s:
        mine, theirs = put(s, a_page(id=4)), put(s, replace(a_page(id=5), reference="PARK-0000-00"))
        s.store.page_files[(5, 88)] = (PageFile(88, "plan.pdf", "application/pdf", len(PDF)), PDF)
        for number in (88, "088", "88.0", "+88", "0x58", "٨٨", "5/88", "88%00", "88/../88"):
            assert (await s.browser.get(f"{mine}/file/{number}")).status == 404
        async with s.browser.session.get(f"{s.browser.root}{theirs}/file/88") as answer:
            assert answer.status == 200 and await answer.read() == PDF


async def test_the_files_of_another_draft_can_be_neither_seen_nor_removed_nor_taken() -> None:
    async with site() as s:
        theirs = await to_question(s, "everything", "papers", **ANSWERS)
        theirs = await s.browser.submit(theirs, "add", [("papers", "Ada.pdf", "application/pdf", PDF)])
        (file,) = next(iter(s.store.drafts.values())).files
        mine = await to_question(s, "everything", "papers", **ANSWERS)
        for name in ("_remove", "papers", "papers--kept", "id"):
            values = [(name, str(file.id)), ("_do", "add")]
            data = multipart(values, [("x", "x", "text/plain", b"x")])
            async with s.browser.session.post(s.browser.root + mine.forms[0].action, data=data) as answer:
                assert "Ada.pdf" not in await answer.text()
        assert file.id in s.store.contents
        other = max(s.store.drafts)
        assert s.store.drafts[other].files == ()


async def test_a_message_takes_no_files_of_a_draft_along() -> None:
    """`?draft=` names the draft that holds a message's own files; another one is not opened."""
    async with site() as s:
        page = await to_question(s, "everything", "papers", **ANSWERS)
        await s.browser.submit(page, "add", [("papers", "Ada.png", "image/png", PNG)])
        stolen = next(iter(s.store.tokens))
        address = put(s)
        case = await s.browser.get(address)
        values = [("_once", case.value("_once") or ""), ("text", "Hello"), ("_do", "write")]
        await s.browser.post(f"{address}?draft={stolen}", values)
        (write,) = s.ledger.of("page")
        assert b"Ada.png" not in write.raw
        assert list(s.store.contents.values()) == [PNG], "and they are still where they belong"


async def test_a_sent_form_shows_nothing_to_who_has_the_form() -> None:
    """The list, the start page and the code page are the same for everybody."""
    async with site() as s:
        done = await submitted(s)
        token, reference = token_of(done), s.sent[0].reference
        for path in ("/", "/f/short", "/f/short/return", "/static/folkmoot.css", "/theme/short.css"):
            async with s.browser.session.get(s.browser.root + path) as answer:
                shown = await answer.text() + str(answer.headers)
            assert SECRET not in shown and reference not in shown and token not in shown
