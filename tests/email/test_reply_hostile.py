"""Any text is taken apart in linear time."""

from __future__ import annotations

import time

import pytest

from bridge.email.text import take_apart
from tests.growth import grows_evenly

SIZE = 1_000_000
HOSTILE = {
    "quote marks": ">" * 100_000,
    "quoted lines": ">\n" * (SIZE // 2),
    "quote marks apart": "> > > " * (SIZE // 6),
    "a long line": "a" * SIZE,
    "a line of words": "word " * (SIZE // 5),
    "a line of digits": f"On {'1 ' * (SIZE // 2 - 5)}wrote:",
    "On": "On \n" * 50_000,
    "attributions": "On Mon, 4 Jan 2027 wrote:\n" * (SIZE // 26),
    "attributions above text": "On 4 Jan 2027, a <a@b.example> wrote:\nx\n" * (SIZE // 41),
    "bars": "On 4 Jan 2027, a <a@b.example> wrote:\n|\n" * (SIZE // 40),
    "verbs": "wrote:\n" * (SIZE // 7),
    "colons": ":\n" * (SIZE // 2),
    "long colons": f"{'a' * 399}:\n" * (SIZE // 401),
    "addresses": f"{'<a@' * (SIZE // 3 - 1)}:",
    "header lines": "From: a\n" * (SIZE // 8),
    "header blocks": "From: a\nSent: 1\nTo: b\n\n\n" * (SIZE // 26),
    "rules": "-----\n" * (SIZE // 6),
    "dividers": "-----Original Message-----\n" * (SIZE // 27),
    "signatures": "-- \n" * (SIZE // 4),
    "empty lines": "\n" * SIZE,
    "blanks": " " * SIZE,
    "answers": "> q\na\n" * (SIZE // 6),
    "markers": "Please write your answer above this line\n" * (SIZE // 41),
    "half a marker": "Please " * (SIZE // 7),
    "a marker with room": f"Please{' ' * (SIZE - 100)}write",
    "footers": "Sent from my iPhone\n" * (SIZE // 20),
    "a footer": "sent from " * (SIZE // 10),
    "a disclaimer": "confidential in error " * (SIZE // 22),
    "pointing down": f"{'see ' * (SIZE // 4 - 20)}\n-----Original Message-----\nx",
    "bidi marks": "\u200e" * SIZE,
    "years": "2027 aaaaaaaaa\n" * (SIZE // 15),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_megabyte_costs_no_more_than_its_size(text: str) -> None:
    assert len(text) <= SIZE
    for ours in ((), ("consult.alder.example", "consult.birch.example")):
        assert grows_evenly(lambda part, ours=ours: take_apart(part, None, ours), text)  # type: ignore[misc]


def test_what_is_too_long_stays_whole() -> None:
    text = "Yes\n\nOn Mon, 4 Jan 2027, Ada <a@b.example> wrote:\n" + "> q\n" * 250_000
    assert take_apart(text).words == text.strip("\n") and take_apart(text).folded == ""
    assert take_apart(text[:900_000]).words == "Yes"


@pytest.mark.parametrize(
    "html",
    [
        '<blockquote type="cite">' * 20_000,
        '<div class="gmail_quote">' * 20_000 + "x",
        '<div class="gmail_quote">x</div>' * 10_000,
        '<div class="gmail_quote">x<blockquote>y</blockquote></div>' * 5_000,
        '<div id="divRplyFwdMsg"></div>' * 10_000,
        '<div style="border:none;border-top:solid #E1E1E1">' * 5_000,
        '<div style="border:none;border-top:solid #E1E1E1"><b>a:</b>' * 200 + "x",
        '<p class="moz-signature">' * 10_000,
        '<table><tr><td><div class="gmail_attr">x' * 100,
        f'<blockquote type="cite">{"word " * 100_000}</blockquote>',
    ],
    ids=str.__len__,
)
def test_hostile_html_is_taken_apart_in_bounded_time(html: str) -> None:
    begun = time.process_time()
    take_apart("", html)
    assert time.process_time() - begun < 5
