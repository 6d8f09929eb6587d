"""The body hash of DKIM and ARC (RFC 6376 section 3.4), in time that grows with the mail and no faster.

One pass in pieces: a mail of any size and any shape holds the interpreter for some milliseconds
at a time, because hashing a piece lets other threads run.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

_PIECE = 64 * 1024
_EMPTY_LINES = b"\r\n" * 4096


class _Loose(Exception):
    """A CR stands alone: no signer hashes such a body (section 5.3)."""


def digest(raw: bytes, start: int, *, relaxed: bool) -> bytes | None:
    """SHA-256 of the body `raw[start:]` in the canonical form `relaxed`, or else `simple`.

    A lone LF counts as CRLF; None when a lone CR stands anywhere.
    """
    hasher, empty_lines, some = sha256(), 0, False
    try:
        for piece in _squeezed(raw, start) if relaxed else _pieces(raw, start):
            words = piece.rstrip(b"\r\n")
            if words:
                for count in _counts(empty_lines):
                    hasher.update(_EMPTY_LINES[: 2 * count])
                hasher.update(words)
                empty_lines, some = 0, True
            empty_lines += (len(piece) - len(words)) // 2
    except _Loose:
        return None
    if some or not relaxed:
        hasher.update(b"\r\n")
    return hasher.digest()


def _counts(lines: int) -> Iterator[int]:
    most = len(_EMPTY_LINES) // 2
    while lines > 0:
        yield min(lines, most)
        lines -= most


def _pieces(raw: bytes, start: int) -> Iterator[bytes]:
    """The body with CRLF line ends; no piece ends between CR and LF."""
    held = b""
    for position in range(start, len(raw), _PIECE):
        piece = held + raw[position : position + _PIECE]
        held = b"\r" if piece.endswith(b"\r") else b""
        piece = piece[: len(piece) - len(held)]
        pairs = piece.count(b"\r\n")
        if piece.count(b"\r") != pairs:
            raise _Loose
        lone = piece.count(b"\n") != pairs
        yield piece.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if lone else piece
    if held:
        raise _Loose


def _squeezed(raw: bytes, start: int) -> Iterator[bytes]:
    """The same with white space made one space inside lines and nothing at their ends."""
    space = False
    for plain in _pieces(raw, start):
        piece = (b" " + plain if space else plain).replace(b"\t", b" ")
        while b"  " in piece:  # each turn halves the longest run
            piece = piece.replace(b"  ", b" ")
        piece = piece.replace(b" \r\n", b"\r\n")
        space = piece.endswith(b" ")
        yield piece[:-1] if space else piece
