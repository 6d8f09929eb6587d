"""The quote below an answer: marked, shortened, in the reader's language, and known as one again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.phrases_out import attribution, moment
from bridge.email.quoting import CUT, MAX_BYTES, MAX_LINES, Quoted, as_html, as_text, shortened
from bridge.email.text import reply_text

WHEN = 1_805_001_840.9  # 14 March 2027, 05:24 UTC, and a part of a second
ADA = Quoted("Ada Citizen", WHEN, "Is there a bench?\n\nYours, Ada")


@pytest.mark.parametrize(
    ("language", "named", "nameless"),
    [
        ("en", "On 14 March 2027 at 05:24 (UTC), Ada Citizen wrote:",
         "On 14 March 2027 at 05:24 (UTC), you wrote:"),
        ("de", "Am 14. März 2027 um 05:24 Uhr (UTC) schrieb Ada Citizen:",
         "Am 14. März 2027 um 05:24 Uhr (UTC) schrieben Sie:"),
        ("fr", "Le 14 mars 2027 à 05:24 (UTC), Ada Citizen a écrit :",
         "Le 14 mars 2027 à 05:24 (UTC), vous avez écrit :"),
        ("de-CH", "Am 14. März 2027 um 05:24 Uhr (UTC) schrieb Ada Citizen:",
         "Am 14. März 2027 um 05:24 Uhr (UTC) schrieben Sie:"),
        ("ar", "في 14 مارس 2027 الساعة 05:24 (UTC) كتب Ada Citizen:",
         "في 14 مارس 2027 الساعة 05:24 (UTC) كتبتم:"),
        ("xx", "On 14 March 2027 at 05:24 (UTC), Ada Citizen wrote:",
         "On 14 March 2027 at 05:24 (UTC), you wrote:"),
    ],
)  # fmt: skip
def test_the_attribution_is_in_the_language_of_the_case(language: str, named: str, nameless: str) -> None:
    assert attribution(language, "Ada Citizen", WHEN) == named
    assert attribution(language, "", WHEN) == nameless
    assert as_text(ADA, language).split("\n")[0] == named


def test_the_first_of_a_month_in_french() -> None:
    assert moment("fr", 1_803_939_600) == "1er mars 2027 à 22:20 (UTC)"
    assert moment("en", 1_803_939_600) == "1 March 2027 at 22:20 (UTC)"


def test_every_line_is_marked_and_an_older_quote_once_more() -> None:
    quoted = Quoted("Ada", WHEN, "one\r\n> two\r\n>> three\n\n-- \nAda\u2028Kim\x85x\r")
    assert as_text(quoted, "en").split("\n")[1:] == [
        "> one",
        ">> two",
        ">>> three",
        ">",
        "> -- ",
        "> Ada",
        "> Kim",
        "> x",
    ]


def test_html_is_escaped_and_stands_in_a_blockquote_that_programs_know() -> None:
    html = as_html(Quoted("<b>Ada</b>", WHEN, "</blockquote><script>x</script>\nline\n\nnext & last"), "de")
    assert html.count("<blockquote") == html.count("</blockquote>") == 1
    assert (
        '<blockquote type="cite">\n<p>&lt;/blockquote&gt;&lt;script&gt;x&lt;/script&gt;<br>line</p>' in html
    )
    assert "<b>" not in html and "next &amp; last" in html


def test_nothing_is_no_quote() -> None:
    for empty in ("", "\n\n", " \r\n\t", "\0"):
        assert as_text(Quoted("Ada", WHEN, empty), "en") == as_html(Quoted("Ada", WHEN, empty), "en") == ""


def test_a_long_message_is_shortened_and_says_so() -> None:
    assert shortened("\n".join(["line"] * MAX_LINES)).count("line") == MAX_LINES
    many = shortened("\n".join(f"line {n}" for n in range(5_000)))
    assert many.split("\n")[-2:] == [f"line {MAX_LINES - 1}", CUT]
    wide = shortened("ä" * 50_000)
    assert wide == "ä" * (MAX_BYTES // 2) + f"\n{CUT}"
    assert shortened("€" * 10_000).endswith(f"€\n{CUT}")  # never inside a character


@given(st.text(max_size=300), st.text(max_size=40), st.sampled_from(["en", "de", "fr", "ar"]))
def test_no_line_of_a_quote_passes_for_ours(text: str, name: str, language: str) -> None:
    first, *lines = as_text(Quoted(name, WHEN, text), language).split("\n")
    assert all(line.startswith(">") for line in lines)
    assert not first or first.endswith(":")
    assert not re.search("[\r\x85\u2028\u2029]", "".join(lines))  # what some reader takes for a line end


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
@pytest.mark.parametrize("name", ["Ada Citizen", "Åsa Ö. Bürger", "O'Brien, Dr."])
def test_our_own_quote_is_known_as_one_when_it_comes_back(language: str, name: str) -> None:
    quote = as_text(Quoted(name, WHEN, "Is there a bench?\n\nYours"), language)
    assert reply_text(f"Thank you, that helps.\n\n{quote}\n") == "Thank you, that helps."
