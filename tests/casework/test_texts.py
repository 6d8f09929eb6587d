"""Every language says everything."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import get_args

import pytest

import bridge.casework
from bridge.casework import policy
from bridge.casework.texts import LETTERS, WORDS, heard, language_name, say, suspicion, warning
from bridge.email import imap, imap_folder, imap_intake, imap_notices, verdict
from bridge.email.channel import NAMED
from bridge.email.reason import Reason
from bridge.forms import spam

_COMMANDS = (
    *("!send", "!join", "!apart", "!discard", "!original", "!held", "!release", "!help", "!trust", "!forget"),
    *("!mail", "!mail PARK-7F3K-9Q", "{code} yes", "{code} no", "{code} stop"),
)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def used_keys() -> set[str]:
    """Every string constant of the heart's code that is a key."""
    folder = Path(inspect.getfile(bridge.casework)).parent
    found: set[str] = set()
    for file in folder.glob("*.py"):
        if not file.name.startswith("words_"):
            constants = (n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Constant))
            found |= {n.value for n in constants if isinstance(n.value, str)}
    return found & set(WORDS["en"])


@pytest.mark.parametrize("language", ["de", "fr"])
def test_every_key_with_the_same_placeholders(language: str) -> None:
    assert set(WORDS[language]) == set(WORDS["en"])
    for key, sentence in WORDS["en"].items():
        assert placeholders(WORDS[language][key]) == placeholders(sentence), key


@pytest.mark.parametrize("language", ["de", "fr", "ar"])
def test_every_letter_with_the_same_placeholders(language: str) -> None:
    assert set(LETTERS[language]) == set(LETTERS["en"])
    for key, sentence in LETTERS["en"].items():
        assert placeholders(LETTERS[language][key]) == placeholders(sentence), key
        assert LETTERS[language][key].strip() == LETTERS[language][key] != sentence, key


def test_every_letter_has_a_subject_and_a_body_and_none_is_dead() -> None:
    letters = ("ack", "ack_copy", "confirm", "resume")
    assert set(LETTERS["en"]) == {f"{name}_{part}" for name in letters for part in ("subject", "body")}


def test_a_letter_and_a_sentence_have_different_keys() -> None:
    assert not set(LETTERS["en"]) & set(WORDS["en"])


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_nothing_is_empty_and_commands_are_the_same_everywhere(language: str) -> None:
    for key, sentence in WORDS[language].items():
        assert sentence.strip() == sentence and sentence, key
        for command in _COMMANDS:
            assert (command in sentence) is (command in WORDS["en"][key]), (key, command)


def test_no_sentence_is_dead() -> None:
    made = {f"{start}{end}" for start, ends in _FAMILIES.items() for end in ends}
    assert set(WORDS["en"]) - used_keys() == made - used_keys()


def _constants(*modules: ModuleType) -> set[str]:
    """Every string in the code of some modules."""
    trees = [ast.parse(inspect.getsource(module)) for module in modules]
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _troubles() -> set[str]:
    """What the mailbox edge may tell operators."""
    found = _constants(imap_notices, imap_folder, imap_intake, imap)
    return {key for key in found if re.fullmatch(r"imap_[a-z_]+", key)}


def test_every_reason_and_trouble_of_the_mail_wing_has_words() -> None:
    reasons = {
        t for t in _constants(verdict) if re.fullmatch(r"(from|reply_to|spf|dkim|dmarc|arc|hop)_[a-z_]+", t)
    }
    missing = {f"trust_{r}" for r in reasons - _FIELD_NAMES} - set(WORDS["en"])
    assert not missing and len(reasons) > 10
    assert not {f"tell_{t}" for t in _troubles()} - set(WORDS["en"]) and len(_troubles()) > 5


_FIELD_NAMES = {"from_fields", "from_address", "from_addresses", "from_name"}
_FAMILIES = {
    "warning_": ("sender", "mime", "charset", "cut", "unreadable"),
    "usage_": ("send", "close", "apart", "discard", "original", "help"),
    "room_": ("space", "lobby", "desk"),
    "kind_": (*NAMED, "virus", "unscanned"),
    "bounce_": get_args(Reason),
    "trust_": (
        *("from_several", "from_ambiguous", "from_display_address", "reply_to_other", "fields_repeated"),
        *("spf_pass", "spf_fail", "spf_unknown", "dkim_pass", "dkim_fail", "dkim_weak", "dkim_old"),
        *("dmarc_pass", "dmarc_fail", "dmarc_none", "hop_pass", "arc_pass", "temporary", "unchecked"),
    ),
    "tell_": ("scanner_down", *sorted(_troubles())),
    "": ("apart_done", "discard_done"),
    "spam_": ("trap", "links", "repeated", "fast", "network", "other"),
    "language_": tuple(LETTERS),
}


def test_languages_fall_back() -> None:
    assert say("de-AT", "no_text") == say("de", "no_text") != say("en", "no_text")
    assert say("fr_CA", "no_text") == say("fr", "no_text")
    assert say("xx", "no_text") == say("", "no_text") == say("en", "no_text")


def test_warnings_that_nobody_knows() -> None:
    assert warning("en", "cut") != warning("en", "unheard") == say("en", "warning_other")


def test_every_sign_of_spam_has_words() -> None:
    assert {f"spam_{end}" for end in _FAMILIES["spam_"]} == {*spam.POINTS, "spam_other"}
    assert suspicion("de", "spam_links") == say("de", "spam_links") != say("de", "spam_other")
    for unheard in ("spam_moon", "help", ""):
        assert suspicion("de", unheard) == say("de", "spam_other")


def test_citizens_are_written_to_in_their_language_or_the_consultations() -> None:
    assert heard("ar-EG", "de") == "ar-EG" and heard("fr", "de") == "fr"
    assert heard("tr", "de") == heard("", "de") == "de"
    assert say("ar-EG", "ack_subject", reference="R") == LETTERS["ar"]["ack_subject"].format(reference="R")
    assert language_name("fr", "ar") == "arabe" and language_name("fr", "tr") == "tr"


def test_values_are_not_formatted_again() -> None:
    assert "{reference}" in say("en", "mail_failed", reason="{reference}")


def test_the_acknowledgement_holds_nothing_of_the_senders_choosing() -> None:
    for letters in LETTERS.values():
        assert placeholders(letters["ack_body"]) == {"reference", "title"}
        assert placeholders(letters["ack_subject"]) == {"reference"}


def test_a_letter_to_anybody_holds_a_link_and_words_of_ours() -> None:
    for letters in LETTERS.values():
        assert placeholders(letters["confirm_body"]) == {"title", "reference", "confirm"}
        assert placeholders(letters["resume_body"]) == {"title", "link", "days"}
        assert placeholders(letters["confirm_subject"]) == {"reference"}
        assert placeholders(letters["resume_subject"]) == set()
        assert placeholders(letters["ack_copy_body"]) == {"title", "reference", "page", "copy"}


def test_kinds_that_can_be_spoken() -> None:
    assert {"m.text", "m.image", "m.file", "m.audio", "m.video"} == policy.SPOKEN
