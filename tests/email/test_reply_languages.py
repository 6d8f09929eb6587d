"""Replies in many languages: attributions, header blocks, dividers, the footers of phones."""

from __future__ import annotations

import pytest

from bridge.email.text import Words, reply_text, take_apart
from tests.email.replies import ATTRIBUTIONS, DIVIDERS, FOOTERS, HEADERS, block, quote

WORDS = "Thank you.\n\nThe red one please."
OLD = "Dear Kim,\n\nwhich bench would you like?\n\nAda"


def test_there_are_languages_enough() -> None:
    for table in (ATTRIBUTIONS, HEADERS, DIVIDERS, FOOTERS):
        assert len({name.split("-")[0] for name in table}) >= 20


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_attributions(attribution: str) -> None:
    assert reply_text(f"{WORDS}\n\n{attribution}\n{quote(OLD)}") == WORDS
    assert reply_text(f"{WORDS}\n{attribution}\n\n{quote(OLD)}\n\n") == WORDS
    assert reply_text(f"{WORDS}\n\n{quote(attribution)}\n>\n{quote(OLD)}") == WORDS
    assert reply_text(f"{WORDS}\n\n{attribution}\n\n{OLD}") == WORDS
    assert reply_text(f"{attribution}\n{quote(OLD)}\n\n{WORDS}") == WORDS
    assert reply_text(f"{attribution}\n> q\n{WORDS}\n> r\nThen that.") == f"> q\n{WORDS}\n> r\nThen that."


@pytest.mark.parametrize("labels", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("bold", [False, True])
def test_header_blocks(labels: tuple[str, str, str, str], bold: bool) -> None:
    head = block(labels, bold)
    for above in ("", f"{'_' * 32}\n", f" {'-' * 30}\n\n", "-----Original Message-----\n"):
        assert reply_text(f"{WORDS}\n\n{above}{head}\n\n{OLD}") == WORDS
    spaced = head.replace("\n", "\n\n")
    assert reply_text(f"{WORDS}\n\n{spaced}\n\n{OLD}") == WORDS
    assert reply_text(f"{WORDS}\n\n{quote(head)}\n>\n{quote(OLD)}") == WORDS


@pytest.mark.parametrize("divider", DIVIDERS.values(), ids=DIVIDERS.keys())
def test_dividers(divider: str) -> None:
    assert reply_text(f"{WORDS}\n\n{divider}\n{OLD}") == WORDS
    assert reply_text(f"{WORDS}\n\n{divider.strip('-* ')}\n{OLD}").endswith("Ada")


@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS.keys())
def test_footers(footer: str) -> None:
    assert take_apart(f"{WORDS}\n\n{footer}") == Words(WORDS, footer)
    history = f"{ATTRIBUTIONS['en']}\n{quote(OLD)}"
    assert take_apart(f"{WORDS}\n\n{footer}\n\n{history}") == Words(WORDS, footer)
    assert take_apart(f"{WORDS}\n\n{history}\n\n{footer}") == Words(WORDS, footer)
    assert take_apart(f"{footer}\n\n{WORDS}") == Words(f"{footer}\n\n{WORDS}", "")
