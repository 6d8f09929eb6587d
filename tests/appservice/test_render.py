"""What the bridge sends: names, threads, safe HTML, sizes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.appservice import render
from bridge.appservice.render import PROFILE, Thread
from bridge.text import PART_BYTES

THREAD = Thread("$root", "$latest")
FILE = {"url": "mxc://alder.example/x", "v": "v2"}


def words(text: str = "Hello", html: str | None = None, name: str = "Ada Citizen") -> dict[str, Any]:
    return render.words(name, "p1", text, html, THREAD)


def test_the_head_line() -> None:
    content = render.head("PARK-7F3K-9Q", "open", "e-mail", "Ada <b>", "Lamps & “light”")
    assert content == {
        "msgtype": "m.text",
        "body": "PARK-7F3K-9Q · open · e-mail — Ada <b>: “Lamps & “light””",
        "format": "org.matrix.custom.html",
        "formatted_body": "<strong>PARK-7F3K-9Q</strong> · open · e-mail"
        " — Ada &lt;b&gt;: “Lamps &amp; “light””",
        "m.mentions": {},
    }
    assert render.head("R", "open", "", "", "")["body"] == "R · open"
    assert render.head("R", "open", "form", "Ada", "")["body"] == "R · open · form — Ada"
    assert render.head("R", "open", "form", "", "Lamps")["body"] == "R · open · form — “Lamps”"
    assert "\n" not in render.head("R", "open", "form", "A\nB", "x\r\ny")["body"]


def test_a_citizens_words() -> None:
    assert words("Hello\nyou", "<p>Hello<br>you</p>") == {
        "msgtype": "m.text",
        "body": "Ada Citizen: Hello\nyou",
        "format": "org.matrix.custom.html",
        "formatted_body": "<p><strong data-mx-profile-fallback>Ada Citizen: </strong>Hello<br>you</p>",
        "m.mentions": {},
        PROFILE: {"id": "p1", "displayname": "Ada Citizen", "has_fallback": True},
        "m.relates_to": {
            "rel_type": "m.thread",
            "event_id": "$root",
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": "$latest"},
        },
    }


def test_a_notice_that_answers_an_event() -> None:
    content = render.notice("No <reply>.", Thread("$root", "$asked", answers=True))
    assert content["msgtype"] == "m.notice"
    assert content["formatted_body"] == "<p>No &lt;reply&gt;.</p>"
    assert content["m.relates_to"]["is_falling_back"] is False
    assert content["m.relates_to"]["m.in_reply_to"] == {"event_id": "$asked"}
    assert "m.relates_to" not in render.notice("hello")


@pytest.mark.parametrize(
    ("html", "start"),
    [
        ("<p>a</p>", "<p><strong data-mx-profile-fallback>Ada: </strong>a</p>"),
        ("a <b>b</b>", "<strong data-mx-profile-fallback>Ada: </strong>a <strong>b</strong>"),
        ("<ul><li>a</li></ul>", "<p><strong data-mx-profile-fallback>Ada: </strong></p><ul>"),
        ("<blockquote>a</blockquote>", "<p><strong data-mx-profile-fallback>Ada: </strong></p><blockquote>"),
        ("<h2>a</h2>", "<p><strong data-mx-profile-fallback>Ada: </strong><strong>a</strong></p>"),
        ("<div>a</div>", "<strong data-mx-profile-fallback>Ada: </strong>a"),
    ],
)
def test_the_name_stands_in_the_first_paragraph(html: str, start: str) -> None:
    assert words("a", html, "Ada")["formatted_body"].startswith(start)


@pytest.mark.parametrize("html", [None, "", "<p></p>", "<img src=x>"])
def test_html_that_says_nothing_gives_way_to_the_text(html: str | None) -> None:
    rich = words("one\n\ntwo <x>", html, "Ada")["formatted_body"]
    name = "<strong data-mx-profile-fallback>Ada: </strong>"
    assert rich == f"<p>{name}one</p><p>two &lt;x&gt;</p>"


def test_html_made_to_be_expensive_is_only_its_words() -> None:
    rich = words("text", "<div>" * 5000 + "a <img src=x>", "Ada")["formatted_body"]
    assert rich == "<p><strong data-mx-profile-fallback>Ada: </strong>a</p>"


def test_names_are_short_plain_and_without_tags() -> None:
    content = words(name="<b>Ä</b>\u202e" + "x" * 400)
    shown = content[PROFILE]["displayname"]
    assert len(shown.encode()) <= 255 and "\u202e" not in shown
    assert content["body"].startswith(f"{shown}: ")
    assert "<b>" not in content["formatted_body"] and "&lt;b&gt;Ä" in content["formatted_body"]
    assert len(render.words("A", "i" * 400, "x", None, None)[PROFILE]["id"].encode()) <= 255
    assert words(name="\u202e")[PROFILE]["displayname"] == "?"


def test_a_file_has_one_clean_name_and_no_fallback() -> None:
    content = render.file("Ada", "p1", "a/b/pi\u200bc.png", "image/png", 4, FILE, THREAD)
    assert content["body"] == content["filename"] == "pic.png"
    assert content[PROFILE] == {"id": "p1", "displayname": "Ada"}
    assert content["msgtype"] == "m.image"
    assert content["info"] == {"mimetype": "image/png", "size": 4}
    assert content["file"] == FILE and content["m.relates_to"]["event_id"] == "$root"
    assert content["m.mentions"] == {}


@pytest.mark.parametrize(
    ("mime", "msgtype", "shown"),
    [
        ("image/jpeg", "m.image", "image/jpeg"),
        ("audio/ogg", "m.audio", "audio/ogg"),
        ("video/mp4", "m.video", "video/mp4"),
        ("application/pdf", "m.file", "application/pdf"),
        ("image/svg+xml", "m.file", "application/octet-stream"),
        ("IMAGE/SVG+XML", "m.file", "application/octet-stream"),
        ("text/html", "m.file", "application/octet-stream"),
    ],
)
def test_active_content_is_never_inline(mime: str, msgtype: str, shown: str) -> None:
    content = render.file("Ada", "p1", "x", mime, 4, FILE, None)
    assert (content["msgtype"], content["info"]["mimetype"]) == (msgtype, shown)


def test_an_edit_repeats_everything() -> None:
    head = render.head("R", "answered", "form", "Ada", "Lamps")
    edit = render.edit_of("$root", head)
    assert edit["m.new_content"] == head
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$root"}
    assert edit["body"] == f"* {head['body']}" and edit["m.mentions"] == {}
    threaded = render.edit_of("$words", words())
    assert "m.relates_to" not in threaded["m.new_content"]
    assert threaded["m.new_content"][PROFILE]["has_fallback"] is True


def test_a_reaction_is_only_a_mark() -> None:
    assert render.reaction("$e", "🔒") == {
        "m.relates_to": {"rel_type": "m.annotation", "event_id": "$e", "key": "🔒"}
    }


# ------------------------------------------------------------------ strangers' HTML

ATTACKS = [
    "<script>alert(1)</script>",
    '<img src="https://track.example/x.png" onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="https://ok.example" onclick="x" style="x">x</a>',
    "<svg onload=alert(1)><p>x</svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<p style="position:fixed">x</p>',
    "<mx-reply>x</mx-reply>",
    "<strong data-mx-profile-fallback>Mayor: </strong>x",
    '<font color="red" data-mx-color="x">x</font>',
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=https://evil.example><input name=x></form>",
    '<a href="https://matrix.to/#/@clerk:alder.example">@clerk</a> @room',
    '<a href="matrix:u/clerk:alder.example">@clerk</a>',
    "<!--><img src=x onerror=alert(1)>-->",
    "a\u202egpj.exe &#x202e;b",
    "<base href=https://evil.example><meta http-equiv=refresh content=0>",
]
TAG = re.compile(r"</?([a-zA-Z0-9-]+)([^>]*)>")


def check(rich: str) -> None:
    for tag, attributes in TAG.findall(rich.replace(" data-mx-profile-fallback", "", 1)):
        assert tag in {"p", "br", "ul", "ol", "li", "blockquote", "a", "strong", "em", "pre", "code"}
        assert re.fullmatch(r'|| href="(https?:|mailto:)[^"]*"| start="\d+"', attributes), attributes
    assert "matrix.to" not in "".join(a for _, a in TAG.findall(rich))
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", rich)


@pytest.mark.parametrize("attack", ATTACKS)
def test_only_listed_tags_are_left(attack: str) -> None:
    content = words("text", f"<p>hello</p>{attack}")
    check(content["formatted_body"])
    assert content["m.mentions"] == {}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*ATTACKS, "<p>", "</p>", "<b>", "</a>", "<ul><li>", "x", '"', "<", "&lt;"]),
        max_size=8,
    )
)
def test_only_listed_tags_are_left_of_mixtures(parts: list[str]) -> None:
    check(words("text", "".join(parts))["formatted_body"])


# ------------------------------------------------------------------ sizes


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["a", "<", "&", "\n", '"', "\\", "é", "💥", "\ud800", "\x01", " "]), st.booleans())
def test_a_part_of_a_text_always_fits(char: str, rich: bool) -> None:
    size = len(char.encode("utf-8", "replace"))
    text = char * (PART_BYTES // size)
    content = words(text, "<p>" + char * 20_000 + "</p>" if rich else None, "ö" * 200)
    assert render.fits(content)
    assert encrypted(content) < 65_536


def encrypted(content: dict[str, Any]) -> int:
    """The size of an event with this content, as a homeserver counts it, at the unlucky end."""
    payload = {"type": "m.room.message", "room_id": "!" + "x" * 200, "content": content}
    plain = len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    around = {
        "sender": "@" + "x" * 254,
        "device_id": "x" * 255,
        "sender_key": "x" * 43,
        "session_id": "x" * 43,
        "room_id": "!" + "x" * 200,
        "hashes": "x" * 60,
        "signatures": "x" * 400,
        "auth_events": ["$" + "x" * 43] * 10,
        "prev_events": ["$" + "x" * 43] * 20,
        "relates": content.get("m.relates_to"),
        "ciphertext": "x" * -(-(plain + 16 + 100) * 4 // 3),
    }
    return len(json.dumps(around))


def test_what_does_not_fit_is_said() -> None:
    assert not render.fits(render.words("Ada", "p1", "x" * 60_000, None, None))
    content = words("short", "<p>" + "x" * 60_000 + "</p>")
    assert content["formatted_body"].endswith("short</p>")
