"""The way to the ledger: a submission in two languages, what a change changes, and bytes and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import Broken
from bridge.forms.answers import check
from bridge.forms.schema import OpenForm, parse
from bridge.forms.submit import (
    changes,
    desk_language,
    pack,
    pack_page,
    pack_resume,
    submission,
    unpack,
    unpack_page,
    unpack_resume,
)
from bridge.forms.words import Words
from bridge.inbound import AnswerChange, FormAnswer, FormIn, PageIn, ResumeIn
from bridge.model import Attachment
from tests.forms.every_type import FILES, FORM, FORM_TEXT, GOOD, OPEN

PNG = Attachment("plan.png", "image/png", b"\x89PNG")


def sent(language: str = "ar", opened: OpenForm = OPEN, **more: str) -> FormIn:
    checked = check(opened.form, {**GOOD, **{k: [v] for k, v in more.items()}}, FILES, Words(language))
    return submission(
        opened,
        checked,
        "BUDG-7F3K-9Q",
        language,
        page=7,
        digest="d" * 64,
        attachments=[PNG],
        suspicions=["spam_fast"],
        network="192.0.2.0/24",
    )


def test_a_submission_is_in_the_citizen_s_language_and_in_the_desk_s() -> None:
    form = sent()
    assert (form.slug, form.form, form.reference, form.language) == (
        "budget-2028",
        "every-type",
        "BUDG-7F3K-9Q",
        "ar",
    )
    assert (form.title, form.staff_title) == ("كل نوع", "Jede Art")
    assert (form.name, form.address, form.attachments) == ("Ada Citizen", "ada@citizen.example", (PNG,))
    assert (form.page, form.confirm, form.notice, form.retention_days) == (7, "after", "2027-03", 365)
    assert (form.digest, form.suspicions, form.network) == ("d" * 64, ("spam_fast",), "192.0.2.0/24")
    answers = {a.id: a for a in form.answers}
    assert list(answers) == [q.id for q in FORM.questions if q.id not in ("name", "mail", "why", "more")], (
        "in order; what is not asked, not answered or has a role is not among them"
    )
    assert answers["width"] == FormAnswer(
        "width", "ما العرض؟", "12.5\u00a0متر", "Wie breit?", "12,5\u00a0Meter"
    )
    assert answers["many"].staff_text == "Apfel\nBirne" and answers["day"].staff_text == "1. Februar 2027"
    assert {a.id for a in form.answers if a.personal} == {"phone", "home"}


def test_without_an_address_there_is_nothing_to_confirm() -> None:
    opened = dataclasses.replace(
        OPEN, form=parse(FORM_TEXT.replace("address, required: true", "address"), "f.yaml")
    )
    form = sent("en", opened, mail="")
    assert form.address is None and form.confirm == "none"


def test_the_desk_reads_what_the_form_has() -> None:
    assert [desk_language(FORM, x) for x in ("de", "ar", "fr")] == ["de", "ar", "en"]
    plain = parse("{id: f, title: Idea, questions: [{id: a, type: text, label: What}]}", "f.yaml")
    assert desk_language(plain, "fr") == "fr" and desk_language(plain, "xx") == "en"


def test_changes_are_what_staff_have_to_know() -> None:
    after = {
        **GOOD,
        "width": ["12,50"],
        "one": ["b"],
        "why": ["It is green"],
        "trees": [""],
        "day--day": ["01"],
    }
    assert changes(FORM, GOOD, after, "de") == (
        AnswerChange("Welcher?", "Apfel", "Birne"),
        AnswerChange("Wie viele Bäume?", "1.200", ""),
        AnswerChange("Warum Birne?", "", "It is green"),
    )
    assert changes(FORM, after, GOOD, "en")[0] == AnswerChange("Which one?", "Pear", "Apple")
    assert changes(FORM, after, GOOD, "en")[2] == AnswerChange("Why a pear?", "It is green", "")
    assert changes(FORM, after, after, "de") == ()


# ------------------------------------------------------------------ bytes and back

Packed = FormIn | PageIn | ResumeIn
Way = tuple[Callable[[Any], bytes], Callable[[bytes], Packed]]


def whole(kind: type[Packed]) -> st.SearchStrategy[Packed]:
    """With every field drawn, so that a new one cannot be forgotten on its way."""
    return st.builds(kind, **{f.name: ... for f in dataclasses.fields(kind)})


packed_things = whole(FormIn) | whole(PageIn) | whole(ResumeIn)

WAYS: Mapping[type[Packed], Way] = {
    FormIn: (pack, unpack),
    PageIn: (pack_page, unpack_page),
    ResumeIn: (pack_resume, unpack_resume),
}


@settings(max_examples=2000, deadline=None)
@given(packed_things)
def test_packing_and_unpacking_are_inverse(packed: Packed) -> None:
    to_bytes, back = WAYS[type(packed)]
    raw = to_bytes(packed)
    assert back(raw) == packed
    for other in (unpack, unpack_page, unpack_resume):
        if other is not back:
            with pytest.raises(Broken):
                other(raw)


@settings(deadline=None)
@given(packed_things, st.data())
def test_damage_is_broken(packed: Packed, data: st.DataObject) -> None:
    to_bytes, back = WAYS[type(packed)]
    raw = to_bytes(packed)
    cut = data.draw(st.integers(0, len(raw) - 1))
    for damaged in (raw[:cut], raw + b"x", b"x" + raw):
        with pytest.raises(Broken):
            back(damaged)


def framed(mark: bytes, head: bytes) -> bytes:
    return mark + len(head).to_bytes(4, "big") + head


@settings(deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"", b"FMF1", b"FMF2", b"FMP1", b"FMR1"]))
def test_foreign_bytes_are_broken(raw: bytes, mark: bytes) -> None:
    for damaged in (mark + raw, framed(mark, raw)):
        for back in (unpack, unpack_page, unpack_resume):
            with pytest.raises(Broken):
                back(damaged)


HEAD = {"page": 1, "act": "write", "text": "", "changes": [], "language": "", "files": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "dance"},
        {"page": "1"},
        {"text": None},
        {"more": 1},
        {"attachments": []},
        {"files": [["a", "b", -1]]},
        {"files": [["a", "b", True]]},
        {"files": {}, "changes": [{}]},
    ],
)
def test_a_head_that_is_not_ours_is_broken(wrong: dict[str, object]) -> None:
    assert unpack_page(framed(b"FMP1", json.dumps(HEAD).encode())) == PageIn(1, "write")
    with pytest.raises(Broken):
        unpack_page(framed(b"FMP1", json.dumps({**HEAD, **wrong}).encode()))
    for head in (b"[]", b"null", b'"x"'):
        with pytest.raises(Broken):
            unpack_page(framed(b"FMP1", head))


def test_what_the_first_version_packed_is_still_read() -> None:
    head = {
        "slug": "park-2027",
        "form": "park-ideas",
        "title": "Ideas",
        "reference": "PARK-7F3K-9Q",
        "language": "en",
        "name": "Ada Citizen",
        "address": None,
        "answers": [["What?", "Shade"]],
        "files": [["plan.png", "image/png", 4]],
    }
    form = unpack(framed(b"FMF1", json.dumps(head).encode()) + PNG.data)
    assert form == FormIn(
        slug="park-2027",
        form="park-ideas",
        title="Ideas",
        staff_title="Ideas",
        reference="PARK-7F3K-9Q",
        language="en",
        name="Ada Citizen",
        address=None,
        answers=(FormAnswer("", "What?", "Shade", "What?", "Shade"),),
        attachments=(PNG,),
    )
