"""HTML from strangers and staff: what it says, what may stay, and that it costs little."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.html import (
    begins_with_mention,
    mail_html,
    mail_text,
    paragraphs,
    plain,
    quotes,
    room_html,
    unquoted,
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a <b>b</b>c</p>", "a bc"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<p>a\n  b</p>\n<p>c</p>", "a b\n\nc"),
        (
            "<ul><li>x<ol start=3><li>one</li><li>two</li></ol></li><li>y</li></ul>",
            "* x\n  3. one\n  4. two\n* y",
        ),
        ("<blockquote>q<br>r<blockquote>s</blockquote></blockquote>t", "> q\n> r\n>\n> > s\n\nt"),
        ("<pre><code>  a\n    b</code></pre>", "  a\n    b"),
        ("<h1>T</h1>x", "T\n\nx"),
        ("a&nbsp;&lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("<style>x</style><title>y</title>z", "z"),
        ("", ""),
    ],
)
def test_what_html_says(html: str, text: str) -> None:
    assert plain(html) == text


def test_links_in_a_mails_text() -> None:
    assert mail_text('see <a href="https://a.example/b">this</a>') == "see this (https://a.example/b)"
    assert mail_text('<a href="https://a.example">https://a.example</a>') == "https://a.example"
    assert mail_text('<a href="mailto:x@a.example">x@a.example</a>') == "x@a.example"
    assert mail_text('<a href="https://matrix.to/#/@bob:x">Bob</a>') == "Bob"


def test_text_as_paragraphs() -> None:
    assert paragraphs("a <b>\nc\n\n\n d") == "<p>a &lt;b&gt;<br>c</p><p> d</p>"
    assert paragraphs("") == ""


def test_quotes_of_clients() -> None:
    assert quotes("<MX-reply>") and quotes("x</mx-reply>") and not quotes("mx-reply")
    assert unquoted("<mx-reply><p>note</p></mx-reply>answer") == "answer"
    assert mail_html("<mx-reply>note</mx-reply><h2>a</h2><i>b</i>") == "<h2>a</h2><em>b</em>"
    # a citizen's words are never dropped for a tag they happen to hold
    assert room_html("<mx-reply>words</mx-reply>") == "words"


@pytest.mark.parametrize(
    ("html", "room"),
    [
        ("<div>a</div><div>b</div>", "a<br>b"),
        ('<div dir="ltr">a<div><br></div><div>b</div></div>', "a<br><br>b"),
        ("a<div>b</div>c", "a<br>b<br>c"),
        ("<div><p>a</p><p>b</p></div>", "<p>a</p><p>b</p>"),
        ("<div>x<ul><li><div>a</div></li></ul></div>", "x<ul><li>a</li></ul>"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b <br>c"),
        ("a<hr>b", "a<br>b"),
    ],
)
def test_lines_of_mail_programs_stay_lines(html: str, room: str) -> None:
    assert room_html(html) == room


def test_tables_of_staff_stay_tables() -> None:
    table = "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>"
    assert mail_html(table) == table
    assert mail_html("<div>a</div><div>b</div>") == "a<br>b"


def test_mentions() -> None:
    link = '<a href="https://matrix.to/#/@bob:x">Bob</a>'
    assert (
        begins_with_mention(unquoted(f"<p>\u200b{link}</p>")) is begins_with_mention(unquoted(link)) is True
    )
    assert not begins_with_mention(unquoted(f"hello {link}"))
    assert not begins_with_mention(unquoted('<a href="https://matrix.to/#/!room:x">room</a>'))


def test_a_link_without_a_scheme_and_a_title_are_no_more() -> None:
    """A client would resolve the first within itself, and show the second where nobody expects it."""
    for function in (room_html, mail_html):
        assert (
            function('<a href="/x" title="t">a</a>')
            == function('<a href="//home.example">a</a>')
            == "<a>a</a>"
        )
        assert function('<p title="t" lang="de">a</p>') == "<p>a</p>"
        assert function('<a href="HTTPS://home.example">a</a>') == '<a href="HTTPS://home.example">a</a>'
    assert (
        unquoted('<p title="t">a <a href="matrix:u/bob:x">b</a></p>')
        == '<p>a <a href="matrix:u/bob:x">b</a></p>'
    )


@given(st.text(alphabet="<>/apbuliol&;\"'= \n!-", max_size=300))
def test_cleaning_twice_changes_nothing(html: str) -> None:
    once = room_html(html)
    assert room_html(once) == once


@settings(deadline=None)
@given(st.text(max_size=200))
def test_paragraphs_say_what_the_text_says(text: str) -> None:
    assert "".join(plain(paragraphs(text)).split()) == "".join(
        plain(paragraphs(plain(paragraphs(text)))).split()
    )


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>",
        "<b>",
        "<p><b><i><em>",
        "<blockquote>x<br>",
        "<ul><li>x",
        "<a href=x>",
        "<table><tr><td>",
        "<!--",
        "&",
    ],
)
def test_hostile_html_costs_little(bomb: str) -> None:
    html = (bomb * 199_000)[:199_000]
    began = time.process_time()
    for function in (room_html, mail_html, plain, unquoted):
        function(html)
    assert time.process_time() - began < 10
