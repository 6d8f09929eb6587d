"""Events taken apart: what clients write agrees with itself, and garbage never raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bridge.appservice.agree import agree
from bridge.appservice.events import (
    file_in,
    room_member,
    room_message,
    room_plain,
    room_redaction,
    room_unreadable,
)
from bridge.appservice.relations import Relations, event_id, relations
from bridge.inbound import RoomMember, RoomMessage, RoomPlain, RoomRedaction, RoomUnreadable

EVENT = {
    "type": "m.room.encrypted",
    "room_id": "!desk",
    "event_id": "$event",
    "sender": "@officer:birch.example",
    "origin_server_ts": 1_800_000_000_000,
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}


def read(content: Any, event: Any = EVENT, **more: Any) -> RoomMessage | None:
    return room_message(event, content, sender_name="Olga", device="D", trusted=True, **more)


def said(body: str, html: str | None = None, more: dict[str, Any] | None = None) -> RoomMessage:
    content: dict[str, Any] = {"msgtype": "m.text", "body": body, **(more or {})}
    if html is not None:
        content |= {"format": "org.matrix.custom.html", "formatted_body": html}
    message = read(content)
    assert message is not None
    return message


# ------------------------------------------------------------------ text and HTML of ordinary clients

ORDINARY = [
    ("plain **bold** and _em_", "plain <strong>bold</strong> and <em>em</em>"),
    ("Reply to **Ben** with _md_", 'Reply to <strong data-md="**">Ben</strong> with <i data-md="_">md</i>'),
    ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n"),
    ("3. three\n4. four", '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>\n'),
    ("Meet on\n3. November", "Meet on<br>3. November"),
    ("* a\n* b\n  1. c\n\ntext", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul><p>text</p>"),
    ("- [x] done\n- [ ] open", '<ul><li><input type="checkbox" checked> done</li><li>open</li></ul>'),
    (
        "see [the map](https://example.org/map?x=1&y=2)",
        'see <a href="https://example.org/map?x=1&amp;y=2">the map</a>',
    ),
    (
        "[Größe](https://example.org/gr%C3%B6%C3%9Fe)",
        '<a href="https://example.org/gr%C3%B6%C3%9Fe">Größe</a>',
    ),
    ("https://example.org/a_b_c", '<a href="https://example.org/a_b_c">https://example.org/a_b_c</a>'),
    ("un*frigging*believable", "un<em>frigging</em>believable"),
    ("snake_case stays", "<p>snake_case stays</p>"),
    ("```python\nprint(1)\n```", '<pre><code class="language-python">print(1)\n</code></pre>'),
    ("use `a_b` here", "use <code>a_b</code> here"),
    ("> quoted\n\nmine", "<blockquote>\n<p>quoted</p>\n</blockquote>\n<p>mine</p>\n"),
    ("# Head\n\ntext", "<h1>Head</h1>\n<p>text</p>"),
    (
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
    ),
    ("|a|b|\n|-|-|\n|1|2|", "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"),
    ("a ~~gone~~ b", "a <del>gone</del> b"),
    ("||secret|| word", "<span data-mx-spoiler>secret</span> word"),
    ("5 < 6 & 7 > 3", "<p>5 &lt; 6 &amp; 7 &gt; 3</p>"),
    ("a &amp; b", "<p>a &amp;amp; b</p>"),
    ("a<u>b</u>c", "a<u>b</u>c"),
    ("party :blob: time", 'party <img data-mx-emoticon src="mxc://x/y" alt=":blob:" title=":blob:"> time'),
    ("Hello Bob: hi", 'Hello <a href="https://matrix.to/#/@bob:x.example">Bob</a>: hi'),
    ("line one\nline two", "line one<br />line two"),
    ("two\n\nparagraphs", "<p>two</p><p>paragraphs</p>"),
    ("Straße ﬁn Ⅳ", "<p>Straße fin IV</p>"),
    ("we\u00adll \u200bsplit", "well split"),
    (r"5\*3 is \_not\_ bold", "5*3 is _not_ bold"),
    ("100% sure, 50%25", "<p>100% sure, 50%25</p>"),
    ("👍🏽 fine", "<span>👍🏽</span> fine"),
    ("日本語のテキスト", "<p>日本語のテキスト</p>"),
    ("مرحبا بكم", '<p dir="rtl">مرحبا بكم</p>'),
]


@pytest.mark.parametrize(("text", "html"), ORDINARY)
def test_ordinary_messages_agree(text: str, html: str) -> None:
    message = said(text, html)
    assert not message.disagree and not message.inside


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("We repair it.", "<p>We do not repair it.</p>"),
        ("We repair it. She is hard.", "<p>We repair it.</p>"),
        ("We repair it.", "<blockquote>she is hard</blockquote><p>We repair it.</p>"),
        ("> she is hard\n\nWe repair it.", "<p>We repair it.</p>"),
        ("We repair it.", ""),
        ("", "<p>We repair it.</p>"),
        ("one two", "two one"),
        ("it costs 5", "it costs 6"),
        ("yes", '<a href="https://example.org">no</a>'),
    ],
)
def test_different_words_disagree(text: str, html: str) -> None:
    assert said(text, html).disagree


@given(
    st.lists(
        st.sampled_from(["lamp", "*bold*", "3.", "- item", "`c`", "Ärger", "\n", "\n\n", "_x_y_"]),
        max_size=20,
    )
)
def test_markdown_agrees_with_what_is_made_of_it(words: list[str]) -> None:
    text = " ".join(words)
    assert agree(text, MarkdownIt().render(text))


# ------------------------------------------------------------------ quotes

MX = (
    '<mx-reply><blockquote><a href="https://matrix.to/#/!r/$e">In reply to</a> x<br>NOTE'
    "</blockquote></mx-reply>"
)


@pytest.mark.parametrize(
    ("body", "html", "text"),
    [
        ("> <@a:b> NOTE\n\nanswer", MX + "answer", "answer"),
        ("> <@a:b> NOTE\n> NOTE\n\nanswer\n\nmore", MX + "<p>answer</p><p>more</p>", "answer\n\nmore"),
        ("> <@a:b> NOTE\n\nanswer", None, "answer"),
        ("> * <@a:b> NOTE\n\nanswer", None, "answer"),
        ("> NOTE\n\nanswer", MX + "answer", "answer"),
        ("answer", MX + "answer", "answer"),
        ("> <@a:b> NOTE\n\n> citizen\n\nanswer", None, "> citizen\n\nanswer"),
        ("> citizen\n\nanswer", None, "> citizen\n\nanswer"),
        ("> <citizen> wrote\n\nanswer", None, "> <citizen> wrote\n\nanswer"),
        ("\r\n> citizen\r\n\r\nanswer", None, "> citizen\n\nanswer"),
    ],
)
def test_the_quotes_of_clients_go_and_those_of_people_stay(body: str, html: str | None, text: str) -> None:
    message = said(body, html)
    assert message.text == text
    assert not message.disagree
    assert "NOTE" not in (message.html or "")


def test_a_quote_that_falls_back_is_left_but_asked_about() -> None:
    relates = {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": "$x"},
    }
    message = said("> <@a:b> NOTE\n\nanswer", more={"m.relates_to": relates})
    assert message.falling_back and message.mention_first
    assert said("> <@a:b> N\n\nanswer", MX + "answer", more={"m.relates_to": relates}).text == "answer"


def test_a_quote_without_its_empty_line_is_asked_about() -> None:
    assert said("> <@a:b> first line\nsecond line of the note\n\nanswer").disagree


def test_an_open_or_crooked_mx_reply_is_asked_about() -> None:
    assert said("answer", "<mx-reply>NOTE answer").disagree
    assert said("answer", "<table><mx-reply>NOTE</table>answer").disagree is ("NOTE" in "answer")
    assert "NOTE" not in (said("answer", "<MX-REPLY>NOTE</MX-REPLY>answer").html or "")


def test_html_counts_only_with_its_format() -> None:
    assert read({"msgtype": "m.text", "body": "a", "formatted_body": "<p>b</p>"}) == said("a")


def test_the_html_is_safe_for_a_mail() -> None:
    message = said(
        "hello Bob click",
        'hello <a href="https://matrix.to/#/@bob:x">Bob</a> <a href="javascript:x">click</a>'
        '<img src="https://track.example/x.png"><script>alert(1)</script>',
    )
    assert message.html == "hello <a>Bob</a> <a>click</a>"


# ------------------------------------------------------------------ envelope, files, edits


def test_everything_of_the_envelope() -> None:
    message = read({"msgtype": "m.text", "body": " hello \n"})
    assert message == RoomMessage(
        "!desk", "$event", "@officer:birch.example", "Olga", "D", True, 1_800_000_000_000, "m.text", "hello"
    )


def test_a_name_is_one_line() -> None:
    message = room_message(
        EVENT, {"msgtype": "m.text", "body": "x"}, sender_name="\n", device=None, trusted=False
    )
    assert message is not None and message.sender_name == "officer"


def test_an_edit_is_taken_from_its_new_content() -> None:
    message = said(
        "* old",
        more={
            "m.new_content": {"msgtype": "m.text", "body": "!new"},
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$old"},
        },
    )
    assert (message.replaces, message.text, message.inside) == ("$old", "!new", True)


FILE = {
    "v": "v2",
    "url": "mxc://birch.example/abc-DEF_1",
    "iv": "AAAA",
    "hashes": {"sha256": "AA"},
    "key": {"k": "AA"},
}


@pytest.mark.parametrize(
    ("body", "filename", "captioned", "text"),
    [
        ("pic.png", None, False, ""),
        ("pic.png", "pic.png", False, ""),
        ("the plan", "pic.png", True, "the plan"),
        ("the plan", "", False, ""),
        ("the plan", 5, False, ""),
    ],
)
def test_captions(body: str, filename: Any, captioned: bool, text: str) -> None:
    content = {"msgtype": "m.file", "body": body, "file": FILE}
    message = read(content if filename is None else {**content, "filename": filename})
    assert message is not None
    assert (message.captioned, message.text) == (captioned, text)


def test_a_file_is_named_cleanly() -> None:
    content = {
        "msgtype": "m.file",
        "body": "caption",
        "filename": "../../etc/pass\u202ewd.pdf",
        "info": {"mimetype": "Application/PDF", "size": 12},
        "file": FILE,
    }
    file = file_in(content)
    assert file is not None
    assert (file.name, file.mime, file.size, file.url) == ("passwd.pdf", "application/pdf", 12, FILE["url"])
    edit = file_in({"msgtype": "m.text", "m.new_content": content})
    assert edit == file


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.text", "body": "x", "file": FILE},
        {"msgtype": "m.file", "body": "x", "url": "mxc://a/b"},
        {"msgtype": "m.file", "body": "x", "file": {**FILE, "url": "https://a/b"}},
        {"msgtype": "m.file", "body": "x", "file": {**FILE, "url": "mxc://a/../b"}},
        {"msgtype": ["m.file"], "file": FILE},
        None,
    ],
)
def test_what_is_no_encrypted_file(content: Any) -> None:
    assert file_in(content) is None


def test_relations_of_the_payload_win() -> None:
    thread = {"m.relates_to": {"rel_type": "m.thread", "event_id": "$a"}}
    other = {"m.relates_to": {"rel_type": "m.thread", "event_id": "$b"}}
    assert relations(thread, other) == Relations(thread="$a")
    assert relations({}, other) == Relations(thread="$b")
    assert relations({"m.relates_to": {}}, other) == Relations()
    assert relations({"m.relates_to": None}, other) == Relations()
    assert event_id("$" + "x" * 255) is None


def test_other_events() -> None:
    thread = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$x"}}
    event = {**EVENT, "content": {"m.relates_to": thread, "body": "x"}}
    assert room_plain(event) == RoomPlain("!desk", "$event", EVENT["sender"], "$root", "$x")  # type: ignore[arg-type]
    assert room_unreadable(event) == RoomUnreadable("!desk", "$event", str(EVENT["sender"]), "$root", "$x")
    for target in ({"redacts": "$t"}, {"content": {"redacts": "$t"}}):
        redaction = room_redaction({**EVENT, **target})
        assert redaction == RoomRedaction("!desk", "$event", str(EVENT["sender"]), "$t")
    member = {**EVENT, "state_key": "@new:x.example", "content": {"membership": "join"}}
    assert room_member(member) == RoomMember("!desk", "$event", "@new:x.example", "join")
    for reader in (room_redaction, room_member):
        assert reader(EVENT) is None


@pytest.mark.parametrize("kind", ["m.reaction", "m.room.topic", "m.call.invite"])
def test_payloads_that_are_no_message(kind: str) -> None:
    assert read({"msgtype": "m.text", "body": "x"}, kind=kind) is None


# ------------------------------------------------------------------ garbage

HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "$e",
            "m.thread",
            "m.replace",
            "m.text",
            "m.file",
            "!x",
            "<mx-reply>",
            "\ud800",
            "> <@a:b> x",
            "org.matrix.custom.html",
        ]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
KEYS = [
    "msgtype",
    "body",
    "format",
    "formatted_body",
    "filename",
    "file",
    "info",
    "m.relates_to",
    "m.new_content",
    "im.nheko.relations.v1.relations",
]
RELATES = st.dictionaries(
    st.sampled_from(["rel_type", "event_id", "m.in_reply_to", "is_falling_back"]), HOSTILE, max_size=4
)
PLAUSIBLE = st.fixed_dictionaries(
    {"msgtype": st.sampled_from(["m.text", "m.file"]) | HOSTILE, "body": st.text(max_size=30) | HOSTILE},
    optional={key: HOSTILE for key in KEYS[2:]} | {"m.relates_to": RELATES | HOSTILE},
)
CONTENT = st.dictionaries(st.sampled_from(KEYS), HOSTILE, max_size=10) | PLAUSIBLE | HOSTILE
ENVELOPE = st.dictionaries(
    st.sampled_from(["room_id", "event_id", "sender", "origin_server_ts", "content", "redacts", "state_key"]),
    HOSTILE,
    max_size=7,
)


@settings(max_examples=150, deadline=None)
@given(CONTENT, CONTENT, ENVELOPE, st.sampled_from(["m.room.message", "m.sticker", "x"]))
def test_garbage_never_raises(content: Any, wire: Any, envelope: Any, kind: str) -> None:
    for event in ({**EVENT, "content": wire}, {**EVENT, **envelope}, envelope, wire):
        message = read(content, event, kind=kind)
        assert message is None or (isinstance(message.text, str) and message.text.encode() is not None)
        file_in(content)
        for reader in (room_plain, room_unreadable, room_redaction, room_member):
            reader(event)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.text(alphabet="<>/abmx-reply \"='&;!\n", max_size=200))
def test_any_text_and_html_are_read(body: str, html: str) -> None:
    message = said(body, html)
    assert "<mx-reply" not in (message.html or "")


def test_html_made_to_be_expensive_is_asked_about() -> None:
    assert said("x", "<div>" * 12_000 + "x").disagree
    assert said("x", "<blockquote>" * 5_000 + "x").disagree
