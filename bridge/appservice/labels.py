"""The few words that a head line says of a case's state, in the languages of the bridge.  PURE."""

from __future__ import annotations

from collections.abc import Mapping

_EN = {
    "open": "open",
    "answered": "answered",
    "locked": "locked",
    "closed": "closed",
    "email": "e-mail",
    "form": "form",
    "claims": "says {}",
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": _EN,
    "de": {
        "open": "offen",
        "answered": "beantwortet",
        "locked": "gesperrt",
        "closed": "abgeschlossen",
        "email": "E-Mail",
        "form": "Formular",
        "claims": "nennt {}",
    },
    "fr": {
        "open": "ouvert",
        "answered": "répondu",
        "locked": "verrouillé",
        "closed": "clos",
        "email": "courriel",
        "form": "formulaire",
        "claims": "cite {}",
    },
}


def word(language: str, key: str) -> str:
    """The word for a status or a channel; English where we do not speak `language`."""
    words = _WORDS.get(language.partition("-")[0], _EN)
    return words.get(key, key)


def status(language: str, state: str, claims: str | None) -> str:
    """The status, and for a locked case the reference that it says it belongs to."""
    shown = word(language, state)
    return f"{shown} ({word(language, 'claims').format(claims)})" if claims else shown
