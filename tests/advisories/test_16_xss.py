"""Scripts in the HTML or the subject of a mail that run in whoever looks at it.

The usual way into a help desk (stored cross-site scripting).  A corpus of such HTML goes the way a
citizen's mail goes: parsed, cleaned, and made the event that a Matrix client draws.  Whatever it
was, the `formatted_body` holds only the elements, attributes and link schemes of the allow-list,
and a subject or a name is text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.appservice.render import head, words
from bridge.email.parse import read
from bridge.html import ROOM_TAGS, room_html
from tests.advisories.xss import CORPUS
from tests.email.mails import mail

X = "alert(1)"
SCHEMES = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
PINGS = re.compile(r"(?:https?://matrix\.to|matrix:)", re.IGNORECASE)


_LABEL = ("strong", "data-mx-profile-fallback")  # what the bridge itself writes around a name (MSC4144)
_OURS = frozenset({"details", "summary"})  # and around a signature


class Judge(HTMLParser):
    """Collects whatever the allow-list does not allow."""

    def __init__(self, event: bool) -> None:
        super().__init__(convert_charrefs=False)
        self.event = event
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ROOM_TAGS | (_OURS if self.event else frozenset()):
            self.wrong.append(tag)
        for name, value in attrs:
            if self.event and (tag, name) == _LABEL:
                continue
            link = (
                tag == "a" and name == "href" and SCHEMES.match(value or "") and not PINGS.match(value or "")
            )
            number = tag == "ol" and name == "start" and (value or "").isdecimal()
            if not link and not number:
                self.wrong.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.wrong.append("instruction")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append("unknown")


def wrong(html: str, *, event: bool = False) -> list[str]:
    """What of `html` is not allowed; a `<` that is no tag is not allowed either."""
    judge = Judge(event)
    judge.feed(html)
    judge.close()
    stray = re.sub(r"</?[a-z0-9]+(?: [a-z-]+(?:=\"[^\"<>]*\")?)*>", "", html)
    return judge.wrong + (["stray <"] if "<" in stray else [])


@pytest.mark.parametrize("page", CORPUS)
def test_only_what_is_allowed_is_left(page: str) -> None:
    for whole in (page, f"<p>before {page} after</p>", page * 3, f"<blockquote><ul><li>{page}"):
        assert wrong(room_html(whole)) == []
        got = read(mail(whole.encode("utf-8", "replace"), content_type="text/html; charset=utf-8"))
        assert got.html is None or wrong(got.html) == []
        event = words("Ada", "p", got.words, got.html, None)
        assert wrong(event.get("formatted_body", ""), event=True) == []
        assert event["m.mentions"] == {}


@pytest.mark.parametrize("page", CORPUS)
def test_a_subject_and_a_name_are_text(page: str) -> None:
    raw = mail(
        subject=page.replace("\n", " "), **{"from": f'"{page.replace(chr(10), " ")}" <ada@home.example>'}
    )
    got = read(raw)
    for content in (
        head("PARK-1", "open", "e-mail", got.from_name, got.subject),
        words(got.from_name, "p", got.words, got.html, None),
        words(page, "p", page, None, None),
    ):
        assert wrong(content["formatted_body"], event=True) == []


def test_the_judge_is_strict() -> None:
    assert wrong('<p>a &lt;b&gt; <a href="https://x.example">c</a></p>') == []
    for bad in (
        "<img>",
        '<p onclick="x">',
        '<a href="javascript:x">',
        "<!-- -->",
        "a < b",
        '<a href="https://matrix.to/#/@x:y">',
    ):
        assert wrong(bad)


def test_words_are_kept() -> None:
    got = read(
        mail(f"<p>The bench<script>{X}</script> is <b onclick={X}>broken</b>.</p>", content_type="text/html")
    )
    assert got.html == "<p>The bench is <strong>broken</strong>.</p>" and got.text == "The bench is broken."


@given(
    st.lists(st.sampled_from(CORPUS) | st.text(alphabet="<>/\"'= &;!-ax\n", max_size=20), max_size=6).map(
        "".join
    )
)
def test_whatever_is_put_together(page: str) -> None:
    assert wrong(room_html(page)) == []
    assert wrong(room_html(room_html(page))) == []
