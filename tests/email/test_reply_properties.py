"""What holds for every reply: the author's words stay, whatever stands around them."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from bridge.email.lines import MARKS
from bridge.email.text import reply_text, take_apart
from tests.email.replies import ATTRIBUTIONS, DIVIDERS, FOOTERS, HEADERS, block, quote

OLD = "Dear Kim,\n\nwhich bench would you like?\n\n-- \nAda"
HISTORY = [
    *(f"{attribution}\n{quote(OLD)}" for attribution in ATTRIBUTIONS.values()),
    *(f"{attribution}\n\n{quote(OLD)}\n" for attribution in ATTRIBUTIONS.values()),
    *(quote(f"{attribution}\n\n{OLD}") for attribution in ATTRIBUTIONS.values()),
    *(f"{block(labels)}\n\n{OLD}" for labels in HEADERS.values()),
    *(f"{divider}\n{block(HEADERS['en'])}\n\n{OLD}" for divider in DIVIDERS.values()),
]
# Letters of many scripts, digits and signs, but none that begins a quote or draws a line.
TEXT = st.text(alphabet="abcdeyzäßéłøñžğκжאبあ中한 019.,;!?'\"()@/\n\n\t👍", min_size=1, max_size=300)


def sentences(text: str) -> str:
    """With words: a text without any gives way to the whole mail."""
    return f"Well, {text}"


@given(TEXT, st.sampled_from(HISTORY))
def test_of_a_reply_above_its_history_exactly_the_reply_is_kept(text: str, history: str) -> None:
    assert reply_text(f"{sentences(text)}\n\n{history}") == sentences(text).rstrip()


@given(TEXT, st.sampled_from(HISTORY), st.sampled_from(list(FOOTERS.values())))
def test_the_same_with_a_footer(text: str, history: str, footer: str) -> None:
    got = take_apart(f"{sentences(text)}\n\n{footer}\n\n{history}")
    assert (got.words, got.folded) == (sentences(text).rstrip(), footer)


PIECES = st.lists(
    st.one_of(
        st.sampled_from(["> q\n> r", ">", "> > q", ">q\n>\n> r", "> -- \n> Ada", "> ANSWER:"]),
        st.sampled_from(
            ["ANSWER", "ANSWER ANSWER.\nANSWER", "ANSWER:", "  ANSWER\n\nANSWER!", "ANSWER wrote ANSWER"]
        ),
        st.sampled_from(["", "\n", *ATTRIBUTIONS.values()]),
    ),
    max_size=12,
)


@given(PIECES, st.booleans())
def test_between_quotes_no_word_is_lost(pieces: list[str], tight: bool) -> None:
    """Answers above, between and below quotes and attributions come back, all and in order."""
    count = itertools.count(1)
    quoted = ("\n" if tight else "\n\n").join(pieces)
    own = []
    for line in quoted.split("\n"):
        own.append(line if line.startswith(">") else re.sub("ANSWER", lambda _: f"answer{next(count)}", line))
    text = "\n".join(own)
    answers = re.findall(r"answer\d+", text)
    unquoted_history = any(
        not following.startswith(">")
        for piece, following in itertools.pairwise([*(p for p in pieces if p.strip()), ""])
        if piece in ATTRIBUTIONS.values()
    )
    got = take_apart(text, None, ("consult.alder.example",) if unquoted_history else ())
    assert re.findall(r"answer\d+", got.words) == answers


@given(st.lists(st.sampled_from(["q", "r s", "last"]), min_size=1, max_size=5), st.integers(2, 5))
def test_answers_between_quotes_keep_what_they_answer(quoted: list[str], answers: int) -> None:
    part = quote("\n".join(quoted))
    mail = "\n".join([ATTRIBUTIONS["en"], *(f"{part}\nanswer {n}" for n in range(answers)), part])
    assert reply_text(mail) == "\n".join(f"{part}\nanswer {n}" for n in range(answers))


@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from([*HISTORY, *FOOTERS.values(), "> q", "-- ", "_____", *MARKS, "wrote:", "\r\n"]),
        ),
        max_size=8,
    ),
    st.sampled_from([None, "", "<p>x", '<blockquote type="cite">x</blockquote>']),
    st.sampled_from([(), ("home.example",), ("",), ("[",)]),
)
def test_any_text_is_taken_apart(parts: list[str], html: str | None, ours: tuple[str, ...]) -> None:
    text = "\n".join(parts)
    got = take_apart(text, html, ours)
    assert got.words == reply_text(text, html, ours)
    assert bool(got.words.strip()) or not text.strip(f"{MARKS} \r\n\t") or not text.strip()


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "<p>",
                    "</p>",
                    "<div>",
                    "</div>",
                    "word ",
                    "<br>",
                    "<table><tr><td>",
                    "</table>",
                    "&gt; ",
                    MARKS,
                ),
                *(
                    '<div class="gmail_quote">',
                    '<div class="gmail_attr">On 4 Jan 2027:</div>',
                    "</blockquote>",
                ),
                *('<blockquote type="cite">', '<blockquote class="gmail_quote">', "<blockquote>", "<hr>"),
                *('<div id="divRplyFwdMsg">', '<div id="appendonsend"></div>', '<div class="moz-signature">'),
            ]
        ),
        max_size=20,
    )
)
def test_any_html_is_taken_apart(parts: list[str]) -> None:
    text = "".join(parts)
    got = take_apart("", text)
    assert not set(MARKS) & set(got.words + got.folded)
    assert ("word" in got.words + got.folded) >= (
        "word " in parts and not re.search("blockquote|gmail|divRply", text)
    )
