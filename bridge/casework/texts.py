"""The words the bridge says, in every language it speaks: to staff, operators and citizens.

Every language has every key with the same placeholders; `{name}` is filled by `str.format`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.casework.words_de import WORDS as _DE
from bridge.casework.words_en import WORDS as _EN
from bridge.casework.words_fr import WORDS as _FR
from bridge.model import Source, Status

WORDS: Mapping[str, Mapping[str, str]] = {"en": _EN, "de": _DE, "fr": _FR}


def say(language: str, key: str, **values: str) -> str:
    """The sentence `key` in `language` (BCP 47; its first part counts), else in English."""
    spoken = WORDS.get(language.replace("_", "-").partition("-")[0].lower(), _EN)
    return spoken[key].format(**values)


def status_word(language: str, status: Status, claims: str | None = None) -> str:
    """The status for the head line; a locked case says whose it claims to be."""
    if status is Status.LOCKED and claims:
        return say(language, "status_claims", reference=claims)
    return say(language, f"status_{status.value}")


def channel_word(language: str, channel: Source) -> str:
    """The citizen's channel for the head line."""
    return say(language, f"channel_{channel.value}")


def warning(language: str, key: str) -> str:
    """What could not be read as it was sent: `key` is one of `MailIn.warnings`."""
    known = f"warning_{key}"
    return say(language, known if known in _EN else "warning_other")
