"""File names and media types that strangers sent: what of them may be kept and shown.

Both functions are pure and total: any text or bytes go in, something harmless comes out.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 120
"""Characters of a cleaned name; its UTF-8 form stays below 255 bytes, the limit of file systems."""

_MAX_BYTES = 240
_MAX_SUFFIX = 16
_SEPARATORS = re.compile(r"[/\\]")
_UNSAFE = re.compile('[<>:"|?*\u2044\u2215\u29f8\u29f5\uff0f\uff3c]')  # with the look-alikes of / and \
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, bidi, zero width, surrogates
_FILLERS = "\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5"  # letters that show nothing
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # devices on Windows


def clean_name(name: str, fallback: str = "file") -> str:
    """A name that is safe to store, show and save under.

    The last path segment, in NFC, without separators, control, bidi and zero-width characters,
    without leading dots, at most `MAX_NAME` characters (the suffix is kept).  Every rule is
    applied again after the last normalisation, until nothing changes (CVE-2026-28289).
    """
    for _ in range(8):
        cleaned = _pass(name)
        if cleaned == name:
            break
        name = cleaned
    else:
        return fallback
    return name or fallback


def _pass(name: str) -> str:
    visible = "".join(c for c in name if unicodedata.category(c) not in _INVISIBLE and c not in _FILLERS)
    last = next((part for part in reversed(_SEPARATORS.split(visible)) if part.strip(" .")), "")
    plain = " ".join(_UNSAFE.sub("_", unicodedata.normalize("NFC", last)).split())
    plain = plain.lstrip(". ~").rstrip(". ")
    if _RESERVED.fullmatch(plain.split(".", 1)[0].rstrip()):
        plain = "_" + plain
    return _shorten(plain)


def _shorten(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem or len(suffix) > _MAX_SUFFIX:
        stem, dot, suffix = name, "", ""
    tail = dot + suffix
    stem = stem[: MAX_NAME - len(tail)]
    while len((stem + tail).encode("utf-8", "replace")) > _MAX_BYTES:
        stem = stem[:-1]
    return stem.rstrip() + tail


OPAQUE = "application/octet-stream"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_COMPOUND = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_TEXTS = {"text/plain", "text/csv", "text/calendar", "text/markdown", "text/vcard"}
_MARKUP = re.compile(rb"<\s*(!|\?|/?[a-z])", re.IGNORECASE)
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def believed_type(name: str, declared: str, head: bytes) -> str:
    """The media type we believe, from the first bytes `head` (some 4 kB are enough).

    `declared` and the suffix of `name` only choose between types that share a signature.
    Whatever a browser could run (HTML, SVG, XML, scripts) and whatever is not recognised is
    `application/octet-stream` (CVE-2023-41318).
    """
    for magic, mime in _MAGIC:
        if head.startswith(magic):
            return mime
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], OPAQUE)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"PK\x03\x04"):
        return _OFFICE.get(suffix, "application/zip")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _COMPOUND.get(suffix, OPAQUE)
    return _believed_text(suffix, declared, head)


def _believed_text(suffix: str, declared: str, head: bytes) -> str:
    kind = declared.split(";", 1)[0].strip().lower()
    if not head or _NOT_TEXT.search(head) or _MARKUP.search(head):
        return OPAQUE
    if kind in _TEXTS:
        return kind
    return {"txt": "text/plain", "csv": "text/csv", "ics": "text/calendar"}.get(suffix, OPAQUE)
