"""Mails of many programs, whole and bent: all are read, with the right author and subject.

To our own samples come those of the folder that FOLKMOOT_MAIL_CORPUS names, when it is named.
"""

from __future__ import annotations

import email
import email.policy
import os
import time
from pathlib import Path

import pytest

from bench.mutate import SUFFIXES, examine, main, mutant, stock
from bridge.email.caps import broken
from bridge.email.parse import read
from tests.email.samples import SAMPLES

DOUBTFUL = {
    # What Python's parser reads otherwise, or not at all; by eye.
    "low-quality/bad-header-start.raw": ("james@makita.skynet", "James Hillyerd", "plain text"),
    "mail/malformed-multiple-address-header-values.raw": (None, "Bob Dunite", "Test"),
    "mail/qp-utf8-header-no-break.raw": (None, "James Hillyerd", "MIME UTF8 Test ¢ More Text"),
    "mail/qp-utf8-header-recursed.raw": (None, "James Hillyerd", "MIME UTF8 Test ¢ More Text"),
    "mail/qp-utf8-header.raw": (None, "James Hillyerd", "MIME UTF8 Test ¢ More Text"),
}
"""Address, name and subject of mails of the enmime project's test data: several authors give no address."""


def corpus() -> list[Path]:
    folder = os.environ.get("FOLKMOOT_MAIL_CORPUS")
    paths = sorted(Path(folder).rglob("*")) if folder else []
    return [path for path in paths if path.suffix in SUFFIXES and path.is_file()]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_has_its_author_and_subject(name: str) -> None:
    sample = SAMPLES[name]
    got = read(sample.raw)
    assert (got.from_address, got.from_name, got.subject) == (sample.address, sample.name, sample.subject)


def python_says(raw: bytes) -> tuple[str | None, str, str]:
    """Address (its domain in lower case), name and subject as Python's modern parser reads them."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    author = message["from"].addresses[0] if message["from"] and message["from"].addresses else None
    address = f"{author.username}@{author.domain.lower()}" if author and author.domain else None
    subject = " ".join(str(message["subject"] or "").split())
    return address, author.display_name if author else "", subject


def test_every_mail_of_the_further_corpus_is_read() -> None:
    """With the author and the subject that Python's parser finds, or that stand in `DOUBTFUL`."""
    for path in corpus():
        raw = path.read_bytes()
        name = "/".join(path.parts[-2:])
        if broken(raw) is None:
            begun = time.process_time()
            got = read(raw)
            assert time.process_time() - begun < 2, name
            found = (got.from_address, got.from_name, got.subject)
            if "testdata" in path.parts:
                assert found == (DOUBTFUL[name] if name in DOUBTFUL else python_says(raw)), name
            assert got.text.strip() or got.attachments or not raw.partition(b"\n\n")[2].strip(), name


MAILS = 2_000


@pytest.mark.parametrize("part", range(4))
def test_bent_mails_do_no_harm(part: int) -> None:
    """The short form of `python -m bench.mutate`."""
    mails = stock(None)
    for number in range(part * MAILS // 4, (part + 1) * MAILS // 4):
        began = time.process_time()
        examine(mutant(7, number, mails))
        assert time.process_time() - began < 2, number


def test_the_same_seed_gives_the_same_mails() -> None:
    mails = stock(None)
    assert mutant(1, 5, mails) == mutant(1, 5, mails) != mutant(2, 5, mails)


def test_the_long_form_shares_its_work(tmp_path: Path) -> None:
    assert main(["--mails", "100", "--out", str(tmp_path)]) == 0
    assert not list(tmp_path.iterdir())
