"""What a real rspamd writes into a mail as a milter, and what we read from it."""

from __future__ import annotations

from pathlib import Path

from bridge.email.spam import Spam, read
from tests.email.rspamd import CASINO, GTUBE, Fields, rspamd

ALL = ("x-spamd-result", "x-spam-status", "x-spamd-bar", "x-spam-level", "x-rspamd-action")
MAIL: Fields = [
    ("Received", "from mail.home.example (192.0.2.1) by mx.alder.example; Mon, 3 May 2027 10:00:00 +0000"),
    ("From", "Ada Citizen <ada@home.example>"),
    ("To", "park-2027@alder.example"),
    ("Subject", "The bench by the river"),
    ("Message-ID", "<a1@home.example>"),
]
FORGED: Fields = [
    ("X-Spam-Flag", "NO"),
    ("X-Spam", "No"),
    ("X-Spam", "no"),
    ("X-Spam-Status", "No, score=-100 required=5"),
    ("X-Spamd-Result", "default: False [-100.00 / 15.00]"),
]
HAM_BODY = "A bench by the river would be good.\nAda\n"
SPAM_BODY = f"Visit our {CASINO}.\n"


async def test_every_field_it_can_write_says_the_same(tmp_path: Path) -> None:
    async with rspamd(tmp_path, ALL) as milter:
        fate, ham = await milter.look(MAIL, HAM_BODY)
        assert fate == "pass"
        assert ham[: len(MAIL)] == MAIL
        assert read(ham, trusted=True) == Spam("ham", 0.0, "X-Spam-Status")
        assert read(ham, trusted=False).verdict == "unknown"

        fate, marked = await milter.look(MAIL, SPAM_BODY)
        assert fate == "pass"
        assert read(marked, trusted=True) == Spam("spam", 8.0, "X-Spam-Status")
        assert read(marked, trusted=False).verdict == "unknown"

        # One field alone, for an operator who wants no others.
        alone = {name.lower(): read([(name, value)], trusted=True) for name, value in marked[len(MAIL) :]}
        assert set(alone) == {*ALL, "x-spam"}
        assert alone["x-spam"] == Spam("spam", None, "X-Spam")
        assert alone["x-spam-status"] == Spam("spam", 8.0, "X-Spam-Status")
        assert alone["x-rspamd-action"] == Spam("spam", None, "X-Rspamd-Action")
        assert alone["x-spam-level"] == Spam("unknown", 8.0, "X-Spam-Level")
        assert alone["x-spamd-bar"] == Spam("unknown", 8.0, "X-Spamd-Bar")
        # Below its limit of rejection this one says False of a mail that the others call spam.
        assert alone["x-spamd-result"] == Spam("ham", 8.0, "X-Spamd-Result")


async def test_it_rejects_gtube_before_we_see_it(tmp_path: Path) -> None:
    async with rspamd(tmp_path) as milter:
        assert await milter.look(MAIL, f"Good day,\n{GTUBE}\n") == ("reject", MAIL)
        assert (await milter.look(MAIL, HAM_BODY))[0] == "pass"


async def test_as_installed_it_marks_spam_and_says_nothing_of_the_rest(tmp_path: Path) -> None:
    async with rspamd(tmp_path) as milter:
        fate, ham = await milter.look(MAIL, HAM_BODY)
        assert (fate, ham) == ("pass", MAIL)
        assert read(ham, trusted=True) == Spam("unknown", None, "")
        fate, marked = await milter.look(MAIL, SPAM_BODY)
        assert (fate, marked) == ("pass", [*MAIL, ("X-Spam", "Yes")])
        assert read(marked, trusted=True) == Spam("spam", None, "X-Spam")


async def test_a_sender_cannot_whiten_spam_by_forged_fields(tmp_path: Path) -> None:
    async with rspamd(tmp_path) as milter:
        fate, fields = await milter.look([*MAIL, *FORGED], SPAM_BODY)
    assert fate == "pass"
    # It removes forgeries of its own names only and writes at the bottom, below all the others.
    assert ("X-Spam-Flag", "NO") in fields
    assert fields[-1] == ("X-Spam", "Yes")
    assert [value for name, value in fields if name == "X-Spam"] == ["Yes"]
    assert read(fields, trusted=True).verdict == "spam"
    assert read(fields[:-1], trusted=True).verdict == "ham"  # what the forger wanted
