"""The few words that a head line says of a case's state, in the languages of the bridge.  PURE."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.model import Status

_EN = {
    "open": "open",
    "answered": "answered",
    "locked": "locked",
    "closed": "closed",
    "email": "e-mail",
    "form": "form",
    "claims": "claims {}",
    "unverified": "unverified sender, claims {}",
    "discarded": "discarded",
    "trust_verified": "sender confirmed",
    "trust_unverified": "sender not confirmed",
    "trust_suspicious": "sender suspicious",
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
        "claims": "beansprucht {}",
        "unverified": "Absender ungeprüft, beansprucht {}",
        "discarded": "verworfen",
        "trust_verified": "Absender bestätigt",
        "trust_unverified": "Absender nicht bestätigt",
        "trust_suspicious": "Absender verdächtig",
    },
    "fr": {
        "open": "ouvert",
        "answered": "répondu",
        "locked": "verrouillé",
        "closed": "clos",
        "email": "courriel",
        "form": "formulaire",
        "claims": "invoque {}",
        "unverified": "expéditeur non vérifié, invoque {}",
        "discarded": "écarté",
        "trust_verified": "expéditeur confirmé",
        "trust_unverified": "expéditeur non confirmé",
        "trust_suspicious": "expéditeur suspect",
    },
}


def word(language: str, key: str) -> str:
    """The word for a status or a channel; English where we do not speak `language`."""
    words = _WORDS.get(language.partition("-")[0], _EN)
    return words.get(key, key)


def status(language: str, state: str, claims: str | None, trust: str | None = None) -> str:
    """The status, and the case that it claims to belong to; while nobody has decided about that
    claim, also that its sender is not verified.  `trust` says who vouched for the first mail."""
    shown = word(language, state)
    if not claims:
        return f"{shown} · {word(language, f'trust_{trust}')}" if trust else shown
    words = "unverified" if state == Status.LOCKED.value else "claims"
    return f"{shown}: {word(language, words).format(claims)}"
