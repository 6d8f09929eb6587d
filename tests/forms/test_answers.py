"""Posted values against the questions: what is accepted, how it is said, and the words of errors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.forms.answers import YES, applying, check, check_one, replaced
from bridge.forms.fields import ADDRESS_PARTS, DATE_PARTS, MEGABYTE
from bridge.forms.months import month_number
from bridge.forms.numerals import kept_number, read_number
from bridge.forms.schema import Form, parse
from bridge.forms.words import TABLES, Words
from bridge.forms.written import email_address
from bridge.formstore import DraftFile
from tests.forms.every_type import FILES, FORM, FORM_TEXT, GOOD, a_file

EN, DE, AR = Words("en"), Words("de"), Words("ar")
OPTIONAL = parse(FORM_TEXT.replace("required: true", "required: false"), "optional.yaml")


def errors(values: Mapping[str, Sequence[str]], form: Form = FORM) -> list[tuple[str, str]]:
    return [(a.anchor, a.error or "") for a in check(form, {**GOOD, **values}, FILES, EN).errors]


def text(values: Mapping[str, Sequence[str]], question: str, words: Words = EN) -> str:
    checked = check(FORM, {**GOOD, **values}, FILES, words)
    return next(a.text for a in checked.answers if a.field.id == question)


def test_good_answers_have_no_errors() -> None:
    assert errors({}) == []


def test_nothing_is_good_enough_where_nothing_is_required() -> None:
    checked = check(OPTIONAL, {}, {}, EN)
    assert not checked.errors and not any(a.text or a.carry for a in checked.answers)


@pytest.mark.parametrize(
    ("values", "anchor", "words"),
    [
        ({"name": ["x" * 21]}, "name", "“Your name” must be 20 characters or less. You wrote 21."),
        ({"name": ["\u202e\u202c"]}, "name", "Enter your name"),
        ({"words": [" \r\n "]}, "words", "Enter an answer to “Your words”"),
        ({"one": []}, "one", "Select an answer to “Which one?”"),
        ({"one": ["z"]}, "one", "Select one of the answers shown to “Which one?”"),
        ({"list": ["a", "c"]}, "list", "Select one of the answers shown to “From the list”"),
        ({"many": []}, "many", "Select at least one answer to “Which of them?”"),
        ({"many": ["a", "z"]}, "many", "Select one of the answers shown to “Which of them?”"),
        ({"many": ["a", "b", "c"]}, "many", "Select no more than 2 answers to “Which of them?”"),
        (
            {"many": ["a", "none"]},
            "many",
            "Select either “None of these” or other answers to “Which of them?”, not both",
        ),
        ({"agree": ["no"]}, "agree", "Tick the box “I agree” to continue"),
        ({"order--b": [""]}, "order--b", "Choose a place from 1 to 3 for “Pear”"),
        ({"order--c": ["4"]}, "order--c", "Choose a place from 1 to 3 for “Plum”"),
        (
            {"order--c": ["2"]},
            "order--c",
            "Place 2 is given to both “Apple” and “Plum”. Give each its own place",
        ),
        (
            dict.fromkeys(("order--a", "order--b", "order--c"), ()),
            "order--a",
            "Choose a place for each answer to “In which order?”",
        ),
        ({"day--month": []}, "day--month", "“The day” must include a month"),
        ({"day--day": [], "day--year": [" "]}, "day--day", "“The day” must include a day and a year"),
        ({"day--day": ["30"]}, "day--day", "“The day” must be a real date"),
        ({"day--day": ["x"]}, "day--day", "“The day” must be a real date"),
        ({"day--month": ["Sundember"]}, "day--month", "“The day” must be a real date"),
        ({"day--year": ["27"]}, "day--year", "The year of “The day” must have 4 numbers, like 2027"),
        ({"day--year": ["0027"]}, "day--year", "The year of “The day” must have 4 numbers, like 2027"),
        (
            {"day--year": ["2026"]},
            "day--day",
            "“The day” must be between 1 January 2027 and 31 December 2027",
        ),
        ({"mail": [""]}, "mail", "Enter an e-mail address"),
        ({"mail": ["ada"]}, "mail", "Enter an e-mail address in the format name@example.org"),
        ({"width": [""]}, "width", "Enter a number for “How wide?”"),
        ({"width": ["wide"]}, "width", "“How wide?” must be a number, like 12.5"),
        ({"width": ["5,000.1"]}, "width", "“How wide?” must be between 0.5 and 5,000"),
        (
            {"width": ["1.23456"]},
            "width",
            "“How wide?” must have no more than this many decimal places: 3",
        ),
        ({"trees": ["1.5"]}, "trees", "“How many trees?” must be a whole number"),
        ({"trees": ["some"]}, "trees", "“How many trees?” must be a whole number"),
        ({"trees": ["-1"]}, "trees", "“How many trees?” must be 0 or more"),
        ({"phone": ["12"]}, "phone", "Enter a telephone number, like 0123 456 789 or +44 1234 567890"),
        ({"phone": ["ask Ada"]}, "phone", "Enter a telephone number, like 0123 456 789 or +44 1234 567890"),
        ({"phone": [""]}, "phone", "Enter a telephone number"),
        ({"home--town": [" "]}, "home--town", "“Your address” must include the town or city"),
        (
            {"home--street": [], "home--postcode": []},
            "home--street",
            "“Your address” must include the street and house number and the postcode",
        ),
        (
            {f"home--{p}": [] for p in ADDRESS_PARTS},
            "home--street",
            "Enter an address for “Your address”",
        ),
    ],
)
def test_words_of_errors(values: dict[str, list[str]], anchor: str, words: str) -> None:
    assert errors(values) == [(anchor, words)]
    kept = check(FORM, {**GOOD, **values}, FILES, EN).errors[0].carry
    written = [v for name, given in values.items() for v in given if v.strip() and not re.search("\u202e", v)]
    known = {v for _, v in kept}
    assert all(v in known or v in ("z", "no") for v in written), "what was written is kept"


def test_bounds_on_one_side() -> None:
    later = parse(FORM_TEXT.replace("    latest: 2027-12-31\n", ""), "f.yaml")
    assert errors({"day--year": ["2026"]}, later) == [
        ("day--day", "“The day” must be 1 January 2027 or later")
    ]
    earlier = parse(FORM_TEXT.replace("    earliest: 2027-01-01\n", ""), "f.yaml")
    assert errors({"day--year": ["2028"]}, earlier) == [
        ("day--day", "“The day” must be 31 December 2027 or earlier")
    ]
    less = parse(FORM_TEXT.replace("    least: 0.5\n", ""), "f.yaml")
    assert errors({"width": ["5001"]}, less) == [("width", "“How wide?” must be 5,000 or less")]


def test_a_form_s_own_sentence_for_a_missing_answer() -> None:
    own = FORM_TEXT.replace(
        "{id: agree, ", "{id: agree, missing: {en: Agree first, de: Erst zustimmen, ar: وافق أولًا}, "
    )
    assert errors({"agree": []}, parse(own, "f.yaml")) == [("agree", "Agree first")]


@pytest.mark.parametrize(
    ("question", "english", "german", "arabic"),
    [
        ("many", "Apple\nPear", "Apfel\nBirne", "تفاح\nكمثرى"),
        (
            "order",
            "1. Plum\n2. Apple\n3. Pear",
            "1. Pflaume\n2. Apfel\n3. Birne",
            "1. برقوق\n2. تفاح\n3. كمثرى",
        ),
        ("agree", "Yes", "Ja", "نعم"),
        ("day", "1 February 2027", "1. Februar 2027", "1 فبراير 2027"),
        ("width", "12.5\u00a0metres", "12,5\u00a0Meter", "12.5\u00a0متر"),
        ("trees", "1,200", "1.200", "1,200"),
        ("home", *["1 Mill Lane\nAB1 2CD Alder"] * 3),
        ("phone", *["0123 456-78 ext. 9"] * 3),
        ("papers", *["plan.png"] * 3),
    ],
)
def test_answers_are_said_in_the_language_of_who_reads(
    question: str, english: str, german: str, arabic: str
) -> None:
    assert [text({}, question, w) for w in (EN, DE, AR)] == [english, german, arabic]


# ------------------------------------------------------------------ numbers, months, addresses


@pytest.mark.parametrize(
    ("written", "language", "number"),
    [
        ("1,5", "en", "1.5"),
        ("1.5", "de", "1.5"),
        ("1,5", "de", "1.5"),
        ("1,234", "en", "1234"),
        ("1.234", "en", "1.234"),
        ("1.234", "de", "1234"),
        ("1,234", "de", "1.234"),
        ("0.125", "de", "0.125"),
        ("1.234,5", "en", "1234.5"),
        ("1,234.5", "de", "1234.5"),
        ("1\u202f234,5", "fr", "1234.5"),
        ("1\u2009234\u2009567", "en", "1234567"),
        ("12'345", "en", "12345"),
        ("1.234.567", "en", "1234567"),
        ("12 m²", "en", "12"),
        ("12M²", "en", "12"),
        ("m² 12", "de", "12"),
        ("−3", "en", "-3"),
        ("- 3", "en", "-3"),
        ("+3", "en", "3"),
        ("١٢٫٥", "ar", "12.5"),
        ("١٬٢٣٤", "ar", "1234"),
        ("007", "en", "7"),
        ("12 34", "en", None),
        ("1,23,456", "en", None),
        ("1.2.3", "en", None),
        ("1e5", "en", None),
        (".", "en", None),
        ("-", "en", None),
        ("9" * 400, "en", None),
        ("NaN", "en", None),
        ("²", "en", None),
    ],
)
def test_numbers_as_people_type_them(written: str, language: str, number: str | None) -> None:
    found = read_number(written, ("m²",), language)
    assert (None if found is None else f"{found.normalize():f}") == number


@given(
    st.decimals(-(10**12), 10**12, places=4, allow_nan=False, allow_infinity=False),
    st.sampled_from(sorted(TABLES)),
)
def test_a_number_survives_being_kept_and_being_shown(number: Decimal, language: str) -> None:
    words = Words(language)
    for shown in (kept_number(number), words.number(number, grouped=False), words.number(number)):
        assert read_number(shown, (), language) == number


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("3", "3"),
        ("03", "03"),
        ("March", "3"),
        ("MARCH", "3"),
        ("mär", "3"),
        ("März", "3"),
        ("Mrz", "Mrz"),
        ("févr.", "2"),
        ("Fevrier", "2"),
        ("août", "8"),
        ("Jänner", "1"),
        ("Sept", "9"),
        ("فبراير", "2"),
        ("أبريل", "4"),
        ("شباط", "2"),
        ("كانون الثاني", "1"),
        ("كانون", "كانون"),
        ("٣", "3"),
        ("ju", "ju"),
        ("jui", "jui"),
        ("", ""),
    ],
)
def test_months_in_any_language_of_the_pages(name: str, number: str) -> None:
    assert month_number(name) == number


def test_a_day_may_be_an_ordinal_and_a_month_a_name() -> None:
    values = {"day--day": ["1."], "day--month": ["Mai"], "day--year": ["2027"]}
    assert text(values, "day") == "1 May 2027"
    answer = check_one(next(q for q in FORM.questions if q.id == "day"), values, {}, DE)
    assert answer.carry == (("day--day", "1"), ("day--month", "5"), ("day--year", "2027"))


@pytest.mark.parametrize(
    "number",
    [
        "110",
        "+49 (0)30 123-456",
        "030/123456",
        "0123 456 ext 7",
        "0123x45",
        "01 23 45 67 89 poste 12",
        "+٤٤ ١٢٣٤",
    ],
)
def test_telephone_numbers_are_kept_as_written(number: str) -> None:
    assert not errors({"phone": [number]}) and text({"phone": [number]}, "phone") == number


def test_an_optional_address_may_have_gaps() -> None:
    values = {"home--town": ["Alder"]}
    answer = check_one(next(q for q in OPTIONAL.questions if q.id == "home"), values, {}, EN)
    assert answer.error is None and answer.text == "Alder"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ana@example.org", "ana@example.org"),
        ("Ana.B+c@Example.ORG", "Ana.B+c@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@localhost", None),
        ("ana@example..org", None),
        (".ana@example.org", None),
        ("a..b@example.org", None),
        ("ana@-example.org", None),
        ("ana@example.123", None),
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
def test_addresses(written: str, address: str | None) -> None:
    assert email_address(written) == address


@given(st.text(max_size=60) | st.from_regex(r".{0,8}@.{0,8}\..{0,4}", fullmatch=True))
def test_no_address_carries_a_header(written: str) -> None:
    address = email_address(written)
    if address is not None:
        assert re.fullmatch(r"[!-~]+@[a-z0-9.-]+", address) and not set(address) & set('<>,;:"()[]\\')
        assert email_address(address) == address


# ------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("sent", "words", "taken"),
    [
        ([], "Choose a file for “Your papers”", []),
        (
            [a_file(f"{i}.png") for i in range(3)],
            "You can add up to 2 files. “2.png” was not added",
            ["0.png", "1.png"],
        ),
        ([a_file("big.png", size=10 * MEGABYTE + 1)], "“big.png” must be 10 MB or smaller", []),
        ([a_file("none.png", size=0)], "“none.png” is empty. Choose another file", []),
        (
            [a_file("a.html", mime="application/octet-stream")],
            "“a.html” must be one of these types: PNG or PDF",
            [],
        ),
        (
            [a_file(f"{i}.png", size=9 * MEGABYTE + i) for i in range(2)],
            "All files together must be 18 MB or smaller. “1.png” was not added",
            ["0.png"],
        ),
        ([a_file("a.png", digest="same"), a_file("b.png", digest="same")], None, ["a.png"]),
    ],
)
def test_words_of_files(sent: list[DraftFile], words: str | None, taken: list[str]) -> None:
    checked = check(FORM, GOOD, {"papers": sent}, EN)
    answer = next(a for a in checked.answers if a.field.id == "papers")
    assert answer.error == words and [f.name for f in answer.files] == taken


def test_the_files_of_all_questions_share_one_limit() -> None:
    files = {"papers": [a_file(size=9 * MEGABYTE)], "more": [a_file("b.png", size=9 * MEGABYTE + 1)]}
    (answer,) = check(FORM, GOOD, files, EN).errors
    assert answer.anchor == "more" and answer.error and "18 MB" in answer.error
    papers = next(q for q in FORM.questions if q.id == "papers")
    assert check_one(papers, {}, files, EN).error, "on its own page the others count too"


# ------------------------------------------------------------------ what is asked, kept and the same


def test_a_question_that_does_not_apply_has_no_answer_and_is_kept() -> None:
    values = {**GOOD, "why": ["It is green"]}
    assert "why" not in [a.field.id for a in check(FORM, values, FILES, EN).answers]
    assert "why" not in [q.id for q in applying(FORM, values, FILES)]
    again = {**values, "one": ["b"]}
    assert check(FORM, again, FILES, EN).answers[13].text == "It is green"
    assert errors({"one": ["b"]}) == [("why", "Enter an answer to “Why a pear?”")]


def test_an_answer_takes_the_place_of_an_earlier_one() -> None:
    day = next(q for q in FORM.questions if q.id == "day")
    answer = check_one(day, {"day--day": ["3"], "day--month": ["5"]}, {}, EN)
    values = replaced({**GOOD, "day": ["x"], "days": ["y"]}, answer)
    assert {k: v for k, v in values.items() if k.startswith("day")} == {
        "days": ["y"],
        "day--day": ["3"],
        "day--month": ["5"],
    }


def test_the_digest_is_of_the_answers_not_of_the_language() -> None:
    english, german = (check(FORM, GOOD, FILES, w) for w in (EN, DE))
    assert english.digest == german.digest != check(FORM, {**GOOD, "one": ["c"]}, FILES, EN).digest
    other = {"papers": [a_file(digest="another")]}
    assert check(FORM, GOOD, other, EN).digest != english.digest


def test_an_input_shows_a_number_as_the_page_s_language_writes_it() -> None:
    answer = next(
        a for a in check(FORM, {**GOOD, "width": ["1234,125"]}, FILES, DE).answers if a.field.id == "width"
    )
    assert answer.values("width") == ["1234,125"] and answer.carry == (("width", "1234.1250"),)


NAMES = [
    *GOOD,
    "why",
    "papers",
    "home--extra",
    "nobody",
    *(f"day--{p}" for p in DATE_PARTS),
]
ODD = [
    "",
    YES,
    "a",
    "b",
    "none",
    "1",
    "2",
    "3",
    "29",
    "2027",
    "March",
    "1,234",
    "1.234 m",
    "ada@citizen.example",
]
ODD += ["9" * 400, "\ud800", "\u202eabc", "١٢", "²", "\x00", "-", "𝟙", "a\u0301\u2028b", "+49 30 1"]
posted = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.text(max_size=30) | st.sampled_from(ODD), max_size=3)
)
sent = st.lists(
    st.builds(
        a_file,
        st.text(max_size=9),
        size=st.sampled_from([0, 1, MEGABYTE, 9 * MEGABYTE, 11 * MEGABYTE]),
        mime=st.sampled_from(["image/png", "application/pdf", "text/html", ""]),
    ),
    max_size=3,
)


@settings(max_examples=2000, deadline=None)
@given(posted, st.booleans(), sent, st.sampled_from(sorted(TABLES)), st.sampled_from([FORM, OPTIONAL]))
def test_anything_posted_is_answered_and_what_is_kept_says_the_same(
    values: dict[str, list[str]], otherwise_good: bool, files: list[DraftFile], language: str, form: Form
) -> None:
    words = Words(language)
    given_values = {**GOOD, **values} if otherwise_good else values
    checked = check(form, given_values, {"papers": files}, words)
    assert [a.field for a in checked.answers] == list(applying(form, given_values, {"papers": files}))
    kept = {a.field.id: a.files for a in checked.answers if a.files}
    for other in ("en", language, "ar"):
        twice = check(form, checked.values, kept, Words(other))
        again = {a.field.id: a for a in twice.answers}
        for answer in checked.answers:
            if answer.error is None and answer.field.id in again:
                assert again[answer.field.id].error is None
                assert again[answer.field.id].carry == answer.carry
                assert again[answer.field.id].files == answer.files
        if not checked.errors:
            assert twice.digest == checked.digest and not twice.errors
    typed = {k: v for a in checked.answers for k, _ in a.carry if (v := a.values(k))}
    if not checked.errors:
        assert check(form, typed, kept, words).digest == checked.digest, "and so does what the inputs show"
