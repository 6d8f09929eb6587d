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
from bridge.casework.texts import WORDS, say, warning
from bridge.email import imap, imap_folder, imap_intake, imap_notices, verdict
from bridge.email.channel import NAMED
from bridge.email.reason import Reason

_COMMANDS = (*("!send", "!join", "!apart", "!discard", "!original", "!held", "!release", "!help", "!trust"),)


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
    "usage_": ("send", "apart", "discard", "original", "help"),
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
