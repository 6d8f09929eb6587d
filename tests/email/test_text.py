"""What the author wrote."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.flowed import unflow
from bridge.email.html import html_to_text
from bridge.email.text import MARKERS, Words, reply_text, take_apart
from tests.email.replies import quote as quoted

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
        "> quoted by somebody\n> without attribution",
        "See the rules:\n> No dogs.\n> No fires.",
        "On Monday I wrote:\nthis is not a quote",
        "In 2016 the mayor wrote:\n> No dogs.",
        "From: my heart\nI like the park.\nTo: all",
        "From: Ada\nTo: the city\nSubject: a bench\n\nPlease.",
        "I saw this\n\nFrom: Ada\nDate: yesterday\nTo: all\n\non a tree.",
        "Two options\n\n-----\n\nThe second one is better.",
        "The price is\n--\nwell, high.",
        "On 4 May 2026 I met Bo\nand we spoke of benches.\nBo wrote:\n> no",
        "On 4 May 2026 I met Bo\nand we spoke of benches\nThen Bo wrote:\n> no",
        "Sent from my desk, where the phone rings.\nSent to you with love",
        "This is confidential. " * 9,
        "-- \nKim",
        "",
    ],
)
def test_what_is_not_certain_stays(text: str) -> None:
    assert take_apart(text) == Words(text.rstrip(), "")


A = "On Mon, Officer <a@b.example> wrote:"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            f"{A}\n> Which bench?\nThe red one.\n> Which day?\nMonday.",
            "> Which bench?\nThe red one.\n> Which day?\nMonday.",
        ),
        (f"{A}\n> Which bench?\nThe red one.\n> Bye\n> Ada", "> Which bench?\nThe red one."),
        (f"{A}\n> Which bench?\n\nThe red one.", "> Which bench?\n\nThe red one."),
        (f"{A}\n> One\n> Two\n> Three\n\nBelow it all.", "Below it all."),
        (f"Hello\n{A}\n> One\n> Two\n> Three\nto that: no", "Hello\n> One\n> Two\n> Three\nto that: no"),
        (f"First\n{QUOTE}\nand last", "First\n> Thank you.\n> -- \n> Alder City\nand last"),
        (f"{A}\n> Why?\nThe rules say:\n> No dogs.", "> Why?\nThe rules say:\n> No dogs."),
        ("> Why?\n\nBecause.", "> Why?\n\nBecause."),
    ],
)
def test_answers_keep_the_quotes_directly_above_them(text: str, words: str) -> None:
    assert reply_text(text) == words


def test_of_a_long_quote_above_an_answer_the_end_stays() -> None:
    quoted = "\n".join(f"> line {n}" for n in range(50))
    got = reply_text(f"Hello\n\n{A}\n{quoted}\nanswer\n> more")
    assert got.startswith("Hello\n\n> […]\n> line 38\n") and got.endswith("> line 49\nanswer")


def test_where_our_names_are_known_an_unquoted_mail_is_cut_when_it_is_ours() -> None:
    ours = ("consult.alder.example",)
    assert reply_text(f"Yes!\n\n{OUTLOOK}") == reply_text(f"Yes!\n\n{OUTLOOK}", ours=ours) == "Yes!"
    for others in (("alder.exam", "onsult.alder.example"), ("birch.example",)):
        assert reply_text(f"Yes!\n\n{OUTLOOK}", ours=others) == f"Yes!\n\n{OUTLOOK}"
    friend = "A friend sent me this:\n\n" + OUTLOOK.replace("park-2027@consult.alder.example", "x@y.example")
    assert reply_text(friend, ours=ours) == friend
    passed_on = f"See this\n\n> Begin forwarded message:\n>\n{quoted(OUTLOOK[27:])}"
    assert reply_text(passed_on) == reply_text(passed_on, ours=ours) == "See this"
    stranger = passed_on.replace("consult.alder.example", "y.example")
    assert reply_text(stranger, ours=ours) == stranger


@pytest.mark.parametrize(
    "says",
    [
        "See my answers below in red.",
        "Antworten siehe unten",
        "Voir mes réponses ci-dessous",
        "Respuestas abajo",
    ],
)
def test_who_points_down_to_an_unquoted_mail_has_answered_in_it(says: str) -> None:
    assert reply_text(f"{says}\n\n{OUTLOOK} RED: no!") == f"{says}\n\n{OUTLOOK} RED: no!"


def test_a_mail_that_is_only_history_stays() -> None:
    text = "On Mon, Officer <a@b.example> wrote:\n> Thanks"
    assert take_apart(text) == Words(text, "")
    assert take_apart(OUTLOOK) == Words(OUTLOOK, "")


LEGAL = (
    "This e-mail and its attachments are confidential and intended solely for the addressee.\nIf you have"
    " received it in error, please tell the sender and delete it from your system at once."
)


@pytest.mark.parametrize(
    "folded",
    [
        "-- \nKim Doe\nBench Street 1",
        "--\nKim Doe",
        LEGAL,
        f"-- \nKim\n\n{LEGAL}",
        "Sent from my iPhone\n\n" + LEGAL,
        "_______________________\nparks mailing list\nparks@lists.home.example\nhttps://lists.home.example/parks",
        "Please consider the environment before printing this e-mail.",
        "-----",
    ],
)
def test_signature_and_disclaimer_are_folded_not_dropped(folded: str) -> None:
    for history in ("", f"\n\n{A}\n> Thanks\n", f"\n\n{OUTLOOK}"):
        assert take_apart(f"Hello\n\nKind regards\nKim\n\n{folded}{history}") == Words(
            "Hello\n\nKind regards\nKim", folded
        )


def test_only_the_last_part_is_a_signature() -> None:
    parts = [f"Part {n}" for n in range(9)]
    assert take_apart("\n\n--\n".join(parts)) == Words("\n\n--\n".join(parts[:-1]), "--\nPart 8")


def test_the_line_above_an_attribution_is_the_authors() -> None:
    for above in ("See you on 4 Jan 2027", "We met in 2026, at 10:00", "That was 4.1.2027", "Fine."):
        assert reply_text(f"{above}\nAda Citizen <ada@home.example> wrote:\n> q") == above


def test_a_signature_below_the_quote_is_folded_too() -> None:
    assert take_apart(f"Yes\n\n{A}\n> Why?\n\n-- \nKim") == Words("Yes", "-- \nKim")
    assert take_apart(f"{A}\n> Why?\n\nYes\n-- \nKim") == Words("> Why?\n\nYes", "-- \nKim")


def test_quotes_by_bars_and_attributions_without_a_colon() -> None:
    assert reply_text("Yes\n\n2027/1/4 Ada <a@b.example>\n\n| Which bench?\n| Ada\n") == "Yes"


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
