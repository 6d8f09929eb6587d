"""Colours that can be read: contrast as WCAG 2.2 measures it.

4.5 : 1   text (1.4.3): the white words on the colour
3 : 1     parts (1.4.11): edges and marks beside what surrounds them
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

TEXT = 4.5
PARTS = 3.0
WHITE = "#ffffff"

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def fault(written: str) -> tuple[str, str] | None:
    """What is wrong with a municipality's colour and what to do, or None."""
    value = written.lower()
    if not _COLOUR.fullmatch(value):
        return "is not a colour", 'write it as "#rrggbb" in quotes, such as "#1d4f63"'
    if good(value):
        return None
    ratio = _shown(contrast(value, WHITE))
    what = f"is too pale: the contrast of white text on it is {ratio}, and {TEXT} is needed"
    return what, f'a darker one such as "{darker(value)}" will do'


def _shown(ratio: float) -> str:
    """Rounded down: 4.49 does not read as 4.5."""
    return f"{int(ratio * 100) / 100:.2f}"


def good(value: str) -> bool:
    """Whether white text can be read on the colour `#rrggbb`."""
    return contrast(value, WHITE) >= TEXT


def darker(value: str) -> str:
    """The lightest darker shade of `#rrggbb` that is good (black at the last)."""
    channels = [int(value[i : i + 2], 16) for i in (1, 3, 5)]
    shades = ("#" + "".join(f"{c * step // 100:02x}" for c in channels) for step in range(100, -1, -1))
    return next(shade for shade in shades if good(shade))


def _colour(written: str) -> str:
    if (found := fault(written)) is not None:
        what, remedy = found
        raise PydanticCustomError("colour", "{what}", {"what": what, "remedy": remedy})
    return written.lower()


Colour = Annotated[str, AfterValidator(_colour)]
"""A good colour `#rrggbb`, in small letters."""
