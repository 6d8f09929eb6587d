"""The words the bridge says, in every language it speaks: to staff, operators and citizens.

Every language has every key with the same placeholders; `{name}` is filled by `str.format`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.casework.words_de import WORDS as _DE
from bridge.casework.words_en import WORDS as _EN
from bridge.casework.words_fr import WORDS as _FR

WORDS: Mapping[str, Mapping[str, str]] = {"en": _EN, "de": _DE, "fr": _FR}


def say(language: str, key: str, **values: str) -> str:
    """The sentence `key` in `language` (BCP 47; its first part counts), else in English."""
    spoken = WORDS.get(language.replace("_", "-").partition("-")[0].lower(), _EN)
    return spoken[key].format(**values)


def warning(language: str, key: str) -> str:
    """What could not be read as it was sent: `key` is one of `MailIn.warnings`."""
    known = f"warning_{key}"
    return say(language, known if known in _EN else "warning_other")
