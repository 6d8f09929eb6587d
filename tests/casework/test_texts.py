"""Every language says everything."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from string import Formatter

import pytest

import bridge.casework
from bridge.casework import policy
from bridge.casework.texts import WORDS, say, warning


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def used_keys() -> set[str]:
    """Every string constant of the heart's code that is a key."""
    folder = Path(inspect.getfile(bridge.casework)).parent
    found: set[str] = set()
    for file in [*folder.glob("*.py"), folder.parent / "ledger" / "mails.py"]:
        if not file.name.startswith("words_"):
            constants = (n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Constant))
            found |= {n.value for n in constants if isinstance(n.value, str)}
    return found & set(WORDS["en"])


@pytest.mark.parametrize("language", ["de", "fr"])
def test_every_key_with_the_same_placeholders(language: str) -> None:
    assert set(WORDS[language]) == set(WORDS["en"])
    for key, sentence in WORDS["en"].items():
        assert placeholders(WORDS[language][key]) == placeholders(sentence), key


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_nothing_is_empty_and_commands_are_the_same_everywhere(language: str) -> None:
    for key, sentence in WORDS[language].items():
        assert sentence.strip() == sentence and sentence, key
        for command in ("!send", "!join", "!apart", "!help", "!trust"):
            assert (command in sentence) is (command in WORDS["en"][key]), (key, command)


def test_no_sentence_is_dead() -> None:
    made = {f"{start}{end}" for start, ends in _FAMILIES.items() for end in ends}
    assert set(WORDS["en"]) - used_keys() == made - used_keys()


_FAMILIES = {
    "warning_": ("sender", "mime", "charset", "cut", "unreadable"),
    "usage_": ("send", "apart", "help"),
    "room_": ("space", "lobby", "desk"),
}


def test_languages_fall_back() -> None:
    assert say("de-AT", "no_text") == say("de", "no_text") != say("en", "no_text")
    assert say("fr_CA", "no_text") == say("fr", "no_text")
    assert say("xx", "no_text") == say("", "no_text") == say("en", "no_text")


def test_warnings_that_nobody_knows() -> None:
    assert warning("en", "cut") != warning("en", "unheard") == say("en", "warning_other")


def test_values_are_not_formatted_again() -> None:
    assert "{reference}" in say("en", "mail_failed", reason="{reference}")


def test_the_acknowledgement_holds_nothing_of_the_senders_choosing() -> None:
    for language in WORDS:
        assert placeholders(WORDS[language]["ack_body"]) == {"reference", "title"}
        assert placeholders(WORDS[language]["ack_subject"]) == {"reference"}


def test_kinds_that_can_be_spoken() -> None:
    assert {"m.text", "m.image", "m.file", "m.audio", "m.video"} == policy.SPOKEN
