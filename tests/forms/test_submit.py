"""Posted values against the form: the words of errors, what is kept, and the way to the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Broken
from bridge.forms.fields import MEGABYTE
from bridge.forms.schema import parse
from bridge.forms.submit import check, email_address, lost, pack, submission, unpack, uploaded
from bridge.forms.tokens import LIFETIME, Receipt, Tokens, View
from bridge.forms.words import TABLES, Words, choose
from bridge.model import Attachment, FormIn
from tests.forms.site import EVERYTHING, PNG, SECRET, Counter, everything

EN = Words("en")
FORM = everything().form
GOOD: Mapping[str, Sequence[str]] = {
    "name": ["Ana"],
    "mail": ["ana@example.org"],
    "words": ["Shade"],
    "one": ["a"],
    "many": ["a", "b"],
    "agree": ["yes"],
    "day--day": ["1"],
    "day--month": ["02"],
    "day--year": ["2027"],
}
FILES = {"papers": [uploaded("a.png", "image/png", PNG)]}


def errors(values: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(a.anchor, a.error or "") for a in check(FORM, {**GOOD, **values}, FILES, EN).errors]


def test_good_answers_have_no_errors() -> None:
    assert errors({}) == []


@pytest.mark.parametrize(
    ("values", "anchor", "words"),
    [
        ({"name": ["x" * 21]}, "name", "“Your name” must be 20 characters or less. You wrote 21."),
        ({"name": ["\u202e\u202c"]}, "name", "Enter your name"),
        ({"words": [" \r\n "]}, "words", "Enter an answer to “Your words”"),
        ({"one": []}, "one", "Select an answer to “Which one?”"),
        ({"one": ["z"]}, "one", "Select one of the answers shown to “Which one?”"),
        ({"one": ["a", "b"]}, "one", "Select one of the answers shown to “Which one?”"),
        ({"many": []}, "many", "Select at least one answer to “Which of them?”"),
        ({"many": ["a", "z"]}, "many", "Select one of the answers shown to “Which of them?”"),
        ({"agree": ["no"]}, "agree", "Tick the box “I agree” to continue"),
        ({"day--month": []}, "day--month", "“The day” must include a month"),
        ({"day--day": [], "day--year": [" "]}, "day--day", "“The day” must include a day and a year"),
        ({"day--day": ["30"]}, "day--day", "“The day” must be a real date"),
        ({"day--day": ["x"]}, "day--day", "“The day” must be a real date"),
        ({"day--year": ["27"]}, "day--year", "The year of “The day” must have 4 numbers"),
        ({"day--year": ["٢٠٢٧"]}, "day--day", "“The day” must be a real date"),
        ({"mail": [""]}, "mail", "Enter an e-mail address"),
        ({"mail": ["ana"]}, "mail", "Enter an e-mail address in the format name@example.org"),
    ],
)
def test_words_of_errors(values: dict[str, list[str]], anchor: str, words: str) -> None:
    assert errors(values) == [(anchor, words)]


def test_words_of_files() -> None:
    small = [uploaded(f"{i}.png", "", PNG + bytes([i])) for i in range(3)]
    big = uploaded("big.png", "", PNG + b"x" * MEGABYTE)
    cases = {
        "Choose a file for “Your papers”": [],
        "You can add up to 2 files. “2.png” was not added": small,
        "“big.png” must be smaller than 1 MB": [big],
        "“empty.png” is empty. Choose another file": [uploaded("empty.png", "image/png", b"")],
        "“a.html” must be one of these types: PNG or PDF": [uploaded("a.html", "image/png", b"<html>")],
        "Choose “gone.png” again: it is no longer stored here": [lost("abc:gone.png")],
    }
    for words, sent in cases.items():
        (answer,) = check(FORM, GOOD, {"papers": sent}, EN).errors
        assert answer.error == words
    kept = check(FORM, GOOD, {"papers": small}, EN).uploads["papers"]
    assert [u.name for u in kept] == ["0.png", "1.png"]
    twice = check(FORM, GOOD, {"papers": [small[0], small[0]]}, EN)
    assert not twice.errors and len(twice.uploads["papers"]) == 1


def test_all_files_together_have_a_limit() -> None:
    text = EVERYTHING.replace("max_mb: 1", "max_mb: 10")
    form = parse(text, "f.yaml")
    sent = [uploaded(f"{i}.png", "", PNG + bytes([i]) * (9 * MEGABYTE)) for i in range(2)]
    (answer,) = check(form, GOOD, {"papers": sent}, EN).errors
    assert answer.error == "All files together must be smaller than 18 MB. “1.png” was not added"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@example.org", "ana@example.org"),
        ("Ana.B+c@Example.ORG", "Ana.B+c@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@localhost", None),
        ("ana@example..org", None),
        (".ana@example.org", None),
        ("a..b@example.org", None),
        ("ana@-example.org", None),
        ("ana@127.0.0.1", None),
        ("ana@[127.0.0.1]", None),
        ("a,b@example.org", None),
        ('"ana b"@example.org', None),
        ("ana@example.org\r\nBcc: x@y.z", None),
        ("ana@example.org>", None),
        ("a@b@example.org", None),
        ("x" * 65 + "@example.org", None),
        ("ana@" + "x" * 250 + ".org", None),
        ("@example.org", None),
        ("", None),
    ],
)
def test_addresses(text: str, address: str | None) -> None:
    assert email_address(text) == address


@given(st.text(max_size=60) | st.from_regex(r".{0,8}@.{0,8}\..{0,4}", fullmatch=True))
def test_no_address_carries_a_header(text: str) -> None:
    address = email_address(text)
    if address is not None:
        assert re.fullmatch(r"[!-~]+@[a-z0-9.-]+", address) and not set(address) & set('<>,;:"()[]\\')
        assert email_address(address) == address


names = st.sampled_from(
    [
        "name",
        "mail",
        "words",
        "one",
        "many",
        "agree",
        "day",
        "day--day",
        "day--month",
        "day--year",
        "papers",
        "x",
    ]
)
texts = st.text(max_size=30) | st.sampled_from(["a", "yes", "29", "2", "2027", "ana@example.org", "9" * 400])
posted = st.dictionaries(names, st.lists(texts, max_size=3))
sent = st.lists(st.builds(uploaded, st.text(max_size=9), st.just(""), st.binary(max_size=9)), max_size=3)


@given(posted, sent, st.sampled_from(sorted(TABLES)))
def test_anything_posted_is_answered_and_carried(
    values: dict[str, list[str]], files: list[object], language: str
) -> None:
    words = Words(language)
    checked = check(FORM, values, {"papers": files}, words)  # type: ignore[dict-item]
    assert len(checked.answers) == len(FORM.fields)
    again: dict[str, list[str]] = {}
    for answer in checked.answers:
        for name, value in answer.carry:
            again.setdefault(name, []).append(value)
    twice = check(FORM, again, checked.uploads, words)
    assert twice.digest == checked.digest
    assert [a.text for a in twice.answers] == [a.text for a in checked.answers]
    if not checked.errors:
        assert not twice.errors
        form = submission(everything(), checked, "BUDG-0000-00", language)
        assert unpack(pack(form)) == form


def test_the_digest_is_of_the_answers_not_of_the_language() -> None:
    english, german = (check(FORM, GOOD, FILES, Words(x)) for x in ("en", "de"))
    assert english.digest == german.digest != check(FORM, {**GOOD, "one": ["b"]}, FILES, EN).digest
    other = {"papers": [uploaded("a.png", "", PNG + b"!")]}
    assert check(FORM, GOOD, other, EN).digest != english.digest


forms = st.builds(
    FormIn,
    slug=st.text(),
    form=st.text(),
    title=st.text(),
    reference=st.text(),
    language=st.text(),
    name=st.text(),
    address=st.none() | st.text(),
    answers=st.lists(st.tuples(st.text(), st.text())).map(tuple),
    attachments=st.lists(st.builds(Attachment, st.text(), st.text(), st.binary())).map(tuple),
)


@given(forms)
def test_pack_and_unpack_are_inverse(form: FormIn) -> None:
    assert unpack(pack(form)) == form


@given(forms, st.data())
def test_damage_is_broken(form: FormIn, data: st.DataObject) -> None:
    raw = pack(form)
    cut = data.draw(st.integers(0, len(raw) - 1))
    for damaged in (raw[:cut], raw + b"x", b"x" + raw):
        with pytest.raises(Broken):
            unpack(damaged)


@given(st.binary(max_size=80))
def test_foreign_bytes_are_broken(raw: bytes) -> None:
    for damaged in (raw, b"FMF1" + raw):
        with pytest.raises(Broken):
            unpack(damaged)


# ------------------------------------------------------------------ words and tokens


def test_every_language_has_the_same_words_and_values() -> None:
    def shape(table: Mapping[str, str]) -> dict[str, set[str | None]]:
        return {k: {name for _, name, _, _ in Formatter().parse(v) if name} for k, v in table.items()}

    shapes = {x: shape(t) for x, t in TABLES.items()}
    assert shapes["de"] == shapes["en"] == shapes["fr"]
    for table in TABLES.values():
        for text in table.values():
            assert not re.search(
                r"\b(invalid|please|sorry|bitte|ungültig|désolé|invalide)\b", text, re.IGNORECASE
            )


@given(
    st.text(max_size=60)
    | st.from_regex(r"[a-z]{2}(-[A-Z]{2})?(;q=[0-9.]{1,4})?(, ?[a-z]{2}(;q=.{0,4})?){0,3}")
)
def test_any_accept_language_gives_a_language(header: str) -> None:
    assert choose(None, header, ("de", "en")) in ("de", "en")


def test_languages_are_ranked() -> None:
    assert choose(None, "fr, en;q=0.5, de;q=0.7", ("en", "de")) == "de"
    assert choose(None, "en;q=0", ("de", "en")) == "de"
    assert choose("en", "de", ("de", "en")) == "en" and choose("fr", "", ("de", "en")) == "de"


def test_numbers_are_written_as_the_language_does() -> None:
    assert [Words(x).number(12345) for x in ("en", "de", "fr")] == ["12,345", "12.345", "12\u202f345"]


def test_tokens_are_bound_to_form_secret_and_time() -> None:
    tokens, view = Tokens(SECRET), View(bytes(range(16)), 1000)
    token = tokens.issue("park", view)
    assert tokens.read("park", token, 1000 + LIFETIME) == view
    assert tokens.read("park", token, 1001 + LIFETIME) is None
    assert tokens.read("other", token, 1000) is None
    assert Tokens(b"t" * 32).read("park", token, 1000) is None
    for i in range(len(token)):
        changed = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :]
        assert tokens.read("park", changed, 1000) is None
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(b"short")


def test_receipts_are_sealed() -> None:
    tokens = Tokens(SECRET)
    receipt = Receipt("PARK-7F3K-9Q", mail=True)
    sealed = tokens.seal("park", receipt)
    assert tokens.open("park", sealed) == receipt and tokens.seal("park", receipt) == sealed
    assert "PARK" not in sealed and tokens.open("other", sealed) is None
    assert Tokens(b"t" * 32).open("park", sealed) is None
    for i in range(len(sealed)):
        changed = sealed[:i] + ("A" if sealed[i] != "A" else "B") + sealed[i + 1 :]
        assert tokens.open("park", changed) is None


def test_ten_thousand_guesses_open_nothing() -> None:
    tokens, random = Tokens(SECRET), Counter()
    sealed = tokens.seal("park", Receipt("PARK-7F3K-9Q", mail=False))
    for _ in range(10_000):
        guess = random(len(sealed)).hex()[: len(sealed)]
        assert tokens.open("park", guess) is None and tokens.read("park", guess, 0) is None


def test_marks_follow_nonce_answers_and_attempt() -> None:
    tokens, view = Tokens(SECRET), View(b"n" * 16, 0)
    mark = tokens.mark(view, b"a", "park-2027", 0)
    assert mark == tokens.mark(view, b"a", "park-2027", 0)
    others = [
        tokens.mark(View(b"m" * 16, 0), b"a", "park-2027", 0),
        tokens.mark(view, b"b", "park-2027", 0),
        tokens.mark(view, b"a", "park-2027", 1),
    ]
    assert len({m.key for m in (mark, *others)}) == len({m.reference for m in (mark, *others)}) == 4
