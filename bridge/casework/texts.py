"""The words the bridge says, in every language it speaks: to staff, operators and citizens.

    WORDS     to staff and operators, in the languages of consultations
    LETTERS   to citizens, in the languages of their pages, of which there are more

Every language has every key with the same placeholders; `{name}` is filled by `str.format`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.casework.words_de import WORDS as _DE
from bridge.casework.words_en import WORDS as _EN
from bridge.casework.words_forms_de import WORDS as _FORMS_DE
from bridge.casework.words_forms_en import WORDS as _FORMS_EN
from bridge.casework.words_forms_fr import WORDS as _FORMS_FR
from bridge.casework.words_fr import WORDS as _FR
from bridge.casework.words_letters import LETTERS
from bridge.casework.words_mailing_de import WORDS as _MAILING_DE
from bridge.casework.words_mailing_en import WORDS as _MAILING_EN
from bridge.casework.words_mailing_fr import WORDS as _MAILING_FR

__all__ = ["LETTERS", "WORDS", "heard", "language_name", "say", "suspicion", "warning"]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {**_EN, **_FORMS_EN, **_MAILING_EN},
    "de": {**_DE, **_FORMS_DE, **_MAILING_DE},
    "fr": {**_FR, **_FORMS_FR, **_MAILING_FR},
}


def say(language: str, key: str, **values: str) -> str:
    """The sentence `key` in `language` (BCP 47; its first part counts), else in English."""
    tables = LETTERS if key in LETTERS["en"] else WORDS
    return tables.get(_first(language), tables["en"])[key].format(**values)


def heard(language: str, other: str) -> str:
    """The language in which a citizen is written to: theirs where we have `LETTERS` in it, else `other`,
    that of the consultation."""
    return language if _first(language) in LETTERS else other


def language_name(language: str, named: str) -> str:
    """What the language `named` is called in `language`; its tag where we do not know it."""
    key = f"language_{_first(named)}"
    return say(language, key) if key in WORDS["en"] else named


def warning(language: str, key: str) -> str:
    """What could not be read as it was sent: `key` is one of `MailIn.warnings`."""
    return _known(language, f"warning_{key}", "warning_other")


def suspicion(language: str, key: str) -> str:
    """What speaks against a form: `key` is one of `FormIn.suspicions`."""
    return _known(language, key if key.startswith("spam_") else "", "spam_other")


def _known(language: str, key: str, other: str) -> str:
    return say(language, key if key in WORDS["en"] else other)


def _first(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
