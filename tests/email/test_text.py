"""What the author wrote."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.html import html_to_text
from bridge.email.text import MARKERS, reply_text, unflow

QUOTE = "> === Please write your answer above this line ===\n>\n> Thank you.\n> -- \n> Alder City"
OUTLOOK = (
    "-----Original Message-----\nFrom: Officer <park-2027@consult.alder.example>\nSent: Monday\n"
    "To: Kim\nSubject: Re: Benches\n\nThank you."
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello\n\nOn Mon, 4 Jan 2027, Officer <a@b.example> wrote:\n> Thanks\n> \n> Bye\n\n", "Hello"),
        (
            "Hello\n\nOn Mon, 4 Jan 2027 at 10:00, A Long Officer's Name\n<a@b.example> wrote:\n\n> Thanks",
            "Hello",
        ),
        ("Hallo\n\nAm 04.01.2027 um 10:00 schrieb Amt <a@b.example>:\n> Danke", "Hallo"),
        ("Salut\n\nLe lun. 4 janv. 2027 à 10:00, Ville <a@b.example> a écrit :\n\n> Merci", "Salut"),
        ("Yes!\n\n> On 4 Jan 2027, at 10:00, Officer <a@b.example> wrote:\n> \n> Thanks", "Yes!"),
        (f"Yes!\n\nCine a scris asta:\n{QUOTE}", "Yes!\n\nCine a scris asta:"),
        (f"Yes!\n\n{OUTLOOK.replace('Thank you.', MARKERS['en'])}", "Yes!"),
        (f"Yes!\n\n{OUTLOOK[27:].replace('Thank you.', MARKERS['de'])}", "Yes!"),
        (f"Yes!\n\n________________________________\n{OUTLOOK[27:]}\n{MARKERS['fr']}", "Yes!"),
    ],
)
def test_history_below_is_cut(text: str, words: str) -> None:
    assert reply_text(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "On Mon, Officer <a@b.example> wrote:\n> Which bench?\nThe red one.\n> Which day?\nMonday.",
        "On Mon, Officer <a@b.example> wrote:\n> Which bench?\n\nThe red one.",
        f"First\n{QUOTE}\nand last",
        "> quoted by somebody\n> without attribution",
        "See the rules:\n> No dogs.\n> No fires.",
        "On Monday I wrote:\nthis is not a quote",
        "A friend sent me this:\n\n" + OUTLOOK.replace("park-2027@consult.alder.example", "x@y.example"),
        "From: my heart\nI like the park.\nTo: all",
        "I wrote this myself.\n-- \nKim",
        "",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert reply_text(text) == text


def test_an_outlook_block_is_cut_where_it_names_us() -> None:
    assert reply_text(f"Yes!\n\n{OUTLOOK}") == f"Yes!\n\n{OUTLOOK}"
    assert reply_text(f"Yes!\n\n{OUTLOOK}", ours=("consult.alder.example",)) == "Yes!"
    assert "Thank" in reply_text(f"Yes!\n\n{OUTLOOK}", ours=("alder.exam", "onsult.alder.example"))


def test_a_mail_that_is_only_history_stays() -> None:
    text = "On Mon, Officer <a@b.example> wrote:\n> Thanks"
    assert reply_text(text) == text


LINE = st.sampled_from(
    [
        "> q",
        ">",
        "",
        "words here",
        "On Mon, A <a@b.c> wrote:",
        "> " + MARKERS["en"],
        "-- ",
        "From: x",
        "To: y",
        "Subject: z",
    ]
)


@given(st.lists(LINE, max_size=12))
def test_no_unquoted_word_after_a_quote_is_lost(lines: list[str]) -> None:
    """Whatever is cut holds quotes and their attribution only."""
    text = "\n".join(lines)
    kept = reply_text(text)
    assert text.strip("\n").startswith(kept)
    gone = text.strip("\n")[len(kept) :].split("\n")
    assert all(not line.strip() or line.startswith(">") or line.endswith("wrote:") for line in gone)


@given(
    st.lists(st.sampled_from(["", " ", "> a", "b ", "> > c ", "-- ", "  d", ">e "]), max_size=10),
    st.booleans(),
)
def test_joining_flowed_lines_loses_no_letter(lines: list[str], delsp: bool) -> None:
    text = "\n".join(lines)
    assert re.findall("[a-z]", unflow(text, delsp)) == re.findall("[a-z]", text)


def test_format_flowed() -> None:
    assert unflow("one \ntwo\n three\n> q \n> r\n-- \nKim", False) == "one two\nthree\n> q r\n-- \nKim"
    assert unflow("Donau \ndampfer", True) == "Donaudampfer"


def test_html_becomes_text_with_quotes_marked() -> None:
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>My <b>answer</b> &amp; more</p>"
        "<script>x</script><div>On Mon, Officer &lt;a@b.example&gt; wrote:<br>"
        "<blockquote><p>one</p><p>two</p></blockquote></div></body></html>"
    )
    text = html_to_text(html)
    assert "My answer & more" in text and "> one" in text and "> two" in text
    assert "p{}" not in text and "x" not in text.replace("example", "")
    assert reply_text("", html) == "My answer & more"
    between = html.replace("</body>", "<p>And below.</p></body>")
    assert "And below." in reply_text("", between) and "one" in reply_text("", between)


def test_html_nested_too_deep_for_the_tree_parser_loses_no_word() -> None:
    assert "deep words" in html_to_text("<div>" * 5_000 + "deep words" + "</div>" * 5_000)


@given(st.text(alphabet="<>!-/ abp&;\"'", max_size=80))
def test_any_html_gives_text(html: str) -> None:
    assert "\x00" not in html_to_text(html)


def test_html_words_survive() -> None:
    assert html_to_text("a < b <3 you") == "a < b <3 you"
