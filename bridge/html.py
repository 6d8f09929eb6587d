"""HTML from strangers and staff: what may stay of it, and what it says as plain text.

Everything goes through nh3 (html5ever) first; what is done afterwards sees balanced tags
and escaped text only.

    room_html      a citizen's HTML for the room (spec v1.15, "m.room.message msgtypes")
    mail_html      a staff member's HTML for the citizen's mail
    unquoted       HTML without the `<mx-reply>` that older clients put before an answer
    plain          what HTML says, as text
    paragraphs     text as HTML
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

from bridge.text import clean_text, trimmed

ROOM_TAGS = frozenset({"p", "br", "ul", "ol", "li", "blockquote", "a", "strong", "em", "pre", "code"})
"""What every client draws well."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ALIASES = {"b": "strong", "i": "em"}
_TABLE = frozenset({"table", "thead", "tbody", "tr", "td", "th"})
_MAIL_TAGS = ROOM_TAGS | _TABLE | {"del", *_HEADINGS}
_TALK_TAGS = _MAIL_TAGS | {"div", "hr"}
_SILENT = frozenset({"script", "style", "title", "template", "iframe", "noembed", "noframes", "svg"})
_SCHEMES = {"http", "https", "mailto"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_QUOTE = re.compile(r"<\s*/?\s*mx-reply\b", re.IGNORECASE)
_USER_LINK = re.compile(r"(?:https?://matrix\.to/#/|matrix:)", re.IGNORECASE)
_LINKED = re.compile("(?:https?|mailto):", re.IGNORECASE)
_LINK = re.compile(r'<a href="([^"]*)"')
_MENTION = re.compile(r"(?:https?://matrix\.to/#/(?:@|%40)|matrix:u/)", re.IGNORECASE)
_OPENED = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_UNNESTED = frozenset(  # void, or closed by what follows
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option"}
    | {"p", "source", "tbody", "td", "th", "thead", "tr", "wbr"}
)
_NESTED = 200  # elements within each other; the parser's time grows with the square of it
_LONGEST = 200_000  # characters
_HEADING_SET = frozenset(_HEADINGS)
_TOKEN = re.compile(r"(<[^<>]*>)")
_BLOCK = re.compile(r"</?(?:p|ul|ol|li|blockquote|pre)(?: [^>]*)?>")
_DEEPEST = 8  # quotes and lists below this are written without a further mark


def room_html(given: str) -> str:
    """A citizen's HTML with `ROOM_TAGS` only; links to the web and to mail; pings nobody."""
    return _cleaned(given, ROOM_TAGS)


def mail_html(given: str) -> str:
    """A staff member's HTML for a mail: no quotes of the room, no Matrix identifiers as links."""
    return _cleaned(given, _MAIL_TAGS, silent=_SILENT | {"mx-reply"})


def mail_text(given: str) -> str:
    """The plain text of a mail of which only HTML is there."""
    return plain(mail_html(given), links=True)


def quotes(given: str) -> bool:
    """Whether there is an `<mx-reply>`, opened or closed."""
    return _QUOTE.search(given) is not None


def unquoted(given: str) -> str:
    """HTML without `<mx-reply>` and what stands in it; else harmless, Matrix links kept.

    HTML made to be expensive is nothing at all.
    """
    if _hostile(given):
        return ""
    cleaned = nh3.clean(
        _whole(given),
        tags=set(_TALK_TAGS | set(_ALIASES)),
        clean_content_tags=set(_SILENT | {"mx-reply"}),
        attributes=_ATTRIBUTES,
        attribute_filter=_known_attribute,
        url_schemes=_SCHEMES | {"matrix"},
        link_rel=None,
    )
    return clean_text(cleaned)


def first_words(given: str) -> str:
    """What HTML from `unquoted` shows first, without the marks of lists and quotes."""
    return html.unescape(re.sub(r"<[^>]*>", " ", given)).strip()


def begins_with_mention(given: str) -> bool:
    """Whether the first thing that HTML from `unquoted` shows is a link to a Matrix user."""
    for link in list(_LINK.finditer(given))[:20]:
        if trimmed(first_words(given[: link.start()]), also=">"):
            return False
        if _MENTION.match(html.unescape(link[1])):
            return True
    return False


def paragraphs(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, line ends stay."""
    blocks = [b.strip("\n") for b in re.split(r"\n[ \t]*\n", text) if b.strip()]
    return "".join(f"<p>{html.escape(b, quote=False).replace(chr(10), '<br>')}</p>" for b in blocks)


def plain(given: str, *, links: bool = False, numbers: bool = True) -> str:
    """What HTML says: blocks on lines of their own, lists and quotes marked.

    `links` adds the address of a link behind its words where the words do not say it; without
    `numbers` the items of ordered lists have none.
    """
    if _hostile(given):
        return clean_text(_bare(given)).strip()
    page = _Page(links, numbers)
    page.feed(unquoted(given))
    page.close()
    return page.text()


def _cleaned(given: str, tags: frozenset[str], *, silent: frozenset[str] = _SILENT) -> str:
    if _hostile(given):
        return paragraphs(clean_text(_bare(given)))
    cleaned = nh3.clean(
        _whole(given),
        tags=set(tags | _TALK_TAGS | set(_ALIASES)),
        clean_content_tags=set(silent),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    for old, new in _ALIASES.items():
        cleaned = cleaned.replace(f"<{old}>", f"<{new}>").replace(f"</{old}>", f"</{new}>")
    if "h1" not in tags:
        cleaned = re.sub(r"<h[1-6]>", "<p><strong>", cleaned)
        cleaned = re.sub(r"</h[1-6]>", "</strong></p>", cleaned)
    return clean_text(_flat(cleaned, (_TALK_TAGS - _HEADING_SET) - tags)).strip()


def _flat(cleaned: str, gone: frozenset[str]) -> str:
    """Without the tags of `gone`, but with the lines and gaps they made.

    Many mail programs write a line as a `div`, and tables hold whole letters.
    """
    edges = {f"<{slash}{name}>" for name in gone - {"td", "th"} for slash in ("", "/")}
    cells = {f"<{slash}{name}>": " " * len(slash) for name in gone & {"td", "th"} for slash in ("", "/")}
    out: list[str] = []
    edge, breaks, at_block = False, 0, True
    for token in _TOKEN.split(cleaned):  # one pass: whatever is written in it
        piece = cells.get(token, token)
        if piece in edges:
            edge = True
        elif edge and piece == "<br>":
            breaks += 1
        elif piece and not (edge and piece.isspace()):
            block = _BLOCK.fullmatch(piece) is not None
            if edge and not block and not at_block:
                out.append("<br>" * min(2, 1 + breaks))
            edge, breaks = False, 0
            at_block = block or (at_block and piece.isspace())
            out.append(piece)
    return "".join(out)


def _hostile(given: str) -> bool:
    """Whether parsing would cost far more than anybody's HTML is worth: too long, or nested too deep."""
    if len(given) > _LONGEST:
        return True
    depth = 0
    for found in _OPENED.finditer(given):
        if found[2].lower() not in _UNNESTED:
            depth = max(0, depth - 1) if found[1] else depth + 1
            if depth > _NESTED:
                return True
    return False


def _whole(given: str) -> str:
    """Without lone surrogates, which no parser takes."""
    return given.encode("utf-8", "replace").decode()


def _bare(given: str) -> str:
    """The words of hostile HTML: whatever is no tag."""
    return re.sub(r"[ \t]+", " ", html.unescape(re.sub(r"<[^<>]*>", " ", given[:_LONGEST]))).strip()


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Links to Matrix users and rooms go: they would ping here and name staff in a mail.

    So do links without a scheme, which a client would resolve within itself.
    """
    if name == "href" and (not _LINKED.match(value.strip()) or _USER_LINK.match(value.strip())):
        return None
    return _known_attribute(tag, name, value)


def _known_attribute(tag: str, name: str, value: str) -> str | None:
    """Those of `_ATTRIBUTES`; nh3 would keep `title` and `lang` everywhere."""
    if tag == "ol" and not re.fullmatch(r"[0-9]{1,6}", value):
        return None
    return value if name in _ATTRIBUTES.get(tag, ()) else None


@dataclass(slots=True)
class _Frame:
    """An open element that gathers lines: the page, a quote or a list item."""

    mark: str = ""
    pieces: list[str] = field(default_factory=list)


class _Page(HTMLParser):
    """Writes cleaned HTML as text.  Quotes and items gather in frames and are marked when they end."""

    _blocks = frozenset({"p", "div", "pre", "ul", "ol", "table", *_HEADINGS})

    def __init__(self, links: bool, numbers: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._links = links
        self._numbers = numbers
        self._frames = [_Frame()]
        self._lists: list[int | None] = []
        self._anchors: list[tuple[str, int]] = []
        self._pre = 0

    def text(self) -> str:
        while len(self._frames) > 1:
            self._leave()
        lines = [line.rstrip() for line in "".join(self._frames[0].pieces).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "br":
            self._put("\n")
        elif tag == "hr":
            self._gap(2)
        elif tag in ("td", "th"):
            self._put(" ")
        elif tag == "tr":
            self._gap(1)
        elif tag == "blockquote":
            self._gap(2)
            self._frames.append(_Frame("> "))
        elif tag == "li":
            self._gap(1)
            self._frames.append(_Frame(self._item()))
        elif tag == "a":
            self._anchors.append((given.get("href") or "", len(self._frames[-1].pieces)))
        elif tag in self._blocks:
            self._gap(1 if tag in ("ul", "ol") and self._lists else 2)
            if tag in ("ul", "ol"):
                self._lists.append(int(given.get("start") or "1") if tag == "ol" else None)
            self._pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("blockquote", "li"):
            if len(self._frames) > 1:
                self._leave()
            self._gap(2 if tag == "blockquote" else 1)
        elif tag == "a" and self._anchors:
            self._link(*self._anchors.pop())
        elif tag in self._blocks:
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            self._pre -= tag == "pre" and self._pre > 0
            self._gap(1 if tag in ("ul", "ol") and self._lists else 2)

    def handle_data(self, data: str) -> None:
        if self._pre:
            self._put(data)
            return
        words = re.sub(r"[ \t\n\f\r\u00a0]+", " ", data)
        pieces = self._frames[-1].pieces
        if not pieces or pieces[-1].endswith(("\n", " ")):
            words = words.lstrip(" ")
        self._put(words)

    def _put(self, piece: str) -> None:
        if piece:
            self._frames[-1].pieces.append(piece)

    def _gap(self, lines: int) -> None:
        """At least `lines` line ends before what follows; none at the beginning."""
        pieces = self._frames[-1].pieces
        tail = "".join(pieces[-3:])
        if tail:
            self._put("\n" * (lines - (len(tail) - len(tail.rstrip("\n")))))

    def _item(self) -> str:
        if not self._lists or self._lists[-1] is None or not self._numbers:
            return "* "
        number = self._lists[-1]
        self._lists[-1] = number + 1
        return f"{number}. "

    def _leave(self) -> None:
        frame = self._frames.pop()
        body = re.sub(r"\n{3,}", "\n\n", "".join(frame.pieces)).strip("\n")
        if not body.strip():
            return
        mark = frame.mark if len(self._frames) <= _DEEPEST else ""
        rest = mark if mark.startswith(">") else " " * len(mark)
        first, *more = body.split("\n")
        self._put("\n".join([mark + first, *(rest + line for line in more)]))

    def _link(self, address: str, since: int) -> None:
        words = "".join(self._frames[-1].pieces[since:])
        address = address.removeprefix("mailto:")
        if self._links and address and address not in words:
            self._put(f" ({address})")
