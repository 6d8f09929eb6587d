"""The pages' words: complete and used, in plain language, and what the languages make of values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridge
from bridge.forms.words import PARTS, TABLES, Words, choose, locale, named, offered

PACKAGE = Path(bridge.__file__).parent
LANGUAGES = sorted(TABLES)
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
PLURALS = {key.rpartition(".")[0] for key in TABLES["en"] if key.endswith(".other")}


def plain(language: str) -> dict[str, str]:
    """The table with one entry for each text that depends on a number."""
    table = TABLES[language]
    return {k: v for k, v in table.items() if k.rpartition(".")[0] not in PLURALS or k.endswith(".other")}


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def needed(language: str) -> set[str]:
    """The categories of the numbers that pages count with; French `many` begins at a million."""
    return {locale(language).plural_form(n) for n in range(1, 1000)}


def test_no_key_stands_in_two_tables() -> None:
    for parts in PARTS.values():
        twice = [k for k, n in Counter(k for part in parts for k in part).items() if n > 1]
        assert not twice


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_complete(language: str) -> None:
    assert plain(language).keys() == plain("en").keys()
    for key in PLURALS:
        there = {c for c in CATEGORIES if f"{key}.{c}" in TABLES[language]}
        assert there == needed(language) | {"other"}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_values_are_the_same_in_every_language(language: str) -> None:
    for key, text in plain(language).items():
        assert values(text) == values(TABLES["en"][key]), key
    for key in PLURALS:
        for category in needed(language):
            text = TABLES[language][f"{key}.{category}"]
            whole = values(TABLES["en"][f"{key}.other"])
            assert whole - {"number"} <= values(text) <= whole | {"number"}, (key, category)


UNWELCOME = re.compile(
    r"\b(invalid|please|sorry|oops|bitte\b|ungültig|leider|désolé|invalide|veuillez|عذر|الرجاء|يرجى)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_plain_and_clean(language: str) -> None:
    quotes = {"en": "„«»\"'", "de": "«»\"'’", "fr": "“”„\"'", "ar": "“”„\"'"}
    for key, text in TABLES[language].items():
        assert text.strip() and "  " not in text and (text == text.strip() or key.endswith(".prefix")), key
        assert not UNWELCOME.search(text), key
        assert not set(text) & set(quotes[language]), key
        assert text == "".join(c for c in text if c not in "\u202a\u202b\u202c\u202d\u202e"), key


def test_french_keeps_its_marks_on_the_line() -> None:
    for key, text in TABLES["fr"].items():
        assert not re.search(r"[^\u00a0\u202f][;!?»:](\s|$)|«[^\u00a0\u202f]", text), key


def test_arabic_is_written_in_arabic() -> None:
    """Latin letters stand only in isolates and in names of formats, and the marks are the language's own."""
    for key, text in TABLES["ar"].items():
        bare = re.sub(r"[\u2066\u2068][^\u2069]*\u2069|\{\w+\}", "", text)
        bare = re.sub(r"SHA-256|PDF|JSON|HTML|QR|XML|PIN", "", bare)
        assert not re.search(r"[A-Za-z,;?]", bare), key
        assert len(re.findall(r"[\u2066\u2068]", text)) == text.count("\u2069"), key


# ------------------------------------------------------------------ every key is used

_LITERAL = re.compile(r"""["']([a-z][a-z_0-9]*(?:\.[a-z_0-9]+)*)["']""")
_BUILT = re.compile(r"""f?["']([a-z_0-9.]*)\{[^}"']*\}([a-z_0-9.]*)["']""")
_JOINED_END = re.compile(r"""["']([a-z_0-9.]+[._])["']\s*~""")
_JOINED_START = re.compile(r"""["'](\.[a-z_0-9.]+)["']""")


def sources() -> Iterator[str]:
    """What shows words: the pages, their templates, and the heart, which names steps."""
    for folder in ("forms", "casework", "ledger"):
        for path in sorted((PACKAGE / folder).rglob("*")):
            if path.suffix in (".py", ".html") and not re.match(r"words_", path.name):
                yield path.read_text("utf-8")


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    text = "\n".join(sources())
    literal = set(_LITERAL.findall(text))
    built = {(a, b) for a, b in _BUILT.findall(text) if a.endswith(".") or b.startswith(".")}
    built |= {(a, "") for a in _JOINED_END.findall(text)} | {("", b) for b in _JOINED_START.findall(text)}

    def named_there(key: str, depth: int = 2) -> bool:
        """Whether the key stands in the code, or is built there around something that does."""
        return key in literal or (
            depth > 0
            and any(
                named_there(key[len(a) : len(key) - len(b)], depth - 1)
                for a, b in built
                if key.startswith(a) and key.endswith(b) and len(key) > len(a) + len(b) and a != "."
            )
        )

    keys = plain("en").keys() - {f"{k}.other" for k in PLURALS} | PLURALS
    assert not [k for k in sorted(keys) if not named_there(k)]
    called = re.findall(r"""\bwords(?:\.count)?\(\s*["']([a-z_0-9.]+)["']\s*[,)]""", text)
    assert set(called) <= {*TABLES["en"]} | PLURALS


# ------------------------------------------------------------------ what languages make of values


def test_languages_name_themselves() -> None:
    assert [named(x) for x in ("en", "de", "fr", "ar")] == ["English", "Deutsch", "Français", "العربية"]
    assert [Words(x).direction for x in ("en", "de", "fr", "ar")] == ["ltr", "ltr", "ltr", "rtl"]


def test_numbers_are_written_as_the_language_does() -> None:
    assert [Words(x).number(12345) for x in ("en", "de", "fr")] == ["12,345", "12.345", "12\u202f345"]
    assert [Words(x).number(Decimal("0.12345")) for x in ("en", "de")] == ["0.12345", "0,12345"]
    assert Words("de").number(Decimal("1234.5"), grouped=False) == "1234,5"


def test_plurals_are_those_of_the_language() -> None:
    def said(language: str, number: int) -> str:
        return Words(language).count("error.most", number, label="x")

    assert said("en", 1) == "Select only one answer to “x”"
    assert said("en", 2) == "Select no more than 2 answers to “x”"
    arabic = [said("ar", n) for n in (1, 2, 3, 11, 100)]
    assert len(set(arabic)) == 5 and "إجابتين" in arabic[1] and "3 إجابات" in arabic[2]
    assert said("fr", 1_000_000).startswith("Choisissez 1\u202f000\u202f000")


def test_days_and_moments() -> None:
    day = date(2027, 3, 27)
    assert [Words(x).date(day) for x in ("en", "de", "fr", "ar")] == [
        "27 March 2027",
        "27. März 2027",
        "27 mars 2027",
        "27 مارس 2027",
    ]
    at = 1_806_152_700_000
    assert Words("en").moment(at, "UTC") == "27 March 2027, 13:05"
    assert Words("de").moment(at, "Europe/Berlin") == "27. März 2027, 14:05"
    assert Words("ar").moment(at, "Asia/Damascus").endswith("4:05 م")
    assert Words("en").moment(1_806_188_400_000, "Europe/Berlin") == "28 March 2027, 00:00", "the day there"


def test_lists_and_sizes() -> None:
    assert Words("en").listed(["PNG", "PDF", "TXT"]) == "PNG, PDF or TXT"
    assert Words("de").listed(["a", "b"], every=True) == "a und b"
    assert Words("ar").listed(["تفاح", "كمثرى"]) == "تفاح أو كمثرى"
    assert Words("en").listed(["a"]) == "a" and Words("en").listed([]) == ""
    assert [Words("de").size(n) for n in (1, 1500, 2_500_000, 10 * 1024 * 1024)] == [
        "1\u00a0kB",
        "1\u00a0kB",
        "2,4\u00a0MB",
        "10\u00a0MB",
    ]


@pytest.mark.parametrize(
    ("language", "value", "apart"),
    [
        ("en", "Ada Citizen", False),
        ("en", "آدا", True),
        ("en", "plan آدا.png", True),
        ("en", "27 3", False),
        ("ar", "آدا", False),
        ("ar", "PARK-7F3K-9Q", True),
        ("ar", "+49 30 123456", True),
        ("ar", "…", False),
    ],
)
def test_what_runs_the_other_way_is_kept_apart(language: str, value: str, apart: bool) -> None:
    said = Words(language)("missing.date", label=value)
    assert (f"\u2068{value}\u2069" in said) is apart and value in said


def test_a_sign_stays_with_its_number() -> None:
    assert "\u2068-5\u2069" in Words("ar")("error.number.least", label="س", least=Decimal(-5))
    assert "\u2068" not in Words("ar")("error.number.least", label="س", least=5)


@given(st.text(max_size=30), st.sampled_from(LANGUAGES))
def test_any_value_is_filled_in_whole(value: str, language: str) -> None:
    words = Words(language)
    assert value in words("missing.date", label=value)
    assert words.isolated(value).strip("\u2068\u2069") == value.strip("\u2068\u2069")


# ------------------------------------------------------------------ which language


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
    assert choose(None, "ar-SY, de;q=0.5", ("de", "ar")) == "ar"


def test_the_languages_of_a_form_s_pages() -> None:
    assert offered(("en", "ar", "de"), ("de", "fr", "en")) == ("de", "en", "ar")
    assert offered((), ("fr", "en")) == ("fr",) and offered(("xx",), ("de",)) == ("en",)
