"""The receipt: the same bytes for the same submission, and everything that was sent in them."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from bridge.forms.answers import Checked, check
from bridge.forms.receipt import digest, receipt
from bridge.forms.words import Words
from tests.forms.every_type import FILES, FORM, GOOD

AT = 1_806_152_700_123


def made(checked: Checked, language: str = "en", at: int = AT) -> str:
    return receipt(FORM, checked, reference="BUDG-7F3K-9Q", received=at, language=language)


def answers(language: str = "en", **more: str) -> Checked:
    return check(FORM, {**GOOD, **{k: [v] for k, v in more.items()}}, FILES, Words(language))


def test_the_receipt_says_what_was_sent() -> None:
    told = json.loads(made(answers()))
    assert {k: v for k, v in told.items() if k != "answers"} == {
        "version": 1,
        "form": "every-type",
        "title": "Every type",
        "reference": "BUDG-7F3K-9Q",
        "received": "2027-03-27T13:05:00Z",
        "language": "en",
        "notice": "2027-03",
    }
    assert [a["id"] for a in told["answers"]] == [q.id for q in FORM.questions if q.id != "why"]
    by_id = {a.pop("id"): a for a in told["answers"]}
    assert by_id["name"] == {"question": "Your name", "answer": "Ada Citizen", "files": []}
    assert by_id["many"]["answer"] == "Apple\nPear"
    assert by_id["more"] == {"question": "More", "answer": "", "files": []}
    assert by_id["papers"] == {
        "question": "Your papers",
        "answer": "",
        "files": [{"name": "plan.png", "size": 900, "sha256": "digest of plan.png"}],
    }


def test_its_digest_is_that_of_the_bytes_that_are_downloaded() -> None:
    text = made(answers("ar"), "ar")
    assert digest(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert "كل نوع" in text, "readable, not escaped"


@given(st.text(max_size=100))
def test_the_text_is_canonical(words: str) -> None:
    """RFC 8785: read and written again with sorted keys and no white space, it is the same."""
    text = made(answers(words=words))
    again = json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert again == text and text.encode("utf-8").decode("utf-8") == text


def test_everything_counts() -> None:
    base = digest(made(answers()))
    others = [
        made(answers(words="Sun")),
        made(answers("de"), "de"),
        made(answers(), at=AT + 1000),
        receipt(FORM, answers(), reference="BUDG-0000-00", received=AT, language="en"),
    ]
    assert len({base, *(digest(o) for o in others)}) == 5
    assert digest(made(answers(), at=AT + 1)) == base, "of the time it keeps the seconds"
