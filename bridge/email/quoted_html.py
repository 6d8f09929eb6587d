"""The marks mail programs leave in HTML around what they quote, turned into lines of text.

    HTML ─> tree with marks found ─> the same tree with lines of `lines` put in ─> html_to_text

A program that quotes knows it, and says so by classes and ids.  Before each known quote stands the
line `lines.CITED`, before an old mail that runs to the end `lines.HISTORY`; around a signature
`lines.SIGNED` and `lines.UNSIGNED`.  The program's own "On … wrote:" goes.  What stands beside the
quote inside the program's container is an answer, and stays as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html

from bridge.email.html import MAX_HTML, html_to_text
from bridge.email.lines import CITED, HISTORY, MARKS, SIGNED, UNSIGNED
from bridge.email.phrases import FORWARDED

MOST = 500
"""Marks of one kind that are turned into lines; a mail with more is read as text."""

_QUOTED = frozenset({"yahoo_quoted", "zmail_extra", "tutanota_quote", "aolreplacedbody", "qmbox"})
"""Classes of elements that are nothing but the old mail."""
_QUOTED_IDS = frozenset(
    {"isreplycontent", "replyblockquote", "qt", "olk_src_body_section", "messagereplysection", "quote"}
)
"""Ids and names of the same."""
_CONTAINERS = ("gmail_quote", "gmail_quote_container", "protonmail_quote")
"""Classes of elements around an attribution and a quote, and perhaps answers between."""
_ATTRIBUTIONS = ("gmail_attr", "moz-cite-prefix", "reply-intro")
_HISTORY_IDS = (
    *("divrplyfwdmsg", "stopspelling", "zwchr", "mail-editor-reference-message-container", "appendonsend"),
    *("outlookmessageheader", "ms-outlook-mobile-reference-message"),
)
_SIGNATURES = (
    *("gmail_signature", "moz-signature", "protonmail_signature_block", "protonmail_signature_block-user"),
    *("signature", "applemailsignature", "ms-outlook-mobile-signature", "tutanota-signature"),
)
_HINT = re.compile(
    "|".join(
        re.escape(name)
        for name in (*_QUOTED, *_QUOTED_IDS, *_CONTAINERS, *_ATTRIBUTIONS, *_HISTORY_IDS)
        if name not in ("qt", "quote")
    )
    + r"|cite\b|=[\"']?q(?:uo)?te?\b|border-top\s{0,5}:",
    re.IGNORECASE,
)
_RULED = re.compile(r"border:\s*none;\s*border-top:\s*solid\s+#?\w+", re.IGNORECASE)
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
_MARK_CHARACTERS = re.compile(f"[{MARKS}]")
_FORWARDED = tuple(FORWARDED.split("|"))
_MOST_PARTS = 100  # elements of an attribution
_MAX_SIGNATURE = 3_000  # characters; a longer one is a text somebody wrote into it


def marked_text(html: str) -> str | None:
    """The text of `html` with the lines of `lines` at its marks; None when it has no marks.

    None also where that would be less than certain: HTML too long or nested too deeply for the tree
    parser, a quote that the layout moved.
    """
    if len(html) > MAX_HTML or not _HINT.search(html):
        return None
    root = _tree(_MARK_CHARACTERS.sub("", html))
    if root is None:
        return None
    elements = [e for e in root.iter(etree.Element) if e.getparent() is not None]
    if not _mark_history(elements) + _mark_quotes(elements):
        return None
    _mark_signatures(elements)
    text = html_to_text(lxml_html.tostring(root, encoding="unicode"))
    return text if _holds_its_marks(text.split("\n")) else None


def unmarked(text: str) -> str:
    """`text` without the lines that `marked_text` put in."""
    return _MARK_CHARACTERS.sub("", text)


def _holds_its_marks(lines: list[str]) -> bool:
    """Whether each known quote came out as one: a table may move it, a plain layout shows no quotes."""
    awaited = False
    for line in lines:
        if awaited and line.strip():
            if not line.lstrip().startswith(">"):
                return False
            awaited = False
        if CITED in line:
            if line.strip() != CITED:
                return False
            awaited = True
    return not awaited


def _tree(html: str) -> Any:
    parser = lxml_html.HTMLParser(recover=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_XML.sub("", html.replace("\x00", "")), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return None if any("depth" in entry.message for entry in parser.error_log) else root


def _names(element: Any) -> set[str]:
    """Class names, id and name of an element, in lower case."""
    given = f"{element.get('class', '')} {element.get('id', '')} {element.get('name', '')}"
    return set(given[:500].lower().split())


def _text(element: Any, most: int) -> str:
    """The words inside an element, not many more than `most` characters of them."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part[: most + 1])
        length += len(part)
        if length > most:
            break
    return "".join(parts)


def _is_quote(element: Any, names: set[str]) -> bool:
    """Whether a program made this element for an old mail and nothing else."""
    ids = {element.get("id", "").lower(), element.get("name", "").lower()}
    if names & _QUOTED or ids & _QUOTED_IDS:
        return True
    if element.tag != "blockquote":
        return False
    kind, source = element.get("type", "").lower(), element.get("cite", "").lower()
    return bool(names & {*_CONTAINERS, "cite"}) or kind == "cite" or source.startswith("mid:")


def _mark_quotes(elements: Iterable[Any]) -> int:
    """Put `CITED` before each outermost known quote; return how many there are."""
    inside: set[Any] = set()  # elements of a known quote
    held: set[Any] = set()  # elements of a container whose blockquotes are known
    count = 0
    for element in elements:
        parent = element.getparent()
        if parent is None or parent in inside:
            inside.add(element)
            continue
        names = _names(element)
        if parent in held:
            held.add(element)
        if _is_quote(element, names) or (element in held and element.tag == "blockquote"):
            known = True
        elif names & set(_CONTAINERS) and not _is_forward(element):
            known = next(element.iter("blockquote"), None) is None
            if not known:
                _without_attribution(element)
                held.add(element)
        else:
            known = False
            if names & set(_ATTRIBUTIONS) and _reads_as_attribution(_text(element, 1_000)):
                _blank(element)
        if known and count < MOST and any(not part.isspace() for part in element.itertext()):
            element.tag = "blockquote"
            element.addprevious(_line(CITED))
            inside.add(element)
            count += 1
    return count


def _is_forward(element: Any) -> bool:
    """Whether a container holds a mail that was passed on: then it is no history by itself."""
    top = " ".join(_text(element, 300).split()).lower()
    return any(phrase in top for phrase in _FORWARDED)


def _without_attribution(container: Any) -> None:
    """Blank what stands before the first blockquote of `container`, if it reads as an attribution."""
    before: list[Any] = [container]
    for element in islice(container.iterdescendants(), _MOST_PARTS):
        if element.tag == "blockquote":
            break
        before.append(element)
    else:
        return
    texts = [before[0].text or "", *(f"{e.text or ''}{e.tail or ''}" for e in before[1:] if _short(e))]
    if not _reads_as_attribution("".join(texts)):
        return
    ancestors = set(next(container.iter("blockquote")).iterancestors())
    container.text = None
    for element in before[1:]:
        element.text = None
        if element not in ancestors:
            element.tail = None


def _short(element: Any) -> bool:
    return len(element.text or "") + len(element.tail or "") < 1_000


def _reads_as_attribution(text: str) -> bool:
    words = " ".join(text.split())
    return 4 < len(words) < 400 and words.endswith((":", "：")) and re.search(r"\d|@", words) is not None


def _blank(element: Any) -> None:
    """Take the words out of an element; what follows it stays."""
    for child in list(element):
        element.remove(child)
    element.text = None


def _mark_history(elements: Iterable[Any]) -> int:
    """Put `HISTORY` before each place from which an old mail runs to the end; return how many."""
    places = [e for e in elements if _begins_history(e)][:MOST]
    for place in places:
        place.addprevious(_line(HISTORY))
    return len(places)


def _begins_history(element: Any) -> bool:
    names = _names(element)
    if "appendonsend" in names:  # stands in new mails too; a rule follows it in answers
        following = element.getnext()
        return following is not None and following.tag == "hr"
    if names & set(_HISTORY_IDS) or element.get("data-marker") == "__DIVIDER__":
        return True
    if element.tag != "div" or not _RULED.search(element.get("style", "")[:1_000]):
        return False
    bold = [_text(e, 100).rstrip() for e in islice(element.iter("b", "strong"), 10)]
    return sum(text.endswith((":", "：")) for text in bold) >= 2


def _mark_signatures(elements: Iterable[Any]) -> None:
    """Put `SIGNED` and `UNSIGNED` around what a program knows as a signature, outside of quotes."""
    for place in [e for e in elements if _is_signature(e)][:MOST]:
        first = _line(SIGNED)
        first.tail, place.text = place.text, None
        place.insert(0, first)
        place.append(_line(UNSIGNED))


def _is_signature(element: Any) -> bool:
    if not _names(element) & set(_SIGNATURES) and element.get("data-smartmail") != "gmail_signature":
        return False
    if (
        len(_text(element, _MAX_SIGNATURE)) > _MAX_SIGNATURE
        or next(element.iter("blockquote"), None) is not None
    ):
        return False
    return all(above.tag != "blockquote" for above in element.iterancestors())


def _line(mark: str) -> Any:
    line = lxml_html.Element("div")
    line.text = mark
    return line
