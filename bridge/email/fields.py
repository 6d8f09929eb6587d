"""Header fields of a mail that goes out, written from values that anybody may have chosen.

No CR, LF or NUL of any value survives, an encoded word is never split inside a character, and
no line is longer than 998 octets (RFC 5322 section 2.1.1).  Python's `email` is not asked: its
folding has had holes (CVE-2024-6923).  A field comes back without its last line end; "" is no
field.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence

from bridge.email.encoded import one_line

MAX_REFERENCES = 20
_ASCII_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. -]*")
_ID = re.compile(r"<[!-;=?-~]{1,200}>")
_HTTPS = re.compile(r"https://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:/[!#-;=?-~]{0,600})?")
_LIST_ID = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})+")


def line(given: str, limit: int) -> str:
    """`given` on one line of at most `limit` characters, nothing invisible, no lone surrogates."""
    return one_line(given.encode("utf-8", "replace").decode("utf-8"), limit)


def address(name: str, display: str, addr_spec: str) -> str:
    """A field with one mailbox.  `addr_spec` has been found valid by the caller."""
    display = line(display, 120)
    if not display:
        return f"{name}: <{addr_spec}>"
    simple = _ASCII_PHRASE.fullmatch(display) and "=?" not in display
    phrase = f'"{display}"' if simple else _encoded(display)
    return f"{name}: {phrase}\r\n <{addr_spec}>"


def text(name: str, value: str) -> str:
    """An unstructured field; `value` is one line."""
    if value.isascii() and "=?" not in value and len(value) <= 60:
        return f"{name}: {value}"
    return f"{name}: {_encoded(value)}"


def ids(name: str, given: Sequence[str]) -> str:
    """Message IDs, one a line, without repeats; what has not the form of one is left out.

    Of very many the first, which began the thread, and the last are kept.
    """
    good = [one for one in dict.fromkeys(given) if _ID.fullmatch(one)]
    if len(good) > MAX_REFERENCES:
        good = [good[0], *good[1 - MAX_REFERENCES :]]
    folded = "\r\n ".join(good)
    return f"{name}: {folded}" if good else ""


def one_click(url: str) -> list[str]:
    """The two fields by which mail programs end a mailing with one POST (RFC 8058 section 3.1).

    Raises `ValueError` unless `url` is a plain https address of bounded length.
    """
    if not _HTTPS.fullmatch(url):
        raise ValueError("not an https address")
    return [f"List-Unsubscribe:\r\n <{url}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def list_id(identifier: str) -> str:
    """The name of a mailing (RFC 2919); raises `ValueError` when it is not a dotted name."""
    if not _LIST_ID.fullmatch(identifier):
        raise ValueError("not a list's name")
    return f"List-Id:\r\n <{identifier}>"


def _encoded(value: str) -> str:
    """`value` as encoded words of whole characters, one a line (RFC 2047 section 2)."""
    words, chunk = [], b""
    for char in value:
        octets = char.encode("utf-8")
        if len(chunk) + len(octets) > 42:
            words.append(chunk)
            chunk = b""
        chunk += octets
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode('ascii')}?=" for word in words)
