"""Octets to text: charsets that lie, and header words of RFC 2047.

Total functions: any octets give some text, without lone surrogates, and say whether doubt
remains.  Only codecs of an explicit list are used; Python has others (punycode, idna) that
take quadratic time.
"""

from __future__ import annotations

import binascii
import codecs
import re

from bridge.email import guess

_BETTER = {
    # Labels whose superset is what senders really use (as in the WHATWG Encoding Standard).
    "ascii": "",
    "utf-8": "utf-8-sig",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "iso2022_jp": "iso2022_jp_ext",
}
_KNOWN = frozenset(
    {
        *(f"iso8859-{n}" for n in (*range(1, 12), *range(13, 17))),
        *(f"cp125{n}" for n in range(9)),
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7", "ascii"),
        *("cp437", "cp850", "cp852", "cp855", "cp858", "cp862", "cp866", "cp874", "cp932", "cp949", "cp950"),
        *("koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "tis-620", "ptcp154", "kz1048", "hp-roman8"),
        *("gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "euc_jp", "shift_jis", "shift_jisx0213"),
        *("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext"),
        *("euc_kr", "johab", "iso2022_kr"),
    }
)
_LABELS = {"ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "x-sjis": "cp932", "x-gbk": "gb18030"}
_ESCAPES = re.compile(rb"\x1b(\$[@B]|\([BJ])")
_WESTERN = frozenset({"cp1252", "cp1254", "iso8859-15", "mac-roman", "cp437", "cp850"})


def codec(label: str) -> str | None:
    """The codec for a charset label; "" when it says nothing (US-ASCII), None when unknown."""
    label = label.strip(" \t\"'").lower()
    if not label:
        return ""
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
    except (LookupError, ValueError):  # ValueError: a NUL in the label
        return None
    return _BETTER.get(name, name) if name in _KNOWN else None


def decode(data: bytes, label: str | None) -> tuple[str, bool]:
    """`data` as text, and whether it could be read as declared.

    A declared charset is tried first; one of the western ones gives way to UTF-8 where the
    octets are valid UTF-8, and to another script where that is plain (`guess`), because those
    accept anything.  Undeclared or unknown: ISO-2022-JP by its escapes, UTF-8, another script,
    then Windows-1252.
    """
    name = codec(label or "")
    if not name:
        guessed, sure = _guess(data)
        return guessed, sure and (name is not None or data.isascii())
    if name in _WESTERN:
        return _western(data, name)
    for candidate, sure in ((name, True), ("utf-8-sig", False)):
        text = _strictly(data, candidate)
        if text is not None:
            return text, sure
    return _replaced(data, name), False


def _western(data: bytes, name: str) -> tuple[str, bool]:
    text = _strictly(data, "utf-8-sig")
    if text is not None:
        return text, True
    other = guess.charset(data)
    text = _strictly(data, name)
    if other is None and text is not None:
        return text, True
    return _replaced(data, other or name), False


def _replaced(data: bytes, name: str) -> str:
    """Octets that are not valid in the charset: what is not shows as such."""
    text = _whole(data.decode(name, "replace"))
    bad = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    if name == "utf-8-sig" and bad > beyond - bad:
        return _guess(data)[0]  # nothing in it looks like UTF-8
    return text


def _guess(data: bytes) -> tuple[str, bool]:
    if data.isascii() and not _ESCAPES.search(data):
        return data.decode("ascii"), True
    for candidate in ("iso2022_jp_ext", "utf-8-sig") if data.isascii() else ("utf-8-sig",):
        text = _strictly(data, candidate)
        if text is not None:
            return text, True
    other = guess.charset(data)
    if other is not None:
        return _replaced(data, other), False
    text = _strictly(data, "cp1252")
    return (data.decode("latin-1") if text is None else text), False


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return _whole(data.decode(name))
    except ValueError:  # UnicodeError is one
        return None


def _whole(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?\r\n]*)\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


def header_text(value: bytes, limit: int = 2_000) -> str:
    """An unstructured header value as one line of at most `limit` characters.

    Encoded words are decoded wherever they stand; neighbours of one charset are joined as
    octets first, because senders split inside a character.  Raw 8-bit octets are UTF-8 or
    Windows-1252.  Controls, bidi marks and zero-width characters are gone.
    """
    return one_line(words(raw_text(value)), limit)


def raw_text(value: bytes) -> str:
    """A header value's octets as text, encoded words left as they are."""
    text = _strictly(value, "utf-8")
    return decode(value, "cp1252")[0] if text is None else text


def words(text: str) -> str:
    """`text` with its encoded words decoded (RFC 2047); what cannot be decoded stays."""
    out: list[str] = []
    held: list[bytes] = []
    charset, position = "", 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        octets = _octets(match[2], match[3])
        position = match.end()
        if held and not between.strip() and match[1].lower() == charset:
            held.append(octets)
            continue
        if held:
            out.append(decode(b"".join(held), charset)[0])
        if not held or between.strip():  # white space between two encoded words is not text
            out.append(between)
        charset, held = match[1].lower(), [octets]
    if held:
        out.append(decode(b"".join(held), charset)[0])
    return "".join(out) + text[position:]


def _octets(how: str, payload: str) -> bytes:
    data = payload.encode("utf-8")
    if how in "qQ":
        return _HEX.sub(lambda m: bytes((int(m[1], 16),)), data.replace(b"_", b" "))
    return unbase64(data)


def unbase64(data: bytes) -> bytes:
    """Base64, leniently: foreign characters are skipped, missing padding is added."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        letters = _NOT_BASE64.sub(b"", data)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def one_line(text: str, limit: int) -> str:
    """`text` on one line: white space folded, nothing invisible, at most `limit` characters."""
    return " ".join(_UNSEEN.sub(lambda m: " " if m[0] in "\t\n\r\x0b\x0c\u2028\u2029" else "", text).split())[
        :limit
    ]


def plain(text: str) -> str:
    """Body text with `\\n` for every line end and no other control but the tab."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _CONTROLS.sub("", lines)
