"""Colours that can be read.  The figures are those of WCAG 2.2's own definition and examples."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.forms.theme import PARTS, TEXT, WHITE, contrast, darker, fault, good

BESIDE = {"shade": "#f2f5f5", "focus": "#ffcf33"}
"""What the pages show beside a municipality's own colour."""

colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),  # the palest grey that is good enough
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_known_contrasts(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005) == contrast(other, one)


def test_faults_say_the_contrast_and_a_colour_that_will_do() -> None:
    what, remedy = fault("#777777") or ("", "")
    assert "4.47" in what and "4.5 is needed" in what  # rounded down
    found = re.search(r"#[0-9a-f]{6}", remedy)
    assert found is not None and fault(found[0]) is None
    for wrong in ("teal", "#fff", "1d4f63", "#1d4f6g", "", "#1d4f63;}"):
        assert "is not a colour" in (fault(wrong) or ("",))[0], wrong
    assert fault("#1D4F63") is None


@given(colours)
def test_a_colour_is_good_or_has_a_darker_one(colour: str) -> None:
    shade = darker(colour)
    assert good(shade) and fault(shade) is None
    assert (fault(colour) is None) == good(colour) == (shade == colour)
    assert all(int(shade[i : i + 2], 16) <= int(colour[i : i + 2], 16) for i in (1, 3, 5))


@given(colours)
def test_a_good_colour_stands_out_from_what_is_beside_it(colour: str) -> None:
    shade = darker(colour)
    assert contrast(shade, WHITE) >= TEXT
    assert all(contrast(shade, other) >= PARTS for other in BESIDE.values())


def test_what_the_pages_show_beside_it_is_what_the_style_sheet_says() -> None:
    style = (files("bridge.forms") / "static" / "folkmoot.css").read_text("utf-8")
    for name, colour in {"paper": WHITE, **BESIDE}.items():
        assert f"--{name}: {colour};" in style
