"""An address as a QR code: for a page, a poster, a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import segno

from bridge.errors import Refuse

BORDER = 4
"""Modules of quiet around the code (ISO/IEC 18004, 6.3.8)."""


def svg(address: str, *, title: str = "") -> bytes:
    """A picture without styles or scripts."""
    return _saved(address, "svg", xmldecl=False, nl=False, light="#fff", title=title or None)


def png(address: str) -> bytes:
    """A picture whose modules have sixteen pixels: sharp on a poster."""
    return _saved(address, "png", scale=16)


def terminal(address: str) -> str:
    """Lines of blocks, dark on light whatever the terminal's colours are."""
    out = io.StringIO()
    _made(address).terminal(out, border=2, compact=True)
    return out.getvalue()


def save(address: str, path: Path) -> None:
    """Write the code into `path`, whose suffix says how.  Raises `Refuse`."""
    makers = {".svg": lambda: svg(address, title=address), ".png": lambda: png(address)}
    make = makers.get(path.suffix.lower())
    if make is None:
        raise Refuse(f"{path}: a QR code is written as .svg or .png")
    try:
        path.write_bytes(make())
    except OSError as error:
        raise Refuse(f"{path}: {error.strerror}") from None


def _made(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")


def _saved(address: str, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    _made(address).save(out, kind=kind, border=BORDER, **{"scale": 4, **how})
    return out.getvalue()
