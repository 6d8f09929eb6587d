"""The verdict of a trusted hop: what each filter writes, contradictions, forgeries and junk."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.email.spam import FIELDS, UNKNOWN, Spam, Verdict, read

LONG_STATUS = (
    "Yes, score=12.7 required=5.0 tests=BAYES_99,HTML_MESSAGE,\r\n"
    "\tRCVD_IN_SBL,URIBL_BLACK autolearn=spam\r\n\tautolearn_force=no version=4.0.0"
)
LONG_RESULT = (
    "default: False [-1.70 / 15.00];\r\n\tMIME_GOOD(-0.10)[text/plain];\r\n\tR_SPF_ALLOW(-0.20)[+ip4:x]"
)


@pytest.mark.parametrize(
    ("name", "value", "verdict", "score"),
    [
        ("X-Spam-Flag", "YES", "spam", None),
        ("x-spam-flag", " no ", "ham", None),
        ("X-Spam-Flag", "Nothing", "unknown", None),
        ("X-Spam-Flag", "ＹＥＳ", "unknown", None),
        ("X-Spam-Status", LONG_STATUS, "spam", 12.7),
        ("X-Spam-Status", "No, score=-2.3 required=5.0 tests=BAYES_00", "ham", -2.3),
        ("X-Spam-Status", "No, hits=1.2 required=5.0", "ham", 1.2),
        ("X-Spam-Status", "No, score=1.25", "ham", 1.25),
        ("X-Spam-Status", "No,\r\n score=1.25", "ham", 1.25),
        ("X-Spam-Status", "score=6 required=5", "spam", 6.0),
        ("X-Spam-Status", "score=4.9 required=5", "ham", 4.9),
        ("X-Spam-Status", "score=6", "unknown", 6.0),
        ("X-Spam-Status", "Yes, score=x required=y", "spam", None),
        ("X-Spam-Status", "Yes, score=١٢ required=5", "spam", None),
        ("X-Spam-Status", "Yes, score=1e999", "spam", None),
        ("X-Spam-Status", "Yes, score=inf", "spam", None),
        ("X-Spam-Status", "Yes, score=" + "9" * 400, "spam", None),
        ("X-Spam-Status", "Yes, score=1.2.3", "spam", None),
        ("X-Spam", "Yes", "spam", None),
        ("X-Spam", "no", "ham", None),
        ("X-Spamd-Result", LONG_RESULT, "ham", -1.7),
        ("X-Spamd-Result", "default: True [21.50 / 15.00]; GTUBE(0.00)[]", "spam", 21.5),
        ("X-Spamd-Result", "default: Perhaps [21.50 / 15.00]", "unknown", None),
        ("X-Spamd-Result", "default: True [nan / 15.00]", "unknown", None),
        ("X-Rspamd-Action", "add header", "spam", None),
        ("X-Rspamd-Action", "Rewrite Subject", "spam", None),
        ("X-Rspamd-Action", "no action", "ham", None),
        ("X-Rspamd-Action", "soft reject", "unknown", None),
        ("X-MS-Exchange-Organization-SCL", "5", "spam", 5.0),
        ("X-MS-Exchange-Organization-SCL", "-1", "ham", -1.0),
        ("X-MS-Exchange-Organization-SCL", "10", "unknown", None),
        ("X-MS-Exchange-Organization-SCL", "5 or so", "unknown", None),
        ("X-Spam-Score", "5.2 (+++++)", "unknown", 5.2),
        ("X-Rspamd-Score", "-0.1", "unknown", -0.1),
        ("X-Spam-Level", "*****", "unknown", 5.0),
        ("X-Spam-Level", "", "unknown", None),
        ("X-Spam-Level", "**+**", "unknown", None),
        ("X-Spamd-Bar", "+++", "unknown", 3.0),
        ("X-Spamd-Bar", "----", "unknown", -4.0),
        ("X-Spamd-Bar", "/", "unknown", 0.0),
        ("X-Spam-Report", "Yes", "unknown", None),
        ("Subject", "X-Spam-Flag: YES", "unknown", None),
    ],
)
def test_each_field(name: str, value: str, verdict: Verdict, score: float | None) -> None:
    got = read([("From", "Ada Citizen <ada@home.example>"), (name, value)], trusted=True)
    assert (got.verdict, got.score) == (verdict, score)
    assert got.by.lower() == (name.lower() if got != UNKNOWN else "")
    assert read([(name, value)], trusted=False) == UNKNOWN


def test_spamassassin_writes_three_fields_of_one_mind() -> None:
    fields = [("X-Spam-Flag", "YES"), ("X-Spam-Level", "************"), ("X-Spam-Status", LONG_STATUS)]
    for order in (fields, fields[::-1]):
        assert read(order, trusted=True) == Spam("spam", 12.7, "X-Spam-Status")


def test_rspamd_marks_below_its_limit_of_rejection() -> None:
    fields = [("X-Spamd-Result", "default: False [8.00 / 15.00]"), ("X-Spam", "Yes")]
    assert read(fields, trusted=True) == Spam("spam", 8.0, "X-Spam")


@pytest.mark.parametrize(("first", "then", "verdict"), [("NO", "YES", "ham"), ("YES", "NO", "spam")])
def test_of_one_name_the_topmost_counts(first: str, then: str, verdict: Verdict) -> None:
    assert read([("X-Spam-Flag", first), ("X-SPAM-FLAG", then)], trusted=True).verdict == verdict


def test_nobody_whitens_a_mail_by_a_header_of_their_own() -> None:
    forged = [("X-Spam-Flag", "NO"), ("X-Spam-Status", "No, score=-100 required=5"), ("Subject", "x")]
    assert read([*forged, ("X-Spam", "Yes")], trusted=True).verdict == "spam"
    assert read([*forged, ("X-Spamd-Result", "default: True [30 / 15]")], trusted=True) == Spam(
        "spam", 30.0, "X-Spamd-Result"
    )


def test_a_score_is_taken_from_who_decides_else_from_anybody() -> None:
    ham = ("X-Spam-Status", "No, score=-3 required=5")
    assert read([ham, ("X-Spamd-Result", "default: True [30 / 15]")], trusted=True).score == 30
    assert read([("X-Spam", "Yes"), ("X-Spam-Level", "***")], trusted=True) == Spam("spam", 3, "X-Spam")
    assert read([], trusted=True) == UNKNOWN


_NAMES = st.sampled_from(sorted(FIELDS)) | st.text(max_size=12)
_VALUES = st.text() | st.builds(
    "".join,
    st.lists(st.sampled_from(["yes", "no", "score=", "required=", "9", "٣", "[", " / ", "]", "\n", "*"])),
)


@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=20))
def test_anything_gives_some_verdict(fields: list[tuple[str, str]]) -> None:
    got = read(fields, trusted=True)
    assert got.verdict in ("ham", "spam", "unknown")
    assert got.score is None or (math.isfinite(got.score) and abs(got.score) < 1_000_001)
    assert (got.by == "") == (got == UNKNOWN)
    assert read(fields, trusted=False) == UNKNOWN


def test_a_huge_value_is_read_quickly() -> None:
    for value in ("yes " * 500_000, "score=" * 300_000, "*" * 2_000_000, "9" * 2_000_000):
        for name in FIELDS:
            assert abs(read([(name, value)], trusted=True).score or 0) <= 2_000
