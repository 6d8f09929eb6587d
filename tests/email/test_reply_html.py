"""What mail programs mark as quoted in HTML is found by their marks, in any language."""

from __future__ import annotations

import pytest

from bridge.email.html import html_to_text
from bridge.email.quoted_html import marked_text, unmarked
from bridge.email.text import take_apart

WROTE = "Sqwx 2027, Ada Citizen zzz:"  # in a language nobody knows
QUESTION = "<div>Which bench?</div>"
OUTLOOK = "<b>Xyz:</b> Alder City &lt;park@consult.alder.example&gt;<br><b>Xy:</b> Monday<br><b>Zx:</b> Kim"
RULED = "border:none;border-top:solid {} 1.0pt;padding:3.0pt 0cm 0cm 0cm"
ABOVE = {
    "gmail": (
        '<div dir="ltr">Yes.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr"'
        f' class="gmail_attr">{WROTE}<br></div><blockquote class="gmail_quote">{QUESTION}</blockquote></div>'
    ),
    "gmail before 2018": (
        '<div dir="ltr">Yes.</div><div class="gmail_extra"><br><div class="gmail_quote">'
        f'{WROTE}<br><blockquote class="gmail_quote">{QUESTION}</blockquote></div></div>'
    ),
    "outlook on the web": (
        '<div>Yes.</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg" dir="ltr">'
        f"<font>{OUTLOOK}</font></div>{QUESTION}"
    ),
    "outlook, only a rule": f'<div>Yes.</div><div id="appendonsend"></div><hr><div>{OUTLOOK}</div>{QUESTION}',
    "outlook 2013": (
        "<div class=WordSection1><p class=MsoNormal>Yes.<o:p></o:p></p><div>"
        f'<div style="{RULED.format("#E1E1E1")}">'
        f"<p class=MsoNormal>{OUTLOOK}</p></div></div><p class=MsoNormal>Which bench?</p></div>"
    ),
    "outlook 2007": f'<p>Yes.</p><div style="{RULED.format("#B5C4DF")}"><p>{OUTLOOK}</p></div>{QUESTION}',
    "outlook 2003": f"<p>Yes.</p><div class=OutlookMessageHeader>{OUTLOOK}</div>{QUESTION}",
    "outlook for phones": (
        f'<div>Yes.</div><div class="ms-outlook-mobile-reference-message">{OUTLOOK}</div>{QUESTION}'
    ),
    "hotmail": f'<div>Yes.</div><hr id="stopSpelling">{OUTLOOK}<br>{QUESTION}',
    "apple": (
        '<html><body>Yes.<div><br><blockquote type="cite">'
        f"<div>{WROTE}</div>{QUESTION}</blockquote></div></body>"
    ),
    "thunderbird": (
        f'<p>Yes.</p><div class="moz-cite-prefix">{WROTE}<br></div>'
        f'<blockquote type="cite" cite="mid:1@b.example">{QUESTION}</blockquote>'
    ),
    "thunderbird, by its source": (
        f'<p>Yes.</p><div class="moz-cite-prefix">{WROTE}</div>'
        '<blockquote cite="mid:1@b.example">Which?</blockquote>'
    ),
    "yahoo": f'<div>Yes.</div><div id="yq_1" class="yahoo_quoted"><div>{WROTE}</div>{QUESTION}</div>',
    "proton": (
        f'<div>Yes.</div><div class="protonmail_quote">{WROTE}<br>'
        f'<blockquote class="protonmail_quote" type="cite">{QUESTION}</blockquote><br></div>'
    ),
    "web.de": f'<div>Yes.</div><div name="quote"><div>{OUTLOOK}</div><div>{QUESTION}</div></div>',
    "roundcube": f'<p>Yes.</p><p id="reply-intro">{WROTE}</p><blockquote type="cite">{QUESTION}</blockquote>',
    "tutanota": f'<div>Yes.</div><blockquote class="tutanota_quote">{QUESTION}</blockquote>',
    "zoho": f'<div>Yes.</div><div class="zmail_extra">{WROTE}{QUESTION}</div>',
    "zimbra": f'<div>Yes.</div><hr id="zwchr" data-marker="__DIVIDER__"><div>{OUTLOOK}</div>{QUESTION}',
    "fastmail": f'<div>Yes.</div><blockquote type="cite" id="qt">{QUESTION}</blockquote>',
}


def said(html: str, text: str = "", ours: tuple[str, ...] = ()) -> list[str]:
    return lines(take_apart(text, html, ours).words)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("html", ABOVE.values(), ids=ABOVE.keys())
def test_the_marked_quote_goes(html: str) -> None:
    text = html_to_text(html)
    assert said(html) == ["Yes."]
    assert said(f"<html><head><title>t</title></head><body>{html}</body></html>", text) == ["Yes."]


def test_answers_beside_the_quote_stay_with_what_they_answer() -> None:
    gmail = (
        f'<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">{WROTE}<br></div>'
        '<blockquote class="gmail_quote"><div>Which bench?</div></blockquote><div>The red one.</div>'
        '<blockquote class="gmail_quote"><div>Which day?</div></blockquote><div>Monday.</div>'
        '<blockquote class="gmail_quote"><div>Yours, Ada</div></blockquote></div></div>'
    )
    wanted = ["> Which bench?", "The red one.", "> Which day?", "Monday."]
    assert said(gmail) == wanted
    assert said(gmail.replace('class="gmail_quote"', 'type="cite"')) == wanted
    proton = gmail.replace("gmail_quote", "protonmail_quote").replace("gmail_attr", "x")
    assert said(proton) == wanted


def test_an_empty_quote_is_none() -> None:
    quote = '<blockquote type="cite">\n'
    assert said(ABOVE["apple"].replace(quote[:-1], f"{quote} </blockquote>{quote}")) == ["Yes."]


def test_an_answer_below_the_quote_stays() -> None:
    for name in ("gmail", "gmail before 2018", "apple", "thunderbird", "yahoo", "proton", "tutanota", "zoho"):
        got = said(f"{ABOVE[name].replace('</body>', '')}<p>And below.</p>")
        assert got[0] == "Yes." and got[-1] == "And below."


def test_what_the_author_quotes_stays() -> None:
    own = "<p>The rules say</p><blockquote>No dogs</blockquote><p>Why?</p>"
    assert said(own) == ["The rules say", "> No dogs", "Why?"]
    assert said(ABOVE["thunderbird"].replace("<p>Yes.</p>", own)) == ["The rules say", "> No dogs", "Why?"]


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="gmail_signature" data-smartmail="gmail_signature">Kim<br>Bench Street 1</div>',
        '<pre class="moz-signature">Kim\nBench Street 1</pre>',
        '<div id="Signature"><p>Kim</p><p>Bench Street 1</p></div>',
        '<div class="protonmail_signature_block"><div>Kim</div><div>Bench Street 1</div></div>',
    ],
)
def test_a_marked_signature_is_folded(signature: str) -> None:
    for name in ("gmail", "outlook on the web", "thunderbird"):
        got = take_apart("", ABOVE[name].replace("Yes.", f"Yes.{signature}", 1))
        assert lines(got.words) == ["Yes."] and lines(got.folded) == ["Kim", "Bench Street 1"]


def test_a_signature_in_the_old_mail_is_not_the_authors() -> None:
    for name, html in ABOVE.items():
        got = take_apart("", html.replace("Which bench?", '<div class="moz-signature">Ada</div>'))
        assert (lines(got.words), got.folded) == (["Yes."], ""), name


def test_an_empty_answer_leaves_the_whole_mail() -> None:
    for html in ABOVE.values():
        assert said(html.replace("Yes.", ""))[-1].endswith(("Which bench?", "Which?"))


def test_a_mail_passed_on_stays_where_it_is_not_ours() -> None:
    head = "From: Bo &lt;bo@home.example&gt;<br>Date: Mon, 4 Jan 2027<br>Subject: x<br>To: Kim<br>"
    gmail = (
        '<div>Look.</div><div class="gmail_quote"><div class="gmail_attr">'
        f"---------- Forwarded message ---------<br>{head}</div><div>What I think</div></div>"
    )
    apple = (
        '<div>Look.</div><blockquote type="cite"><div>Begin forwarded message:</div>'
        f"<div>{head}</div>No!</blockquote>"
    )
    for html in (gmail, apple):
        assert said(html) == ["Look."]
        assert "bo@home.example" in " ".join(said(html, ours=("consult.alder.example",)))
        assert said(html, ours=("home.example",)) == ["Look."]
    outlook = ABOVE["outlook on the web"]
    assert said(outlook, ours=("consult.alder.example",)) == ["Yes."]
    assert said(outlook, ours=("birch.example",))[-1] == "Which bench?"


def test_the_text_is_believed_where_it_shows_more() -> None:
    html = ABOVE["apple"]
    assert said(html, "Another text altogether, with other words") == [
        "Another text altogether, with other words"
    ]
    text = "Yes.\n\n> On 4 Jan 2027, Ada <a@b.example> wrote:\n> Which bench?\nThe red one.\n> Ada"
    inside = html.replace("Which bench?", "Which bench?<br>The red one.<br>Ada")
    assert "The red one." in said(inside, text)


def test_marks_of_our_own_in_a_mail_mean_nothing() -> None:
    for mark in "\ue000\ue001\ue002\ue003":
        assert said("", f"Yes\n{mark}\nNo") == ["Yes", "No"]
        assert said(ABOVE["gmail"].replace("Yes.", f"Yes<br>{mark}<br>No")) == ["Yes", "No"]
        assert said(f"<p>Yes</p><p>{mark}</p><p>No</p>") == ["Yes", "No"]


def test_a_quote_that_the_layout_moved_is_left_to_the_text() -> None:
    quote = f'<div class="gmail_attr">{WROTE}</div><blockquote type="cite">Which bench?</blockquote>'
    assert said(f"<table><tr><td>Yes.</td></tr><tr><td>{quote}</td></tr></table>") == ["Yes."]
    beside = " ".join(said(f"<table><tr><td>Yes.</td><td>{quote}</td></tr></table>"))
    assert beside.startswith("Yes.") and WROTE in beside and "Which bench?" in beside
    many = said(f"<p>Yes.</p>{'<i>so</i> ' * 30_000}{quote}")
    assert many[0].startswith("Yes.") and ("Which bench?" in many[-1]) == (WROTE in " ".join(many))


def test_html_without_marks_or_beyond_the_limits_is_left_to_the_text() -> None:
    assert marked_text("<p>Yes</p><blockquote>q</blockquote>") is None
    assert marked_text('<div style="border-top: solid">Yes</div>') is None
    assert marked_text("") is None
    assert marked_text(ABOVE["apple"] + "x" * 1_000_000) is None
    assert marked_text(f"{'<div>' * 5_000}deep{ABOVE['apple']}") is None
    assert "deep" in " ".join(said(f"{'<div>' * 5_000}deep{ABOVE['apple']}"))
    assert unmarked(marked_text(ABOVE["tutanota"]) or "").split() == ["Yes.", ">", "Which", "bench?"]
